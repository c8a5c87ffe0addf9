#include "src/sql/walker.h"

namespace tracegate::sql {
namespace {

// PostgreSQL with its default max_stack_depth of 2 MB refuses trees of some 4,000 (operators) to
// 8,000 (NOT, UNION) levels; this limit lies above what it executes. It takes less than 4 MB of stack,
// of the 8 MB that workers have. Builds with larger frames (sanitizers) reach the second limit first.
constexpr int kMaxDepth = 8000;
constexpr std::ptrdiff_t kMaxStackBytes = 6 * 1024 * 1024;

const char* stack_position() { return static_cast<const char*>(__builtin_frame_address(0)); }

std::string relation_name(const RangeVar& name) {
  std::string joined;
  for (const char* part : {name.catalogname, name.schemaname, name.relname}) {
    if (part == nullptr) continue;
    if (!joined.empty()) joined.push_back('.');
    joined.append(part);
  }
  return joined;
}

// The name under which columns refer to the target of a statement.
std::string_view target_name(const RangeVar& name) {
  return name.alias != nullptr ? view(name.alias->aliasname) : view(name.relname);
}

}  // namespace

void Walker::begin(const catalog::Catalog& catalog, std::span<const std::string> search_path) {
  draft_.begin();
  names_.begin();
  catalog_ = &catalog;
  search_path_ = search_path;
  depth_ = 0;
  stack_base_ = stack_position();
  awaiting_outputs_ = -1;
}

bool Walker::Level::too_deep() const {
  if (walker_.depth_ <= kMaxDepth && walker_.stack_base_ - stack_position() <= kMaxStackBytes)
    return walker_.draft_.exhausted();
  walker_.draft_.refuse_unseen("54001", "stack depth limit exceeded", -1);
  return true;
}

const catalog::Relation* Walker::find_relation(const RangeVar& name) {
  if (name.catalogname != nullptr) {
    draft_.refuse("0A000", "cross-database references are not implemented: \"" +
                               relation_name(name) + "\"", name.location);
    return nullptr;
  }
  const catalog::Relation* found =
      name.schemaname != nullptr ? catalog_->find(view(name.schemaname), view(name.relname))
                                 : catalog_->resolve(view(name.relname), search_path_);
  if (found == nullptr)
    draft_.refuse("42P01", "relation \"" + relation_name(name) + "\" does not exist",
                  name.location);
  return found;
}

const catalog::Relation* Walker::target(const RangeVar& name) { return find_relation(name); }

void Walker::target_columns(Operation operation, const catalog::Relation& relation,
                            const List* columns) {
  if (columns == nullptr) return draft_.need_all(operation, relation);
  for (const Node* column : Nodes(columns)) {
    if (draft_.exhausted()) return;
    const bool is_target = has_tag(column, T_ResTarget);
    draft_.need_column(operation, relation,
                       is_target ? view(as<ResTarget>(column).name) : string_of(column));
  }
}

void Walker::query(const Node* statement) { query_outputs(statement, nullptr, Outputs::kIgnored); }

void Walker::free_expressions(const List* list) { expressions(list, Scope{}); }
void Walker::free_expression(const Node* node) { expression(node, Scope{}); }

void Walker::free_types(const List* types) {
  for (const Node* type : Nodes(types))
    if (has_tag(type, T_TypeName)) type_name(&as<TypeName>(type), Scope{});
}

void Walker::copy_condition(const RangeVar& relation, const Node* condition) {
  Scope scope;
  add_target(relation, find_relation(relation), scope);
  expression(condition, scope);
}

NameRange Walker::query_outputs(const Node* statement, const Scope* outer, Outputs outputs) {
  switch (statement != nullptr ? static_cast<int>(statement->type) : T_Invalid) {
    case T_SelectStmt: return select(as<SelectStmt>(statement), outer, outputs);
    case T_InsertStmt: return insert(as<InsertStmt>(statement), outer, outputs);
    case T_UpdateStmt: return update(as<UpdateStmt>(statement), outer, outputs);
    case T_DeleteStmt: return remove(as<DeleteStmt>(statement), outer, outputs);
    case T_MergeStmt: merge(as<MergeStmt>(statement), outer); return {};
    default:
      draft_.refuse_unseen("0A000", "a statement of this kind cannot be part of another", -1);
      return {};
  }
}

void Walker::close(const Scope& scope, std::size_t with_queries) {
  names_.sources.resize(scope.first);
  names_.with_queries.resize(with_queries);
}

// --- WITH -----------------------------------------------------------------------------------------

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
      with_query(as<CommonTableExpr>(queries[i]), first + i, outer);
    return;
  }
  // A query sees those before it, neither itself nor those behind it.
  for (const Node* item : queries) {
    const CommonTableExpr& query = as<CommonTableExpr>(item);
    names_.with_queries.push_back({{}, {}, query.aliascolnames});  // no table has an empty name
    const std::size_t index = names_.with_queries.size() - 1;
    with_query(query, index, outer);
    names_.with_queries[index].name = view(query.ctename);
  }
}

void Walker::with_query(const CommonTableExpr& query, std::size_t index, const Scope* outer) {
  const Level level(*this);
  if (level.too_deep()) return;
  awaiting_outputs_ = static_cast<int>(index);
  const NameRange outputs = query_outputs(query.ctequery, outer, Outputs::kWanted);
  awaiting_outputs_ = -1;
  const auto first = static_cast<std::uint32_t>(names_.names.size());
  const NameRange columns = renamed(outputs, query.aliascolnames);
  names_.with_queries[index].columns = columns;
  if (query.search_clause == nullptr && query.cycle_clause == nullptr) return;
  // SEARCH and CYCLE add columns; those of the query are copied so that the range stays in one piece.
  std::vector<std::string_view>& names = names_.names;
  if (columns.first < first)
    for (std::uint32_t i = columns.first; i < columns.last; ++i) names.push_back(names[i]);
  if (const CTESearchClause* search = query.search_clause)
    names.push_back(view(search->search_seq_column));
  if (const CTECycleClause* cycle = query.cycle_clause) {
    names.push_back(view(cycle->cycle_mark_column));
    names.push_back(view(cycle->cycle_path_column));
    free_expression(cycle->cycle_mark_value);
    free_expression(cycle->cycle_mark_default);
  }
  names_.with_queries[index].columns = {first, static_cast<std::uint32_t>(names.size())};
}

// --- SELECT ---------------------------------------------------------------------------------------

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
    columns = select(*statement.larg, outer, outputs);
    awaiting_outputs_ = -1;
    select(*statement.rarg, outer, Outputs::kIgnored);
    // Only names of output columns can stand in ORDER BY here, and no relation is locked.
    Scope scope{outer, static_cast<std::uint32_t>(names_.sources.size()),
                static_cast<std::uint32_t>(names_.sources.size())};
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
  from_clause(statement.fromClause, scope);

  const auto first_name = static_cast<std::uint32_t>(names_.names.size());
  const bool own_use = statement.sortClause != nullptr || statement.groupClause != nullptr ||
                       statement.distinctClause != nullptr;
  if (outputs == Outputs::kWanted || own_use) append_output_columns(statement.targetList, scope);
  if (statement.valuesLists != nullptr && outputs == Outputs::kWanted) {
    static constexpr std::string_view kNames[] = {"column1", "column2", "column3", "column4",
                                                  "column5", "column6", "column7", "column8"};
    const List* row = static_cast<const List*>(statement.valuesLists->elements[0].ptr_value);
    const std::size_t count = std::min(Nodes(row).size(), std::size(kNames));
    names_.names.insert(names_.names.end(), kNames, kNames + count);
  }
  const NameRange columns{first_name, static_cast<std::uint32_t>(names_.names.size())};
  if (awaiting >= 0) {
    WithQuery& query = names_.with_queries[static_cast<std::size_t>(awaiting)];
    query.columns = renamed(columns, static_cast<const List*>(query.aliases));
  }

  for (const Node* item : Nodes(statement.targetList)) expression(item, scope);
  for (const Node* row : Nodes(statement.valuesLists)) expression(row, scope);
  expression(statement.whereClause, scope);
  sort_or_group(statement.groupClause, columns, scope);
  expression(statement.havingClause, scope);
  for (const Node* item : Nodes(statement.windowClause)) expression(item, scope);
  sort_or_group(statement.distinctClause, columns, scope);
  sort_or_group(statement.sortClause, columns, scope);
  expression(statement.limitOffset, scope);
  expression(statement.limitCount, scope);
  locking(statement.lockingClause, scope);
  into(statement.intoClause);
  names_.sources.resize(first);
  return columns;
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
        if (has_tag(item, T_SortBy)) operator_name(as<SortBy>(item).useOp);
        continue;
      }
    }
    expression(item, scope);
  }
}

// FOR UPDATE and its weaker forms need the right to update what they lock: the relations of the named
// FROM items, or of all. A name that no item has is an error to PostgreSQL; here it means all.
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
    for (std::uint32_t use = source.use_first; use < source.use_last; ++use)
      draft_.need(Operation::kUpdate, *names_.uses[use], -1);
  }
  draft_.spend(scope.last - scope.first);
  return found;
}

// --- INSERT ---------------------------------------------------------------------------------------

NameRange Walker::insert(const InsertStmt& statement, const Scope* outer, Outputs outputs) {
  awaiting_outputs_ = -1;
  draft_.set_writes();
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  const catalog::Relation* relation = find_relation(*statement.relation);
  if (relation != nullptr) {
    draft_.need(Operation::kInsert, *relation, statement.relation->location);
    if (statement.cols != nullptr || statement.selectStmt != nullptr)
      target_columns(Operation::kInsert, *relation, statement.cols);
  }
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  for (const Node* column : Nodes(statement.cols))
    subscripts(as<ResTarget>(column).indirection, scope);
  // The source does not see the target.
  if (statement.selectStmt != nullptr) query_outputs(statement.selectStmt, outer, Outputs::kIgnored);
  if (statement.onConflictClause != nullptr)
    on_conflict(*statement.onConflictClause, relation, *statement.relation, outer);
  add_target(*statement.relation, relation, scope);
  const NameRange columns = returning(statement.returningList, scope, outputs);
  close(scope, with_queries);
  return columns;
}

void Walker::on_conflict(const OnConflictClause& clause, const catalog::Relation* relation,
                         const RangeVar& name, const Scope* outer) {
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(name, relation, scope);
  arbiter(clause.infer, relation, scope);
  if (clause.action == ONCONFLICT_UPDATE) {
    Source excluded;
    excluded.name = "excluded";
    excluded.relation = relation;
    excluded.aliased = true;
    push(excluded, nullptr, scope);
    if (relation != nullptr) draft_.need(Operation::kUpdate, *relation, name.location);
    assignments(clause.targetList, relation, scope);
    expression(clause.whereClause, scope);
  }
  names_.sources.resize(first);
}

// Whether a row conflicts tells what the arbiter columns hold: that is a read of them.
void Walker::arbiter(const InferClause* infer, const catalog::Relation* relation,
                     const Scope& scope) {
  if (relation != nullptr) draft_.need(Operation::kSelect, *relation, -1);
  if (infer == nullptr || infer->indexElems == nullptr) {
    if (relation != nullptr) draft_.need_all(Operation::kSelect, *relation);
  }
  if (infer == nullptr) return;
  for (const Node* item : Nodes(infer->indexElems)) {
    const IndexElem& element = as<IndexElem>(item);
    if (element.name != nullptr) names_.read(scope, view(element.name));
    expression(element.expr, scope);
  }
  expression(infer->whereClause, scope);
}

// SET column = value, ...: the columns are updated, what the values use is read.
void Walker::assignments(const List* targets, const catalog::Relation* relation,
                         const Scope& scope) {
  if (relation != nullptr) target_columns(Operation::kUpdate, *relation, targets);
  for (const Node* item : Nodes(targets)) expression(item, scope);
}

NameRange Walker::returning(const List* targets, const Scope& scope, Outputs outputs) {
  const auto first = static_cast<std::uint32_t>(names_.names.size());
  if (outputs == Outputs::kWanted) append_output_columns(targets, scope);
  const NameRange columns{first, static_cast<std::uint32_t>(names_.names.size())};
  for (const Node* item : Nodes(targets)) expression(item, scope);
  return columns;
}

// --- UPDATE, DELETE, MERGE ------------------------------------------------------------------------

NameRange Walker::update(const UpdateStmt& statement, const Scope* outer, Outputs outputs) {
  awaiting_outputs_ = -1;
  draft_.set_writes();
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  const catalog::Relation* relation = find_relation(*statement.relation);
  if (relation != nullptr)
    draft_.need(Operation::kUpdate, *relation, statement.relation->location);
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(*statement.relation, relation, scope);
  from_clause(statement.fromClause, scope);
  assignments(statement.targetList, relation, scope);
  expression(statement.whereClause, scope);
  const NameRange columns = returning(statement.returningList, scope, outputs);
  close(scope, with_queries);
  return columns;
}

NameRange Walker::remove(const DeleteStmt& statement, const Scope* outer, Outputs outputs) {
  awaiting_outputs_ = -1;
  draft_.set_writes();
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  const catalog::Relation* relation = find_relation(*statement.relation);
  if (relation != nullptr) {
    draft_.need(Operation::kDelete, *relation, statement.relation->location);
    draft_.need_all(Operation::kDelete, *relation);
  }
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(*statement.relation, relation, scope);
  from_clause(statement.usingClause, scope);
  expression(statement.whereClause, scope);
  const NameRange columns = returning(statement.returningList, scope, outputs);
  close(scope, with_queries);
  return columns;
}

void Walker::merge(const MergeStmt& statement, const Scope* outer) {
  awaiting_outputs_ = -1;
  draft_.set_writes();
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  const catalog::Relation* relation = find_relation(*statement.relation);
  // Which action is taken tells which rows exist.
  if (relation != nullptr)
    draft_.need(Operation::kSelect, *relation, statement.relation->location);
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(*statement.relation, relation, scope);
  from_item(statement.sourceRelation, scope);
  expression(statement.joinCondition, scope);
  // Without a match there is no row of the target, and a name that both have is the source's.
  const Scope source_only{outer, first + 1, scope.last};
  for (const Node* item : Nodes(statement.mergeWhenClauses)) {
    const MergeWhenClause& clause = as<MergeWhenClause>(item);
    merge_action(clause, relation, clause.matched ? scope : source_only);
  }
  close(scope, with_queries);
}

void Walker::merge_action(const MergeWhenClause& clause, const catalog::Relation* relation,
                          const Scope& scope) {
  expression(clause.condition, scope);
  for (const Node* value : Nodes(clause.values)) expression(value, scope);
  switch (clause.commandType) {
    case CMD_INSERT:
      if (relation != nullptr) {
        draft_.need(Operation::kInsert, *relation, -1);
        if (clause.targetList != nullptr || clause.values != nullptr)
          target_columns(Operation::kInsert, *relation, clause.targetList);
      }
      for (const Node* column : Nodes(clause.targetList))
        subscripts(as<ResTarget>(column).indirection, scope);
      return;
    case CMD_UPDATE:
      if (relation != nullptr) draft_.need(Operation::kUpdate, *relation, -1);
      assignments(clause.targetList, relation, scope);
      return;
    case CMD_DELETE:
      if (relation == nullptr) return;
      draft_.need(Operation::kDelete, *relation, -1);
      draft_.need_all(Operation::kDelete, *relation);
      return;
    case CMD_NOTHING: return;
    case CMD_UNKNOWN:
    case CMD_SELECT:
    case CMD_MERGE:
    case CMD_UTILITY: break;
  }
  draft_.refuse_unseen("0A000", "a MERGE action of this kind is not supported", -1);
}

void Walker::add_target(const RangeVar& name, const catalog::Relation* relation, Scope& scope) {
  Source source;
  source.name = target_name(name);
  source.relation = relation;
  source.aliased = name.alias != nullptr;
  push(source, name.alias, scope);
}

}  // namespace tracegate::sql
