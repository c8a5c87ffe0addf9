// Names of output columns, as a query further out can refer to them.
#include "src/sql/builtins.h"
#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

// How sure a name is: a stronger one from further in wins over a weaker one from further out.
enum class Strength { kNone, kWeak, kStrong };
struct Figured {
  Strength strength = Strength::kNone;
  std::string_view name;
};

constexpr std::string_view kNameless = "?column?";
constexpr int kMaxDepth = 1000;  // a name buried deeper stays unknown

Figured figure(const Node* node, int depth);

std::string_view last_string(const List* list) {
  std::string_view found;
  for (const Node* item : Nodes(list))
    if (has_tag(item, T_String)) found = string_of(item);
  return found;
}

Figured weak_unless_stronger(const Node* inner, std::string_view name, int depth) {
  const Figured figured = figure(inner, depth + 1);
  if (figured.strength == Strength::kStrong || name.empty()) return figured;
  return {Strength::kWeak, name};
}

std::string_view name_of(SQLValueFunctionOp op) {
  switch (op) {
    case SVFOP_CURRENT_DATE:
      return "current_date";
    case SVFOP_CURRENT_TIME:
    case SVFOP_CURRENT_TIME_N:
      return "current_time";
    case SVFOP_CURRENT_TIMESTAMP:
    case SVFOP_CURRENT_TIMESTAMP_N:
      return "current_timestamp";
    case SVFOP_LOCALTIME:
    case SVFOP_LOCALTIME_N:
      return "localtime";
    case SVFOP_LOCALTIMESTAMP:
    case SVFOP_LOCALTIMESTAMP_N:
      return "localtimestamp";
    case SVFOP_CURRENT_ROLE:
      return "current_role";
    case SVFOP_CURRENT_USER:
      return "current_user";
    case SVFOP_USER:
      return "user";
    case SVFOP_SESSION_USER:
      return "session_user";
    case SVFOP_CURRENT_CATALOG:
      return "current_catalog";
    case SVFOP_CURRENT_SCHEMA:
      return "current_schema";
  }
  return {};
}

std::string_view name_of(XmlExprOp op) {
  switch (op) {
    case IS_XMLCONCAT:
      return "xmlconcat";
    case IS_XMLELEMENT:
      return "xmlelement";
    case IS_XMLFOREST:
      return "xmlforest";
    case IS_XMLPARSE:
      return "xmlparse";
    case IS_XMLPI:
      return "xmlpi";
    case IS_XMLROOT:
      return "xmlroot";
    case IS_XMLSERIALIZE:
      return "xmlserialize";
    case IS_DOCUMENT:
      return {};
  }
  return {};
}

Figured strong(std::string_view name) {
  return name.empty() ? Figured{} : Figured{Strength::kStrong, name};
}

// A scalar sub-select is named after its only column.
Figured figure_sub_select(const Node* node, int depth) {
  if (!has_tag(node, T_SelectStmt) || depth > kMaxDepth) return {};
  const SelectStmt* select = &as<SelectStmt>(node);
  while (select->larg != nullptr) select = select->larg;
  if (select->valuesLists != nullptr) return strong("column1");
  if (select->targetList == nullptr) return {};
  const ResTarget& target = as<ResTarget>(Nodes(select->targetList)[0]);
  if (target.name != nullptr) return strong(view(target.name));
  const Figured figured = figure(target.val, depth + 1);
  return strong(figured.strength == Strength::kNone ? kNameless : figured.name);
}

Figured figure_sub_link(const SubLink& link, int depth) {
  switch (link.subLinkType) {
    case EXISTS_SUBLINK:
      return strong("exists");
    case ARRAY_SUBLINK:
      return strong("array");
    case EXPR_SUBLINK:
      return figure_sub_select(link.subselect, depth + 1);
    case ALL_SUBLINK:
    case ANY_SUBLINK:
    case ROWCOMPARE_SUBLINK:
    case MULTIEXPR_SUBLINK:
    case CTE_SUBLINK:
      return {};
  }
  return {};
}

Figured figure(const Node* node, int depth) {
  if (node == nullptr || depth > kMaxDepth) return {};
  switch (static_cast<int>(node->type)) {
    case T_ColumnRef:
      return strong(last_string(as<ColumnRef>(node).fields));
    case T_A_Indirection: {
      const std::string_view field = last_string(as<A_Indirection>(node).indirection);
      return field.empty() ? figure(as<A_Indirection>(node).arg, depth + 1) : strong(field);
    }
    case T_FuncCall:
      return strong(last_string(as<FuncCall>(node).funcname));
    case T_A_Expr:
      return as<A_Expr>(node).kind == AEXPR_NULLIF ? strong("nullif") : Figured{};
    case T_TypeCast: {
      const TypeCast& cast = as<TypeCast>(node);
      return weak_unless_stronger(
          cast.arg, cast.typeName ? last_string(cast.typeName->names) : std::string_view(), depth);
    }
    case T_CollateClause:
      return figure(as<CollateClause>(node).arg, depth + 1);
    case T_GroupingFunc:
      return strong("grouping");
    case T_SubLink:
      return figure_sub_link(as<SubLink>(node), depth);
    case T_CaseExpr: {
      const Expr* otherwise = as<CaseExpr>(node).defresult;
      return weak_unless_stronger(reinterpret_cast<const Node*>(otherwise), "case", depth);
    }
    case T_A_ArrayExpr:
      return strong("array");
    case T_RowExpr:
      return strong("row");
    case T_CoalesceExpr:
      return strong("coalesce");
    case T_MinMaxExpr:
      return strong(as<MinMaxExpr>(node).op == IS_GREATEST ? "greatest" : "least");
    case T_SQLValueFunction:
      return strong(name_of(as<SQLValueFunction>(node).op));
    case T_XmlExpr:
      return strong(name_of(as<XmlExpr>(node).op));
    case T_XmlSerialize:
      return strong("xmlserialize");
    default:
      return {};
  }
}

}  // namespace

std::string_view default_column_name(const Node* expression) {
  const Figured figured = figure(expression, 0);
  return figured.strength == Strength::kNone ? kNameless : figured.name;
}

namespace {

// (f(x)).* : the columns of a composite type, which is not known here.
bool expands_unknown_row(const Node* value) {
  if (!has_tag(value, T_A_Indirection)) return false;
  const Nodes steps(as<A_Indirection>(value).indirection);
  return steps.size() > 0 && has_tag(steps[steps.size() - 1], T_A_Star);
}

}  // namespace

// t.*, s.t.*, *
void Walker::append_row(const ColumnRef& star, const Scope& scope) {
  const Nodes fields(star.fields);
  switch (fields.size()) {
    case 1:
      return names_.append_columns_of_everything(scope);
    case 2:
      return names_.append_columns_of_row(scope, string_of(fields[0]));
    case 3:
      return names_.append_columns_of_row(scope, string_of(fields[0]), string_of(fields[1]));
    default:
      names_.names.push_back({{}, {}, true});
  }
}

namespace {

bool is_star(const Node* value) {
  if (!has_tag(value, T_ColumnRef)) return false;
  const Nodes fields(as<ColumnRef>(value).fields);
  return has_tag(fields[fields.size() - 1], T_A_Star);
}

}  // namespace

std::optional<SourceColumn> Walker::origin_of(const Node* value, const Scope& scope) const {
  if (has_tag(value, T_CoalesceExpr) && Nodes(as<CoalesceExpr>(value).args).size() == 1) {
    std::optional<SourceColumn> origin = origin_of(Nodes(as<CoalesceExpr>(value).args)[0], scope);
    if (origin) origin->is_wrapped = true;
    return origin;
  }
  // Only rewriting asks.
  if (findings_ == nullptr || !has_tag(value, T_ColumnRef)) return std::nullopt;
  const Nodes fields(as<ColumnRef>(value).fields);
  switch (fields.size()) {
    case 1:
      return names_.find_origin(scope, {}, {}, string_of(fields[0]));
    case 2:
      return names_.find_origin(scope, {}, string_of(fields[0]), string_of(fields[1]));
    case 3:
      return names_.find_origin(scope, string_of(fields[0]), string_of(fields[1]),
                                string_of(fields[2]));
    default:
      return std::nullopt;
  }
}

void Walker::append_output_columns(const List* targets, const Scope& scope) {
  for (const Node* item : Nodes(targets)) {
    if (!has_tag(item, T_ResTarget)) continue;
    const ResTarget& target = as<ResTarget>(item);
    if (is_star(target.val)) {
      append_row(as<ColumnRef>(target.val), scope);
    } else if (expands_unknown_row(target.val)) {
      names_.names.push_back({{}, {}, true});
    } else {
      const std::string_view name =
          target.name != nullptr ? view(target.name) : default_column_name(target.val);
      names_.names.push_back({name, origin_of(target.val, scope).value_or(SourceColumn{})});
    }
  }
}

// Whether nothing is done with the column, or row, than to make it an output: `outputs`, of which
// the origins are known.
bool Walker::only_returns(const Node* value, const Scope& scope, NameRange outputs) const {
  return is_star(value) ? !names_.has_open(outputs) : origin_of(value, scope).has_value();
}

void Walker::output_columns(const List* targets, const Scope& scope, NameRange outputs,
                            bool follows) {
  for (const Node* item : Nodes(targets)) {
    names_.set_returning(follows && has_tag(item, T_ResTarget) &&
                         only_returns(as<ResTarget>(item).val, scope, outputs));
    expression(item, scope);
    names_.set_returning(false);
  }
}

// ORDER BY 2 and ORDER BY name do not refer to columns of a source.
void Walker::compute_sorted(const List* items, NameRange outputs) {
  for (const Node* item : Nodes(items)) {
    const Node* value = as<SortBy>(item).node;
    if (has_tag(value, T_A_Const)) names_.compute(outputs);
    if (has_tag(value, T_ColumnRef) && Nodes(as<ColumnRef>(value).fields).size() == 1)
      names_.compute(outputs, string_of(Nodes(as<ColumnRef>(value).fields)[0]));
  }
}

NameRange Walker::renamed(NameRange columns, const List* aliases) {
  if (aliases == nullptr) return columns;
  const Nodes given(aliases);
  // Which column each name is of is not known.
  const bool has_places = !names_.has_open(columns);
  if (!has_places) names_.compute(columns);
  const auto first = static_cast<std::uint32_t>(names_.names.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::size_t source = columns.first + i;
    const bool is_known = has_places && source < columns.last;
    names_.names.push_back(
        {string_of(given[i]), is_known ? names_.names[source].origin : SourceColumn{}});
  }
  for (std::size_t i = columns.first + given.size(); i < columns.last; ++i) {
    const OutputName column = names_.names[i];
    names_.names.push_back(column);
  }
  return {first, static_cast<std::uint32_t>(names_.names.size())};
}

}  // namespace tracegate::sql
