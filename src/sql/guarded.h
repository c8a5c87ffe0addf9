// Functions of PostgreSQL that tell of the object whose Oid or name they are given: what a scoped
// role may call because the argument is guarded, so that an object that it may not see is none
// (NULL). And the types that look names up (regclass, regproc, ...), which are guarded as well.
//
// The guard stands around the argument, which is evaluated once:
//   (SELECT "tracegate"."oid" FROM (SELECT (ARGUMENT)::pg_catalog.oid) AS "tracegate_argument"
//     ("oid"), pg_catalog.pg_class AS "tracegate" WHERE ... AND <the role's condition on the row>)
// ARGUMENT stands where no name of ours can capture one of its own. Threading: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/sql/object_kinds.h"

namespace tracegate::sql {

struct GuardedFunction {
  enum class Form : std::uint8_t {
    kHarmless,      // depends on nothing that anybody could hide
    kOid,           // the argument is an Oid, or a literal with the name of a relation
    kAncestors,     // pg_partition_ancestors: rows of a type that looks names up
    kColumn,        // (relation, number of a column)
    kRelationName,  // the argument is a literal with the name of a relation; unknown: NULL
    kColumnName,    // (relation, column), both literals; unknown: an error, as in PostgreSQL
  };
  std::string_view name;
  Form form = Form::kHarmless;
  std::uint8_t argument = 0;  // which one is guarded, from 0
  ObjectKind kind = ObjectKind::kNothing;
  // How many arguments there are; a call with others is refused.
  std::uint8_t least = 1;
  std::uint8_t most = 1;
  // It returns a value of a type that looks names up.
  bool returns_name = false;
};

// `name` as in Statement::functions. Null if it is not one of them.
[[nodiscard]] const GuardedFunction* find_guarded(std::string_view name);

// What values of a type that looks names up stand for; kNothing: they cannot be guarded.
struct NameType {
  std::string_view name;
  ObjectKind kind;
};
// Null if `name` is not such a type.
[[nodiscard]] const NameType* find_name_type(std::string_view name);

// Whether rewrite() lets a scoped role use it, guarded: a function, a type above, or a field of
// what one of the functions returns.
[[nodiscard]] bool is_guarded_function(std::string_view name);

}  // namespace tracegate::sql
