#include <cstdio>

#include "src/cli/commands.h"
#include "src/policy/judge.h"
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
    good = good && diagnostics.empty();
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
  const sql::Analysis analysis = sql::analyze(options.sql, **catalog, upstream->search_path);
  const policy::PlanRef plan =
      policy::judge(policy.version, *role, *upstream, **catalog, options.sql, analysis);
  std::printf("%s", policy::explain(*plan).c_str());
  return plan->denial ? 1 : 0;
}

}  // namespace tracegate::cli
