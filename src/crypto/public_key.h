// Public keys and the signatures of JSON Web Algorithms (RFC 7518 section 3, RFC 8037 section 3.1)
// that they verify. Which key type serves which algorithm is fixed here, so that no text from
// outside can pair them otherwise.
//
// Threading: a PublicKey never changes; any number of threads may verify with one at a time.
// Cost of one verification, on one core of a 3 GHz machine: RS256 and PS256 with 2048 bits 16 us,
// ES256 45 us, EdDSA 60 us, ES384 and ES512 0.3 to 0.5 ms. Making the context anew each time is 2
// us of that, so none are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace tracegate::crypto {

// The order is that of to_string()'s table.
enum class SignatureAlgorithm {
  kRs256,  // RSASSA-PKCS1-v1_5 with SHA-256 (section 3.3)
  kRs384,
  kRs512,
  kPs256,  // RSASSA-PSS, MGF1 with the same digest, salt as long as the digest (section 3.5)
  kPs384,
  kPs512,
  kEs256,  // ECDSA on P-256 with SHA-256 (section 3.4)
  kEs384,  // on P-384 with SHA-384
  kEs512,  // on P-521 with SHA-512
  kEdDsa,  // Ed25519 only (RFC 8032 section 5.1), neither ph nor ctx
};
[[nodiscard]] std::string_view to_string(SignatureAlgorithm algorithm);  // "RS256"
// Nothing for any other text: letter case counts.
[[nodiscard]] std::optional<SignatureAlgorithm> signature_algorithm_from_string(
    std::string_view name);

enum class KeyType { kRsa, kP256, kP384, kP521, kEd25519 };

class PublicKey {
 public:
  // Modulus and exponent, big-endian without leading zeros. An error unless the modulus is odd and
  // has 2048 to 8192 bits, and the exponent is odd, at least 65537 and less than 2^32. Whether the
  // modulus is a product of two primes is for its owner to know.
  [[nodiscard]] static Result<PublicKey> rsa(ByteView modulus, ByteView exponent);
  // Affine coordinates, big-endian, each exactly as long as a field element (32, 48 or 66 bytes).
  // An error unless the point is on the curve. `curve` is one of the P types.
  [[nodiscard]] static Result<PublicKey> ec(KeyType curve, ByteView x, ByteView y);
  // The 32 bytes of RFC 8032 section 5.1.2. An error for encodings that are not canonical and for
  // the points of small order, for which signatures can be made up. An encoding of no point at all
  // is taken, and verifies nothing.
  [[nodiscard]] static Result<PublicKey> ed25519(ByteView point);

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  [[nodiscard]] KeyType type() const { return type_; }
  // Whether the key is of the type and on the curve that the algorithm asks for.
  [[nodiscard]] bool fits(SignatureAlgorithm algorithm) const;
  // Whether `signature` is one of `data`. False as well if the key does not fit, and for every
  // signature that is not exactly in form: of another length than the modulus, than both
  // coordinates (r and s of ECDSA, each as long as the curve's order, never DER), or than 64 bytes
  // of Ed25519; r or s zero or not below the order; s of Ed25519 not below its order.
  [[nodiscard]] bool verify(SignatureAlgorithm algorithm, ByteView data, ByteView signature) const;

  // Whether both are the same key.
  [[nodiscard]] bool operator==(const PublicKey& other) const;

 private:
  struct Handle;
  PublicKey(KeyType type, std::unique_ptr<Handle> handle);

  KeyType type_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace tracegate::crypto
