// Roles, an upstream, a catalog and analyses made by hand, for tests of judging.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/policy/policy.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

inline Rule make_rule(std::uint32_t line, std::vector<sql::Operation> operations,
                      std::vector<std::string> tables = {}, std::vector<std::string> columns = {}) {
  Rule rule;
  rule.operations = std::move(operations);
  for (std::string& table : tables) {
    const std::size_t dot = table.find('.');
    std::string name = table.substr(dot + 1);
    rule.tables.push_back({table.substr(0, dot), name == "*" ? "" : std::move(name), {}});
  }
  for (std::string& column : columns) rule.columns.push_back({std::move(column), {}});
  rule.place = {"roles.toml", line, 1};
  rule.source = rule.place.line_reference();
  return rule;
}

inline Role make_role(std::vector<Rule> rules) {
  Role role;
  role.name = "reader";
  role.upstreams = {"traces"};
  role.rules = std::move(rules);
  role.source = "roles.toml:1";
  return role;
}

inline Role make_unrestricted() {
  Role role = make_role({});
  role.name = "dba";
  role.unrestricted = true;
  role.source = "roles.toml:99";
  return role;
}

inline Upstream make_upstream() {
  Upstream upstream;
  upstream.name = "traces";
  upstream.search_path = {"public"};
  return upstream;
}

inline std::shared_ptr<const catalog::Catalog> make_catalog(std::uint64_t version = 1) {
  using catalog::RelationKind;
  return catalog::Catalog::build(version,
                                 {{1,
                                   "public",
                                   "traces",
                                   RelationKind::kTable,
                                   {{"id", 1, 20}, {"prompt", 2, 25}, {"score", 3, 23}}},
                                  {2, "public", "recent", RelationKind::kView, {{"id", 1, 20}}},
                                  {3, "app", "Users", RelationKind::kTable, {{"id", 1, 20}}}});
}

inline sql::Statement make_statement(sql::StatementClass statement_class,
                                     std::vector<sql::Need> needs = {}) {
  sql::Statement statement;
  statement.statement_class = statement_class;
  statement.needs = std::move(needs);
  statement.writes = statement_class != sql::StatementClass::kSelect;
  return statement;
}

// On the whole row.
inline sql::Need need_all(sql::Operation operation, std::string relation = "traces",
                          std::string schema = "public") {
  return {operation, std::move(schema), std::move(relation), {true, {}}, {}, -1};
}
inline sql::Need need_columns(sql::Operation operation, std::vector<std::string> columns,
                              std::string relation = "traces") {
  return {operation, "public", std::move(relation), {false, std::move(columns)}, {}, -1};
}

inline sql::Analysis analysis_of(std::vector<sql::Statement> statements) {
  sql::Analysis analysis;
  analysis.statements = std::move(statements);
  return analysis;
}

}  // namespace tracegate::policy
