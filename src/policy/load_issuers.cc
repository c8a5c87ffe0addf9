// [issuer.NAME], [issuer.NAME.claims], `groups` and `subjects` of [role.NAME]. docs/policy.md is
// the reference; a key added here is added there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/load_parts.h"

namespace tracegate::policy {
namespace {

namespace fs = std::filesystem;
using config::in_quotes;
using config::Located;
using config::Table;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

// "a.b", or a list of names of which any may have dots: ["https://acme.example/claims", "teams"].
identity::ClaimPath read_claim_path(Table& table, std::string_view key) {
  if (!table.is_text(key)) {
    table.refuse_empty_list(key);
    identity::ClaimPath names;
    for (Located<std::string>& name : table.texts(key)) names.push_back(std::move(name.value));
    return names;
  }
  Result<identity::ClaimPath> path = identity::parse_claim_path(table.text(key));
  if (path.ok()) return *std::move(path);
  table.error(table.place_of(key), path.error().message, path.error().hint);
  return {};
}

void read_claim_path(Table& table, std::string_view key, identity::ClaimPath& path) {
  if (table.has(key)) path = read_claim_path(table, key);
}

void read_algorithms(Table& table, identity::IssuerRules& rules) {
  if (!table.has("algorithms")) return;
  table.refuse_empty_list("algorithms");
  rules.algorithms.clear();
  for (const Located<std::string>& each : table.texts("algorithms")) {
    if (const auto algorithm = crypto::signature_algorithm_from_string(each.value))
      rules.algorithms.push_back(*algorithm);
    else
      table.error(each.place, fmt::format("unknown algorithm {}", in_quotes(each.value)),
                  "RS, PS or ES with 256, 384 or 512, or EdDSA; nothing else is ever accepted");
  }
}

void read_token_types(Table& table, identity::IssuerRules& rules) {
  if (table.has("token_types")) {
    table.refuse_empty_list("token_types");
    rules.token_types.clear();
    for (Located<std::string>& each : table.texts("token_types"))
      rules.token_types.push_back(std::move(each.value));
  }
  if (table.boolean("untyped_tokens", false)) rules.token_types.emplace_back();
}

// [issuer.NAME.require]: claims and the value that each must have.
void read_required(Table& table, identity::IssuerRules& rules) {
  std::optional<Table> required = table.table("require");
  if (!required) return;
  for (const std::string_view name : required->keys()) {
    Result<identity::ClaimPath> path = identity::parse_claim_path(name);
    if (!path.ok())
      required->error(required->place_of(name), path.error().message, path.error().hint);
    else
      rules.require.push_back({*std::move(path), required->text(name)});
  }
}

void read_times(Table& table, Issuer& issuer) {
  constexpr Milliseconds kLongest = 24h;
  issuer.rules.max_lifetime = table.duration("max_lifetime", {1min, kLongest}, 1h);
  if (table.has("max_age")) issuer.rules.max_age = table.duration("max_age", {1min, kLongest}, 1h);
  issuer.rules.clock_skew = table.duration("clock_skew", {0s, 5min}, 30s);
  issuer.refresh = table.duration("refresh", {1min, kLongest}, 10min);
  issuer.max_stale = table.duration("max_stale", {1min, 7 * kLongest}, 1h);
  if (issuer.max_stale < issuer.refresh)
    table.error(table.place_of("max_stale"), "\"max_stale\" is shorter than \"refresh\"",
                "keys would be dropped before they are fetched again");
}

// Who answers for the keys has to be known to be the issuer.
void check_address(Table& table, std::string_view key, std::string_view url) {
  const bool is_loopback = url.starts_with("http://127.0.0.1:") ||
                           url.starts_with("http://[::1]:") || url.starts_with("http://localhost:");
  if (url.empty() || url.starts_with("https://")) return;
  if (is_loopback)
    table.warning(table.place_of(key), fmt::format("\"{}\" is not https", key),
                  "for tests on this machine only");
  else
    table.error(table.place_of(key), fmt::format("\"{}\" is not https", key));
}

Issuer read_issuer(Table::Named& named, const fs::path& folder) {
  Table& table = named.table;
  Issuer issuer;
  issuer.place = table.place();
  identity::IssuerRules& rules = issuer.rules;
  rules.name = named.name;
  rules.url = table.required_text("url");
  issuer.jwks_url = table.text("jwks_url");
  if (issuer.jwks_url.empty())
    check_address(table, "url", rules.url);
  else
    check_address(table, "jwks_url", issuer.jwks_url);
  issuer.ca_file = read_path(table, "ca_file", folder);
  table.require("audience");
  table.refuse_empty_list("audience");
  for (Located<std::string>& each : table.texts("audience"))
    rules.audience.push_back(std::move(each.value));
  table.refuse_empty_list("authorized_parties");
  for (Located<std::string>& each : table.texts("authorized_parties"))
    rules.authorized_parties.push_back(std::move(each.value));
  read_algorithms(table, rules);
  read_token_types(table, rules);
  read_claim_path(table, "subject_claim", rules.subject_claim);
  read_claim_path(table, "groups_claim", rules.groups_claim);
  read_required(table, rules);
  for (const Located<std::string>& each : table.texts("forbid")) {
    Result<identity::ClaimPath> path = identity::parse_claim_path(each.value);
    if (path.ok())
      rules.forbid.push_back(*std::move(path));
    else
      table.error(each.place, path.error().message, path.error().hint);
  }
  read_times(table, issuer);
  (void)table.has("claims");  // read_issuer_claims
  table.finish();
  return issuer;
}

// The names of all claims that scopes of the roles name.
std::set<std::string, std::less<>> claims_of_scopes(const std::vector<Role>& roles) {
  std::set<std::string, std::less<>> names;
  for (const Role& role : roles)
    for (const Scope& scope : role.scopes) {
      if (scope.in_namespace && !scope.in_namespace->claim.empty())
        names.insert(scope.in_namespace->claim);
      if (scope.in_time && !scope.in_time->claim.empty()) names.insert(scope.in_time->claim);
    }
  return names;
}

void read_claims_of(Table& claims, const std::set<std::string, std::less<>>& named,
                    identity::IssuerRules& rules) {
  const std::vector<std::string_view> known(named.begin(), named.end());
  for (const std::string_view name : claims.keys()) {
    if (!named.contains(name))
      claims.warning(claims.place_of(name), fmt::format("no scope names claim {}", in_quotes(name)),
                     config::suggest(name, known));
    rules.claims[std::string(name)] = read_claim_path(claims, name);
  }
}

}  // namespace

std::string Issuer::discovery_url() const {
  const std::string_view base = rules.url;
  return fmt::format("{}/.well-known/openid-configuration",
                     base.ends_with('/') ? base.substr(0, base.size() - 1) : base);
}

std::vector<Issuer> read_issuers(Table& root, const fs::path& folder) {
  std::vector<Issuer> issuers;
  for (Table::Named& named : root.named_tables("issuer")) {
    check_name(named);
    if (named.name.find(':') != std::string::npos)
      named.table.error(named.table.place(),
                        fmt::format("{} cannot be the name of an issuer", in_quotes(named.name)),
                        "\":\" separates it from groups and subjects");
    Issuer issuer = read_issuer(named, folder);
    const auto same_url = std::find_if(issuers.begin(), issuers.end(), [&](const Issuer& each) {
      return !each.rules.url.empty() && each.rules.url == issuer.rules.url;
    });
    if (same_url != issuers.end())
      named.table.error(named.table.place_of("url"),
                        fmt::format("issuers {} and {} have the same url",
                                    in_quotes(same_url->rules.name), in_quotes(named.name)),
                        "a token names its issuer by it");
    issuers.push_back(std::move(issuer));
  }
  return issuers;
}

std::vector<Principal> read_principals(Table& role_table, std::string_view key,
                                       const std::vector<Issuer>& issuers) {
  std::vector<std::string_view> known;
  for (const Issuer& issuer : issuers) known.push_back(issuer.rules.name);
  std::vector<Principal> principals;
  for (const Located<std::string>& each : role_table.texts(key)) {
    const std::size_t colon = each.value.find(':');
    const std::string_view value(each.value);
    if (colon == std::string::npos || colon + 1 == value.size()) {
      role_table.error(each.place, fmt::format("{} does not name an issuer", in_quotes(value)),
                       "write \"ISSUER:VALUE\"");
      continue;
    }
    const std::string_view issuer = value.substr(0, colon);
    if (std::find(known.begin(), known.end(), issuer) == known.end())
      role_table.error(each.place, fmt::format("unknown issuer {}", in_quotes(issuer)),
                       config::suggest(issuer, known));
    principals.push_back({std::string(issuer), std::string(value.substr(colon + 1))});
  }
  std::sort(principals.begin(), principals.end());
  return principals;
}

void read_issuer_claims(Table& root, const std::vector<Role>& roles, std::vector<Issuer>& issuers) {
  const std::set<std::string, std::less<>> named = claims_of_scopes(roles);
  std::vector<Table::Named> tables = root.named_tables("issuer");
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    identity::IssuerRules& rules = issuers[i].rules;
    for (const std::string& name : named) rules.claims[name] = {name};
    if (std::optional<Table> claims = tables[i].table.table("claims"))
      read_claims_of(*claims, named, rules);
  }
}

}  // namespace tracegate::policy
