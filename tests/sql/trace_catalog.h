// The store that the tests of this folder judge against.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/catalog/catalog.h"

namespace tracegate::sql {

inline catalog::Relation make_relation(std::uint32_t oid, std::string schema, std::string name,
                                       std::initializer_list<const char*> columns,
                                       catalog::RelationKind kind = catalog::RelationKind::kTable) {
  catalog::Relation relation{oid, std::move(schema), std::move(name), kind, {}};
  std::int16_t number = 0;
  for (const char* column : columns) relation.columns.push_back({column, ++number, 25});
  return relation;
}

inline std::shared_ptr<const catalog::Catalog> make_trace_catalog() {
  std::vector<catalog::Relation> relations;
  relations.push_back(make_relation(1, "public", "traces", {"id", "ns", "prompt", "secret", "at"}));
  relations.push_back(make_relation(2, "public", "events", {"trace_id", "kind", "payload"}));
  relations.push_back(make_relation(3, "public", "feedback", {"trace_id", "score", "comment"}));
  relations.push_back(make_relation(4, "archive", "traces", {"id", "ns", "old"}));
  relations.push_back(make_relation(5, "pg_catalog", "pg_class", {"oid", "relname", "reltuples"}));
  relations.push_back(make_relation(6, "pg_catalog", "pg_stats", {"tablename", "most_common_vals"},
                                    catalog::RelationKind::kView));
  relations.push_back(make_relation(7, "pg_catalog", "pg_settings", {"name", "setting"},
                                    catalog::RelationKind::kView));
  relations.push_back(
      make_relation(8, "public", "trace_seq", {"last_value"}, catalog::RelationKind::kSequence));
  relations.push_back(make_relation(9, "public", "Mixed Case", {"Col", "x.y"}));
  relations.push_back(
      make_relation(10, "public", "pgbench_accounts", {"aid", "bid", "abalance", "filler"}));
  relations.push_back(make_relation(11, "public", "wide", {}));
  for (int i = 1; i <= 200; ++i)
    relations.back().columns.push_back({"c" + std::to_string(i), static_cast<std::int16_t>(i), 25});
  relations.push_back(make_relation(12, "public", "zz_table", {"zz_col"}));
  return catalog::Catalog::build(1, std::move(relations));
}

inline const std::vector<std::string>& public_path() {
  static const std::vector<std::string> path = {"public"};
  return path;
}

}  // namespace tracegate::sql
