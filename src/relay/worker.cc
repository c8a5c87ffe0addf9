#include "src/relay/worker.h"

#include "src/base/log.h"
#include "src/relay/canceller.h"
#include "src/relay/relay.h"

namespace tracegate::relay {
namespace {

constexpr Milliseconds kTick{1000};
constexpr int kStalledTicks = 5;
// Connections beyond max_sessions that may be in the middle of a login, where they can be told why
// they are refused; beyond these they are closed without a word.
constexpr std::size_t kLoginReserve = 256;

}  // namespace

Worker::Worker(std::size_t index, Shared& shared, SettingsRef settings)
    : index_(index),
      shared_(shared),
      settings_(std::move(settings)),
      producer_(shared.journal.producer(index)),
      planner_(settings_->policy),
      durable_wakeup_(std::make_unique<net::Wakeup>(loop_, [this] { on_durable(); })),
      before_sleep_(std::make_unique<net::BeforeSleep>(loop_, [this] { before_sleep(); })),
      tick_(std::make_unique<net::Timer>(loop_, [this] { on_tick(); })) {}

Worker::~Worker() {
  relays_.clear();
  cancellers_.clear();
}

Result<std::uint16_t> Worker::listen(std::size_t listener, std::uint16_t port) {
  const config::Endpoint& address = settings_->policy->listeners[listener].address;
  auto opened = net::Listener::listen(loop_,
                                      {.address = address.host,
                                       .port = port,
                                       .reuse_port = net::ReusePort::kYes,
                                       .keepalive = std::chrono::seconds(60)},
                                      [this, listener](std::unique_ptr<net::Stream> stream) {
                                        accept(listener, std::move(stream));
                                      });
  if (!opened.ok()) return std::move(opened).error();
  listeners_.push_back(*std::move(opened));
  return listeners_.back()->bound_port();
}

void Worker::run() {
  tick_->start_repeating(kTick);
  loop_.run();
  relays_.clear();
  cancellers_.clear();
  listeners_.clear();
  before_sleep();  // hands over what the last relays recorded
}

void Worker::accept(std::size_t listener, std::unique_ptr<net::Stream> stream) {
  const std::size_t limit = settings_->policy->limits.max_sessions + kLoginReserve;
  if (draining_ || shared_.sessions.load() >= limit) return;  // dropping the stream closes it
  const std::uint64_t number = next_relay_++;
  relays_.emplace(number, std::make_unique<Relay>(*this, number, listener, std::move(stream)));
  relay_count_.store(relays_.size());
}

Relay* Worker::find(std::uint64_t relay) {
  const auto found = relays_.find(relay);
  return found == relays_.end() ? nullptr : found->second.get();
}

CatalogRef Worker::catalog(const std::string& upstream) const {
  const auto found = catalogs_.find(upstream);
  return found == catalogs_.end() ? nullptr : found->second;
}

std::shared_ptr<identity::ScramCredential> Worker::credential(const policy::Role& role) {
  auto& credential = credentials_[role.name];
  if (!credential)
    credential = std::make_shared<identity::ScramCredential>(role.store_password.clone());
  return credential;
}

void Worker::on_durable() {
  if (shared_.journal.failed()) {
    end_all("58030", "the audit journal cannot be written",
            "Nothing is served until the operator has mended it.");
    return;
  }
  // Relays may ask to wait again while they run.
  std::vector<std::uint64_t> ready;
  ready.swap(waiting_);
  for (const std::uint64_t number : ready)
    if (Relay* relay = find(number)) relay->on_durable();
  if (waiting_.empty()) {  // keeps the memory
    ready.clear();
    waiting_.swap(ready);
  }
}

void Worker::end_all(std::string_view sqlstate, std::string_view message, std::string_view hint) {
  for (auto& [number, relay] : relays_)
    relay->shut_down(Relay::When::kAtOnce, sqlstate, message, hint);
}

void Worker::before_sleep() {
  producer_.flush(commit_soon_ ? journal::Producer::Urgency::kCommitNow
                               : journal::Producer::Urgency::kMayWait);
  commit_soon_ = false;
  destroy_finished();
}

void Worker::destroy_finished() {
  for (const std::uint64_t number : finished_cancellers_) cancellers_.erase(number);
  finished_cancellers_.clear();
  if (finished_.empty()) return;
  for (const std::uint64_t number : finished_) relays_.erase(number);
  finished_.clear();
  relay_count_.store(relays_.size());
}

void Worker::work_later(std::uint64_t relay) {
  const bool taken = loop_.post([this, relay] {
    if (Relay* found = find(relay)) found->on_work();
  });
  TG_CHECK(taken, "the worker's mailbox is full");
}

void Worker::send_cancel(const net::ConnectOptions& store,
                         std::shared_ptr<const net::TlsClientContext> tls, std::int32_t process_id,
                         Bytes key) {
  const std::uint64_t number = next_canceller_++;
  cancellers_.emplace(number, std::make_unique<Canceller>(
                                  loop_, store, std::move(tls), process_id, std::move(key),
                                  [this, number] { finished_cancellers_.push_back(number); }));
}

void Worker::on_tick() {
  const Instant time = now();
  // A journal that is full for longer than a moment: better an error than clients that hang.
  stalled_ticks_ = shared_.journal.stalled() ? stalled_ticks_ + 1 : 0;
  if (stalled_ticks_ == kStalledTicks) {
    log::error("the journal is full and waits to be shipped: sessions are ended");
    end_all("53100", "the audit journal is full",
            "Nothing is served until its records have been shipped to the session tables.");
  }
  std::vector<Relay*> relays;  // a relay's end does not remove it before before_sleep()
  relays.reserve(relays_.size());
  for (auto& [number, relay] : relays_) relays.push_back(relay.get());
  for (Relay* relay : relays) relay->on_tick(time);
}

void Worker::use(SettingsRef settings) {
  const bool taken = loop_.post([this, settings = std::move(settings)]() mutable {
    settings_ = std::move(settings);
    planner_.use(settings_->policy);
    credentials_.clear();
  });
  TG_CHECK(taken, "the worker's mailbox is full of reloads");
}

void Worker::use_catalog(std::string upstream, CatalogRef catalog) {
  const bool taken =
      loop_.post([this, upstream = std::move(upstream), catalog = std::move(catalog)]() mutable {
        catalogs_[upstream] = std::move(catalog);
      });
  TG_CHECK(taken, "the worker's mailbox is full of catalogs");
}

void Worker::use_keys(std::string issuer, JwkSetRef keys) {
  const bool taken =
      loop_.post([this, issuer = std::move(issuer), keys = std::move(keys)]() mutable {
        keys_[issuer] = std::move(keys);
      });
  TG_CHECK(taken, "the worker's mailbox is full of keys");
}

const identity::JwkSet* Worker::keys_of(std::string_view issuer) const {
  const auto found = keys_.find(issuer);
  return found == keys_.end() ? nullptr : found->second.get();
}

// If the mailbox is full, the login ends at its time limit.
void Worker::ask_for_key(std::string_view issuer, std::string_view key_id, std::uint64_t relay) {
  shared_.ask_for_key(issuer, key_id, [this, relay](JwkSetRef keys) {
    const bool taken = loop_.post([this, relay, keys = std::move(keys)] {
      if (Relay* found = find(relay)) found->on_keys_asked(keys.get());
    });
    if (!taken) log::warn("keys for a login were dropped: the worker's mailbox is full");
  });
}

void Worker::cancel(std::uint64_t relay) {
  const bool taken = loop_.post([this, relay] {
    if (Relay* found = find(relay)) found->cancel_statement();
  });
  if (!taken) log::warn("a cancel request was dropped: the worker's mailbox is full");
}

void Worker::drain() {
  const bool taken = loop_.post([this] {
    draining_ = true;
    listeners_.clear();
    for (auto& [number, relay] : relays_)
      relay->shut_down(Relay::When::kWhenIdle, "57P01",
                       "terminating connection due to administrator command", {});
  });
  TG_CHECK(taken, "the worker's mailbox is full");
}

void Worker::stop() {
  const bool taken = loop_.post([this] {
    draining_ = true;
    listeners_.clear();
    end_all("57P01", "terminating connection due to administrator command", {});
    loop_.stop();
  });
  TG_CHECK(taken, "the worker's mailbox is full");
}

}  // namespace tracegate::relay
