// From (role, claims, store, text) to a Plan, remembered: a text is parsed, judged and rewritten
// once for each policy version, role, store, catalog version and, where the role's scopes name
// claims, set of claims.
//
// A text of several statements is one plan. If any of them is refused, all of it is refused before
// anything reaches the store. (PostgreSQL would run those before the refused one, and undo them, as
// such a text is one transaction, unless the text commits on its own; refusing whole never does
// less than what was refused.)
//
// Memory: plans are kept in least-recently-used order within limits.plan_cache bytes. Text of a
// Parse message is remembered at once; text of a Query message at its second sighting, so that a
// stream of one-off texts does not drive out what is used. A text larger than 1/8 of the cache is
// never kept.
//
// Threading: one Planner for each worker; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/catalog/catalog.h"
#include "src/policy/claims.h"
#include "src/policy/plan.h"
#include "src/policy/policy.h"

namespace tracegate::policy {

// The message that a text came in.
enum class Origin : std::uint8_t { kSimple, kParse };

struct PlannerStatistics {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;
  std::size_t plans = 0;  // now held
  std::size_t bytes = 0;  // now held, estimated
};

class PlanCache;
class ViewsCache;

class Planner {
 public:
  explicit Planner(SnapshotRef snapshot);
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;
  ~Planner();

  // After a reload. Forgets every plan; those that sessions hold stay valid, under their version.
  void use(SnapshotRef snapshot);
  [[nodiscard]] const SnapshotRef& snapshot() const { return snapshot_; }

  // What a session of `role` has to give to plan(): once, and again after each use(), because other
  // scopes may name other claims. Never null.
  [[nodiscard]] ClaimsRef intern(const Role& role, const Claims& claims);

  // `role` and `upstream` must belong to snapshot(), `catalog` to `upstream`, and `claims` come
  // from intern(); claims that it left out count as not there, so that what is out of date shows
  // less. `parameter_types` only matter for scoped roles: whether a comparison with a parameter can
  // fail depends on its type. The catalog is only read during the call; its version tells it from
  // other catalogs of the same upstream. Never null.
  [[nodiscard]] PlanRef plan(const Role& role, const Upstream& upstream,
                             const catalog::Catalog& catalog, const ClaimsRef& claims,
                             std::string_view text, Origin origin,
                             ParameterTypes parameter_types = {});

  [[nodiscard]] PlannerStatistics statistics() const;

 private:
  SnapshotRef snapshot_;
  std::unique_ptr<PlanCache> cache_;
  std::unique_ptr<ViewsCache> views_;
  ClaimsTable claims_;
  PlannerStatistics statistics_;
};

}  // namespace tracegate::policy
