// Distinct identities are distinct types, so that one cannot be passed for another.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace tracegate {

// A session of one client connection. Unique over time and gateways (UUID version 7: starts with
// the wall time, the rest random), so that session tables of several gateways merge.
struct SessionId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const SessionId&) const = default;
  // "0190a3c2-7d1e-7b3f-8a4e-5d6c7b8a9f00"
  [[nodiscard]] std::string to_string() const;
};

// The number of a record in the journal, from 1, without gaps, never reused; given when the journal
// thread writes it. 0 is "before every record".
struct Lsn {
  std::uint64_t value = 0;
  auto operator<=>(const Lsn&) const = default;
};

// What one journal producer (one worker) counts: its n-th record appended since the gateway
// started. A record with ticket t is durable once the producer's durable ticket is >= t. 0 is
// "nothing to wait for".
struct Ticket {
  std::uint64_t value = 0;
  auto operator<=>(const Ticket&) const = default;
};

// Number of a statement within its session, from 1.
struct StatementNo {
  std::uint64_t value = 0;
  auto operator<=>(const StatementNo&) const = default;
};

// Number of a policy snapshot within one run of the gateway, from 1; each successful reload adds 1.
struct PolicyVersion {
  std::uint64_t value = 0;
  auto operator<=>(const PolicyVersion&) const = default;
};

}  // namespace tracegate
