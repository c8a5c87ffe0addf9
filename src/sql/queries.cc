#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

// PostgreSQL with its default max_stack_depth of 2 MB refuses trees of some 4,000 (operators) to
// 8,000 (NOT, UNION) levels; this limit lies above what it executes. It takes less than 4 MB of
// stack, of the 8 MB that workers have. Builds with larger frames (sanitizers) reach the second
// limit first.
constexpr int kMaxDepth = 8000;
constexpr std::ptrdiff_t kMaxStackBytes = 6 * 1024 * 1024;

const char* stack_position() {
  return static_cast<const char*>(__builtin_frame_address(0));
}

std::string relation_name(const RangeVar& name) {
  std::string joined;
  for (const char* part : {name.catalogname, name.schemaname, name.relname}) {
    if (part == nullptr) continue;
    if (!joined.empty()) joined.push_back('.');
    joined.append(part);
  }
  return joined;
}

}  // namespace

void Walker::begin(const catalog::Catalog& catalog, std::span<const std::string> search_path) {
  draft_.begin(catalog, search_path);
  names_.begin();
  catalog_ = &catalog;
  search_path_ = search_path;
  depth_ = 0;
  stack_base_ = stack_position();
  awaiting_outputs_ = -1;
  below_filter_ = true;
  unsafe_everywhere_ = false;
  requirements_.clear();
  write_conditions_.clear();
  equalities_.clear();
  parameters_.clear();
  outer_joins_ = 0;
  nullable_ = 0;
  query_depth_ = 0;
}

bool Walker::Level::too_deep() const {
  if (walker_.depth_ <= kMaxDepth && walker_.stack_base_ - stack_position() <= kMaxStackBytes)
    return walker_.draft_.exhausted();
  walker_.draft_.refuse_unseen("54001", "stack depth limit exceeded", -1);
  return true;
}

const catalog::Relation* Walker::find_relation(const RangeVar& name) {
  if (name.catalogname != nullptr) {
    draft_.refuse("0A000",
                  "cross-database references are not implemented: \"" + relation_name(name) + "\"",
                  name.location);
    return nullptr;
  }
  const catalog::Relation* found = name.schemaname != nullptr
                                       ? catalog_->find(view(name.schemaname), view(name.relname))
                                       : catalog_->resolve(view(name.relname), search_path_);
  if (found == nullptr)
    draft_.refuse("42P01", "relation \"" + relation_name(name) + "\" does not exist",
                  name.location);
  return found;
}

void Walker::query_of_client(const Node* statement) {
  ++query_depth_;
  const NameRange outputs = query_outputs(statement, nullptr, Outputs::kFollowed);
  --query_depth_;
  const bool has_places = !names_.has_open(outputs);
  if (!has_places) names_.compute(outputs);
  if (findings_ == nullptr || !has_places) return;
  for (std::uint32_t i = outputs.first; i < outputs.last; ++i) {
    const SourceColumn& origin = names_.names[i].origin;
    findings_->returned.push_back(
        origin.use == SourceColumn::kNone
            ? ReturnedColumn{}
            : ReturnedColumn{static_cast<const RangeVar*>(names_.uses[origin.use].name),
                             names_.uses[origin.use].relation, origin.column, origin.is_wrapped});
  }
}

void Walker::query(const Node* statement) {
  ++query_depth_;
  query_outputs(statement, nullptr, Outputs::kIgnored);
  --query_depth_;
}

void Walker::free_expressions(const List* list) {
  expressions(list, Scope{});
}
void Walker::free_expression(const Node* node) {
  expression(node, Scope{});
}

void Walker::free_types(const List* types) {
  for (const Node* type : Nodes(types))
    if (has_tag(type, T_TypeName)) type_name(&as<TypeName>(type), Scope{});
}

void Walker::copy_target(const CopyStmt& statement) {
  Scope scope;
  add_target(*statement.relation, find_relation(*statement.relation), scope,
             reinterpret_cast<const Node*>(&statement));
  expression(statement.whereClause, scope);
}

NameRange Walker::query_outputs(const Node* statement, const Scope* outer, Outputs outputs) {
  switch (statement != nullptr ? static_cast<int>(statement->type) : T_Invalid) {
    case T_SelectStmt:
      return select(as<SelectStmt>(statement), outer, outputs);
    case T_InsertStmt:
      return insert(as<InsertStmt>(statement), outer, outputs);
    case T_UpdateStmt:
      return update(as<UpdateStmt>(statement), outer, outputs);
    case T_DeleteStmt:
      return remove(as<DeleteStmt>(statement), outer, outputs);
    case T_MergeStmt:
      merge(as<MergeStmt>(statement), outer);
      return {};
    default:
      draft_.refuse_unseen("0A000", "a statement of this kind cannot be part of another", -1);
      return {};
  }
}

void Walker::close(const Scope& scope, std::size_t with_queries) {
  names_.sources.resize(scope.first);
  names_.with_queries.resize(with_queries);
}

void Walker::with_clause(const WithClause* clause, const Scope* outer) {
  if (clause == nullptr) return;
  const Nodes queries(clause->ctes);
  const std::size_t first = names_.with_queries.size();
  if (clause->recursive) {
    // Each of them is visible to all of them.
    for (const Node* item : queries) {
      const CommonTableExpr& query = as<CommonTableExpr>(item);
      names_.with_queries.push_back({view(query.ctename), {}, query.aliascolnames});
    }
    for (std::size_t i = 0; i < queries.size(); ++i)
      with_query(as<CommonTableExpr>(queries[i]), first + i, outer, Outputs::kWanted);
    return;
  }
  // A query sees those before it, neither itself nor those behind it.
  for (const Node* item : queries) {
    const CommonTableExpr& query = as<CommonTableExpr>(item);
    names_.with_queries.push_back({{}, {}, query.aliascolnames});  // no table has an empty name
    const std::size_t index = names_.with_queries.size() - 1;
    with_query(query, index, outer, Outputs::kFollowed);
    names_.with_queries[index].name = view(query.ctename);
  }
}

void Walker::with_query(const CommonTableExpr& query, std::size_t index, const Scope* outer,
                        Outputs outputs) {
  const Level level(*this);
  if (level.too_deep()) return;
  const auto first_use = static_cast<std::uint32_t>(names_.uses.size());
  awaiting_outputs_ = static_cast<int>(index);
  ++query_depth_;
  const NameRange found = query_outputs(query.ctequery, outer, outputs);
  --query_depth_;
  awaiting_outputs_ = -1;
  names_.with_queries[index].use_first = first_use;
  names_.with_queries[index].use_last = static_cast<std::uint32_t>(names_.uses.size());
  const auto first = static_cast<std::uint32_t>(names_.names.size());
  const NameRange columns = renamed(found, query.aliascolnames);
  names_.with_queries[index].columns = columns;
  names_.with_queries[index].has_all_columns = true;
  if (query.search_clause == nullptr && query.cycle_clause == nullptr) return;
  // SEARCH and CYCLE add columns; those of the query are copied so that the range stays in one
  // piece.
  std::vector<OutputName>& names = names_.names;
  if (columns.first < first)
    for (std::uint32_t i = columns.first; i < columns.last; ++i) {
      const OutputName column = names[i];
      names.push_back(column);
    }
  if (const CTESearchClause* search = query.search_clause)
    names.push_back({view(search->search_seq_column)});
  if (const CTECycleClause* cycle = query.cycle_clause) {
    names.push_back({view(cycle->cycle_mark_column)});
    names.push_back({view(cycle->cycle_path_column)});
    free_expression(cycle->cycle_mark_value);
    free_expression(cycle->cycle_mark_default);
  }
  names_.with_queries[index].columns = {first, static_cast<std::uint32_t>(names.size())};
}

NameRange Walker::select(const SelectStmt& statement, const Scope* outer, Outputs outputs) {
  const Level level(*this);
  if (level.too_deep()) return {};
  const int awaiting = std::exchange(awaiting_outputs_, -1);
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  awaiting_outputs_ = awaiting;

  NameRange columns;
  if (statement.op == SETOP_NONE) {
    columns = select_leaf(statement, outer, outputs);
  } else {
    // The names of the first part are those of the whole, for its ORDER BY, too.
    const bool wanted = outputs != Outputs::kIgnored || statement.sortClause != nullptr;
    columns = select(*statement.larg, outer, wanted ? Outputs::kWanted : Outputs::kIgnored);
    awaiting_outputs_ = -1;
    select(*statement.rarg, outer, Outputs::kIgnored);
    const auto end = static_cast<std::uint32_t>(names_.sources.size());
    const Scope scope{outer, end, end};  // no table is visible here
    sort_or_group(statement.sortClause, columns, scope);
    expression(statement.limitOffset, scope);
    expression(statement.limitCount, scope);
    locking(statement.lockingClause, scope);
    into(statement.intoClause);
  }
  names_.with_queries.resize(with_queries);
  return columns;
}

NameRange Walker::select_leaf(const SelectStmt& statement, const Scope* outer, Outputs outputs) {
  const int awaiting = std::exchange(awaiting_outputs_, -1);
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  const Place conditions(*this, true);
  const int outer_joins = std::exchange(outer_joins_, 0);
  from_clause(statement.fromClause, scope);
  outer_joins_ = outer_joins;
  const NameRange columns = leaf_outputs(statement, scope, outputs);
  if (awaiting >= 0) {
    WithQuery& query = names_.with_queries[static_cast<std::size_t>(awaiting)];
    query.columns = renamed(columns, static_cast<const List*>(query.aliases));
  }

  expression(statement.whereClause, scope);
  require(statement.whereClause, scope);
  expression(statement.havingClause, scope);
  // What an outermost SELECT computes of its rows it computes when they have been filtered; a query
  // that stands in another one may be merged with it.
  const Place place(*this, query_depth_ > 1);
  // Rows that are grouped, made distinct or stored are more than returned.
  const bool follows = outputs == Outputs::kFollowed && statement.distinctClause == nullptr &&
                       statement.groupClause == nullptr && statement.intoClause == nullptr;
  output_columns(statement.targetList, scope, columns, follows);
  for (const Node* row : Nodes(statement.valuesLists)) expression(row, scope);
  sort_or_group(statement.groupClause, columns, scope);
  for (const Node* item : Nodes(statement.windowClause)) expression(item, scope);
  sort_or_group(statement.distinctClause, columns, scope);
  sort_or_group(statement.sortClause, columns, scope);
  if (follows) compute_sorted(statement.sortClause, columns);
  expression(statement.limitOffset, scope);
  expression(statement.limitCount, scope);
  locking(statement.lockingClause, scope);
  into(statement.intoClause);
  names_.sources.resize(first);
  return columns;
}

NameRange Walker::leaf_outputs(const SelectStmt& statement, const Scope& scope, Outputs outputs) {
  std::vector<OutputName>& names = names_.names;
  const auto first = static_cast<std::uint32_t>(names.size());
  // Its own ORDER BY and GROUP BY can name them, too.
  const bool own_use = statement.sortClause != nullptr || statement.groupClause != nullptr ||
                       statement.distinctClause != nullptr;
  if (outputs != Outputs::kIgnored || own_use) append_output_columns(statement.targetList, scope);
  if (outputs != Outputs::kIgnored && statement.valuesLists != nullptr) {
    // Further columns than these stay unknown by name.
    static constexpr std::string_view kNames[] = {"column1", "column2", "column3", "column4",
                                                  "column5", "column6", "column7", "column8"};
    const Nodes row(reinterpret_cast<const List*>(Nodes(statement.valuesLists)[0]));
    for (std::size_t i = 0; i < std::min(row.size(), std::size(kNames)); ++i)
      names.push_back({kNames[i]});
    if (row.size() > std::size(kNames)) names.push_back({{}, {}, true});
  }
  return {first, static_cast<std::uint32_t>(names.size())};
}

// SELECT INTO creates a table.
void Walker::into(const IntoClause* clause) {
  if (clause == nullptr) return;
  draft_.add_operation(Operation::kDdl);
  draft_.set_writes();
}

// In these clauses a bare name can be that of an output column.
void Walker::sort_or_group(const List* items, NameRange outputs, const Scope& scope) {
  for (const Node* item : Nodes(items)) {
    const Node* value = has_tag(item, T_SortBy) ? as<SortBy>(item).node : item;
    if (has_tag(value, T_ColumnRef) && Nodes(as<ColumnRef>(value).fields).size() == 1) {
      const std::string_view name = string_of(Nodes(as<ColumnRef>(value).fields)[0]);
      if (draft_.exhausted()) return;
      if (!name.empty()) {
        names_.read(scope, name, names_.contains(outputs, name));
        if (has_tag(item, T_SortBy)) order_operator(as<SortBy>(item));
        continue;
      }
    }
    expression(item, scope);
  }
}

// FOR UPDATE and its weaker forms need the right to update what they lock: the relations of the
// named FROM items, or of all. A name that no item has is an error to PostgreSQL; here it means
// all.
void Walker::locking(const List* clauses, const Scope& scope) {
  for (const Node* item : Nodes(clauses)) {
    draft_.set_writes();
    const Nodes locked(as<LockingClause>(item).lockedRels);
    std::size_t found = 0;
    for (const Node* name : locked) found += lock(scope, view(as<RangeVar>(name).relname));
    if (found < locked.size() || locked.size() == 0) lock(scope, {});
  }
}

// Locks the items called `name`, or all for an empty name. How many there are of that name.
std::size_t Walker::lock(const Scope& scope, std::string_view name) {
  std::size_t found = 0;
  for (std::uint32_t i = scope.first; i < scope.last; ++i) {
    const Source& source = names_.sources[i];
    if (!name.empty() && source.name != name) continue;
    ++found;
    if (!source.locks) continue;
    for (std::uint32_t use = source.use_first; use < source.use_last; ++use)
      draft_.need(Operation::kUpdate, *names_.uses[use].relation, -1);
  }
  draft_.spend(scope.last - scope.first);
  return found;
}

}  // namespace tracegate::sql
