#include "src/mask/detect_checks.h"

#include <algorithm>
#include <array>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

bool passes_luhn(std::string_view digits) {
  unsigned sum = 0;
  bool doubled = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, doubled = !doubled) {
    auto value = static_cast<unsigned>(*digit - '0');
    if (doubled) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

// Of the first six digits.
struct CardRange {
  unsigned first;
  unsigned last;
  std::size_t shortest;
  std::size_t longest;
};
constexpr std::array<CardRange, 22> kCardRanges = {{
    {400000, 499999, 13, 19},                            // Visa: 13, 16 or 19
    {510000, 559999, 16, 16},                            // Mastercard
    {222100, 272099, 16, 16}, {340000, 349999, 15, 15},  // American Express
    {370000, 379999, 15, 15}, {601100, 601199, 16, 19},  // Discover
    {644000, 659999, 16, 19}, {622126, 622925, 16, 19}, {620000, 629999, 16, 19},  // UnionPay
    {300000, 305999, 14, 19},                                                      // Diners Club
    {309500, 309599, 14, 19}, {360000, 369999, 14, 19}, {380000, 399999, 16, 19},
    {352800, 358999, 16, 19},  // JCB
    {220000, 220499, 16, 19},  // Mir
    {501800, 501899, 13, 19},  // Maestro
    {502000, 503899, 13, 19}, {589300, 589399, 13, 19}, {630400, 630499, 13, 19},
    {675900, 676399, 13, 19}, {508500, 508999, 16, 16},  // RuPay
    {506099, 506198, 16, 19},                            // Verve
}};

bool has_card_prefix(std::string_view digits) {
  unsigned prefix = 0;
  for (const char digit : digits.substr(0, 6))
    prefix = prefix * 10 + static_cast<unsigned>(digit - '0');
  const std::size_t size = digits.size();
  if (digits[0] == '4') return size == 13 || size == 16 || size == 19;
  return std::any_of(kCardRanges.begin(), kCardRanges.end(), [&](const CardRange& range) {
    return range.first <= prefix && prefix <= range.last && range.shortest <= size &&
           size <= range.longest;
  });
}

struct IbanCountry {
  std::string_view code;
  std::size_t length;
};
// The IBAN registry (SWIFT), release 99.
constexpr std::array<IbanCountry, 88> kIbanCountries = {{
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
}};

char upper(char c) {
  return is(c, kLower) ? static_cast<char>(c - ('a' - 'A')) : c;
}

}  // namespace

bool is_card_number(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19) return false;
  return has_card_prefix(digits) && passes_luhn(digits);
}

std::size_t iban_length(char first, char second) {
  const std::array<char, 2> code = {upper(first), upper(second)};
  const std::string_view wanted(code.data(), code.size());
  const auto found =
      std::lower_bound(kIbanCountries.begin(), kIbanCountries.end(), wanted,
                       [](const IbanCountry& a, std::string_view b) { return a.code < b; });
  return found != kIbanCountries.end() && found->code == wanted ? found->length : 0;
}

bool is_iban(std::string_view iban) {
  if (iban.size() < 5 || iban.size() != iban_length(iban[0], iban[1])) return false;
  unsigned remainder = 0;
  const auto add = [&](char c) {
    if (is(c, kDigit)) {
      remainder = (remainder * 10 + static_cast<unsigned>(c - '0')) % 97;
    } else {
      remainder = (remainder * 100 + static_cast<unsigned>(upper(c) - 'A') + 10) % 97;
    }
  };
  for (const char c : iban.substr(4)) add(c);
  for (const char c : iban.substr(0, 4)) add(c);
  return remainder == 1;
}

bool is_ssn(std::string_view area, std::string_view group, std::string_view serial) {
  return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000";
}

bool is_nanp(std::string_view area, std::string_view exchange) {
  const auto is_code = [](std::string_view code) {
    return code[0] >= '2' && code.substr(1) != "11";
  };
  return is_code(area) && area[1] != '9' && is_code(exchange);
}

bool has_country_code(std::string_view digits) {
  // The two-digit zones' codes; the others of zones 2 to 9 have three digits.
  constexpr std::string_view kUnassigned[] = {
      "21",  "210", "214", "215", "217", "219", "259", "28",  "29",  "384", "388",
      "422", "424", "425", "426", "427", "428", "429", "693", "694", "695", "696",
      "697", "698", "699", "83",  "89",  "978", "990", "997", "999"};
  constexpr std::string_view kAssigned[] = {"211", "212", "213", "216", "218",
                                            "290", "291", "297", "298", "299"};
  if (digits.size() < 3 || digits[0] == '0') return false;
  const auto begins = [&](std::string_view prefix) { return digits.starts_with(prefix); };
  if (std::any_of(std::begin(kAssigned), std::end(kAssigned), begins)) return true;
  return std::none_of(std::begin(kUnassigned), std::end(kUnassigned), begins);
}

}  // namespace tracegate::mask::detect
