// Where words and tokens begin in texts of any kind: prose, logs, code, JSON kept as text, URLs.
//
// Such texts hold escapes, and what stands behind one begins there: in "\nalice" the word is alice,
// in "%3Dalice" too. And they hold labels ("phone": ...) that tell what a bare number is.
// Threading: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tracegate::mask::detect {

enum CharClass : std::uint8_t {
  kDigit = 1,
  kUpper = 2,
  kLower = 4,
  kHexLetter = 8,
  kTokenSign = 16,  // + / - _ of both alphabets of base64 (RFC 4648)
  kMailSign = 32,   // what local parts have beside letters and digits
};
inline constexpr std::uint8_t kLetter = kUpper | kLower;
inline constexpr std::uint8_t kAlnum = kDigit | kLetter;
inline constexpr std::uint8_t kHex = kDigit | kHexLetter;
inline constexpr std::uint8_t kToken = kAlnum | kTokenSign;

inline constexpr std::array<std::uint8_t, 256> kCharClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned char c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) classes[c] = kUpper;
  for (unsigned char c = 'a'; c <= 'z'; ++c) classes[c] = kLower;
  for (const char c : std::string_view("abcdefABCDEF"))
    classes[static_cast<unsigned char>(c)] |= kHexLetter;
  for (const char c : std::string_view("+/-_"))
    classes[static_cast<unsigned char>(c)] |= kTokenSign;
  for (const char c : std::string_view("+-_.'!#$*^~"))
    classes[static_cast<unsigned char>(c)] |= kMailSign;
  return classes;
}();

[[nodiscard]] inline bool is(char c, std::uint8_t classes) {
  return (kCharClasses[static_cast<unsigned char>(c)] & classes) != 0;
}
// False behind the end.
[[nodiscard]] inline bool is_at(std::string_view text, std::size_t at, std::uint8_t classes) {
  return at < text.size() && is(text[at], classes);
}
[[nodiscard]] inline bool has_at(std::string_view text, std::size_t at, std::string_view part) {
  return at <= text.size() && text.substr(at).starts_with(part);
}

// Where the run of `classes` that begins at `at` ends; `at` if none does.
[[nodiscard]] inline std::size_t run_end(std::string_view text, std::size_t at,
                                         std::uint8_t classes) {
  while (is_at(text, at, classes)) ++at;
  return at;
}

// Whether an escape ends right before `at`: \n and the like, \x1b, \u003d, %3D, or a terminal's
// colour ("ESC[32m").
[[nodiscard]] bool ends_escape(std::string_view text, std::size_t at);

// Whether a word may begin at `at`: no letter, digit or underscore stands before it, but as the end
// of an escape. Bytes of other scripts are no part of words: "电话13812345678" has a number.
[[nodiscard]] bool starts_word(std::string_view text, std::size_t at);
// Whether none goes on at `at`.
[[nodiscard]] inline bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || (!is(text[at], kAlnum) && text[at] != '_');
}

// Characters that are not seen, which may stand anywhere: zero width space and joiners, soft
// hyphen. The length in bytes of the one at `at` or before `at`; 0 if there is none.
[[nodiscard]] std::size_t invisible_at(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t invisible_before(std::string_view text, std::size_t at);

struct Label {
  std::string_view word;  // lower case
  bool whole = false;     // no letter stands on either side of it
};

// Between a key and its value, and behind each value, in texts that detect_json.h puts together.
inline constexpr char kBehindKey = '\x1f';
inline constexpr char kBehindValue = '\x1e';

// Whether what begins at `at` is labelled: one of `labels` stands at most `reach` bytes before it
// (32 at most), with no end of a line and no comma, semicolon or bar between. Letters of ASCII
// match in either case.
inline constexpr std::size_t kLongestReach = 32;
[[nodiscard]] bool is_labelled(std::string_view text, std::size_t at, std::span<const Label> labels,
                               std::size_t reach = kLongestReach);

}  // namespace tracegate::mask::detect
