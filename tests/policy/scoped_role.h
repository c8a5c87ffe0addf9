// Roles with scopes, and a store for them, made by hand.
#pragma once

#include <memory>
#include <string>

#include "src/policy/scope_sql.h"
#include "tests/policy/roles.h"

namespace tracegate::policy {

inline constexpr std::uint32_t kText = 25, kInt4 = 23, kInt8 = 20, kUuid = 2950, kDate = 1082,
                               kTimestamp = 1114, kTimestampTz = 1184;

inline TableName table_name(const std::string& name) {
  const std::size_t dot = name.find('.');
  return {name.substr(0, dot), name.substr(dot + 1), {}};
}
inline Scope make_scope(const std::string& table) {
  Scope scope;
  scope.table = table_name(table);
  scope.source = "roles.toml:" + std::to_string(30 + table.size());
  return scope;
}
inline Scope in_namespaces(const std::string& table, std::vector<std::string> values) {
  Scope scope = make_scope(table);
  scope.in_namespace = NamespaceScope{{"namespace", {}}, std::move(values), {}};
  return scope;
}
inline Scope in_claim(const std::string& table, std::string claim) {
  Scope scope = make_scope(table);
  scope.in_namespace = NamespaceScope{{"namespace", {}}, {}, std::move(claim)};
  return scope;
}
inline Scope in_time(const std::string& table, TimeScope time, std::string column = "at") {
  Scope scope = make_scope(table);
  time.column.value = std::move(column);
  scope.in_time = std::move(time);
  return scope;
}
inline Scope through(const std::string& table, std::string column, const std::string& other,
                     std::string key) {
  Scope scope = make_scope(table);
  scope.through = ThroughScope{{std::move(column), {}}, table_name(other), {std::move(key), {}}};
  return scope;
}

inline Role make_scoped(std::vector<Rule> rules, std::vector<Scope> scopes) {
  Role role = make_role(std::move(rules));
  role.scopes = std::move(scopes);
  return role;
}

// Reads traces of the namespaces in its claim, and the feedback to them.
inline Role scoped_by_claim() {
  Scope traces = in_claim("public.traces", "namespaces");
  traces.in_time = TimeScope{{"at", {}}, {}, {}, "window"};
  return make_scoped({make_rule(5, {sql::Operation::kSelect}, {"public.traces"})}, {traces});
}

// traces(id, namespace, at, prompt), feedback(id, trace_id, score), notes(id, feedback_id),
// plain(id), secret(id) and other.traces.
inline std::shared_ptr<const catalog::Catalog> scoped_catalog(std::uint64_t version = 1) {
  using catalog::RelationKind;
  return catalog::Catalog::build(
      version,
      {{1,
        "public",
        "traces",
        RelationKind::kTable,
        {{"id", 1, kInt8}, {"namespace", 2, kText}, {"at", 3, kTimestampTz}, {"prompt", 4, kText}}},
       {2,
        "public",
        "feedback",
        RelationKind::kTable,
        {{"id", 1, kInt8}, {"trace_id", 2, kInt8}, {"score", 3, kInt4}}},
       {3, "public", "notes", RelationKind::kTable, {{"id", 1, kInt8}, {"feedback_id", 2, kInt8}}},
       {4, "public", "plain", RelationKind::kTable, {{"id", 1, kInt8}}},
       {5, "public", "secret", RelationKind::kTable, {{"id", 1, kInt8}}},
       {6, "other", "traces", RelationKind::kTable, {{"id", 1, kInt8}}}});
}

}  // namespace tracegate::policy
