// What PostgreSQL 15 brings along in schema pg_catalog, as far as judging a statement needs it:
// which functions, types and operators can be used without reading or changing anything beyond
// their arguments. Allow-lists: a name that is missing here is one that a role must be given by
// name.
//
// The lists were chosen by hand from the documentation (chapter 9 "Functions and Operators",
// chapter 8 "Data Types"); tests/sql/builtins_check.sql compares them with the pg_proc, pg_type and
// pg_operator of a running server. is_pure_function() of analysis.h belongs here, too.
// Threading: pure functions.
#pragma once

#include <span>
#include <string_view>

#include "src/catalog/definitions.h"

namespace tracegate::sql {

// Whether `name` is a built-in type whose input function looks at nothing but its text. The reg*
// types (regclass, ...) and aclitem look names up in the catalog and are left out.
[[nodiscard]] bool is_builtin_type(std::string_view name);
// Its Oid; kNoType for every other type.
[[nodiscard]] catalog::Oid builtin_type(std::string_view name);
// Whether `type` is a type of the above whose values are neither rows nor arrays: PostgreSQL then
// casts them by itself to what pg_cast says, and to nothing else.
[[nodiscard]] bool is_plain_type(catalog::Oid type);

// Whether `name` is an operator symbol that pg_catalog defines. What else it can mean in a given
// database, meanings.h finds out.
[[nodiscard]] bool is_builtin_operator(std::string_view name);

// What a call of pure function `name` in FROM returns: columns with names of their own ...
[[nodiscard]] std::span<const std::string_view> result_columns(std::string_view name);
// ... or one value that can never be a row, in a column named after the function or its alias.
// Neither holds for what is not pure, nor where it depends on the argument (unnest of an array of
// rows).
[[nodiscard]] bool returns_one_value(std::string_view name);

// The attributes that every table has beyond its columns: ctid, xmin, ...
[[nodiscard]] bool is_system_column(std::string_view name);

}  // namespace tracegate::sql
