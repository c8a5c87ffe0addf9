// How relations of a store show one another's rows, for a role with scopes: a partition holds rows
// of the table that it is part of, a table shows those of its children, a view shows what it reads.
//
// The scope of a table governs its partitions and children, named by themselves, as well; those of
// several ancestors hold together, and with one of their own. What shows rows of a table with a
// scope otherwise needs a scope of its own. Likewise for masks: a partition has those of its table
// (role_masks.h), a view needs its own.
//
// What functions in a view read is not known, nor what triggers and rewrite rules of tables do.
// Threading: immutable.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/policy/policy.h"

namespace tracegate::policy {

// The role's rules for reading the relation.
[[nodiscard]] std::vector<const Rule*> reading_rules(const Role& role,
                                                     const catalog::Relation& relation);
// Whether any of the rules is about the column.
[[nodiscard]] bool any_lists(const std::vector<const Rule*>& rules, std::string_view column);
// A column that a relation has in common with a table that it is part of is read as there, if the
// role reads that table: whether that hides it.
[[nodiscard]] bool hides_column(const Role& role,
                                const std::vector<const catalog::Relation*>& ancestors,
                                std::string_view column);

// A relation that shows what the role sees only in part.
struct Exposed {
  const catalog::Relation* relation = nullptr;  // of which; null: none
  bool masks = false;  // columns that are masked or classified; otherwise rows out of scope
};

class Relatives {
 public:
  // Borrows all.
  Relatives(const Role& role, const Upstream& upstream, const catalog::Catalog& whole);

  // What it is a partition or child of, however many levels up; each once, nearest first.
  [[nodiscard]] std::vector<const catalog::Relation*> ancestors(
      const catalog::Relation& relation) const;
  // Its own and those of its ancestors.
  [[nodiscard]] std::vector<const Scope*> scopes(const catalog::Relation& relation) const;
  // A relation that has a scope which does not hold for those of its rows that `relation` shows, or
  // masks likewise for its columns.
  [[nodiscard]] Exposed exposed_by(const catalog::Relation& relation) const;

 private:
  // Whether the relation has something of its own: a scope, masks.
  using Has = bool (Relatives::*)(const catalog::Relation& relation) const;
  [[nodiscard]] bool has_scope(const catalog::Relation& relation) const {
    return own_scope(relation) != nullptr;
  }
  [[nodiscard]] bool has_masks(const catalog::Relation& relation) const {
    return role_.find_masking(upstream_.name, relation.schema, relation.name) != nullptr;
  }
  [[nodiscard]] bool has_or_inherits(const catalog::Relation& relation, Has has) const;
  // `relation`, if it has or inherits it, or a descendant of it that has it; null: none.
  [[nodiscard]] const catalog::Relation* find(const catalog::Relation& relation, Has has) const;
  [[nodiscard]] const catalog::Relation* find_exposed(const catalog::Relation& relation,
                                                      Has has) const;
  [[nodiscard]] const Scope* own_scope(const catalog::Relation& relation) const {
    return role_.find_scope(relation.schema, relation.name);
  }

  const Role& role_;
  const Upstream& upstream_;
  const catalog::Catalog& whole_;
  std::unordered_map<catalog::Oid, std::vector<const catalog::Relation*>> parents_;
};

}  // namespace tracegate::policy
