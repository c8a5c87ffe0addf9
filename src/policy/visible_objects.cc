#include "src/policy/visible_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/policy/scope_sql.h"

namespace tracegate::policy {
namespace {

using catalog::Oid;
using sql::Operation;

// Oids of catalogs, which never change (include/catalog/pg_*.h): what pg_depend refers to.
constexpr std::string_view kPgType = "1247", kPgProc = "1255", kPgClass = "1259",
                           kPgConstraint = "2606", kPgAttrdef = "2604", kPgOpclass = "2616",
                           kPgNamespace = "2615";

// `a = b` over operators of PostgreSQL's own.
std::string equal(std::string_view a, std::string_view b) {
  return fmt::format("{} OPERATOR(pg_catalog.=) {}", a, b);
}
std::string is_one_of(std::string_view value, std::string_view array, std::string_view type) {
  return fmt::format("{} OPERATOR(pg_catalog.=) ANY ({}::pg_catalog.{}[])", value, array, type);
}
std::string oid_literal(std::string_view number) {
  return fmt::format("'{}'::pg_catalog.oid", number);
}
// The Oids that `query` finds are looked up once for a statement, not for each row.
std::string is_among(std::string_view oid, std::string_view query) {
  return fmt::format("{} OPERATOR(pg_catalog.=) ANY (ARRAY({}))", oid, query);
}
std::string member(std::string_view row, std::string_view column) {
  return fmt::format("\"{}\".\"{}\"", row, column);
}

template <typename Set>
std::string array_of(const Set& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) {
    if constexpr (std::is_convertible_v<decltype(value), std::string>)
      texts.emplace_back(value);
    else
      texts.push_back(std::to_string(value));
  }
  return quote_array(texts);
}

bool writes_values(const Rule& rule) {
  return rule.permits(Operation::kInsert) || rule.permits(Operation::kUpdate) ||
         rule.permits(Operation::kCopyIn);
}

bool moves_values(const Rule& rule) {
  return writes_values(rule) || rule.permits(Operation::kSelect) ||
         rule.permits(Operation::kCopyOut);
}

std::int64_t column_key(Oid relation, std::int16_t number) {
  return std::int64_t{relation} * 65536 + number;
}

// What the role lists by name, or of its extensions.
bool is_listed(const Role& role, std::string_view schema, std::string_view name,
               std::string_view extension, bool covered) {
  const auto lists = [&](const std::string& each) {
    return std::binary_search(role.functions.begin(), role.functions.end(), each);
  };
  return lists(std::string(name)) || lists(fmt::format("{}.{}", schema, name)) ||
         (covered && !extension.empty() &&
          std::binary_search(role.extensions.begin(), role.extensions.end(), extension,
                             std::less<>()));
}

class TypeClosure {
 public:
  TypeClosure(const Role& role, const catalog::Catalog& whole) : whole_(whole) {
    for (const catalog::Type& type : whole.definitions().types)
      if (is_listed(role, type.schema, type.name, type.extension, true)) add(type.oid);
  }

  void add(Oid oid) {
    const catalog::Type* type = whole_.find_type(oid);
    if (type == nullptr || !types_.insert(oid).second) return;
    add(type->inner);
    for (const Oid field : type->fields) add(field);
  }

  // Arrays and multiranges of what is in it.
  void add_arrays() {
    for (const catalog::Type& type : whole_.definitions().types)
      if (type.kind != catalog::TypeKind::kDomain && types_.contains(type.inner))
        types_.insert(type.oid);
  }

  [[nodiscard]] bool knows(Oid type) const {
    return type < catalog::kFirstNormalObject || types_.contains(type);
  }
  [[nodiscard]] const std::set<Oid>& types() const { return types_; }

 private:
  const catalog::Catalog& whole_;
  std::set<Oid> types_;
};

bool is_visible(const Role& role, const catalog::Function& function, const TypeClosure& types) {
  if (function.is_builtin) return false;  // a condition of its own
  const bool covered =
      !function.security_definer && function.volatility != catalog::Volatility::kVolatile;
  const auto known = [&](Oid type) { return types.knows(type); };
  return is_listed(role, function.schema, function.name, function.extension, covered) &&
         std::all_of(function.arguments.begin(), function.arguments.end(), known) &&
         std::all_of(function.results.begin(), function.results.end(), known);
}

// Between the parts of a name in an array: what hardly stands in a name.
constexpr std::string_view kNameSeparator = "\".\"";

std::string joined_name(std::initializer_list<std::string_view> parts) {
  std::string name;
  for (const std::string_view part : parts) {
    if (!name.empty()) name += kNameSeparator;
    name += std::string(part);
  }
  return name;
}

}  // namespace

bool is_ruled(const Role& role, std::string_view schema, std::string_view relation) {
  return std::any_of(role.rules.begin(), role.rules.end(),
                     [&](const Rule& rule) { return rule.covers(schema, relation); });
}

bool VisibleObjects::shows_column(const Role& role, const catalog::Relation& relation,
                                  std::string_view column, bool may_read) {
  return std::any_of(role.rules.begin(), role.rules.end(), [&](const Rule& rule) {
    return (may_read ? moves_values(rule) : writes_values(rule)) &&
           rule.covers(relation.schema, relation.name) &&
           (rule.columns.empty() ||
            std::any_of(rule.columns.begin(), rule.columns.end(),
                        [&](const auto& each) { return each.value == column; }));
  });
}

VisibleObjects::VisibleObjects(const Role& role, const catalog::Catalog& shown) {
  TypeClosure types(role, shown);
  std::set<Oid> relations;
  std::set<std::int64_t> columns;
  std::set<std::string> schemas;
  std::set<std::string> relation_names;
  std::set<std::string> column_names;
  for (const catalog::Relation& relation : shown.relations()) {
    if (!is_ruled(role, relation.schema, relation.name)) continue;
    relations.insert(relation.oid);
    schemas.insert(relation.schema);
    relation_names.insert(joined_name({relation.schema, relation.name}));
    for (const catalog::Column& column : relation.columns) {
      if (column.is_hidden) continue;
      columns.insert(column_key(relation.oid, column.attribute_number));
      column_names.insert(joined_name({relation.schema, relation.name, column.name}));
      types.add(column.type_oid);
    }
  }
  types.add_arrays();
  std::set<Oid> functions;
  for (const catalog::Function& function : shown.definitions().functions) {
    if (!is_visible(role, function, types)) continue;
    functions.insert(function.oid);
    schemas.insert(function.schema);
  }
  for (const Oid type : types.types()) schemas.insert(shown.find_type(type)->schema);
  relations_ = array_of(relations);
  columns_ = array_of(columns);
  types_ = array_of(types.types());
  functions_ = array_of(functions);
  schemas_ = array_of(schemas);
  extensions_ = array_of(role.extensions);
  relation_names_ = array_of(relation_names);
  column_names_ = array_of(column_names);
  schema_list_.assign(schemas.begin(), schemas.end());
  type_list_.assign(types.types().begin(), types.types().end());
}

bool VisibleObjects::has_schema(std::string_view name) const {
  return name == "public" || name == "pg_catalog" || name == "information_schema" ||
         name == "pg_toast" ||
         std::binary_search(schema_list_.begin(), schema_list_.end(), name, std::less<>());
}

bool VisibleObjects::has_type(catalog::Oid type) const {
  return std::binary_search(type_list_.begin(), type_list_.end(), type);
}

std::string VisibleObjects::builtin(std::string_view oid) {
  return fmt::format("{} OPERATOR(pg_catalog.<) '{}'::pg_catalog.oid", oid,
                     catalog::kFirstNormalObject);
}

std::string VisibleObjects::relation(std::string_view oid) const {
  return is_one_of(oid, relations_, "oid");
}

std::string VisibleObjects::column(std::string_view relation_oid, std::string_view number) const {
  return is_one_of(fmt::format("({}::pg_catalog.int8 OPERATOR(pg_catalog.*) "
                               "'65536'::pg_catalog.int8 OPERATOR(pg_catalog.+) "
                               "{}::pg_catalog.int8)",
                               relation_oid, number),
                   columns_, "int8");
}

std::string VisibleObjects::sequence(std::string_view oid) const {
  return is_among(
      oid, fmt::format("SELECT \"tracegate_o\".\"objid\" FROM pg_catalog.pg_depend AS "
                       "\"tracegate_o\" WHERE {} AND {} AND {} AND {} AND {} AND EXISTS (SELECT "
                       "FROM pg_catalog.pg_sequence AS \"tracegate_s\" WHERE {})",
                       equal("\"tracegate_o\".\"refclassid\"", oid_literal(kPgClass)),
                       relation("\"tracegate_o\".\"refobjid\""),
                       equal("\"tracegate_o\".\"classid\"", oid_literal(kPgClass)),
                       is_one_of("\"tracegate_o\".\"deptype\"", "'{a,i}'", "\"char\""),
                       column("\"tracegate_o\".\"refobjid\"", "\"tracegate_o\".\"refobjsubid\""),
                       equal("\"tracegate_s\".\"seqrelid\"", "\"tracegate_o\".\"objid\"")));
}

std::string VisibleObjects::index(std::string_view oid) const {
  return is_among(oid,
                  "SELECT \"tracegate_i\".\"indexrelid\" FROM pg_catalog.pg_index AS "
                  "\"tracegate_i\" WHERE " +
                      shown_index("tracegate_i"));
}

std::string VisibleObjects::any_class(std::string_view oid) const {
  return fmt::format("({} OR {} OR {} OR {})", builtin(oid), relation(oid), index(oid),
                     sequence(oid));
}

// With the rows of relations, and arrays of these.
std::string VisibleObjects::type(std::string_view oid) const {
  const std::string rows = fmt::format(
      "SELECT \"tracegate_r\".\"reltype\" FROM pg_catalog.pg_class AS \"tracegate_r\" WHERE {} AND "
      "\"tracegate_r\".\"reltype\" OPERATOR(pg_catalog.<>) {}",
      relation("\"tracegate_r\".\"oid\""), oid_literal("0"));
  const std::string arrays = fmt::format(
      "SELECT \"tracegate_t\".\"typarray\" FROM pg_catalog.pg_type AS \"tracegate_t\" WHERE {}",
      is_among("\"tracegate_t\".\"oid\"", rows));
  return fmt::format("({} OR {} OR {} OR {})", builtin(oid), is_one_of(oid, types_, "oid"),
                     is_among(oid, rows), is_among(oid, arrays));
}

std::string VisibleObjects::function(std::string_view oid) const {
  return fmt::format("({} OR {})", builtin(oid), is_one_of(oid, functions_, "oid"));
}

std::string VisibleObjects::schema(std::string_view name) const {
  return fmt::format("({} OR {})",
                     is_one_of(fmt::format("({})::pg_catalog.text", name),
                               "'{public,pg_catalog,information_schema,pg_toast}'", "text"),
                     is_one_of(fmt::format("({})::pg_catalog.text", name), schemas_, "text"));
}

std::string VisibleObjects::named_relation(std::string_view schema, std::string_view name) const {
  const std::string of = fmt::format("({})::pg_catalog.text", schema);
  return fmt::format(
      "({} OR {})", is_one_of(of, "'{pg_catalog,information_schema}'", "text"),
      is_one_of(fmt::format("({} OPERATOR(pg_catalog.||) '\".\"' OPERATOR(pg_catalog.||) "
                            "({})::pg_catalog.text)",
                            of, name),
                relation_names_, "text"));
}

std::string VisibleObjects::named_column(std::string_view schema, std::string_view relation,
                                         std::string_view name) const {
  const std::string of = fmt::format("({})::pg_catalog.text", schema);
  return fmt::format(
      "({} OR {})", is_one_of(of, "'{pg_catalog,information_schema}'", "text"),
      is_one_of(fmt::format("({} OPERATOR(pg_catalog.||) '\".\"' OPERATOR(pg_catalog.||) "
                            "({})::pg_catalog.text OPERATOR(pg_catalog.||) '\".\"' "
                            "OPERATOR(pg_catalog.||) ({})::pg_catalog.text)",
                            of, relation, name),
                column_names_, "text"));
}

std::string VisibleObjects::extension(std::string_view name) const {
  return is_one_of(fmt::format("({})::pg_catalog.text", name), extensions_, "text");
}

// An index or constraint may depend on another of a relation that is shown: what is named of it is
// columns, which are looked at one by one.
std::string VisibleObjects::depends_on_visible(std::string_view catalog_oid,
                                               std::string_view oid) const {
  const std::string object = "\"tracegate_d\".\"refobjid\"";
  const std::string number = "\"tracegate_d\".\"refobjsubid\"";
  const auto refers_to = [](std::string_view catalog) {
    return equal("\"tracegate_d\".\"refclassid\"", oid_literal(catalog));
  };
  const std::string of_relation = fmt::format(
      "{} AND (CASE WHEN {} THEN {} OR {} OR EXISTS (SELECT FROM pg_catalog.pg_index AS "
      "\"tracegate_n\" WHERE {} AND {}) ELSE {} END)",
      refers_to(kPgClass), equal(number, "'0'::pg_catalog.int4"), relation(object),
      sequence(object), equal("\"tracegate_n\".\"indexrelid\"", object),
      relation("\"tracegate_n\".\"indrelid\""), column(object, number));
  const std::string of_constraint = fmt::format(
      "{} AND EXISTS (SELECT FROM pg_catalog.pg_constraint AS \"tracegate_n\" WHERE {} AND {})",
      refers_to(kPgConstraint), equal("\"tracegate_n\".\"oid\"", object),
      relation("\"tracegate_n\".\"conrelid\""));
  return fmt::format(
      "NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS \"tracegate_d\" WHERE {} AND {} AND NOT ({} "
      "OR {} OR {} OR {} AND {} OR {} AND {} OR {}))",
      equal("\"tracegate_d\".\"classid\"", oid_literal(catalog_oid)),
      equal("\"tracegate_d\".\"objid\"", oid), builtin(object), of_relation, of_constraint,
      refers_to(kPgType), type(object), refers_to(kPgProc), function(object),
      refers_to(kPgOpclass));
}

std::string VisibleObjects::composite(std::string_view oid) const {
  return is_among(oid, fmt::format("SELECT \"tracegate_r\".\"oid\" FROM pg_catalog.pg_class AS "
                                   "\"tracegate_r\" WHERE {} AND {}",
                                   equal("\"tracegate_r\".\"relkind\"", "'c'"),
                                   is_one_of("\"tracegate_r\".\"reltype\"", types_, "oid")));
}

std::string VisibleObjects::class_row(std::string_view row) const {
  const std::string oid = member(row, "oid");
  return fmt::format("{} OR {} OR {} AND {} OR {} AND {} OR {}", builtin(oid), relation(oid),
                     is_one_of(member(row, "relkind"), "'{i,I}'", "\"char\""), index(oid),
                     equal(member(row, "relkind"), "'S'"), sequence(oid), composite(oid));
}

// Columns of an index bear the names of what is indexed.
std::string VisibleObjects::attribute_row(std::string_view row) const {
  const std::string relation_oid = member(row, "attrelid");
  return fmt::format(
      "{} OR {} OR {} OPERATOR(pg_catalog.>) '0'::pg_catalog.int2 AND ({} OR {} OR {})",
      builtin(relation_oid), column(relation_oid, member(row, "attnum")), member(row, "attnum"),
      index(relation_oid), sequence(relation_oid), composite(relation_oid));
}

std::string VisibleObjects::shown_index(std::string_view row) const {
  const std::string table = member(row, "indrelid");
  return fmt::format(
      "{} AND NOT EXISTS (SELECT FROM pg_catalog.unnest({}::pg_catalog.int2[]) AS "
      "\"tracegate_k\" (\"number\") WHERE \"tracegate_k\".\"number\" OPERATOR(pg_catalog.<>) "
      "'0'::pg_catalog.int2 AND NOT {}) AND {}",
      relation(table), member(row, "indkey"), column(table, "\"tracegate_k\".\"number\""),
      depends_on_visible(kPgClass, member(row, "indexrelid")));
}

std::string VisibleObjects::index_row(std::string_view row) const {
  return fmt::format("({} OR {})", builtin(member(row, "indrelid")), shown_index(row));
}

std::string VisibleObjects::constraint_row(std::string_view row) const {
  const std::string table = member(row, "conrelid");
  const std::string other = member(row, "confrelid");
  const auto are_visible = [&](std::string_view relation_oid, std::string_view numbers) {
    return fmt::format(
        "NOT EXISTS (SELECT FROM pg_catalog.unnest({}) AS \"tracegate_k\" (\"number\") WHERE NOT "
        "{})",
        member(row, numbers), column(relation_oid, "\"tracegate_k\".\"number\""));
  };
  const auto is_none = [](std::string_view oid) { return equal(oid, "'0'::pg_catalog.oid"); };
  return fmt::format("({} OR ({} AND {} OR {} AND {} AND ({} OR {} AND {})) AND {})",
                     builtin(member(row, "oid")), is_none(table), type(member(row, "contypid")),
                     relation(table), are_visible(table, "conkey"), is_none(other), relation(other),
                     are_visible(other, "confkey"),
                     depends_on_visible(kPgConstraint, member(row, "oid")));
}

std::string VisibleObjects::default_row(std::string_view row) const {
  return fmt::format(
      "{} AND {} AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS \"tracegate_g\" WHERE {} "
      "AND {} AND \"tracegate_g\".\"attgenerated\" OPERATOR(pg_catalog.<>) '')",
      column(member(row, "adrelid"), member(row, "adnum")),
      depends_on_visible(kPgAttrdef, member(row, "oid")),
      equal("\"tracegate_g\".\"attrelid\"", member(row, "adrelid")),
      equal("\"tracegate_g\".\"attnum\"", member(row, "adnum")));
}

std::string VisibleObjects::partitioned_row(std::string_view row) const {
  return fmt::format(
      "{} AND NOT EXISTS (SELECT FROM pg_catalog.unnest({}::pg_catalog.int2[]) AS \"tracegate_k\" "
      "(\"number\") WHERE NOT {})",
      relation(member(row, "partrelid")), member(row, "partattrs"),
      column(member(row, "partrelid"), "\"tracegate_k\".\"number\""));
}

std::string VisibleObjects::description_row(std::string_view row) const {
  const std::string object = member(row, "objoid");
  const auto is_of = [&](std::string_view catalog) {
    return equal(member(row, "classoid"), oid_literal(catalog));
  };
  return fmt::format(
      "{} OR {} AND (CASE WHEN {} THEN {} ELSE {} END) OR {} AND EXISTS (SELECT FROM "
      "pg_catalog.pg_constraint AS \"tracegate_c\" WHERE {} AND {}) OR {} AND {} OR {} AND {} OR "
      "{} AND EXISTS (SELECT FROM pg_catalog.pg_namespace AS \"tracegate_c\" WHERE {} AND {})",
      builtin(object), is_of(kPgClass), equal(member(row, "objsubid"), "'0'::pg_catalog.int4"),
      any_class(object), column(object, member(row, "objsubid")), is_of(kPgConstraint),
      equal("\"tracegate_c\".\"oid\"", object), constraint_row("tracegate_c"), is_of(kPgType),
      type(object), is_of(kPgProc), function(object), is_of(kPgNamespace),
      equal("\"tracegate_c\".\"oid\"", object), schema("\"tracegate_c\".\"nspname\""));
}

// Which sequence belongs to which column, and which index to which table.
std::string VisibleObjects::depend_row(std::string_view row) const {
  const auto is = [&](std::string_view column_name, std::string_view catalog) {
    return equal(member(row, column_name), oid_literal(catalog));
  };
  const std::string object = member(row, "objid");
  const std::string referred = member(row, "refobjid");
  return fmt::format("{} AND {} OR {} AND {} AND {} AND (CASE WHEN {} THEN {} ELSE {} END)",
                     builtin(object), builtin(referred), is("classid", kPgClass),
                     is("refclassid", kPgClass), any_class(object),
                     equal(member(row, "refobjsubid"), "'0'::pg_catalog.int4"), any_class(referred),
                     column(referred, member(row, "refobjsubid")));
}

}  // namespace tracegate::policy
