// [user.NAME], [user.NAME.claims]. docs/policy.md is the reference; a key added here is added
// there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/load_parts.h"
#include "src/policy/scram_verifier.h"

namespace tracegate::policy {
namespace {

namespace fs = std::filesystem;
using config::in_quotes;
using config::Located;
using config::Table;

void read_verifier(Table& table, const fs::path& folder, LocalUser& user) {
  const bool in_file = table.has("verifier_file");
  const std::string_view key = in_file ? "verifier_file" : "verifier";
  user.verifier = in_file ? read_secret(table, key, folder) : Secret(table.text("verifier"));
  if (in_file && table.has("verifier"))
    table.error(table.place_of("verifier"), "both \"verifier\" and \"verifier_file\" are given");
  if (!in_file) table.require("verifier");
  if (user.verifier.empty()) return;
  const Result<std::uint32_t> iterations = check_scram_verifier(user.verifier.reveal());
  if (!iterations)
    table.error(table.place_of(key), iterations.error().message, iterations.error().hint);
  else if (*iterations < kFewestScramIterations)
    table.warning(table.place_of(key), fmt::format("the verifier has {} iterations", *iterations),
                  fmt::format("RFC 7677 asks for {} at least", kFewestScramIterations));
}

void check_window(Table& claims, std::string_view name) {
  const std::vector<Located<std::string>> values = claims.texts(name);
  for (const Located<std::string>& each : values)
    if (const Result<TimeWindow> window = parse_window(each.value); !window)
      claims.error(each.place, window.error().message, window.error().hint);
  if (values.size() > 1)
    claims.error(
        values[1].place,
        fmt::format("claim {} is a window of time and has several values", in_quotes(name)),
        "give one: \"FROM/TO\"");
}

// Whether the claims and the scopes of the user's role fit together.
void check_claims(Table& table, Table* claims, const Role& role, const LocalUser& user) {
  std::set<std::string_view> named;
  std::set<std::string_view> windows;
  for (const Scope& scope : role.scopes) {
    if (scope.in_namespace && !scope.in_namespace->claim.empty())
      named.insert(scope.in_namespace->claim);
    if (scope.in_time && !scope.in_time->claim.empty()) windows.insert(scope.in_time->claim);
  }
  named.insert(windows.begin(), windows.end());
  const std::vector<std::string_view> known(named.begin(), named.end());
  for (const std::string_view name : known) {
    if (!user.claims.contains(name))
      table.warning(table.place(),
                    fmt::format("user {} has no claim {}, by which role {} limits rows: it sees "
                                "none of them",
                                in_quotes(user.name), in_quotes(name), in_quotes(role.name)),
                    fmt::format("add it to [{}.claims]", table.path()));
    else if (claims && windows.contains(name))
      check_window(*claims, name);
  }
  if (!claims) return;
  for (const auto& [name, values] : user.claims)
    if (!named.contains(name))
      claims->warning(
          claims->place_of(name),
          fmt::format("no scope of role {} names claim {}", in_quotes(role.name), in_quotes(name)),
          config::suggest(name, known));
}

void read_claims(Table& table, const std::vector<Role>& roles, LocalUser& user) {
  std::optional<Table> claims = table.table("claims");
  if (claims) {
    for (const std::string_view name : claims->keys()) {
      claims->refuse_empty_list(name);
      std::vector<std::string> values;
      for (const Located<std::string>& each : claims->texts(name)) values.push_back(each.value);
      user.claims.emplace(name, std::move(values));
    }
  }
  const auto role = std::find_if(roles.begin(), roles.end(),
                                 [&](const Role& each) { return each.name == user.role; });
  if (role != roles.end()) check_claims(table, claims ? &*claims : nullptr, *role, user);
}

}  // namespace

std::vector<LocalUser> read_users(Table& root, const fs::path& folder,
                                  const std::vector<Role>& roles) {
  std::vector<std::string_view> known;
  for (const Role& role : roles) known.push_back(role.name);
  std::vector<LocalUser> users;
  for (Table::Named& named : root.named_tables("user")) {
    check_name(named);
    Table& table = named.table;
    LocalUser user;
    user.name = named.name;
    user.role = table.required_text("role");
    if (!user.role.empty() && std::find(known.begin(), known.end(), user.role) == known.end())
      table.error(table.place_of("role"), fmt::format("unknown role {}", in_quotes(user.role)),
                  config::suggest(user.role, known));
    read_verifier(table, folder, user);
    read_claims(table, roles, user);
    table.finish();
    users.push_back(std::move(user));
  }
  return users;
}

}  // namespace tracegate::policy
