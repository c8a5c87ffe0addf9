// Everything that begins with a digit or a colon, in one pass over the text: phone numbers, payment
// cards, social security numbers, IBANs (by their check digits) and IP addresses; and signs of
// e-mail addresses that are escaped (%40), as these are digits, too.
#pragma once

#include <cstddef>
#include <string_view>

#include "src/mask/detect_search.h"

namespace tracegate::mask::detect {

void find_numbers(Search& search);

// Whether a label before `at` says what kind of number stands there.
[[nodiscard]] bool is_labelled_phone(std::string_view text, std::size_t at);
[[nodiscard]] bool is_labelled_ssn(std::string_view text, std::size_t at);

}  // namespace tracegate::mask::detect
