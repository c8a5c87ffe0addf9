// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104), PBKDF2 with it (RFC 8018 section 5.2), and CRC-32C
// (RFC 3720 appendix B.4). CRC-32C finds accidents, never attackers.
//
// Cost: the algorithm is fetched from libcrypto once for the process and contexts are reused, so a
// digest of 100 bytes costs a few hundred nanoseconds, nearly all of it hashing.
// Threading: free functions may be called from any thread; an object belongs to one thread at a
// time. Failure of libcrypto in these (out of memory, no default provider) terminates: nothing
// could be decided or recorded without them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "src/base/bytes.h"

namespace tracegate::crypto {

using Sha256Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256Digest sha256(ByteView data);

// A digest over data that comes in pieces. finish() starts it anew, so one object serves any number
// of digests without allocating.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  Sha256& update(ByteView data);
  [[nodiscard]] Sha256Digest finish();
  // Forgets what was put in since the last finish().
  void reset();
  // As reset() and update() with all that `prefix` was given since its last finish(), without
  // hashing it again. `prefix` stays as it is; any number of threads may continue from it.
  Sha256& continue_from(const Sha256& prefix);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// An HMAC under one key, for any number of messages: finish() starts the next one under the same
// key.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  ~HmacSha256();  // wipes the key

  HmacSha256& update(ByteView data);
  [[nodiscard]] Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

[[nodiscard]] Sha256Digest hmac_sha256(ByteView key, ByteView data);

// PBKDF2-HMAC-SHA-256 with one block of output, which is SCRAM's Hi(). It is deliberately slow, so
// it can be done in slices: an event loop calls advance() between other work.
class Pbkdf2 {
 public:
  // `iterations` of at least 1.
  Pbkdf2(ByteView password, ByteView salt, std::uint32_t iterations);
  Pbkdf2(Pbkdf2&&) noexcept = default;
  Pbkdf2& operator=(Pbkdf2&&) noexcept = default;
  ~Pbkdf2();

  // Performs at most `iterations` more of them. Returns whether all are done.
  bool advance(std::uint32_t iterations);
  // Requires that advance() returned true.
  [[nodiscard]] const Sha256Digest& result() const;

 private:
  HmacSha256 hmac_;
  Sha256Digest block_{};   // U_i
  Sha256Digest result_{};  // U_1 ^ ... ^ U_i
  std::uint32_t remaining_ = 0;
};

// All of it at once.
[[nodiscard]] Sha256Digest pbkdf2_hmac_sha256(ByteView password, ByteView salt,
                                              std::uint32_t iterations);

// CRC-32C of `data`, or of all before it and `data` when `crc` is the value so far. Uses the SSE4.2
// instruction where the processor has it.
[[nodiscard]] std::uint32_t crc32c(ByteView data, std::uint32_t crc = 0);
// The same without special instructions; what crc32c() falls back to.
[[nodiscard]] std::uint32_t crc32c_portable(ByteView data, std::uint32_t crc = 0);

}  // namespace tracegate::crypto
