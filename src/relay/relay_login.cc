// A session's beginning: the client's login, what its role and the store make of it, the store's
// hosts in order, the store's login, and the client's ReadyForQuery.
#include "proto_pg/auth.h"
#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "src/base/log.h"
#include "src/crypto/certificate.h"
#include "src/mask/hash_key.h"
#include "src/policy/settings.h"
#include "src/relay/relay.h"

namespace tracegate::relay {
namespace {

using session::ClientLoginStep;
using session::StoreLoginStep;

session::ListenerTls tls_mode(policy::ListenerTls tls) {
  switch (tls) {
    case policy::ListenerTls::kRequire:
      return session::ListenerTls::kRequire;
    case policy::ListenerTls::kAllow:
      return session::ListenerTls::kAllow;
    case policy::ListenerTls::kOff:
      return session::ListenerTls::kOff;
  }
  return session::ListenerTls::kRequire;
}

session::LoginMethod login_method(policy::ListenerLogin login) {
  switch (login) {
    case policy::ListenerLogin::kScram:
      return session::LoginMethod::kScram;
    case policy::ListenerLogin::kToken:
      return session::LoginMethod::kToken;
    case policy::ListenerLogin::kOAuthBearer:
      return session::LoginMethod::kOAuthBearer;
  }
  return session::LoginMethod::kScram;
}

session::ClientLoginSetup login_setup(const policy::Snapshot& policy,
                                      const policy::Listener& listener) {
  const policy::Issuer* advertised = policy.find_issuer(listener.advertised_issuer);
  return {.tls = tls_mode(listener.tls),
          .method = login_method(listener.login),
          .tokens_in_clear = listener.tokens_in_clear,
          .openid_configuration = advertised ? advertised->discovery_url() : std::string(),
          .scope = listener.advertised_scope};
}

// Refusals of the store that another host, or a later attempt, may not give: shown to the client as
// they are, because pools and drivers act on them.
bool is_about_capacity(std::string_view sqlstate) {
  return sqlstate.starts_with("53") || sqlstate.starts_with("57");
}

// A value of the client's own start-up settings that the store does not take
// ("DateStyle=nonsense"): the client's to mend, so it is told what the store says, once that is
// known to be our store.
bool is_about_settings(const session::StoreLoginFailure& failure) {
  return failure.source == session::StoreLoginFailure::Source::kStore && failure.authenticated &&
         failure.error.sqlstate.starts_with("22");
}

std::string application_name(const session::StartupClaim& claim) {
  for (const auto& parameter : claim.parameters)
    if (parameter.name == "application_name") return log::printable(parameter.value);
  return {};
}

// What the store makes pseudonyms with.
std::vector<std::pair<std::string_view, const Secret*>> secrets_of(const policy::Snapshot& policy,
                                                                   const policy::Role& role) {
  if (!policy.hash_key || !role.is_scoped()) return {};
  return {{mask::kInnerSetting, &policy.hash_key->inner()},
          {mask::kOuterSetting, &policy.hash_key->outer()}};
}

}  // namespace

void Relay::start_login() {
  const policy::Listener& listener = login_settings_->policy->listeners[listener_];
  client_login_ =
      std::make_unique<session::ClientLogin>(login_setup(*login_settings_->policy, listener),
                                             login_settings_->users, worker_.shared().scram_mock);
}

void Relay::on_client_login_data(ByteView bytes) {
  client_in_.append(bytes);
  // While a token is verified, what follows it waits.
  while (phase_ == Phase::kLogin && client_login_ && !client_in_.empty() &&
         client_login_->token().empty()) {
    const std::size_t before = client_in_.view().size();
    const ClientLoginStep step = client_login_->on_bytes(client_in_.view());
    const bool again = step.next == ClientLoginStep::Next::kReadMore && step.consumed > 0 &&
                       step.consumed < before;
    follow(step);
    if (!again) return;
  }
}

void Relay::follow(const ClientLoginStep& step) {
  client_in_.consume(step.consumed);
  if (!step.send.empty() && client_) client_->write(as_bytes(step.send));
  switch (step.next) {
    case ClientLoginStep::Next::kReadMore:
      return;
    case ClientLoginStep::Next::kStartTls: {
      const Bytes rest(client_in_.view().begin(), client_in_.view().end());
      client_in_.clear();
      client_->start_tls_server(login_settings_->listeners[listener_].context, rest);
      return;
    }
    case ClientLoginStep::Next::kCancel: {
      const auto& cancel = client_login_->cancel_request();
      if (const auto target = worker_.shared().cancels.find(cancel.process_id, cancel.key))
        worker_.shared().workers[target->worker]->cancel(target->relay);
      phase_ = Phase::kClosing;
      client_->close_after_flush("cancel request");
      return;
    }
    case ClientLoginStep::Next::kVerifyToken:
      verify_token();
      return;
    case ClientLoginStep::Next::kAuthenticated:
      open_session();
      return;
    case ClientLoginStep::Next::kClose:
      record_refusal(client_login_->refusal().sqlstate, client_login_->refusal().reason);
      phase_ = Phase::kClosing;
      client_->close_after_flush(client_login_->refusal().reason);
      return;
  }
}

void Relay::on_tls(net::Stream& stream, const net::TlsInfo& info) {
  if (&stream == client_.get()) {
    client_tls_ = true;
    follow(client_login_->on_tls({.alpn_postgresql = info.alpn == net::kAlpnPostgresql,
                                  .end_point = login_settings_->listeners[listener_].end_point}));
    return;
  }
  Bytes end_point;
  if (auto hash = crypto::tls_server_end_point(info.peer_certificate_der); hash.ok())
    end_point = *std::move(hash);
  follow_store(store_login_->on_tls(std::move(end_point)));
}

// The user is proven. May it have the store that it asks for, with the settings that it asks for?
void Relay::open_session() {
  client_->pause_reading();  // what it sends now is for the session
  const session::StartupClaim& claim = *client_login_->claim();
  const policy::Snapshot& policy = *login_settings_->policy;
  user_ = claim.user;
  role_ = client_login_->role();
  const policy::Role* role = policy.find_role(role_);
  const policy::Upstream* upstream = policy.find_upstream(claim.database);
  const std::string database = log::printable(claim.database);
  if (role == nullptr) {
    refuse(Error("28000", "this user's role is no longer part of the policy"), "unknown role");
    return;
  }
  if (upstream == nullptr || !role->may_use(*upstream)) {
    // One answer for both: which stores exist is nobody's business who may not use them.
    refuse(Error("3D000", "database \"" + database + "\" does not exist",
                 "The database name is the name of an upstream that the role \"" + role_ +
                     "\" may use."),
           upstream == nullptr ? "no such upstream" : "the role may not use this upstream");
    return;
  }
  upstream_ = upstream->name;
  unrestricted_ = role->unrestricted;
  if (worker_.draining()) {
    refuse(Error("57P03", "the gateway is shutting down"), "draining");
    return;
  }
  if (worker_.shared().sessions.load() > policy.limits.max_sessions) {
    refuse(Error("53300", "sorry, too many clients already"), "max_sessions reached");
    return;
  }
  if (worker_.shared().journal.failed()) {
    refuse(Error("58030", "the audit journal cannot be written",
                 "Nothing is served until the operator has mended it."),
           "journal failed");
    return;
  }
  if (worker_.shared().journal.stalled()) {
    refuse(Error("53100", "the audit journal is full",
                 "Nothing is served until its records have been shipped to the session tables."),
           "journal full");
    return;
  }
  if (!worker_.catalog(upstream_)) {
    refuse(Error("57P03", "the store's catalog has not been loaded yet", "Try again in a moment."),
           "no catalog yet");
    return;
  }
  std::vector<policy::Parameter> asked;
  for (const auto& parameter : claim.parameters) asked.push_back({parameter.name, parameter.value});
  auto judged = policy::judge_startup_parameters(*role, *upstream, asked);
  if (!judged.ok()) {
    const std::string reason = judged.error().message;
    refuse(judged.error(), reason);
    return;
  }
  store_parameters_.clear();
  for (policy::Parameter& parameter : *judged)
    store_parameters_.push_back({std::move(parameter.name), std::move(parameter.value)});
  phase_ = Phase::kConnecting;
  connect_store();
}

void Relay::connect_store() {
  const policy::Upstream& upstream = *login_settings_->policy->find_upstream(upstream_);
  const config::Endpoint& host = upstream.hosts[host_];
  store_address_ = {.host = host.host,
                    .port = host.port,
                    .timeout = upstream.connect_timeout,
                    .keepalive = std::chrono::seconds(60)};
  connecting_ = net::connect(
      worker_.loop(), store_address_,
      [this](Result<std::unique_ptr<net::Stream>> stream) { on_connected(std::move(stream)); });
}

void Relay::on_connected(Result<std::unique_ptr<net::Stream>> stream) {
  if (!stream.ok()) {
    next_host(std::move(stream).error());
    return;
  }
  const policy::Snapshot& policy = *login_settings_->policy;
  const policy::Upstream& upstream = *policy.find_upstream(upstream_);
  const policy::Role& role = *policy.find_role(role_);
  store_ = *std::move(stream);
  store_->set_handler(*this);
  phase_ = Phase::kStoreLogin;
  store_started_ = now().monotonic;
  const bool trust = upstream.authentication == policy::StoreAuthentication::kTrust;
  store_login_ = std::make_unique<session::StoreLogin>(session::StoreLoginSetup{
      .tls =
          upstream.tls == policy::StoreTls::kOff ? session::StoreTls::kOff : session::StoreTls::kOn,
      .authentication =
          trust ? session::StoreAuthentication::kTrust : session::StoreAuthentication::kScram,
      .user = role.store_user,
      .database = upstream.database,
      .parameters = store_parameters_,
      .credential = trust ? nullptr : worker_.credential(role),
      .scram = {},
      .secret_parameters = secrets_of(policy, role)});
  follow_store(store_login_->start());
}

void Relay::on_store_login_data(ByteView bytes) {
  store_in_.append(bytes);
  offer_store_login();
}

void Relay::offer_store_login() {
  while (phase_ == Phase::kStoreLogin && !store_in_.empty()) {
    const StoreLoginStep step = store_login_->on_bytes(store_in_.view());
    const bool again = step.next == StoreLoginStep::Next::kReadMore && step.consumed > 0;
    follow_store(step);
    if (!again) return;
  }
}

void Relay::on_work() {
  if (phase_ != Phase::kStoreLogin) return;
  const StoreLoginStep step = store_login_->work();
  const bool done = step.next == StoreLoginStep::Next::kReadMore;
  follow_store(step);
  if (done) offer_store_login();
}

void Relay::follow_store(const StoreLoginStep& step) {
  store_in_.consume(step.consumed);
  if (!step.send.empty()) store_->write(as_bytes(step.send));
  switch (step.next) {
    case StoreLoginStep::Next::kReadMore:
      return;
    case StoreLoginStep::Next::kStartTls: {
      const policy::Upstream& upstream = *login_settings_->policy->find_upstream(upstream_);
      store_->start_tls_client(login_settings_->upstreams[upstream.index], store_address_.host);
      return;
    }
    case StoreLoginStep::Next::kWorkMore:
      worker_.work_later(number_);
      return;
    case StoreLoginStep::Next::kReady:
      ready();
      return;
    case StoreLoginStep::Next::kFailed: {
      const session::StoreLoginFailure& failure = store_login_->failure();
      const bool of_store = failure.source == session::StoreLoginFailure::Source::kStore;
      Error why = failure.error;
      if (is_about_settings(failure)) {
        refuse(why, "store: " + why.message);
        return;
      }
      // A store that refuses the login for good refuses it on every host; one that is full,
      // starting or stopping may have a sibling that is not.
      if (of_store && !is_about_capacity(why.sqlstate)) host_ = last_host();
      if (!of_store || !is_about_capacity(why.sqlstate)) why.sqlstate.clear();
      next_host(std::move(why));
      return;
    }
  }
}

std::size_t Relay::last_host() const {
  return login_settings_->policy->find_upstream(upstream_)->hosts.size() - 1;
}

// The next of the store's hosts, or the end of the login if this was the last.
void Relay::next_host(Error why) {
  log::warn("session {}: store {}:{}: {}", id_.to_string(), store_address_.host,
            store_address_.port, log::printable(why.message, 1000));
  store_.reset();
  store_login_.reset();
  store_in_.clear();
  if (host_ < last_host()) {
    ++host_;
    phase_ = Phase::kConnecting;
    connect_store();
    return;
  }
  const std::string reason = "store: " + why.message;
  if (is_about_capacity(why.sqlstate)) {
    refuse(why, reason);
  } else {
    refuse(Error("08001", "the gateway could not connect to the store",
                 "The gateway's log says why; ask its operator."),
           reason);
  }
}

void Relay::ready() {
  const session::StoreGreeting& greeting = store_login_->greeting();
  const session::StartupClaim& claim = *client_login_->claim();
  store_process_id_ = greeting.process_id;
  store_cancel_key_ = greeting.cancel_key;
  const bool long_keys = claim.version.minor >= 2;
  cancel_key_ = worker_.shared().cancels.add({worker_.index(), number_}, long_keys ? 32 : 4);

  std::string hello;
  proto::encode(proto::AuthenticationOk{}, hello);
  for (const auto& parameter : greeting.parameters)
    proto::encode(proto::ParameterStatus{parameter.name, parameter.value}, hello);
  proto::encode(proto::BackendKeyData{cancel_key_.process_id, cancel_key_.secret}, hello);
  proto::encode(proto::ReadyForQuery{}, hello);
  client_->write(as_bytes(hello));

  const Instant time = now();
  worker_.producer().append(journal::SessionOpened{
      .at = time.wall,
      .session = id_,
      .subject = subject_ ? subject_->issuer + ":" + subject_->subject : "local:" + claim.user,
      .role = role_,
      .upstream = upstream_,
      .store = config::Endpoint{store_address_.host, store_address_.port}.to_string(),
      .client = client_->peer_address(),
      .application = application_name(claim),
      .authentication = std::string(client_login_->method()),
      .tls = client_tls_,
      .policy_version = login_settings_->policy->version});

  const policy::Limits& limits = login_settings_->policy->limits;
  session::SessionOptions options;
  options.id = id_;
  options.limits.max_statement = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(limits.max_statement.value, proto::kMaxBody));
  options.max_pipeline = limits.max_pipeline;
  options.max_names = limits.max_prepared;
  session_ = std::make_unique<session::Session>(options, static_cast<session::Judge&>(*this),
                                                static_cast<session::Effects&>(*this));
  phase_ = Phase::kActive;
  last_activity_ = time.monotonic;
  client_login_.reset();
  store_login_.reset();
  pump();
}

// Tells the client why there will be no session, and the record why really.
void Relay::refuse(const Error& shown, std::string_view reason) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kEnded) return;
  record_refusal(shown.sqlstate, reason);
  phase_ = Phase::kClosing;
  connecting_.reset();
  if (store_) store_->close(reason);
  // Before the startup message the client may be talking TLS or nothing at all: no words then.
  const bool can_talk = client_login_ && client_login_->claim().has_value();
  if (client_) {
    if (can_talk) {
      std::string message;
      proto::encode_error({.severity = proto::Severity::kFatal,
                           .sqlstate = shown.sqlstate,
                           .message = shown.message,
                           .hint = shown.hint},
                          message);
      client_->write(as_bytes(message));
      client_->close_after_flush(reason);
    } else {
      client_->close(reason);
    }
  }
  finish();
}

// The client, or the connection, went away before there was a session.
void Relay::login_ended(std::string_view reason) {
  if (client_login_ && client_login_->claim())
    record_refusal("08006", "the connection ended during login: " + std::string(reason));
  phase_ = Phase::kClosing;
  connecting_.reset();
  if (store_) store_->close(reason);
  if (client_) client_->close(reason);
  finish();
}

void Relay::record_refusal(std::string_view sqlstate, std::string_view reason) {
  journal::LoginRefused refused;
  refused.at = now().wall;
  refused.session = id_;
  if (client_login_ && client_login_->claim()) {
    refused.user = log::printable(client_login_->claim()->user);
    refused.database = log::printable(client_login_->claim()->database);
  }
  if (client_) refused.client = client_->peer_address();
  refused.sqlstate = sqlstate;
  refused.reason = log::printable(reason, 1000);
  worker_.producer().append(refused);
}

void Relay::cancel_statement() {
  if (phase_ != Phase::kActive || store_cancel_key_.empty()) return;
  const policy::Upstream* upstream = login_settings_->policy->find_upstream(upstream_);
  worker_.send_cancel(store_address_, login_settings_->upstreams[upstream->index],
                      store_process_id_, store_cancel_key_);
}

}  // namespace tracegate::relay
