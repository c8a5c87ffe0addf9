#include "src/identity/scram_message.h"

#include <charconv>
#include <limits>

#include "src/base/utf8.h"
#include "src/crypto/base64.h"
#include "src/crypto/random.h"

namespace tracegate::identity {

std::string_view to_string(ScramMechanism mechanism) {
  switch (mechanism) {
    case ScramMechanism::kSha256:
      return "SCRAM-SHA-256";
    case ScramMechanism::kSha256Plus:
      return "SCRAM-SHA-256-PLUS";
  }
  return {};
}

std::optional<ScramMechanism> scram_mechanism_from_string(std::string_view name) {
  for (const auto mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha256Plus})
    if (name == to_string(mechanism)) return mechanism;
  return std::nullopt;
}

bool is_scram_text(std::string_view message) {
  return !message.empty() && message.size() <= kMaxScramMessage &&
         message.find('\0') == std::string_view::npos && is_valid_utf8(message);
}

std::optional<ScramAttributes::Attribute> ScramAttributes::next() {
  if (!rest_ || rest_->size() < 2 || (*rest_)[1] != '=') return std::nullopt;
  const char name = (*rest_)[0];
  if (!((name >= 'a' && name <= 'z') || (name >= 'A' && name <= 'Z'))) return std::nullopt;
  const std::size_t comma = rest_->find(',');
  const std::string_view text = rest_->substr(0, comma);
  if (comma == std::string_view::npos) {
    rest_.reset();
  } else {
    rest_->remove_prefix(comma + 1);
  }
  return Attribute{name, text.substr(2), text};
}

std::optional<std::string_view> ScramAttributes::value_of(char name) {
  if (!is_next(name)) return std::nullopt;
  const auto attribute = next();
  if (!attribute) return std::nullopt;
  return attribute->value;
}

bool ScramAttributes::is_next(char name) const {
  return rest_ && rest_->size() >= 2 && (*rest_)[0] == name && (*rest_)[1] == '=';
}

bool is_scram_extension(char name) {
  return std::string_view("anmrcsipve").find(name) == std::string_view::npos;
}

bool is_scram_nonce(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

std::string make_scram_nonce() {
  return crypto::base64_encode(crypto::random_bytes<18>());
}

std::optional<std::uint32_t> parse_iterations(std::string_view text) {
  if (text.empty() || text[0] < '1' || text[0] > '9') return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()))
    return std::nullopt;
  return value;
}

std::optional<crypto::Sha256Digest> decode_digest(std::string_view text) {
  const auto bytes = crypto::base64_decode(text);
  crypto::Sha256Digest digest;
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

}  // namespace tracegate::identity
