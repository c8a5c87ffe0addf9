// Cancel keys of the gateway's own, and which session each belongs to. A client never sees the
// store's key, and the store never sees the client's; a CancelRequest that names no live session,
// or names one with another key, does nothing, and the client cannot tell which (PostgreSQL, too,
// answers none of them).
//
// Thread-safe: a CancelRequest arrives on any worker; the session lives on one of them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "src/base/bytes.h"

namespace tracegate::relay {

// Where a session is: it is reached by posting this to its worker's loop, never by a pointer.
struct SessionAddress {
  std::size_t worker = 0;
  std::uint64_t relay = 0;  // number of the relay within its worker
  auto operator<=>(const SessionAddress&) const = default;
};

struct CancelKey {
  std::int32_t process_id = 0;  // random, not zero; unique among live sessions
  Bytes secret;                 // 4 bytes for protocol 3.0, 32 from 3.2 on
};

class CancelRegistry {
 public:
  // A new key for a session. `secret_size` is 4 or 32.
  [[nodiscard]] CancelKey add(SessionAddress session, std::size_t secret_size);
  void remove(std::int32_t process_id);
  // The session that holds exactly this key. The comparison takes the same time for a wrong key as
  // for a right one.
  [[nodiscard]] std::optional<SessionAddress> find(std::int32_t process_id, ByteView secret) const;

 private:
  struct Entry {
    SessionAddress session;
    Bytes secret;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::int32_t, Entry> entries_;
};

}  // namespace tracegate::relay
