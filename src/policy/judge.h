// Judging: what a role may do with a text. Default deny: whatever no rule of the role permits, and
// whatever the analysis did not understand, is refused.
//
// Each Need of a statement must be covered by rules of its operation on its table. If no single
// rule covers its columns, the columns of all such rules count together. A whole-row use needs a
// rule without `columns`, or rules that list every column the table has. Functions, operators,
// types and casts are judged by calls.h.
//
// A scoped role reads tables through views. What a view does not show does not exist for it, which
// is for the store to say: columns that are only read are not judged, unless the statement writes
// the same table and so refers to the table itself. What would tell of all rows (EXPLAIN, TRUNCATE,
// maintenance) is refused.
//
// Unrestricted roles may do everything; only what the statement does is taken from the analysis.
// Pure functions, thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/base/ids.h"
#include "src/catalog/catalog.h"
#include "src/policy/plan.h"
#include "src/policy/policy.h"
#include "src/sql/analysis.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {

// The plan for `text`, of which `analysis` is the analysis with `catalog` and upstream.search_path.
// For a scoped role, `catalog` is what is shown to it and `views` are its views; for every other,
// the store's catalog and null. Never null; the text is not rewritten.
[[nodiscard]] std::shared_ptr<Plan> judge(PolicyVersion version, const Role& role,
                                          const Upstream& upstream, const catalog::Catalog& catalog,
                                          std::string_view text, const sql::Analysis& analysis,
                                          const sql::Views* views = nullptr);

// Why a scoped role may never do it, whatever its rules; empty if they decide.
[[nodiscard]] std::string_view why_not_scoped(sql::Operation operation);

// The plan for a text that is not valid UTF-8: refused with 22021 for every role.
[[nodiscard]] PlanRef refuse_invalid_utf8(PolicyVersion version, std::string_view text);

// Several lines for a person: verdict, rule, and for each statement of `analysis`, from which the
// plan was made, what it is, does, reads and writes; then what the store receives, and what is
// recorded.
[[nodiscard]] std::string explain(const Plan& plan, const sql::Analysis& analysis);

}  // namespace tracegate::policy
