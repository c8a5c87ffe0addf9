// Whether a number is what it looks like: check digits, prefixes and lengths that are assigned.
#pragma once

#include <cstddef>
#include <string_view>

namespace tracegate::mask::detect {

// Luhn's check digit (ISO/IEC 7812-1, annex B) and a prefix and length that a card scheme uses.
[[nodiscard]] bool is_card_number(std::string_view digits);

// ISO 13616: the length of the country, check digits by ISO 7064 MOD 97-10. Without separators, in
// either case.
[[nodiscard]] bool is_iban(std::string_view iban);
// How long an IBAN of the country is that two letters name; 0 if it has none.
[[nodiscard]] std::size_t iban_length(char first, char second);

// Area, group and serial number as the US Social Security Administration may issue them.
[[nodiscard]] bool is_ssn(std::string_view area, std::string_view group, std::string_view serial);

// Three digits each of the North American numbering plan.
[[nodiscard]] bool is_nanp(std::string_view area, std::string_view exchange);

// Whether an international number (ITU-T E.164) may begin with these digits.
[[nodiscard]] bool has_country_code(std::string_view digits);

}  // namespace tracegate::mask::detect
