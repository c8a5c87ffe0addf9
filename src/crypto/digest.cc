#include "src/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "src/base/result.h"
#include "src/base/secret.h"

namespace tracegate::crypto {
namespace {

struct Algorithms {
  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
};

// Fetched once: a fetch by name costs more than the digest of a statement. Never freed, so that
// digests work until the very end of the process.
const Algorithms& algorithms() {
  static const Algorithms* fetched = [] {
    auto* made = new Algorithms;
    TG_CHECK(made->sha256 != nullptr && made->hmac != nullptr,
             "libcrypto offers no SHA-256 or HMAC");
    return made;
  }();
  return *fetched;
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(handle); }

  void start() {
    TG_CHECK(handle != nullptr && EVP_DigestInit_ex2(handle, algorithms().sha256, nullptr) == 1,
             "SHA-256 cannot be initialised");
  }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  context_->start();
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Sha256& Sha256::update(ByteView data) {
  TG_CHECK(EVP_DigestUpdate(context_->handle, data.data(), data.size()) == 1, "SHA-256 failed");
  return *this;
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  TG_CHECK(EVP_DigestFinal_ex(context_->handle, digest.data(), nullptr) == 1, "SHA-256 failed");
  context_->start();
  return digest;
}

void Sha256::reset() {
  context_->start();
}

Sha256& Sha256::continue_from(const Sha256& prefix) {
  TG_CHECK(EVP_MD_CTX_copy_ex(context_->handle, prefix.context_->handle) == 1, "SHA-256 failed");
  return *this;
}

Sha256Digest sha256(ByteView data) {
  thread_local Sha256 context;
  return context.update(data).finish();
}

struct HmacSha256::Context {
  EVP_MAC_CTX* handle = EVP_MAC_CTX_new(algorithms().hmac);
  ~Context() { EVP_MAC_CTX_free(handle); }
};

HmacSha256::HmacSha256(ByteView key) : context_(std::make_unique<Context>()) {
  char digest_name[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key means "the key as before" to libcrypto, so an empty one needs an address.
  static constexpr std::uint8_t kEmpty = 0;
  const std::uint8_t* bytes = key.empty() ? &kEmpty : key.data();
  TG_CHECK(
      context_->handle != nullptr && EVP_MAC_init(context_->handle, bytes, key.size(), params) == 1,
      "HMAC cannot be initialised");
}
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

HmacSha256& HmacSha256::update(ByteView data) {
  TG_CHECK(EVP_MAC_update(context_->handle, data.data(), data.size()) == 1, "HMAC failed");
  return *this;
}

Sha256Digest HmacSha256::finish() {
  Sha256Digest digest;
  std::size_t size = 0;
  TG_CHECK(EVP_MAC_final(context_->handle, digest.data(), &size, digest.size()) == 1 &&
               size == digest.size() && EVP_MAC_init(context_->handle, nullptr, 0, nullptr) == 1,
           "HMAC failed");
  return digest;
}

Sha256Digest hmac_sha256(ByteView key, ByteView data) {
  return HmacSha256(key).update(data).finish();
}

Pbkdf2::Pbkdf2(ByteView password, ByteView salt, std::uint32_t iterations)
    : hmac_(password), remaining_(iterations - 1) {
  TG_CHECK(iterations >= 1, "PBKDF2 without iterations");
  static constexpr std::uint8_t kFirstBlock[] = {0, 0, 0, 1};
  block_ = hmac_.update(salt).update(kFirstBlock).finish();
  result_ = block_;
}

Pbkdf2::~Pbkdf2() {
  wipe_memory(block_.data(), block_.size());
  wipe_memory(result_.data(), result_.size());
}

bool Pbkdf2::advance(std::uint32_t iterations) {
  for (; iterations > 0 && remaining_ > 0; --iterations, --remaining_) {
    block_ = hmac_.update(block_).finish();
    for (std::size_t i = 0; i < result_.size(); ++i) result_[i] ^= block_[i];
  }
  return remaining_ == 0;
}

const Sha256Digest& Pbkdf2::result() const {
  TG_CHECK(remaining_ == 0, "PBKDF2 is not done");
  return result_;
}

Sha256Digest pbkdf2_hmac_sha256(ByteView password, ByteView salt, std::uint32_t iterations) {
  Pbkdf2 derivation(password, salt, iterations);
  derivation.advance(iterations);
  return derivation.result();
}

}  // namespace tracegate::crypto
