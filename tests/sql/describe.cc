#include "tests/sql/describe.h"

#include "src/sql/analysis.h"

namespace tracegate::sql {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

std::string_view to_string(NameAction action) {
  switch (action) {
    case NameAction::kNone:
      return "";
    case NameAction::kPrepare:
      return "prepare";
    case NameAction::kExecute:
      return "execute";
    case NameAction::kDeallocate:
      return "deallocate";
    case NameAction::kDeallocateAll:
      return "deallocate all";
    case NameAction::kDeclare:
      return "declare";
    case NameAction::kFetch:
      return "fetch";
    case NameAction::kClose:
      return "close";
    case NameAction::kCloseAll:
      return "close all";
    case NameAction::kDiscardAll:
      return "discard all";
    case NameAction::kUnknown:
      return "unknown";
  }
  return "?";
}

}  // namespace

std::string describe(const Statement& statement) {
  std::string out(to_string(statement.statement_class));
  if (statement.writes) out += " writes";
  for (const Operation operation : statement.operations)
    out += "; may " + std::string(to_string(operation));
  for (const Need& need : statement.needs) {
    out += "; " + std::string(to_string(need.operation)) + " " + need.schema + "." + need.relation +
           "(" + (need.columns.all ? "*" : joined(need.columns.names)) + ")";
  }
  if (!statement.functions.empty()) out += "; calls " + joined(statement.functions);
  for (const UserDefined& each : statement.user_defined) out += "; may mean " + each.signature;
  for (const SettingChange& change : statement.settings)
    out += (change.reset ? "; reset " : "; set ") + (change.name.empty() ? "all" : change.name) +
           (change.reset ? "" : "=" + joined(change.values));
  if (!statement.shown_settings.empty()) out += "; shows " + joined(statement.shown_settings);
  if (statement.copies_in) out += "; copies in";
  if (statement.copies_out) out += "; copies out";
  if (statement.name_action != NameAction::kNone)
    out += "; name " + std::string(to_string(statement.name_action)) +
           (statement.name.empty() ? "" : " " + statement.name);
  if (statement.with_hold) out += "; holds";
  if (statement.inner) out += "; inner " + std::string(to_string(statement.inner->statement_class));
  if (statement.refusal) out += "; refused " + statement.refusal->sqlstate;
  return out;
}

std::string describe(const Analysis& analysis) {
  if (analysis.syntax_error)
    return "syntax error at " + std::to_string(analysis.syntax_error->character) + ": " +
           analysis.syntax_error->message;
  std::string out;
  for (const Statement& statement : analysis.statements)
    out += (out.empty() ? "" : " | ") + describe(statement);
  return out;
}

}  // namespace tracegate::sql
