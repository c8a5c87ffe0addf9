#include "src/policy/views_cache.h"

namespace tracegate::policy {

const RoleViews& ViewsCache::get(const Role& role, const Upstream& upstream,
                                 const catalog::Catalog& catalog, const ClaimsRef& claims) {
  const Key key{{role.index, upstream.index}, catalog.version(), claims->id};
  if (const auto found = index_.find(key); found != index_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->views;
  }
  if (by_use_.size() >= kMost) {
    index_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
  by_use_.push_front({key, RoleViews(role, claims, catalog_of(role, upstream, catalog))});
  index_.emplace(key, by_use_.begin());
  return by_use_.front().views;
}

std::shared_ptr<const RoleCatalog> ViewsCache::catalog_of(const Role& role,
                                                          const Upstream& upstream,
                                                          const catalog::Catalog& catalog) {
  std::shared_ptr<const RoleCatalog>& held = catalogs_[{role.index, upstream.index}];
  if (!held || held->shown().version() != catalog.version())
    held = std::make_shared<const RoleCatalog>(role, upstream, catalog);
  return held;
}

void ViewsCache::clear() {
  index_.clear();
  by_use_.clear();
  catalogs_.clear();
}

}  // namespace tracegate::policy
