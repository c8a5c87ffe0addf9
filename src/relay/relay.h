// One client connection and its store connection: login on either side, then the bytes between them
// through the session, with gates, back-pressure, time-outs and teardown in every order.
//
// Phases: kLogin (ClientLogin talks to the client), kConnecting and kStoreLogin (the store's hosts
// are tried in order), kActive (Session decides), kClosing (what was sent is flushed), kDraining
// (the client is gone; what it had sent still reaches the store, answers are discarded).
//
// Memory: what a side has sent and the other cannot take yet is bounded: reading from a side pauses
// while the other's queue is above its high-water mark, while the session is blocked, or while
// writes that wait for the journal amount to kMaxHeld.
//
// Threading: lives and dies on one worker's loop; destroyed by the worker when the stack has
// unwound.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/connect.h"
#include "src/net/stream.h"
#include "src/policy/claims.h"
#include "src/policy/token_login.h"
#include "src/relay/gated_queue.h"
#include "src/relay/worker.h"
#include "src/session/effects.h"
#include "src/session/login/client_login.h"
#include "src/session/login/store_login.h"
#include "src/session/session.h"

namespace tracegate::relay {

class Relay final : private net::StreamHandler, private session::Effects, private session::Judge {
 public:
  Relay(Worker& worker, std::uint64_t number, std::size_t listener,
        std::unique_ptr<net::Stream> client);
  ~Relay() override;

  // From the worker.
  void on_durable();
  void on_tick(Instant now);
  void cancel_statement();
  void on_work();  // another slice of deriving keys for the store's login
  // What Worker::ask_for_key brought: null if newer keys would not help.
  void on_keys_asked(const identity::JwkSet* keys);
  // Ends the session with a FATAL message, as soon as nothing is under way or at once.
  enum class When { kAtOnce, kWhenIdle };
  void shut_down(When when, std::string_view sqlstate, std::string_view message,
                 std::string_view hint);

 private:
  enum class Phase { kLogin, kConnecting, kStoreLogin, kActive, kClosing, kDraining, kEnded };

  // net::StreamHandler
  void on_data(net::Stream& stream, ByteView bytes) override;
  void on_drained(net::Stream& stream) override;
  void on_closed(net::Stream& stream, std::string_view reason) override;
  void on_tls(net::Stream& stream, const net::TlsInfo& info) override;

  // session::Effects
  void send_store(ByteView bytes, Ticket gate) override;
  void send_client(ByteView bytes) override;
  Ticket record(const journal::Intent& intent) override;
  void record(const journal::Outcome& outcome) override;
  [[nodiscard]] Ticket durable() const override { return worker_.producer().durable(); }
  void close(const session::CloseRequest& request) override;

  // session::Judge
  [[nodiscard]] policy::PlanRef plan(std::string_view text, session::Judge::Origin origin,
                                     policy::ParameterTypes parameter_types) override;
  [[nodiscard]] PolicyVersion version() const override {
    return worker_.settings()->policy->version;
  }
  [[nodiscard]] std::uint64_t catalog_version() const override;
  [[nodiscard]] bool unrestricted() const override { return unrestricted_; }
  [[nodiscard]] bool shows(std::string_view schema, std::string_view relation) const override;

  [[nodiscard]] const policy::ClaimsRef& claims(const policy::Snapshot& policy,
                                                const policy::Role& role);

  // relay_login.cc
  void start_login();
  void on_client_login_data(ByteView bytes);
  void follow(const session::ClientLoginStep& step);
  void open_session();
  void connect_store();
  void on_connected(Result<std::unique_ptr<net::Stream>> stream);
  void on_store_login_data(ByteView bytes);
  void offer_store_login();
  void follow_store(const session::StoreLoginStep& step);
  void next_host(Error why);
  [[nodiscard]] std::size_t last_host() const;
  void ready();
  void refuse(const Error& shown, std::string_view reason);
  void login_ended(std::string_view reason);
  void record_refusal(std::string_view sqlstate, std::string_view reason);

  // relay_token.cc
  void verify_token();
  [[nodiscard]] policy::TokenLogin judge_token(const policy::KeysOfIssuer& keys) const;
  void decide(const policy::TokenLogin& login);
  [[nodiscard]] bool is_entitled(const policy::Snapshot& policy);
  [[nodiscard]] bool has_expired(Instant time) const;
  void end_expired(Instant time);

  // relay.cc
  void feed_client(ByteView fresh);
  void feed_store(ByteView fresh);
  void pump();
  void settle();
  void flush();
  void update_flow();
  void request_catalog();
  [[nodiscard]] bool client_full() const;
  [[nodiscard]] bool store_full() const;
  void end_session(std::string_view reason);
  void on_client_gone(std::string_view reason);
  void on_store_gone(std::string_view reason);
  void finish();

  Worker& worker_;
  const std::uint64_t number_;
  const std::size_t listener_;
  const SettingsRef login_settings_;  // in force when the client came; the login stays with them
  const SessionId id_;
  const Instant accepted_;
  Phase phase_ = Phase::kLogin;

  std::unique_ptr<net::Stream> client_;
  std::unique_ptr<net::Stream> store_;
  std::unique_ptr<net::Connecting> connecting_;
  std::unique_ptr<session::ClientLogin> client_login_;
  std::unique_ptr<session::StoreLogin> store_login_;
  std::unique_ptr<session::Session> session_;

  Inbox client_in_;
  Inbox store_in_;
  GatedQueue held_;
  std::vector<ByteView> to_store_;  // gathered in this event, borrowed until flush()
  std::vector<ByteView> to_client_;
  std::string released_;

  std::string user_;
  std::string role_;
  std::string upstream_;
  std::optional<identity::Subject> subject_;   // of a token; nothing for a local user
  std::optional<Microseconds> leaving_since_;  // its token has expired
  bool entitled_ = true;                       // by the policy of entitled_version_
  PolicyVersion entitled_version_;
  policy::ClaimsRef claims_;  // for claims_version_; null before the first statement
  PolicyVersion claims_version_;
  bool unrestricted_ = false;
  bool client_tls_ = false;
  std::size_t host_ = 0;  // of the upstream, being tried
  std::vector<session::StartupParameter> store_parameters_;
  Microseconds store_started_{};
  CancelKey cancel_key_;
  Bytes store_cancel_key_;
  std::int32_t store_process_id_ = 0;
  net::ConnectOptions store_address_;

  bool waiting_durable_ = false;
  bool close_requested_ = false;
  bool store_gone_ = false;
  std::string store_gone_reason_;
  bool end_when_idle_ = false;
  bool refresh_catalog_ = false;
  Error farewell_;
  std::string close_reason_;
  std::uint64_t discarded_ = 0;  // bytes of answers since the client went
  std::uint64_t bytes_to_client_ = 0;
  std::uint64_t bytes_to_store_ = 0;
  Microseconds last_activity_;
  Microseconds closing_since_{};
};

}  // namespace tracegate::relay
