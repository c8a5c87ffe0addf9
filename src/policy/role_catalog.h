// The part of a store's catalog that exists for a scoped role. Names are resolved in it rather than
// in the whole: a relation outside it then is unknown by the same words, at the same place and in
// the same order with other errors as one that the store does not have, because nothing after it
// can tell the two apart.
//
// Relations of pg_catalog and information_schema exist for the role if introspection.h has a view
// of them, or if a rule lists them; then they are seen as the rule says.
//
// Immutable, thread-safe; copies what it needs of the whole catalog. The role must outlive it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/policy/introspection.h"
#include "src/policy/policy.h"
#include "src/policy/relatives.h"
#include "src/policy/role_masks.h"

namespace tracegate::policy {

class RoleCatalog {
 public:
  // `role` is scoped; `whole` is the catalog of `upstream`.
  RoleCatalog(const Role& role, const Upstream& upstream, const catalog::Catalog& whole);

  // The relations that any rule of the role covers, but for those that would show rows of a table
  // with a scope and have none themselves, or masked columns: views, and parents of the table
  // (relatives.h). And those of introspection.
  [[nodiscard]] const catalog::Catalog& shown() const { return *shown_; }
  // The tables that have a scope, which include those that rows are only in scope through.
  [[nodiscard]] const catalog::Catalog& scoped() const { return *scoped_; }
  // Whether the search path leads, for the name of some shown relation, to a relation that is not
  // shown. In a text that keeps such a name, the store would take the hidden one.
  [[nodiscard]] bool hides_by_search_path() const { return hides_by_search_path_; }
  [[nodiscard]] const Introspection& introspection() const { return *introspection_; }

  [[nodiscard]] const RoleMasks& masks() const { return masks_; }

  // Of a shown relation: the scopes that hold for it together. Borrowed from the role.
  [[nodiscard]] const std::vector<const Scope*>& scopes(const catalog::Relation& relation) const;
  // Of a shown relation: what it is a partition or child of. Borrowed from *this.
  [[nodiscard]] std::vector<const catalog::Relation*> ancestors(
      const catalog::Relation& relation) const;
  // Why a relation that a rule covers is not shown, for the record; empty: it is, or no rule does.
  [[nodiscard]] std::string why_not_shown(std::string_view schema, std::string_view relation) const;

 private:
  struct Family {
    std::vector<const Scope*> scopes;
    std::vector<catalog::Oid> ancestors;
  };

  std::shared_ptr<const catalog::Catalog> shown_;
  std::shared_ptr<const catalog::Catalog> scoped_;
  std::shared_ptr<const catalog::Catalog> ancestors_;  // of whatever is shown
  std::unordered_map<catalog::Oid, Family> families_;  // of those that have scopes or ancestors
  std::map<std::pair<std::string, std::string>, std::string> exposing_;  // and why not
  RoleMasks masks_;
  bool hides_by_search_path_ = false;
  std::optional<Introspection> introspection_;  // made last, never empty
};

// Whether the relation is among RoleCatalog::shown() if the store has it.
[[nodiscard]] bool exists_for(const Role& role, std::string_view schema, std::string_view relation);

}  // namespace tracegate::policy
