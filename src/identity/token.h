// A signed token as it comes: a JSON Web Token (RFC 7519) in the compact form of a JSON Web
// Signature (RFC 7515 section 3.1), taken apart. Looks at form only and believes nothing: whose it
// is, and whether it is good, is for verify_token() of token_rules.h.
//
// Refused are, beside all that is malformed: encrypted and nested tokens, `crit` and every
// extension that would have to stand in it (`b64`, RFC 7797), `zip`, keys or their addresses in the
// header
// (`jwk`, `jku`, `x5u`, `x5c`), algorithms without a public key. `x5t` and other members are
// ignored.
//
// Threading: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "src/base/bytes.h"
#include "src/crypto/public_key.h"
#include "src/identity/json.h"
#include "src/identity/token_fault.h"

namespace tracegate::identity {

inline constexpr ByteCount kMaxToken = 16_KiB;

struct TokenHeader {
  crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kRs256;  // alg
  std::optional<std::string> key_id;                                          // kid, 1 to 255 bytes
  std::string type;                                                           // typ; empty if none
};

class Token {
 public:
  // The result borrows from `text`.
  [[nodiscard]] static std::variant<Token, TokenRefusal> parse(std::string_view text);

  [[nodiscard]] const TokenHeader& header() const { return header_; }
  [[nodiscard]] const Json& payload() const { return payload_; }  // an object
  [[nodiscard]] std::string_view issuer() const { return *payload_.find("iss")->text(); }
  // What is signed (RFC 7515 section 5.2): header and payload as they came, and the dot between.
  [[nodiscard]] ByteView signing_input() const { return signing_input_; }
  [[nodiscard]] ByteView signature() const { return signature_; }

 private:
  Token() = default;

  TokenHeader header_;
  Json payload_;  // "iss" is a text
  ByteView signing_input_;
  Bytes signature_;
};

// As media types are compared, which `typ` is one of (RFC 2045 section 5.1): A to Z count as a to
// z.
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b);

}  // namespace tracegate::identity
