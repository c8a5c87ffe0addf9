#include "src/mask/detect_text.h"

#include <algorithm>

namespace tracegate::mask::detect {
namespace {

constexpr std::size_t kColourLength = 12;

bool are_hex(std::string_view digits) {
  return std::all_of(digits.begin(), digits.end(), [](char c) { return is(c, kHex); });
}

// Whether the backslash at `at` begins an escape, and is not one that is itself escaped.
bool is_live_backslash(std::string_view text, std::size_t at) {
  constexpr std::size_t kFarthest = 64;  // keeps a text of backslashes linear
  std::size_t count = 0;
  while (count < kFarthest && count <= at && text[at - count] == '\\') ++count;
  return count % 2 == 1;
}

bool ends_colour(std::string_view text, std::size_t at) {
  if (text[at - 1] != 'm') return false;
  std::size_t begin = at - 1;
  const std::size_t farthest = at > kColourLength ? at - kColourLength : 0;
  while (begin > farthest && (is(text[begin - 1], kDigit) || text[begin - 1] == ';')) --begin;
  return begin < at - 1 && begin > 0 && text[begin - 1] == '[';
}

bool is_word_byte(char c) {
  return is(c, kAlnum) || c == '_';
}

bool stands_alone(std::string_view window, std::size_t at, std::size_t size) {
  const bool begins = at == 0 || !is(window[at - 1], kLetter);
  return begins && !is_at(window, at + size, kLetter);
}

}  // namespace

bool ends_escape(std::string_view text, std::size_t at) {
  const auto escape = [&](std::size_t length) {
    return at >= length && text[at - length] == '\\' && is_live_backslash(text, at - length);
  };
  if (at < 2) return false;
  if (escape(2)) return std::string_view("bfnrtv0").find(text[at - 1]) != std::string_view::npos;
  if (escape(6)) return text[at - 5] == 'u' && are_hex(text.substr(at - 4, 4));
  if (escape(4)) return text[at - 3] == 'x' && are_hex(text.substr(at - 2, 2));
  if (at >= 3 && text[at - 3] == '%') return are_hex(text.substr(at - 2, 2));
  return ends_colour(text, at);
}

bool starts_word(std::string_view text, std::size_t at) {
  return at == 0 || !is_word_byte(text[at - 1]) || ends_escape(text, at);
}

std::size_t invisible_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || static_cast<unsigned char>(text[at]) < 0xc2) return 0;
  constexpr std::array<std::string_view, 6> kInvisible = {"\u200b", "\u200c", "\u200d",
                                                          "\u2060", "\ufeff", "\u00ad"};
  for (const std::string_view character : kInvisible)
    if (has_at(text, at, character)) return character.size();
  return 0;
}

std::size_t invisible_before(std::string_view text, std::size_t at) {
  for (const std::size_t length : {std::size_t{2}, std::size_t{3}})
    if (at >= length && invisible_at(text, at - length) == length) return length;
  return 0;
}

bool is_labelled(std::string_view text, std::size_t at, std::span<const Label> labels,
                 std::size_t reach) {
  std::size_t begin = at;
  const std::size_t farthest = at > reach ? at - reach : 0;
  while (begin > farthest &&
         std::string_view("\n,;|\x1e").find(text[begin - 1]) == std::string_view::npos)
    --begin;
  std::array<char, kLongestReach> lower{};
  const auto end =
      std::transform(text.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.begin() + static_cast<std::ptrdiff_t>(at), lower.begin(),
                     [](char c) { return is(c, kUpper) ? static_cast<char>(c + ('a' - 'A')) : c; });
  const std::string_view window(lower.data(), static_cast<std::size_t>(end - lower.begin()));
  // Rows of numbers have no labels; a no-break space is no letter.
  const auto may_be_letter = [](char c) {
    return is(c, kLower) || static_cast<unsigned char>(c) > 0xc2;
  };
  if (std::none_of(window.begin(), window.end(), may_be_letter)) return false;
  for (const Label& label : labels) {
    for (std::size_t found = window.find(label.word); found != std::string_view::npos;
         found = window.find(label.word, found + 1)) {
      // "[phone]" is a mark, and says nothing of what follows.
      const bool mark =
          found > 0 && window[found - 1] == '[' && has_at(window, found + label.word.size(), "]");
      if (!mark && (!label.whole || stands_alone(window, found, label.word.size()))) return true;
    }
  }
  return false;
}

}  // namespace tracegate::mask::detect
