#include "src/sql/guarded.h"

#include <algorithm>
#include <iterator>

namespace tracegate::sql {
namespace {

using Form = GuardedFunction::Form;
using enum ObjectKind;

constexpr GuardedFunction of(std::string_view name, ObjectKind kind, std::uint8_t least = 1,
                             std::uint8_t most = 0, std::uint8_t argument = 0) {
  return {name, Form::kOid, argument, kind, least, most < least ? least : most};
}

// Sizes, last values and what is made of the trees of views, rules and triggers are nothing for a
// scoped role, whatever the object: kNothing.
constexpr GuardedFunction kFunctions[] = {
    {"col_description", Form::kColumn, 1, kColumnNumber, 2, 2},
    of("format_type", kType, 2),
    of("has_any_column_privilege", kRelation, 2),
    of("has_database_privilege", kNothing, 2),
    of("has_function_privilege", kFunction, 2),
    of("has_schema_privilege", kNamespace, 2),
    of("has_sequence_privilege", kRelation, 2),
    of("has_table_privilege", kRelation, 2),
    of("has_type_privilege", kType, 2),
    {"information_schema._pg_expandarray"},
    of("obj_description", kCommented, 1, 2),
    of("pg_collation_is_visible", kBuiltin),
    of("pg_conversion_is_visible", kBuiltin),
    of("pg_database_size", kNothing),
    of("pg_function_is_visible", kFunction),
    of("pg_get_constraintdef", kConstraint, 1, 2),
    of("pg_get_expr", kRelation, 2, 3, 1),
    of("pg_get_function_arguments", kFunction),
    of("pg_get_function_identity_arguments", kFunction),
    of("pg_get_function_result", kFunction),
    of("pg_get_function_sqlbody", kNothing),
    of("pg_get_functiondef", kNothing),
    of("pg_get_indexdef", kIndex, 1, 3),
    {"pg_get_keywords", Form::kHarmless, 0, kNothing, 0, 0},
    of("pg_get_partition_constraintdef", kNothing),
    of("pg_get_partkeydef", kPartitioned),
    of("pg_get_ruledef", kNothing, 1, 2),
    {"pg_get_serial_sequence", Form::kColumnName, 0, kRelation, 2, 2},
    of("pg_get_statisticsobjdef", kNothing),
    of("pg_get_statisticsobjdef_columns", kNothing),
    of("pg_get_statisticsobjdef_expressions", kNothing),
    of("pg_get_triggerdef", kNothing, 1, 2),
    of("pg_get_userbyid", kRole),
    of("pg_get_viewdef", kNothing, 1, 2),
    of("pg_has_role", kNothing, 2),
    of("pg_index_column_has_property", kIndex, 3),
    of("pg_index_has_property", kIndex, 2),
    of("pg_indexam_has_property", kBuiltin, 2),
    of("pg_indexes_size", kNothing),
    of("pg_opclass_is_visible", kBuiltin),
    of("pg_operator_is_visible", kBuiltin),
    of("pg_opfamily_is_visible", kBuiltin),
    {"pg_options_to_table"},
    {"pg_partition_ancestors", Form::kAncestors, 0, kRelation, 1, 1},
    of("pg_relation_is_publishable", kNothing),
    of("pg_relation_size", kNothing, 1, 2),
    of("pg_sequence_last_value", kNothing),
    of("pg_statistics_obj_is_visible", kBuiltin),
    of("pg_table_is_visible", kRelation),
    of("pg_table_size", kNothing),
    of("pg_tablespace_location", kNothing),
    of("pg_tablespace_size", kNothing),
    of("pg_total_relation_size", kNothing),
    of("pg_ts_config_is_visible", kBuiltin),
    of("pg_ts_dict_is_visible", kBuiltin),
    of("pg_ts_parser_is_visible", kBuiltin),
    of("pg_ts_template_is_visible", kBuiltin),
    of("pg_type_is_visible", kType),
    of("shobj_description", kNothing, 2),
    {"to_regclass", Form::kRelationName, 0, kRelation, 1, 1, true},
};

constexpr NameType kNameTypes[] = {
    {"regclass", kRelation},     {"regcollation", kNothing},   {"regconfig", kNothing},
    {"regdictionary", kNothing}, {"regnamespace", kNamespace}, {"regoper", kNothing},
    {"regoperator", kNothing},   {"regproc", kFunction},       {"regprocedure", kFunction},
    {"regrole", kRole},          {"regtype", kType},
};

// Of what information_schema._pg_expandarray returns. PostgreSQL has no function of these names;
// one that somebody else defined is reported as what the name may mean (Statement::user_defined).
constexpr std::string_view kFields[] = {"n", "x"};

template <typename Entry, std::size_t size>
const Entry* find(const Entry (&table)[size], std::string_view name) {
  constexpr std::string_view kPrefix = "pg_catalog.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  const auto found = std::find_if(std::begin(table), std::end(table),
                                  [&](const Entry& each) { return each.name == name; });
  return found == std::end(table) ? nullptr : found;
}

}  // namespace

const GuardedFunction* find_guarded(std::string_view name) {
  return find(kFunctions, name);
}

const NameType* find_name_type(std::string_view name) {
  return find(kNameTypes, name);
}

bool is_guarded_function(std::string_view name) {
  const NameType* type = find_name_type(name);
  return find_guarded(name) != nullptr || (type != nullptr && type->kind != kNothing) ||
         std::find(std::begin(kFields), std::end(kFields), name) != std::end(kFields);
}

}  // namespace tracegate::sql
