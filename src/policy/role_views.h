// The views through which a scoped role sees its tables, for one set of claims: the columns that
// its `select` rules list, and the rows of its scope (docs/scoped_reads.md).
//
// A view is made when its relation is first asked for, and kept; asking again allocates nothing.
// The predicate of a scope does not change with time: a sliding window asks the store's clock.
//
// Threading: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "src/policy/claims.h"
#include "src/policy/policy.h"
#include "src/policy/role_catalog.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {

class RoleViews final : public sql::Views {
 public:
  // `role` must outlive this, and `catalog` be made for it.
  RoleViews(const Role& role, ClaimsRef claims, std::shared_ptr<const RoleCatalog> catalog);

  // Null: the role has no scope for the relation, and may read every column of it, or none at all,
  // in which case judging has refused what would read it. A view without columns is that of a table
  // with a scope that the role may write and not read. A relation that is not of
  // catalog().shown() has a view without columns and without rows; one of the catalogs that no rule
  // is about, that of introspection.h. Borrowed until *this goes.
  [[nodiscard]] const sql::RelationView* find(const catalog::Relation& relation) const override;

  [[nodiscard]] sql::Guard guard_of(sql::ObjectKind kind) const override;
  [[nodiscard]] bool has_schema(std::string_view name) const override;
  [[nodiscard]] bool has_type(catalog::Oid type) const override;
  [[nodiscard]] bool is_blind(const catalog::Relation& relation) const override {
    return role_.writes_blindly(relation.schema, relation.name);
  }

  // To resolve the names of the role's statements in.
  [[nodiscard]] const RoleCatalog& catalog() const { return *catalog_; }

 private:
  [[nodiscard]] std::optional<sql::RelationView> make(const catalog::Relation& relation) const;
  [[nodiscard]] std::vector<sql::ViewColumn> readable_columns(const catalog::Relation& relation,
                                                              std::string_view predicate) const;

  const Role& role_;
  const ClaimsRef claims_;
  // Shared by the views of all claims of the role.
  const std::shared_ptr<const RoleCatalog> catalog_;
  // By Relation::oid. A map of nodes: what find() returns stays where it is.
  mutable std::unordered_map<std::uint32_t, std::optional<sql::RelationView>> views_;
};

}  // namespace tracegate::policy
