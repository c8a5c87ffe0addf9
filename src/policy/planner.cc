#include "src/policy/planner.h"

#include <algorithm>

#include "src/base/result.h"
#include "src/policy/make_plan.h"
#include "src/policy/plan_cache.h"
#include "src/policy/views_cache.h"

namespace tracegate::policy {

Planner::Planner(SnapshotRef snapshot)
    : snapshot_(std::move(snapshot)),
      cache_(std::make_unique<PlanCache>(snapshot_->limits.plan_cache.value)),
      views_(std::make_unique<ViewsCache>()) {}

Planner::~Planner() = default;

void Planner::use(SnapshotRef snapshot) {
  views_->clear();  // they borrow the roles of the snapshot that was
  snapshot_ = std::move(snapshot);
  cache_->clear(snapshot_->limits.plan_cache.value);
}

ClaimsRef Planner::intern(const Role& role, const Claims& claims) {
  return claims_.intern(role, claims);
}

PlanRef Planner::plan(const Role& role, const Upstream& upstream, const catalog::Catalog& catalog,
                      const ClaimsRef& claims, std::string_view text, Origin origin,
                      ParameterTypes parameter_types) {
  // Indexes stand for roles in the cache's keys: one of another snapshot would lead to the plan of
  // another role.
  TG_CHECK(role.index < snapshot_->roles.size() && &snapshot_->roles[role.index] == &role,
           "role of another policy snapshot");
  TG_CHECK(upstream.index < snapshot_->upstreams.size() &&
               &snapshot_->upstreams[upstream.index] == &upstream,
           "upstream of another policy snapshot");

  const bool is_declared = std::any_of(parameter_types.begin(), parameter_types.end(),
                                       [](std::uint32_t type) { return type != 0; });
  if (!role.is_scoped() || !is_declared) parameter_types = {};
  const PlanCache::Key key = cache_->make_key(role.index, upstream.index, catalog.version(),
                                              claims->id, text, parameter_types);
  if (const PlanRef* held = cache_->find(key)) {
    ++statistics_.hits;
    return *held;
  }
  ++statistics_.misses;
  const RoleViews* views =
      role.is_scoped() ? &views_->get(role, upstream, catalog, claims) : nullptr;
  PlanRef plan =
      make_plan(snapshot_->version, role, upstream, catalog, views, text, parameter_types);
  const bool remember = origin == Origin::kParse || cache_->seen_before(key);
  if (remember) statistics_.evictions += cache_->insert(key, plan);
  return plan;
}

PlannerStatistics Planner::statistics() const {
  PlannerStatistics now = statistics_;
  now.plans = cache_->size();
  now.bytes = cache_->bytes();
  return now;
}

}  // namespace tracegate::policy
