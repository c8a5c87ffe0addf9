// What the store's relations, columns, functions, operators and types are, as an immutable
// snapshot. Loaded by src/store over the gateway's own connection; nothing here performs I/O. A
// relation that the snapshot does not hold is unknown, and what is unknown is refused.
// Threading: immutable after build(); share by shared_ptr<const Catalog>.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/catalog/definitions.h"

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

// GENERATED ... AS IDENTITY; pg_attribute.attidentity.
enum class Identity : std::uint8_t { kNone, kAlways, kByDefault };

struct Column {
  std::string name;
  std::int16_t attribute_number = 0;  // pg_attribute.attnum
  Oid type_oid = 0;
  // As in a CAST under any search_path, modifier included: "numeric(10,2)", "public.mood[]".
  std::string type_name = {};
  bool not_null = false;
  bool has_default = false;   // DEFAULT; neither generated nor identity
  bool is_generated = false;  // GENERATED ALWAYS AS (...) STORED: nobody can write it
  Identity identity = Identity::kNone;
  // Of a catalog made for someone (limited_to()): the relation has the column, and no name that he
  // writes means it.
  bool is_hidden = false;
};

struct Relation {
  Oid oid = 0;
  std::string schema;
  std::string name;
  RelationKind kind = RelationKind::kTable;
  std::vector<Column> columns;  // dropped and system columns left out, in order of attribute_number
  std::vector<Oid> children = {};  // partitions and tables that inherit from it directly; sorted
  std::vector<Oid> reads = {};  // what a view's query names; not what functions in it read; sorted
  // A write may fail because of rows that are there: it has a unique index or an exclusion
  // constraint, or one of the partitions has that it writes to.
  bool has_unique_index = false;
  bool has_foreign_key = false;  // likewise: because of rows that are not there
  // Rewrite rules of the store's (CREATE RULE) that change what such a write does, or what it
  // answers: ON INSERT DO ALSO SELECT returns rows. Not those by which views are what they are.
  struct RewriteRules {
    bool on_insert = false;
    bool on_update = false;
    bool on_delete = false;

    void add(const RewriteRules& others) {
      on_insert = on_insert || others.on_insert;
      on_update = on_update || others.on_update;
      on_delete = on_delete || others.on_delete;
    }
    bool operator==(const RewriteRules&) const = default;
  };
  RewriteRules rewrite_rules = {};

  [[nodiscard]] const Column* find_column(std::string_view column_name) const;
  // "schema.name", quoted where PostgreSQL would quote it.
  [[nodiscard]] std::string qualified_name() const;
};

class Catalog {
 public:
  Catalog();  // an empty one; build() makes the others

  // `version` distinguishes snapshots of one upstream; a later load has a larger one.
  [[nodiscard]] static std::shared_ptr<const Catalog> build(std::uint64_t version,
                                                            std::vector<Relation> relations,
                                                            Definitions definitions = {});
  // A catalog of the same version and definitions with other relations: those that exist for
  // someone. What names of functions and operators mean does not depend on who asks.
  [[nodiscard]] std::shared_ptr<const Catalog> limited_to(std::vector<Relation> relations) const;

  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] const std::vector<Relation>& relations() const { return relations_; }
  [[nodiscard]] const Definitions& definitions() const;

  // Exact names, already folded as the parser folds them. Null if unknown. Borrowed from *this.
  [[nodiscard]] const Relation* find(std::string_view schema, std::string_view name) const;
  // An unqualified name by PostgreSQL's rule: pg_catalog first unless search_path names it itself,
  // then each schema in order. (Temporary tables are not known here: restricted roles have none.)
  [[nodiscard]] const Relation* resolve(std::string_view name,
                                        std::span<const std::string> search_path) const;
  [[nodiscard]] const Relation* find(Oid relation) const;

  // Those of that name (symbol) in all schemas. Empty for a name that only pg_catalog has. Borrowed
  // from *this.
  [[nodiscard]] std::span<const Function> functions(std::string_view name) const;
  [[nodiscard]] std::span<const Operator> operators(std::string_view symbol) const;
  // Null if unknown or PostgreSQL's own. Borrowed from *this.
  [[nodiscard]] const Type* find_type(Oid type) const;
  [[nodiscard]] const Type* find_type(std::string_view schema, std::string_view name) const;
  // Whether PostgreSQL casts a `source` to a `target` by itself: a row of pg_cast says so.
  [[nodiscard]] bool casts_implicitly(Oid source, Oid target) const;
  // Indexes into definitions().casts: those that are not PostgreSQL's own and call a function, and
  // those, implicit, that make values of a type that is not PostgreSQL's own.
  [[nodiscard]] const std::vector<std::size_t>& calling_casts() const;
  [[nodiscard]] const std::vector<std::size_t>& widening_casts() const;

 private:
  struct Index;

  void index_relations();

  std::uint64_t version_ = 0;
  std::vector<Relation> relations_;
  std::unordered_map<std::string, std::size_t> by_name_;  // schema + '\0' + name -> index
  std::unordered_map<Oid, std::size_t> by_oid_;
  std::shared_ptr<const Index> index_;  // of the definitions; catalogs made of one another share it
};

// `name` as an SQL identifier: quoted if it would not survive as it is.
[[nodiscard]] std::string quote_identifier(std::string_view name);
// `text`, without NUL, as a string literal of standard_conforming_strings = on.
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace tracegate::catalog
