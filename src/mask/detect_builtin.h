// All finders of built-in kinds, one after the other.
#pragma once

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

void find_builtin(Search& search);

}  // namespace tracegate::mask::detect
