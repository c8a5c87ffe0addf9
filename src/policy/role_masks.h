// The masks of one role for the tables of one store, made for the types that their columns have.
//
// A partition or child has the masks of its own table; for columns that this says nothing of, those
// of the nearest table that it is part of, and if that is classified, what none of them has is
// withheld. A table shows the rows of its parts: a column that one of these masks otherwise, it
// does not show (masked_by_part()). A column that cannot be masked as policy says is withheld;
// check_tables() says why.
// Threading: immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/mask/column_mask.h"
#include "src/mask/row_masks.h"
#include "src/policy/policy.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {

// What is wrong with a mask for a column, in one sentence; nothing if it can be made.
[[nodiscard]] Result<mask::ColumnMask> make_column_mask(const MaskChoice& choice,
                                                        const catalog::Column& column,
                                                        const catalog::Catalog& catalog);
// Whether a scope of the role compares the column: its condition is over the value as it is, so
// that the column cannot be returned as it is.
[[nodiscard]] bool is_scope_column(const Scope& scope, std::string_view column);

// The parts of `relation`, however many levels down, that have masks of their own.
[[nodiscard]] std::vector<const catalog::Relation*> masked_parts(const Role& role,
                                                                 const Upstream& upstream,
                                                                 const catalog::Relation& relation,
                                                                 const catalog::Catalog& whole);
// One of these parts in which the role sees `column` masked or not at all, while it sees it
// otherwise in `relation`, which may show more; null: none. `ancestors`: of `relation`.
[[nodiscard]] const catalog::Relation* masked_by_part(
    const Role& role, const Upstream& upstream, const catalog::Relation& relation,
    const std::vector<const catalog::Relation*>& ancestors,
    const std::vector<const catalog::Relation*>& parts, std::string_view column);

class RoleMasks {
 public:
  // Nothing yet.
  RoleMasks();

  // `relation` of the store with the catalog `whole`, and what it is a part of, nearest first.
  void add(const Role& role, const Upstream& upstream, const catalog::Relation& relation,
           const std::vector<const catalog::Relation*>& ancestors, const catalog::Catalog& whole);

  enum class Fate : std::uint8_t { kShown, kMasked, kWithheld };
  // Of column `index` of Relation::columns of a relation that was added.
  [[nodiscard]] Fate fate_of(catalog::Oid relation, std::size_t index) const;
  [[nodiscard]] bool changes(catalog::Oid relation) const { return tables_.contains(relation); }
  // The column as a view with that predicate shows it.
  [[nodiscard]] sql::ViewColumn view_column(const catalog::Relation& relation, std::size_t index,
                                            std::string_view predicate) const;
  // What is done with the outputs of a statement. Never null.
  [[nodiscard]] mask::RowMasksRef masks_of(const sql::RawRow& row) const;
  // All that is masked or withheld.
  [[nodiscard]] const std::shared_ptr<const mask::RawColumns>& raw_columns() const {
    return raw_columns_;
  }

 private:
  struct Column {
    Fate fate = Fate::kShown;
    std::int16_t attribute_number = 0;
    catalog::Oid wire_type = 0;
    mask::ColumnMask mask = {};
  };

  std::unordered_map<catalog::Oid, std::vector<Column>> tables_;  // that have any but kShown
  std::shared_ptr<mask::RawColumns> raw_;
  std::shared_ptr<const mask::RawColumns> raw_columns_;  // the same
};

}  // namespace tracegate::policy
