// Which comparisons cannot fail, whatever the values: =, <>, <, <=, >, >= between PostgreSQL's
// plain scalar types. Pure functions; type OIDs of pg_type.dat.
#pragma once

#include <cstdint>
#include <span>

#include "src/catalog/definitions.h"

namespace tracegate::sql {

// Types whose comparison operators cannot fail: bool, int2, int4, int8, oid, float4, float8,
// numeric, text, varchar, bpchar, uuid, date, timestamp, timestamptz.
[[nodiscard]] bool compares_safely(catalog::Oid type);

// How the other side of a comparison with a column comes by its value.
enum class Origin : std::uint8_t {
  kColumn,
  kLiteral,   // converted, if it has to be, when the statement is planned
  kParameter  // converted, if it has to be, while rows are looked at
};

// Whether PostgreSQL compares a column of type `column`, which compares safely, with a value of
// type `other` without a conversion that can fail. There are operators for all pairs of a kind
// except these: bigint with oid (as oid), numeric with real or double precision (as the latter),
// and of parameters bigint with oid and numeric with the floating types. `other` may be
// kUnknownType or kUndecidedType (it takes the column's type) or kAnyType.
[[nodiscard]] bool converts_safely(catalog::Oid column, catalog::Oid other, Origin origin);

// Whether columns of these types compare with one another so. False for none.
[[nodiscard]] bool compare_safely(std::span<const catalog::Oid> columns);

// The type of the elements of an array of a type that compares safely; kAnyType of anything else.
[[nodiscard]] catalog::Oid element_of(catalog::Oid array);

}  // namespace tracegate::sql
