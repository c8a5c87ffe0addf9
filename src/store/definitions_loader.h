// The part of catalog_loader that reads pg_proc, pg_operator, pg_type and pg_cast. Private to
// src/store.
// Threading: one connection, one thread.
#pragma once

#include "src/base/result.h"
#include "src/catalog/definitions.h"
#include "src/store/connection.h"

namespace tracegate::store {

// On a connection with search_path = pg_catalog, within the transaction that the rest of the
// catalog is read in. An error is that of the connection, or a row that makes no sense.
[[nodiscard]] Result<catalog::Definitions> load_definitions(Connection& connection);

}  // namespace tracegate::store
