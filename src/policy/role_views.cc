#include "src/policy/role_views.h"

#include <algorithm>

#include "src/policy/relatives.h"
#include "src/policy/scope_sql.h"

namespace tracegate::policy {
namespace {

// What the role's `select` rules permit together, in the relation's order.
std::vector<sql::ViewColumn> readable_columns(
    const Role& role, const catalog::Relation& relation,
    const std::vector<const catalog::Relation*>& ancestors) {
  const std::vector<const Rule*> rules = reading_rules(role, relation);
  std::vector<sql::ViewColumn> columns;
  for (const catalog::Column& column : relation.columns) {
    if (any_lists(rules, column.name) && !hides_column(role, ancestors, column.name))
      columns.push_back({column.name, {}});
  }
  return columns;
}

// Two conditions on one column become one.
void add_scope_column(sql::ScopeColumn column, std::vector<sql::ScopeColumn>& columns) {
  for (sql::ScopeColumn& each : columns) {
    if (each.name != column.name) continue;
    each.condition += " AND " + column.condition;
    each.needs_query = each.needs_query || column.needs_query;
    return;
  }
  columns.push_back(std::move(column));
}

}  // namespace

RoleViews::RoleViews(const Role& role, ClaimsRef claims, std::shared_ptr<const RoleCatalog> catalog)
    : role_(role), claims_(std::move(claims)), catalog_(std::move(catalog)) {}

const sql::RelationView* RoleViews::find(const catalog::Relation& relation) const {
  auto found = views_.find(relation.oid);
  if (found == views_.end()) found = views_.emplace(relation.oid, make(relation)).first;
  return found->second ? &*found->second : nullptr;
}

std::optional<sql::RelationView> RoleViews::make(const catalog::Relation& relation) const {
  if (!catalog_->shown().find(relation.oid)) return sql::RelationView{{}, "false", {}, false};
  if (!is_ruled(role_, relation.schema, relation.name))
    return catalog_->introspection().view_of(relation);
  sql::RelationView view;
  view.columns = readable_columns(role_, relation, catalog_->ancestors(relation));
  const std::vector<const Scope*>& scopes = catalog_->scopes(relation);
  const bool reads = !reading_rules(role_, relation).empty();
  if (scopes.empty() && (!reads || view.columns.size() == relation.columns.size()))
    return std::nullopt;
  for (const Scope* scope : scopes) {
    ScopeSql sql = to_sql(role_, *scope, relation, catalog_->scoped(), claims_->values);
    view.predicate += (view.predicate.empty() ? "" : " AND ") + sql.predicate;
    for (sql::ScopeColumn& column : sql.columns)
      add_scope_column(std::move(column), view.scope_columns);
  }
  return view;
}

sql::Guard RoleViews::guard_of(sql::ObjectKind kind) const {
  return catalog_->introspection().guard_of(kind);
}

bool RoleViews::has_schema(std::string_view name) const {
  return catalog_->introspection().visible().has_schema(name);
}

bool RoleViews::has_type(catalog::Oid type) const {
  return catalog_->introspection().visible().has_type(type);
}

}  // namespace tracegate::policy
