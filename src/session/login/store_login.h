// The gateway's login at the store: encryption, startup message, SCRAM, up to the first
// ReadyForQuery. A pure state machine: bytes and facts in, bytes and decisions out; no sockets, no
// clock (the connect timeout is the caller's); whose certificate is good enough is for src/net to
// say before on_tls().
//
// The store is not trusted with more than it needs, and nothing falls back:
// - with TLS, only the one byte 'S' answers our SSLRequest; 'N', an error, or a byte behind the 'S'
//   (CVE-2021-23222) fails, and no text from before TLS is shown (CVE-2024-10977);
// - with SCRAM, only SCRAM-SHA-256-PLUS (where TLS runs and the store offers it) or SCRAM-SHA-256
//   will do; a cleartext or MD5 request, and AuthenticationOk without the store's own proof, fail;
// - -PLUS is used whenever TLS and the store offer it (CVE-2025-49146); a certificate without
// channel
//   binding data then fails;
// - with trust, only AuthenticationOk at once will do;
// - messages, their sizes and their number are bounded, as are SCRAM iterations (CVE-2026-42198);
// - texts of the store's errors are cut and made printable.
// It speaks protocol 3.0.
//
// Source: PostgreSQL manual, "Message Flow: Start-up". Threading: one object belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto_pg/auth.h"
#include "proto_pg/framer.h"
#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/secret.h"
#include "src/identity/scram_client.h"
#include "src/session/login/startup_parameters.h"

namespace tracegate::session {

enum class StoreTls { kOff, kOn };
enum class StoreAuthentication { kScram, kTrust };

struct StoreLoginSetup {
  StoreTls tls = StoreTls::kOn;
  StoreAuthentication authentication = StoreAuthentication::kScram;
  std::string user;
  std::string database;
  std::vector<StartupParameter> parameters;  // sent as they are, behind user and database
  std::shared_ptr<identity::ScramCredential> credential;  // required with kScram
  identity::ScramClientLimits scram;
  // Likewise, behind `parameters`; borrowed until the login has started.
  std::vector<std::pair<std::string_view, const Secret*>> secret_parameters = {};
};

// What the store said while logging us in.
struct StoreGreeting {
  std::vector<StartupParameter> parameters;  // ParameterStatus, in the order sent
  std::int32_t process_id = 0;
  Bytes cancel_key;         // empty: the store gave none, its statements cannot be cancelled
  std::size_t notices = 0;  // dropped
};

struct StoreLoginFailure {
  enum class Source { kStore, kGateway };
  Source source = Source::kGateway;  // who refused
  // Of the store: its SQLSTATE (empty if it gave none) and text, printable, at most 1 KiB.
  Error error;
  bool authenticated = false;  // the login as such was done: the store objects to something else
};

// What to do next, in this order: drop `consumed` bytes from the front of the input, send `send`,
// then act as `next` says.
struct StoreLoginStep {
  enum class Next {
    kReadMore,  // call on_bytes() with what is left and more behind it
    kStartTls,  // as the client of TLS; then on_tls()
    kWorkMore,  // call work() soon, after other sessions had their turn
    kReady,     // greeting(); what is left of the input is the session's
    kFailed,    // close; failure() says why
  };
  std::size_t consumed = 0;
  std::string send;
  Next next = Next::kReadMore;
};

class StoreLogin {
 public:
  explicit StoreLogin(StoreLoginSetup setup);

  // Once, when connected.
  [[nodiscard]] StoreLoginStep start();
  // `input`: all bytes received and not yet consumed. Must not be called after kReady or kFailed,
  // nor between kStartTls and on_tls(). After kWorkMore it consumes nothing until the work is done.
  [[nodiscard]] StoreLoginStep on_bytes(ByteView input);
  // The handshake succeeded and the certificate was accepted. `end_point`:
  // crypto::tls_server_end_point() of the store's certificate; empty if it has none.
  [[nodiscard]] StoreLoginStep on_tls(Bytes end_point);
  // After kWorkMore: one more slice of deriving keys, under a millisecond. Bytes that on_bytes()
  // left must be offered to it again when this gives kReadMore.
  [[nodiscard]] StoreLoginStep work();

  // After kReady.
  [[nodiscard]] const StoreGreeting& greeting() const { return greeting_; }
  // After kFailed.
  [[nodiscard]] const StoreLoginFailure& failure() const { return failure_; }

 private:
  enum class Phase {
    kNew,
    kTlsAnswer,
    kTlsHandshake,
    kAuthentication,  // the store's first word, which asks for authentication or waives it
    kScramFirst,
    kScramDerive,
    kScramFinal,
    kScramOk,
    kGreeting,
    kOver,
  };
  using Step = StoreLoginStep;

  Step send_startup();
  Step on_tls_answer(ByteView input);
  Step on_frame(ByteView frame_input, const proto::FrameHeader& header);
  Step on_authentication(ByteView body);
  Step on_waiver();
  Step on_sasl(const proto::AuthenticationSASL& offer);
  Step on_scram_first(ByteView data);
  Step on_scram_final(ByteView data);
  Step on_greeting_message(ByteView body, proto::BackendType type);
  Step on_parameter(ByteView body);
  Step on_key(ByteView body);
  Step on_ready(ByteView body);
  Step on_error(ByteView body);
  Step on_notice(ByteView body);

  Step fail(std::string_view message, std::string_view hint = {});
  Step malformed(const proto::DecodeError& error);

  StoreLoginSetup setup_;
  Phase phase_ = Phase::kNew;
  Bytes end_point_;
  std::optional<identity::ScramClient> scram_;
  std::size_t messages_ = 0;
  StoreGreeting greeting_;
  StoreLoginFailure failure_;
};

}  // namespace tracegate::session
