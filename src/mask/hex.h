// Hexadecimal digits, in lower case as PostgreSQL writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/base/bytes.h"

namespace tracegate::mask {

inline void append_hex(ByteView bytes, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

[[nodiscard]] inline std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

// Appends the bytes that `digits` stand for; false if they are not pairs of digits, and then `out`
// may hold some.
[[nodiscard]] inline bool append_unhexed(std::string_view digits, std::string& out) {
  if (digits.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = hex_digit(digits[i]);
    const auto low = hex_digit(digits[i + 1]);
    if (!high || !low) return false;
    out.push_back(static_cast<char>(*high << 4 | *low));
  }
  return true;
}

}  // namespace tracegate::mask
