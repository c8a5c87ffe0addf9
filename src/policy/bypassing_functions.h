// Functions that no role may be given, because they get around the rules: what they read or change
// stands in their arguments or in the store at large, where nothing judges it. docs/policy.md tells
// operators. Private to src/policy; pure functions.
//
// The names are those of PostgreSQL 15 (pg_proc) and of the extensions that come with it. A
// function that somebody wrote, or a view that shows the same, is the operator's own affair.
#pragma once

#include <string_view>

namespace tracegate::policy {

// `name` as parse_function_name() returns it. Why it cannot be given to a role ("it reads or writes
// files of the store"); empty if it can.
[[nodiscard]] std::string_view why_not_grantable_function(std::string_view name);

}  // namespace tracegate::policy
