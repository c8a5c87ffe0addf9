#include "src/policy/calls.h"

#include <algorithm>

#include "src/sql/guarded.h"

namespace tracegate::policy {
namespace {

// Not pure, but harmless: they touch nothing but the caller's own session, and drivers call them
// when a connection goes back to its pool (asyncpg).
constexpr std::string_view kSessionFunctions[] = {"pg_advisory_unlock_all",
                                                  "pg_catalog.pg_advisory_unlock_all"};

// Functions of known extensions that are STABLE and run SQL, or read tables or their statistics, as
// their arguments say.
struct ReadingFunction {
  std::string_view extension;
  std::string_view name;
};
constexpr ReadingFunction kReadingFunctions[] = {
    {"postgis", "find_srid"},   {"postgis", "st_estimatedextent"}, {"postgis", "st_findextent"},
    {"tablefunc", "connectby"}, {"tablefunc", "crosstab"},         {"tablefunc", "crosstab2"},
    {"tablefunc", "crosstab3"}, {"tablefunc", "crosstab4"},        {"xml2", "xpath_table"},
};

bool lists(const Role& role, std::string_view name) {
  return std::binary_search(role.functions.begin(), role.functions.end(), name, std::less<>());
}

}  // namespace

bool may_call(const Role& role, const sql::Statement& statement, std::string_view function) {
  return sql::is_pure_function(function) || lists(role, function) ||
         (role.is_scoped() && sql::is_guarded_function(function)) ||
         std::find(std::begin(kSessionFunctions), std::end(kSessionFunctions), function) !=
             std::end(kSessionFunctions) ||
         std::any_of(statement.user_defined.begin(), statement.user_defined.end(),
                     [&](const sql::UserDefined& each) { return each.explains == function; });
}

bool is_covered_by_extension(const sql::UserDefined& defined) {
  const std::string_view name = std::string_view(defined.name).substr(defined.name.rfind('.') + 1);
  return !defined.extension.empty() && !defined.security_definer && !defined.is_volatile &&
         std::none_of(std::begin(kReadingFunctions), std::end(kReadingFunctions),
                      [&](const ReadingFunction& each) {
                        return each.extension == defined.extension && each.name == name;
                      });
}

bool may_use(const Role& role, const sql::UserDefined& defined) {
  return lists(role, defined.name) ||
         (!defined.short_name.empty() && lists(role, defined.short_name)) ||
         (is_covered_by_extension(defined) &&
          std::binary_search(role.extensions.begin(), role.extensions.end(), defined.extension,
                             std::less<>()));
}

}  // namespace tracegate::policy
