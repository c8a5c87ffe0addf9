#include "src/store/catalog_loader.h"

#include <optional>
#include <vector>

#include "src/store/connection.h"

namespace tracegate::store {
namespace {

// Every change of a row of these tables gives it a new xmin, so the sums stay the same only if the
// rows do. It reads as many rows as loading would, but neither joins nor sends them.
constexpr const char* kBeginAndFingerprint = R"sql(
SET statement_timeout = '60s';
SET search_path = pg_catalog;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT concat_ws(' ',
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_namespace),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_class
   WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(attrelid, ' ', attnum, ' ', xmin), 0)))
   FROM pg_catalog.pg_attribute WHERE attnum > 0))
)sql";

// A relation without columns has one row, with attnum NULL.
constexpr const char* kRelations = R"sql(
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, a.attnum, a.attname::text, a.atttypid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
ORDER BY c.oid, a.attnum
)sql";

template <typename Integer>
Integer network_integer(std::string_view bytes) {
  Integer value = 0;
  for (const char byte : bytes)
    value = static_cast<Integer>(value << 8 | static_cast<unsigned char>(byte));
  return value;
}

std::optional<catalog::RelationKind> kind_of(std::string_view relkind) {
  using enum catalog::RelationKind;
  if (relkind == "r") return kTable;
  if (relkind == "p") return kPartitionedTable;
  if (relkind == "v") return kView;
  if (relkind == "m") return kMaterializedView;
  if (relkind == "f") return kForeignTable;
  if (relkind == "S") return kSequence;
  return std::nullopt;
}

Result<std::vector<catalog::Relation>> relations_of(const Rows& rows) {
  std::vector<catalog::Relation> relations;
  for (int row = 0; row < rows.size(); ++row) {
    const auto oid = network_integer<std::uint32_t>(rows.value(row, 0));
    if (relations.empty() || relations.back().oid != oid) {
      const std::optional<catalog::RelationKind> kind = kind_of(rows.value(row, 3));
      if (!kind) return Error("a relation of a kind that was not asked for");
      catalog::Relation& relation = relations.emplace_back();
      relation.oid = oid;
      relation.schema = rows.value(row, 1);
      relation.name = rows.value(row, 2);
      relation.kind = *kind;
    }
    const std::string_view number = rows.value(row, 4);
    if (number.empty()) continue;
    catalog::Column& column = relations.back().columns.emplace_back();
    column.attribute_number = network_integer<std::int16_t>(number);
    column.name = rows.value(row, 5);
    column.type_oid = network_integer<std::uint32_t>(rows.value(row, 6));
  }
  return relations;
}

}  // namespace

Result<LoadedCatalog> load_catalog(const ConnectionConfig& config, std::uint64_t version,
                                   const std::string& known_fingerprint) {
  const Result<std::unique_ptr<Connection>> opened = Connection::open(config, nullptr);
  if (!opened) return Error(opened.error());
  Connection& connection = **opened;
  // One snapshot for both, so that the fingerprint is that of what is loaded.
  const Result<Rows> fingerprint = connection.run(kBeginAndFingerprint);
  if (!fingerprint) return Error(fingerprint.error());
  if (fingerprint->size() != 1 || fingerprint->value(0, 0).empty())
    return Error("the catalog has no fingerprint");
  LoadedCatalog loaded;
  loaded.fingerprint = fingerprint->value(0, 0);
  if (loaded.fingerprint == known_fingerprint) return loaded;
  const Result<Rows> rows = connection.run(kRelations, {}, ResultFormat::kBinary);
  if (!rows) return Error(rows.error());
  Result<std::vector<catalog::Relation>> relations = relations_of(*rows);
  if (!relations) return std::move(relations).error();
  loaded.catalog = catalog::Catalog::build(version, std::move(*relations));
  return loaded;
}

}  // namespace tracegate::store
