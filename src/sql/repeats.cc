// Conditions of a WHERE clause that can be repeated inside the fence around a table, so that the
// table's indexes stay in use: comparisons of one column with constants that are safe below the row
// filter and not true of NULL, and so are such comparisons of a column that the clause, or the ON
// of a join, says is equal to it. Repeating them changes nothing, whatever the joins: a row that
// they remove inside is one for which the WHERE clause, which still stands, is not true; and where
// its absence makes an outer join fill in NULLs, the clause is not true of these either.
//
// In a write such conditions, and those between columns, are repeated beside the CASE that guards
// its WHERE clause.
//
// The text is made anew from the tree.
#include <algorithm>

#include "src/sql/rewriter.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

// More than anybody writes by hand; what is beyond is slower.
constexpr std::size_t kMaxRepeats = 1000;
constexpr std::size_t kMaxRepeatsOfEquals = 200;
constexpr std::size_t kMaxEqualities = 50;

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
      return catalog::quote_literal(literal.val.sval.sval);
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

std::string column_text(const ColumnRef& reference) {
  std::string name;
  for (const Node* part : Nodes(reference.fields)) {
    if (!name.empty()) name += '.';
    name += quoted_name(string_of(part));
  }
  return name;
}

std::string operand_text(const Node* node) {
  if (has_tag(node, T_ColumnRef)) return column_text(as<ColumnRef>(node));
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

// The relations of a level, by their columns: one, or those that USING joins.
std::vector<Walker::ColumnOfUse> Walker::columns_of(const ColumnRef& reference,
                                                    const Scope& scope) const {
  const Nodes fields(reference.fields);
  const std::string_view table = fields.size() == 2 ? string_of(fields[0]) : std::string_view();
  const std::string_view column = string_of(fields[fields.size() - 1]);
  std::vector<ColumnOfUse> found;
  for (std::uint32_t i = scope.first; i < scope.last; ++i) {
    const Source& source = names_.sources[i];
    if (source.relation == nullptr || source.hidden || source.use_first == source.use_last ||
        source.columns.first != source.columns.last)
      continue;
    if ((table.empty() || source.name == table) && source.relation->find_column(column) != nullptr)
      found.push_back({source.use_first, column});
  }
  return found;
}

Oid Walker::type_of(const ColumnOfUse& column) const {
  return names_.uses[column.use].relation->find_column(column.name)->type_oid;
}

void Walker::require_of_parameters(const Node* constant, Oid type) {
  if (constant == nullptr) return;
  if (has_tag(constant, T_ParamRef)) {
    ParameterUse& use = parameters_[as<ParamRef>(constant).number];
    use.one_type = use.one_type && (use.required == 0 || (use.type == type && type != kNoType));
    use.type = type;
    ++use.required;
  } else if (has_tag(constant, T_TypeCast)) {
    require_of_parameters(as<TypeCast>(constant).arg, kNoType);
  } else if (has_tag(constant, T_List)) {
    for (const Node* item : Nodes(reinterpret_cast<const List*>(constant)))
      require_of_parameters(item, type);
  }
}

// PostgreSQL gives a parameter the type that its first use asks for. A repeated condition stands
// before the others, so that the parameter must have the same type in all of them.
bool Walker::are_parameters_steady(const Node* constant) const {
  if (constant == nullptr) return true;
  if (has_tag(constant, T_ParamRef)) {
    const Oid declared = parameter_type(as<ParamRef>(constant));
    if (declared != kUndecidedType && declared != kAnyType) return true;
    const auto found = parameters_.find(as<ParamRef>(constant).number);
    return found != parameters_.end() && found->second.total == found->second.required &&
           found->second.one_type;
  }
  if (has_tag(constant, T_TypeCast)) return are_parameters_steady(as<TypeCast>(constant).arg);
  if (!has_tag(constant, T_List)) return true;
  for (const Node* item : Nodes(reinterpret_cast<const List*>(constant)))
    if (!are_parameters_steady(item)) return false;
  return true;
}

// `condition` is true of every row that comes of the level: its WHERE clause, or ON of a join that
// fills in no rows. `write`: the statement whose WHERE clause it is.
void Walker::require(const Node* condition, const Scope& scope, const Node* write) {
  if (condition == nullptr || findings_ == nullptr) return;
  if (has_tag(condition, T_BoolExpr) && as<BoolExpr>(condition).boolop == AND_EXPR) {
    for (const Node* part : Nodes(as<BoolExpr>(condition).args)) require(part, scope, write);
    return;
  }
  if (has_tag(condition, T_A_Expr) && is_safe_comparison(as<A_Expr>(condition), scope))
    require_comparison(as<A_Expr>(condition), scope, write);
}

void Walker::require_comparison(const A_Expr& node, const Scope& scope, const Node* write) {
  const bool column_first = has_tag(node.lexpr, T_ColumnRef);
  const Node* other = column_first ? node.rexpr : node.lexpr;
  const Node* reference = column_first ? node.lexpr : node.rexpr;
  if (!has_tag(reference, T_ColumnRef) || comparison_text(node, {}).empty()) return;
  draft_.spend(scope.last - scope.first);
  if (write != nullptr && write_conditions_.size() < kMaxRepeats)
    write_conditions_.push_back({write, &node});
  if (has_tag(other, T_ColumnRef)) return require_equality(node, scope);
  Oid type = kNoType;
  for (const ColumnOfUse& column : columns_of(as<ColumnRef>(reference), scope)) {
    type = type_of(column);
    if (requirements_.size() < kMaxRepeats) requirements_.push_back({&node, column});
  }
  require_of_parameters(other, node.kind == AEXPR_OP_ANY ? ~type : type);
}

void Walker::require_equality(const A_Expr& node, const Scope& scope) {
  if (node.kind != AEXPR_OP || string_of(Nodes(node.name)[0]) != "=") return;
  const std::vector<ColumnOfUse> left = columns_of(as<ColumnRef>(node.lexpr), scope);
  const std::vector<ColumnOfUse> right = columns_of(as<ColumnRef>(node.rexpr), scope);
  if (left.size() == 1 && right.size() == 1 && type_of(left[0]) == type_of(right[0]) &&
      equalities_.size() < kMaxEqualities)
    equalities_.push_back({left[0], right[0]});
}

// What is required of a column is required of those that are equal to it.
void Walker::require_of_equals() {
  for (std::size_t i = 0; i < requirements_.size() && i < kMaxRepeatsOfEquals; ++i) {
    const Requirement one = requirements_[i];
    for (const Equality& equality : equalities_) {
      const bool is_left = equality.left == one.column;
      if (!is_left && equality.right != one.column) continue;
      const ColumnOfUse& equal = is_left ? equality.right : equality.left;
      const bool known =
          std::any_of(requirements_.begin(), requirements_.end(), [&](const Requirement& each) {
            return each.comparison == one.comparison && each.column == equal;
          });
      if (!known && requirements_.size() < kMaxRepeatsOfEquals)
        requirements_.push_back({one.comparison, equal});
    }
  }
}

std::vector<Repeat> Walker::repeats_of(std::uint32_t use) const {
  std::vector<Repeat> repeats;
  for (const Requirement& each : requirements_) {
    const A_Expr& node = *each.comparison;
    if (each.column.use != use || !are_parameters_steady(node.lexpr) ||
        !are_parameters_steady(node.rexpr))
      continue;
    const std::string column = quoted_name(kRowAlias) + "." + quoted_name(each.column.name);
    repeats.push_back({each.column.name, comparison_text(node, column)});
  }
  return repeats;
}

std::vector<std::string> Walker::repeats_beside(const Node* write) const {
  std::vector<std::string> repeats;
  for (const WriteCondition& each : write_conditions_) {
    const A_Expr& node = *each.comparison;
    if (each.write != write || !are_parameters_steady(node.lexpr) ||
        !are_parameters_steady(node.rexpr))
      continue;
    const Node* column = has_tag(node.lexpr, T_ColumnRef) ? node.lexpr : node.rexpr;
    repeats.push_back(comparison_text(node, column_text(as<ColumnRef>(column))));
  }
  return repeats;
}

}  // namespace tracegate::sql
