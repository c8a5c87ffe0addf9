// What the sub-select of a view shows, and which outputs of a statement are raw columns of it.
#include <algorithm>

#include "src/sql/rewriter.h"

namespace tracegate::sql {
namespace {

constexpr std::string_view kFence = " OFFSET 0";

std::size_t index_of(const catalog::Relation& relation, std::string_view column) {
  const auto found = std::find_if(relation.columns.begin(), relation.columns.end(),
                                  [&](const auto& each) { return each.name == column; });
  return static_cast<std::size_t>(found - relation.columns.begin());
}

// Null if the view does not show it.
const ViewColumn* column_of(const RelationView& view, std::string_view name) {
  for (const ViewColumn& each : view.columns)
    if (each.name == name) return &each;
  return nullptr;
}

bool shows_as_it_is(const RelationView& view, std::string_view name) {
  const ViewColumn* column = column_of(view, name);
  return column != nullptr && !column->is_changed();
}

// Where an outer join puts NULL, that is no value of the column: it is left to the store to tell.
bool is_raw(const TableUse& use, const ViewColumn& column) {
  return column.raw_if_returned && (column.expression.empty() || !use.nullable) &&
         !use.computed.contains(index_of(*use.relation, column.name));
}

std::string in_quotes(std::string_view name) {
  return '"' + std::string(name) + '"';
}

}  // namespace

namespace {

// Calls `visit(position, returned, view column)` for the outputs that are columns which a view
// changes.
template <typename Visit>
void for_each_changed(const Findings& findings, const Views& views, Visit visit) {
  for (std::size_t i = 0; i < findings.returned.size(); ++i) {
    const ReturnedColumn& returned = findings.returned[i];
    if (returned.relation == nullptr) continue;
    const RelationView* view = views.find(*returned.relation);
    if (view == nullptr) continue;
    const ViewColumn* column = column_of(*view, returned.relation->columns[returned.column].name);
    if (column != nullptr && column->is_changed()) visit(i, returned, *view, *column);
  }
}

}  // namespace

RawRow raw_row_of(const Findings& findings, const Views& views) {
  RawRow row{0, findings.returned.size(), {}};
  for_each_changed(findings, views,
                   [&](std::size_t position, const ReturnedColumn& returned, const RelationView&,
                       const ViewColumn& column) {
                     if (column.raw_if_returned)
                       row.outputs.push_back({position, returned.relation->oid, returned.column,
                                              returned.is_wrapped});
                   });
  return row;
}

std::string Rewriter::view_column(const TableUse& use, const RelationView& view,
                                  const ViewColumn& column) {
  const std::string name = quoted_name(column.name);
  std::string own = quoted_name(kRowAlias) + "." + name;
  if (column.is_changed() && !is_raw(use, column)) {
    if (!column.expression.empty()) return "(" + column.expression + ") AS " + name;
    // Nobody asks for it, or somebody computes with it.
    if (use.computed.contains(index_of(*use.relation, column.name)))
      refuse("column " + in_quotes(column.name) + " of " + use.relation->qualified_name() +
                 " is masked as it is returned; nothing else can be done with it",
             use.name->location,
             "Return it by its name, and leave it out of conditions, expressions, DISTINCT, ORDER "
             "BY and whole rows.");
  }
  // Not a plain column to the planner, so that it does not evaluate conditions over the statistics
  // of rows that the view does not show.
  return use.fenced && !view.predicate.empty() ? "COALESCE(" + own + ") AS " + name : own;
}

std::string Rewriter::select_of(const TableUse& use, const RelationView& view, bool only) {
  std::string select = "(SELECT ";
  bool first = true;
  for (const ViewColumn& column : view.columns) {
    if (!first) select += ", ";
    first = false;
    select += view_column(use, view, column);
  }
  // Which catalog a row is of: comments are looked up by it.
  if (use.reads_tableoid && view.needs_no_rule)
    select += ", " + quoted_name(kRowAlias) + ".\"tableoid\"";
  select += only ? " FROM ONLY " : " FROM ";
  select += quoted_name(use.relation->schema) + "." + quoted_name(use.relation->name) + " AS " +
            quoted_name(kRowAlias);
  if (view.predicate.empty()) return select + ")";
  select += " WHERE (" + view.predicate + ")";
  if (use.fenced) {
    for (const Repeat& repeat : use.repeats)
      if (shows_as_it_is(view, repeat.column)) select += " AND " + repeat.condition;
    select += kFence;
  }
  return select + ")";
}

// The target of a write stands in the statement as itself.
void Rewriter::refuse_computing(const ComputedTarget& target, const RelationView& view) {
  for (const ViewColumn& column : view.columns)
    if (column.is_changed() && target.computed.contains(index_of(*target.relation, column.name)))
      refuse("column " + in_quotes(column.name) + " of " + target.relation->qualified_name() +
                 " is masked; a statement that writes the table can assign it and return it, and "
                 "nothing else",
             target.name->location,
             "Choose the rows by a sub-select: WHERE key IN (SELECT key FROM table WHERE ...).");
}

void Rewriter::keep_raw(std::size_t index, const Findings& findings) {
  RawRow row{index, findings.returned.size(), {}};
  for_each_changed(
      findings, views_,
      [&](std::size_t position, const ReturnedColumn& returned, const RelationView& view,
          const ViewColumn& column) {
        const auto use =
            std::find_if(findings.tables.begin(), findings.tables.end(),
                         [&](const TableUse& each) { return each.name == returned.name; });
        const bool is_target = use == findings.tables.end();
        if (is_target && !column.raw_if_returned)
          refuse("column " + in_quotes(column.name) + " of " + returned.relation->qualified_name() +
                     " is masked by the store; a statement that writes the table cannot return it",
                 returned.name->location, "Read it with a SELECT.");
        const bool is_nullable =
            is_target && std::any_of(findings.computed_targets.begin(),
                                     findings.computed_targets.end(), [&](const auto& each) {
                                       return each.name == returned.name && each.nullable;
                                     });
        if (is_nullable && !column.expression.empty())
          refuse("column " + in_quotes(column.name) + " of " + returned.relation->qualified_name() +
                     " is masked; a statement that writes the table cannot return it through an "
                     "outer join",
                 returned.name->location, "Leave it out, or read it with a SELECT.");
        if (!is_target && !is_raw(*use, column)) return;
        const bool is_fenced = !is_target && use->fenced && !view.predicate.empty();
        row.outputs.push_back(
            {position, returned.relation->oid, returned.column, returned.is_wrapped || is_fenced});
      });
  if (!row.outputs.empty()) raw_rows_.push_back(std::move(row));
}

void Rewriter::keep_raw(std::size_t index, const catalog::Relation& relation,
                        const RelationView& view, std::span<const std::string> columns) {
  RawRow row{index, columns.size(), {}};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ViewColumn* column = column_of(view, columns[i]);
    if (column != nullptr && column->raw_if_returned)
      row.outputs.push_back(
          {i, relation.oid, static_cast<std::uint32_t>(index_of(relation, columns[i])), false});
  }
  if (!row.outputs.empty()) raw_rows_.push_back(std::move(row));
}

}  // namespace tracegate::sql
