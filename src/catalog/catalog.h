// What the store's relations and columns are, as an immutable snapshot. Loaded by src/store over
// the gateway's own connection; nothing here performs I/O. A relation that the snapshot does not
// hold is unknown, and what is unknown is refused. Threading: immutable after build(); share by
// shared_ptr<const Catalog>.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tracegate::catalog {

// pg_class.relkind, as far as a statement can name it.
enum class RelationKind {
  kTable,
  kPartitionedTable,
  kView,
  kMaterializedView,
  kForeignTable,
  kSequence
};

struct Column {
  std::string name;
  std::int16_t attribute_number = 0;  // pg_attribute.attnum
  std::uint32_t type_oid = 0;
};

struct Relation {
  std::uint32_t oid = 0;
  std::string schema;
  std::string name;
  RelationKind kind = RelationKind::kTable;
  std::vector<Column> columns;  // dropped and system columns left out, in order of attribute_number

  [[nodiscard]] const Column* find_column(std::string_view column_name) const;
  // "schema.name", quoted where PostgreSQL would quote it.
  [[nodiscard]] std::string qualified_name() const;
};

class Catalog {
 public:
  // `version` distinguishes snapshots of one upstream; a later load has a larger one.
  [[nodiscard]] static std::shared_ptr<const Catalog> build(std::uint64_t version,
                                                            std::vector<Relation> relations);

  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] const std::vector<Relation>& relations() const { return relations_; }

  // Exact names, already folded as the parser folds them. Null if unknown. Borrowed from *this.
  [[nodiscard]] const Relation* find(std::string_view schema, std::string_view name) const;
  // An unqualified name by PostgreSQL's rule: pg_catalog first unless search_path names it itself,
  // then each schema in order. (Temporary tables are not known here: restricted roles have none.)
  [[nodiscard]] const Relation* resolve(std::string_view name,
                                        std::span<const std::string> search_path) const;

 private:
  std::uint64_t version_ = 0;
  std::vector<Relation> relations_;
  std::unordered_map<std::string, std::size_t> by_name_;  // schema + '\0' + name -> index
};

// `name` as an SQL identifier: quoted if it would not survive as it is.
[[nodiscard]] std::string quote_identifier(std::string_view name);

}  // namespace tracegate::catalog
