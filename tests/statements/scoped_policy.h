// A policy from the text of a roles file, over the catalog of a database of a test's cluster: what
// the gateway does with a text of a role.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/policy/planner.h"
#include "tests/policy/policy_folder.h"
#include "tests/support/postgres.h"

namespace tracegate::statements {

class ScopedPolicy {
 public:
  // Terminates, and says why, if the policy is not one or the catalog cannot be loaded.
  ScopedPolicy(const test::PostgresCluster& cluster, const std::string& database,
               std::string_view roles);

  [[nodiscard]] policy::PlanRef plan(std::string_view role, std::string_view text);
  // What the store receives; the text must be permitted.
  [[nodiscard]] std::string sent(std::string_view role, std::string_view text);

 private:
  policy::PolicyFolder folder_;
  policy::SnapshotRef snapshot_;
  std::shared_ptr<const catalog::Catalog> catalog_;
  std::unique_ptr<policy::Planner> planner_;
};

}  // namespace tracegate::statements
