// The views of roles by what they were made from, so that a text that is planned anew does not make
// them anew. Bounded: the least recently used go out. One thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "src/catalog/catalog.h"
#include "src/policy/claims.h"
#include "src/policy/policy.h"
#include "src/policy/role_catalog.h"
#include "src/policy/role_views.h"

namespace tracegate::policy {

class ViewsCache {
 public:
  // `role` is scoped and of the same snapshot as in every call since clear(). Borrowed until the
  // next call.
  [[nodiscard]] const RoleViews& get(const Role& role, const Upstream& upstream,
                                     const catalog::Catalog& catalog, const ClaimsRef& claims);
  // Before the snapshot goes.
  void clear();

  [[nodiscard]] std::size_t size() const { return by_use_.size(); }

 private:
  // A view is a few hundred bytes for each table that was asked for.
  static constexpr std::size_t kMost = 512;

  struct Place {
    std::uint32_t role = 0;
    std::uint32_t upstream = 0;
    auto operator<=>(const Place&) const = default;
  };
  struct Key {
    Place place;
    std::uint64_t catalog_version = 0;
    std::uint64_t claims = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    Key key;
    RoleViews views;
  };

  std::shared_ptr<const RoleCatalog> catalog_of(const Role& role, const Upstream& upstream,
                                                const catalog::Catalog& catalog);

  std::list<Entry> by_use_;  // most recent first
  std::map<Key, std::list<Entry>::iterator> index_;
  // The newest of each role and upstream.
  std::map<Place, std::shared_ptr<const RoleCatalog>> catalogs_;
};

}  // namespace tracegate::policy
