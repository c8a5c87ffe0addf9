#include "src/session/login/client_login.h"

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "src/base/log.h"

namespace tracegate::session {
namespace {

Error protocol_violation(std::string_view message) {
  return Error("08P01", std::string(message));
}

Error to_error(const proto::DecodeError& error) {
  return Error(std::string(error.sqlstate), std::string(error.message));
}

}  // namespace

ClientLogin::ClientLogin(ClientLoginSetup setup, const identity::LocalUsers& users,
                         const identity::ScramMock& mock)
    : setup_(std::move(setup)), users_(users), mock_(mock) {}

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
      case Phase::kPassword:
        step = on_answer(rest);
        break;
      case Phase::kTlsHandshake:
      case Phase::kToken:
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
  if (setup_.tls == ListenerTls::kOff)
    return drop("direct TLS, which this listener does not offer");
  direct_tls_ = true;
  return start_tls({});
}

ClientLoginStep ClientLogin::on_tls_request() {
  if (encrypted_) return refuse(protocol_violation("SSLRequest inside TLS"));
  if (tls_requested_) return refuse(protocol_violation("SSLRequest stands twice"));
  tls_requested_ = true;
  if (setup_.tls == ListenerTls::kOff)
    return {0, {proto::kEncryptionRefused}, Step::Next::kReadMore};
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
  if (setup_.tls == ListenerTls::kRequire && !encrypted_) {
    return refuse(Error("28000", "connections without TLS are refused",
                        "Connect with sslmode=require or stricter."));
  }
  if (setup_.method != LoginMethod::kScram && !encrypted_ && !setup_.tokens_in_clear) {
    return refuse(Error("28000", "tokens are not accepted without TLS",
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

}  // namespace tracegate::session
