// Conditions of a WHERE clause that can be repeated inside the fence around a table, so that the
// table's indexes stay in use: comparisons of one column with constants that are safe below the row
// filter and not true of NULL. Repeating them changes nothing, whatever the joins: a row that they
// remove inside is one for which the WHERE clause, which still stands, is not true; and where its
// absence makes an outer join fill in NULLs, the clause is not true of these either.
//
// The text is made anew from the tree, with the column under the name that the row has in a view.
#include "src/sql/rewriter.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

constexpr std::size_t kMaxRepeats =
    1000;  // more than anybody writes by hand; without them it is slower

std::string quoted_literal(std::string_view value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

// Empty: it cannot be written again.
std::string literal_text(const A_Const& literal) {
  if (literal.isnull) return {};
  switch (static_cast<int>(literal.val.node.type)) {
    case T_Integer:
      return std::to_string(literal.val.ival.ival);
    case T_Float:
      return literal.val.fval.fval;
    case T_Boolean:
      return literal.val.boolval.boolval ? "true" : "false";
    case T_String:
      return quoted_literal(literal.val.sval.sval);
    default:
      return {};
  }
}

std::string type_text(const TypeName& type) {
  if (type.setof || type.pct_type || type.typmods != nullptr || type.arrayBounds != nullptr)
    return {};
  std::string name;
  for (const Node* part : Nodes(type.names)) {
    if (!name.empty()) name += '.';
    name += quoted_name(string_of(part));
  }
  return name;
}

std::string constant_text(const Node* node) {
  if (node == nullptr) return {};
  if (has_tag(node, T_A_Const)) return literal_text(as<A_Const>(node));
  if (has_tag(node, T_ParamRef)) return "$" + std::to_string(as<ParamRef>(node).number);
  if (!has_tag(node, T_TypeCast) || as<TypeCast>(node).typeName == nullptr) return {};
  const std::string value = constant_text(as<TypeCast>(node).arg);
  const std::string type = type_text(*as<TypeCast>(node).typeName);
  if (value.empty() || type.empty()) return {};
  return "CAST(" + value + " AS " + type + ")";
}

std::string time_text(const Node* node) {
  if (has_tag(node, T_FuncCall)) return "pg_catalog.now()";
  if (has_tag(node, T_SQLValueFunction)) {
    switch (static_cast<int>(as<SQLValueFunction>(node).op)) {
      case SVFOP_CURRENT_DATE:
        return "CURRENT_DATE";
      case SVFOP_CURRENT_TIMESTAMP:
        return "CURRENT_TIMESTAMP";
      default:
        return "LOCALTIMESTAMP";
    }
  }
  const A_Expr& sum = as<A_Expr>(node);
  const std::string interval = constant_text(sum.rexpr);
  if (interval.empty()) return {};
  // All that is written OPERATOR() binds alike, comparisons too.
  return "(" + time_text(sum.lexpr) + " OPERATOR(pg_catalog." +
         std::string(string_of(Nodes(sum.name)[0])) + ") " + interval + ")";
}

std::string operand_text(const Node* node) {
  return is_recent_time(node) ? time_text(node) : constant_text(node);
}

std::string list_text(const Node* list, std::string_view separator) {
  std::string text_of_all;
  for (const Node* item : Nodes(reinterpret_cast<const List*>(list))) {
    const std::string item_text = constant_text(item);
    if (item_text.empty()) return {};
    if (!text_of_all.empty()) text_of_all += separator;
    text_of_all += item_text;
  }
  return text_of_all;
}

// With the column in it as `column`; empty if it cannot be repeated.
std::string comparison_text(const A_Expr& node, const std::string& column) {
  const std::string symbol(Nodes(node.name).size() == 1 ? string_of(Nodes(node.name)[0])
                                                        : std::string_view());
  const bool column_first = has_tag(node.lexpr, T_ColumnRef);
  const auto with = [](std::string_view before, const std::string& list, std::string_view behind) {
    return list.empty() ? std::string() : std::string(before).append(list).append(behind);
  };
  switch (node.kind) {
    case AEXPR_OP: {
      const std::string other = operand_text(column_first ? node.rexpr : node.lexpr);
      if (other.empty()) return {};
      const std::string middle = " OPERATOR(pg_catalog." + symbol + ") ";
      return column_first ? column + middle + other : other + middle + column;
    }
    case AEXPR_OP_ANY:
      if (!column_first) return {};
      return with(column + " OPERATOR(pg_catalog." + symbol + ") ANY (", constant_text(node.rexpr),
                  ")");
    case AEXPR_IN:
      if (!column_first) return {};
      return with(column + (symbol == "=" ? " IN (" : " NOT IN ("), list_text(node.rexpr, ", "),
                  ")");
    case AEXPR_BETWEEN:
      if (!column_first) return {};
      return with(column + " BETWEEN ", list_text(node.rexpr, " AND "), "");
    case AEXPR_OP_ALL:
    case AEXPR_DISTINCT:  // true of NULL
    case AEXPR_NOT_DISTINCT:
    case AEXPR_NULLIF:
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
    case AEXPR_SIMILAR:
    case AEXPR_NOT_BETWEEN:
    case AEXPR_BETWEEN_SYM:
    case AEXPR_NOT_BETWEEN_SYM:
      break;
  }
  return {};
}

}  // namespace

void Walker::repeat_conditions(const Node* condition, const Scope& scope) {
  if (condition == nullptr || findings_ == nullptr) return;
  if (has_tag(condition, T_BoolExpr) && as<BoolExpr>(condition).boolop == AND_EXPR) {
    for (const Node* part : Nodes(as<BoolExpr>(condition).args)) repeat_conditions(part, scope);
    return;
  }
  if (!has_tag(condition, T_A_Expr) || !is_safe_comparison(as<A_Expr>(condition), scope)) return;
  const A_Expr& node = as<A_Expr>(condition);
  const bool column_first = has_tag(node.lexpr, T_ColumnRef);
  const Node* other = column_first ? node.rexpr : node.lexpr;
  const Node* reference = column_first ? node.lexpr : node.rexpr;
  if (!has_tag(reference, T_ColumnRef) || has_tag(other, T_ColumnRef)) return;
  const Nodes fields(as<ColumnRef>(reference).fields);
  const std::string_view table = fields.size() == 2 ? string_of(fields[0]) : std::string_view();
  const std::string_view column = string_of(fields[fields.size() - 1]);
  const std::string repeated =
      comparison_text(node, quoted_name(kRowAlias) + "." + quoted_name(column));
  if (repeated.empty()) return;
  // A name that this level has is of this level; without a table's name it may be the column of
  // several that USING joins.
  for (std::uint32_t i = scope.first; i < scope.last; ++i) {
    const Source& source = names_.sources[i];
    if (source.relation == nullptr || source.hidden || source.use_first == source.use_last ||
        source.columns.first != source.columns.last)
      continue;
    if ((!table.empty() && source.name != table) || source.relation->find_column(column) == nullptr)
      continue;
    draft_.spend(1);
    if (repeats_.size() < kMaxRepeats) repeats_.push_back({source.use_first, column, repeated});
  }
}

}  // namespace tracegate::sql
