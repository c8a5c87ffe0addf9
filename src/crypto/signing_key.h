// An Ed25519 key that signs (RFC 8032 section 5.1): for what the gateway itself issues. The private
// half never leaves it but through seed(), into a Secret.
// Threading: a SigningKey never changes; any number of threads may sign with one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/crypto/public_key.h"

namespace tracegate::crypto {

class SigningKey {
 public:
  using PublicBytes = std::array<std::uint8_t, 32>;
  using Signature = std::array<std::uint8_t, 64>;

  // A fresh one, from libcrypto's generator for private keys.
  [[nodiscard]] static SigningKey generate();
  // The private key of RFC 8032, which is 32 random bytes. The error says that the length is
  // another.
  [[nodiscard]] static Result<SigningKey> from_seed(const Secret& seed);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  // What from_seed() makes the same key of.
  [[nodiscard]] Secret seed() const;
  [[nodiscard]] PublicBytes public_bytes() const;
  [[nodiscard]] PublicKey public_key() const;
  // Of SignatureAlgorithm::kEdDsa; the same for the same data.
  [[nodiscard]] Signature sign(ByteView data) const;

 private:
  struct Handle;
  explicit SigningKey(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
};

}  // namespace tracegate::crypto
