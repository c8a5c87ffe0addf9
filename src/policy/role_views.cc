#include "src/policy/role_views.h"

#include <algorithm>

#include "src/policy/scope_sql.h"

namespace tracegate::policy {
namespace {

bool lists(const Rule& rule, std::string_view column) {
  return rule.columns.empty() ||
         std::any_of(rule.columns.begin(), rule.columns.end(),
                     [&](const auto& each) { return each.value == column; });
}

// What the role's `select` rules permit together, in the relation's order.
std::vector<sql::ViewColumn> readable_columns(const Role& role, const catalog::Relation& relation) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : role.rules)
    if (rule.permits(sql::Operation::kSelect) && rule.covers(relation.schema, relation.name))
      rules.push_back(&rule);
  std::vector<sql::ViewColumn> columns;
  for (const catalog::Column& column : relation.columns)
    if (std::any_of(rules.begin(), rules.end(),
                    [&](const Rule* rule) { return lists(*rule, column.name); }))
      columns.push_back({column.name, {}});
  return columns;
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
  if (!exists_for(role_, relation.schema, relation.name))
    return sql::RelationView{{}, "false", {}, false};
  if (!is_ruled(role_, relation.schema, relation.name))
    return catalog_->introspection().view_of(relation);
  sql::RelationView view;
  view.columns = readable_columns(role_, relation);
  const Scope* scope = role_.find_scope(relation.schema, relation.name);
  if (!scope) {
    if (view.columns.empty() || view.columns.size() == relation.columns.size()) return std::nullopt;
    return view;
  }
  ScopeSql sql = to_sql(role_, *scope, relation, catalog_->scoped(), claims_->values);
  view.predicate = std::move(sql.predicate);
  view.scope_columns = std::move(sql.columns);
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
