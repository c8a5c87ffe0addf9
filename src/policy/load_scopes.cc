// [role.NAME.scope."schema.table"]. docs/policy.md is the reference; a key added here is added
// there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/judge.h"
#include "src/policy/load_parts.h"
#include "src/policy/names.h"
#include "src/policy/scope_sql.h"

namespace tracegate::policy {
namespace {

using config::in_quotes;
using config::Located;
using config::Table;

constexpr std::chrono::hours kLongest{100 * 366 * 24};

std::string display(const TableName& table) {
  return catalog::quote_identifier(table.schema) + '.' + catalog::quote_identifier(table.name);
}

Located<std::string> read_column(Table& table, std::string_view key) {
  Located<std::string> column{table.required_text(key), table.place_of(key)};
  if (column.value.empty()) return column;
  Result<std::string> name = parse_identifier(column.value);
  if (!name) {
    table.error(column.place, name.error().message, name.error().hint);
  } else if (holds_mark(*name)) {
    table.error(column.place,
                fmt::format("column {} cannot be part of a scope", in_quotes(column.value)),
                "its name must not contain $value or \"tracegate\" in quotes");
  } else {
    column.value = std::move(name).value();
  }
  return column;
}

std::optional<NamespaceScope> read_namespace(Table& scope) {
  std::optional<Table> table = scope.table("namespace");
  if (!table) return std::nullopt;
  NamespaceScope result;
  result.column = read_column(*table, "column");
  table->refuse_empty_list("in");
  for (const Located<std::string>& each : table->texts("in")) {
    if (each.value.find('\0') != std::string::npos)
      table->error(each.place, in_quotes(each.value) + " cannot be a value in PostgreSQL");
    result.values.push_back(each.value);
  }
  result.claim = table->text("claim");
  if (table->has("in") && table->has("claim"))
    table->error(table->place_of("claim"),
                 fmt::format("both \"in\" and \"claim\" are given in [{}]", table->path()),
                 "keep the one that says which rows the role sees");
  if (!table->has("in") && !table->has("claim"))
    table->error(table->place(),
                 fmt::format("neither \"in\" nor \"claim\" is given in [{}]", table->path()),
                 "write in = [\"a\", \"b\"] or claim = \"namespaces\"");
  table->finish();
  return result;
}

std::optional<Microseconds> read_instant(Table& table, std::string_view key) {
  const std::string text = table.text(key);
  if (text.empty()) return std::nullopt;
  const Result<Microseconds> instant = parse_instant(text);
  if (instant) return *instant;
  table.error(table.place_of(key), instant.error().message, instant.error().hint);
  return std::nullopt;
}

std::optional<TimeScope> read_time(Table& scope) {
  std::optional<Table> table = scope.table("time");
  if (!table) return std::nullopt;
  TimeScope result;
  result.column = read_column(*table, "column");
  if (table->has("last"))
    result.last = table->duration("last", {std::chrono::seconds(1), kLongest}, kLongest);
  result.fixed = {read_instant(*table, "from"), read_instant(*table, "to")};
  result.claim = table->text("claim");
  if (result.fixed.from && result.fixed.to && *result.fixed.from >= *result.fixed.to)
    table->error(table->place_of("to"), "\"to\" does not come after \"from\"");
  if (!table->has("last") && !table->has("from") && !table->has("to") && !table->has("claim"))
    table->error(table->place(), fmt::format("[{}] does not limit the time", table->path()),
                 "write at least one of \"last\", \"from\", \"to\" and \"claim\"");
  table->finish();
  return result;
}

std::optional<ThroughScope> read_through(Table& scope) {
  std::optional<Table> table = scope.table("through");
  if (!table) return std::nullopt;
  ThroughScope result;
  result.column = read_column(*table, "column");
  result.key = read_column(*table, "key");
  const std::string written = table->required_text("table");
  result.table.place = table->place_of("table");
  if (!written.empty()) {
    Result<QualifiedName> name = parse_table_name(written);
    if (!name)
      table->error(result.table.place, name.error().message, name.error().hint);
    else if (name->name.empty())
      table->error(result.table.place, in_quotes(written) + " is not one table");
    else
      result.table = {std::move(name->schema), std::move(name->name), result.table.place};
  }
  table->finish();
  return result;
}

// Of PostgreSQL itself: the gateway says what a role sees of it.
bool is_system_schema(std::string_view schema) {
  return schema == "information_schema" || schema.starts_with("pg_");
}

void read_scope(Table::Named& named, Role& role) {
  Table& table = named.table;
  Scope scope;
  scope.place = table.place();
  scope.source = scope.place.line_reference();
  scope.in_namespace = read_namespace(table);
  scope.in_time = read_time(table);
  scope.through = read_through(table);
  if (!table.has("namespace") && !table.has("time") && !table.has("through"))
    table.error(scope.place, fmt::format("[{}] does not limit anything", table.path()),
                "write at least one of \"namespace\", \"time\" and \"through\"");
  table.finish();
  Result<QualifiedName> name = parse_table_name(named.name);
  if (!name) {
    table.error(scope.place, name.error().message, name.error().hint);
  } else if (name->name.empty()) {
    table.error(scope.place, in_quotes(named.name) + " is not one table",
                "a scope is that of one table: [role.NAME.scope.\"schema.table\"]");
  } else if (is_system_schema(name->schema)) {
    table.error(scope.place,
                fmt::format("{} is part of PostgreSQL and cannot have a scope", named.name));
  } else if (role.find_scope(name->schema, name->name)) {
    table.error(scope.place, fmt::format("{} has two scopes", named.name));
  } else {
    scope.table = {std::move(name->schema), std::move(name->name), scope.place};
    role.scopes.push_back(std::move(scope));
  }
}

// Follows `through` from table to table: each must have a scope, and none may come twice.
void check_through(Table& table, const Role& role) {
  std::vector<std::string> names;
  for (const Scope& scope : role.scopes) names.push_back(display(scope.table));
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const Scope& scope : role.scopes) {
    if (!scope.through || scope.through->table.name.empty()) continue;
    const TableName& next = scope.through->table;
    if (!role.find_scope(next.schema, next.name))
      table.error(next.place,
                  fmt::format("{} has no scope in role {}", display(next), in_quotes(role.name)),
                  config::suggest(display(next), known));
    std::set<const Scope*> met;
    const Scope* at = &scope;
    while (at && at->through && met.insert(at).second)
      at = role.find_scope(at->through->table.schema, at->through->table.name);
    if (at == &scope && at->through)
      table.error(next.place,
                  fmt::format("the scope of {} depends on itself", display(scope.table)),
                  "let \"through\" end at a table with a namespace or a time");
  }
}

void check_is_used(Table& table, const Role& role, const Scope& scope) {
  const auto covered = std::any_of(role.rules.begin(), role.rules.end(), [&](const Rule& rule) {
    return rule.covers(scope.table.schema, scope.table.name);
  });
  const auto leads_here =
      std::any_of(role.scopes.begin(), role.scopes.end(), [&](const auto& each) {
        return each.through && each.through->table.covers(scope.table.schema, scope.table.name);
      });
  if (covered || leads_here) return;
  std::vector<std::string> names;
  for (const Rule& rule : role.rules)
    for (const TableName& each : rule.tables) names.push_back(display(each));
  const std::vector<std::string_view> known(names.begin(), names.end());
  table.error(
      scope.place,
      fmt::format("no rule of role {} is about {}", in_quotes(role.name), display(scope.table)),
      config::suggest(display(scope.table), known));
}

void check_rule(Table& table, const Role& role, const Rule& rule) {
  for (const sql::Operation operation : rule.operations) {
    const std::string_view why = why_not_scoped(operation);
    if (!why.empty())
      table.error(
          rule.place,
          fmt::format(
              "operation \"{}\" cannot be given to role {}, which sees its tables in part: {}",
              sql::to_string(operation), in_quotes(role.name), why));
    if (operation != sql::Operation::kTruncate) continue;
    for (const Scope& scope : role.scopes)
      if (rule.covers(scope.table.schema, scope.table.name))
        table.error(rule.place,
                    fmt::format("operation \"truncate\" is on all rows of {}, which has a scope",
                                display(scope.table)));
  }
  // Partitions, views and copies of a table in scope would stand open beside it.
  for (const TableName& each : rule.tables)
    if (each.name.empty())
      table.error(each.place,
                  fmt::format("\"{}.*\" in role {}, which sees its tables in part",
                              catalog::quote_identifier(each.schema), in_quotes(role.name)),
                  "name each table: one that has neither a scope nor masks is seen whole");
}

}  // namespace

void read_scopes(Table& role_table, Role& role) {
  for (Table::Named& named : role_table.named_tables("scope")) read_scope(named, role);
  if (!role.is_scoped() || role.unrestricted) return;
  check_through(role_table, role);
  for (const Scope& scope : role.scopes) check_is_used(role_table, role, scope);
  for (const Rule& rule : role.rules) check_rule(role_table, role, rule);
}

}  // namespace tracegate::policy
