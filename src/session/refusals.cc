#include "src/session/refusals.h"

#include <string>

namespace tracegate::session {
namespace {

DenialRef refusal(std::string_view sqlstate, std::string message, std::string_view hint,
                  std::string_view rule) {
  auto denial = std::make_shared<policy::Denial>();
  denial->sqlstate = sqlstate;
  denial->message = std::move(message);
  denial->hint = hint;
  denial->rule = rule;
  denial->reason = denial->message;
  return denial;
}

std::string quoted(std::string_view kind, std::string_view name) {
  return std::string(kind).append(" \"").append(name).append("\" does not exist");
}

}  // namespace

DenialRef no_such_statement(std::string_view name) {
  return refusal("26000",
                 name.empty() ? std::string("unnamed prepared statement does not exist")
                              : quoted("prepared statement", name),
                 {}, "session");
}

DenialRef no_such_portal(std::string_view name) {
  return refusal("34000", quoted("portal", name), {}, "session");
}

DenialRef no_such_cursor(std::string_view name) {
  return refusal("34000", quoted("cursor", name), {}, "session");
}

DenialRef too_many_names() {
  return refusal("53400", "too many prepared statements or portals in this session",
                 "Close those that are no longer needed, or ask the operator of the gateway for a "
                 "higher limit.",
                 "limits");
}

DenialRef parameter_type_refused(std::uint32_t type_oid) {
  return refusal(
      "42501", "permission denied for a parameter of type " + std::to_string(type_oid),
      "Restricted roles may declare parameters of PostgreSQL's own types only, and of none "
      "that looks names up in the catalog (regclass and its like); leave the type to the "
      "store, or cast in the statement.",
      "session");
}

DenialRef too_many_statements() {
  return refusal("54000", "too many statements in one message",
                 "Send the statements in several messages.", "limits");
}

DenialRef too_deep() {
  return refusal("54001", "cursors that fetch from one another are nested too deeply", {},
                 "limits");
}

DenialRef indirect_utility_refused() {
  return refusal("0A000", "EXECUTE cannot run a prepared statement that changes names or copies in",
                 "Send the statement itself, or run it by the extended query protocol.", "session");
}

DenialRef blind_execute_refused() {
  return refusal("0A000", "EXECUTE cannot run an INSERT of a role that writes blindly",
                 "Send the statement itself, or run it by the extended query protocol.", "session");
}

DenialRef function_call_refused() {
  return refusal("42501", "permission denied for function calls that are not SQL",
                 "The fast-path FunctionCall message is refused for restricted roles; call the "
                 "function in a SELECT.",
                 "default");
}

DenialRef masked_bind_too_long() {
  return refusal("54000", "the parameters of a statement whose result is masked are too long",
                 "Send shorter values, or as constants of the statement.", "limits");
}

DenialRef unsupported_format(proto::FormatCode format) {
  return refusal("22023", "unsupported format code: " + std::to_string(format), {}, "session");
}

DenialRef wrong_number_of_formats(std::size_t formats, std::size_t columns) {
  return refusal("08P01",
                 "bind message has " + std::to_string(formats) + " result formats but query has " +
                     std::to_string(columns) + " columns",
                 {}, "session");
}

DenialRef portal_has_changed(std::string_view name) {
  return refusal("34000",
                 std::string("portal \"")
                     .append(name)
                     .append("\" runs a cursor or prepared statement that has changed since"),
                 "Bind it again.", "session");
}

DenialRef ambiguous_null() {
  return refusal("0A000", "COPY of masked columns needs a NULL that no value can be",
                 "Leave NULL out, so that it is \\N, or use FORMAT csv.", "masks");
}

DenialRef several_masked_statements() {
  return refusal("0A000", "a prepared text of several statements cannot be masked",
                 "Prepare each statement by itself.", "masks");
}

const policy::Denial& row_out_of_scope() {
  static const DenialRef denial = refusal(
      "42501", "permission denied: the row is outside what this role may write",
      "The values of the columns that decide about a row's scope must be those of the role's "
      "own scope.",
      "scope");
  return *denial;
}

policy::PlanRef stale_plan(const policy::Plan& judged, NameSpace space, std::string_view name) {
  auto plan = std::make_shared<policy::Plan>(judged);
  const bool is_statement = space == NameSpace::kStatements;
  plan->denial = *refusal(is_statement ? "26000" : "34000",
                          std::string(is_statement ? "prepared statement \"" : "portal \"")
                              .append(name)
                              .append("\" was made under a policy that has changed since"),
                          is_statement ? "Prepare it again." : "Open it again.", "session");
  return plan;
}

policy::PlanRef opaque_plan(PolicyVersion version, sql::StatementClass statement_class) {
  auto plan = std::make_shared<policy::Plan>();
  plan->policy_version = version;
  plan->writes = true;
  plan->text_recorded = true;  // there is none
  policy::StatementPlan statement;
  statement.statement_class = statement_class;
  statement.rule = "unrestricted";
  plan->statements.push_back(std::move(statement));
  return plan;
}

}  // namespace tracegate::session
