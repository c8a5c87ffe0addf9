// Keeps the catalog of each upstream fresh: a thread for each, which loads it at start, on a timer
// and on request, and hands a changed one to the workers.
//
// A load that fails leaves the last catalog in force and is tried again; before the first success
// restricted sessions of that upstream are refused.
// Threading: thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "src/catalog/catalog.h"
#include "src/policy/policy.h"

namespace tracegate::server {

using CatalogRef = std::shared_ptr<const catalog::Catalog>;  // shared by the workers

class Catalogs {
 public:
  // Called on a catalog thread for each new catalog.
  using OnCatalog = std::function<void(const std::string& upstream, CatalogRef catalog)>;

  explicit Catalogs(OnCatalog on_catalog);
  ~Catalogs();

  // Starts keepers for upstreams that are new or changed, stops those that are gone.
  void use(const policy::SnapshotRef& policy);
  // Load it now rather than when the timer says; at most one load a second.
  void refresh(std::string_view upstream);
  // Null before the first load.
  [[nodiscard]] CatalogRef find(std::string_view upstream) const;
  // Waits until every upstream has been tried once, at most `limit`.
  void wait_first_loads(Milliseconds limit);

 private:
  class Keeper;
  const OnCatalog on_catalog_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Keeper>, std::less<>> keepers_;
};

}  // namespace tracegate::server
