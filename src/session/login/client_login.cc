#include "src/session/login/client_login.h"

#include "proto_pg/auth.h"
#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "src/base/log.h"

namespace tracegate::session {
namespace {

using identity::ScramServer;

// A SASL answer is a mechanism's name and at most a SCRAM message.
constexpr std::uint32_t kMaxSaslAnswer = identity::kMaxScramMessage + 64;

const proto::Framer& sasl_framer() {
  static const proto::Framer framer(proto::Direction::kFromClient,
                                    proto::FrameLimits{.max_password = kMaxSaslAnswer});
  return framer;
}

Error protocol_violation(std::string_view message) {
  return Error("08P01", std::string(message));
}

Error to_error(const proto::DecodeError& error) {
  return Error(std::string(error.sqlstate), std::string(error.message));
}

}  // namespace

ClientLogin::ClientLogin(ListenerTls tls, const identity::LocalUsers& users,
                         const identity::ScramMock& mock)
    : tls_(tls), users_(users), mock_(mock) {}

ClientLoginStep ClientLogin::refuse(const Error& error, std::string_view reason) {
  phase_ = Phase::kOver;
  refusal_.sqlstate = error.sqlstate;
  refusal_.reason = reason.empty() ? std::string_view(error.message) : reason;
  Step step;
  step.next = Step::Next::kClose;
  proto::encode_error({.severity = proto::Severity::kFatal,
                       .sqlstate = error.sqlstate,
                       .message = error.message,
                       .hint = error.hint},
                      step.send);
  return step;
}

ClientLoginStep ClientLogin::drop(std::string reason) {
  phase_ = Phase::kOver;
  refusal_ = {"08P01", std::move(reason)};
  Step step;
  step.next = Step::Next::kClose;
  return step;
}

// Each message is answered before the next one is looked at, so the answers of one call go out
// together and in order.
ClientLoginStep ClientLogin::on_bytes(ByteView input) {
  Step total;
  while (total.next == Step::Next::kReadMore) {
    const ByteView rest = input.subspan(total.consumed);
    Step step;
    switch (phase_) {
      case Phase::kStartup:
        step = on_startup(rest);
        break;
      case Phase::kSaslInitial:
      case Phase::kSaslResponse:
        step = on_sasl(rest);
        break;
      case Phase::kTlsHandshake:
      case Phase::kOver:
        TG_CHECK(false, "bytes for a client login that awaits none");
    }
    total.consumed += step.consumed;
    total.send += step.send;
    total.next = step.next;
    if (step.consumed == 0) break;
  }
  return total;
}

ClientLoginStep ClientLogin::on_startup(ByteView input) {
  proto::StartupHeader header;
  proto::DecodeError error;
  switch (proto::peek_startup(input, header, error)) {
    case proto::StartupStatus::kNeedMore:
      return {};
    case proto::StartupStatus::kError:
      return refuse(to_error(error));
    case proto::StartupStatus::kWhole:
      break;
  }
  const ByteView packet = input.first(header.length);
  // The client had to wait for our answer: whatever it has already sent was never encrypted and may
  // come from somebody else.
  if ((header.kind == proto::StartupKind::kSslRequest ||
       header.kind == proto::StartupKind::kGssEncRequest) &&
      input.size() > packet.size())
    return drop("unencrypted data behind a request for encryption");

  Step step;
  switch (header.kind) {
    case proto::StartupKind::kTlsClientHello:
      return on_direct_tls();
    case proto::StartupKind::kSslRequest:
      step = on_tls_request();
      break;
    case proto::StartupKind::kGssEncRequest:
      step = on_gss_request();
      break;
    case proto::StartupKind::kCancelRequest:
      step = on_cancel_request(packet);
      break;
    case proto::StartupKind::kStartupMessage:
      step = on_startup_message(packet);
      break;
  }
  first_packet_ = false;
  step.consumed = packet.size();
  return step;
}

ClientLoginStep ClientLogin::start_tls(std::string answer) {
  phase_ = Phase::kTlsHandshake;
  return {0, std::move(answer), Step::Next::kStartTls};
}

ClientLoginStep ClientLogin::on_direct_tls() {
  if (encrypted_) return drop("TLS inside TLS");
  if (!first_packet_) return drop("a TLS handshake behind a request that was refused");
  if (tls_ == ListenerTls::kOff) return drop("direct TLS, which this listener does not offer");
  direct_tls_ = true;
  return start_tls({});
}

ClientLoginStep ClientLogin::on_tls_request() {
  if (encrypted_) return refuse(protocol_violation("SSLRequest inside TLS"));
  if (tls_requested_) return refuse(protocol_violation("SSLRequest stands twice"));
  tls_requested_ = true;
  if (tls_ == ListenerTls::kOff) return {0, {proto::kEncryptionRefused}, Step::Next::kReadMore};
  return start_tls({proto::kSslAccepted});
}

ClientLoginStep ClientLogin::on_gss_request() {
  if (encrypted_) return refuse(protocol_violation("GSSENCRequest inside TLS"));
  if (gss_requested_) return refuse(protocol_violation("GSSENCRequest stands twice"));
  gss_requested_ = true;
  return {0, {proto::kEncryptionRefused}, Step::Next::kReadMore};
}

ClientLoginStep ClientLogin::on_tls(ClientTlsFacts facts) {
  TG_CHECK(phase_ == Phase::kTlsHandshake, "TLS without having been asked for");
  if (direct_tls_ && !facts.alpn_postgresql) return drop("direct TLS without ALPN postgresql");
  encrypted_ = true;
  end_point_ = std::move(facts.end_point);
  phase_ = Phase::kStartup;
  return {};
}

ClientLoginStep ClientLogin::on_cancel_request(ByteView packet) {
  proto::CancelRequest request;
  if (const proto::DecodeError error = decode(packet, request))
    return drop(std::string(error.message));
  cancel_ = {request.process_id, Bytes(request.key.begin(), request.key.end())};
  phase_ = Phase::kOver;
  return {0, {}, Step::Next::kCancel};
}

ClientLoginStep ClientLogin::on_startup_message(ByteView packet) {
  proto::StartupMessage message;
  if (const proto::DecodeError error = decode(packet, message)) return refuse(to_error(error));
  if (Status taken = take_claim(message); !taken.ok()) return refuse(taken.error());
  if (tls_ == ListenerTls::kRequire && !encrypted_) {
    return refuse(Error("28000", "connections without TLS are refused",
                        "Connect with sslmode=require or stricter."));
  }
  return begin_authentication(message);
}

Status ClientLogin::take_claim(const proto::StartupMessage& message) {
  TG_TRY(check_startup_parameters(message.parameters));
  if (asks_for_replication(message.find("replication").value_or("off")))
    return Error("0A000", "replication connections are not supported");
  const auto user = message.find("user");
  if (!user || user->empty())
    return Error("28000", "no PostgreSQL user name specified in startup packet");

  StartupClaim claim;
  claim.user = *user;
  claim.database = message.find("database").value_or("");
  if (claim.database.empty()) claim.database = claim.user;
  for (const proto::StartupParameter& parameter : message.parameters) {
    if (parameter.name == "user" || parameter.name == "database" ||
        parameter.name == "replication" || parameter.name.starts_with("_pq_."))
      continue;
    claim.parameters.push_back({std::string(parameter.name), std::string(parameter.value)});
  }
  claim.version = std::min(message.version, proto::kLatestVersion);
  claim_ = std::move(claim);
  return Ok{};
}

ClientLoginStep ClientLogin::begin_authentication(const proto::StartupMessage& message) {
  Step step;
  proto::NegotiateProtocolVersion negotiate{claim_->version, message.protocol_options()};
  if (message.version > proto::kLatestVersion || !negotiate.options.empty())
    encode(negotiate, step.send);

  const identity::LocalUser* user = users_.find(claim_->user);
  user_known_ = user != nullptr;
  if (user_known_) role_ = user->role;
  scram_.emplace(user_known_ ? &user->verifier : nullptr,
                 mock_.verifier_for(claim_->user, users_.forms()), std::exchange(end_point_, {}));
  proto::AuthenticationSASL offer;
  for (const identity::ScramMechanism mechanism : scram_->mechanisms())
    offer.mechanisms.push_back(to_string(mechanism));
  encode(proto::Authentication(std::move(offer)), step.send);
  phase_ = Phase::kSaslInitial;
  return step;
}

ClientLoginStep ClientLogin::on_sasl(ByteView input) {
  if (input.empty()) return {};
  if (input[0] != static_cast<std::uint8_t>(proto::FrontendType::kPassword))
    return refuse(protocol_violation("expected a SASL response"));
  proto::FrameHeader header;
  proto::DecodeError error;
  switch (sasl_framer().peek(input, header, error)) {
    case proto::PeekStatus::kNeedMore:
    case proto::PeekStatus::kPartialStreamable:
      return {};
    case proto::PeekStatus::kError:
      return refuse(to_error(error));
    case proto::PeekStatus::kWhole:
      break;
  }
  ScramServer::Reply reply;
  if (const proto::DecodeError bad = read_sasl(body_of(input, header), reply))
    return refuse(to_error(bad));
  Step step = on_scram_reply(reply);
  step.consumed = header.total();
  return step;
}

proto::DecodeError ClientLogin::read_sasl(ByteView body, ScramServer::Reply& reply) {
  if (phase_ == Phase::kSaslInitial) {
    proto::SASLInitialResponse initial;
    if (const proto::DecodeError error = decode(body, initial)) return error;
    std::optional<std::string_view> response;
    if (initial.response) response = as_text(*initial.response);
    reply = scram_->start(initial.mechanism, response);
    phase_ = Phase::kSaslResponse;
    return {};
  }
  proto::SASLResponse response;
  if (const proto::DecodeError error = decode(body, response)) return error;
  reply = scram_->on_message(as_text(response.data));
  return {};
}

ClientLoginStep ClientLogin::on_scram_reply(const ScramServer::Reply& reply) {
  Step step;
  switch (reply.verdict) {
    case ScramServer::Reply::Verdict::kContinue:
      encode(proto::Authentication(proto::AuthenticationSASLContinue{as_bytes(reply.message)}),
             step.send);
      return step;
    case ScramServer::Reply::Verdict::kAuthenticated:
      encode(proto::Authentication(proto::AuthenticationSASLFinal{as_bytes(reply.message)}),
             step.send);
      step.next = Step::Next::kAuthenticated;
      phase_ = Phase::kOver;
      return step;
    case ScramServer::Reply::Verdict::kWrongProof: {
      const Error error("28P01", "password authentication failed for user \"" +
                                     log::printable(claim_->user) + "\"");
      return refuse(error, user_known_ ? "wrong password" : "no such user");
    }
    case ScramServer::Reply::Verdict::kRefused:
      break;
  }
  std::string reason = reply.error.message;
  if (!reply.error.hint.empty()) reason.append(": ").append(reply.error.hint);
  return refuse(reply.error, reason);
}

}  // namespace tracegate::session
