#include "tests/statements/scoped_policy.h"

#include <cstdlib>
#include <iostream>

#include "src/store/catalog_loader.h"

namespace tracegate::statements {
namespace {

[[noreturn]] void give_up(std::string_view what) {
  std::cerr << what << '\n';
  std::abort();
}

}  // namespace

ScopedPolicy::ScopedPolicy(const test::PostgresCluster& cluster, const std::string& database,
                           std::string_view roles) {
  folder_.roles(roles);
  policy::LoadedPolicy loaded = folder_.load();
  for (const config::Diagnostic& each : loaded.diagnostics)
    if (!loaded.ok()) std::cerr << each.to_string() << '\n';
  if (!loaded.ok()) give_up("the roles cannot be loaded");
  snapshot_ = std::move(loaded.snapshot);
  planner_ = std::make_unique<policy::Planner>(snapshot_);

  store::ConnectionConfig config;
  config.host = "127.0.0.1";
  config.port = cluster.port();
  config.database = database;
  config.user = test::PostgresCluster::superuser();
  config.password = Secret(test::PostgresCluster::password());
  config.tls = store::Tls::kOff;
  Result<store::LoadedCatalog> catalog = store::load_catalog(config, 1);
  if (!catalog) give_up(catalog.error().message);
  catalog_ = std::move(catalog->catalog);
  for (const config::Diagnostic& each :
       policy::check_tables(*snapshot_, snapshot_->upstreams.front(), *catalog_))
    give_up(each.to_string());
}

policy::PlanRef ScopedPolicy::plan(std::string_view role_name, std::string_view text) {
  for (const policy::Role& role : snapshot_->roles)
    if (role.name == role_name)
      return planner_->plan(role, snapshot_->upstreams.front(), *catalog_,
                            planner_->intern(role, {}), text, policy::Origin::kParse);
  give_up("no such role");
}

std::string ScopedPolicy::sent(std::string_view role, std::string_view text) {
  const policy::PlanRef plan = this->plan(role, text);
  if (plan->denial) give_up(std::string(text) + ": " + plan->denial->message);
  return plan->store_text.empty() ? plan->text : plan->store_text;
}

}  // namespace tracegate::statements
