#include "src/server/server.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "src/base/log.h"
#include "src/crypto/random.h"
#include "src/net/loop.h"
#include "src/server/policy_digest.h"
#include "src/server/secret_file.h"
#include "src/server/store_connection.h"
#include "src/server/version.h"
#include "src/store/shipper.h"

namespace tracegate::server {
namespace {

// How long the start waits for a store that does not answer before it goes on without its catalog.
constexpr Milliseconds kFirstCatalog{6000};
// Likewise for the keys of identity providers.
constexpr Milliseconds kFirstKeys{3000};

void log_diagnostics(const std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == config::Severity::kError)
      log::error("{}", diagnostic.to_string());
    else
      log::warn("{}", diagnostic.to_string());
  }
}

std::size_t worker_count(const policy::GatewaySettings& gateway) {
  if (gateway.workers > 0) return gateway.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

// What a reload cannot change, in words; empty if nothing of it changed.
std::string needs_restart(const policy::Snapshot& before, const policy::Snapshot& after) {
  if (worker_count(before.gateway) != worker_count(after.gateway)) return "[gateway] workers";
  if (before.journal.directory != after.journal.directory ||
      before.journal.segment_size != after.journal.segment_size ||
      before.journal.max_size != after.journal.max_size)
    return "[journal]";
  const auto same_audit = [](const policy::AuditStore& a, const policy::AuditStore& b) {
    return a.address == b.address && a.database == b.database && a.user == b.user &&
           a.tls == b.tls && a.ca_file == b.ca_file && a.password.reveal() == b.password.reveal();
  };
  if (before.audit.has_value() != after.audit.has_value() ||
      (before.audit && !same_audit(*before.audit, *after.audit)))
    return "[audit]";
  const bool same_listeners = std::equal(
      before.listeners.begin(), before.listeners.end(), after.listeners.begin(),
      after.listeners.end(),
      [](const policy::Listener& a, const policy::Listener& b) { return a.address == b.address; });
  if (!same_listeners) return "the addresses of [[listener]]";
  return {};
}

}  // namespace

Server::Server(std::filesystem::path policies) : folder_(std::move(policies)) {}

Result<std::unique_ptr<Server>> Server::start(std::filesystem::path policies) {
  std::unique_ptr<Server> server(new Server(std::move(policies)));
  TG_TRY(server->bring_up());
  return server;
}

Status Server::bring_up() {
  policy::LoadedPolicy loaded = policy::load(folder_, PolicyVersion{1});
  log_diagnostics(loaded.diagnostics);
  if (!loaded.ok()) return Error("the policy in " + folder_.string() + " has errors");
  log::set_level(loaded.snapshot->gateway.log_level);
  auto settings = relay::Settings::load(loaded.snapshot);
  if (!settings.ok()) return std::move(settings).error();
  settings_ = *std::move(settings);
  net::raise_fd_limit();
  TG_TRY(open_journal());
  TG_TRY(open_listeners());

  catalogs_ = std::make_unique<Catalogs>([this](const std::string& upstream, CatalogRef catalog) {
    for (auto& worker : workers_) worker->use_catalog(upstream, catalog);
    check_changed(upstream, *catalog);
  });
  shared_->refresh_catalog = [this](std::string_view upstream) { catalogs_->refresh(upstream); };
  catalogs_->use(settings_->policy);
  catalogs_->wait_first_loads(kFirstCatalog);
  if (!tables_known(*settings_->policy))
    return Error("the policy does not fit the tables and columns that the store has");
  check_from_now(settings_->policy);

  issuers_ = std::make_unique<Issuers>([this](const std::string& issuer, const JwkSetRef& keys) {
    for (auto& worker : workers_) worker->use_keys(issuer, keys);
  });
  shared_->ask_for_key = [this](std::string_view issuer, std::string_view key_id,
                                relay::Shared::OnKeys on_asked) {
    issuers_->ask_for(issuer, key_id, std::move(on_asked));
  };
  TG_TRY(issuers_->use(*settings_->policy));
  issuers_->wait_first_rounds(kFirstKeys);

  TG_TRY(record_policy());
  for (auto& worker : workers_) threads_.emplace_back([&worker = *worker] { worker.run(); });
  return start_shipper();
}

Status Server::open_journal() {
  const policy::JournalSettings& journal = settings_->policy->journal;
  const std::size_t workers = worker_count(settings_->policy->gateway);
  auto opened = journal::Journal::open({.directory = journal.directory.string(),
                                        .segment_size = journal.segment_size,
                                        .max_size = journal.max_size,
                                        .producers = workers + 1},
                                       [this](std::size_t producer) {
                                         if (producer < workers_.size()) workers_[producer]->wake();
                                       });
  if (!opened.ok()) return std::move(opened).error().with_context("journal");
  journal_ = *std::move(opened);
  producer_ = &journal_->producer(workers);
  // Beside the journal, as it must outlive restarts: see ScramMock.
  auto mock_secret = load_or_make_secret(journal.directory / "scram_mock.secret");
  if (!mock_secret.ok()) return std::move(mock_secret).error();
  scram_mock_ = std::make_unique<identity::ScramMock>(*std::move(mock_secret));
  shared_ = std::make_unique<relay::Shared>(*journal_, *scram_mock_);
  for (std::size_t i = 0; i < workers; ++i)
    workers_.push_back(std::make_unique<relay::Worker>(i, *shared_, settings_));
  for (auto& worker : workers_) shared_->workers.push_back(worker.get());
  return Ok{};
}

Status Server::open_listeners() {
  const auto& listeners = settings_->policy->listeners;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    std::uint16_t port = listeners[i].address.port;
    for (auto& worker : workers_) {
      auto bound = worker->listen(i, port);
      if (!bound.ok())
        return std::move(bound).error().with_context(listeners[i].address.to_string());
      port = *bound;  // the same for all workers when the system chose it
    }
    addresses_.push_back(config::Endpoint{listeners[i].address.host, port}.to_string());
  }
  return Ok{};
}

bool Server::tables_known(const policy::Snapshot& policy) const {
  bool known = true;
  for (const policy::Upstream& upstream : policy.upstreams) {
    const CatalogRef catalog = catalogs_->find(upstream.name);
    if (!catalog) continue;  // not reachable now; rules on unknown tables permit nothing
    const auto diagnostics = policy::check_tables(policy, upstream, *catalog);
    log_diagnostics(diagnostics);
    known = known && std::none_of(diagnostics.begin(), diagnostics.end(), [](const auto& each) {
              return each.severity == config::Severity::kError;
            });
  }
  return known;
}

void Server::check_from_now(policy::SnapshotRef policy) {
  const std::lock_guard lock(checked_mutex_);
  checked_policy_ = std::move(policy);
}

// What has come to show more than a policy in force says does not exist for its roles; whoever
// wrote the policy should know.
void Server::check_changed(const std::string& upstream_name, const catalog::Catalog& catalog) {
  policy::SnapshotRef policy;
  {
    const std::lock_guard lock(checked_mutex_);
    policy = checked_policy_;
  }
  const policy::Upstream* upstream = policy ? policy->find_upstream(upstream_name) : nullptr;
  if (upstream) log_diagnostics(policy::check_tables(*policy, *upstream, catalog));
}

Status Server::record_policy() {
  auto digest = policy_digest(folder_);
  if (!digest.ok()) return std::move(digest).error();
  const Instant time = now();
  const policy::Snapshot& policy = *settings_->policy;
  if (policy.version == PolicyVersion{1})
    producer_->append(journal::GatewayStarted{
        .at = time.wall, .version = std::string(kVersion), .host = host_name()});
  producer_->append(journal::PolicyLoaded{
      .at = time.wall, .policy_version = policy.version, .digest = *std::move(digest)});
  producer_->flush(journal::Producer::Urgency::kCommitNow);
  return Ok{};
}

Status Server::start_shipper() {
  const auto& audit = settings_->policy->audit;
  if (!audit) {
    log::warn("there is no [audit] store: the journal is kept, but there are no session tables");
    return Ok{};
  }
  store::ShipperOptions options;
  options.connection = connection_to(*audit);
  auto shipper = store::Shipper::start(std::move(options), *journal_);
  if (!shipper.ok()) return std::move(shipper).error().with_context("audit");
  shipper_ = *std::move(shipper);
  return Ok{};
}

bool Server::reload() {
  const PolicyVersion next{settings_->policy->version.value + 1};
  policy::LoadedPolicy loaded = policy::load(folder_, next);
  log_diagnostics(loaded.diagnostics);
  const auto keep_old = [this](std::string_view why) {
    log::error("reload refused: {}; policy version {} stays in force", why,
               settings_->policy->version.value);
    return false;
  };
  if (!loaded.ok()) return keep_old("the policy has errors");
  if (const std::string what = needs_restart(*settings_->policy, *loaded.snapshot); !what.empty())
    return keep_old(what + " cannot change without a restart");
  if (!tables_known(*loaded.snapshot))
    return keep_old("it does not fit the tables and columns that the store has");
  auto settings = relay::Settings::load(loaded.snapshot);
  if (!settings.ok()) return keep_old(settings.error().message);
  if (const Status used = issuers_->use(*loaded.snapshot); !used.ok())
    return keep_old(used.error().message);
  const relay::SettingsRef before = std::exchange(settings_, *std::move(settings));
  if (const Status recorded = record_policy(); !recorded.ok()) {
    settings_ = before;
    // What could be used before can be used again.
    if (const Status restored = issuers_->use(*before->policy); !restored.ok())
      log::error("{}", restored.error().message);
    return keep_old(recorded.error().message);
  }
  for (auto& worker : workers_) worker->use(settings_);
  check_from_now(settings_->policy);
  catalogs_->use(settings_->policy);
  log::set_level(settings_->policy->gateway.log_level);
  log::info("policy version {} is in force", settings_->policy->version.value);
  return true;
}

void Server::drain() {
  for (auto& worker : workers_) worker->drain();
}

bool Server::drained() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->relay_count() == 0; });
}

Server::~Server() {
  for (auto& worker : workers_)
    if (!threads_.empty()) worker->stop();
  for (std::thread& thread : threads_) thread.join();
  issuers_.reset();   // posts to the workers
  catalogs_.reset();  // likewise
  shipper_.reset();   // ships what is durable, within its limit
  journal_.reset();   // commits the rest; its thread wakes workers, so they go after it
  workers_.clear();
}

}  // namespace tracegate::server
