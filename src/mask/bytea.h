// bytea as text, in both forms that the setting bytea_output can give it (PostgreSQL manual,
// "Binary Data Types").
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "src/mask/hex.h"

namespace tracegate::mask {

// A backslash is written twice, and what is no printable ASCII as a backslash and three octal
// digits.
[[nodiscard]] inline bool append_from_bytea_escapes(std::string_view text, std::string& out) {
  const auto is_octal = [](char c, char last) { return c >= '0' && c <= last; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out.push_back(text[at]);
    } else if (text.substr(at + 1, 1) == "\\") {
      out.push_back(text[++at]);
    } else {
      const std::string_view digits = text.substr(at + 1, 3);
      if (digits.size() != 3 || !is_octal(digits[0], '3') || !is_octal(digits[1], '7') ||
          !is_octal(digits[2], '7'))
        return false;
      out.push_back(
          static_cast<char>((digits[0] - '0') << 6 | (digits[1] - '0') << 3 | (digits[2] - '0')));
      at += 3;
    }
  }
  return true;
}

// Appends the bytes that `text` stands for; false if it is not bytea, and then `out` may hold some.
[[nodiscard]] inline bool append_bytea(std::string_view text, std::string& out) {
  if (text.starts_with("\\x")) return append_unhexed(text.substr(2), out);
  return append_from_bytea_escapes(text, out);
}

}  // namespace tracegate::mask
