// Which expressions cannot fail and run nobody's code, whatever the row: the planner may evaluate
// them before it filters rows. docs/scoped_reads.md, Fences.
#include <algorithm>
#include <array>

#include "src/sql/builtins.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

constexpr Oid kTimestampTz = 1184;

bool is_comparison(const List* name) {
  const Nodes parts(name);
  if (parts.size() != 1) return false;
  const std::string_view symbol = string_of(parts[0]);
  constexpr std::array<std::string_view, 7> kComparisons = {"=", "<>", "!=", "<", "<=", ">", ">="};
  for (const std::string_view each : kComparisons)
    if (symbol == each) return true;
  return false;
}

bool is_cast_to(const Node* node, std::string_view type) {
  if (!has_tag(node, T_TypeCast) || as<TypeCast>(node).typeName == nullptr) return false;
  const std::string name = dotted(as<TypeCast>(node).typeName->names);
  return name == type || name == "pg_catalog." + std::string(type);
}

bool is_literal_cast(const Node* node, std::string_view type) {
  return is_cast_to(node, type) && has_tag(as<TypeCast>(node).arg, T_A_Const);
}

// A few of some unit ("7 days", "1 month"): no sum with the present time overflows.
bool is_short_interval(const Node* node) {
  if (!is_literal_cast(node, "interval")) return false;
  const A_Const& literal = as<A_Const>(as<TypeCast>(node).arg);
  if (literal.isnull || literal.val.node.type != T_String) return false;
  std::string_view text = view(literal.val.sval.sval);
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 3) return false;
  text.remove_prefix(digits);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.ends_with('s')) text.remove_suffix(1);
  constexpr std::array<std::string_view, 12> kUnits = {
      "second", "sec", "minute", "min", "hour", "h", "day", "d", "week", "month", "mon", "year"};
  for (const std::string_view unit : kUnits)
    if (text == unit) return true;
  return false;
}

bool is_present_time(const Node* node) {
  if (has_tag(node, T_SQLValueFunction)) {
    const SQLValueFunctionOp op = as<SQLValueFunction>(node).op;
    return op == SVFOP_CURRENT_DATE || op == SVFOP_CURRENT_TIMESTAMP || op == SVFOP_LOCALTIMESTAMP;
  }
  if (!has_tag(node, T_FuncCall)) return false;
  const FuncCall& call = as<FuncCall>(node);
  const std::string name = dotted(call.funcname);
  return call.args == nullptr && (name == "now" || name == "pg_catalog.now");
}

// PostgreSQL's own aggregates; in a query that has one, what stands in it is computed of filtered
// rows.
bool is_aggregate(const FuncCall& call) {
  constexpr std::array<std::string_view, 25> kAggregates = {"array_agg",
                                                            "avg",
                                                            "bit_and",
                                                            "bit_or",
                                                            "bool_and",
                                                            "bool_or",
                                                            "count",
                                                            "every",
                                                            "json_agg",
                                                            "json_object_agg",
                                                            "jsonb_agg",
                                                            "jsonb_object_agg",
                                                            "max",
                                                            "min",
                                                            "mode",
                                                            "percentile_cont",
                                                            "percentile_disc",
                                                            "stddev",
                                                            "stddev_pop",
                                                            "stddev_samp",
                                                            "string_agg",
                                                            "sum",
                                                            "var_pop",
                                                            "var_samp",
                                                            "variance"};
  const Nodes parts(call.funcname);
  if (parts.size() > 2 || (parts.size() == 2 && string_of(parts[0]) != "pg_catalog")) return false;
  const std::string_view name = string_of(parts[parts.size() - 1]);
  return std::find(kAggregates.begin(), kAggregates.end(), name) != kAggregates.end();
}

bool is_text(Oid type) {
  return type == 25 || type == 1043;
}

}  // namespace

bool is_recent_time(const Node* node) {
  if (node == nullptr || is_present_time(node)) return node != nullptr;
  if (!has_tag(node, T_A_Expr)) return false;
  const A_Expr& sum = as<A_Expr>(node);
  if (sum.kind != AEXPR_OP || Nodes(sum.name).size() != 1) return false;
  const std::string_view symbol = string_of(Nodes(sum.name)[0]);
  return (symbol == "-" || symbol == "+") && sum.lexpr != nullptr && is_present_time(sum.lexpr) &&
         sum.rexpr != nullptr && is_short_interval(sum.rexpr);
}

// A literal is converted when the statement is planned, if it is cast once; a second cast may wait
// until rows are looked at ('x'::text::date). So does that of a parameter that is of another type.
Walker::Operand Walker::safe_cast(const TypeCast& cast, Shape shape) const {
  if (cast.typeName == nullptr || cast.typeName->pct_type) return {};
  const Oid named = builtin_type(dotted(cast.typeName->names));
  if (named == kNoType) return {};
  const bool is_array = cast.typeName->arrayBounds != nullptr;
  const Oid type = is_array == (shape == Shape::kArray) ? named : kAnyType;
  if (has_tag(cast.arg, T_A_Const)) {
    const A_Const& literal = as<A_Const>(cast.arg);
    const bool is_string = literal.isnull || literal.val.node.type == T_String;
    if (is_string || (!is_array && compares_safely(named))) return {{type}, Origin::kLiteral};
    return {};
  }
  if (!has_tag(cast.arg, T_ParamRef)) return {};
  const Oid declared = parameter_type(as<ParamRef>(cast.arg));
  const Oid value = is_array ? element_of(declared) : declared;
  const bool is_that = declared == kUndecidedType || value == named ||
                       (!is_array && is_text(value) && is_text(named));
  return is_that ? Operand{{type}, Origin::kParameter} : Operand{};
}

Walker::Operand Walker::safe_list(const List* items, const Scope& scope) {
  Operand all;
  for (const Node* item : Nodes(items)) {
    const Operand one = safe_operand(item, Shape::kValue, scope);
    if (one.types.empty() || one.origin == Origin::kColumn) return {};
    all.types.insert(all.types.end(), one.types.begin(), one.types.end());
    if (one.origin == Origin::kParameter) all.origin = Origin::kParameter;
  }
  return all;
}

Walker::Operand Walker::safe_operand(const Node* node, Shape shape, const Scope& scope) {
  if (node == nullptr) return {};
  const bool is_array = shape == Shape::kArray;
  if (is_recent_time(node)) return {{kTimestampTz}, Origin::kLiteral};
  switch (static_cast<int>(node->type)) {
    case T_A_Const:
      return {{operand_type(node, scope)}, Origin::kLiteral};
    case T_ParamRef: {
      const Oid type = parameter_type(as<ParamRef>(node));
      const bool is_element = is_array && type != kUndecidedType;
      return {{is_element ? element_of(type) : type}, Origin::kParameter};
    }
    case T_TypeCast:
      return safe_cast(as<TypeCast>(node), shape);
    case T_ColumnRef: {
      const Nodes fields(as<ColumnRef>(node).fields);
      for (const Node* field : fields)
        if (!has_tag(field, T_String)) return {};
      if (is_array || fields.size() > 2) return {};
      return {fields.size() == 1
                  ? names_.plain_types(scope, string_of(fields[0]))
                  : names_.plain_types(scope, string_of(fields[0]), string_of(fields[1])),
              Origin::kColumn};
    }
    case T_List:
      return safe_list(reinterpret_cast<const List*>(node), scope);
    case T_A_ArrayExpr:
      return safe_list(as<A_ArrayExpr>(node).elements, scope);
    default:
      return {};
  }
}

bool Walker::is_safe_comparison(const A_Expr& node, const Scope& scope) {
  Shape right_shape = Shape::kValue;
  switch (node.kind) {
    case AEXPR_OP_ANY:
    case AEXPR_OP_ALL:
      right_shape = Shape::kArray;
      [[fallthrough]];
    case AEXPR_OP:
    case AEXPR_DISTINCT:
    case AEXPR_NOT_DISTINCT:
    case AEXPR_IN:
      if (!is_comparison(node.name)) return false;
      break;
    case AEXPR_BETWEEN:
    case AEXPR_NOT_BETWEEN:
    case AEXPR_BETWEEN_SYM:
    case AEXPR_NOT_BETWEEN_SYM:
      break;
    case AEXPR_NULLIF:
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
    case AEXPR_SIMILAR:
      return false;
  }
  const Operand left = safe_operand(node.lexpr, Shape::kValue, scope);
  const Operand right = safe_operand(node.rexpr, right_shape, scope);
  if (left.types.empty() || right.types.empty()) return false;
  const auto fits = [](const Operand& column, const Operand& other) {
    if (column.origin != Origin::kColumn) return true;
    for (const Oid type : column.types)
      for (const Oid compared : other.types)
        if (!converts_safely(type, compared, other.origin)) return false;
    return true;
  };
  const bool has_column = left.origin == Origin::kColumn || right.origin == Origin::kColumn;
  const bool is_literal = left.origin == Origin::kLiteral && right.origin == Origin::kLiteral;
  return (has_column || is_literal) && fits(left, right) && fits(right, left);
}

Walker::Safety Walker::safety_of(const Node* node, const Scope& scope) {
  switch (static_cast<int>(node->type)) {
    case T_ColumnRef:
    case T_A_Const:
    case T_ParamRef:
    case T_BoolExpr:
    case T_NullTest:
    case T_BooleanTest:
    case T_List:
    case T_ResTarget:
    case T_SortBy:
    case T_SetToDefault:
      return Safety::kSafe;
    case T_A_Expr:
      return is_safe_comparison(as<A_Expr>(node), scope) ? Safety::kSafeWithAll : Safety::kUnsafe;
    case T_TypeCast:
    case T_A_ArrayExpr:
    case T_SQLValueFunction:
      return safe_operand(node, Shape::kValue, scope).types.empty() ? Safety::kUnsafe
                                                                    : Safety::kSafeWithAll;
    case T_FuncCall:
      // The rows that an aggregate sees have been filtered.
      return is_aggregate(as<FuncCall>(node)) || is_present_time(node) ? Safety::kSafeWithAll
                                                                       : Safety::kUnsafe;
    case T_SubLink:
      return as<SubLink>(node).subLinkType == EXISTS_SUBLINK ? Safety::kSafe : Safety::kUnsafe;
    default:
      return Safety::kUnsafe;
  }
}

Walker::Expression::Expression(Walker& walker, const Node* node, const Scope& scope)
    : walker_(walker), below_filter_(walker.below_filter_) {
  if (walker.findings_ == nullptr || !below_filter_ || walker.names_.is_marking()) return;
  switch (walker.safety_of(node, scope)) {
    case Safety::kSafe:
      return;
    case Safety::kSafeWithAll:
      walker.below_filter_ = false;
      return;
    case Safety::kUnsafe:
      unsafe_ = true;
      marks_before_ = walker.names_.marks();
      walker.names_.mark_unsafe(true);
  }
}

Walker::Expression::~Expression() {
  walker_.below_filter_ = below_filter_;
  if (!unsafe_) return;
  walker_.names_.mark_unsafe(false);
  if (walker_.names_.marks() == marks_before_) walker_.unsafe_everywhere_ = true;
}

void Walker::found_copied(const CopyStmt& statement, const catalog::Relation& relation) {
  if (findings_ != nullptr)
    findings_->copied.push_back({statement.relation, &relation, statement.attlist});
}

void Walker::found_obstacle(const catalog::Relation& relation, std::string_view construct,
                            std::int32_t location) {
  if (findings_ != nullptr) findings_->obstacles.push_back({&relation, construct, location});
}

void Walker::found_name(const List* name, std::string_view construct, std::int32_t location) {
  const Nodes parts(name);
  if (parts.size() > 1 && string_of(parts[0]) != "pg_catalog") found_lookup(construct, location);
}

void Walker::found_lookup(std::string_view construct, std::int32_t location) {
  if (findings_ != nullptr) findings_->looked_up.push_back({construct, location});
}

void Walker::finish() {
  if (findings_ == nullptr) return;
  require_of_equals();
  findings_->unsafe = unsafe_everywhere_;
  for (std::uint32_t i = 0; i < names_.uses.size(); ++i) {
    const Use& use = names_.uses[i];
    const RangeVar* name = static_cast<const RangeVar*>(use.name);
    const bool fenced = use.fenced || unsafe_everywhere_;
    findings_->unsafe = findings_->unsafe || fenced;
    // A sub-select in FROM has none. Those of a write's target tell of other rows: where it lies.
    if (use.is_target && use.reads_system_column)
      found_obstacle(*use.relation, "a system column", -1);
    const ColumnsUsed computed{use.computes_all, use.computed};
    if (use.is_target)
      findings_->computed_targets.push_back({name, use.relation, computed, use.nullable});
    if (!use.is_target)
      findings_->tables.push_back(
          {name, use.relation, fenced, repeats_of(i), use.reads_tableoid, use.nullable, computed});
    else if (use.statement != nullptr)
      findings_->targets.push_back({name, use.relation, fenced,
                                    static_cast<const Node*>(use.statement),
                                    repeats_beside(static_cast<const Node*>(use.statement))});
  }
}

}  // namespace tracegate::sql
