// One event loop with everything that lives on it: listeners, relays, plan cache, journal producer.
//
// Threading: made by the main thread, run() by a thread of its own; from then on only the functions
// marked "any thread" may be called from outside. Relays are reached by number, never by pointer:
// one may be gone by the time that a message about it arrives.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/identity/jwk_set.h"
#include "src/identity/scram_client.h"
#include "src/identity/scram_server.h"
#include "src/journal/journal.h"
#include "src/net/connect.h"
#include "src/net/listener.h"
#include "src/net/loop.h"
#include "src/policy/planner.h"
#include "src/relay/cancel.h"
#include "src/relay/settings.h"

namespace tracegate::relay {

class Canceller;
class Relay;
class Worker;

// What all workers share. Outlives them.
struct Shared {
  Shared(journal::Journal& the_journal, const identity::ScramMock& the_mock)
      : journal(the_journal), scram_mock(the_mock) {}

  journal::Journal& journal;
  const identity::ScramMock& scram_mock;
  CancelRegistry cancels{};
  std::atomic<std::size_t> sessions{0};  // connections of clients, logged in or not
  std::vector<Worker*> workers{};        // filled before the first one runs
  // Asks for a fresh catalog of an upstream, soon. Any thread.
  std::function<void(std::string_view upstream)> refresh_catalog{};
  // Asks for newer keys of an issuer, because a token names one that is not there. `on_asked` is
  // called once, with the keys to try or null, on whatever thread. Any thread.
  using OnKeys = std::function<void(std::shared_ptr<const identity::JwkSet> keys)>;
  std::function<void(std::string_view issuer, std::string_view key_id, OnKeys on_asked)>
      ask_for_key{};
};

using CatalogRef =
    std::shared_ptr<const catalog::Catalog>;  // swapped whole while statements are judged

using JwkSetRef = std::shared_ptr<const identity::JwkSet>;  // shared by the workers; null: no keys

class Worker {
 public:
  Worker(std::size_t index, Shared& shared, SettingsRef settings);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before run(): opens this worker's share of a listener. The port that was bound, for port 0.
  [[nodiscard]] Result<std::uint16_t> listen(std::size_t listener, std::uint16_t port);
  void run();

  // Any thread.
  void wake() { durable_wakeup_->signal(); }  // the journal has moved or failed
  void use(SettingsRef settings);             // a reload
  void use_catalog(std::string upstream, CatalogRef catalog);
  void use_keys(std::string issuer, JwkSetRef keys);
  void cancel(std::uint64_t relay);  // a CancelRequest with the right key
  void drain();                      // no new clients; idle sessions end, others when idle
  void stop();                       // all sessions end now, run() returns
  [[nodiscard]] std::size_t relay_count() const { return relay_count_.load(); }

  // For relays, on the loop.
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] net::Loop& loop() { return loop_; }
  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const SettingsRef& settings() const { return settings_; }
  [[nodiscard]] journal::Producer& producer() { return producer_; }
  [[nodiscard]] policy::Planner& planner() { return planner_; }
  [[nodiscard]] CatalogRef catalog(const std::string& upstream) const;
  [[nodiscard]] std::shared_ptr<identity::ScramCredential> credential(const policy::Role& role);
  // Null: there are none in force.
  [[nodiscard]] const identity::JwkSet* keys_of(std::string_view issuer) const;
  // Calls Relay::on_keys_asked with the keys to try, or null.
  void ask_for_key(std::string_view issuer, std::string_view key_id, std::uint64_t relay);
  [[nodiscard]] bool draining() const { return draining_; }
  // Something was appended that somebody waits for: commit before the loop sleeps.
  void commit_soon() { commit_soon_ = true; }
  // Calls Relay::on_durable once the journal has moved.
  void wait_durable(std::uint64_t relay) { waiting_.push_back(relay); }
  // The relay has ended; it is destroyed when the stack has unwound.
  void finished(std::uint64_t relay) { finished_.push_back(relay); }
  // Calls Relay::on_work after other sessions had their turn.
  void work_later(std::uint64_t relay);
  // Passes a cancel request on to the store, on its own.
  void send_cancel(const net::ConnectOptions& store,
                   std::shared_ptr<const net::TlsClientContext> tls, std::int32_t process_id,
                   Bytes key);

 private:
  void accept(std::size_t listener, std::unique_ptr<net::Stream> stream);
  void on_durable();
  void end_all(std::string_view sqlstate, std::string_view message, std::string_view hint);
  void before_sleep();
  void on_tick();
  void destroy_finished();
  [[nodiscard]] Relay* find(std::uint64_t relay);

  const std::size_t index_;
  Shared& shared_;
  SettingsRef settings_;
  journal::Producer& producer_;
  net::Loop loop_;
  policy::Planner planner_;
  std::unordered_map<std::string, CatalogRef> catalogs_;
  std::map<std::string, JwkSetRef, std::less<>> keys_;  // by issuer
  std::unordered_map<std::string, std::shared_ptr<identity::ScramCredential>>
      credentials_;  // by role
  std::unordered_map<std::uint64_t, std::unique_ptr<Relay>> relays_;
  std::uint64_t next_relay_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Canceller>> cancellers_;
  std::uint64_t next_canceller_ = 1;
  std::vector<std::uint64_t> finished_cancellers_;
  std::atomic<std::size_t> relay_count_{0};
  std::vector<std::uint64_t> waiting_;
  std::vector<std::uint64_t> finished_;
  bool commit_soon_ = false;
  bool draining_ = false;
  int stalled_ticks_ = 0;
  // Handles go before the loop.
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::unique_ptr<net::Wakeup> durable_wakeup_;
  std::unique_ptr<net::BeforeSleep> before_sleep_;
  std::unique_ptr<net::Timer> tick_;
};

}  // namespace tracegate::relay
