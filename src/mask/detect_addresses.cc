#include "src/mask/detect_addresses.h"

#include <algorithm>
#include <array>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

// Where four octets that begin at `at` end.
std::optional<std::size_t> octets_end(std::string_view text, std::size_t at) {
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0) {
      if (!has_at(text, at, ".")) return std::nullopt;
      ++at;
    }
    unsigned value = 0;
    std::size_t digits = 0;
    for (; digits < 4 && is_at(text, at + digits, kDigit); ++digits)
      value = value * 10 + static_cast<unsigned>(text[at + digits] - '0');
    if (digits == 0 || digits > 3 || value > 255) return std::nullopt;
    at += digits;
  }
  return at;
}

// "Chrome/120.0.0.0", "version 1.2.3.4".
bool is_called_version(std::string_view text, std::size_t at) {
  constexpr std::array<Label, 14> kProducts = {
      Label{"chrome/"},    Label{"chromium/"}, Label{"safari/"},   Label{"edg/"},
      Label{"edge/"},      Label{"opr/"},      Label{"firefox/"},  Label{"version/"},
      Label{"yabrowser/"}, Label{"version "},  Label{"version: "}, Label{"release "},
      Label{"firmware "},  Label{"build "}};
  constexpr std::size_t kLongest = 12;
  const std::size_t begin = at > kLongest ? at - kLongest : 0;
  std::array<char, kLongest> lower{};
  std::transform(text.begin() + static_cast<std::ptrdiff_t>(begin),
                 text.begin() + static_cast<std::ptrdiff_t>(at), lower.begin(),
                 [](char c) { return is(c, kUpper) ? static_cast<char>(c + ('a' - 'A')) : c; });
  const std::string_view before(lower.data(), at - begin);
  return std::any_of(kProducts.begin(), kProducts.end(),
                     [&](const Label& product) { return before.ends_with(product.word); });
}

struct Groups {
  int count = 0;            // of 16 bits
  bool compressed = false;  // "::" was there
  std::size_t longest = 0;  // digits of the longest group
  bool has_digit = false;
  bool has_ipv4 = false;
  std::size_t end = 0;
};

// Reads as much as may be an address.
Groups read_groups(std::string_view text, std::size_t at) {
  Groups groups;
  if (has_at(text, at, "::")) {
    groups.compressed = true;
    at += 2;
  }
  groups.end = at;
  while (groups.count < 8) {
    const std::size_t end = run_end(text.substr(0, std::min(text.size(), at + 5)), at, kHex);
    const std::size_t digits = end - at;
    if (digits == 0 || digits > 4) break;
    if (has_at(text, end, ".") && groups.count <= 6) {
      if (const auto last = octets_end(text, at)) {
        groups.count += 2;
        groups.has_ipv4 = groups.has_digit = true;
        groups.end = *last;
        return groups;
      }
    }
    ++groups.count;
    groups.longest = std::max(groups.longest, digits);
    for (std::size_t i = at; i < end; ++i) groups.has_digit |= is(text[i], kDigit);
    groups.end = end;
    if (has_at(text, end, "::") && !groups.compressed && !has_at(text, end, ":::")) {
      groups.compressed = true;
      groups.end = at = end + 2;
    } else if (has_at(text, end, ":") && is_at(text, end + 1, kHex)) {
      at = end + 1;
    } else {
      break;
    }
  }
  return groups;
}

bool is_plausible(const Groups& groups, std::string_view address) {
  if (!groups.compressed) return groups.count == 8;
  if (groups.count > 7) return false;
  if (address == "::1" || groups.has_ipv4) return true;
  return groups.has_digit && (groups.longest >= 3 || groups.count >= 4);
}

}  // namespace

std::optional<Place> ipv4_at(std::string_view text, std::size_t at) {
  if (!starts_word(text, at)) return std::nullopt;
  if (at >= 2 && text[at - 1] == '.' && is(text[at - 2], kAlnum)) return std::nullopt;
  const auto end = octets_end(text, at);
  if (!end || !ends_word(text, *end)) return std::nullopt;
  if (has_at(text, *end, ".") && is_at(text, *end + 1, kDigit)) return std::nullopt;
  if (is_called_version(text, at)) return std::nullopt;
  return Place{at, *end};
}

std::optional<Place> ipv6_around(std::string_view text, std::size_t colon) {
  const bool compressed_first = has_at(text, colon, "::");
  if (!compressed_first && !is_at(text, colon + 1, kHex)) return std::nullopt;
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 5 && is(text[begin - 1], kHex) && !ends_escape(text, begin))
    --begin;
  if (colon - begin > 4 || (begin == colon && !compressed_first)) return std::nullopt;
  if (!starts_word(text, begin)) return std::nullopt;
  if (begin > 0 && (text[begin - 1] == ':' || text[begin - 1] == '.')) {
    // "host:2001:db8::1" is an address behind a name; "12:30:2001::" none behind a number.
    if (begin < 2 || text[begin - 1] == '.' || is(text[begin - 2], kHex | kTokenSign) ||
        text[begin - 2] == ':')
      return std::nullopt;
  }
  const Groups groups = read_groups(text, begin);
  std::size_t end = groups.end;
  if (!is_plausible(groups, text.substr(begin, end - begin))) return std::nullopt;
  if (!ends_word(text, end)) return std::nullopt;
  if (has_at(text, end, ":") && groups.count == 8 && is_at(text, end + 1, kHex)) {
    // A ninth group; but Java prints ports so.
    const std::size_t port_end =
        run_end(text.substr(0, std::min(text.size(), end + 7)), end + 1, kDigit);
    if (port_end < end + 3 || port_end > end + 6 || !ends_word(text, port_end) ||
        has_at(text, port_end, ":"))
      return std::nullopt;
  }
  if (has_at(text, end, "%") && is_at(text, end + 1, kLetter)) {  // the zone
    const std::string_view near = text.substr(0, std::min(text.size(), end + 17));
    end = run_end(near, end + 1, kAlnum);
  }
  return Place{begin, end};
}

}  // namespace tracegate::mask::detect
