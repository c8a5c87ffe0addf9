// The schema "tracegate" of the session tables: docs/session_tables.md is its reference.
#pragma once

#include "src/base/result.h"
#include "src/store/connection.h"

namespace tracegate::store {

inline constexpr int kSchemaVersion = 2;

// Creates the schema, or brings one of an earlier version up to `version`, in one transaction;
// gateways that come up together wait for one another. A schema that a newer program made is an
// error. Does nothing, and needs no privilege to create, if the schema is as it should be.
[[nodiscard]] Status ensure_schema(Connection& connection, int version = kSchemaVersion);

}  // namespace tracegate::store
