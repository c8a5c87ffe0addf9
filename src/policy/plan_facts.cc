#include "src/policy/plan_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/bytes.h"
#include "src/crypto/digest.h"

namespace tracegate::policy {
namespace {

using sql::StatementClass;

// Changes data, or stands for a statement that may.
bool may_write(const sql::Statement& statement) {
  return statement.writes || statement.statement_class == StatementClass::kExecute ||
         (statement.inner && may_write(*statement.inner));
}

// What was not understood may hold anything.
bool may_hold_values(const sql::Statement& statement) {
  return statement.has_constants || statement.statement_class == StatementClass::kUnknown ||
         (statement.inner && may_hold_values(*statement.inner));
}

// Whether values in the text may be values of traces. The text is recorded as one: where any
// statement writes, values stand in none.
bool may_carry_values(const std::vector<sql::Statement>& statements) {
  return std::any_of(statements.begin(), statements.end(), may_write) &&
         std::any_of(statements.begin(), statements.end(), may_hold_values);
}

void record(Plan& plan, std::string text) {
  plan.recorded_text = std::move(text);
  plan.text_hash = crypto::sha256(as_bytes(plan.recorded_text));
}

std::string placeholder(std::string_view text, std::string_view what) {
  return fmt::format("/* {} bytes that {} */", text.size(), what);
}

void record_analysed(Plan& plan, const sql::Analysis& analysis) {
  if (analysis.syntax_error) return record(plan, placeholder(plan.text, "do not parse"));
  if (!may_carry_values(analysis.statements)) return record(plan, plan.text);
  std::string without_values = sql::replace_constants(plan.text);
  if (without_values.empty())
    without_values = placeholder(plan.text, "cannot be shown without values");
  record(plan, std::move(without_values));
}

StatementPlan plan_of(const sql::Statement& statement, std::string rule) {
  StatementPlan plan;
  plan.statement_class = statement.statement_class;
  plan.writes = statement.writes;
  // What the analysis did not understand reaches the store for unrestricted roles only.
  plan.may_copy_in = statement.copies_in || statement.refusal.has_value() ||
                     statement.statement_class == StatementClass::kUnknown;
  plan.name_action = statement.name_action;
  plan.name = statement.name;
  plan.with_hold = statement.with_hold;
  plan.copy_out = statement.copy_format;
  plan.rule = std::move(rule);
  return plan;
}

void append(Plan& plan, StatementPlan statement) {
  plan.writes = plan.writes || statement.writes;
  plan.may_copy_in = plan.may_copy_in || statement.may_copy_in;
  plan.statements.push_back(std::move(statement));
}

// What PREPARE or DECLARE stores. It is recorded under the text that stored it.
PlanRef plan_inner(const Plan& outer, const sql::Statement& inner, const std::string& rule) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = outer.policy_version;
  plan->catalog_version = outer.catalog_version;
  plan->text = outer.text;
  plan->recorded_text = outer.recorded_text;
  plan->text_hash = outer.text_hash;
  append(*plan, plan_of(inner, rule));
  return plan;
}

}  // namespace

std::shared_ptr<Plan> begin_plan(PolicyVersion version, std::uint64_t catalog_version,
                                 std::string_view text, const sql::Analysis& analysis) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = version;
  plan->catalog_version = catalog_version;
  plan->text = text;
  record_analysed(*plan, analysis);
  return plan;
}

void add_statement(Plan& plan, const sql::Statement& statement, const std::string& rule) {
  StatementPlan result = plan_of(statement, rule);
  const bool stores = statement.statement_class == StatementClass::kPrepare ||
                      statement.statement_class == StatementClass::kDeclareCursor;
  if (stores && statement.inner) result.inner = plan_inner(plan, *statement.inner, rule);
  append(plan, std::move(result));
}

std::shared_ptr<Plan> plan_of_invalid_utf8(PolicyVersion version, std::string_view text) {
  auto plan = std::make_shared<Plan>();
  plan->policy_version = version;
  plan->text = text;
  record(*plan, placeholder(text, "are not valid UTF-8"));
  append(*plan, plan_of(sql::Statement{}, "default"));
  return plan;
}

}  // namespace tracegate::policy
