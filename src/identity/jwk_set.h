// The public keys of an issuer, from its JWK Set (RFC 7517; members of RSA and EC keys RFC 7518
// section 6, of Ed25519 RFC 8037 section 2).
//
// A key that cannot verify signatures here is skipped, with a reason for the log, as RFC 7517
// section 5 advises: issuers publish keys for other purposes beside ours. A set that is malformed,
// or has no usable key, is an error as a whole, so that the keys before it stay in use.
// Certificates (x5c, x5u, x5t) and members that we do not know are ignored.
//
// Threading: a JwkSet never changes once it is made; any number of threads may use one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/crypto/public_key.h"

namespace tracegate::identity {

inline constexpr ByteCount kMaxJwkSet = 256_KiB;
inline constexpr std::size_t kMaxJwks = 100;
inline constexpr std::size_t kMaxKeyId = 255;  // bytes

struct Jwk {
  std::optional<std::string> key_id;                    // kid
  std::optional<crypto::SignatureAlgorithm> algorithm;  // alg: the only one that it is for
  crypto::PublicKey key;
};

enum class JwkFault {
  kUnsupported,  // kty or crv that we do not know, or is not for signatures
  kSecret,       // holds its private half, or is a shared secret: known to everyone now
  kUse,          // use is not "sig", or key_ops has no "verify"
  kAlgorithm,    // alg is none of ours, or not one for such a key
  kKeyId,        // kid is no text of 1 to 255 bytes
  kMember,       // a member is missing, of another type, or not base64url
  kKey,          // weak or impossible: PublicKey said why
  kRepeated,     // the same key under the same kid once more
};
[[nodiscard]] std::string_view to_string(JwkFault fault);

struct SkippedJwk {
  std::size_t position = 0;  // in the set, from 1
  std::string key_id;        // printable; empty if there is none
  JwkFault fault = JwkFault::kUnsupported;
  std::string detail;  // of kKey
};
// `key 2 (kid "abc"): for another use than signatures`
[[nodiscard]] std::string to_string(const SkippedJwk& skipped);

class JwkSet {
 public:
  // Errors name at most the key ids of what was skipped.
  [[nodiscard]] static Result<JwkSet> parse(std::string_view text);

  [[nodiscard]] const std::vector<Jwk>& keys() const { return keys_; }  // at least one
  [[nodiscard]] const std::vector<SkippedJwk>& skipped() const { return skipped_; }

  struct Choice {
    enum class Outcome {
      kFound,      // exactly one key fits
      kUnknown,    // no key of this id; without an id, none that fits
      kUnfit,      // keys of this id, but of another type or for another algorithm
      kAmbiguous,  // several that fit
    };
    Outcome outcome = Outcome::kUnknown;
    const crypto::PublicKey* key = nullptr;  // of kFound; the set's
  };
  // The key for a token. With an id, keys that have none or another are out; without, all are in.
  [[nodiscard]] Choice choose(const std::optional<std::string>& key_id,
                              crypto::SignatureAlgorithm algorithm) const;

 private:
  std::vector<Jwk> keys_;
  std::vector<SkippedJwk> skipped_;
};

}  // namespace tracegate::identity
