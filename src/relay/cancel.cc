#include "src/relay/cancel.h"

#include <cstring>

#include "src/crypto/compare.h"
#include "src/crypto/random.h"

namespace tracegate::relay {

CancelKey CancelRegistry::add(SessionAddress session, std::size_t secret_size) {
  CancelKey key;
  key.secret.resize(secret_size);
  crypto::fill_random(key.secret);
  const std::lock_guard lock(mutex_);
  while (key.process_id == 0 || entries_.contains(key.process_id)) {
    const auto raw = crypto::random_bytes<4>();
    std::memcpy(&key.process_id, raw.data(), raw.size());
    key.process_id &= 0x7fffffff;  // clients print it as the pid of a process
  }
  entries_.emplace(key.process_id, Entry{session, key.secret});
  return key;
}

void CancelRegistry::remove(std::int32_t process_id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(process_id);
}

std::optional<SessionAddress> CancelRegistry::find(std::int32_t process_id, ByteView secret) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(process_id);
  if (found == entries_.end()) return std::nullopt;
  if (!crypto::equal_constant_time(found->second.secret, secret)) return std::nullopt;
  return found->second.session;
}

}  // namespace tracegate::relay
