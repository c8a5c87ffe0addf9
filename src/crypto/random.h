// Unpredictable bytes from libcrypto's generator, and ids made of them. If there is no entropy the
// process terminates: a guessable nonce, cancel key or session id must never be handed out.
// Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/ids.h"

namespace tracegate::crypto {

void fill_random(std::span<std::uint8_t> out);

template <std::size_t N>
[[nodiscard]] std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> bytes;
  fill_random(bytes);
  return bytes;
}

// A UUID of version 7 (RFC 9562 section 5.7): 48 bits of milliseconds of `wall`, 74 random bits.
[[nodiscard]] SessionId make_session_id(Microseconds wall);

}  // namespace tracegate::crypto
