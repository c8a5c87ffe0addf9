// Parameters of a session's start, and the rules on their form, before anybody asks what they mean.
// Threading: plain values and pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proto_pg/startup.h"
#include "src/base/result.h"

namespace tracegate::session {

// One that is kept, unlike proto::StartupParameter, which borrows from the packet.
struct StartupParameter {
  std::string name;
  std::string value;
  bool operator==(const StartupParameter&) const = default;
};

// Whether `text` is UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F): names
// and values end up in logs, records and terminals, and in the store's.
[[nodiscard]] bool is_clean_text(std::string_view text);

// Refuses names and values that are not clean, and names that stand twice, where servers and
// poolers differ on which one counts.
[[nodiscard]] Status check_startup_parameters(std::span<const proto::StartupParameter> parameters);

// Whether a value of `replication` asks for a replication connection: all but the ways in which
// PostgreSQL spells false, so that what is not understood counts as asking.
[[nodiscard]] bool asks_for_replication(std::string_view value);

}  // namespace tracegate::session
