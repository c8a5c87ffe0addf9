// Refusals that the session makes by itself, whatever the policy says, and plans for what it does
// not know. Texts are PostgreSQL's own where PostgreSQL has the same refusal.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "proto_pg/bytes.h"
#include "src/policy/plan.h"
#include "src/session/names.h"

namespace tracegate::session {

using DenialRef = std::shared_ptr<const policy::Denial>;

[[nodiscard]] DenialRef no_such_statement(std::string_view name);
[[nodiscard]] DenialRef no_such_portal(std::string_view name);
[[nodiscard]] DenialRef no_such_cursor(std::string_view name);
[[nodiscard]] DenialRef too_many_names();
// A type that Parse declares for a parameter.
[[nodiscard]] DenialRef parameter_type_refused(std::uint32_t type_oid);
[[nodiscard]] DenialRef too_many_statements();
[[nodiscard]] DenialRef too_deep();
[[nodiscard]] DenialRef indirect_utility_refused();
[[nodiscard]] DenialRef function_call_refused();
// EXECUTE of a statement whose tag must say another number than the store's.
[[nodiscard]] DenialRef blind_execute_refused();
// Of statements whose rows are masked:
// A Bind above FrameLimits::hold_bind, which has the formats of the rows at its end.
[[nodiscard]] DenialRef masked_bind_too_long();
// Formats that PostgreSQL refuses itself, in its words.
[[nodiscard]] DenialRef unsupported_format(proto::FormatCode format);
[[nodiscard]] DenialRef wrong_number_of_formats(std::size_t formats, std::size_t columns);
// A portal runs EXECUTE or FETCH, and the name stands for another statement than at its Bind.
[[nodiscard]] DenialRef portal_has_changed(std::string_view name);
// COPY in text with a NULL that a value can be (mask::null_is_ambiguous).
[[nodiscard]] DenialRef ambiguous_null();
// A prepared text of several statements, which PostgreSQL does not have.
[[nodiscard]] DenialRef several_masked_statements();
// The denial of a plan that has one; shares ownership of the plan.
[[nodiscard]] inline DenialRef denial_of(const policy::PlanRef& plan) {
  return plan->denial ? DenialRef(plan, &*plan->denial) : nullptr;
}

// A value that a rewritten statement was about to write is outside the role's scope.
[[nodiscard]] const policy::Denial& row_out_of_scope();

// `judged` refused: the store has something else under the name, made under another policy.
[[nodiscard]] policy::PlanRef stale_plan(const policy::Plan& judged, NameSpace space,
                                         std::string_view name);

// What runs when the session does not know what runs: an unrestricted role's portal that a function
// made, or a FunctionCall. It has a statement and no text.
[[nodiscard]] policy::PlanRef opaque_plan(PolicyVersion version,
                                          sql::StatementClass statement_class);
[[nodiscard]] inline bool is_opaque(const policy::Plan& plan) {
  return plan.text.empty() && !plan.statements.empty();
}

}  // namespace tracegate::session
