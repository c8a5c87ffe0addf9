// What an answer says of when to ask again: Cache-Control with Age (RFC 9111), and Retry-After
// (RFC 9110 section 10.2.3).
// Pure functions. They never fail: what cannot be understood counts as said by the rules below.
#pragma once

#include <chrono>
#include <optional>

#include "src/http/response_headers.h"

namespace tracegate::http {

// For how long the answer is fresh: max-age less Age (RFC 9111 section 4.2), not below zero. Zero
// also for no-store, no-cache, and a Cache-Control that is malformed, as section 4.2.1 advises.
// Nothing if no Cache-Control says how long; Expires and s-maxage are not looked at.
[[nodiscard]] std::optional<std::chrono::seconds> fresh_for(const ResponseHeaders& headers);

// Only the form of a number of seconds; a date is passed over, as the clocks may differ.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const ResponseHeaders& headers);

// What a larger number of seconds counts as (RFC 9111 section 1.2.2).
inline constexpr std::chrono::seconds kLongestDelta{2147483648};

}  // namespace tracegate::http
