#include "src/store/catalog_loader.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "src/store/connection.h"
#include "src/store/definitions_loader.h"

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
   FROM pg_catalog.pg_attribute WHERE attnum > 0),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(inhparent, ' ', inhrelid, ' ', xmin), 0)))
   FROM pg_catalog.pg_inherits),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_proc),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_operator),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_type
   WHERE typrelid = 0),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_enum),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(indexrelid, ' ', xmin), 0))) FROM pg_catalog.pg_index),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_constraint),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_rewrite),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_cast),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(oid, ' ', xmin), 0))) FROM pg_catalog.pg_extension),
  (SELECT concat(count(*), ':', sum(hashtextextended(concat(classid, ' ', objid, ' ', refobjid, ' ', xmin), 0)))
   FROM pg_catalog.pg_depend WHERE deptype = 'e'))
)sql";

// A relation without columns has one row, with attnum NULL.
constexpr const char* kRelations = R"sql(
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, a.attnum, a.attname::text, a.atttypid,
  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef AND a.attgenerated = '',
  a.attgenerated <> '', a.attidentity::text,
  EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)),
  EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'),
  EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.ev_type = '3'),
  EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.ev_type = '2'),
  EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.ev_type = '4')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
ORDER BY c.oid, a.attnum
)sql";

constexpr const char* kChildren = R"sql(
SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
ORDER BY i.inhparent, i.inhrelid
)sql";

// Dependencies on PostgreSQL's own relations are not kept.
constexpr const char* kReads = R"sql(
SELECT DISTINCT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
ORDER BY r.ev_class, d.refobjid
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

bool network_bool(std::string_view byte) {
  return byte.size() == 1 && byte[0] != 0;
}

catalog::Identity identity_of(std::string_view attidentity) {
  if (attidentity == "a") return catalog::Identity::kAlways;
  if (attidentity == "d") return catalog::Identity::kByDefault;
  return catalog::Identity::kNone;
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
      relation.has_unique_index = network_bool(rows.value(row, 12));
      relation.has_foreign_key = network_bool(rows.value(row, 13));
      relation.rewrite_rules = {network_bool(rows.value(row, 14)),
                                network_bool(rows.value(row, 15)),
                                network_bool(rows.value(row, 16))};
    }
    const std::string_view number = rows.value(row, 4);
    if (number.empty()) continue;
    catalog::Column& column = relations.back().columns.emplace_back();
    column.attribute_number = network_integer<std::int16_t>(number);
    column.name = rows.value(row, 5);
    column.type_oid = network_integer<std::uint32_t>(rows.value(row, 6));
    column.type_name = rows.value(row, 7);
    column.not_null = network_bool(rows.value(row, 8));
    column.has_default = network_bool(rows.value(row, 9));
    column.is_generated = network_bool(rows.value(row, 10));
    column.identity = identity_of(rows.value(row, 11));
  }
  return relations;
}

// Pairs of a relation and another that goes into its `list`. Both in order of Oid.
void add_pairs(const Rows& rows, std::vector<catalog::Oid> catalog::Relation::*list,
               std::vector<catalog::Relation>& relations) {
  std::size_t at = 0;
  for (int row = 0; row < rows.size(); ++row) {
    const auto owner = network_integer<std::uint32_t>(rows.value(row, 0));
    while (at < relations.size() && relations[at].oid < owner) ++at;
    if (at == relations.size()) return;
    if (relations[at].oid == owner)
      (relations[at].*list).push_back(network_integer<std::uint32_t>(rows.value(row, 1)));
  }
}

// So many levels of partitions and views are followed: no state of the catalog keeps us here.
constexpr int kMostLevels = 32;

const catalog::Relation* find_relation(const std::vector<catalog::Relation>& relations,
                                       catalog::Oid oid) {
  const auto found = std::lower_bound(
      relations.begin(), relations.end(), oid,
      [](const catalog::Relation& each, std::uint32_t at) { return each.oid < at; });
  return found != relations.end() && found->oid == oid ? &*found : nullptr;
}

// A write to a view is one to what it reads, with the rules that this has.
void add_rules_of_views(std::vector<catalog::Relation>& relations) {
  bool changed = true;
  for (int level = 0; changed && level < kMostLevels; ++level) {
    changed = false;
    for (catalog::Relation& view : relations) {
      if (view.kind != catalog::RelationKind::kView) continue;
      for (const catalog::Oid oid : view.reads) {
        const catalog::Relation* read = find_relation(relations, oid);
        if (read == nullptr) continue;
        const auto before = view.rewrite_rules;
        view.rewrite_rules.add(read->rewrite_rules);
        changed = changed || view.rewrite_rules != before;
      }
    }
  }
}

// What a partition checks, a write to the table that it is part of meets as well.
void add_checks_of_partitions(std::vector<catalog::Relation>& relations) {
  bool changed = true;
  for (int level = 0; changed && level < kMostLevels; ++level) {
    changed = false;
    for (catalog::Relation& parent : relations) {
      if (parent.kind != catalog::RelationKind::kPartitionedTable) continue;
      for (const catalog::Oid oid : parent.children) {
        const catalog::Relation* child = find_relation(relations, oid);
        if (child == nullptr) continue;
        changed = changed || (child->has_unique_index && !parent.has_unique_index) ||
                  (child->has_foreign_key && !parent.has_foreign_key);
        parent.has_unique_index = parent.has_unique_index || child->has_unique_index;
        parent.has_foreign_key = parent.has_foreign_key || child->has_foreign_key;
      }
    }
  }
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
  const Result<Rows> children = connection.run(kChildren, {}, ResultFormat::kBinary);
  if (!children) return Error(children.error());
  add_pairs(*children, &catalog::Relation::children, *relations);
  const Result<Rows> reads = connection.run(kReads, {}, ResultFormat::kBinary);
  if (!reads) return Error(reads.error());
  add_pairs(*reads, &catalog::Relation::reads, *relations);
  add_checks_of_partitions(*relations);
  add_rules_of_views(*relations);
  Result<catalog::Definitions> definitions = load_definitions(connection);
  if (!definitions) return std::move(definitions).error();
  loaded.catalog = catalog::Catalog::build(version, std::move(*relations), std::move(*definitions));
  return loaded;
}

}  // namespace tracegate::store
