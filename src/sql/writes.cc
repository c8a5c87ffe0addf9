// Statements that write: INSERT, UPDATE, DELETE, MERGE.
#include "src/sql/walker.h"

namespace tracegate::sql {

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
  if (statement.selectStmt != nullptr)
    query_outputs(statement.selectStmt, outer, Outputs::kIgnored);
  if (statement.onConflictClause != nullptr)
    on_conflict(*statement.onConflictClause, relation, *statement.relation, outer);
  add_target(*statement.relation, relation, scope, reinterpret_cast<const Node*>(&statement));
  const NameRange columns = returning(statement.returningList, scope, outputs);
  close(scope, with_queries);
  return columns;
}

namespace {

// The row that an INSERT proposed and that is in conflict.
constexpr std::string_view kExcluded = "excluded";

// column = excluded.column: what was proposed for a column goes into that same column.
bool keeps_proposed(const ResTarget& assignment) {
  if (assignment.indirection != nullptr || !has_tag(assignment.val, T_ColumnRef)) return false;
  const Nodes fields(as<ColumnRef>(assignment.val).fields);
  return fields.size() == 2 && has_tag(fields[0], T_String) && has_tag(fields[1], T_String) &&
         string_of(fields[0]) == kExcluded && string_of(fields[1]) == view(assignment.name);
}

}  // namespace

void Walker::on_conflict(const OnConflictClause& clause, const catalog::Relation* relation,
                         const RangeVar& name, const Scope* outer) {
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(name, relation, scope, nullptr);
  const bool only_conflicts = relation != nullptr && clause.action == ONCONFLICT_NOTHING &&
                              draft_.reads_only_conflicts(*relation);
  arbiter(clause.infer, relation, scope);
  if (only_conflicts) draft_.set_reads_only_conflicts(*relation, true);
  if (clause.action == ONCONFLICT_UPDATE) {
    // What the client did not give itself comes from defaults and triggers, and is the target's.
    Source excluded = names_.sources.back();
    excluded.name = kExcluded;
    excluded.aliased = true;
    push(excluded, nullptr, scope);
    if (relation != nullptr) draft_.need(Operation::kUpdate, *relation, name.location);
    assignments(clause.targetList, relation, scope, Assigning::kConflict);
    expression(clause.whereClause, scope);
  }
  names_.sources.resize(first);
}

// Whether a row conflicts tells what the arbiter columns hold: that is a read of them. With no
// arbiter named the error of a plain INSERT tells as much of the columns that it writes, so that
// it counts as a read of the table, and of no column. Which columns a constraint has is not in
// the text: all of them may be.
void Walker::arbiter(const InferClause* infer, const catalog::Relation* relation,
                     const Scope& scope) {
  if (relation != nullptr) draft_.need(Operation::kSelect, *relation, -1);
  if (infer == nullptr) return;
  if (infer->indexElems == nullptr && relation != nullptr)
    names_.need_row(names_.sources[scope.first]);
  for (const Node* item : Nodes(infer->indexElems)) {
    const IndexElem& element = as<IndexElem>(item);
    found_name(element.collation, "a collation of a schema", -1);
    found_name(element.opclass, "an operator class of a schema", -1);
    if (element.name != nullptr) names_.read(scope, view(element.name));
    expression(element.expr, scope);
  }
  expression(infer->whereClause, scope);
}

// SET column = value, ...: the columns are updated, what the values use is read; so is a column of
// which a part is assigned, as whether that can be done depends on the rest of its value. `scope`
// begins with the target.
void Walker::assignments(const List* targets, const catalog::Relation* relation, const Scope& scope,
                         Assigning assigning) {
  const Place above_filter(*this, false);
  if (relation != nullptr) target_columns(Operation::kUpdate, *relation, targets);
  for (const Node* item : Nodes(targets)) {
    const ResTarget& assignment = as<ResTarget>(item);
    if (assignment.indirection != nullptr)
      names_.read_column_of(names_.sources[scope.first], view(assignment.name));
    names_.set_returning(assigning == Assigning::kConflict && keeps_proposed(assignment));
    expression(item, scope);
    names_.set_returning(false);
  }
}

NameRange Walker::returning(const List* targets, const Scope& scope, Outputs outputs) {
  const Place above_filter(*this, false);
  const auto first = static_cast<std::uint32_t>(names_.names.size());
  if (outputs != Outputs::kIgnored) append_output_columns(targets, scope);
  const NameRange columns{first, static_cast<std::uint32_t>(names_.names.size())};
  output_columns(targets, scope, columns, outputs == Outputs::kFollowed);
  return columns;
}

NameRange Walker::update(const UpdateStmt& statement, const Scope* outer, Outputs outputs) {
  const Place conditions(*this, true);
  awaiting_outputs_ = -1;
  draft_.set_writes();
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  const catalog::Relation* relation = find_relation(*statement.relation);
  if (relation != nullptr) draft_.need(Operation::kUpdate, *relation, statement.relation->location);
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(*statement.relation, relation, scope, reinterpret_cast<const Node*>(&statement));
  from_clause(statement.fromClause, scope);
  assignments(statement.targetList, relation, scope);
  expression(statement.whereClause, scope);
  require(statement.whereClause, scope, reinterpret_cast<const Node*>(&statement));
  const NameRange columns = returning(statement.returningList, scope, outputs);
  close(scope, with_queries);
  return columns;
}

NameRange Walker::remove(const DeleteStmt& statement, const Scope* outer, Outputs outputs) {
  const Place conditions(*this, true);
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
  add_target(*statement.relation, relation, scope, reinterpret_cast<const Node*>(&statement));
  from_clause(statement.usingClause, scope);
  expression(statement.whereClause, scope);
  require(statement.whereClause, scope, reinterpret_cast<const Node*>(&statement));
  const NameRange columns = returning(statement.returningList, scope, outputs);
  close(scope, with_queries);
  return columns;
}

void Walker::merge(const MergeStmt& statement, const Scope* outer) {
  const Place conditions(*this, true);
  awaiting_outputs_ = -1;
  draft_.set_writes();
  const std::size_t with_queries = names_.with_queries.size();
  with_clause(statement.withClause, outer);
  const catalog::Relation* relation = find_relation(*statement.relation);
  // Which action is taken tells which rows exist.
  if (relation != nullptr) draft_.need(Operation::kSelect, *relation, statement.relation->location);
  const auto first = static_cast<std::uint32_t>(names_.sources.size());
  Scope scope{outer, first, first};
  add_target(*statement.relation, relation, scope, reinterpret_cast<const Node*>(&statement));
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
  const Place above_filter(*this, false);
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
    case CMD_NOTHING:
      return;
    case CMD_UNKNOWN:
    case CMD_SELECT:
    case CMD_MERGE:
    case CMD_UTILITY:
      break;
  }
  draft_.refuse_unseen("0A000", "a MERGE action of this kind is not supported", -1);
}

// `statement` is given once for each target: where its rows are chosen.
void Walker::add_target(const RangeVar& name, const catalog::Relation* relation, Scope& scope,
                        const Node* statement) {
  Source source;
  source.name = view(name.relname);  // unless it has an alias
  source.relation = relation;
  if (relation != nullptr) {
    source.use_first = static_cast<std::uint32_t>(names_.uses.size());
    names_.uses.push_back(
        {.relation = relation, .name = &name, .is_target = true, .statement = statement});
    source.use_last = source.use_first + 1;
  }
  push(source, name.alias, scope);
}

}  // namespace tracegate::sql
