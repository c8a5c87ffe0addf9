// SET and RESET in all their spellings, under the names of the settings that they change.
#include "src/sql/statements.h"

namespace tracegate::sql {
namespace {

// A constant of SET as text; nothing for what is none.
std::optional<std::string> constant_text(const Node* node) {
  if (has_tag(node, T_TypeCast)) return constant_text(as<TypeCast>(node).arg);
  if (!has_tag(node, T_A_Const) || as<A_Const>(node).isnull) return std::nullopt;
  const auto& value = as<A_Const>(node).val;
  switch (static_cast<int>(value.node.type)) {
    case T_Integer:
      return std::to_string(value.ival.ival);
    case T_Float:
      return std::string(view(value.fval.fval));
    case T_Boolean:
      return std::string(value.boolval.boolval ? "true" : "false");
    case T_String:
      return std::string(view(value.sval.sval));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string fold_setting_name(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

void StatementReader::set(const VariableSetStmt& statement, Statement& out) {
  out.statement_class = StatementClass::kSet;
  SettingChange change;
  change.name = fold_setting_name(view(statement.name));
  switch (statement.kind) {
    case VAR_SET_VALUE:
      for (const Node* item : Nodes(statement.args)) {
        if (auto text = constant_text(item)) {
          change.values.push_back(std::move(*text));
        } else {
          walker_.draft().refuse_unseen("0A000", "SET with a value of this kind is not supported",
                                        -1);
        }
      }
      break;
    case VAR_SET_DEFAULT:
    case VAR_RESET:
      change.reset = true;
      break;
    case VAR_RESET_ALL:
      change.name.clear();
      change.reset = true;
      break;
    case VAR_SET_CURRENT:
      break;  // keeps the value it has
    case VAR_SET_MULTI:
      return set_several(statement, out);
  }
  walker_.draft().set_has_constants();
  out.settings.push_back(std::move(change));
}

// SET TRANSACTION and SET SESSION CHARACTERISTICS AS TRANSACTION: under the names of the settings
// that they change.
void StatementReader::set_several(const VariableSetStmt& statement, Statement& out) {
  const std::string_view what = view(statement.name);
  if (what == "TRANSACTION SNAPSHOT") {
    SettingChange change{"transaction_snapshot", {}, false};
    for (const Node* item : Nodes(statement.args))
      if (auto text = constant_text(item)) change.values.push_back(std::move(*text));
    out.settings.push_back(std::move(change));
    return;
  }
  if (what != "TRANSACTION" && what != "SESSION CHARACTERISTICS") {
    walker_.draft().refuse_unseen("0A000", "SET of this kind is not supported", -1);
    return;
  }
  const std::string prefix = what == "TRANSACTION" ? "" : "default_";
  for (const Node* item : Nodes(statement.args)) {
    const DefElem& option = as<DefElem>(item);
    SettingChange change{prefix + std::string(view(option.defname)), {}, false};
    if (auto text = constant_text(option.arg)) change.values.push_back(std::move(*text));
    out.settings.push_back(std::move(change));
  }
}

}  // namespace tracegate::sql
