// uuid as it stands in results: 8-4-4-4-12 digits, or 16 bytes.
// Pure functions, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/mask/hex.h"

namespace tracegate::mask {

using Uuid = std::array<std::uint8_t, 16>;

inline constexpr bool has_dash_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

[[nodiscard]] inline std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i, at += 2) {
    if (has_dash_before(i) && text[at++] != '-') return std::nullopt;
    const auto high = hex_digit(text[at]);
    const auto low = hex_digit(text[at + 1]);
    if (!high || !low) return std::nullopt;
    uuid[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return uuid;
}

// In lower case.
inline void append_uuid(const Uuid& uuid, std::string& out) {
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (has_dash_before(i)) out.push_back('-');
    append_hex({&uuid[i], 1}, out);
  }
}

}  // namespace tracegate::mask
