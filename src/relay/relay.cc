#include "src/relay/relay.h"

#include "proto_pg/error.h"
#include "src/base/log.h"
#include "src/crypto/random.h"
#include "src/policy/role_catalog.h"

namespace tracegate::relay {
namespace {

// Client bytes that wait for the journal; above it the client is not read.
constexpr std::size_t kMaxHeld = 1 << 20;
// Records that wait for the disk, of all sessions of the worker; above it no client is read.
constexpr ByteCount kMaxBacklog = 64_MiB;
constexpr ByteCount kHighWater = 256_KiB;
// A client that is gone: how much of the answers is thrown away before the store is left, too, and
// for how long. As with PostgreSQL alone, a statement that was sent runs to its first answer.
constexpr std::uint64_t kMaxDiscarded = 64 << 10;
constexpr Microseconds kMaxDraining = std::chrono::seconds(10);

constexpr std::string_view kTerminateMessage{"X\0\0\0\4", 5};

// The role or the store that the session was opened for has gone from the policy.
policy::PlanRef refuse_everything(PolicyVersion version, std::string_view text,
                                  std::string_view reason) {
  auto plan = std::make_shared<policy::Plan>();
  plan->policy_version = version;
  plan->text = text;
  plan->denial = policy::Denial{};
  plan->denial->message = "permission denied: this session may not have its role any more";
  plan->denial->hint = "Reconnect with another role, or ask the operator of this gateway.";
  plan->denial->rule = "default";
  plan->denial->reason = reason;
  return plan;
}

}  // namespace

Relay::Relay(Worker& worker, std::uint64_t number, std::size_t listener,
             std::unique_ptr<net::Stream> client)
    : worker_(worker),
      number_(number),
      listener_(listener),
      login_settings_(worker.settings()),
      id_(crypto::make_session_id(now().wall)),
      accepted_(now()),
      client_(std::move(client)),
      last_activity_(accepted_.monotonic) {
  worker_.shared().sessions.fetch_add(1);
  start_login();
  client_->set_handler(*this);
}

Relay::~Relay() {
  if (cancel_key_.process_id != 0) worker_.shared().cancels.remove(cancel_key_.process_id);
  worker_.shared().sessions.fetch_sub(1);
}

// ---- What the streams tell.

void Relay::on_data(net::Stream& stream, ByteView bytes) {
  const bool from_client = &stream == client_.get();
  switch (phase_) {
    case Phase::kLogin:
      if (from_client) on_client_login_data(bytes);
      return;
    case Phase::kConnecting:
    case Phase::kStoreLogin:
      // The client is paused; what was on its way is for the session.
      if (from_client)
        client_in_.append(bytes);
      else
        on_store_login_data(bytes);
      return;
    case Phase::kActive:
      if (from_client)
        feed_client(bytes);
      else
        feed_store(bytes);
      pump();
      return;
    case Phase::kDraining:
      if (!from_client) {
        feed_store(bytes);
        pump();
      }
      return;
    case Phase::kClosing:
    case Phase::kEnded:
      return;
  }
}

void Relay::on_drained(net::Stream& /*stream*/) {
  if (phase_ == Phase::kActive || phase_ == Phase::kDraining) pump();
}

void Relay::on_closed(net::Stream& stream, std::string_view reason) {
  const bool was_client = &stream == client_.get();
  const std::string why(reason);  // the stream, and what it lent, goes now
  if (was_client)
    client_.reset();
  else
    store_.reset();
  switch (phase_) {
    case Phase::kLogin:
    case Phase::kConnecting:
      login_ended(why);
      return;
    case Phase::kStoreLogin:
      if (was_client)
        login_ended(why);
      else
        next_host(Error("08006", "the store closed the connection during login: " + why));
      return;
    case Phase::kActive:
      if (was_client)
        on_client_gone(why);
      else
        on_store_gone(why);
      return;
    case Phase::kDraining:
      if (!was_client) on_store_gone(why);
      return;
    case Phase::kClosing:
    case Phase::kEnded:
      finish();
      return;
  }
}

// ---- Bytes through the session.

void Relay::feed_client(ByteView fresh) {
  const Instant time = now();
  last_activity_ = time.monotonic;
  if (client_in_.empty()) {
    const std::size_t used = session_->on_client(fresh, time);
    flush();  // what was gathered borrows from `fresh`
    client_in_.append(fresh.subspan(used));
  } else {
    client_in_.append(fresh);
    const std::size_t used = session_->on_client(client_in_.view(), time);
    flush();
    client_in_.consume(used);
  }
}

void Relay::feed_store(ByteView fresh) {
  const Instant time = now();
  last_activity_ = time.monotonic;
  if (store_in_.empty()) {
    const std::size_t used = session_->on_store(fresh, time);
    flush();
    store_in_.append(fresh.subspan(used));
  } else {
    store_in_.append(fresh);
    const std::size_t used = session_->on_store(store_in_.view(), time);
    flush();
    store_in_.consume(used);
  }
}

bool Relay::client_full() const {
  return client_ && client_->queued_bytes() >= kHighWater.value;
}

bool Relay::store_full() const {
  return held_.bytes() >= kMaxHeld || (store_ && store_->queued_bytes() >= kHighWater.value) ||
         worker_.producer().backlog() >= kMaxBacklog;
}

// Offers what is kept on either side until neither moves any more, then says who may be read.
void Relay::pump() {
  for (bool progress = true; progress;) {
    progress = false;
    if (!store_in_.empty() && !client_full()) {
      const std::size_t used = session_->on_store(store_in_.view(), now());
      flush();
      store_in_.consume(used);
      progress = used > 0;
    }
    if (phase_ == Phase::kActive && !client_in_.empty() && !session_->client_blocked() &&
        !store_full()) {
      const std::size_t used = session_->on_client(client_in_.view(), now());
      flush();
      client_in_.consume(used);
      progress = progress || used > 0;
    }
  }
  settle();
}

void Relay::settle() {
  if (close_requested_) {
    end_session(close_reason_);
    return;
  }
  if (store_gone_) {
    // What is left in store_in_ waits for the journal, for the client, or is half a message.
    const bool stuck = store_in_.empty() || (!session_->store_blocked() && !client_full());
    if (stuck) {
      if (!session_->terminating() && !session_->store_said_fatal() && client_)
        session_->send_fatal("08006", "the store closed the connection",
                             "Reconnect; whether a statement under way took effect is not known.");
      flush();
      end_session(session_->terminating() ? "terminated by the client" : store_gone_reason_);
      return;
    }
  }
  if (phase_ == Phase::kDraining && discarded_ > kMaxDiscarded) {
    end_session(close_reason_);
    return;
  }
  if (end_when_idle_ && session_->idle() &&
      session_->transaction_status() == proto::TransactionStatus::kIdle) {
    session_->send_fatal(farewell_.sqlstate, farewell_.message, farewell_.hint);
    flush();
    end_session(farewell_.message);
    return;
  }
  update_flow();
}

void Relay::update_flow() {
  if (client_) {
    if (session_->client_blocked() || store_full())
      client_->pause_reading();
    else
      client_->resume_reading();
  }
  if (store_) {
    if (session_->store_blocked() || client_full())
      store_->pause_reading();
    else
      store_->resume_reading();
  }
  if ((session_->store_blocked() || !held_.empty() ||
       worker_.producer().backlog() >= kMaxBacklog) &&
      !waiting_durable_) {
    worker_.commit_soon();
    waiting_durable_ = true;
    worker_.wait_durable(number_);
  }
}

void Relay::flush() {
  if (!to_store_.empty()) {
    if (store_) store_->write(to_store_);
    to_store_.clear();
  }
  if (!to_client_.empty()) {
    if (client_) client_->write(to_client_);
    to_client_.clear();
  }
}

void Relay::on_durable() {
  waiting_durable_ = false;
  if (phase_ != Phase::kActive && phase_ != Phase::kDraining) return;
  held_.release(durable(), released_);
  if (!released_.empty()) {
    if (store_) store_->write(as_bytes(released_));
    released_.clear();
  }
  pump();
}

// ---- What the session asks for.

void Relay::send_store(ByteView bytes, Ticket gate) {
  bytes_to_store_ += bytes.size();
  if (held_.empty() && gate <= durable())
    to_store_.push_back(bytes);
  else
    held_.push(bytes, gate);
}

void Relay::send_client(ByteView bytes) {
  if (!client_) {
    discarded_ += bytes.size();
    return;
  }
  bytes_to_client_ += bytes.size();
  to_client_.push_back(bytes);
}

Ticket Relay::record(const journal::Intent& intent) {
  worker_.commit_soon();
  const auto statement_class = static_cast<sql::StatementClass>(intent.statement_class);
  // The catalog changes when this ends, or did not know a name that may exist by now.
  if (statement_class == sql::StatementClass::kDdl || intent.sqlstate == "42P01")
    refresh_catalog_ = true;
  const Ticket ticket = worker_.producer().append(intent);
  if (intent.verdict == journal::Verdict::kDeny) request_catalog();
  return ticket;
}

void Relay::record(const journal::Outcome& outcome) {
  worker_.producer().append(outcome);
  request_catalog();
}

void Relay::request_catalog() {
  if (!refresh_catalog_) return;
  refresh_catalog_ = false;
  worker_.shared().refresh_catalog(upstream_);
}

void Relay::close(const session::CloseRequest& request) {
  if (request.alarm)
    log::error("session {}: {}; the store is {}", id_.to_string(), log::printable(request.reason),
               store_address_.host);
  close_requested_ = true;
  close_reason_ = request.reason;
}

std::uint64_t Relay::catalog_version() const {
  const CatalogRef catalog = worker_.catalog(upstream_);
  return catalog ? catalog->version() : 0;
}

policy::PlanRef Relay::plan(std::string_view text, session::Judge::Origin origin,
                            policy::ParameterTypes parameter_types) {
  const policy::Snapshot& policy = *worker_.settings()->policy;
  const policy::Role* role = policy.find_role(role_);
  const policy::Upstream* upstream = policy.find_upstream(upstream_);
  const CatalogRef catalog = worker_.catalog(upstream_);
  if (role == nullptr || upstream == nullptr || !catalog || !role->may_use(*upstream))
    return refuse_everything(policy.version, text,
                             "the role or its upstream was removed by a reload");
  if (!is_entitled(policy))
    return refuse_everything(policy.version, text, "the subject may not have the role any more");
  unrestricted_ = role->unrestricted;
  return worker_.planner().plan(
      *role, *upstream, *catalog, claims(policy, *role), text,
      origin == session::Judge::Origin::kParse ? policy::Origin::kParse : policy::Origin::kSimple,
      parameter_types);
}

// What the policy in force says about the user; about one that it no longer gives this role,
// nothing.
bool Relay::shows(std::string_view schema, std::string_view relation) const {
  const policy::Role* role = worker_.settings()->policy->find_role(role_);
  return role != nullptr && policy::exists_for(*role, schema, relation);
}

const policy::ClaimsRef& Relay::claims(const policy::Snapshot& policy, const policy::Role& role) {
  if (claims_ && claims_version_ == policy.version) return claims_;
  const policy::LocalUser* user = subject_ ? nullptr : policy.find_user(user_);
  const bool knows = user != nullptr && user->role == role.name;
  claims_ = worker_.planner().intern(role, subject_ ? subject_->claims
                                           : knows  ? user->claims
                                                    : policy::Claims{});
  claims_version_ = policy.version;
  return claims_;
}

// ---- Ends.

// As with PostgreSQL alone, what the client had sent still runs if it writes. A read that nobody
// waits for any more is cancelled rather than left to run.
void Relay::on_client_gone(std::string_view reason) {
  const bool only_reads = !session_->idle() && !session_->writes_under_way();
  if (only_reads) cancel_statement();
  if (!session_->terminating() && session_->between_client_messages())
    send_store(as_bytes(kTerminateMessage), Ticket{});
  flush();
  close_reason_ = session_->terminating() ? std::string("terminated by the client")
                                          : "client gone: " + std::string(reason);
  if (only_reads || (!session_->terminating() && !session_->between_client_messages())) {
    end_session(close_reason_);
    return;
  }
  phase_ = Phase::kDraining;
  closing_since_ = now().monotonic;
  pump();
}

void Relay::on_store_gone(std::string_view reason) {
  store_gone_ = true;
  store_gone_reason_ =
      phase_ == Phase::kDraining ? close_reason_ : "store gone: " + std::string(reason);
  pump();
}

void Relay::shut_down(When when, std::string_view sqlstate, std::string_view message,
                      std::string_view hint) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kEnded) return;
  if (phase_ == Phase::kLogin || phase_ == Phase::kConnecting || phase_ == Phase::kStoreLogin) {
    refuse(Error(std::string(sqlstate), std::string(message), std::string(hint)), message);
    return;
  }
  farewell_ = Error(std::string(sqlstate), std::string(message), std::string(hint));
  if (when == When::kWhenIdle) {
    end_when_idle_ = true;
    settle();
    return;
  }
  session_->send_fatal(sqlstate, message, hint);
  flush();
  end_session(message);
}

// Both connections close after what was sent has left. Writes that still wait for the journal are
// not sent: they never happened, and their outcome says "aborted".
void Relay::end_session(std::string_view reason) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kEnded) return;
  const Instant time = now();
  phase_ = Phase::kClosing;
  close_reason_ = reason;
  session_->end(time);
  worker_.producer().append(journal::SessionClosed{.at = time.wall,
                                                   .session = id_,
                                                   .reason = log::printable(reason),
                                                   .statements = session_->statements(),
                                                   .bytes_to_client = bytes_to_client_,
                                                   .bytes_to_store = bytes_to_store_});
  held_.clear();
  if (client_) client_->close_after_flush(reason);
  if (store_) {
    if (session_->between_client_messages()) store_->write(as_bytes(kTerminateMessage));
    store_->close_after_flush(reason);
  }
  finish();
}

void Relay::finish() {
  if (client_ || store_ || phase_ == Phase::kEnded) return;
  phase_ = Phase::kEnded;
  connecting_.reset();
  worker_.finished(number_);
}

void Relay::on_tick(Instant time) {
  if (phase_ != Phase::kLogin && has_expired(time)) return end_expired(time);
  const policy::Limits& limits = worker_.settings()->policy->limits;
  switch (phase_) {
    case Phase::kLogin:
    case Phase::kConnecting:
    case Phase::kStoreLogin:
      if (time.monotonic - accepted_.monotonic >= limits.login_timeout)
        refuse(Error("57014", "canceling authentication due to timeout"), "login timeout");
      else if (phase_ == Phase::kStoreLogin &&
               time.monotonic - store_started_ >=
                   login_settings_->policy->find_upstream(upstream_)->connect_timeout)
        next_host(Error("the store does not answer the login"));
      return;
    case Phase::kActive:
      if (limits.idle_timeout.count() > 0 && session_->idle() &&
          time.monotonic - last_activity_ >= limits.idle_timeout)
        shut_down(When::kAtOnce, "57P05", "terminating connection due to idle-session timeout", {});
      return;
    case Phase::kDraining:
      if (time.monotonic - closing_since_ >= kMaxDraining) end_session(close_reason_);
      return;
    case Phase::kClosing:
    case Phase::kEnded:
      return;
  }
}

}  // namespace tracegate::relay
