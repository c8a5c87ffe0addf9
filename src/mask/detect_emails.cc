#include "src/mask/detect_emails.h"

#include <algorithm>
#include <optional>

#include "src/mask/detect_text.h"

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kLongestLocalPart = 128;  // 64 by RFC 5321; escapes take more
constexpr std::size_t kLongestDomain = 254;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The length of the letter of another alphabet at `at`: those of two bytes (Latin with accents,
// Greek, Cyrillic, Hebrew, Arabic), whose words have spaces around them. Scripts without spaces
// have three.
std::size_t letter_at(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return 0;
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead >= 0xc3 && lead <= 0xdf && is_continuation(text[at + 1]) ? 2 : 0;
}

std::size_t ideograph_at(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || invisible_at(text, at) != 0) return 0;
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead >= 0xe3 && lead <= 0xed && is_continuation(text[at + 1]) ? 3 : 0;
}

// An escape that stands for a character of the local part itself.
bool ends_escaped_sign(std::string_view text, std::size_t at) {
  if (at < 3) return false;
  const std::string_view escape = text.substr(at - 3, 3);
  return escape == "%2B" || escape == "%2b" || escape == "%2E" || escape == "%2e" ||
         escape == "%2D" || escape == "%2d" || escape == "%5F" || escape == "%5f";
}

// "john doe"@example.com; the quotes may be escaped as in JSON. Where it begins, if it is that.
std::optional<std::size_t> quoted_local_part(std::string_view text, std::size_t sign) {
  if (sign < 3 || text[sign - 1] != '"') return std::nullopt;
  const std::size_t close = text[sign - 2] == '\\' ? sign - 2 : sign - 1;
  const std::size_t farthest = sign > kLongestLocalPart ? sign - kLongestLocalPart : 0;
  std::size_t begin = close;
  while (begin > farthest && text[begin - 1] != '"' && text[begin - 1] != '\n') --begin;
  if (begin == farthest || begin == close || text[begin - 1] != '"') return std::nullopt;
  if (!is(text[begin], kAlnum) || !is(text[close - 1], kAlnum)) return std::nullopt;
  --begin;
  if (begin > 0 && text[begin - 1] == '\\') --begin;
  if (begin > 0 && is(text[begin - 1], kAlnum)) return std::nullopt;
  return begin;
}

// Where the local part before `sign` begins; `sign` if there is none.
std::size_t local_part(std::string_view text, std::size_t sign) {
  const std::size_t farthest = sign > kLongestLocalPart ? sign - kLongestLocalPart : 0;
  std::size_t at = sign;
  while (at > farthest) {
    if (ends_escaped_sign(text, at)) {
      at -= 3;
    } else if (ends_escape(text, at)) {
      break;
    } else if (is(text[at - 1], kAlnum | kMailSign)) {
      --at;
    } else if (at >= 2 && letter_at(text, at - 2) == 2) {
      at -= 2;
    } else if (const std::size_t length = invisible_before(text, at)) {
      at -= length;
    } else {
      break;
    }
  }
  if (at == sign)
    while (at >= farthest + 3 && ideograph_at(text, at - 3) == 3) at -= 3;
  if (at == sign) return quoted_local_part(text, sign).value_or(sign);
  while (at < sign && is(text[at], kMailSign) && text[at] != '_' && text[at] != '+') ++at;
  return at;
}

struct Domain {
  std::size_t end = 0;     // 0: it is none
  std::string_view first;  // its first and second label
  std::string_view second;
  std::string_view last;
};

std::size_t label_end(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  while (at < text.size()) {
    std::size_t length = is(text[at], kAlnum) || text[at] == '-' ? 1 : letter_at(text, at);
    if (length == 0) length = invisible_at(text, at);
    if (length == 0) break;
    at += length;
  }
  if (at == begin)
    while (const std::size_t length = ideograph_at(text, at)) at += length;
  return at;
}

// Where a top level domain at `begin` ends, within the label that ends at `end`.
std::optional<std::size_t> top_level_end(std::string_view text, std::size_t begin,
                                         std::size_t end) {
  if (has_at(text, begin, "xn--") && end > begin + 4) return end;
  std::size_t at = begin;
  while (at < end) {
    std::size_t length = is(text[at], kLetter) ? 1 : letter_at(text, at);
    if (length == 0) length = ideograph_at(text, at);
    if (length == 0) length = invisible_at(text, at);
    if (length == 0) break;
    at += length;
  }
  if (at < begin + 2 || is_at(text, at, kDigit)) return std::nullopt;
  return at;
}

Domain domain_at(std::string_view text, std::size_t at) {
  Domain domain;
  const std::string_view within = text.substr(0, std::min(text.size(), at + kLongestDomain));
  for (int labels = 0;; ++labels) {
    const std::size_t end = label_end(within, at);
    if (end == at) break;
    const std::string_view label = within.substr(at, end - at);
    if (labels == 0) domain.first = label;
    if (labels == 1) domain.second = label;
    if (labels > 0) {
      if (const auto top = top_level_end(within, at, end)) {
        domain.end = *top;
        domain.last = within.substr(at, *top - at);
      }
    }
    if (end >= within.size() || within[end] != '.') break;
    at = end + 1;
  }
  return domain;
}

bool all_digits(std::string_view text) {
  return !text.empty() && run_end(text, 0, kDigit) == text.size();
}

// lodash@4.17.21, icon@2x.png
bool is_version(const Domain& domain) {
  std::string_view first = domain.first;
  if (first.starts_with('v')) first.remove_prefix(1);
  if (all_digits(first) && is_at(domain.second, 0, kDigit)) return true;
  constexpr std::array<std::string_view, 7> kImages = {"png", "jpg",  "jpeg", "gif",
                                                       "svg", "webp", "ico"};
  return first.ends_with('x') && all_digits(first.substr(0, first.size() - 1)) &&
         std::find(kImages.begin(), kImages.end(), domain.last) != kImages.end();
}

}  // namespace

void find_email_around(Search& search, std::size_t sign_begin, std::size_t sign_end) {
  const std::string_view text = search.text;
  const std::size_t begin = local_part(text, sign_begin);
  if (begin == sign_begin) return;
  const Domain domain = domain_at(text, sign_end);
  if (domain.end == 0 || is_version(domain)) return;
  // git@github.com:owner/repository is no mailbox.
  if (text.substr(begin, sign_begin - begin) == "git" &&
      (has_at(text, domain.end, ":") || has_at(text, domain.end, "/")))
    return;
  // Nor is the token that a URL has for a user.
  constexpr std::size_t kTokenSize = 30;
  if (sign_begin - begin >= kTokenSize && begin >= 3 && has_at(text, begin - 3, "://")) return;
  search.add(Kind::kEmail, begin, domain.end);
}

void find_emails(Search& search) {
  if (!search.wanted.has(Kind::kEmail)) return;
  for (std::size_t at = search.text.find('@'); at != std::string_view::npos;
       at = search.text.find('@', at + 1))
    find_email_around(search, at, at + 1);
}

}  // namespace tracegate::mask::detect
