// What a FROM (USING, MERGE USING) clause makes visible, and to which of its own parts: see
// transformFromClauseItem in parser/parse_clause.c of PostgreSQL 15.
#include "src/sql/builtins.h"
#include "src/sql/walker.h"

namespace tracegate::sql {

void Walker::from_clause(const List* items, Scope& scope) {
  for (const Node* item : Nodes(items)) from_item(item, scope);
}

void Walker::from_item(const Node* item, Scope& scope) {
  const Level level(*this);
  if (level.too_deep() || item == nullptr) return;
  switch (static_cast<int>(item->type)) {
    case T_RangeVar:
      return table(as<RangeVar>(item), scope);
    case T_RangeSubselect:
      return sub_select(as<RangeSubselect>(item), scope);
    case T_RangeFunction:
      return functions(as<RangeFunction>(item), scope);
    case T_RangeTableFunc:
      return table_function(as<RangeTableFunc>(item), scope);
    case T_RangeTableSample:
      return sample(as<RangeTableSample>(item), scope);
    case T_JoinExpr:
      return join(as<JoinExpr>(item), scope);
    default:
      draft_.refuse_unseen("0A000", "a FROM item of this kind is not supported", -1);
  }
}

// Adds `source` under `alias`. Column names in the alias are laid over those of the source; which
// column of a table they stand for is not followed: the whole row counts as read.
void Walker::push(Source source, const Alias* alias, Scope& scope) {
  if (alias != nullptr) {
    source.name = view(alias->aliasname);
    source.aliased = true;
    if (alias->colnames != nullptr) {
      if (source.relation != nullptr) {
        names_.need_row(source);
        source.columns.first = static_cast<std::uint32_t>(names_.names.size());
        for (const catalog::Column& column : source.relation->columns)
          names_.names.push_back({column.name});
        source.columns.last = static_cast<std::uint32_t>(names_.names.size());
      }
      source.columns = renamed(source.columns, alias->colnames);
    }
  }
  names_.sources.push_back(source);
  scope.last = static_cast<std::uint32_t>(names_.sources.size());
}

void Walker::table(const RangeVar& name, Scope& scope) {
  Source source;
  source.name = view(name.relname);
  const int query = name.schemaname == nullptr && name.catalogname == nullptr
                        ? names_.find_with_query(source.name)
                        : -1;
  if (query >= 0) {
    const WithQuery& with = names_.with_queries[static_cast<std::size_t>(query)];
    source.columns = with.columns;
    source.aliased = true;
    source.use_first = with.use_first;
    source.use_last = with.use_last;
    source.has_all_columns = with.has_all_columns;
    source.locks = false;
    for (std::uint32_t i = with.use_first; i < with.use_last && nullable_ > 0; ++i)
      names_.uses[i].nullable = true;
    return push(source, name.alias, scope);
  }
  source.relation = find_relation(name);
  if (source.relation != nullptr) {
    draft_.need(Operation::kSelect, *source.relation, name.location);
    source.use_first = static_cast<std::uint32_t>(names_.uses.size());
    names_.uses.push_back({.relation = source.relation, .name = &name, .nullable = nullable_ > 0});
    source.use_last = source.use_first + 1;
  }
  push(source, name.alias, scope);
}

void Walker::sub_select(const RangeSubselect& item, Scope& scope) {
  Source source;
  source.use_first = static_cast<std::uint32_t>(names_.uses.size());
  // Without LATERAL it sees what its surroundings see, but not its neighbours.
  const Scope* outer = item.lateral ? &scope : scope.parent;
  ++query_depth_;
  source.columns = query_outputs(item.subquery, outer, Outputs::kFollowed);
  source.has_all_columns = true;
  --query_depth_;
  source.use_last = static_cast<std::uint32_t>(names_.uses.size());
  push(source, item.alias, scope);
}

// Function calls in FROM are LATERAL by themselves.
void Walker::functions(const RangeFunction& item, Scope& scope) {
  for (const Node* pair : Nodes(item.functions)) {
    const Nodes parts(reinterpret_cast<const List*>(pair));  // a call, its column definitions
    expression(parts[0], scope);
    if (findings_ != nullptr) mark_in_from(parts[0], item.alias == nullptr);
    column_definitions(reinterpret_cast<const List*>(parts[1]), scope);
  }
  column_definitions(item.coldeflist, scope);

  Source source;
  source.columns.first = static_cast<std::uint32_t>(names_.names.size());
  append_result_columns(item);
  source.columns.last = static_cast<std::uint32_t>(names_.names.size());
  const Nodes first_pair(reinterpret_cast<const List*>(Nodes(item.functions)[0]));
  source.name = default_column_name(first_pair[0]);
  push(source, item.alias, scope);

  // Behind the columns of the functions, of which each has at least one that an alias can rename.
  const std::size_t renamed_columns =
      item.alias != nullptr ? Nodes(item.alias->colnames).size() : 0;
  if (!item.ordinality || renamed_columns > Nodes(item.functions).size()) return;
  names_.names.push_back({"ordinality"});
  names_.sources.back().columns.last = static_cast<std::uint32_t>(names_.names.size());
}

void Walker::mark_in_from(const Node* item, bool unnamed) {
  for (GuardedUse& use : findings_->guarded) {
    if (static_cast<const void*>(use.call) != item && static_cast<const void*>(use.cast) != item)
      continue;
    use.in_from = true;
    use.unnamed = unnamed;
  }
}

void Walker::append_result_columns(const RangeFunction& item) {
  const Nodes pairs(item.functions);
  for (const Node* pair : pairs) {
    const Nodes parts(reinterpret_cast<const List*>(pair));
    append_defined_columns(reinterpret_cast<const List*>(parts[1]));
    if (!has_tag(parts[0], T_FuncCall)) continue;
    const std::string function = dotted(as<FuncCall>(parts[0]).funcname);
    for (const std::string_view column : result_columns(function)) names_.names.push_back({column});
    if (!returns_one_value(function)) continue;
    const bool takes_alias = pairs.size() == 1 && item.alias != nullptr;
    names_.names.push_back(
        {takes_alias ? view(item.alias->aliasname) : default_column_name(parts[0])});
  }
  append_defined_columns(item.coldeflist);
}

// AS (name type, ...)
void Walker::column_definitions(const List* definitions, const Scope& scope) {
  for (const Node* item : Nodes(definitions)) {
    if (!has_tag(item, T_ColumnDef)) {
      draft_.refuse_unseen("0A000", "a column definition of this kind is not supported", -1);
      continue;
    }
    type_name(as<ColumnDef>(item).typeName, scope);
    if (const CollateClause* collation = as<ColumnDef>(item).collClause; collation != nullptr)
      found_name(collation->collname, "a collation of a schema", collation->location);
    expression(as<ColumnDef>(item).raw_default, scope);
  }
}

void Walker::append_defined_columns(const List* definitions) {
  for (const Node* item : Nodes(definitions))
    if (has_tag(item, T_ColumnDef)) names_.names.push_back({view(as<ColumnDef>(item).colname)});
}

void Walker::table_function(const RangeTableFunc& item, Scope& scope) {
  expression(item.docexpr, scope);
  expression(item.rowexpr, scope);
  expressions(item.namespaces, scope);
  for (const Node* node : Nodes(item.columns)) {
    const RangeTableFuncCol& column = as<RangeTableFuncCol>(node);
    type_name(column.typeName, scope);
    expression(column.colexpr, scope);
    expression(column.coldefexpr, scope);
  }
  Source source;
  source.name = "xmltable";
  source.columns.first = static_cast<std::uint32_t>(names_.names.size());
  for (const Node* node : Nodes(item.columns))
    names_.names.push_back({view(as<RangeTableFuncCol>(node).colname)});
  source.columns.last = static_cast<std::uint32_t>(names_.names.size());
  push(source, item.alias, scope);
}

void Walker::sample(const RangeTableSample& item, Scope& scope) {
  // The arguments see neither the table nor its neighbours.
  const Scope around{scope.parent, scope.last, scope.last};
  expressions(item.args, around);
  expression(item.repeatable, around);
  draft_.call(dotted(item.method));
  const std::size_t first_use = names_.uses.size();
  from_item(item.relation, scope);
  // Which rows are sampled depends on all rows.
  if (findings_ != nullptr && names_.uses.size() > first_use)
    findings_->obstacles.push_back({names_.uses[first_use].relation, "TABLESAMPLE", item.location});
}

// NATURAL and USING compare with =.
void Walker::compare_joined(const JoinExpr& item, std::uint32_t first, std::uint32_t middle,
                            std::uint32_t last) {
  const bool was_marking = names_.is_marking();
  // Which columns NATURAL compares is not in the text: all of them may be.
  if (item.isNatural) {
    names_.mark_unsafe(true);
    names_.read_rows(first, last);
    draft_.meanings().use_operator({}, "=", kAnyType, kAnyType);
  }
  for (const Node* name : Nodes(item.usingClause)) {
    const std::string_view column = string_of(name);
    const Scope sides{nullptr, first, last};
    names_.mark_unsafe(was_marking || !compare_safely(names_.plain_types(sides, column)));
    names_.read_joined(first, middle, column);
    names_.read_joined(middle, last, column);
    draft_.meanings().use_operator({}, "=", names_.type_of({nullptr, first, middle}, column),
                                   names_.type_of({nullptr, middle, last}, column));
  }
  names_.mark_unsafe(was_marking);
}

void Walker::join(const JoinExpr& item, Scope& scope) {
  const bool is_outer = item.jointype != JOIN_INNER;
  if (is_outer) ++outer_joins_, ++nullable_;
  const std::uint32_t first = scope.last;
  from_item(item.larg, scope);
  const std::uint32_t middle = scope.last;
  from_item(item.rarg, scope);
  const std::uint32_t last = scope.last;
  if (is_outer) --outer_joins_, --nullable_;

  compare_joined(item, first, middle, last);
  if (item.isNatural || item.usingClause != nullptr) scope.merges_columns = true;
  // ON sees the two sides of this join and nothing else of this level.
  const Scope sides{scope.parent, first, last};
  expression(item.quals, sides);
  if (!is_outer && outer_joins_ == 0) require(item.quals, sides);

  Source joined;
  joined.join_first = first;
  joined.join_last = last;
  if (item.join_using_alias != nullptr) {
    joined.names_only = true;
    push(joined, item.join_using_alias, scope);
    joined.names_only = false;
  }
  if (item.alias == nullptr) return;
  if (item.alias->colnames != nullptr) names_.read_rows(first, last);
  for (std::uint32_t i = first; i < scope.last; ++i) names_.sources[i].hidden = true;
  draft_.spend(scope.last - first);
  push(joined, item.alias, scope);
}

}  // namespace tracegate::sql
