// The texts of a SCRAM exchange (RFC 5802 section 7), read strictly: every attribute is one letter,
// '=', and a value without ','; attributes stand in the order of the RFC; a comma at the end, an
// empty message, invalid UTF-8 or a NUL is malformed. Shared by both ends of the exchange; no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/crypto/digest.h"

namespace tracegate::identity {

// As PostgreSQL limits it; nobody's message is near it.
inline constexpr std::size_t kMaxScramMessage = 1024;

enum class ScramMechanism { kSha256, kSha256Plus };
[[nodiscard]] std::string_view to_string(ScramMechanism mechanism);  // "SCRAM-SHA-256-PLUS"
[[nodiscard]] std::optional<ScramMechanism> scram_mechanism_from_string(std::string_view name);

// The only kind of channel binding that PostgreSQL knows.
inline constexpr std::string_view kTlsServerEndPoint = "tls-server-end-point";

// Whether a whole message may be looked at: size, UTF-8, no NUL.
[[nodiscard]] bool is_scram_text(std::string_view message);

// Cuts attributes off the front of a message. Views borrow from the message.
class ScramAttributes {
 public:
  explicit ScramAttributes(std::string_view message) : rest_(message) {}

  struct Attribute {
    char name = 0;
    std::string_view value;
    std::string_view text;  // with the name
  };
  // The next attribute, whatever it is; nothing at the end or if there is none in due form.
  [[nodiscard]] std::optional<Attribute> next();
  // The value of the next attribute if it has this name.
  [[nodiscard]] std::optional<std::string_view> value_of(char name);
  // Whether all is read, with no comma left over.
  [[nodiscard]] bool at_end() const { return !rest_.has_value(); }
  // Whether the next attribute has this name, without reading it.
  [[nodiscard]] bool is_next(char name) const;

 private:
  std::optional<std::string_view> rest_;  // nothing once the last attribute was read
};

// Whether an attribute of this name may stand where the RFC allows extensions: its own letters may
// not.
[[nodiscard]] bool is_scram_extension(char name);

// 1*printable: ASCII 0x21 to 0x7e without ','.
[[nodiscard]] bool is_scram_nonce(std::string_view text);
// Fresh, 144 random bits in base64.
[[nodiscard]] std::string make_scram_nonce();

// A decimal number without sign and leading zeros, 1 to 2^31 - 1.
[[nodiscard]] std::optional<std::uint32_t> parse_iterations(std::string_view text);
// 32 bytes in strict base64.
[[nodiscard]] std::optional<crypto::Sha256Digest> decode_digest(std::string_view text);

}  // namespace tracegate::identity
