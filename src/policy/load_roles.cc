// [role.NAME], [[role.NAME.allow]]. docs/policy.md is the reference; a key added here
// is added there.
#include <fmt/format.h>

#include <algorithm>

#include "src/policy/bypassing_functions.h"
#include "src/policy/load_parts.h"
#include "src/policy/names.h"
#include "src/policy/settings.h"

namespace tracegate::policy {
namespace {

namespace fs = std::filesystem;
using config::in_quotes;
using config::Located;
using config::Table;

std::vector<std::string_view> all_operations() {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(sql::Operation::kTwoPhase); ++i)
    names.push_back(sql::to_string(static_cast<sql::Operation>(i)));
  return names;
}

// Operations that act on whole rows, so that a list of columns would mean nothing.
bool takes_columns(sql::Operation operation) {
  switch (operation) {
    case sql::Operation::kSelect:
    case sql::Operation::kInsert:
    case sql::Operation::kUpdate:
    case sql::Operation::kCopyIn:
    case sql::Operation::kCopyOut:
      return true;
    case sql::Operation::kDelete:
    case sql::Operation::kTruncate:
    case sql::Operation::kLock:
    case sql::Operation::kDdl:
    case sql::Operation::kCall:
    case sql::Operation::kDo:
    case sql::Operation::kExplain:
    case sql::Operation::kListen:
    case sql::Operation::kNotify:
    case sql::Operation::kMaintenance:
    case sql::Operation::kTwoPhase:
      return false;
  }
  return false;
}

void read_operations(Table& table, Rule& rule) {
  table.require("operations");
  const bool on_tables = table.has("tables") || table.has("columns");
  for (const Located<std::string>& each : table.texts("operations")) {
    const std::optional<sql::Operation> operation = sql::operation_from_string(each.value);
    if (!operation) {
      table.error(each.place, fmt::format("unknown operation {}", in_quotes(each.value)),
                  config::suggest(each.value, all_operations()));
      continue;
    }
    if (on_tables && !sql::is_on_relation(*operation))
      table.error(each.place, fmt::format("operation \"{}\" is not on tables", each.value),
                  "put it in a rule without \"tables\"");
    if (!on_tables && sql::is_on_relation(*operation))
      table.error(each.place, fmt::format("operation \"{}\" needs \"tables\"", each.value),
                  "write tables = [\"schema.table\"]");
    if (table.has("columns") && sql::is_on_relation(*operation) && !takes_columns(*operation))
      table.error(
          each.place,
          fmt::format("operation \"{}\" is on whole rows; it cannot have \"columns\"", each.value),
          "put it in a rule without \"columns\"");
    rule.operations.push_back(*operation);
  }
}

void read_tables_and_columns(Table& table, Rule& rule) {
  for (const Located<std::string>& each : table.texts("tables")) {
    Result<QualifiedName> name = parse_table_name(each.value);
    if (!name) {
      table.error(each.place, name.error().message, name.error().hint);
      continue;
    }
    if (name->name.empty() && table.has("columns"))
      table.error(each.place, fmt::format("{} with \"columns\"", in_quotes(each.value)),
                  "name each table that the columns belong to");
    rule.tables.push_back({std::move(name->schema), std::move(name->name), each.place});
  }
  if (table.has("columns") && !table.has("tables"))
    table.error(table.place_of("columns"), "\"columns\" without \"tables\"");
  for (const Located<std::string>& each : table.texts("columns")) {
    Result<std::string> name = parse_identifier(each.value);
    if (name)
      rule.columns.push_back({std::move(name).value(), each.place});
    else
      table.error(each.place, name.error().message, name.error().hint);
  }
}

void read_blind(Table& table, Rule& rule) {
  rule.blind = table.boolean("blind", false);
  if (!rule.blind) return;
  const config::Place place = table.place_of("blind");
  for (const sql::Operation operation : rule.operations)
    if (operation != sql::Operation::kInsert && operation != sql::Operation::kCopyIn)
      table.error(
          place, fmt::format("\"blind\" with operation \"{}\"", sql::to_string(operation)),
          "only \"insert\" and \"copy_in\" can be blind: put others in a rule of their own");
  for (const TableName& each : rule.tables)
    if (each.name.empty())
      table.error(each.place,
                  fmt::format("\"{}.*\" with \"blind\"", catalog::quote_identifier(each.schema)),
                  "name each table");
}

Rule read_rule(Table& table) {
  Rule rule;
  rule.place = table.place();
  rule.source = rule.place.line_reference();
  read_operations(table, rule);
  read_tables_and_columns(table, rule);
  read_blind(table, rule);
  for (const std::string_view key : {"operations", "tables", "columns"})
    table.refuse_empty_list(key);  // an empty "columns" must not come to mean all of them
  table.finish();
  return rule;
}

void read_role_upstreams(Table& table, const std::vector<Upstream>& upstreams, Role& role) {
  std::vector<std::string_view> known;
  for (const Upstream& upstream : upstreams) known.push_back(upstream.name);
  table.require("upstreams");
  table.refuse_empty_list("upstreams");
  for (Located<std::string>& each : table.texts("upstreams")) {
    if (std::find(known.begin(), known.end(), each.value) == known.end())
      table.error(each.place, fmt::format("unknown upstream {}", in_quotes(each.value)),
                  config::suggest(each.value, known));
    role.upstreams.push_back(std::move(each.value));
  }
}

void read_store_user(Table& table, const fs::path& folder, const std::vector<Upstream>& upstreams,
                     Role& role) {
  role.store_user = table.required_text("store_user");
  role.store_password = read_secret(table, "store_password_file", folder);
  const bool asks_password =
      std::any_of(upstreams.begin(), upstreams.end(), [&](const Upstream& upstream) {
        return role.may_use(upstream) && upstream.authentication == StoreAuthentication::kScram;
      });
  if (asks_password) table.require("store_password_file");
}

void read_lists(Table& table, Role& role) {
  for (const Located<std::string>& each : table.texts("functions")) {
    Result<std::string> name = parse_function_name(each.value);
    if (!name) {
      table.error(each.place, name.error().message, name.error().hint);
      continue;
    }
    if (const std::string_view why = why_not_grantable_function(*name); !why.empty())
      table.error(each.place, fmt::format("function {} cannot be given to a role: {}",
                                          in_quotes(each.value), why));
    role.functions.push_back(std::move(name).value());
  }
  for (const Located<std::string>& each : table.texts("settings")) {
    std::string name = fold_case(each.value);
    if (const std::string_view why = why_not_grantable(name); !why.empty())
      table.error(each.place, fmt::format("setting {} cannot be given to a role: {}",
                                          in_quotes(each.value), why));
    role.settings.push_back(std::move(name));
  }
  for (const Located<std::string>& each : table.texts("extensions")) {
    Result<std::string> name = parse_identifier(each.value);
    if (name)
      role.extensions.push_back(std::move(name).value());
    else
      table.error(each.place, name.error().message, name.error().hint);
  }
  std::sort(role.functions.begin(), role.functions.end());
  std::sort(role.settings.begin(), role.settings.end());
  std::sort(role.extensions.begin(), role.extensions.end());
}

void read_permissions(Table& table, MaskReader& masks,
                      const std::vector<ClassifiedTable>& classified, Role& role) {
  role.unrestricted = table.boolean("unrestricted", false);
  read_lists(table, role);
  for (Table& rule : table.tables("allow")) role.rules.push_back(read_rule(rule));
  masks.read_role(table, classified, role);
  read_scopes(table, role);
  if (!role.unrestricted) {
    if (role.rules.empty())
      table.warning(table.place(),
                    fmt::format("role {} has no rule and permits nothing", in_quotes(role.name)),
                    fmt::format("add [[{}.allow]]", table.path()));
    return;
  }
  role.source = table.place_of("unrestricted").line_reference();
  table.warning(table.place_of("unrestricted"),
                fmt::format("role {} is UNRESTRICTED: whatever it sends reaches the store",
                            in_quotes(role.name)),
                "give this role to administrators only");
  for (const std::string_view key :
       {"allow", "functions", "settings", "extensions", "scope", "mask", "mask_columns"})
    if (table.has(key))
      table.error(table.place_of(key),
                  fmt::format("role {} is unrestricted and has \"{}\"", in_quotes(role.name), key),
                  fmt::format("remove either \"{}\" or unrestricted = true", key));
}

}  // namespace

std::vector<Role> read_roles(Table& root, const fs::path& folder,
                             const std::vector<Upstream>& upstreams,
                             const std::vector<Issuer>& issuers, MaskReader& masks,
                             const std::vector<ClassifiedTable>& classified) {
  std::vector<Role> roles;
  root.require("role");
  for (Table::Named& named : root.named_tables("role")) {
    check_name(named);
    Table& table = named.table;
    Role role;
    role.index = static_cast<std::uint32_t>(roles.size());
    role.name = named.name;
    role.place = table.place();
    role.source = role.place.line_reference();
    role.description = table.text("description");
    read_role_upstreams(table, upstreams, role);
    role.groups = read_principals(table, "groups", issuers);
    role.subjects = read_principals(table, "subjects", issuers);
    read_store_user(table, folder, upstreams, role);
    read_permissions(table, masks, classified, role);
    table.finish();
    roles.push_back(std::move(role));
  }
  return roles;
}

}  // namespace tracegate::policy
