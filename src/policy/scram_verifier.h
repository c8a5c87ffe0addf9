// The form of a SCRAM verifier, as PostgreSQL keeps it in pg_authid.rolpassword (PostgreSQL 15,
// section 53.8; RFC 5803 has the parts): SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>.
// Only the form is checked here; src/identity uses it.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/result.h"

namespace tracegate::policy {

// RFC 7677 section 4 asks for at least as many iterations.
inline constexpr std::uint32_t kFewestScramIterations = 4096;

// The iterations of `verifier`. No error text holds any part of it.
[[nodiscard]] Result<std::uint32_t> check_scram_verifier(std::string_view verifier);

}  // namespace tracegate::policy
