#include "src/policy/denial.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/utf8.h"
#include "src/policy/calls.h"

namespace tracegate::policy {
namespace {

constexpr std::string_view kAsk = "ask the operator of this gateway";
constexpr std::string_view kNoRule = "default";
constexpr std::string_view kUndefinedTable = "42P01";

// The words of aclcheck_error() in PostgreSQL (catalog/aclchk.c).
std::string_view object_word(const catalog::Relation* relation) {
  if (!relation) return "table";
  switch (relation->kind) {
    case catalog::RelationKind::kTable:
    case catalog::RelationKind::kPartitionedTable:
      return "table";
    case catalog::RelationKind::kView:
      return "view";
    case catalog::RelationKind::kMaterializedView:
      return "materialized view";
    case catalog::RelationKind::kForeignTable:
      return "foreign table";
    case catalog::RelationKind::kSequence:
      return "sequence";
  }
  return "table";
}

std::string_view unqualified(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

Denial denied(std::string message, std::string hint, std::string reason) {
  Denial denial;
  denial.message = std::move(message);
  denial.hint = std::move(hint);
  denial.reason = std::move(reason);
  denial.rule = kNoRule;
  return denial;
}

}  // namespace

std::int32_t character_position(std::string_view text, std::int32_t location) {
  if (location < 0) return 0;
  const std::string_view before = text.substr(0, static_cast<std::size_t>(location));
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  };
  return static_cast<std::int32_t>(std::count_if(before.begin(), before.end(), starts_character)) +
         1;
}

Denial deny_syntax_error(const sql::SyntaxError& error) {
  // The message quotes the text, values too: it is for the client, who wrote it, and not recorded.
  Denial denial = denied(error.message, {}, "the text does not parse");
  denial.sqlstate = "42601";
  denial.position = error.character;
  return denial;
}

Denial deny_refused(const Role& role, const sql::Refusal& refusal, std::string_view text) {
  std::string hint;
  if (refusal.sqlstate == "42501" || refusal.sqlstate == "0A000")
    hint = fmt::format("this gateway does not let it through for restricted roles such as \"{}\"",
                       role.name);
  if (!refusal.hint.empty()) hint = refusal.hint;
  if (refusal.sqlstate == kUndefinedTable && role.is_scoped())
    hint = fmt::format(
        "it may be a matter of rights: role \"{}\" only sees the tables of its rules; {}",
        role.name, kAsk);
  Denial denial = denied(refusal.construct, std::move(hint), refusal.construct);
  denial.sqlstate = refusal.sqlstate;
  denial.position = character_position(text, refusal.location);
  return denial;
}

Denial deny_operation(const Role& role, sql::Operation operation) {
  const std::string_view name = sql::to_string(operation);
  return denied(fmt::format("permission denied for {} statements", name),
                fmt::format("role \"{}\" has no rule that permits {}; {}", role.name, name, kAsk),
                fmt::format("{}: no rule permits it", name));
}

Denial deny_scoped(const Role& role, sql::Operation operation, std::string_view why) {
  const std::string_view name = sql::to_string(operation);
  return denied(fmt::format("permission denied for {} statements", name),
                fmt::format("role \"{}\" sees only a part of the store, and {}", role.name, why),
                fmt::format("{}: never permitted to a role with scopes", name));
}

Denial deny_rewritten(const Role& role, sql::Operation operation,
                      const catalog::Relation& relation) {
  const std::string_view name = sql::to_string(operation);
  return denied(
      fmt::format("permission denied for {} on {}", name, relation.qualified_name()),
      fmt::format("rules of the store (CREATE RULE) make something else of it, which could "
                  "show anything to role \"{}\"; triggers are no hindrance",
                  role.name),
      fmt::format("{} on {}: it has rewrite rules", name, relation.qualified_name()));
}

Denial deny_class(const Role& role, sql::StatementClass statement_class) {
  const std::string_view name = sql::to_string(statement_class);
  return denied(
      fmt::format("permission denied for {} statements of this form", name),
      fmt::format("this gateway does not let it through for restricted roles such as \"{}\"",
                  role.name),
      fmt::format("{}: nothing in the statement can be judged", name));
}

Denial deny_function(const Role& role, std::string_view function) {
  const std::string_view symbol = function.substr(function.find_last_of('.') + 1);
  const bool is_operator =
      symbol.find_first_of("+-*/<>=~!@#%^&|`?") == 0 && !function.ends_with('"');
  const std::string_view word = is_operator ? "operator" : "function";
  return denied(
      fmt::format("permission denied for {} {}", word, function),
      fmt::format(
          "functions, types and operators beyond the pure ones of PostgreSQL itself must be in the "
          "\"functions\" of role \"{}\", or their extension in its \"extensions\"; {}",
          role.name, kAsk),
      fmt::format("{} {}: neither pure nor listed", word, function));
}

Denial deny_user_defined(const Role& role, const sql::UserDefined& defined) {
  std::string_view word = "function ";
  switch (defined.kind) {
    case sql::UserDefined::Kind::kFunction:
      break;
    case sql::UserDefined::Kind::kOperator:
      word = "operator ";
      break;
    case sql::UserDefined::Kind::kType:
      word = "type ";
      break;
    case sql::UserDefined::Kind::kCast:
      word = "";  // the signature says it
      break;
  }
  std::string how =
      fmt::format("list \"{}\" in the \"functions\" of role \"{}\"", defined.name, role.name);
  if (is_covered_by_extension(defined))
    how += fmt::format(", or \"{}\" in its \"extensions\"", defined.extension);
  const std::string reason =
      fmt::format("{}{}: may be meant and is not listed", word, defined.signature);
  if (role.is_scoped()) {
    // In the words for a name that nothing has: signatures name types, and so tables.
    const bool is_cast = defined.kind == sql::UserDefined::Kind::kCast;
    Denial denial = deny_function(role, is_cast                     ? "cast"
                                        : !defined.explains.empty() ? defined.explains
                                                                    : unqualified(defined.name));
    denial.reason = reason;
    return denial;
  }
  return denied(
      fmt::format("permission denied for {}{}", word, defined.signature),
      fmt::format("the statement can mean it in this database, and the role is not given it; "
                  "{}; {}",
                  how, kAsk),
      reason);
}

Denial deny_setting(Error refusal) {
  Denial denial = denied(refusal.message, std::move(refusal.hint), refusal.message);
  denial.sqlstate = std::move(refusal.sqlstate);
  return denial;
}

Denial deny_need(const Role& role, const sql::Need& need, const catalog::Relation* relation,
                 const Rule* narrower, std::string_view column) {
  const std::string_view operation = sql::to_string(need.operation);
  const std::string table = fmt::format("{}.{}", catalog::quote_identifier(need.schema),
                                        catalog::quote_identifier(need.relation));
  std::string hint, reason;
  if (!narrower) {
    hint = fmt::format("role \"{}\" has no rule that permits {} on {}; {}", role.name, operation,
                       table, kAsk);
    reason = fmt::format("{} on {}: no rule permits it", operation, table);
  } else {
    const std::string what =
        column.empty() ? std::string("whole rows") : "column " + catalog::quote_identifier(column);
    hint = fmt::format(
        "role \"{}\" has no rule that permits {} of {} on {} ({} permits other columns); {}",
        role.name, operation, what, table, narrower->source, kAsk);
    reason = fmt::format("{} on {}: no rule permits {}", operation, table, what);
  }
  Denial denial =
      denied(fmt::format("permission denied for {} {}", object_word(relation), need.relation),
             std::move(hint), std::move(reason));
  if (narrower) denial.rule = narrower->source;
  return denial;
}

Denial deny_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != '\0' && utf8_sequence_length(text.substr(at)) != 0)
    at += utf8_sequence_length(text.substr(at));
  // As many bytes as the first of them announces, as PostgreSQL shows them.
  const std::string_view rest = text.substr(at);
  const unsigned char first = rest.empty() ? 0 : static_cast<unsigned char>(rest.front());
  const std::size_t announced = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::string bytes;
  for (const char c : rest.substr(0, first < 0xf8 ? announced : 1))
    bytes += fmt::format(" 0x{:02x}", static_cast<unsigned char>(c));
  Denial denial = denied("invalid byte sequence for encoding \"UTF8\":" + bytes,
                         "the text of a statement must be UTF-8", "the text is not valid UTF-8");
  denial.sqlstate = "22021";
  return denial;
}

}  // namespace tracegate::policy
