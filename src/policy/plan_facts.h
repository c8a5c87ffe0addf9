// What a plan says beyond the verdict: what is recorded of the text, and what each statement does.
// Private to src/policy; pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/ids.h"
#include "src/policy/plan.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

// A plan without statements, which add_statement() adds in order. Never null.
[[nodiscard]] std::shared_ptr<Plan> begin_plan(PolicyVersion version, std::uint64_t catalog_version,
                                               std::string_view text,
                                               const sql::Analysis& analysis);
// `rule`: where what permits or refuses it stands.
void add_statement(Plan& plan, const sql::Statement& statement, const std::string& rule);

// For a text that cannot be analysed: one unknown statement. Never null.
[[nodiscard]] std::shared_ptr<Plan> plan_of_invalid_utf8(PolicyVersion version,
                                                         std::string_view text);

}  // namespace tracegate::policy
