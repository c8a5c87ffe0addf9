#include "src/sql/scope.h"

#include <algorithm>
#include <utility>

#include "src/sql/builtins.h"
#include "src/sql/comparisons.h"
#include "src/sql/parse_tree.h"

namespace tracegate::sql {

void Names::begin() {
  reuse(sources);
  reuse(names);
  reuse(with_queries);
  reuse(uses);
  marking_ = false;
  returning_ = false;
  marks_ = 0;
}

void Names::mark(const Source& source) {
  if (!marking_) return;
  ++marks_;
  draft_.spend(source.use_last - source.use_first);
  for (std::uint32_t i = source.use_first; i < source.use_last; ++i) uses[i].fenced = true;
}

bool Names::is_target(const Source& source) const {
  return source.use_first == source.use_last || uses[source.use_first].is_target;
}

void Names::need(const Source& source, std::size_t column) {
  if (is_target(source))
    draft_.read_target_column(*source.relation, column);
  else
    draft_.need_column(Operation::kSelect, *source.relation, column);
  if (!returning_ && source.use_first < source.use_last)
    uses[source.use_first].computed.add(column);
  mark(source);
}

void Names::need_row(const Source& source) {
  if (source.relation != nullptr) {
    if (is_target(source))
      draft_.read_target(*source.relation);
    else
      draft_.need_all(Operation::kSelect, *source.relation);
  }
  if (!returning_) {
    if (source.relation != nullptr && source.use_first < source.use_last)
      uses[source.use_first].computes_all = true;
    compute(source.columns);
  }
  mark(source);
}

bool Names::contains(NameRange range, std::string_view name) const {
  draft_.spend(range.last - range.first);
  if (draft_.exhausted()) return false;
  for (std::uint32_t i = range.first; i < range.last; ++i)
    if (names[i].name == name) return true;
  return false;
}

int Names::find_with_query(std::string_view name) const {
  std::size_t i = with_queries.size();
  while (i > 0 && with_queries[i - 1].name != name) --i;
  draft_.spend(with_queries.size() - i);
  return static_cast<int>(i) - 1;
}

std::uint32_t Names::find_table(const Scope& scope, std::string_view table) const {
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (std::uint32_t i = level->first; i < level->last; ++i)
      if (!sources[i].hidden && sources[i].name == table) return i;
    draft_.spend(level->last - level->first);
  }
  return kNone;
}

std::uint32_t Names::find_table(const Scope& scope, std::string_view schema,
                                std::string_view table) const {
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (std::uint32_t i = level->first; i < level->last; ++i) {
      const Source& source = sources[i];
      if (!source.hidden && !source.aliased && source.relation != nullptr &&
          source.relation->schema == schema && source.relation->name == table)
        return i;
    }
    draft_.spend(level->last - level->first);
  }
  return kNone;
}

bool Names::read_if_present(const Source& source, std::string_view column) {
  if (source.relation != nullptr) {
    const std::vector<catalog::Column>& columns = source.relation->columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name != column || columns[i].is_hidden) continue;
      draft_.spend(i + 1);
      need(source, i);
      return true;
    }
    draft_.spend(columns.size());
  }
  if (!contains(source.columns, column)) return false;
  if (!returning_) compute(source.columns, column);
  mark(source);
  return true;
}

void Names::read_row_of(const Source& source) {
  need_row(source);
  read_rows(source.join_first, source.join_last);
}

void Names::read_rows(std::uint32_t first, std::uint32_t last) {
  draft_.spend(last - first);
  if (draft_.exhausted()) return;
  for (std::uint32_t i = first; i < last; ++i) need_row(sources[i]);
}

void Names::read_system_column(const Source& source) {
  if (source.relation == nullptr || source.use_first == source.use_last) return;
  uses[source.use_first].reads_system_column = true;
}

void Names::read_column_of(const Source& source, std::string_view column) {
  bool found = read_if_present(source, column);
  for (std::uint32_t i = source.join_first; i < source.join_last; ++i)
    if (read_if_present(sources[i], column)) found = true;
  if (found) return;
  read_row_of(source);
  const bool table_attribute = source.relation != nullptr && is_system_column(column);
  if (table_attribute) read_system_column(source);
  if (table_attribute && column == "tableoid" && source.use_first < source.use_last)
    uses[source.use_first].reads_tableoid = true;
  if (!table_attribute) draft_.call_of_row(column);
}

void Names::read(const Scope& scope, std::string_view table, std::string_view column) {
  const std::uint32_t found = find_table(scope, table);
  if (found == kNone) return read_whole_chain(scope);
  read_column_of(sources[found], column);
}

void Names::read(const Scope& scope, std::string_view schema, std::string_view table,
                 std::string_view column) {
  const std::uint32_t found = find_table(scope, schema, table);
  if (found == kNone) return read_whole_chain(scope);
  read_column_of(sources[found], column);
}

void Names::read(const Scope& scope, std::string_view column, bool may_be_output) {
  if (draft_.exhausted()) return;
  bool found = may_be_output;
  const bool returning = returning_;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (std::uint32_t i = level->first; i < level->last; ++i)
      if (read_if_present(sources[i], column)) found = true;
    // What it certainly means here it means nowhere else.
    if (level->parent != nullptr && find_origin(*level, {}, {}, column)) returning_ = true;
  }
  if (is_system_column(column)) {
    returning_ = returning;
    for (const Scope* level = &scope; level != nullptr; level = level->parent)
      for (std::uint32_t i = level->first; i < level->last; ++i) read_system_column(sources[i]);
    return read_whole_chain(scope);
  }
  // The name of a table stands for its row.
  const std::uint32_t row = find_table(scope, column);
  if (row != kNone) {
    if (find_origin(scope, {}, {}, column)) returning_ = true;
    read_row_of(sources[row]);
  }
  returning_ = returning;
  if (row == kNone && !found) read_whole_chain(scope);
}

bool Names::is_field_of_table(const Scope& scope, std::string_view table,
                              std::string_view column) const {
  // A column of that name would come first; so everything visible must be fully known.
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    draft_.spend(level->last - level->first);
    for (std::uint32_t i = level->first; i < level->last; ++i) {
      const Source& source = sources[i];
      const bool is_plain =
          source.relation != nullptr && source.columns.first == source.columns.last;
      if (!is_plain || source.relation->find_column(table) != nullptr) return false;
    }
  }
  const std::uint32_t found = find_table(scope, table);
  if (found == kNone) return false;
  const catalog::Column* known = sources[found].relation->find_column(column);
  return known != nullptr && !known->is_hidden;
}

// The innermost level that has the column decides; a level at which anything may have columns that
// are not known may have this one.
Oid Names::type_of(const Scope& scope, std::string_view column) const {
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    Oid type = kNoType;
    for (std::uint32_t i = level->first; i < level->last; ++i) {
      if (!is_plain(sources[i])) return kAnyType;
      draft_.spend(sources[i].relation->columns.size());
      const catalog::Column* found = sources[i].relation->find_column(column);
      if (found == nullptr || found->is_hidden) continue;
      if (type != kNoType) return kAnyType;  // joined by USING
      type = found->type_oid;
    }
    if (type != kNoType) return type;
  }
  return kAnyType;
}

Oid Names::type_of(const Scope& scope, std::string_view table, std::string_view column) const {
  const std::uint32_t found = find_table(scope, table);
  if (found == kNone || !is_plain(sources[found])) return kAnyType;
  const catalog::Column* known = sources[found].relation->find_column(column);
  return known == nullptr || known->is_hidden ? kAnyType : known->type_oid;
}

bool Names::is_plain(const Source& source) {
  return source.relation != nullptr && source.columns.first == source.columns.last &&
         source.join_first == source.join_last && !source.hidden;
}

void Names::read_row(const Scope& scope, std::string_view table) {
  const std::uint32_t found = find_table(scope, table);
  if (found == kNone) return read_whole_chain(scope);
  read_row_of(sources[found]);
}

void Names::read_row(const Scope& scope, std::string_view schema, std::string_view table) {
  const std::uint32_t found = find_table(scope, schema, table);
  if (found == kNone) return read_whole_chain(scope);
  read_row_of(sources[found]);
}

void Names::read_everything(const Scope& scope) {
  read_rows(scope.first, scope.last);
}

// No column that is known is meant: nothing is computed with. What the catalog does not know yet
// can be a column of the target of a write, which stands in the statement as itself.
void Names::read_whole_chain(const Scope& scope) {
  const bool returning = std::exchange(returning_, true);
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    read_rows(level->first, level->last);
    for (std::uint32_t i = level->first; i < level->last; ++i)
      if (sources[i].use_first < sources[i].use_last && is_target(sources[i]))
        uses[sources[i].use_first].computes_all = true;
  }
  returning_ = returning;
}

void Names::read_joined(std::uint32_t first, std::uint32_t last, std::string_view column) {
  bool found = false;
  for (std::uint32_t i = first; i < last; ++i)
    if (read_if_present(sources[i], column)) found = true;
  if (!found) read_rows(first, last);
}

Names::Types Names::plain_types(const Scope& scope, std::string_view column) const {
  Types types;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    draft_.spend(level->last - level->first);
    for (std::uint32_t i = level->first; i < level->last; ++i) {
      const Source& source = sources[i];
      // Of anything but a table the type of a column is not known here.
      if (source.relation == nullptr || source.columns.first != source.columns.last) return {};
      const catalog::Column* known = source.relation->find_column(column);
      if (known == nullptr || known->is_hidden) continue;
      if (!compares_safely(known->type_oid)) return {};
      if (std::find(types.begin(), types.end(), known->type_oid) == types.end())
        types.push_back(known->type_oid);
    }
  }
  return types;
}

Names::Types Names::plain_types(const Scope& scope, std::string_view table,
                                std::string_view column) const {
  const std::uint32_t found = find_table(scope, table);
  if (found == kNone) return {};
  const Source& source = sources[found];
  if (source.relation == nullptr || source.columns.first != source.columns.last) return {};
  const catalog::Column* known = source.relation->find_column(column);
  if (known == nullptr || known->is_hidden || !compares_safely(known->type_oid)) return {};
  return {known->type_oid};
}

const Use* Names::find_use(const Scope& scope, std::string_view schema,
                           std::string_view table) const {
  const std::uint32_t found = find_table(scope, schema, table);
  if (found == kNone || sources[found].use_first == sources[found].use_last) return nullptr;
  return &uses[sources[found].use_first];
}

void Names::append_open() {
  if (names.empty() || !names.back().is_open) names.push_back({{}, {}, true});
}

void Names::append_columns_of(const Source& source) {
  if (names.size() > kMaxNames) return append_open();
  if (source.columns.first != source.columns.last) {
    for (std::uint32_t i = source.columns.first; i < source.columns.last; ++i) {
      const OutputName column = names[i];
      names.push_back(column);
    }
  } else if (source.relation != nullptr) {
    const std::vector<catalog::Column>& columns = source.relation->columns;
    const bool is_used = source.use_first < source.use_last;
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].is_hidden)
        names.push_back(
            {columns[i].name, is_used ? SourceColumn{source.use_first, i} : SourceColumn{}});
      else if (is_target(source))  // of which "*" is all columns that the store knows
        append_open();
    }
  }
  if (source.relation == nullptr && !source.has_all_columns) append_open();
}

void Names::append_columns_of_item(std::uint32_t item) {
  append_columns_of(sources[item]);
  if (sources[item].columns.first != sources[item].columns.last) return;  // renamed
  if (sources[item].join_first == sources[item].join_last) return;
  for (std::uint32_t i = sources[item].join_first; i < sources[item].join_last; ++i)
    append_columns_of(sources[i]);
  append_open();  // it may merge some
}

void Names::append_columns_of_row(const Scope& scope, std::string_view table) {
  const std::uint32_t found = find_table(scope, table);
  if (found == kNone) return append_open();
  append_columns_of_item(found);
}

void Names::append_columns_of_row(const Scope& scope, std::string_view schema,
                                  std::string_view table) {
  const std::uint32_t found = find_table(scope, schema, table);
  if (found == kNone) return append_open();
  append_columns_of_item(found);
}

void Names::append_columns_of_everything(const Scope& scope) {
  draft_.spend(scope.last - scope.first);
  for (std::uint32_t i = scope.first; i < scope.last; ++i)
    if (!sources[i].hidden && !sources[i].names_only) append_columns_of_item(i);
  if (scope.merges_columns) append_open();
}

}  // namespace tracegate::sql
