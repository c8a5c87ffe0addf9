#include "src/policy/role_views.h"

#include <algorithm>

#include "src/policy/relatives.h"
#include "src/policy/scope_sql.h"

namespace tracegate::policy {
namespace {

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
  const std::vector<const Scope*>& scopes = catalog_->scopes(relation);
  for (const Scope* scope : scopes) {
    ScopeSql sql = to_sql(role_, *scope, relation, catalog_->scoped(), claims_->values);
    view.predicate += (view.predicate.empty() ? "" : " AND ") + sql.predicate;
    for (sql::ScopeColumn& column : sql.columns)
      add_scope_column(std::move(column), view.scope_columns);
  }
  view.columns = readable_columns(relation, view.predicate);
  const bool reads = !reading_rules(role_, relation).empty();
  const bool whole =
      view.columns.size() == relation.columns.size() && !catalog_->masks().changes(relation.oid);
  if (scopes.empty() && (!reads || whole)) return std::nullopt;
  return view;
}

// What the role's `select` rules permit together, in the relation's order.
std::vector<sql::ViewColumn> RoleViews::readable_columns(const catalog::Relation& relation,
                                                         std::string_view predicate) const {
  const std::vector<const Rule*> rules = reading_rules(role_, relation);
  const std::vector<const catalog::Relation*> ancestors = catalog_->ancestors(relation);
  const RoleMasks& masks = catalog_->masks();
  std::vector<sql::ViewColumn> columns;
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const std::string& name = relation.columns[i].name;
    if (!any_lists(rules, name) || hides_column(role_, ancestors, name) ||
        masks.fate_of(relation.oid, i) == RoleMasks::Fate::kWithheld)
      continue;
    sql::ViewColumn column = masks.view_column(relation, i, predicate);
    const bool is_lost = masks.fate_of(relation.oid, i) == RoleMasks::Fate::kMasked &&
                         !column.is_changed();  // of the scope, and only masked as it is returned
    if (!is_lost) columns.push_back(std::move(column));
  }
  return columns;
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
