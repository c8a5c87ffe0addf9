// The client's login, from the first byte to a proven user: encryption negotiation, the startup
// message, and what the listener asks for: SCRAM, a token as password, or a token by OAUTHBEARER. A
// pure state machine: bytes and facts in, bytes and decisions out; no sockets, no clock (the login
// timeout is the caller's), no policy beyond who the user is. Whether a token is good is for the
// caller to find out (kVerifyToken), which may take a while.
//
// The listener's method is everybody's: from what is asked for nobody learns which users exist.
//
// It ends *before* AuthenticationOk: the last it sends is AuthenticationSASLFinal, or the request
// for a token. So the caller can reach the store first and then say AuthenticationOk,
// ParameterStatus, ... in the store's words, or refuse with an ErrorResponse.
//
// What it refuses:
// - any byte behind an SSLRequest or GSSENCRequest, sent before our answer: closed without a word,
//   nothing of it parsed (CVE-2021-23214);
// - a second SSLRequest or GSSENCRequest, either of them inside TLS (CVE-2026-6479), TLS without a
//   request anywhere but at the first byte, and direct TLS without ALPN "postgresql";
// - a startup message without TLS where the listener requires it, and before a token is asked for,
//   unless the listener permits tokens in clear;
// - parameters that are not UTF-8, have control characters, or stand twice; replication;
// - every message but SASL answers before the user is proven.
// An unknown user and a wrong password get the same bytes, as does every token that will not do.
//
// Source: PostgreSQL manual, "Message Flow: Start-up", "SSL Session Encryption", "SASL
// Authentication"; RFC 7628. Threading: one object belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/auth.h"
#include "proto_pg/startup.h"
#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/identity/local_user.h"
#include "src/identity/oauth_bearer.h"
#include "src/identity/scram_server.h"
#include "src/session/login/startup_parameters.h"

namespace tracegate::session {

enum class ListenerTls {
  kRequire,  // only cancel requests are accepted without it, as old clients cannot encrypt those
  kAllow,
  kOff,
};

// How the clients of a listener prove who they are.
enum class LoginMethod {
  kScram,
  kToken,  // as password (AuthenticationCleartextPassword), which every driver can send
  kOAuthBearer,
};

struct ClientLoginSetup {
  ListenerTls tls = ListenerTls::kRequire;
  LoginMethod method = LoginMethod::kScram;
  bool tokens_in_clear = false;  // also on a connection without TLS
  // For kOAuthBearer, as OAuthBearerServer takes them.
  std::string openid_configuration = {};
  std::string scope = {};
};

// What became of a token.
struct TokenDecision {
  bool accepted = false;
  std::string role = {};    // of the session, if accepted
  std::string reason = {};  // else, for the record
};

// What src/net knows once the handshake with the client is done.
struct ClientTlsFacts {
  bool alpn_postgresql = false;  // ALPN "postgresql" was negotiated
  Bytes end_point = {};  // crypto::tls_server_end_point() of our certificate; empty: it has none
};

// Who the client says it is and what it wants: its startup message, checked for form only.
struct StartupClaim {
  std::string user;
  std::string database;  // the user's name if it gave none
  // All else but `replication` and protocol options, in the order sent. Which of them a session may
  // set is for the caller to judge.
  std::vector<StartupParameter> parameters;
  proto::ProtocolVersion version;  // agreed: at most 3.2
};

// Why a login ended, for the record: more precise than what the client was told. Texts may hold
// what the client sent, cleaned of control characters.
struct LoginRefusal {
  std::string sqlstate;
  std::string reason;
};

// What to do next, in this order: drop `consumed` bytes from the front of the input, send `send`,
// then act as `next` says.
struct ClientLoginStep {
  enum class Next {
    kReadMore,       // call on_bytes() with what is left and more behind it
    kStartTls,       // let TLS read the rest of the input and everything further; then on_tls()
    kCancel,         // cancel_request() says whose statement; close, there is no answer
    kVerifyToken,    // find out whether token() is good for claim()'s user; then on_token()
    kAuthenticated,  // claim(), role(), method(); what is left of the input is the session's
    kClose,          // send (it may be empty), then close; refusal() says why
  };
  std::size_t consumed = 0;
  std::string send;
  Next next = Next::kReadMore;
};

// A startup message, or a token with what is around it.
inline constexpr std::uint32_t kMaxLoginInput = 20 << 10;

class ClientLogin {
 public:
  // `users` and `mock` must outlive the login.
  ClientLogin(ClientLoginSetup setup, const identity::LocalUsers& users,
              const identity::ScramMock& mock);

  // `input`: all bytes received and not yet consumed, decrypted where TLS runs. It never needs more
  // than kMaxLoginInput of them at once. Must not be called after kCancel, kAuthenticated or
  // kClose, nor between kStartTls and on_tls(), kVerifyToken and on_token().
  [[nodiscard]] ClientLoginStep on_bytes(ByteView input);
  // The handshake succeeded. (If it failed, there is nobody to talk to: close.)
  [[nodiscard]] ClientLoginStep on_tls(ClientTlsFacts facts);
  // After kVerifyToken. Bytes that on_bytes() left must be offered to it again when this gives
  // kReadMore.
  [[nodiscard]] ClientLoginStep on_token(const TokenDecision& decision);

  // Once a startup message was read in due form; also for the record of a refusal.
  [[nodiscard]] const std::optional<StartupClaim>& claim() const { return claim_; }
  // After kClose.
  [[nodiscard]] const LoginRefusal& refusal() const { return refusal_; }
  // After kCancel.
  struct Cancel {
    std::int32_t process_id = 0;
    Bytes key;
  };
  [[nodiscard]] const Cancel& cancel_request() const { return cancel_; }
  // After kVerifyToken, until on_token().
  [[nodiscard]] const Secret& token() const { return token_; }
  // After kAuthenticated.
  [[nodiscard]] const std::string& role() const { return role_; }
  // "scram-sha-256", "scram-sha-256-plus", "token" or "oauthbearer".
  [[nodiscard]] std::string_view method() const;
  [[nodiscard]] bool encrypted() const { return encrypted_; }

 private:
  enum class Phase {
    kStartup,
    kTlsHandshake,
    kSaslInitial,
    kSaslResponse,
    kPassword,
    kToken,
    kOver
  };
  using Step = ClientLoginStep;

  Step on_startup(ByteView input);
  Step on_tls_request();
  Step on_gss_request();
  Step on_direct_tls();
  Step on_cancel_request(ByteView packet);
  Step on_startup_message(ByteView packet);
  Step start_tls(std::string answer);
  Step begin_authentication(const proto::StartupMessage& message);
  void begin_scram(std::string& out);
  // The one message that is due next, whole: a password or SASL message.
  Step on_answer(ByteView input);
  Step on_answer_body(ByteView body);
  Step on_sasl(std::string_view data, const proto::SASLInitialResponse* initial);
  Step on_reply(const identity::ScramServer::Reply& reply);
  Step on_reply(identity::OAuthBearerServer::Reply reply);
  Step verify(Secret token);
  Step refuse_token(std::string_view reason);
  Step refuse_exchange(const Error& error);

  // The form of a startup message; fills claim_.
  Status take_claim(const proto::StartupMessage& message);
  // Ends the login with an ErrorResponse. `reason`: for the record, where it differs.
  Step refuse(const Error& error, std::string_view reason = {});
  // Ends it without a word, where a stranger or an attacker would be the reader.
  Step drop(std::string reason);

  const ClientLoginSetup setup_;
  const identity::LocalUsers& users_;
  const identity::ScramMock& mock_;

  Phase phase_ = Phase::kStartup;
  bool first_packet_ = true;
  bool tls_requested_ = false;
  bool gss_requested_ = false;
  bool direct_tls_ = false;
  bool encrypted_ = false;
  Bytes end_point_;
  std::optional<StartupClaim> claim_;
  bool user_known_ = false;
  std::string role_;
  std::optional<identity::ScramServer> scram_;
  std::optional<identity::OAuthBearerServer> bearer_;
  Secret token_;
  std::string why_not_;  // what the record says of a token that was refused
  Cancel cancel_;
  LoginRefusal refusal_;
};

}  // namespace tracegate::session
