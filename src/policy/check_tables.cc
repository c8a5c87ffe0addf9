#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/policy.h"
#include "src/policy/relatives.h"
#include "src/policy/role_masks.h"
#include "src/policy/scope_types.h"

namespace tracegate::policy {
namespace {

class TableCheck {
 public:
  TableCheck(const Snapshot& snapshot, const Upstream& upstream, const catalog::Catalog& catalog)
      : snapshot_(snapshot), upstream_(upstream), catalog_(catalog) {
    for (const catalog::Relation& relation : catalog.relations()) schemas_.insert(relation.schema);
  }

  void check(const Role& role, const Rule& rule) {
    for (const TableName& table : rule.tables)
      if (const catalog::Relation* relation = find(table)) {
        for (const config::Located<std::string>& column : rule.columns)
          (void)find(*relation, column);
        if (role.is_scoped()) check_exposed(role, table, *relation);
        if (role.is_scoped()) check_parts(role, table, *relation);
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

  void check(const ClassifiedTable& table) {
    const catalog::Relation* relation = find(table.table);
    if (!relation) return;
    for (const ClassifiedTable::Column& column : table.columns) (void)find(*relation, column.name);
    for (const catalog::Column& column : relation->columns) {
      const auto is_it = [&](const auto& each) { return each.name.value == column.name; };
      if (std::none_of(table.columns.begin(), table.columns.end(), is_it))
        diagnostics_.warning(
            table.table.place,
            fmt::format("column {} of {} has no class: no role reads it",
                        config::in_quotes(column.name), relation->qualified_name()));
    }
  }

  void check(const Role& role, const TableMasking& masking) {
    const catalog::Relation* relation =
        masking.withholds_others ? catalog_.find(masking.table.schema, masking.table.name)
                                 : find(masking.table);
    if (!relation) return;
    for (const ColumnMasking& each : masking.columns) {
      const catalog::Column* column = relation->find_column(each.column);
      // Those that are classified are looked up once, with the classes.
      if (!column && !is_classified(masking.table, each.column))
        (void)find(*relation, {each.column, each.place});
      if (column && each.mask.spec) check(role, *relation, *column, each);
    }
  }

  [[nodiscard]] std::vector<config::Diagnostic> finish() && {
    diagnostics_.sort();
    return std::move(diagnostics_).take();
  }

 private:
  [[nodiscard]] bool is_classified(const TableName& table, std::string_view column) const {
    return std::any_of(
        snapshot_.classified.begin(), snapshot_.classified.end(), [&](const ClassifiedTable& each) {
          return each.upstream == upstream_.name && each.table.covers(table.schema, table.name) &&
                 std::any_of(each.columns.begin(), each.columns.end(),
                             [&](const ClassifiedTable::Column& known) {
                               return known.name.value == column;
                             });
        });
  }

  void check(const Role& role, const catalog::Relation& relation, const catalog::Column& column,
             const ColumnMasking& masking) {
    const std::string name =
        fmt::format("{} of {}", config::in_quotes(column.name), relation.qualified_name());
    const Result<mask::ColumnMask> mask = make_column_mask(masking.mask, column, catalog_);
    if (!mask) {
      // Once, however many roles have the mask.
      if (reported_.insert({masking.place.line_reference(), name}).second)
        diagnostics_.error(masking.place, fmt::format("{}: {}", name, mask.error().message),
                           mask.error().hint);
      return;
    }
    const Scope* scope = role.find_scope(relation.schema, relation.name);
    if (scope && is_scope_column(*scope, column.name) && mask->expression.empty())
      diagnostics_.error(masking.place,
                         fmt::format("{} is a column of a scope of role {}, and its mask can only "
                                     "be applied as it is returned",
                                     name, config::in_quotes(role.name)),
                         "choose another method");
  }

  void check_exposed(const Role& role, const TableName& table, const catalog::Relation& relation) {
    const Exposed exposed = Relatives(role, upstream_, catalog_).exposed_by(relation);
    if (!exposed.relation) return;
    const std::string name = relation.qualified_name();
    const std::string other = exposed.relation->qualified_name();
    const std::string key =
        name.find('"') == std::string::npos ? '"' + name + '"' : '\'' + name + '\'';
    if (exposed.masks)
      diagnostics_.error(
          table.place,
          fmt::format("{} shows columns of {}, which have masks in role {}, and has none itself",
                      name, other, config::in_quotes(role.name)),
          fmt::format("write [classify.{}.{}], or [role.{}.mask_columns.{}]", upstream_.name, key,
                      role.name, key));
    else
      diagnostics_.error(
          table.place,
          fmt::format("{} shows rows of {}, which has a scope in role {}, and has none itself",
                      name, other, config::in_quotes(role.name)),
          fmt::format("write [role.{}.scope.{}]", role.name, key));
  }

  // Of a table that shows rows of its parts, which the role sees masked by themselves.
  void check_parts(const Role& role, const TableName& table, const catalog::Relation& relation) {
    const auto parts = masked_parts(role, upstream_, relation, catalog_);
    if (parts.empty()) return;
    const auto above = Relatives(role, upstream_, catalog_).ancestors(relation);
    for (const catalog::Column& column : relation.columns)
      if (const catalog::Relation* part =
              masked_by_part(role, upstream_, relation, above, parts, column.name))
        diagnostics_.error(
            table.place,
            fmt::format("{} shows rows of {}, where role {} sees column {} masked in another way",
                        relation.qualified_name(), part->qualified_name(),
                        config::in_quotes(role.name), config::in_quotes(column.name)),
            "give the column the same class in both tables");
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

  const Snapshot& snapshot_;
  const Upstream& upstream_;
  const catalog::Catalog& catalog_;
  std::set<std::string_view> schemas_;
  std::set<std::pair<std::string, std::string>> reported_;
  config::Diagnostics diagnostics_;
};

}  // namespace

std::vector<config::Diagnostic> check_tables(const Snapshot& snapshot, const Upstream& upstream,
                                             const catalog::Catalog& catalog) {
  TableCheck check(snapshot, upstream, catalog);
  for (const ClassifiedTable& table : snapshot.classified)
    if (table.upstream == upstream.name) check.check(table);
  for (const Role& role : snapshot.roles)
    if (role.may_use(upstream)) {
      for (const Rule& rule : role.rules) check.check(role, rule);
      for (const Scope& scope : role.scopes) check.check(scope);
      for (const TableMasking& masking : role.masking)
        if (masking.upstream == upstream.name) check.check(role, masking);
    }
  return std::move(check).finish();
}

}  // namespace tracegate::policy
