// What a role may call: functions, operators, types and casts. Private to src/policy; pure
// functions.
//
// A name is permitted if it is PostgreSQL's own and pure, or listed by the role as it is written,
// or if the catalog says what it means and the role may use all of that. And whatever else a name,
// a symbol or a cast may mean in the database (sql::Statement::user_defined) must be permitted on
// its own account, however innocent the name: listed, with its schema or as names without schema
// mean it, or of an extension that the role lists.
//
// An extension's name covers what its functions promise by their attributes: not VOLATILE, so that
// they change nothing (uuid_generate_v4, gen_salt and dblink are to be listed by name), and not
// SECURITY DEFINER. It does not cover functions that read relations named by their arguments, which
// no attribute tells (crosstab).
#pragma once

#include <string_view>

#include "src/policy/policy.h"
#include "src/sql/analysis.h"

namespace tracegate::policy {

// `function` is one of statement.functions.
[[nodiscard]] bool may_call(const Role& role, const sql::Statement& statement,
                            std::string_view function);
// `defined` is one of Statement::user_defined.
[[nodiscard]] bool may_use(const Role& role, const sql::UserDefined& defined);
// Whether listing the extension of `defined` would permit it.
[[nodiscard]] bool is_covered_by_extension(const sql::UserDefined& defined);

}  // namespace tracegate::policy
