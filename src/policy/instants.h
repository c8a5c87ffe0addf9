// Points in time as policies and claims write them: ISO 8601 (RFC 3339, with parts that may be left
// out), always in UTC unless an offset says otherwise, whatever the zone of this machine or of a
// session. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace tracegate::policy {

// From `from`, inclusive, to `to`, exclusive; since 1970-01-01T00:00:00Z. Without a value that end
// is open.
struct TimeWindow {
  std::optional<Microseconds> from;
  std::optional<Microseconds> to;
  bool operator==(const TimeWindow&) const = default;
};

// "2026-01-31", "2026-01-31T23:59Z", "2026-01-31T23:59:58.123456+01:00"; a space may stand for the
// T, and without a zone it is UTC. Of the years 1 to 9999. The hint of an error is the form to
// write.
[[nodiscard]] Result<Microseconds> parse_instant(std::string_view text);

// "FROM/TO", the interval of ISO 8601; either may be empty, but not both, and FROM comes before TO.
[[nodiscard]] Result<TimeWindow> parse_window(std::string_view text);

// "2026-01-31 23:59:58.123456", without a zone, in UTC: read alike under every DateStyle. `instant`
// is in the years 1 to 9999.
[[nodiscard]] std::string to_sql_timestamp(Microseconds instant);

}  // namespace tracegate::policy
