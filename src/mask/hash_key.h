// The key under which pseudonyms are made, for the gateway and for the store.
//
// A pseudonym is HMAC-SHA-256 (RFC 2104) over: the domain, a zero byte, the value's text. The store
// computes it with its own sha256() when a masked column is used for more than being returned. The
// key reaches it as two settings of the session, in the start-up message, so that it stands in no
// statement: not in the store's log, nor in pg_stat_activity or pg_stat_statements.
//
// Threading: immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/crypto/digest.h"

namespace tracegate::mask {

// The settings' names: the key XORed with ipad and opad, 64 bytes each, in hexadecimal digits.
inline constexpr std::string_view kInnerSetting = "tracegate.mask_inner";
inline constexpr std::string_view kOuterSetting = "tracegate.mask_outer";

class HashKey {
 public:
  // At least 32 bytes.
  [[nodiscard]] static Result<std::shared_ptr<const HashKey>> make(const Secret& secret);
  HashKey(const HashKey&) = delete;
  HashKey& operator=(const HashKey&) = delete;
  ~HashKey();  // wipes the key

  [[nodiscard]] crypto::Sha256Digest pseudonym(std::string_view domain, ByteView value) const;
  [[nodiscard]] const Secret& inner() const;
  [[nodiscard]] const Secret& outer() const;

 private:
  struct State;
  explicit HashKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};
using HashKeyRef = std::shared_ptr<const HashKey>;

}  // namespace tracegate::mask
