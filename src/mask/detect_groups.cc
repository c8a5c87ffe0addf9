#include "src/mask/detect_groups.h"

#include <algorithm>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kMostDigits = 24;

struct Sign {
  std::string_view bytes;
  Separator kind;
};
constexpr std::array<Sign, 6> kTypography = {{
    {"\u00a0", Separator::kSpace},
    {"\u202f", Separator::kSpace},
    {"\u2009", Separator::kSpace},
    {"\u2010", Separator::kDash},
    {"\u2011", Separator::kDash},
    {"\u2013", Separator::kDash},
}};

SeparatorAt sign_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  switch (text[at]) {
    case ' ':
      return {1, Separator::kSpace};
    case '-':
      return {1, Separator::kDash};
    case '.':
      return {1, Separator::kDot};
    case '/':
      return {1, Separator::kSlash};
    case '%':
      if (has_at(text, at, "%20")) return {3, Separator::kSpace};
      return {};
    default:
      break;
  }
  if (static_cast<unsigned char>(text[at]) < 0x80) return {};
  for (const Sign& sign : kTypography)
    if (has_at(text, at, sign.bytes)) return {sign.bytes.size(), sign.kind};
  return {};
}

std::size_t space_at(std::string_view text, std::size_t at) {
  const SeparatorAt sign = sign_at(text, at);
  return sign.kind == Separator::kSpace ? sign.size : 0;
}

}  // namespace

SeparatorAt separator_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || is(text[at], kAlnum)) return {};
  std::size_t end = at;
  while (const std::size_t size = invisible_at(text, end)) end += size;
  end += space_at(text, end);
  if (has_at(text, end, "(")) return {end + 1 - at, Separator::kOpening};
  if (has_at(text, end, ")")) {
    ++end;
    if (has_at(text, end, "-") || has_at(text, end, ".")) ++end;
    return {end + space_at(text, end) - at, Separator::kClosing};
  }
  Separator kind = Separator::kSpace;
  const SeparatorAt sign = sign_at(text, end);
  if (sign.size != 0 && sign.kind != Separator::kSpace) {
    kind = sign.kind;
    end += sign.size;
    // "415 - 555", but not "415- 555" nor "3. 14": there the sign belongs to what is before it.
    if (end - sign.size > at) end += space_at(text, end);
  }
  while (const std::size_t size = invisible_at(text, end)) end += size;
  return {end - at, kind};
}

bool continues_number(std::string_view text, std::size_t begin, std::string_view signs) {
  return begin >= 2 && signs.find(text[begin - 1]) != std::string_view::npos &&
         is(text[begin - 2], kDigit);
}

bool number_goes_on(std::string_view text, std::size_t end, std::string_view signs) {
  return end < text.size() && signs.find(text[end]) != std::string_view::npos &&
         is_at(text, end + 1, kDigit);
}

std::size_t Groups::digits(std::size_t n) const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += groups[i].size();
  return sum;
}

bool Groups::uniform(std::size_t first, std::size_t n) const {
  for (std::size_t i = first + 1; i < n; ++i)
    if (groups[i].before != groups[first].before) return false;
  return true;
}

Groups read_digit_groups(std::string_view text, std::size_t at) {
  Groups groups;
  groups.text = text;
  Separator before = Separator::kSpace;
  std::size_t digits = 0;
  while (groups.count < groups.groups.size()) {
    const std::size_t end =
        run_end(text.substr(0, std::min(text.size(), at + kMostDigits + 1)), at, kDigit);
    digits += end - at;
    if (groups.count > 0 && digits > kMostDigits) break;
    groups.groups[groups.count++] = {at, end, before};
    if (digits > kMostDigits) break;
    const SeparatorAt separator = separator_at(text, end);
    if (separator.size == 0 || !is_at(text, end + separator.size, kDigit)) break;
    at = end + separator.size;
    before = separator.kind;
  }
  return groups;
}

}  // namespace tracegate::mask::detect
