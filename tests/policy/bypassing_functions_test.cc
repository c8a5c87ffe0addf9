// Which functions no role can be given, whatever its policy file says.
#include "src/policy/bypassing_functions.h"

#include <gtest/gtest.h>

namespace tracegate::policy {
namespace {

TEST(BypassingFunctions, OfPostgresAreRefusedWithAndWithoutTheirSchema) {
  for (const std::string name : {"set_config",
                                 "query_to_xml",
                                 "query_to_xml_and_xmlschema",
                                 "cursor_to_xmlschema",
                                 "table_to_xml",
                                 "schema_to_xmlschema",
                                 "database_to_xml",
                                 "ts_stat",
                                 "ts_rewrite",
                                 "pg_read_file",
                                 "pg_read_binary_file",
                                 "pg_ls_dir",
                                 "pg_ls_waldir",
                                 "pg_stat_file",
                                 "pg_hba_file_rules",
                                 "pg_ident_file_mappings",
                                 "pg_show_all_file_settings",
                                 "current_setting",
                                 "pg_show_all_settings",
                                 "pg_current_logfile",
                                 "lo_get",
                                 "lo_import",
                                 "lo_export",
                                 "loread",
                                 "lowrite",
                                 "pg_logical_slot_get_changes",
                                 "pg_logical_slot_get_binary_changes",
                                 "pg_logical_slot_peek_changes",
                                 "pg_logical_slot_peek_binary_changes",
                                 "pg_create_logical_replication_slot",
                                 "pg_stat_get_activity",
                                 "pg_stat_get_backend_activity"}) {
    EXPECT_NE(why_not_grantable_function(name), "") << name;
    EXPECT_NE(why_not_grantable_function("pg_catalog." + name), "") << name;
    EXPECT_EQ(why_not_grantable_function("public." + name), "") << name << ": somebody's own";
  }
}

TEST(BypassingFunctions, OfExtensionsAreRefusedInAnySchema) {
  for (const std::string name : {"dblink", "dblink_exec", "dblink_connect_u", "crosstab",
                                 "crosstab4", "connectby", "xpath_table", "get_raw_page",
                                 "pg_file_read", "pg_get_wal_records_info", "pg_stat_statements"})
    for (const std::string schema : {"", "public.", "extensions."})
      EXPECT_NE(why_not_grantable_function(schema + name), "") << schema << name;
}

TEST(BypassingFunctions, OthersMayBeGiven) {
  for (const std::string name :
       {"similarity", "public.similarity", "pg_sleep", "nextval", "pg_typeof", "lo", "log", "xpath",
        "<->", "public.<=>", "pg_get_viewdef", "pg_cancel_backend"})
    EXPECT_EQ(why_not_grantable_function(name), "") << name;
}

}  // namespace
}  // namespace tracegate::policy
