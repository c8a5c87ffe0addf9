// Views of raw bytes and their relation to text. Views borrow: whoever hands one out says how long
// it lives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tracegate {

using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A count of bytes with its unit in the type.
struct ByteCount {
  std::uint64_t value = 0;
  auto operator<=>(const ByteCount&) const = default;
};
constexpr ByteCount operator""_KiB(unsigned long long n) {
  return {n << 10};
}
constexpr ByteCount operator""_MiB(unsigned long long n) {
  return {n << 20};
}

}  // namespace tracegate
