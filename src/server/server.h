// The whole gateway in one object: journal, workers, catalogs, shipper, reload.
//
// Order of start: policy, certificates, journal, workers bound to their listeners, first catalogs,
// then the workers run and clients are taken. Whatever fails before that is an error and nothing is
// served. Order of stop: listeners, sessions (when idle, or when the grace is over), workers,
// shipper, journal.
//
// Threading: used by the main thread only.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/result.h"
#include "src/identity/scram_server.h"
#include "src/journal/journal.h"
#include "src/policy/policy.h"
#include "src/relay/settings.h"
#include "src/relay/worker.h"
#include "src/server/catalogs.h"
#include "src/server/issuers.h"

namespace tracegate::store {
class Shipper;
}

namespace tracegate::server {

class Server {
 public:
  // Reads the policy folder and brings everything up to the point of taking clients. Diagnostics of
  // the policy are logged.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(std::filesystem::path policies);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "127.0.0.1:6432" for each listener, with the port that was bound.
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }

  // Reads the folder again; all or nothing. On failure the old policy stays in force and the log
  // says why. Returns whether the new one is in force.
  bool reload();

  // Takes no new clients; idle sessions end now, others when their transaction has.
  void drain();
  [[nodiscard]] bool drained() const;

  // The journal could not be written: nothing is served any more, and only a restart helps.
  [[nodiscard]] bool failed() const { return journal_->failed(); }
  [[nodiscard]] std::string failure() const { return journal_->failure(); }

 private:
  explicit Server(std::filesystem::path policies);
  Status bring_up();
  Status open_listeners();
  Status open_journal();
  [[nodiscard]] bool tables_known(const policy::Snapshot& policy) const;
  // On the thread of a catalog that has changed since: logs where the policy does not fit it.
  void check_changed(const std::string& upstream_name, const catalog::Catalog& catalog);
  void check_from_now(policy::SnapshotRef policy);
  Status start_shipper();
  Status record_policy();

  const std::filesystem::path folder_;
  relay::SettingsRef settings_;
  std::unique_ptr<identity::ScramMock> scram_mock_;
  std::unique_ptr<journal::Journal> journal_;
  journal::Producer* producer_ = nullptr;  // the main thread's own
  std::unique_ptr<relay::Shared> shared_;
  std::vector<std::unique_ptr<relay::Worker>> workers_;
  std::vector<std::thread> threads_;
  std::mutex checked_mutex_;
  policy::SnapshotRef checked_policy_;  // null until the start is over
  std::unique_ptr<Catalogs> catalogs_;
  std::unique_ptr<Issuers> issuers_;
  std::unique_ptr<store::Shipper> shipper_;
  std::vector<std::string> addresses_;
};

}  // namespace tracegate::server
