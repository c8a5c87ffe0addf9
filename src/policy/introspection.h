// What a scoped role sees of pg_catalog and information_schema: a view for each relation of them
// that psql, drivers and object-relational mappers ask, made of three things.
//
//   rows     that are about what exists for the role (visible_objects.h), or none at all
//   columns  all, under their own names; what tells of data, of activity, of access rights or of
//            other roles is replaced by a neutral constant, and every owner by the session's user
//   types    those that look names up when a literal is compared with them (regproc, aclitem) are
//            replaced: by the Oid, by text
//
// What is not in the table of introspection.cc is treated as any other table: it exists for the
// role if a rule lists it. A relation that a rule lists is seen as the rule says. For the guards of
// functions that take an Oid see sql::Guard.
//
// Immutable, thread-safe; borrows nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/catalog/catalog.h"
#include "src/policy/policy.h"
#include "src/policy/visible_objects.h"
#include "src/sql/rewrite.h"

namespace tracegate::policy {

class Introspection {
 public:
  // As VisibleObjects.
  Introspection(const Role& role, const catalog::Catalog& shown) : visible_(role, shown) {}

  // Whether a relation of the name is one of those that every scoped role sees a view of.
  [[nodiscard]] static bool covers(std::string_view schema, std::string_view name);

  // `relation` is covered.
  [[nodiscard]] sql::RelationView view_of(const catalog::Relation& relation) const;

  // Which objects of the kind exist for the role.
  [[nodiscard]] sql::Guard guard_of(sql::ObjectKind kind) const;

  [[nodiscard]] const VisibleObjects& visible() const { return visible_; }

 private:
  [[nodiscard]] std::string rows_of(std::string_view name) const;

  VisibleObjects visible_;
};

}  // namespace tracegate::policy
