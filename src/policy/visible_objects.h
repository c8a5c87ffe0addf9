// Which objects of a store exist for a scoped role, as SQL: a condition for each of PostgreSQL's
// catalogs on its rows. What the conditions rest on is constant text, made from the role's rules
// and the catalog: Oids of relations, columns, types and functions, names of schemas. Everything
// else (indexes, constraints, defaults, sequences, comments) exists for the role if every relation,
// column, type and function that it depends on does, which the store looks up in pg_depend.
//
//   relations   that any rule is about
//   columns     that any rule on reading or writing values lists, or all of such a table
//   types       of those columns, with what they are made of; rows of the relations; those that the
//               role lists, or of extensions that it lists
//   functions   that the role lists, or of extensions that it lists, over such types
//   schemas     that any of these is in
//   roles       PostgreSQL's predefined ones, and the store user of the session
//
// Objects that initdb made (Oids below 16384) are about nobody and exist for everyone.
//
// The text is the gateway's alone: every name is qualified with pg_catalog, columns stand behind
// aliases in double quotes that begin with "tracegate". No condition can fail on any row.
// Immutable, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/policy/policy.h"

namespace tracegate::policy {

// Whether any rule of the role is about the relation.
[[nodiscard]] bool is_ruled(const Role& role, std::string_view schema, std::string_view relation);

class VisibleObjects {
 public:
  // `role` is scoped; of `shown` those relations exist that a rule is about, and those of their
  // columns that are not hidden (catalog::Column::is_hidden). Nothing is kept.
  VisibleObjects(const Role& role, const catalog::Catalog& shown);

  // Conditions on an object by its Oid, of which `oid` is SQL of ours; it is evaluated several
  // times.
  [[nodiscard]] static std::string builtin(std::string_view oid);
  // A relation that is neither an index nor an owned sequence, and is not built in.
  [[nodiscard]] std::string relation(std::string_view oid) const;
  // A sequence that belongs to a column.
  [[nodiscard]] std::string sequence(std::string_view oid) const;
  [[nodiscard]] std::string index(std::string_view oid) const;
  [[nodiscard]] std::string any_class(std::string_view oid) const;
  [[nodiscard]] std::string type(std::string_view oid) const;
  [[nodiscard]] std::string function(std::string_view oid) const;
  // Of a relation that is not built in.
  [[nodiscard]] std::string column(std::string_view relation_oid, std::string_view number) const;
  // Of a schema by its name, and of a relation or column by their names, built in or not.
  [[nodiscard]] std::string schema(std::string_view name) const;
  [[nodiscard]] std::string named_relation(std::string_view schema, std::string_view name) const;
  [[nodiscard]] std::string named_column(std::string_view schema, std::string_view relation,
                                         std::string_view name) const;
  // Of an extension by its name.
  [[nodiscard]] std::string extension(std::string_view name) const;

  // Conditions on a row of a catalog that stands under the alias `row`.
  [[nodiscard]] std::string class_row(std::string_view row) const;
  [[nodiscard]] std::string attribute_row(std::string_view row) const;
  [[nodiscard]] std::string index_row(std::string_view row) const;
  [[nodiscard]] std::string constraint_row(std::string_view row) const;
  [[nodiscard]] std::string default_row(std::string_view row) const;
  [[nodiscard]] std::string partitioned_row(std::string_view row) const;
  [[nodiscard]] std::string description_row(std::string_view row) const;
  [[nodiscard]] std::string depend_row(std::string_view row) const;

  [[nodiscard]] bool has_schema(std::string_view name) const;
  [[nodiscard]] bool has_type(catalog::Oid type) const;
  // Whether the role's rules are about the column, by any operation that moves values; or, unless
  // `may_read`, any but those that read.
  [[nodiscard]] static bool shows_column(const Role& role, const catalog::Relation& relation,
                                         std::string_view column, bool may_read = true);

 private:
  // Of an index of a relation that is not built in.
  [[nodiscard]] std::string shown_index(std::string_view row) const;
  // The pg_class entry of a composite type that the role's columns or functions have.
  [[nodiscard]] std::string composite(std::string_view oid) const;
  // Whether everything that the object depends on exists for the role.
  [[nodiscard]] std::string depends_on_visible(std::string_view catalog_oid,
                                               std::string_view oid) const;

  std::string relations_;  // as array literals, quoted
  std::string columns_;    // Oid of the relation * 65536 + number of the column
  std::string types_;
  std::string functions_;
  std::string schemas_;
  std::string extensions_;
  std::string relation_names_;  // the parts joined
  std::string column_names_;
  std::vector<std::string> schema_list_;  // sorted
  std::vector<catalog::Oid> type_list_;
};

}  // namespace tracegate::policy
