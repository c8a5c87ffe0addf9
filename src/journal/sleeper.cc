#include "src/journal/sleeper.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace tracegate::journal {
namespace {

// std::atomic::wait has no timeout, and a condition variable would take a mutex for each record.
long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* timeout) {
  static_assert(sizeof(word) == sizeof(std::uint32_t));
  return ::syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
}

}  // namespace

bool Sleeper::sleep(Sleep announced, std::optional<Microseconds> at_most) {
  timespec timeout{};
  if (at_most) {
    timeout.tv_sec = static_cast<std::time_t>(at_most->count() / 1'000'000);
    timeout.tv_nsec = static_cast<long>(at_most->count() % 1'000'000) * 1'000;
  }
  bool elapsed = false;
  while (state() == announced && !elapsed) {
    elapsed = futex(state_, FUTEX_WAIT_PRIVATE, static_cast<std::uint32_t>(announced),
                    at_most ? &timeout : nullptr) != 0 &&
              errno == ETIMEDOUT;
  }
  // Whoever woke us in the same moment counts as more than the clock.
  return state_.exchange(static_cast<std::uint32_t>(Sleep::kAwake)) ==
         static_cast<std::uint32_t>(announced);
}

void Sleeper::wake() {
  constexpr auto kAwake = static_cast<std::uint32_t>(Sleep::kAwake);
  if (state_.exchange(kAwake) != kAwake) futex(state_, FUTEX_WAKE_PRIVATE, 1, nullptr);
}

}  // namespace tracegate::journal
