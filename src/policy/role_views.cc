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

std::vector<const Rule*> reading_rules(const Role& role, const catalog::Relation& relation) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : role.rules)
    if (rule.permits(sql::Operation::kSelect) && rule.covers(relation.schema, relation.name))
      rules.push_back(&rule);
  return rules;
}

bool any_lists(const std::vector<const Rule*>& rules, std::string_view column) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const Rule* rule) { return lists(*rule, column); });
}

// A column that the relation has in common with a table that it is part of is read as there, if
// the role reads that table.
bool is_hidden_by(const catalog::Relation& ancestor, const Role& role, std::string_view column) {
  const std::vector<const Rule*> rules = reading_rules(role, ancestor);
  return !rules.empty() && ancestor.find_column(column) && !any_lists(rules, column);
}

// What the role's `select` rules permit together, in the relation's order.
std::vector<sql::ViewColumn> readable_columns(
    const Role& role, const catalog::Relation& relation,
    const std::vector<const catalog::Relation*>& ancestors) {
  const std::vector<const Rule*> rules = reading_rules(role, relation);
  std::vector<sql::ViewColumn> columns;
  for (const catalog::Column& column : relation.columns) {
    const bool hidden = std::any_of(ancestors.begin(), ancestors.end(), [&](const auto* each) {
      return is_hidden_by(*each, role, column.name);
    });
    if (!hidden && any_lists(rules, column.name)) columns.push_back({column.name, {}});
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
  if (!catalog_->shown().find(relation.oid)) return sql::RelationView{{}, "false", {}};
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

}  // namespace tracegate::policy
