#include "src/server/catalogs.h"

#include "src/base/log.h"
#include "src/server/store_connection.h"
#include "src/store/catalog_loader.h"

namespace tracegate::server {
namespace {

constexpr Milliseconds kRetry{2000};        // after a failure
constexpr Milliseconds kMinInterval{1000};  // between loads on request

// Over all keepers, so that a catalog of a store that a reload put in another's place never has a
// version that plans were cached under.
std::atomic<std::uint64_t> catalogs_made{0};

}  // namespace

class Catalogs::Keeper {
 public:
  Keeper(const policy::SnapshotRef& policy, const policy::Upstream& upstream,
         const OnCatalog& on_catalog)
      : policy_(policy), upstream_(upstream), on_catalog_(on_catalog), thread_([this] { run(); }) {}

  ~Keeper() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void refresh() {
    {
      const std::lock_guard lock(mutex_);
      asked_ = true;
    }
    changed_.notify_all();
  }

  [[nodiscard]] CatalogRef latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  bool wait_tried(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, until, [this] { return tried_ || stopping_; });
  }

  [[nodiscard]] bool same_store(const policy::Upstream& other) const {
    return other.hosts == upstream_.hosts && other.database == upstream_.database &&
           other.tls == upstream_.tls && other.ca_file == upstream_.ca_file &&
           other.catalog_user == upstream_.catalog_user &&
           other.catalog_password.reveal() == upstream_.catalog_password.reveal() &&
           other.catalog_refresh == upstream_.catalog_refresh;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      asked_ = false;
      lock.unlock();
      const bool loaded = load();
      lock.lock();
      tried_ = true;
      changed_.notify_all();
      changed_.wait_for(lock, kMinInterval, [this] { return stopping_; });
      const Milliseconds pause = loaded ? upstream_.catalog_refresh : kRetry;
      changed_.wait_for(lock, pause, [this] { return stopping_ || asked_; });
    }
  }

  // Tries the hosts in order. Returns whether one of them answered.
  bool load() {
    std::string why;
    for (const config::Endpoint& host : upstream_.hosts) {
      const std::uint64_t version = catalogs_made.fetch_add(1) + 1;
      auto loaded = store::load_catalog(connection_to(upstream_, host), version, fingerprint_);
      if (!loaded.ok()) {
        why += (why.empty() ? "" : "; ") + host.to_string() + ": " + loaded.error().message;
        continue;
      }
      fingerprint_ = loaded->fingerprint;
      failing_ = false;
      if (!loaded->catalog) return true;  // nothing has changed
      {
        const std::lock_guard lock(mutex_);
        latest_ = loaded->catalog;
      }
      log::info("catalog of {}: {} relations, version {}", upstream_.name,
                loaded->catalog->relations().size(), version);
      on_catalog_(upstream_.name, loaded->catalog);
      return true;
    }
    if (!failing_)
      log::warn("the catalog of {} could not be loaded: {}", upstream_.name,
                log::printable(why, 1000));
    failing_ = true;
    return false;
  }

  const policy::SnapshotRef policy_;  // keeps upstream_ alive
  const policy::Upstream& upstream_;
  const OnCatalog& on_catalog_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool asked_ = false;
  bool tried_ = false;
  CatalogRef latest_;
  // Of the keeper's own thread.
  std::string fingerprint_;
  bool failing_ = false;
  std::thread thread_;  // last: it uses all of the above
};

Catalogs::Catalogs(OnCatalog on_catalog) : on_catalog_(std::move(on_catalog)) {}
Catalogs::~Catalogs() = default;

void Catalogs::use(const policy::SnapshotRef& policy) {
  std::vector<std::unique_ptr<Keeper>> gone;  // joined outside the lock
  const std::lock_guard lock(mutex_);
  for (auto it = keepers_.begin(); it != keepers_.end();) {
    const policy::Upstream* upstream = policy->find_upstream(it->first);
    if (upstream != nullptr && it->second->same_store(*upstream)) {
      ++it;
    } else {
      gone.push_back(std::move(it->second));
      it = keepers_.erase(it);
    }
  }
  for (const policy::Upstream& upstream : policy->upstreams)
    if (!keepers_.contains(upstream.name))
      keepers_.emplace(upstream.name, std::make_unique<Keeper>(policy, upstream, on_catalog_));
}

void Catalogs::refresh(std::string_view upstream) {
  const std::lock_guard lock(mutex_);
  if (const auto found = keepers_.find(upstream); found != keepers_.end()) found->second->refresh();
}

CatalogRef Catalogs::find(std::string_view upstream) const {
  const std::lock_guard lock(mutex_);
  const auto found = keepers_.find(upstream);
  return found == keepers_.end() ? nullptr : found->second->latest();
}

void Catalogs::wait_first_loads(Milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  std::vector<Keeper*> keepers;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, keeper] : keepers_) keepers.push_back(keeper.get());
  }
  for (Keeper* keeper : keepers)
    if (!keeper->wait_tried(until)) return;
}

}  // namespace tracegate::server
