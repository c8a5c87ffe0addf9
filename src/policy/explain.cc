#include <fmt/format.h>

#include "src/policy/judge.h"

namespace tracegate::policy {
namespace {

std::string_view describe(sql::NameAction action) {
  switch (action) {
    case sql::NameAction::kNone:
      return "";
    case sql::NameAction::kPrepare:
      return "prepares statement";
    case sql::NameAction::kExecute:
      return "executes statement";
    case sql::NameAction::kDeallocate:
      return "deallocates statement";
    case sql::NameAction::kDeallocateAll:
      return "deallocates every statement";
    case sql::NameAction::kDeclare:
      return "declares cursor";
    case sql::NameAction::kFetch:
      return "fetches from cursor";
    case sql::NameAction::kClose:
      return "closes cursor";
    case sql::NameAction::kCloseAll:
      return "closes every cursor";
    case sql::NameAction::kUnknown:
      return "may change any name";
    case sql::NameAction::kDiscardAll:
      return "discards the state of the session";
  }
  return "";
}

// "2, 5", from 1.
std::string masked(const mask::RowMasks& masks) {
  std::string places;
  for (std::size_t i = 0; i < masks.outputs.size(); ++i)
    if (masks.outputs[i].mask) places += (places.empty() ? "" : ", ") + std::to_string(i + 1);
  return places;
}

std::string explain_statement(const StatementPlan& statement) {
  std::string line = fmt::format("{}, {}", sql::to_string(statement.statement_class),
                                 statement.writes ? "writes" : "reads");
  if (statement.may_copy_in) line += ", may take copy data";
  if (const std::string_view action = describe(statement.name_action); !action.empty()) {
    line.append(", ").append(action);
    if (!statement.name.empty()) line.append(" \"").append(statement.name).append("\"");
    if (statement.with_hold) line += " with hold";
  }
  line.append("; rule: ").append(statement.rule);
  if (statement.masks)
    line += "\n     masked as they are returned: columns " + masked(*statement.masks);
  if (statement.inner)
    for (const StatementPlan& inner : statement.inner->statements)
      line.append("\n     stores: ").append(explain_statement(inner));
  return line;
}

std::string describe(const sql::ColumnUse& columns) {
  if (columns.all) return "whole rows";
  if (columns.names.empty()) return "no column";
  std::string text;
  for (const std::string& name : columns.names)
    text.append(text.empty() ? "" : ", ").append(catalog::quote_identifier(name));
  return text;
}

// "     select public.traces: id, prompt"
std::string explain_needs(const sql::Statement& statement) {
  std::string text;
  for (const sql::Need& need : statement.needs)
    text += fmt::format("     {} {}.{}: {}\n", sql::to_string(need.operation),
                        catalog::quote_identifier(need.schema),
                        catalog::quote_identifier(need.relation), describe(need.columns));
  if (!statement.functions.empty())
    text += fmt::format("     calls {}\n", fmt::join(statement.functions, ", "));
  return text;
}

}  // namespace

std::string explain(const Plan& plan, const sql::Analysis& analysis) {
  std::string text = plan.denial ? "denied\n" : "permitted\n";
  if (const auto& denial = plan.denial) {
    text += fmt::format("  error {}: {}\n", denial->sqlstate, denial->message);
    if (!denial->hint.empty()) text += fmt::format("  hint: {}\n", denial->hint);
    if (denial->position > 0) text += fmt::format("  at character {}\n", denial->position);
    text += fmt::format("  rule: {}; reason: {}\n", denial->rule, denial->reason);
  }
  text +=
      fmt::format("policy version {}, {}\n", plan.policy_version.value,
                  plan.statements.empty() ? "no statement"
                                          : fmt::format("{} statement(s)", plan.statements.size()));
  for (std::size_t i = 0; i < plan.statements.size(); ++i) {
    text += fmt::format("  {}: {}\n", i + 1, explain_statement(plan.statements[i]));
    if (i < analysis.statements.size()) text += explain_needs(analysis.statements[i]);
  }
  if (!plan.store_text.empty()) text += fmt::format("the store receives: {}\n", plan.store_text);
  text += fmt::format("recorded as: {}\n", plan.recorded_text);
  return text;
}

}  // namespace tracegate::policy
