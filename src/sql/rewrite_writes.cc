// Targets of writes: which rows a statement may touch, and which values it may write into the
// columns that decide whether a row is in the view.
#include <algorithm>
#include <array>

#include "src/sql/rewriter.h"

namespace tracegate::sql {
namespace {

// Fails with a text that begins with kOutOfScopeMark. That depends on `value`, so that the planner
// cannot evaluate it beforehand.
std::string failure(std::string_view value) {
  return "CAST(pg_catalog.concat('" + std::string(kOutOfScopeMark) + " ', " + std::string(value) +
         ") AS pg_catalog.int4)";
}

// A keyword of the list, which is reserved and ends an expression that stands before it.
template <std::size_t N>
bool is_one_of(const Token& token, const std::array<std::string_view, N>& keywords) {
  return !token.keyword.empty() &&
         std::find(keywords.begin(), keywords.end(), token.keyword) != keywords.end();
}

// Whether the row under `alias` is in the view, for a place that the planner does not look into: by
// its values, each looked up, where the predicate would have all rows of another table gathered.
std::string row_check(const RelationView& view, std::string_view predicate,
                      std::string_view alias) {
  std::string check;
  for (const ScopeColumn& column : view.scope_columns) {
    if (!check.empty()) check += " AND ";
    check +=
        fill_gaps(column.condition, "$value", quoted_name(alias) + "." + quoted_name(column.name));
  }
  return check.empty() ? std::string(predicate) : "(" + check + ")";
}

const ResTarget* find_target(const List* targets, std::string_view column) {
  for (const Node* item : Nodes(targets))
    if (has_tag(item, T_ResTarget) && view(as<ResTarget>(item).name) == column)
      return &as<ResTarget>(item);
  return nullptr;
}

}  // namespace

// Columns of the target may be called "from": any keyword can be a name behind a dot or AS.
bool Rewriter::is_name(std::size_t token) const {
  return token > 0 && !tokens_[token].token.keyword.empty() &&
         (tokens_[token - 1].token.code == '.' || is_word(tokens_[token - 1].token, "as"));
}

void Rewriter::refuse_on(const TargetUse& target, std::string_view construct) {
  refuse(std::string(construct) + " is not supported on a table that the role sees in part",
         target.name->location);
}

void Rewriter::restrict_target(const TargetUse& target, const RelationView& view) {
  // The aliases of what is put in must not hide the target.
  if (alias_of(*target.name).starts_with(kRowAlias))
    return refuse("an alias that begins with \"tracegate\" is not supported here",
                  target.name->location);
  switch (static_cast<int>(target.statement->type)) {
    case T_UpdateStmt:
      return restrict_update(target, view);
    case T_DeleteStmt: {
      Range name;
      if (find_name(*target.name, name)) restrict_rows(target, view, name.last + 1);
      return;
    }
    case T_InsertStmt:
      return restrict_insert(target, view);
    case T_MergeStmt:
      return restrict_merge(target, view);
    case T_CopyStmt:
      return restrict_copy(target, view);
    default:
      return refuse_on(target, "this statement");
  }
}

// WHERE condition, or nothing, from token `from` on, becomes WHERE predicate AND condition.
void Rewriter::restrict_rows(const TargetUse& target, const RelationView& view, std::size_t from) {
  const int depth = tokens_[from - 1].depth;
  const std::size_t where = find_end(from, depth, [this](std::size_t i) {
    return is_word(tokens_[i].token, "where") || is_word(tokens_[i].token, "returning");
  });
  if (where == tokens_.size() || !is_word(tokens_[where].token, "where"))
    return insert_behind(where - 1, " WHERE " + predicate_on(target, view));
  const std::size_t end = find_end(
      where + 1, depth, [this](std::size_t i) { return is_word(tokens_[i].token, "returning"); });
  restrict_condition(target, view, {where + 1, end - 1});
}

std::string Rewriter::predicate_on(const TargetUse& target, const RelationView& view) {
  return "(" +
         fill_gaps(view.predicate, quoted_name(kRowAlias), quoted_name(alias_of(*target.name))) +
         ")";
}

void Rewriter::restrict_condition(const TargetUse& target, const RelationView& view,
                                  Range condition) {
  const std::string predicate = predicate_on(target, view);
  // CASE evaluates in its order, which AND does not. It hides the condition from the planner, who
  // looks for indexes and joins in what is repeated beside it.
  if (target.fenced) {
    std::string safe = predicate;
    for (const std::string& repeated : target.repeats) safe += " AND " + repeated;
    insert_behind(condition.first - 1, " " + safe + " AND (CASE WHEN " +
                                           row_check(view, predicate, alias_of(*target.name)) +
                                           " THEN (");
    insert_behind(condition.last, ") ELSE false END)");
  } else {
    insert_behind(condition.first - 1, " " + predicate + " AND (");
    insert_behind(condition.last, ")");
  }
}

void Rewriter::restrict_update(const TargetUse& target, const RelationView& view) {
  Range name;
  if (!find_name(*target.name, name)) return;
  const UpdateStmt& update = as<UpdateStmt>(target.statement);
  restrict_assignments(target, view, update.targetList, tokens_[name.first].depth);
  restrict_rows(target, view, name.last + 1);
}

void Rewriter::restrict_assignments(const TargetUse& target, const RelationView& view,
                                    const List* targets, int depth) {
  for (const ScopeColumn& column : view.scope_columns) {
    const ResTarget* item = find_target(targets, column.name);
    if (item == nullptr) continue;
    if (has_tag(item->val, T_MultiAssignRef))
      return refuse_on(target, "assigning several columns at once");
    if (has_tag(item->val, T_SetToDefault)) return refuse_on(target, "DEFAULT");
    if (item->indirection != nullptr) return refuse_on(target, "assigning a part of a column");
    const std::size_t first = tokens_.at(static_cast<std::size_t>(item->location));
    if (first + 2 >= tokens_.size() || tokens_[first + 1].token.code != '=')
      return refuse_on(target, "this form of SET");
    const std::size_t end = find_outside_case(first + 2, depth, [this](std::size_t i) {
      const Token& token = tokens_[i].token;
      if (is_word(token, "from")) return !is_word(tokens_[i - 1].token, "distinct");
      return token.code == ',' || is_word(token, "where") || is_word(token, "returning") ||
             is_word(token, "when");
    });
    check_value(target, column, {first + 2, end - 1});
  }
  if (view.scope_columns.empty()) refuse_on(target, "UPDATE");
}

// Puts a check around an expression whose value is written into `column`.
void Rewriter::check_value(const TargetUse& target, const ScopeColumn& column, Range expression) {
  const std::string& type = column.type;
  if (type.empty()) return refuse_on(target, "writing a scope column of this type");
  const std::string value = quoted_name(kRowAlias) + ".\"v\"";
  insert_before(expression.first,
                "(SELECT CASE WHEN " + fill_gaps(column.condition, "$value", value) + " THEN " +
                    value + " ELSE CAST(CAST(" + failure(value) + " AS pg_catalog.text) AS " +
                    type + ") END FROM (SELECT CAST(");
  insert_behind(expression.last,
                " AS " + type + ") AS \"v\" OFFSET 0) AS " + quoted_name(kRowAlias) + ")");
}

void Rewriter::restrict_insert(const TargetUse& target, const RelationView& view) {
  const InsertStmt& insert = as<InsertStmt>(target.statement);
  if (view.scope_columns.empty()) return refuse_on(target, "INSERT");
  if (insert.selectStmt == nullptr) return refuse_on(target, "INSERT ... DEFAULT VALUES");
  Range name;
  if (!find_name(*target.name, name)) return;
  const SelectStmt& select = as<SelectStmt>(insert.selectStmt);
  for (const ScopeColumn& column : view.scope_columns) {
    const std::optional<std::size_t> place = find_value(target, insert.cols, column);
    if (!place) return;
    const std::size_t position = *place;
    if (select.valuesLists != nullptr)
      restrict_values(target, column, select, position, name.last);
    else
      restrict_select(target, column, select, position);
  }
  if (insert.onConflictClause != nullptr && insert.onConflictClause->action == ONCONFLICT_UPDATE)
    restrict_conflict(target, view, *insert.onConflictClause);
}

// Where in a row the value for `column` stands; refused if there is none. No list: all columns.
std::optional<std::size_t> Rewriter::find_value(const TargetUse& target, const List* columns,
                                                const ScopeColumn& column) {
  std::size_t position = 0;
  if (columns != nullptr) {
    for (const Node* item : Nodes(columns)) {
      if (sql::view(as<ResTarget>(item).name) == column.name) return position;
      ++position;
    }
  } else {
    for (const catalog::Column& each : target.relation->columns) {
      if (each.name == column.name) return position;
      ++position;
    }
  }
  refuse("a value is needed for column \"" + column.name +
             "\", which decides whether the row is in the role's scope",
         target.name->location);
  return std::nullopt;
}

// The item at `position` of each row behind VALUES.
void Rewriter::restrict_values(const TargetUse& target, const ScopeColumn& column,
                               const SelectStmt& select, std::size_t position,
                               std::size_t target_token) {
  const int depth = tokens_[target_token].depth;
  std::size_t token = find_end(target_token + 1, depth, [this](std::size_t i) {
    return is_word(tokens_[i].token, "values");
  });
  if (token >= tokens_.size() || !is_word(tokens_[token].token, "values"))
    return refuse_on(target, "VALUES in parentheses");
  for (const Node* row : Nodes(select.valuesLists)) {
    if (!restrict_row(target, column, reinterpret_cast<const List*>(row), position, token + 1))
      return;
    token = find_end(token + 2, depth + 1, [](std::size_t) { return false; }) + 1;  // , behind )
  }
}

// The item at `position` of the row that begins with the bracket at `open`.
bool Rewriter::restrict_row(const TargetUse& target, const ScopeColumn& column, const List* values,
                            std::size_t position, std::size_t open) {
  const Nodes row(values);
  if (position >= row.size())
    refuse_on(target, "a row with too few values");
  else if (has_tag(row[position], T_SetToDefault))
    refuse_on(target, "DEFAULT");
  if (refusal_) return false;
  const Range value = find_item(open, position);
  if (value.first > value.last)
    refuse_on(target, "this form of VALUES");
  else
    check_value(target, column, value);
  return !refusal_;
}

// Of a list in brackets; first > last: there is none.
Rewriter::Range Rewriter::find_item(std::size_t open, std::size_t position) const {
  constexpr Range kNone{1, 0};
  if (open >= tokens_.size()) return kNone;
  const int depth = tokens_[open].depth + 1;
  const auto ends = [this](std::size_t i) { return tokens_[i].token.code == ','; };
  std::size_t first = open + 1;
  std::size_t end = find_end(first, depth, ends);
  for (std::size_t i = 0; i < position && end < tokens_.size(); ++i) {
    first = end + 1;
    end = find_end(first, depth, ends);
  }
  if (end >= tokens_.size() || end == first) return kNone;
  return {first, end - 1};
}

// The item at `position` of a plain SELECT list.
void Rewriter::restrict_select(const TargetUse& target, const ScopeColumn& column,
                               const SelectStmt& select, std::size_t position) {
  const Nodes items(select.targetList);
  for (std::size_t i = 0; i <= position && i < items.size(); ++i) {
    const Node* value = as<ResTarget>(items[i]).val;
    if (!has_tag(value, T_ColumnRef)) continue;
    const Nodes fields(as<ColumnRef>(value).fields);
    if (has_tag(fields[fields.size() - 1], T_A_Star))
      return refuse_on(target, "INSERT ... SELECT *");
  }
  if (select.op != SETOP_NONE || position >= items.size())
    return refuse_on(target, "INSERT of anything but VALUES or a plain SELECT");
  const ResTarget& item = as<ResTarget>(items[position]);
  const std::size_t first = tokens_.at(static_cast<std::size_t>(item.location));
  if (first >= tokens_.size()) return refuse_on(target, "this form of SELECT");
  std::size_t end = find_end(first, tokens_[first].depth, [this](std::size_t i) {
    const Token& token = tokens_[i].token;
    const std::string_view before = i > 0 ? tokens_[i - 1].token.keyword : std::string_view();
    if (is_word(token, "from")) return before != "distinct";
    if (is_word(token, "group")) return before != "within";
    constexpr std::array<std::string_view, 14> kEnds = {
        "where", "having", "window", "order",     "limit", "offset", "fetch",
        "for",   "union",  "except", "intersect", "into",  "on",     "returning"};
    return token.code == ',' || is_one_of(token, kEnds);
  });
  if (item.name != nullptr) {  // its label, with AS or without
    --end;
    if (end > first && is_word(tokens_[end - 1].token, "as")) --end;
  }
  if (end <= first) return refuse_on(target, "this form of SELECT");
  check_value(target, column, {first, end - 1});
}

// ON CONFLICT ... DO UPDATE SET ... [WHERE ...]
void Rewriter::restrict_conflict(const TargetUse& target, const RelationView& view,
                                 const OnConflictClause& clause) {
  const std::size_t on = tokens_.at(static_cast<std::size_t>(clause.location));
  if (on >= tokens_.size()) return refuse_on(target, "this form of ON CONFLICT");
  const int depth = tokens_[on].depth;
  const std::size_t action =
      find_end(on, depth, [this](std::size_t i) { return is_word(tokens_[i].token, "do"); });
  const std::size_t set =
      find_end(action, depth, [this](std::size_t i) { return is_word(tokens_[i].token, "set"); });
  if (set >= tokens_.size() || !is_word(tokens_[set].token, "set"))
    return refuse_on(target, "this form of ON CONFLICT");
  restrict_assignments(target, view, clause.targetList, depth);
  TargetUse conflicting = target;
  conflicting.fenced = true;
  conflicting.repeats.clear();
  restrict_rows(conflicting, view, set + 1);
}

// COPY ... FROM STDIN ... [WHERE condition]: a row that is not in the view fails.
void Rewriter::restrict_copy(const TargetUse& target, const RelationView& view) {
  const CopyStmt& copy = as<CopyStmt>(target.statement);
  if (view.scope_columns.empty()) return refuse_on(target, "COPY FROM");
  Range name;
  if (!find_name(*target.name, name)) return;
  std::string check;
  for (const ScopeColumn& column : view.scope_columns) {
    if (column.needs_query)  // which COPY ... WHERE cannot have
      return refuse(
          "COPY FROM into a table whose scope goes through another table is not supported",
          target.name->location);
    const std::string value = quoted_name(column.name);
    if (!check.empty()) check += " AND ";
    check += "CASE WHEN " + fill_gaps(column.condition, "$value", value) + " THEN true ELSE " +
             failure(value) + " IS NULL END";
  }
  const int depth = tokens_[name.first].depth;
  const std::size_t end = find_end(name.last + 1, depth, [](std::size_t) { return false; });
  if (copy.whereClause == nullptr) return insert_behind(end - 1, " WHERE " + check);
  const std::size_t where = find_end(
      name.last + 1, depth, [this](std::size_t i) { return is_word(tokens_[i].token, "where"); });
  // Of the rows that the client's own condition lets in, all must be in scope.
  insert_behind(where, " (");
  insert_behind(end - 1, ") AND " + check);
}

}  // namespace tracegate::sql
