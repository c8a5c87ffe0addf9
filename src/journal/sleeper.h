// Where the journal thread waits for work. Who hands over work looks at how deep the thread sleeps
// and makes a system call only if the thread sleeps and this work is reason enough to wake it.
//
// The order that makes this safe (Dekker): the thread announces its sleep, then looks for work once
// more, then sleeps; the others publish their work, then look at the announcement.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "src/base/clock.h"

namespace tracegate::journal {

enum class Sleep : std::uint32_t {
  kAwake,
  kForCompany,  // until enough intents have been handed over to be committed together
  kForUrgent,   // work that may wait is there, or was a moment ago
  kForAny,      // nothing has happened for a while
  kForRoom,     // stalled: only release() helps
};

class Sleeper {
 public:
  void announce(Sleep sleep) { state_.store(static_cast<std::uint32_t>(sleep)); }
  void stay_awake() { state_.store(static_cast<std::uint32_t>(Sleep::kAwake)); }
  // Sleeps as announced. Returns whether the time is over; after a wake() it returns false.
  bool sleep(Sleep announced, std::optional<Microseconds> at_most);

  [[nodiscard]] Sleep state() const { return static_cast<Sleep>(state_.load()); }
  // From any thread.
  void wake();

 private:
  std::atomic<std::uint32_t> state_{0};
};

}  // namespace tracegate::journal
