#include "src/mask/hash_key.h"

#include <algorithm>
#include <array>

#include "src/mask/hex.h"

namespace tracegate::mask {
namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256, in bytes
constexpr std::size_t kMinKey = 32;

// A block of the key, XORed with a constant. Wiped when it goes.
struct PaddedKey {
  std::array<std::uint8_t, kBlock> bytes{};

  PaddedKey(ByteView key, std::uint8_t pad) {
    std::copy(key.begin(), key.end(), bytes.begin());
    for (std::uint8_t& byte : bytes) byte ^= pad;
  }
  PaddedKey(const PaddedKey&) = delete;
  PaddedKey& operator=(const PaddedKey&) = delete;
  ~PaddedKey() { wipe_memory(bytes.data(), bytes.size()); }
};

Secret hexadecimal(const PaddedKey& key) {
  std::string digits;
  digits.reserve(2 * kBlock);  // one piece of memory, that of the secret
  append_hex(key.bytes, digits);
  return Secret(std::move(digits));
}

}  // namespace

struct HashKey::State {
  // What is hashed before every message and before every inner digest.
  crypto::Sha256 inner_prefix;
  crypto::Sha256 outer_prefix;
  Secret inner;
  Secret outer;
};

Result<std::shared_ptr<const HashKey>> HashKey::make(const Secret& secret) {
  const ByteView key = as_bytes(secret.reveal());
  if (key.size() < kMinKey) return Error("the key of hash masks has less than 32 bytes");
  crypto::Sha256Digest digest{};
  if (key.size() > kBlock) digest = crypto::sha256(key);
  const ByteView block_key = key.size() > kBlock ? ByteView(digest) : key;
  const PaddedKey inner(block_key, 0x36);
  const PaddedKey outer(block_key, 0x5c);
  wipe_memory(digest.data(), digest.size());

  auto state = std::make_unique<State>();
  state->inner_prefix.update(inner.bytes);
  state->outer_prefix.update(outer.bytes);
  state->inner = hexadecimal(inner);
  state->outer = hexadecimal(outer);
  return std::shared_ptr<const HashKey>(new HashKey(std::move(state)));
}

HashKey::HashKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
HashKey::~HashKey() = default;  // secrets wipe themselves, and libcrypto its contexts

crypto::Sha256Digest HashKey::pseudonym(std::string_view domain, ByteView value) const {
  thread_local crypto::Sha256 digest;
  static constexpr std::uint8_t kEnd[] = {0};
  const crypto::Sha256Digest inner = digest.continue_from(state_->inner_prefix)
                                         .update(as_bytes(domain))
                                         .update(kEnd)
                                         .update(value)
                                         .finish();
  return digest.continue_from(state_->outer_prefix).update(inner).finish();
}

const Secret& HashKey::inner() const {
  return state_->inner;
}

const Secret& HashKey::outer() const {
  return state_->outer;
}

}  // namespace tracegate::mask
