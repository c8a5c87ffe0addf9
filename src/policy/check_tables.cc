#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/policy.h"
#include "src/policy/relatives.h"
#include "src/policy/scope_types.h"

namespace tracegate::policy {
namespace {

class TableCheck {
 public:
  TableCheck(const Upstream& upstream, const catalog::Catalog& catalog)
      : upstream_(upstream), catalog_(catalog) {
    for (const catalog::Relation& relation : catalog.relations()) schemas_.insert(relation.schema);
  }

  void check(const Role& role, const Rule& rule) {
    for (const TableName& table : rule.tables)
      if (const catalog::Relation* relation = find(table)) {
        for (const config::Located<std::string>& column : rule.columns)
          (void)find(*relation, column);
        if (role.is_scoped()) check_exposed(role, table, *relation);
        if (role.writes_blindly(table.schema, table.name)) check_blind(rule, table, *relation);
      }
  }

  void check(const Scope& scope) {
    const catalog::Relation* relation = find(scope.table);
    if (!relation) return;
    if (scope.in_namespace) {
      const catalog::Column* column = find(*relation, scope.in_namespace->column);
      if (column && scope_type(*column, catalog_).in_namespaces == NamespaceType::kNone)
        diagnostics_.error(
            scope.in_namespace->column.place,
            fmt::format("{} of {} has a type that cannot be compared with namespaces",
                        config::in_quotes(column->name), relation->qualified_name()),
            "name a column of a text, integer, uuid or enum type");
    }
    if (scope.in_time) {
      const catalog::Column* column = find(*relation, scope.in_time->column);
      if (column && !is_time(scope_type(*column, catalog_)))
        diagnostics_.error(scope.in_time->column.place,
                           fmt::format("{} of {} is no time", config::in_quotes(column->name),
                                       relation->qualified_name()),
                           "name a column of type timestamptz, timestamp or date");
    }
    if (scope.through) check(*relation, *scope.through);
  }

  [[nodiscard]] std::vector<config::Diagnostic> finish() && {
    diagnostics_.sort();
    return std::move(diagnostics_).take();
  }

 private:
  void check_exposed(const Role& role, const TableName& table, const catalog::Relation& relation) {
    const catalog::Relation* exposed = Relatives(role, catalog_).exposed_by(relation);
    if (!exposed) return;
    const std::string name = relation.qualified_name();
    diagnostics_.error(
        table.place,
        fmt::format("{} shows rows of {}, which has a scope in role {}, and has none itself", name,
                    exposed->qualified_name(), config::in_quotes(role.name)),
        fmt::format("write [role.{}.scope.{}]", role.name,
                    name.find('"') == std::string::npos ? '"' + name + '"' : '\'' + name + '\''));
  }

  void check_blind(const Rule& rule, const TableName& table, const catalog::Relation& relation) {
    const std::string name = relation.qualified_name();
    if (rule.blind && relation.kind != catalog::RelationKind::kTable &&
        relation.kind != catalog::RelationKind::kPartitionedTable)
      diagnostics_.error(table.place, name + " cannot be written blindly: it is no table",
                         "name the tables behind it");
    if (rule.permits(sql::Operation::kCopyIn) && relation.has_unique_index)
      diagnostics_.error(
          table.place,
          name + " is written blindly, and COPY fails for duplicates, which tells of them",
          "remove \"copy_in\"");
    if (rule.blind && relation.has_foreign_key)
      diagnostics_.error(table.place,
                         name +
                             " cannot be written blindly: it has foreign keys, which are looked "
                             "at for new rows and not for duplicates",
                         "remove \"blind\", or let the store do without them");
  }

  // Null for a whole schema, or after an error.
  const catalog::Relation* find(const TableName& table) {
    if (!schemas_.contains(table.schema)) {
      unknown_schema(table);
      return nullptr;
    }
    if (table.name.empty()) return nullptr;
    const catalog::Relation* relation = catalog_.find(table.schema, table.name);
    if (!relation) unknown_table(table);
    return relation;
  }

  const catalog::Column* find(const catalog::Relation& relation,
                              const config::Located<std::string>& name) {
    const catalog::Column* column = relation.find_column(name.value);
    if (column) return column;
    std::vector<std::string_view> known;
    for (const catalog::Column& each : relation.columns) known.push_back(each.name);
    diagnostics_.error(name.place,
                       fmt::format("{} has no column {}", relation.qualified_name(),
                                   config::in_quotes(name.value)),
                       config::suggest(name.value, known));
    return nullptr;
  }

  void check(const catalog::Relation& relation, const ThroughScope& through) {
    const catalog::Column* column = find(relation, through.column);
    const catalog::Relation* other = find(through.table);
    const catalog::Column* key = other ? find(*other, through.key) : nullptr;
    if (!column || !key) return;
    if (scope_type(*column, catalog_).carrier.empty())
      diagnostics_.error(through.column.place,
                         fmt::format("{} of {} has a type that cannot be compared",
                                     config::in_quotes(column->name), relation.qualified_name()));
    else if (column->type_oid != key->type_oid)
      diagnostics_.error(through.key.place,
                         fmt::format("{} of {} and {} of {} are not of one type",
                                     config::in_quotes(column->name), relation.qualified_name(),
                                     config::in_quotes(key->name), other->qualified_name()));
  }

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
    if (role.may_use(upstream)) {
      for (const Rule& rule : role.rules) check.check(role, rule);
      for (const Scope& scope : role.scopes) check.check(scope);
    }
  return std::move(check).finish();
}

}  // namespace tracegate::policy
