#include "src/crypto/base64.h"

namespace tracegate::crypto {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto kValues = make_values();

// The six bits that a character stands for, or nothing.
std::optional<std::uint32_t> sextet(char c) {
  const std::int8_t value = kValues[static_cast<unsigned char>(c)];
  if (value < 0) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

}  // namespace

std::string base64_encode(ByteView data) {
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < data.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, data.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? data[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out.push_back(i <= count ? kAlphabet[(group >> (18 - 6 * i)) & 63] : '=');
  }
  return out;
}

std::optional<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  if (text.ends_with("==")) {
    padding = 2;
  } else if (text.ends_with('=')) {
    padding = 1;
  }
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t absent = at + 4 == text.size() ? padding : 0;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto bits = i < 4 - absent ? sextet(text[at + i]) : 0U;
      if (!bits) return std::nullopt;
      group = group << 6 | *bits;
    }
    if ((group & ((1U << (8 * absent)) - 1)) != 0) return std::nullopt;
    for (std::size_t i = 0; i < 3 - absent; ++i)
      out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * i)));
  }
  return out;
}

}  // namespace tracegate::crypto
