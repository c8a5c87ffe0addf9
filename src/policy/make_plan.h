// From a text to its plan: parsed, judged and, for a scoped role, rewritten. What the Planner
// remembers, made anew; also for `tracegate explain`. Pure functions, thread-safe as `views` is.
#pragma once

#include <string_view>

#include "src/base/ids.h"
#include "src/catalog/catalog.h"
#include "src/policy/plan.h"
#include "src/policy/policy.h"
#include "src/policy/role_views.h"

namespace tracegate::policy {

// `catalog` is that of `upstream`. `views` are those of the role, made from `catalog`; null unless
// the role is scoped. Never null.
//
// For a scoped role, a relation that no rule of the role is about is answered as one that the store
// does not have: 42P01 with its position, the name as the client wrote it, and a hint that says for
// both that it may be a matter of rights. Denial::reason tells them apart, for the record.
[[nodiscard]] PlanRef make_plan(PolicyVersion version, const Role& role, const Upstream& upstream,
                                const catalog::Catalog& catalog, const RoleViews* views,
                                std::string_view text, ParameterTypes parameter_types = {});

}  // namespace tracegate::policy
