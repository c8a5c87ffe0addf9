#include "src/policy/introspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "src/policy/scope_sql.h"

namespace tracegate::policy {
namespace {

using sql::ObjectKind;

constexpr std::string_view kRow = sql::kRowAlias;
constexpr std::string_view kTypeMark = "$type";  // in an expression: the column's own type

std::string own(std::string_view column) {
  return fmt::format("\"{}\".\"{}\"", kRow, column);
}
std::string visible_if_named(std::string_view column, std::string_view names) {
  return fmt::format("{}::pg_catalog.text OPERATOR(pg_catalog.=) ANY ({}::pg_catalog.text[])",
                     own(column), names);
}

// A sequence or an index by its names, which are columns of the row.
std::string named_class(const VisibleObjects& visible, std::string_view schema,
                        std::string_view name) {
  return fmt::format(
      "EXISTS (SELECT FROM pg_catalog.pg_class AS \"tracegate_c\", pg_catalog.pg_namespace AS "
      "\"tracegate_m\" WHERE \"tracegate_m\".\"oid\" OPERATOR(pg_catalog.=) "
      "\"tracegate_c\".\"relnamespace\" AND \"tracegate_m\".\"nspname\"::pg_catalog.text "
      "OPERATOR(pg_catalog.=) {}::pg_catalog.text AND \"tracegate_c\".\"relname\"::pg_catalog.text "
      "OPERATOR(pg_catalog.=) {}::pg_catalog.text AND ({}))",
      own(schema), own(name), visible.class_row("tracegate_c"));
}

// A constraint by its names; with a table's name, one of that table. `also` is a condition more on
// it, as "tracegate_c".
std::string named_constraint(const VisibleObjects& visible, std::string_view table,
                             std::string_view also = "true") {
  const std::string of_table =
      table.empty() ? "true"
                    : fmt::format(
                          "EXISTS (SELECT FROM pg_catalog.pg_class AS \"tracegate_r\" "
                          "WHERE \"tracegate_r\".\"oid\" OPERATOR(pg_catalog.=) "
                          "\"tracegate_c\".\"conrelid\" AND \"tracegate_r\".\"relname\"::"
                          "pg_catalog.text OPERATOR(pg_catalog.=) {}::pg_catalog.text)",
                          own(table));
  return fmt::format(
      "EXISTS (SELECT FROM pg_catalog.pg_constraint AS \"tracegate_c\", pg_catalog.pg_namespace AS "
      "\"tracegate_m\" WHERE \"tracegate_m\".\"oid\" OPERATOR(pg_catalog.=) "
      "\"tracegate_c\".\"connamespace\" AND \"tracegate_m\".\"nspname\"::pg_catalog.text "
      "OPERATOR(pg_catalog.=) {}::pg_catalog.text AND \"tracegate_c\".\"conname\"::pg_catalog.text "
      "OPERATOR(pg_catalog.=) {}::pg_catalog.text AND {} AND {} AND ({}))",
      own("constraint_schema"), own("constraint_name"), of_table, also,
      visible.constraint_row("tracegate_c"));
}

// Whether the default of the column that the row names is shown.
std::string named_default(const VisibleObjects& visible) {
  return fmt::format(
      "EXISTS (SELECT FROM pg_catalog.pg_attrdef AS \"tracegate_c\", pg_catalog.pg_attribute AS "
      "\"tracegate_a\", pg_catalog.pg_class AS \"tracegate_r\", pg_catalog.pg_namespace AS "
      "\"tracegate_m\" WHERE \"tracegate_m\".\"nspname\"::pg_catalog.text OPERATOR(pg_catalog.=) "
      "{}::pg_catalog.text AND \"tracegate_r\".\"relname\"::pg_catalog.text "
      "OPERATOR(pg_catalog.=) {}::pg_catalog.text AND \"tracegate_a\".\"attname\"::pg_catalog.text "
      "OPERATOR(pg_catalog.=) {}::pg_catalog.text AND \"tracegate_r\".\"relnamespace\" "
      "OPERATOR(pg_catalog.=) \"tracegate_m\".\"oid\" AND \"tracegate_a\".\"attrelid\" "
      "OPERATOR(pg_catalog.=) \"tracegate_r\".\"oid\" AND \"tracegate_c\".\"adrelid\" "
      "OPERATOR(pg_catalog.=) \"tracegate_r\".\"oid\" AND \"tracegate_c\".\"adnum\" "
      "OPERATOR(pg_catalog.=) \"tracegate_a\".\"attnum\" AND {})",
      own("table_schema"), own("table_name"), own("column_name"),
      visible.default_row("tracegate_c"));
}

using Rows = std::string (*)(const VisibleObjects&);

std::string none(const VisibleObjects&) {
  return "false";
}
std::string all(const VisibleObjects&) {
  return {};
}
std::string builtin(const VisibleObjects&) {
  return VisibleObjects::builtin(own("oid"));
}
std::string this_database(const VisibleObjects&) {
  return own("datname") + " OPERATOR(pg_catalog.=) pg_catalog.current_database()";
}
std::string roles(std::string_view name, std::string_view oid) {
  return fmt::format(
      "{} OPERATOR(pg_catalog.=) CURRENT_USER OR {} AND {} OPERATOR(pg_catalog.<>) "
      "'10'::pg_catalog.oid AND pg_catalog.starts_with({}::pg_catalog.text, 'pg_')",
      own(name), VisibleObjects::builtin(own(oid)), own(oid), own(name));
}
std::string named_table(const VisibleObjects& visible) {
  return visible.named_relation(own("table_schema"), own("table_name"));
}

struct Replaced {
  std::string_view column;
  std::string_view expression;
};
constexpr std::string_view kNull = "NULL::$type";
constexpr std::string_view kFalse = "false";
constexpr std::string_view kMe =
    "(SELECT \"tracegate_u\".\"oid\" FROM pg_catalog.pg_roles AS \"tracegate_u\" WHERE "
    "\"tracegate_u\".\"rolname\" OPERATOR(pg_catalog.=) CURRENT_USER)";
constexpr std::string_view kMyName = "CURRENT_USER::pg_catalog.name";
constexpr std::string_view kZeroOid = "'0'::pg_catalog.oid";

constexpr Replaced kClass[] = {
    {"relfilenode", kZeroOid},
    {"reltablespace", kZeroOid},
    {"relpages", "'0'::pg_catalog.int4"},
    {"reltuples", "'-1'::pg_catalog.float4"},
    {"relallvisible", "'0'::pg_catalog.int4"},
    {"reltoastrelid", kZeroOid},
    {"relhasindex",
     "(\"tracegate\".\"relkind\" OPERATOR(pg_catalog.=) ANY ('{r,p,m}'::pg_catalog.\"char\"[]))"},
    {"relhastriggers",
     "(\"tracegate\".\"relkind\" OPERATOR(pg_catalog.=) ANY ('{r,p}'::pg_catalog.\"char\"[]))"},
    {"relchecks",
     "(CASE WHEN \"tracegate\".\"relkind\" OPERATOR(pg_catalog.=) ANY "
     "('{r,p,f}'::pg_catalog.\"char\"[]) THEN 1 ELSE 0 END)::pg_catalog.int2"},
    {"relhasrules", "(\"tracegate\".\"relkind\" OPERATOR(pg_catalog.=) 'v')"},
    {"relhassubclass", "(\"tracegate\".\"relkind\" OPERATOR(pg_catalog.=) 'p')"},
    {"relrowsecurity", kFalse},
    {"relforcerowsecurity", kFalse},
    {"relispopulated", "true"},
    {"relnatts", "'0'::pg_catalog.int2"},
    {"relreplident", "'d'::pg_catalog.\"char\""},
    {"relrewrite", kZeroOid}};
constexpr Replaced kAttribute[] = {{"attstattarget", "'-1'::pg_catalog.int4"},
                                   {"attcacheoff", "'-1'::pg_catalog.int4"},
                                   {"atthasmissing", kFalse},
                                   {"attislocal", "true"},
                                   {"attinhcount", "'0'::pg_catalog.int4"},
                                   {"attoptions", kNull},
                                   {"attfdwoptions", kNull}};
constexpr Replaced kConstraint[] = {
    {"coninhcount", "'0'::pg_catalog.int4"}, {"conislocal", "true"}, {"conparentid", kZeroOid}};
constexpr Replaced kIndex[] = {{"indcheckxmin", kFalse},
                               {"indisvalid", "true"},
                               {"indisready", "true"},
                               {"indislive", "true"},
                               {"indisreplident", kFalse}};
constexpr Replaced kType[] = {
    {"typdefault",
     "(CASE WHEN \"tracegate\".\"oid\" OPERATOR(pg_catalog.<) '16384'::pg_catalog.oid THEN "
     "\"tracegate\".\"typdefault\" END)"}};
constexpr Replaced kProc[] = {
    {"prosrc",
     "(CASE WHEN \"tracegate\".\"oid\" OPERATOR(pg_catalog.<) '16384'::pg_catalog.oid THEN "
     "\"tracegate\".\"prosrc\" END)"},
    {"probin", kNull},
    {"proconfig", kNull}};
constexpr Replaced kDatabase[] = {{"datconnlimit", "'-1'::pg_catalog.int4"},
                                  {"dattablespace", "'1663'::pg_catalog.oid"}};
constexpr Replaced kRoles[] = {
    {"rolconnlimit", "'-1'::pg_catalog.int4"}, {"rolvaliduntil", kNull}, {"rolconfig", kNull}};
constexpr Replaced kUser[] = {{"valuntil", kNull}, {"useconfig", kNull}};
constexpr Replaced kExtension[] = {{"extconfig", kNull}, {"extcondition", kNull}};
constexpr Replaced kPartitioned[] = {{"partdefid", kZeroOid}};
constexpr Replaced kTables[] = {{"tableowner", kMyName}, {"tablespace", kNull},
                                {"hasindexes", "true"},  {"hasrules", kFalse},
                                {"hastriggers", "true"}, {"rowsecurity", kFalse}};
constexpr Replaced kViews[] = {{"viewowner", kMyName}, {"definition", kNull}};
constexpr Replaced kMatviews[] = {{"matviewowner", kMyName},
                                  {"tablespace", kNull},
                                  {"hasindexes", "true"},
                                  {"ispopulated", "true"},
                                  {"definition", kNull}};
constexpr Replaced kIndexes[] = {{"tablespace", kNull}};
constexpr Replaced kSequences[] = {{"sequenceowner", kMyName}, {"last_value", kNull}};
constexpr Replaced kSettings[] = {{"sourcefile", kNull}, {"sourceline", kNull},
                                  {"boot_val", kNull},   {"reset_val", kNull},
                                  {"source", kNull},     {"pending_restart", kFalse}};
constexpr Replaced kSchemata[] = {
    {"schema_owner", "CURRENT_USER::information_schema.sql_identifier"}};
constexpr Replaced kColumns[] = {
    {"generation_expression", kNull}, {"is_updatable", kNull}, {"dtd_identifier", kNull}};
constexpr Replaced kInformationTables[] = {{"is_insertable_into", kNull}};
constexpr Replaced kInformationViews[] = {
    {"view_definition", kNull},      {"is_updatable", kNull},
    {"is_insertable_into", kNull},   {"is_trigger_updatable", kNull},
    {"is_trigger_deletable", kNull}, {"is_trigger_insertable_into", kNull}};

constexpr std::string_view kPgCatalog = "pg_catalog";
constexpr std::string_view kInformationSchema = "information_schema";

struct Covered {
  std::string_view schema;
  std::string_view name;
  Rows rows;
  std::span<const Replaced> replaced = {};
};

// clang-format off
const Covered kCovered[] = {
    // about relations
    {kPgCatalog, "pg_class", [](const VisibleObjects& v) { return v.class_row(kRow); }, kClass},
    {kPgCatalog, "pg_attribute", [](const VisibleObjects& v) { return v.attribute_row(kRow); }, kAttribute},
    {kPgCatalog, "pg_attrdef", [](const VisibleObjects& v) { return v.default_row(kRow); }},
    {kPgCatalog, "pg_index", [](const VisibleObjects& v) { return v.index_row(kRow); }, kIndex},
    {kPgCatalog, "pg_constraint", [](const VisibleObjects& v) { return v.constraint_row(kRow); }, kConstraint},
    {kPgCatalog, "pg_inherits",
     [](const VisibleObjects& v) { return v.any_class(own("inhrelid")) + " AND " + v.any_class(own("inhparent")); }},
    {kPgCatalog, "pg_partitioned_table", [](const VisibleObjects& v) { return v.partitioned_row(kRow); }, kPartitioned},
    {kPgCatalog, "pg_sequence",
     [](const VisibleObjects& v) { return v.relation(own("seqrelid")) + " OR " + v.sequence(own("seqrelid")); }},
    {kPgCatalog, "pg_description", [](const VisibleObjects& v) { return v.description_row(kRow); }},
    {kPgCatalog, "pg_depend", [](const VisibleObjects& v) { return v.depend_row(kRow); }},
    {kPgCatalog, "pg_namespace", [](const VisibleObjects& v) { return v.schema(own("nspname")); }},
    // about types and functions
    {kPgCatalog, "pg_type", [](const VisibleObjects& v) { return v.type(own("oid")); }, kType},
    {kPgCatalog, "pg_enum", [](const VisibleObjects& v) { return v.type(own("enumtypid")); }},
    {kPgCatalog, "pg_range", [](const VisibleObjects& v) { return v.type(own("rngtypid")); }},
    {kPgCatalog, "pg_proc", [](const VisibleObjects& v) { return v.function(own("oid")); }, kProc},
    {kPgCatalog, "pg_extension",
     [](const VisibleObjects& v) { return VisibleObjects::builtin(own("oid")) + " OR " + v.extension(own("extname")); }, kExtension},
    {kPgCatalog, "pg_aggregate",
     [](const VisibleObjects& v) { return v.function(own("aggfnoid") + "::pg_catalog.oid"); }},
    // what PostgreSQL brings along
    {kPgCatalog, "pg_am", builtin}, {kPgCatalog, "pg_amop", builtin}, {kPgCatalog, "pg_amproc", builtin},
    {kPgCatalog, "pg_cast", builtin}, {kPgCatalog, "pg_collation", builtin}, {kPgCatalog, "pg_conversion", builtin},
    {kPgCatalog, "pg_language", builtin}, {kPgCatalog, "pg_opclass", builtin}, {kPgCatalog, "pg_operator", builtin},
    {kPgCatalog, "pg_opfamily", builtin}, {kPgCatalog, "pg_ts_config", builtin}, {kPgCatalog, "pg_ts_dict", builtin},
    {kPgCatalog, "pg_ts_parser", builtin}, {kPgCatalog, "pg_ts_template", builtin},
    {kPgCatalog, "pg_tablespace", [](const VisibleObjects&) { return own("spcname") + " OPERATOR(pg_catalog.=) 'pg_default'"; }},
    {kPgCatalog, "pg_timezone_abbrevs", all}, {kPgCatalog, "pg_timezone_names", all},
    // about who is connected, and to what
    {kPgCatalog, "pg_database", this_database, kDatabase},
    {kPgCatalog, "pg_roles", [](const VisibleObjects&) { return roles("rolname", "oid"); }, kRoles},
    {kPgCatalog, "pg_user", [](const VisibleObjects&) { return roles("usename", "usesysid"); }, kUser},
    {kPgCatalog, "pg_settings",
     [](const VisibleObjects&) {
       return visible_if_named(
           "name",
           "'{application_name,block_size,bytea_output,client_encoding,DateStyle,default_transaction_isolation,"
           "default_transaction_read_only,extra_float_digits,in_hot_standby,integer_datetimes,IntervalStyle,"
           "lc_collate,lc_ctype,max_function_args,max_identifier_length,max_index_keys,server_encoding,"
           "server_version,server_version_num,standard_conforming_strings,TimeZone,transaction_isolation,"
           "transaction_read_only}'");
     }, kSettings},
    // views of PostgreSQL over the above
    {kPgCatalog, "pg_tables", [](const VisibleObjects& v) { return v.named_relation(own("schemaname"), own("tablename")); }, kTables},
    {kPgCatalog, "pg_views", [](const VisibleObjects& v) { return v.named_relation(own("schemaname"), own("viewname")); }, kViews},
    {kPgCatalog, "pg_matviews",
     [](const VisibleObjects& v) { return v.named_relation(own("schemaname"), own("matviewname")); }, kMatviews},
    {kPgCatalog, "pg_indexes",
     [](const VisibleObjects& v) {
       return v.named_relation(own("schemaname"), own("tablename")) + " AND " + named_class(v, "schemaname", "indexname");
     }, kIndexes},
    {kPgCatalog, "pg_sequences",
     [](const VisibleObjects& v) { return named_class(v, "schemaname", "sequencename"); }, kSequences},
    // of what nothing is shown
    {kPgCatalog, "pg_auth_members", none}, {kPgCatalog, "pg_available_extensions", none},
    {kPgCatalog, "pg_db_role_setting", none}, {kPgCatalog, "pg_default_acl", none},
    {kPgCatalog, "pg_event_trigger", none}, {kPgCatalog, "pg_foreign_data_wrapper", none},
    {kPgCatalog, "pg_foreign_server", none}, {kPgCatalog, "pg_foreign_table", none},
    {kPgCatalog, "pg_init_privs", none}, {kPgCatalog, "pg_policies", none}, {kPgCatalog, "pg_policy", none},
    {kPgCatalog, "pg_publication", none}, {kPgCatalog, "pg_publication_namespace", none},
    {kPgCatalog, "pg_publication_rel", none}, {kPgCatalog, "pg_publication_tables", none},
    {kPgCatalog, "pg_rewrite", none}, {kPgCatalog, "pg_rules", none}, {kPgCatalog, "pg_seclabel", none},
    {kPgCatalog, "pg_shdepend", none}, {kPgCatalog, "pg_shdescription", none},
    {kPgCatalog, "pg_statistic_ext", none}, {kPgCatalog, "pg_transform", none}, {kPgCatalog, "pg_trigger", none},
    {kPgCatalog, "pg_ts_config_map", none}, {kPgCatalog, "pg_user_mappings", none},
    // information_schema, which reads the catalogs with the privileges of the store's user
    {kInformationSchema, "information_schema_catalog_name", all}, {kInformationSchema, "sql_features", all},
    {kInformationSchema, "sql_implementation_info", all}, {kInformationSchema, "sql_sizing", all},
    {kInformationSchema, "character_sets", all},
    {kInformationSchema, "tables", named_table, kInformationTables},
    {kInformationSchema, "views", named_table, kInformationViews},
    {kInformationSchema, "columns",
     [](const VisibleObjects& v) { return v.named_column(own("table_schema"), own("table_name"), own("column_name")); }, kColumns},
    {kInformationSchema, "schemata", [](const VisibleObjects& v) { return v.schema(own("schema_name")); }, kSchemata},
    {kInformationSchema, "sequences",
     [](const VisibleObjects& v) { return named_class(v, "sequence_schema", "sequence_name"); }},
    {kInformationSchema, "table_constraints",
     [](const VisibleObjects& v) { return named_table(v) + " AND " + named_constraint(v, "table_name"); }},
    {kInformationSchema, "key_column_usage",
     [](const VisibleObjects& v) { return named_table(v) + " AND " + named_constraint(v, "table_name"); }},
    {kInformationSchema, "constraint_column_usage",
     [](const VisibleObjects& v) {
       return v.named_column(own("table_schema"), own("table_name"), own("column_name")) + " AND " +
              named_constraint(v, {}, "EXISTS (SELECT FROM pg_catalog.pg_class AS \"tracegate_r\" WHERE "
                               "(\"tracegate_r\".\"oid\" OPERATOR(pg_catalog.=) \"tracegate_c\".\"conrelid\" OR "
                               "\"tracegate_r\".\"oid\" OPERATOR(pg_catalog.=) \"tracegate_c\".\"confrelid\") AND "
                               "\"tracegate_r\".\"relname\"::pg_catalog.text OPERATOR(pg_catalog.=) "
                               "\"tracegate\".\"table_name\"::pg_catalog.text)");
     }},
    {kInformationSchema, "constraint_table_usage",
     [](const VisibleObjects& v) { return named_table(v) + " AND " + named_constraint(v, {}); }},
    {kInformationSchema, "referential_constraints",
     [](const VisibleObjects& v) {
       return named_constraint(v, {}, "\"tracegate_c\".\"contype\" OPERATOR(pg_catalog.=) 'f'");
     }},
    {kInformationSchema, "check_constraints",
     [](const VisibleObjects& v) {
       return named_constraint(v, {}, "\"tracegate_c\".\"contype\" OPERATOR(pg_catalog.=) 'c' AND NOT EXISTS (SELECT FROM "
                               "pg_catalog.pg_constraint AS \"tracegate_x\" WHERE \"tracegate_x\".\"conname\" "
                               "OPERATOR(pg_catalog.=) \"tracegate_c\".\"conname\" AND \"tracegate_x\".\"oid\" "
                               "OPERATOR(pg_catalog.<>) \"tracegate_c\".\"oid\")");
     }},
    {kInformationSchema, "applicable_roles", none}, {kInformationSchema, "enabled_roles", none},
    {kInformationSchema, "column_privileges", none}, {kInformationSchema, "table_privileges", none},
    {kInformationSchema, "role_column_grants", none}, {kInformationSchema, "role_table_grants", none},
    {kInformationSchema, "routines", none}, {kInformationSchema, "parameters", none},
    {kInformationSchema, "triggers", none}, {kInformationSchema, "view_table_usage", none},
    {kInformationSchema, "view_column_usage", none}, {kInformationSchema, "element_types", none},
    {kInformationSchema, "domains", none}, {kInformationSchema, "domain_constraints", none},
};
// clang-format on

const Covered* find(std::string_view schema, std::string_view name) {
  const auto found =
      std::find_if(std::begin(kCovered), std::end(kCovered),
                   [&](const Covered& each) { return each.schema == schema && each.name == name; });
  return found == std::end(kCovered) ? nullptr : found;
}

// By type and name, for what the table above does not say.
std::string expression_of(const catalog::Column& column) {
  constexpr catalog::Oid kRegproc = 24, kOid = 26, kXid = 28, kNodeTree = 194, kAclItems = 1034,
                         kRegprocedure = 2202, kRegtype = 2206, kAnyArray = 2277;
  switch (column.type_oid) {
    case kAclItems:
    case kAnyArray:
      return "NULL::pg_catalog.text[]";
    case kXid:
      return "'0'::pg_catalog.xid";
    case kNodeTree:
      return "NULL::pg_catalog.pg_node_tree";
    case kOid:
      return column.name.ends_with("owner") || column.name == "datdba" ? std::string(kMe) : "";
    default:
      break;
  }
  if (column.type_oid == kRegproc ||
      (column.type_oid >= kRegprocedure && column.type_oid <= kRegtype))
    return own(column.name) + "::pg_catalog.oid";
  return {};
}

}  // namespace

bool Introspection::covers(std::string_view schema, std::string_view name) {
  return find(schema, name) != nullptr;
}

std::string Introspection::rows_of(std::string_view name) const {
  return find(kPgCatalog, name)->rows(visible_);
}

sql::RelationView Introspection::view_of(const catalog::Relation& relation) const {
  const Covered* covered = find(relation.schema, relation.name);
  TG_CHECK(covered != nullptr, "a view is made of covered relations");
  sql::RelationView view;
  view.predicate = covered->rows(visible_);
  view.needs_no_rule = true;
  for (const catalog::Column& column : relation.columns) {
    std::string expression = expression_of(column);
    for (const Replaced& each : covered->replaced) {
      if (each.column != column.name) continue;
      expression = each.expression;
      if (const std::size_t at = expression.find(kTypeMark); at != std::string::npos)
        expression.replace(at, kTypeMark.size(), column.type_name);
    }
    view.columns.push_back({column.name, std::move(expression)});
  }
  // Conditions over several catalogs.
  for (sql::ViewColumn& column : view.columns) {
    const std::string of = relation.name + "." + column.name;
    if (of == "columns.column_default" || of == "pg_attrdef.adbin" ||
        of == "pg_class.relpartbound" || of == "pg_class.relispartition")
      column.expression = own(column.name);
    if (of == "columns.column_default")
      column.expression =
          fmt::format("CASE WHEN {} THEN {} END", named_default(visible_), own(column.name));
    if (of == "pg_class.relpartbound" || of == "pg_class.relispartition")
      column.expression = fmt::format(
          "CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits AS \"tracegate_h\" WHERE "
          "\"tracegate_h\".\"inhrelid\" OPERATOR(pg_catalog.=) {} AND {}) THEN {} ELSE {} END",
          own("oid"), visible_.any_class("\"tracegate_h\".\"inhparent\""), own(column.name),
          column.name == "relispartition" ? "false" : "NULL");
  }
  return view;
}

sql::Guard Introspection::guard_of(ObjectKind kind) const {
  const auto of = [&](std::string_view table, std::string_view id) {
    return sql::Guard{fmt::format("pg_catalog.{}", table), std::string(id), rows_of(table)};
  };
  switch (kind) {
    case ObjectKind::kRelation:
      return of("pg_class", "oid");
    case ObjectKind::kIndex:
      return of("pg_index", "indexrelid");
    case ObjectKind::kConstraint:
      return of("pg_constraint", "oid");
    case ObjectKind::kPartitioned:
      return of("pg_partitioned_table", "partrelid");
    case ObjectKind::kType:
      return of("pg_type", "oid");
    case ObjectKind::kFunction:
      return of("pg_proc", "oid");
    case ObjectKind::kNamespace:
      return of("pg_namespace", "oid");
    case ObjectKind::kRole:
      return of("pg_roles", "oid");
    case ObjectKind::kDatabase:
      return of("pg_database", "oid");
    case ObjectKind::kCommented:
      return of("pg_description", "objoid");
    case ObjectKind::kColumnNumber:
      return of("pg_attribute", "attnum");
    case ObjectKind::kBuiltin:
      return {{}, {}, VisibleObjects::builtin("\"tracegate_argument\".\"oid\"")};
    case ObjectKind::kNothing:
      break;
  }
  return {{}, {}, "false"};
}

}  // namespace tracegate::policy
