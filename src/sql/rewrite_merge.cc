// MERGE: rows out of the view do not match, and what an action writes is checked as in UPDATE and
// INSERT. What stands in WHEN is evaluated over rows that matched, or over the source alone.
#include "src/sql/rewriter.h"

namespace tracegate::sql {

// MERGE INTO target USING source ON condition WHEN [NOT] MATCHED [AND condition] THEN action ...
void Rewriter::restrict_merge(const TargetUse& target, const RelationView& view) {
  Range name;
  if (!find_name(*target.name, name)) return;
  const int depth = tokens_[name.first].depth;
  // A join in USING has ONs of its own, which all stand before.
  std::size_t on = tokens_.size();
  std::size_t when = find_outside_case(name.last + 1, depth, [&](std::size_t i) {
    if (is_word(tokens_[i].token, "on")) on = i;
    return is_word(tokens_[i].token, "when");
  });
  if (on >= when || when >= tokens_.size()) return refuse_on(target, "this form of MERGE");
  restrict_condition(target, view, {on + 1, when - 1});
  for (const Node* item : Nodes(as<MergeStmt>(target.statement).mergeWhenClauses)) {
    const std::size_t then = find_outside_case(
        when + 1, depth, [this](std::size_t i) { return is_word(tokens_[i].token, "then"); });
    if (then >= tokens_.size()) return refuse_on(target, "this form of MERGE");
    restrict_action(target, view, as<MergeWhenClause>(item), then);
    when = find_outside_case(then + 1, depth,
                             [this](std::size_t i) { return is_word(tokens_[i].token, "when"); });
  }
}

void Rewriter::restrict_action(const TargetUse& target, const RelationView& view,
                               const MergeWhenClause& clause, std::size_t then) {
  const int depth = tokens_[then].depth;
  if (clause.commandType == CMD_UPDATE)
    return restrict_assignments(target, view, clause.targetList, depth);
  if (clause.commandType != CMD_INSERT) return;  // DELETE, DO NOTHING
  if (view.scope_columns.empty()) return refuse_on(target, "INSERT");
  if (clause.values == nullptr) return refuse_on(target, "INSERT DEFAULT VALUES");
  const std::size_t values = find_end(
      then + 1, depth, [this](std::size_t i) { return is_word(tokens_[i].token, "values"); });
  for (const ScopeColumn& column : view.scope_columns) {
    const std::optional<std::size_t> position = find_value(target, clause.targetList, column);
    if (!position || !restrict_row(target, column, clause.values, *position, values + 1)) return;
  }
}

}  // namespace tracegate::sql
