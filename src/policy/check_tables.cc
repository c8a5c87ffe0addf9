#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/policy.h"

namespace tracegate::policy {
namespace {

class TableCheck {
 public:
  TableCheck(const Upstream& upstream, const catalog::Catalog& catalog)
      : upstream_(upstream), catalog_(catalog) {
    for (const catalog::Relation& relation : catalog.relations()) schemas_.insert(relation.schema);
  }

  void check(const Rule& rule) {
    for (const TableName& table : rule.tables) {
      if (!schemas_.contains(table.schema)) {
        unknown_schema(table);
      } else if (!table.name.empty()) {
        const catalog::Relation* relation = catalog_.find(table.schema, table.name);
        if (relation)
          check_columns(rule, *relation);
        else
          unknown_table(table);
      }
    }
  }

  [[nodiscard]] std::vector<config::Diagnostic> finish() && {
    diagnostics_.sort();
    return std::move(diagnostics_).take();
  }

 private:
  void unknown_schema(const TableName& table) {
    const std::vector<std::string_view> known(schemas_.begin(), schemas_.end());
    diagnostics_.error(table.place,
                       fmt::format("upstream \"{}\" has no schema {}", upstream_.name,
                                   config::in_quotes(table.schema)),
                       config::suggest(table.schema, known));
  }

  // The nearest table of the same schema; else the same name in another one.
  void unknown_table(const TableName& table) {
    std::vector<std::string_view> known;
    std::string elsewhere;
    for (const catalog::Relation& relation : catalog_.relations()) {
      if (relation.schema == table.schema) known.push_back(relation.name);
      if (relation.name == table.name && elsewhere.empty()) elsewhere = relation.qualified_name();
    }
    std::string suggestion;
    if (const std::string_view near = config::nearest(table.name, known); !near.empty())
      suggestion =
          fmt::format("did you mean \"{}\"?", catalog_.find(table.schema, near)->qualified_name());
    else if (!elsewhere.empty())
      suggestion = fmt::format("did you mean \"{}\"?", elsewhere);
    diagnostics_.error(
        table.place,
        fmt::format("upstream \"{}\" has no table {}.{}", upstream_.name,
                    catalog::quote_identifier(table.schema), catalog::quote_identifier(table.name)),
        std::move(suggestion));
  }

  void check_columns(const Rule& rule, const catalog::Relation& relation) {
    std::vector<std::string_view> known;
    for (const catalog::Column& column : relation.columns) known.push_back(column.name);
    for (const config::Located<std::string>& column : rule.columns)
      if (!relation.find_column(column.value))
        diagnostics_.error(column.place,
                           fmt::format("{} has no column {}", relation.qualified_name(),
                                       config::in_quotes(column.value)),
                           config::suggest(column.value, known));
  }

  const Upstream& upstream_;
  const catalog::Catalog& catalog_;
  std::set<std::string_view> schemas_;
  config::Diagnostics diagnostics_;
};

}  // namespace

std::vector<config::Diagnostic> check_tables(const Snapshot& snapshot, const Upstream& upstream,
                                             const catalog::Catalog& catalog) {
  TableCheck check(upstream, catalog);
  for (const Role& role : snapshot.roles)
    if (role.may_use(upstream))
      for (const Rule& rule : role.rules) check.check(rule);
  return std::move(check).finish();
}

}  // namespace tracegate::policy
