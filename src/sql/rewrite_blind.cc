// INSERT that tells nothing of the rows that are there: those that exist are skipped, and the tag
// says the number of rows that were offered. It is known from the text; what would tell more than
// the tag, or offers a number of rows that the text does not say, is refused.
#include <algorithm>

#include "src/sql/rewriter.h"

namespace tracegate::sql {
namespace {

// Whether the store could make several rows of a single row of VALUES, because a function in it
// returns a set.
bool may_return_set(const Node* node) {
  if (node == nullptr) return false;
  const auto any = [](const List* list) {
    for (const Node* each : Nodes(list))
      if (may_return_set(each)) return true;
    return false;
  };
  switch (static_cast<int>(node->type)) {
    case T_A_Const:
    case T_ParamRef:
    case T_SetToDefault:
    case T_SQLValueFunction:
    case T_SubLink:
      return false;
    case T_TypeCast:
      return may_return_set(as<TypeCast>(node).arg);
    case T_A_ArrayExpr:
      return any(as<A_ArrayExpr>(node).elements);
    case T_RowExpr:
      return any(as<RowExpr>(node).args);
    default:
      return true;
  }
}

constexpr std::string_view kUseValues = "write the rows as VALUES";
constexpr std::string_view kPlainInsert =
    "a duplicate is taken as written without an error; write a plain INSERT ... VALUES";

}  // namespace

void Rewriter::refuse_blind(const TargetUse& target, std::string_view construct,
                            std::string_view hint) {
  refuse(std::string(construct) + " is not supported where the role writes blindly",
         target.name->location, std::string(hint));
}

void Rewriter::write_blindly(const Node* statement, std::size_t index, const TargetUse& target) {
  switch (static_cast<int>(target.statement->type)) {
    case T_InsertStmt:
      break;
    case T_MergeStmt:
      for (const Node* item : Nodes(as<MergeStmt>(target.statement).mergeWhenClauses))
        if (as<MergeWhenClause>(item).commandType == CMD_INSERT)
          return refuse_blind(target, "INSERT in MERGE", kPlainInsert);
      return;
    case T_CopyStmt:
      if (target.relation->has_unique_index)
        refuse_blind(target, "COPY FROM into a table with a unique index or exclusion constraint",
                     "COPY fails for duplicates; use INSERT ... VALUES");
      return;
    default:
      return;  // UPDATE and DELETE make no rows
  }
  if (has_tag(statement, T_PrepareStmt))
    return refuse_blind(target, "PREPARE of an INSERT",
                        "prepare it by the extended query protocol");
  if (has_tag(statement, T_ExplainStmt)) return refuse_blind(target, "EXPLAIN of an INSERT", {});
  insert_blindly(target);
  // The tag is that of the statement; what an INSERT in WITH does is in nobody's answer.
  if (statement == target.statement) offer(index, target);
}

void Rewriter::insert_blindly(const TargetUse& target) {
  const InsertStmt& insert = as<InsertStmt>(target.statement);
  // They are looked at for rows that are inserted, not for those that are skipped: a row with a key
  // that certainly does not exist would fail exactly if it is no duplicate.
  if (target.relation->has_foreign_key)
    return refuse_blind(target, "INSERT into a table with foreign keys", {});
  if (insert.returningList != nullptr)
    return refuse_blind(target, "RETURNING", "it would return no row for a duplicate");
  if (insert.onConflictClause != nullptr) {
    if (insert.onConflictClause->action != ONCONFLICT_NOTHING)
      refuse_blind(target, "ON CONFLICT DO UPDATE", kPlainInsert);
    return;
  }
  Range name;
  if (!find_name(*target.name, name)) return;
  const std::size_t end =
      find_end(name.last + 1, tokens_[name.first].depth, [](std::size_t) { return false; });
  insert_behind(end - 1, " ON CONFLICT DO NOTHING");
}

void Rewriter::offer(std::size_t index, const TargetUse& target) {
  const InsertStmt& insert = as<InsertStmt>(target.statement);
  if (insert.selectStmt == nullptr) return offered_.push_back({index, 1});  // DEFAULT VALUES
  const SelectStmt& select = as<SelectStmt>(insert.selectStmt);
  if (select.valuesLists == nullptr || select.op != SETOP_NONE)
    return refuse_blind(target, "INSERT ... SELECT", kUseValues);
  if (select.limitCount != nullptr || select.limitOffset != nullptr)
    return refuse_blind(target, "VALUES with LIMIT or OFFSET", kUseValues);
  const std::size_t rows = Nodes(select.valuesLists).size();
  if (rows == 1) keep_single(target, select);
  offered_.push_back({index, rows});
}

// A single row of VALUES is a SELECT list to the store, in which functions may return sets: within
// COALESCE they may not. (In several rows they may not, either.)
void Rewriter::keep_single(const TargetUse& target, const SelectStmt& select) {
  Range name;
  if (!find_name(*target.name, name)) return;
  const std::size_t values =
      find_end(name.last + 1, tokens_[name.first].depth,
               [this](std::size_t i) { return is_word(tokens_[i].token, "values"); });
  const Nodes row(reinterpret_cast<const List*>(Nodes(select.valuesLists)[0]));
  for (std::size_t position = 0; position < row.size(); ++position) {
    if (!may_return_set(row[position]) || is_checked(target, position)) continue;
    const Range value = values < tokens_.size() ? find_item(values + 1, position) : Range{1, 0};
    if (value.first > value.last) return refuse_blind(target, "this form of VALUES", kUseValues);
    insert_before(value.first, "COALESCE(");
    insert_behind(value.last, ")");
  }
}

// Of a scope column: what is around its value takes no set, either.
bool Rewriter::is_checked(const TargetUse& target, std::size_t position) const {
  const RelationView* seen = views_.find(*target.relation);
  if (seen == nullptr) return false;
  const List* columns = as<InsertStmt>(target.statement).cols;
  std::string_view name;
  if (columns == nullptr) {
    if (position >= target.relation->columns.size()) return false;
    name = target.relation->columns[position].name;
  } else {
    const Nodes items(columns);
    if (position >= items.size()) return false;
    name = view(as<ResTarget>(items[position]).name);
  }
  return std::any_of(seen->scope_columns.begin(), seen->scope_columns.end(),
                     [&](const ScopeColumn& column) { return column.name == name; });
}

}  // namespace tracegate::sql
