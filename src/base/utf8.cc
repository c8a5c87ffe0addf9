#include "src/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tracegate {

std::size_t utf8_sequence_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return text.size() >= 2 && tail(1) ? 2 : 0;
  if (first < 0xf0) {
    if (text.size() < 3 || !tail(1) || !tail(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (first > 0xf4 || text.size() < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return 4;
}

char32_t utf8_code_point(std::string_view sequence) {
  static constexpr unsigned char kLeadBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t value = static_cast<unsigned char>(sequence[0]) & kLeadBits[sequence.size()];
  for (const char c : sequence.substr(1))
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return value;
}

bool is_invisible(char32_t character) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  static constexpr Range kInvisible[] = {
      {0x00, 0x1f},       {0x7f, 0x9f},     {0xad, 0xad},      // C0, DEL and C1, soft hyphen
      {0x061c, 0x061c},   {0x180e, 0x180e},                    // Arabic mark, Mongolian separator
      {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f},  // joiners, separators, directions
      {0xfeff, 0xfeff},   {0xfff9, 0xfffb},                    // byte order mark, annotations
      {0xe0000, 0xe007f},                                      // tags
  };
  return std::any_of(std::begin(kInvisible), std::end(kInvisible), [&](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    // Statement texts are nearly all ASCII: step over eight such bytes at a time.
    while (at + 8 <= text.size()) {
      std::uint64_t chunk;
      std::memcpy(&chunk, text.data() + at, sizeof chunk);
      if ((chunk & 0x8080808080808080ULL) != 0) break;
      at += 8;
    }
    if (at == text.size()) break;
    const std::size_t length = utf8_sequence_length(text.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace tracegate
