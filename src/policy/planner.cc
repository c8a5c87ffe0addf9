#include "src/policy/planner.h"

#include "src/base/result.h"
#include "src/base/utf8.h"
#include "src/policy/judge.h"
#include "src/policy/plan_cache.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

Planner::Planner(SnapshotRef snapshot)
    : snapshot_(std::move(snapshot)),
      cache_(std::make_unique<PlanCache>(snapshot_->limits.plan_cache.value)) {}

Planner::~Planner() = default;

void Planner::use(SnapshotRef snapshot) {
  snapshot_ = std::move(snapshot);
  cache_->clear(snapshot_->limits.plan_cache.value);
}

PlanRef Planner::plan(const Role& role, const Upstream& upstream, const catalog::Catalog& catalog,
                      std::string_view text, Origin origin) {
  // Indexes stand for roles in the cache's keys: one of another snapshot would lead to the plan of
  // another role.
  TG_CHECK(role.index < snapshot_->roles.size() && &snapshot_->roles[role.index] == &role,
           "role of another policy snapshot");
  TG_CHECK(upstream.index < snapshot_->upstreams.size() &&
               &snapshot_->upstreams[upstream.index] == &upstream,
           "upstream of another policy snapshot");

  const PlanCache::Key key = cache_->make_key(role.index, upstream.index, catalog.version(), text);
  if (const PlanRef* held = cache_->find(key)) {
    ++statistics_.hits;
    return *held;
  }
  ++statistics_.misses;
  PlanRef plan;
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    plan = refuse_invalid_utf8(snapshot_->version, text);
  else
    plan = judge(snapshot_->version, role, upstream, catalog, text,
                 sql::analyze(text, catalog, upstream.search_path));
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
