// A scope as SQL: the condition on a row, and the conditions on values that are written.
//
// What stands in the text is the gateway's alone. Every operator and function is qualified with
// pg_catalog, so that nothing in a search path stands in for it; every column stands behind an
// alias of ours in double quotes; every constant is a literal of standard_conforming_strings = on,
// which is pinned. Nothing depends on the session's TimeZone or DateStyle. Comparisons take the
// form `column operator constant` with the column's own type, so that its indexes serve them, and
// none of them can fail on any row.
//
// The text can be taken apart without parsing it: `"tracegate".` stands only where the row is
// referred to, `$value` only where the value is, whatever the constants and names hold.
//
// What cannot be decided is out of scope: a claim that is missing or cannot be read, a column that
// the table does not have or whose type cannot be compared so (scope_types.h), a value that the
// type cannot hold. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/policy/policy.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {

// Stands for the value in sql::ScopeColumn::condition.
inline constexpr std::string_view kValueMark = "$value";

struct ScopeSql {
  std::string predicate;  // over sql::kRowAlias; never empty
  std::vector<sql::ScopeColumn> columns;
};

// `relation` is the table of `scope`, which is one of `role`'s. `catalog` holds it and all that it
// goes through.
//
// A `through` scope reads, for a row:
//   "tracegate"."trace_id" OPERATOR(pg_catalog.=) ANY (SELECT "tracegate_1"."trace_id"
//     FROM public.traces AS "tracegate_1" WHERE ...)
// and for a value, where looking up one key is what the store should do:
//   EXISTS (SELECT 1 FROM (SELECT $value) AS "tracegate_value" ("value"), public.traces AS
//     "tracegate_1" WHERE "tracegate_1"."trace_id" OPERATOR(pg_catalog.=) "tracegate_value"."value"
//     AND ...)
// In both the outer reference stands where no alias of the inner query can capture it.
[[nodiscard]] ScopeSql to_sql(const Role& role, const Scope& scope,
                              const catalog::Relation& relation, const catalog::Catalog& catalog,
                              const Claims& claims);

// `values` as the SQL string literal of an array. No value holds a NUL.
[[nodiscard]] std::string quote_array(const std::vector<std::string>& values);

// Whether `text` holds one of the marks by which the text of a scope is taken apart. Names of scope
// columns must not.
[[nodiscard]] bool holds_mark(std::string_view text);

}  // namespace tracegate::policy
