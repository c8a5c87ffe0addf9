#include "src/crypto/base64.h"

namespace tracegate::crypto {
namespace {

struct Alphabet {
  std::array<char, 64> characters{};
  std::array<std::int8_t, 256> values{};  // of a character; -1 if it has none

  constexpr explicit Alphabet(std::string_view last_two) {
    constexpr std::string_view kFirst =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    values.fill(-1);
    for (std::size_t i = 0; i < characters.size(); ++i) {
      const char c = i < kFirst.size() ? kFirst[i] : last_two[i - kFirst.size()];
      characters[i] = c;
      values[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(i);
    }
  }
};
constexpr Alphabet kBase64("+/");
constexpr Alphabet kBase64Url("-_");

std::string encode(ByteView data, const Alphabet& alphabet) {
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < data.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, data.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? data[at + i] : 0U);
    for (std::size_t i = 0; i <= count; ++i)
      out.push_back(alphabet.characters[(group >> (18 - 6 * i)) & 63]);
  }
  return out;
}

// `text` without padding.
std::optional<Bytes> decode(std::string_view text, const Alphabet& alphabet) {
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t count = std::min<std::size_t>(4, text.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int value = i < count ? alphabet.values[static_cast<unsigned char>(text[at + i])] : 0;
      if (value < 0) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    // What the characters that are not there stand for; one character alone is not even a byte.
    const std::uint32_t unused = (1U << (8 * (4 - count))) - 1;
    if (count == 1 || (group & unused) != 0) return std::nullopt;
    for (std::size_t i = 0; i + 1 < count; ++i)
      out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * i)));
  }
  return out;
}

}  // namespace

std::string base64_encode(ByteView data) {
  std::string out = encode(data, kBase64);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, kBase64);
}

std::string base64url_encode(ByteView data) {
  return encode(data, kBase64Url);
}

std::optional<Bytes> base64url_decode(std::string_view text) {
  return decode(text, kBase64Url);
}

}  // namespace tracegate::crypto
