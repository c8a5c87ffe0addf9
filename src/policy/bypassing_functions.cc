#include "src/policy/bypassing_functions.h"

namespace tracegate::policy {
namespace {

constexpr std::string_view kSetsSettings = "it changes settings past the allow-list";
constexpr std::string_view kReadsSettings =
    "it reads any setting, the key of masks too; without being listed it reads those that SHOW may";
constexpr std::string_view kRunsText = "it runs SQL or reads tables that are given as text";
constexpr std::string_view kReadsFiles = "it reads or writes files of the store";
constexpr std::string_view kReadsWal = "it reads or writes the log of all changes";
constexpr std::string_view kReadsPages = "it reads tables page by page";
constexpr std::string_view kShowsSessions = "it shows what other sessions do";
constexpr std::string_view kLargeObjects = "it reads or writes large objects, which no rule covers";

struct BypassingFunction {
  std::string_view name;  // a "*" at its end stands for anything
  std::string_view why;
};

// Of pg_catalog.
constexpr BypassingFunction kOfPostgres[] = {
    {"current_setting", kReadsSettings},
    {"cursor_to_xml*", kRunsText},
    {"database_to_xml*", kRunsText},
    {"lo_*", kLargeObjects},
    {"loread", kLargeObjects},
    {"lowrite", kLargeObjects},
    {"pg_copy_logical_replication_slot", kReadsWal},
    {"pg_copy_physical_replication_slot", kReadsWal},
    {"pg_create_logical_replication_slot", kReadsWal},
    {"pg_create_physical_replication_slot", kReadsWal},
    {"pg_current_logfile", kReadsFiles},
    {"pg_hba_file_rules", kReadsFiles},
    {"pg_ident_file_mappings", kReadsFiles},
    {"pg_lock_status", kShowsSessions},
    {"pg_logical_*", kReadsWal},
    {"pg_ls_*", kReadsFiles},
    {"pg_prepared_xact", kShowsSessions},
    {"pg_read_*", kReadsFiles},
    {"pg_replication_slot_advance", kReadsWal},
    {"pg_show_all_file_settings", kReadsFiles},
    {"pg_show_all_settings", kReadsSettings},
    {"pg_stat_file", kReadsFiles},
    {"pg_stat_get_activity", kShowsSessions},
    {"pg_stat_get_backend_*", kShowsSessions},
    {"pg_stat_get_progress_info", kShowsSessions},
    {"pg_stat_get_wal_senders", kShowsSessions},
    {"query_to_xml*", kRunsText},
    {"schema_to_xml*", kRunsText},
    {"set_config", kSetsSettings},
    {"table_to_xml*", kRunsText},
    {"ts_rewrite", kRunsText},
    {"ts_stat", kRunsText},
};

// Of extensions, which may be installed in any schema.
constexpr BypassingFunction kOfExtensions[] = {
    {"connectby", kRunsText},                // tablefunc
    {"crosstab*", kRunsText},                // tablefunc
    {"dblink*", kRunsText},                  // dblink
    {"get_raw_page", kReadsPages},           // pageinspect
    {"pg_file_*", kReadsFiles},              // adminpack
    {"pg_get_wal_record*", kReadsWal},       // pg_walinspect
    {"pg_get_wal_stats*", kReadsWal},        // pg_walinspect
    {"pg_logdir_ls", kReadsFiles},           // adminpack
    {"pg_stat_statements", kShowsSessions},  // pg_stat_statements
    {"xpath_table", kRunsText},              // xml2
};

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

}  // namespace

std::string_view why_not_grantable_function(std::string_view name) {
  const std::string_view bare = name.substr(name.find_last_of('.') + 1);
  for (const BypassingFunction& each : kOfExtensions)
    if (matches(each.name, bare)) return each.why;
  // "public.set_config" is one of the operator's own.
  if (bare != name && !name.starts_with("pg_catalog.")) return {};
  for (const BypassingFunction& each : kOfPostgres)
    if (matches(each.name, bare)) return each.why;
  return {};
}

}  // namespace tracegate::policy
