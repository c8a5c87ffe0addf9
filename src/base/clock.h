// Time for the pure parts: they never ask a clock, they are told. Wall time is for records,
// monotonic time for durations and deadlines.
#pragma once

#include <chrono>
#include <cstdint>

namespace tracegate {

using Microseconds = std::chrono::microseconds;
using Milliseconds = std::chrono::milliseconds;

// Both readings of one instant.
struct Instant {
  Microseconds wall{};       // since 1970-01-01T00:00:00Z
  Microseconds monotonic{};  // since an arbitrary start, never goes back
};

[[nodiscard]] Instant now();

}  // namespace tracegate
