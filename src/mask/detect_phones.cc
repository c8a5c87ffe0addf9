#include "src/mask/detect_phones.h"

#include <algorithm>
#include <string>

#include "src/mask/detect_checks.h"
#include "src/mask/detect_numbers.h"
#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kShortest = 8;  // digits of an international number
constexpr std::size_t kLongest = 15;

constexpr std::array<Label, 30> kPhoneLabels = {{
    {"phone"},       {"mobile"},    {"mobil"},       {"whatsapp"},       {"telefon"},
    {"téléphone"},   {"teléfono"},  {"telefono"},    {"celular"},        {"móvil"},
    {"handynummer"}, {"msisdn"},    {"callback"},    {"contact number"}, {"reach me"},
    {"ring me"},     {"telegram"},  {"tel", true},   {"cell", true},     {"call", true},
    {"fax", true},   {"sms", true}, {"handy", true}, {"dial", true},     {"text me", true},
    {"电话"},        {"手机"},      {"電話"},        {"携帯"},           {"телефон"},
}};

// The digits of the first `n` groups in one.
std::string joined(const Groups& groups, std::size_t n) {
  std::string digits;
  for (std::size_t i = 0; i < n; ++i) digits += groups.digits_of(i);
  return digits;
}

struct Before {
  std::size_t begin = 0;  // of the number, with its sign and parenthesis
  bool plus = false;
  bool parenthesis = false;
};

Before look_before(std::string_view text, std::size_t at) {
  Before before{at, false, false};
  if (at > 0 && text[at - 1] == '(') {
    before.parenthesis = true;
    before.begin = --at;
    if (at > 0 && text[at - 1] == ' ' && at > 1 && text[at - 2] == '+') --at;
  }
  if (at > 0 && text[at - 1] == '+') {
    before.plus = true;
    before.begin = at - 1;
  } else if (at >= 3 && (has_at(text, at - 3, "%2B") || has_at(text, at - 3, "%2b"))) {
    before.plus = true;
    before.begin = at - 3;
  } else if (at >= 6 && (has_at(text, at - 6, "\\u002b") || has_at(text, at - 6, "\\u002B"))) {
    before.plus = true;
    before.begin = at - 6;
  } else if (at >= 3 && has_at(text, at - 3, "\uff0b")) {
    before.plus = true;
    before.begin = at - 3;
  }
  return before;
}

// How many groups are the number behind a country code; 0 if it is none.
std::size_t international_groups(const Groups& groups, std::size_t prefix) {
  std::size_t digits = groups[0].size() - prefix;
  std::size_t n = 1;
  for (; n < groups.count; ++n) {
    const std::size_t more = groups[n].size();
    if (digits + more > kLongest) break;
    // A whole number already: what follows behind a space is another, or a date.
    if (digits >= 10 && groups[n].before == Separator::kSpace && more >= 3) break;
    if (digits >= 9 && groups[n].before == Separator::kSlash) break;
    digits += more;
  }
  if (digits < kShortest || digits > kLongest) return 0;
  return has_country_code(joined(groups, n).substr(prefix)) ? n : 0;
}

std::size_t with_international_prefix(const Groups& groups) {
  const std::string_view first = groups.digits_of(0);
  if (groups.count < 2) return 0;
  const std::size_t prefix = first.starts_with("00") ? 2 : first == "011" ? 3 : 0;
  if (prefix == 0) return 0;
  if (groups[1].before == Separator::kDot) return 0;
  return international_groups(groups, prefix);
}

// How many groups are the number, of those that have no other sign of what they are; 0 if none.
std::size_t north_american_groups(const Groups& groups, bool parenthesis) {
  const std::size_t first = groups.digits_of(0) == "1" ? 1 : 0;
  if (groups.count < first + 2 || groups[first].size() != 3) return 0;
  const bool area_marked = parenthesis || groups[first + 1].before == Separator::kClosing;
  const std::size_t exchange = first + 1;
  if (groups[exchange].size() == 7 && area_marked)
    return is_nanp(groups.digits_of(first), groups.digits_of(exchange).substr(0, 3)) ? exchange + 1
                                                                                     : 0;
  if (groups.count < first + 3 || groups[exchange].size() != 3 || groups[exchange + 1].size() != 4)
    return 0;
  const Separator last = groups[exchange + 1].before;
  if (last != Separator::kDash && last != Separator::kDot && last != Separator::kSpace) return 0;
  if (!area_marked && groups[exchange].before != last &&
      groups[exchange].before != Separator::kSlash)
    return 0;
  const std::size_t n = first + 3;
  if (groups.count > n && groups[n].before == last && last != Separator::kSpace) return 0;
  return is_nanp(groups.digits_of(first), groups.digits_of(exchange)) ? n : 0;
}

// With the trunk prefix 0, as in most of Europe, Asia, Africa and Australia.
std::size_t trunk_groups(const Groups& groups) {
  const std::string_view first = groups.digits_of(0);
  if (first[0] != '0' || first.size() < 2 || first[1] == '0') return 0;
  const std::size_t n = groups.count;
  const std::size_t digits = groups.digits(n);
  if (n == 1) return digits == 10 || digits == 11 ? 1 : 0;
  if (digits < 9 || digits > 12 || n > 6 || first.size() > 6) return 0;
  if (n > 2 && !groups.uniform(2, n)) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if (groups[i].size() < 2) return 0;
    if (groups[i].before == Separator::kOpening) return 0;
    if (i > 1 && groups[i].before == Separator::kSlash) return 0;
  }
  // 01.02.2024 12:30, 05-06-2024
  const bool date =
      n >= 3 && groups[0].size() == 2 && groups[1].size() == 2 && groups[2].size() == 4;
  const bool dashed = n > 1 && groups[1].before != Separator::kSpace;
  return date && dashed ? 0 : n;
}

// (11) 91234-5678, (030) 123456
std::size_t parenthesised_groups(const Groups& groups) {
  const std::string_view area = groups.digits_of(0);
  if (groups.count < 2 || groups[1].before != Separator::kClosing) return 0;
  if (area.size() < 2 || area.size() > 5) return 0;
  if (area.size() == 4 && (area.starts_with("19") || area.starts_with("20"))) return 0;  // a year
  std::size_t n = 2;
  while (n < groups.count && n < 4 && groups[n].before != Separator::kSlash &&
         groups.digits(n) < 10)
    ++n;
  const std::size_t digits = groups.digits(n);
  return groups[1].size() >= 3 && digits >= 9 && digits <= 12 ? n : 0;
}

// Forms of single countries that nothing else has.
std::size_t other_groups(const Groups& groups) {
  const std::size_t n = groups.count;
  const std::string_view first = groups.digits_of(0);
  const bool chinese_mobile = first[0] == '1' && first.size() >= 3 && first[1] >= '3';
  if (chinese_mobile &&
      (groups.shaped(n, 11) || (groups.shaped(n, 3, 4, 4) && groups.uniform(1, n))))
    return n;
  const bool russian =
      first == "8" && (groups.shaped(n, 1, 3, 3, 2, 2) || groups.shaped(n, 1, 3, 3, 4));
  return russian ? n : 0;
}

// 2024-05-06, 06.05.2024
bool is_date(const Groups& groups) {
  const std::size_t n = groups.count;
  return groups.count >= 3 && groups[1].before != Separator::kSpace &&
         (groups.shaped(std::min<std::size_t>(n, 3), 4, 2, 2) ||
          groups.shaped(std::min<std::size_t>(n, 3), 2, 2, 4));
}

std::size_t labelled_groups(const Groups& groups, std::size_t begin) {
  std::size_t n = groups.count;
  while (n > 1 && groups.digits(n) > kLongest) --n;
  const std::size_t digits = groups.digits(n);
  if (digits < 7 || digits > kLongest || is_date(groups)) return 0;
  return is_labelled_phone(groups.text, begin) ? n : 0;
}

}  // namespace

bool is_labelled_phone(std::string_view text, std::size_t at) {
  return is_labelled(text, at, kPhoneLabels);
}

std::optional<Place> phone_at(const Groups& groups) {
  const Before before = look_before(groups.text, groups[0].begin);
  if (!starts_word(groups.text, before.begin) ||
      continues_number(groups.text, before.begin, ".,-/:"))
    return std::nullopt;
  const auto place = [&](std::size_t n) -> std::optional<Place> {
    if (n == 0 || !ends_word(groups.text, groups[n - 1].end)) return std::nullopt;
    return Place{before.begin, groups[n - 1].end};
  };
  if (before.plus) return place(international_groups(groups, 0));
  if (const auto found = place(with_international_prefix(groups))) return found;
  // One of a row of numbers.
  if (groups.count > 1 && groups[1].before == Separator::kSpace && !before.parenthesis &&
      continues_number(groups.text, before.begin, " "))
    return std::nullopt;
  if (const auto found = place(north_american_groups(groups, before.parenthesis))) return found;
  if (const auto found = place(trunk_groups(groups))) return found;
  if (before.parenthesis)
    if (const auto found = place(parenthesised_groups(groups))) return found;
  if (const auto found = place(other_groups(groups))) return found;
  return place(labelled_groups(groups, before.begin));
}

}  // namespace tracegate::mask::detect
