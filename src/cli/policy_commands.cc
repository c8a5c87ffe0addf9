#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "src/base/utf8.h"
#include "src/cli/commands.h"
#include "src/config/table.h"
#include "src/policy/judge.h"
#include "src/policy/planner.h"
#include "src/policy/policy.h"
#include "src/server/store_connection.h"
#include "src/sql/analysis.h"
#include "src/store/catalog_loader.h"

namespace tracegate::cli {
namespace {

void print(const std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Diagnostic& diagnostic : diagnostics)
    std::fprintf(stderr, "%s\n", diagnostic.to_string().c_str());
}

// The catalog of the first host of the store that answers.
Result<std::shared_ptr<const catalog::Catalog>> load_catalog(const policy::Upstream& upstream) {
  Error last("it has no hosts");
  for (const config::Endpoint& host : upstream.hosts) {
    auto loaded = store::load_catalog(server::connection_to(upstream, host), 1, {});
    if (loaded.ok()) return loaded->catalog;
    last = std::move(loaded).error();
  }
  return std::move(last).with_context("upstream " + upstream.name);
}

// "name=value,value". Later ones add to earlier ones of that name.
Result<policy::Claims> parse_claims(const std::vector<std::string>& texts) {
  policy::Claims claims;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error(config::in_quotes(text) + " is not a claim; write name=value,value");
    std::vector<std::string>& values = claims[text.substr(0, equals)];
    for (std::size_t at = equals + 1; at < text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      if (end > at) values.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return claims;
}

Result<policy::Claims> read_claims(const ExplainOptions& options) {
  Result<policy::Claims> claims = parse_claims(options.claims);
  if (!claims.ok() || !options.claims_file) return claims;
  config::Diagnostics diagnostics;
  std::ifstream file(*options.claims_file);
  if (!file) return Error("cannot read " + options.claims_file->string());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const config::Value value =
      config::parse_document(text, options.claims_file->filename().string(), diagnostics);
  config::Table table(value, "", diagnostics);
  for (const std::string_view name : table.keys()) {
    std::vector<std::string> values;
    for (const auto& each : table.texts(name)) values.push_back(each.value);
    claims->emplace(name, std::move(values));
  }
  if (!diagnostics.has_errors()) return claims;
  print(diagnostics.list());
  return Error("the claims cannot be used");
}

}  // namespace

int check(const std::filesystem::path& policies) {
  const policy::LoadedPolicy loaded = policy::load(policies, PolicyVersion{1});
  print(loaded.diagnostics);
  if (!loaded.ok()) return 1;
  bool good = true;
  for (const policy::Upstream& upstream : loaded.snapshot->upstreams) {
    const auto catalog = load_catalog(upstream);
    if (!catalog.ok()) {
      std::fprintf(stderr, "note: tables were not checked: %s\n", catalog.error().message.c_str());
      continue;
    }
    const auto diagnostics = policy::check_tables(*loaded.snapshot, upstream, **catalog);
    print(diagnostics);
    good = good && std::none_of(diagnostics.begin(), diagnostics.end(), [](const auto& each) {
             return each.severity == config::Severity::kError;
           });
  }
  if (good) std::fprintf(stderr, "the policy is in order\n");
  return good ? 0 : 1;
}

int explain(const ExplainOptions& options) {
  const policy::LoadedPolicy loaded = policy::load(options.policies, PolicyVersion{1});
  if (!loaded.ok()) {
    print(loaded.diagnostics);
    return 1;
  }
  const policy::Snapshot& policy = *loaded.snapshot;
  const policy::Role* role = policy.find_role(options.role);
  if (role == nullptr) {
    std::fprintf(stderr, "there is no role \"%s\"\n", options.role.c_str());
    return 1;
  }
  const policy::Upstream* upstream =
      policy.find_upstream(options.upstream.value_or(role->upstreams.front()));
  if (upstream == nullptr || !role->may_use(*upstream)) {
    std::fprintf(stderr, "the role \"%s\" may not use that upstream\n", options.role.c_str());
    return 1;
  }
  const auto catalog = load_catalog(*upstream);
  if (!catalog.ok()) {
    std::fprintf(stderr, "%s\n", catalog.error().message.c_str());
    return 1;
  }
  const Result<policy::Claims> claims = read_claims(options);
  if (!claims.ok()) {
    std::fprintf(stderr, "%s\n", claims.error().message.c_str());
    return 1;
  }
  policy::Planner planner(loaded.snapshot);
  const policy::PlanRef plan =
      planner.plan(*role, *upstream, **catalog, planner.intern(*role, *claims), options.sql,
                   policy::Origin::kSimple);
  // The operator may know what the role may not: names are looked up in the whole catalog.
  const sql::Analysis analysis = is_valid_utf8(options.sql)
                                     ? sql::analyze(options.sql, **catalog, upstream->search_path)
                                     : sql::Analysis{};
  std::printf("%s", policy::explain(*plan, analysis).c_str());
  return plan->denial ? 1 : 0;
}

}  // namespace tracegate::cli
