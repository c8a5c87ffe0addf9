#include "src/crypto/random.h"

#include <openssl/rand.h>

#include "src/base/result.h"

namespace tracegate::crypto {

void fill_random(std::span<std::uint8_t> out) {
  TG_CHECK(out.size() <= 1U << 20, "too much randomness asked for at once");
  TG_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "no randomness");
}

SessionId make_session_id(Microseconds wall) {
  SessionId id{random_bytes<16>()};
  const auto milliseconds = static_cast<std::uint64_t>(wall.count() / 1000);
  for (unsigned i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);  // version 7
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
  return id;
}

}  // namespace tracegate::crypto
