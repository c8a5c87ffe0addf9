#include "src/crypto/signing_key.h"

#include <openssl/evp.h>

namespace tracegate::crypto {
namespace {

constexpr std::size_t kSeedSize = 32;

}  // namespace

struct SigningKey::Handle {
  EVP_PKEY* key = nullptr;

  explicit Handle(EVP_PKEY* made) : key(made) {
    TG_CHECK(key != nullptr, "libcrypto makes no Ed25519 key");
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { EVP_PKEY_free(key); }
};

SigningKey::SigningKey(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
  return SigningKey(std::make_unique<Handle>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

Result<SigningKey> SigningKey::from_seed(const Secret& seed) {
  const ByteView bytes = as_bytes(seed.reveal());
  if (bytes.size() != kSeedSize) return Error("the seed of an Ed25519 key has 32 bytes");
  return SigningKey(std::make_unique<Handle>(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, bytes.data(), bytes.size())));
}

Secret SigningKey::seed() const {
  std::array<std::uint8_t, kSeedSize> bytes;
  std::size_t size = bytes.size();
  TG_CHECK(
      EVP_PKEY_get_raw_private_key(handle_->key, bytes.data(), &size) == 1 && size == bytes.size(),
      "libcrypto gives no seed");
  Secret seed{std::string(as_text(bytes))};
  wipe_memory(bytes.data(), bytes.size());
  return seed;
}

SigningKey::PublicBytes SigningKey::public_bytes() const {
  PublicBytes bytes;
  std::size_t size = bytes.size();
  TG_CHECK(
      EVP_PKEY_get_raw_public_key(handle_->key, bytes.data(), &size) == 1 && size == bytes.size(),
      "libcrypto gives no public key");
  return bytes;
}

PublicKey SigningKey::public_key() const {
  return PublicKey::ed25519(public_bytes()).value();
}

SigningKey::Signature SigningKey::sign(ByteView data) const {
  Signature signature;
  std::size_t size = signature.size();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  TG_CHECK(
      context != nullptr &&
          EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, handle_->key,
                                nullptr) == 1 &&
          EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) == 1 &&
          size == signature.size(),
      "Ed25519 cannot sign");
  return signature;
}

}  // namespace tracegate::crypto
