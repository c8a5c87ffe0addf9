// Kinds of objects of a database that catalogs and functions refer to by Oid. Threading: an enum.
#pragma once

#include <cstdint>

namespace tracegate::sql {

enum class ObjectKind : std::uint8_t {
  kRelation,      // pg_class, indexes and sequences among them
  kIndex,         // pg_index
  kConstraint,    // pg_constraint
  kPartitioned,   // pg_partitioned_table
  kType,          // pg_type
  kFunction,      // pg_proc
  kNamespace,     // pg_namespace
  kRole,          // pg_roles
  kDatabase,      // pg_database
  kCommented,     // whatever may have a comment, by pg_description.objoid
  kColumnNumber,  // of a relation: pg_attribute.attnum
  kBuiltin,       // anything that PostgreSQL itself brings along
  kNothing,       // no object at all
};

}  // namespace tracegate::sql
