// Loads what a store's relations, columns, functions, operators, types and casts are, all in one
// transaction. Blocking; for a thread that may wait. Needs no privilege beyond CONNECT: the system
// catalogs that it reads are readable by all.
// Threading: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/catalog/catalog.h"
#include "src/store/connection_config.h"

namespace tracegate::store {

struct LoadedCatalog {
  std::shared_ptr<const catalog::Catalog> catalog;  // null: nothing has changed
  std::string fingerprint;                          // for the next call; never empty
};

// Tables, partitioned tables, views, materialised views, foreign tables and sequences of all
// schemas, pg_catalog and information_schema among them; not temporary ones. `known_fingerprint` is
// that of the last load, or empty: if the store's catalog is still the same, it is not loaded
// again. Of what is defined beyond relations src/catalog/definitions.h says what is left out.
[[nodiscard]] Result<LoadedCatalog> load_catalog(const ConnectionConfig& config,
                                                 std::uint64_t version,
                                                 const std::string& known_fingerprint = {});

}  // namespace tracegate::store
