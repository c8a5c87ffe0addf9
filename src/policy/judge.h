// Judging: what a role may do with a text. Default deny: whatever no rule of the role permits, and
// whatever the analysis did not understand, is refused.
//
// Each Need of a statement must be covered by rules of its operation on its table. If no single
// rule covers its columns, the columns of all such rules count together. A whole-row use needs a
// rule without `columns`, or rules that list every column the table has. Functions, operators,
// types and casts are judged by calls.h.
//
// Unrestricted roles may do everything; only what the statement does is taken from the analysis.
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "src/base/ids.h"
#include "src/catalog/catalog.h"
#include "src/policy/plan.h"
#include "src/policy/policy.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

// The plan for `text`, of which `analysis` is the analysis with upstream.search_path.
[[nodiscard]] PlanRef judge(PolicyVersion version, const Role& role, const Upstream& upstream,
                            const catalog::Catalog& catalog, std::string_view text,
                            const sql::Analysis& analysis);

// The plan for a text that is not valid UTF-8: refused with 22021 for every role.
[[nodiscard]] PlanRef refuse_invalid_utf8(PolicyVersion version, std::string_view text);

// Several lines for a person: verdict, rule, and for each statement what it is and does.
[[nodiscard]] std::string explain(const Plan& plan);

}  // namespace tracegate::policy
