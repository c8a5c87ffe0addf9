// The wording of refusals: PostgreSQL's own where it has one, a hint that names role and rule and
// says whom to ask. Private to src/policy; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/catalog/catalog.h"
#include "src/policy/plan.h"
#include "src/policy/policy.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

// 1-based position in characters of byte offset `location` in valid UTF-8; 0 for a negative one.
[[nodiscard]] std::int32_t character_position(std::string_view text, std::int32_t location);

[[nodiscard]] Denial deny_syntax_error(const sql::SyntaxError& error);
[[nodiscard]] Denial deny_refused(const Role& role, const sql::Refusal& refusal,
                                  std::string_view text);
[[nodiscard]] Denial deny_operation(const Role& role, sql::Operation operation);
// What no rule can permit to a role with scopes.
[[nodiscard]] Denial deny_scoped(const Role& role, sql::Operation operation, std::string_view why);
// A write to a relation of which rules of the store would make something else.
[[nodiscard]] Denial deny_rewritten(const Role& role, sql::Operation operation,
                                    const catalog::Relation& relation);
[[nodiscard]] Denial deny_class(const Role& role, sql::StatementClass statement_class);
[[nodiscard]] Denial deny_function(const Role& role, std::string_view function);
// Of something that a permitted name, symbol or cast may mean as well.
[[nodiscard]] Denial deny_user_defined(const Role& role, const sql::UserDefined& defined);
[[nodiscard]] Denial deny_setting(Error refusal);
// `narrower`: a rule for this operation and table whose columns do not suffice; then `column` is
// one that is missing, empty for the whole row. Null: no rule at all.
[[nodiscard]] Denial deny_need(const Role& role, const sql::Need& need,
                               const catalog::Relation* relation, const Rule* narrower,
                               std::string_view column);
// For a text that is not UTF-8 or has a NUL.
[[nodiscard]] Denial deny_invalid_utf8(std::string_view text);

}  // namespace tracegate::policy
