#include <algorithm>
#include <iterator>

#include "src/sql/builtins.h"
#include "src/sql/guarded.h"
#include "src/sql/statements.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

// Expr is what primnodes.h calls a Node that is an expression.
const Node* node_of(const void* pointer) {
  return static_cast<const Node*>(pointer);
}

}  // namespace

void Walker::expressions(const List* list, const Scope& scope, GuardedUse::Around around) {
  for (const Node* item : Nodes(list)) {
    around_ = around;
    expression(item, scope);
  }
}

// Node kinds in the order in which statements use them most. Each visits every field that can hold
// a node (nodes/parsenodes.h, nodes/primnodes.h).
void Walker::expression(const Node* node, const Scope& scope) {
  const GuardedUse::Around around = std::exchange(around_, GuardedUse::Around::kAnything);
  if (node == nullptr) return;
  const Level level(*this);
  if (level.too_deep()) return;
  const Expression present(*this, node, scope);
  switch (static_cast<int>(node->type)) {
    case T_ColumnRef:
      return column_reference(as<ColumnRef>(node), scope);
    case T_A_Const:
      if (!as<A_Const>(node).isnull) draft_.set_has_constants();
      return;
    case T_ParamRef:
      if (findings_ != nullptr) ++parameters_[as<ParamRef>(node).number].total;
      return;
    case T_ResTarget:
      subscripts(as<ResTarget>(node).indirection, scope);
      return expression(as<ResTarget>(node).val, scope);
    case T_A_Expr:
      return operator_expression(as<A_Expr>(node), scope);
    case T_BoolExpr:
      return expressions(as<BoolExpr>(node).args, scope);
    case T_FuncCall:
      return function_call(as<FuncCall>(node), scope, around);
    case T_TypeCast:
      return type_cast(as<TypeCast>(node), scope, around);
    case T_List:
      return expressions(reinterpret_cast<const List*>(node), scope, around);
    case T_NullTest:
      return expression(node_of(as<NullTest>(node).arg), scope);
    case T_BooleanTest:
      return expression(node_of(as<BooleanTest>(node).arg), scope);
    case T_SubLink:
      return sub_link(as<SubLink>(node), scope);
    case T_CaseExpr:
      return case_expression(as<CaseExpr>(node), scope);
    case T_CaseWhen:
      expression(node_of(as<CaseWhen>(node).expr), scope);
      return expression(node_of(as<CaseWhen>(node).result), scope);
    case T_CoalesceExpr:
      return expressions(as<CoalesceExpr>(node).args, scope);
    case T_MinMaxExpr:
      return expressions(as<MinMaxExpr>(node).args, scope);
    case T_SQLValueFunction:  // current_user, current_date, ...: no argument, no effect
    case T_SetToDefault:
      return;
    case T_SortBy:
      return sort_item(as<SortBy>(node), scope);
    case T_A_ArrayExpr:
      return expressions(as<A_ArrayExpr>(node).elements, scope, around);
    case T_RowExpr:
      return expressions(as<RowExpr>(node).args, scope);
    case T_A_Indirection:
      return indirection(as<A_Indirection>(node), scope);
    case T_CollateClause:
      found_name(as<CollateClause>(node).collname, "a collation of a schema",
                 as<CollateClause>(node).location);
      return expression(as<CollateClause>(node).arg, scope);
    case T_MultiAssignRef:
      // Each of the columns refers to the same source; the first stands for all.
      if (as<MultiAssignRef>(node).colno == 1) expression(as<MultiAssignRef>(node).source, scope);
      return;
    case T_NamedArgExpr:
      return expression(node_of(as<NamedArgExpr>(node).arg), scope);
    case T_GroupingSet:
      return expressions(as<GroupingSet>(node).content, scope);
    case T_GroupingFunc:
      return expressions(as<GroupingFunc>(node).args, scope);
    case T_WindowDef:
      return window(as<WindowDef>(node), scope);
    case T_XmlExpr:
      expressions(as<XmlExpr>(node).named_args, scope);
      return expressions(as<XmlExpr>(node).args, scope);
    case T_XmlSerialize:
      type_name(as<XmlSerialize>(node).typeName, scope);
      return expression(as<XmlSerialize>(node).expr, scope);
    case T_CurrentOfExpr:  // the row that an open cursor stands on; reading it was judged
      if (findings_ != nullptr) findings_->obstacles.push_back({nullptr, "WHERE CURRENT OF", -1});
      return;
    default:
      draft_.refuse_unseen("0A000", "an expression of this kind is not supported", -1);
  }
}

void Walker::column_reference(const ColumnRef& reference, const Scope& scope) {
  const Nodes fields(reference.fields);
  const std::size_t count = fields.size();
  const bool star = has_tag(fields[count - 1], T_A_Star);
  // A fourth part in front names the database; PostgreSQL checks that it is the current one.
  const std::size_t first = count == 4 ? 1 : 0;
  if (findings_ != nullptr && count - first == 3) qualified_reference(reference, first, scope);
  switch (count - first) {
    case 1:
      return star ? names_.read_everything(scope) : names_.read(scope, string_of(fields[0]));
    case 2:
      if (star) return names_.read_row(scope, string_of(fields[0]));
      return names_.read(scope, string_of(fields[0]), string_of(fields[1]));
    case 3: {
      const std::string_view schema = string_of(fields[first]);
      const std::string_view table = string_of(fields[first + 1]);
      if (star) return names_.read_row(scope, schema, table);
      return names_.read(scope, schema, table, string_of(fields[first + 2]));
    }
    default:
      return names_.read_whole_chain(scope);
  }
}

// A sub-select that takes a table's place has no schema.
void Walker::qualified_reference(const ColumnRef& reference, std::size_t first,
                                 const Scope& scope) {
  const Nodes fields(reference.fields);
  const Use* use = names_.find_use(scope, string_of(fields[first]), string_of(fields[first + 1]));
  if (use != nullptr && !use->is_target)
    findings_->qualified.push_back(
        {reference.location, static_cast<int>(first) + 1, use->relation});
}

// CASE x WHEN y compares by the operator that = means.
void Walker::case_expression(const CaseExpr& node, const Scope& scope) {
  if (node.arg != nullptr && draft_.meanings().is_ambiguous_operator("=")) {
    // A literal there is text; of what type a parameter is, the store decides.
    const Oid type = operand_type(node_of(node.arg), scope);
    constexpr Oid kText = 25;
    const Oid compared = type == kUnknownType ? kText : type == kUndecidedType ? kAnyType : type;
    for (const Node* when : Nodes(node.args))
      use_operator(nullptr, compared, operand_type(node_of(as<CaseWhen>(when).expr), scope));
  }
  expression(node_of(node.arg), scope);
  expressions(node.args, scope);
  expression(node_of(node.defresult), scope);
}

namespace {

// Of current_setting('setting' [, missing_ok]); empty if it is anything else.
std::string_view setting_of(const FuncCall& call, std::string_view name) {
  const Nodes arguments(call.args);
  if ((name != "current_setting" && name != "pg_catalog.current_setting") ||
      arguments.size() == 0 || arguments.size() > 2 || call.func_variadic)
    return {};
  for (const Node* argument : arguments)
    if (!has_tag(argument, T_A_Const) || as<A_Const>(argument).isnull) return {};
  const A_Const& setting = as<A_Const>(arguments[0]);
  return setting.val.node.type == T_String ? view(setting.val.sval.sval) : std::string_view();
}

}  // namespace

// The first of several arguments may be the name of a configuration, which may have a schema; that
// of these two is the name of a parser, or an Oid.
void Walker::text_search_configuration(const FuncCall& call, std::string_view name) {
  if (name.starts_with("pg_catalog.")) name.remove_prefix(sizeof "pg_catalog." - 1);
  constexpr std::string_view kTakers[] = {
      "json_to_tsvector", "jsonb_to_tsvector", "phraseto_tsquery", "plainto_tsquery",
      "to_tsquery",       "to_tsvector",       "ts_headline",      "websearch_to_tsquery"};
  const Nodes arguments(call.args);
  if (name == "ts_parse" || name == "ts_token_type") {
    const bool is_plain =
        arguments.size() > 0 && has_tag(arguments[0], T_A_Const) &&
        as<A_Const>(arguments[0]).val.node.type == T_String &&
        view(as<A_Const>(arguments[0]).val.sval.sval).find('.') == std::string_view::npos;
    if (!is_plain) found_lookup("a text search parser of a schema", call.location);
    return;
  }
  if (arguments.size() < 2 ||
      std::find(std::begin(kTakers), std::end(kTakers), name) == std::end(kTakers))
    return;
  constexpr std::string_view kConstruct = "a text search configuration of a schema";
  if (has_tag(arguments[0], T_ParamRef)) return found_lookup(kConstruct, call.location);
  if (!has_tag(arguments[0], T_A_Const) || as<A_Const>(arguments[0]).isnull) return;
  const A_Const& literal = as<A_Const>(arguments[0]);
  if (literal.val.node.type == T_String &&
      view(literal.val.sval.sval).find('.') != std::string_view::npos &&
      !view(literal.val.sval.sval).starts_with("pg_catalog."))
    found_lookup(kConstruct, call.location);
}

void Walker::function_call(const FuncCall& call, const Scope& scope, GuardedUse::Around around) {
  const std::string name = dotted(call.funcname);
  if (const std::string_view setting = setting_of(call, name); setting.empty())
    draft_.call(name);
  else
    draft_.show(fold_setting_name(setting));
  const bool is_guarded = find_guarded(name) != nullptr || find_name_type(name) != nullptr;
  if (is_guarded) {
    draft_.meanings().use_type("pg_catalog", "oid");  // what its argument is cast to
    if (findings_ != nullptr) findings_->guarded.push_back({&call, nullptr, nullptr, around});
  }
  text_search_configuration(call, name);
  use_function(call, scope);
  expressions(call.args, scope,
              is_guarded ? GuardedUse::Around::kCast : GuardedUse::Around::kAnything);
  expressions(call.agg_order, scope);
  expression(call.agg_filter, scope);
  if (call.over != nullptr) window(*call.over, scope);
}

void Walker::operator_expression(const A_Expr& node, const Scope& scope) {
  switch (node.kind) {
    case AEXPR_OP:
    case AEXPR_OP_ANY:
    case AEXPR_OP_ALL:
    case AEXPR_DISTINCT:
    case AEXPR_NOT_DISTINCT:
    case AEXPR_NULLIF:
    case AEXPR_IN:
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
    case AEXPR_SIMILAR:
      operator_name(node.name);
      break;
    case AEXPR_BETWEEN:  // named by words, made of <= and >=
    case AEXPR_NOT_BETWEEN:
    case AEXPR_BETWEEN_SYM:
    case AEXPR_NOT_BETWEEN_SYM:
      break;
  }
  use_operators(node, scope);
  const auto meets = [&](const Node* other) {
    const bool is_text = other == nullptr || has_tag(other, T_A_Const) ||
                         (node.kind != AEXPR_OP && node.kind != AEXPR_OP_ANY &&
                          node.kind != AEXPR_OP_ALL && node.kind != AEXPR_IN);
    return is_text ? GuardedUse::Around::kAnything : GuardedUse::Around::kComparison;
  };
  around_ = meets(node.rexpr);
  expression(node.lexpr, scope);
  around_ = meets(node.lexpr);
  expression(node.rexpr, scope);
}

void Walker::type_cast(const TypeCast& cast, const Scope& scope, GuardedUse::Around around) {
  const TypeName* type = cast.typeName;
  if (type == nullptr) return expression(cast.arg, scope);
  const std::string name = dotted(type->names);
  if (find_name_type(name) != nullptr && type->arrayBounds == nullptr) {
    use_of_type(*type, scope);
    draft_.meanings().use_type("pg_catalog", "oid");
    if (findings_ != nullptr) findings_->guarded.push_back({nullptr, &cast, nullptr, around});
  } else {
    type_name(type, scope);
    if (!is_builtin_type(name) || type->arrayBounds != nullptr) return expression(cast.arg, scope);
  }
  around_ = GuardedUse::Around::kCast;
  expression(cast.arg, scope);
}

// An operator that PostgreSQL does not bring along calls a function that somebody defined.
void Walker::operator_name(const List* name) {
  if (name == nullptr) return;
  const Nodes parts(name);
  if (parts.size() == 1) {
    const std::string_view symbol = string_of(parts[0]);
    if (!is_builtin_operator(symbol)) draft_.call(symbol);
    return;
  }
  const std::string qualified = dotted(name);
  if (!is_builtin_operator(qualified)) draft_.call(qualified);
}

// (x).f means f(x) where x has no field f; mostly the store alone knows which of both it is.
void Walker::indirection(const A_Indirection& node, const Scope& scope) {
  const Nodes steps(node.indirection);
  std::size_t first = 0;
  if (has_tag(node.arg, T_ColumnRef) && Nodes(as<ColumnRef>(node.arg).fields).size() == 1 &&
      names_.is_field_of_table(scope, string_of(Nodes(as<ColumnRef>(node.arg).fields)[0]),
                               string_of(steps[0])))
    first = 1;
  for (std::size_t i = first; i < steps.size(); ++i)
    if (has_tag(steps[i], T_String)) draft_.call_of_row(string_of(steps[i]));
  subscripts(node.indirection, scope);
  expression(node.arg, scope);
}

// Of a value or of a column that is assigned to, where names are fields and nothing else.
void Walker::subscripts(const List* steps, const Scope& scope) {
  for (const Node* step : Nodes(steps)) {
    if (has_tag(step, T_A_Indices)) {
      expression(as<A_Indices>(step).lidx, scope);
      expression(as<A_Indices>(step).uidx, scope);
    } else if (!has_tag(step, T_A_Star) && !has_tag(step, T_String)) {
      draft_.refuse_unseen("0A000", "a subscript of this kind is not supported", -1);
    }
  }
}

void Walker::sub_link(const SubLink& link, const Scope& scope) {
  operator_name(link.operName);
  if (link.testexpr != nullptr) compare(link.operName, link.testexpr, nullptr, scope);
  expression(link.testexpr, scope);
  ++query_depth_;
  query_outputs(link.subselect, &scope, Outputs::kIgnored);
  --query_depth_;
}

void Walker::window(const WindowDef& definition, const Scope& scope) {
  expressions(definition.partitionClause, scope);
  expressions(definition.orderClause, scope);
  expression(definition.startOffset, scope);
  expression(definition.endOffset, scope);
}

void Walker::order_operator(const SortBy& item) {
  if (item.useOp == nullptr) return;
  operator_name(item.useOp);
  use_operator(item.useOp, kAnyType, kAnyType);
}

void Walker::sort_item(const SortBy& item, const Scope& scope) {
  order_operator(item);
  expression(item.node, scope);
}

// A cast to a type that PostgreSQL does not bring along runs somebody's code and checks; one to a
// reg* type looks a name up in the catalog. Both count as calls of a function of the type's name.
void Walker::type_name(const TypeName* type, const Scope& scope) {
  if (type == nullptr) return;
  use_of_type(*type, scope);
  if (findings_ != nullptr && find_name_type(dotted(type->names)) != nullptr)
    findings_->guarded.push_back({nullptr, nullptr, type});
}

void Walker::use_of_type(const TypeName& used, const Scope& scope) {
  const TypeName* type = &used;
  if (type->pct_type || type->setof)
    draft_.refuse("0A000", "a type given as %TYPE or SETOF is not supported here", type->location);
  const std::string name = dotted(type->names);
  // Where the search path puts pg_catalog behind another schema, text may not be text.
  const catalog::Type* other = catalog_->find_type(named_type(type));
  if (!is_builtin_type(name))
    draft_.call(name);
  else if (other != nullptr)
    draft_.call(quoted_part(other->schema) + "." + quoted_part(other->name));
  use_type(type->names);
  expressions(type->typmods, scope);
}

}  // namespace tracegate::sql
