// From spans that were found to a text with marks in their place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

// Makes of spans in any order, at least one, such that do not touch one another's bytes, in order.
// Of spans that overlap one remains that covers them all: nothing of what was found stays. Its mark
// is that of the one that begins first, and of those the longest.
void settle(std::vector<Span>& spans);

}  // namespace tracegate::mask::detect
