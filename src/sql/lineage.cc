// Of which columns of relations the outputs of a query are, as they are: scope.h, Lineage.
#include "src/sql/scope.h"

namespace tracegate::sql {

void Names::compute(const SourceColumn& origin) {
  if (origin.use != SourceColumn::kNone) uses[origin.use].computed.add(origin.column);
}

void Names::compute(NameRange outputs) {
  draft_.spend(outputs.last - outputs.first);
  for (std::uint32_t i = outputs.first; i < outputs.last; ++i) compute(names[i].origin);
}

void Names::compute(NameRange outputs, std::string_view name) {
  draft_.spend(outputs.last - outputs.first);
  for (std::uint32_t i = outputs.first; i < outputs.last; ++i)
    if (names[i].name == name) compute(names[i].origin);
}

bool Names::has_open(NameRange range) const {
  draft_.spend(range.last - range.first);
  for (std::uint32_t i = range.first; i < range.last; ++i)
    if (names[i].is_open) return true;
  return false;
}

bool Names::find_in(const Source& source, std::string_view column,
                    std::vector<SourceColumn>& found) const {
  const bool is_listed = source.columns.first != source.columns.last;
  const bool is_join = source.join_first != source.join_last;
  if (source.hidden || source.names_only || is_join) return false;
  if (source.relation != nullptr) {
    if (is_listed) return false;  // renamed
    const std::vector<catalog::Column>& columns = source.relation->columns;
    draft_.spend(columns.size());
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name != column || columns[i].is_hidden) continue;
      const bool is_used = source.use_first < source.use_last;
      found.push_back(is_used ? SourceColumn{source.use_first, i} : SourceColumn{});
    }
    return true;
  }
  // Should it have more columns than are known, one of that name would make the name ambiguous,
  // which is an error.
  for (std::uint32_t i = source.columns.first; i < source.columns.last; ++i)
    if (names[i].name == column) found.push_back(names[i].origin);
  return true;
}

std::optional<SourceColumn> Names::find_origin(const Scope& scope, std::string_view schema,
                                               std::string_view table,
                                               std::string_view column) const {
  std::vector<SourceColumn> found;
  if (table.empty()) {
    for (std::uint32_t i = scope.first; i < scope.last; ++i)
      if (draft_.exhausted() || found.size() > 1 || !find_in(sources[i], column, found))
        return std::nullopt;
  } else {
    const std::uint32_t source =
        schema.empty() ? find_table(scope, table) : find_table(scope, schema, table);
    if (source == kNone || source < scope.first || !find_in(sources[source], column, found))
      return std::nullopt;
  }
  if (found.size() != 1) return std::nullopt;
  return found.front();
}

}  // namespace tracegate::sql
