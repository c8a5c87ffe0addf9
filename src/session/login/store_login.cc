#include "src/session/login/store_login.h"

#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/startup.h"
#include "src/base/log.h"

namespace tracegate::session {
namespace {

using identity::ScramClient;
using identity::ScramMechanism;

// A login at PostgreSQL 18 has about 20 messages of at most a few hundred bytes.
constexpr std::size_t kMaxMessages = 256;
constexpr std::size_t kMaxErrorText = 1000;       // printable() may add a few bytes; 1 KiB in all
constexpr std::uint32_t kDerivationSlice = 4096;  // PostgreSQL's default needs one

const proto::Framer& login_framer() {
  static const proto::Framer framer(
      proto::Direction::kFromServer,
      proto::FrameLimits{.max_small = 4 << 10, .max_report = 32 << 10});
  return framer;
}

bool offers(const proto::AuthenticationSASL& offer, ScramMechanism mechanism) {
  return std::ranges::find(offer.mechanisms, to_string(mechanism)) != offer.mechanisms.end();
}

// What a store may send before it is ready; anything else is refused by its first byte.
bool is_login_message(std::uint8_t type) {
  switch (static_cast<proto::BackendType>(type)) {
    case proto::BackendType::kAuthentication:
    case proto::BackendType::kBackendKeyData:
    case proto::BackendType::kErrorResponse:
    case proto::BackendType::kNegotiateProtocolVersion:
    case proto::BackendType::kNoticeResponse:
    case proto::BackendType::kParameterStatus:
    case proto::BackendType::kReadyForQuery:
      return true;
    case proto::BackendType::kBindComplete:
    case proto::BackendType::kCloseComplete:
    case proto::BackendType::kCommandComplete:
    case proto::BackendType::kCopyBothResponse:
    case proto::BackendType::kCopyData:
    case proto::BackendType::kCopyDone:
    case proto::BackendType::kCopyInResponse:
    case proto::BackendType::kCopyOutResponse:
    case proto::BackendType::kDataRow:
    case proto::BackendType::kEmptyQueryResponse:
    case proto::BackendType::kFunctionCallResponse:
    case proto::BackendType::kNoData:
    case proto::BackendType::kNotificationResponse:
    case proto::BackendType::kParameterDescription:
    case proto::BackendType::kParseComplete:
    case proto::BackendType::kPortalSuspended:
    case proto::BackendType::kRowDescription:
      return false;
  }
  return false;
}

// Whether the startup message says on the wire what it says here, and fits a packet.
bool can_be_sent(const proto::StartupMessage& message) {
  std::size_t size = 9;  // length, version, terminator
  for (const proto::StartupParameter& parameter : message.parameters) {
    if (parameter.name.empty() || parameter.name.find('\0') != std::string_view::npos ||
        parameter.value.find('\0') != std::string_view::npos)
      return false;
    size += parameter.name.size() + parameter.value.size() + 2;
  }
  return size <= proto::kMaxStartupLength;
}

}  // namespace

StoreLogin::StoreLogin(StoreLoginSetup setup) : setup_(std::move(setup)) {
  TG_CHECK(setup_.authentication == StoreAuthentication::kTrust || setup_.credential != nullptr,
           "SCRAM without a password");
}

StoreLoginStep StoreLogin::fail(std::string_view message, std::string_view hint) {
  phase_ = Phase::kOver;
  failure_ = {StoreLoginFailure::Source::kGateway,
              Error("08006", std::string(message), std::string(hint))};
  return {0, {}, Step::Next::kFailed};
}

StoreLoginStep StoreLogin::malformed(const proto::DecodeError& error) {
  std::string message("the store sent a malformed message: ");
  return fail(message.append(error.message));
}

StoreLoginStep StoreLogin::start() {
  TG_CHECK(phase_ == Phase::kNew, "a store login starts once");
  if (setup_.tls == StoreTls::kOff) return send_startup();
  phase_ = Phase::kTlsAnswer;
  Step step;
  proto::encode_ssl_request(step.send);
  return step;
}

StoreLoginStep StoreLogin::send_startup() {
  proto::StartupMessage message;
  message.version = proto::kOldestVersion;
  message.parameters = {{"user", setup_.user}, {"database", setup_.database}};
  for (const StartupParameter& parameter : setup_.parameters)
    message.parameters.push_back({parameter.name, parameter.value});
  for (const auto& [name, secret] : setup_.secret_parameters)
    message.parameters.push_back({name, secret->reveal()});
  if (!can_be_sent(message))
    return fail("the startup message for the store is too long or has a NUL in it");
  phase_ = Phase::kAuthentication;
  Step step;
  encode(message, step.send);
  return step;
}

StoreLoginStep StoreLogin::on_tls_answer(ByteView input) {
  if (input.empty()) return {};
  if (input[0] == static_cast<std::uint8_t>(proto::kEncryptionRefused)) {
    return fail("the store does not offer TLS, which the policy requires",
                "Turn on ssl at the store, or set tls = \"off\" for a store on loopback.");
  }
  if (input[0] != static_cast<std::uint8_t>(proto::kSslAccepted))
    return fail("the store's answer to SSLRequest is not one");
  if (input.size() > 1) return fail("unencrypted data behind the store's answer to SSLRequest");
  phase_ = Phase::kTlsHandshake;
  return {1, {}, Step::Next::kStartTls};
}

StoreLoginStep StoreLogin::on_tls(Bytes end_point) {
  TG_CHECK(phase_ == Phase::kTlsHandshake, "TLS without having been asked for");
  end_point_ = std::move(end_point);
  return send_startup();
}

StoreLoginStep StoreLogin::on_bytes(ByteView input) {
  TG_CHECK(phase_ != Phase::kNew && phase_ != Phase::kTlsHandshake && phase_ != Phase::kOver,
           "bytes for a store login that awaits none");
  if (phase_ == Phase::kTlsAnswer) return on_tls_answer(input);
  if (phase_ == Phase::kScramDerive) return {0, {}, Step::Next::kWorkMore};

  Step total;
  while (total.next == Step::Next::kReadMore && total.consumed < input.size()) {
    const ByteView rest = input.subspan(total.consumed);
    if (!is_login_message(rest[0])) return fail("the store sent a message that no login has");
    proto::FrameHeader header;
    proto::DecodeError error;
    const proto::PeekStatus status = login_framer().peek(rest, header, error);
    if (status == proto::PeekStatus::kError) return malformed(error);
    if (status != proto::PeekStatus::kWhole) break;
    if (++messages_ > kMaxMessages) return fail("the store's login has no end");
    const Step step = on_frame(rest, header);
    total.consumed += header.total();
    total.send += step.send;
    total.next = step.next;
  }
  return total;
}

StoreLoginStep StoreLogin::on_frame(ByteView frame_input, const proto::FrameHeader& header) {
  const ByteView body = body_of(frame_input, header);
  const proto::BackendType type = header.backend();
  if (type == proto::BackendType::kErrorResponse) return on_error(body);
  if (type == proto::BackendType::kNoticeResponse) return on_notice(body);
  if (type == proto::BackendType::kNegotiateProtocolVersion)
    return fail("the store does not speak protocol 3.0, which every PostgreSQL does");
  if (type == proto::BackendType::kAuthentication) return on_authentication(body);
  if (phase_ != Phase::kGreeting) return fail("the store goes on without having authenticated us");
  return on_greeting_message(body, type);
}

StoreLoginStep StoreLogin::on_authentication(ByteView body) {
  proto::Authentication message;
  if (const proto::DecodeError error = decode(body, message)) return malformed(error);
  if (std::holds_alternative<proto::AuthenticationOk>(message)) {
    if (phase_ == Phase::kAuthentication) return on_waiver();
    if (phase_ != Phase::kScramOk) return fail("the store cuts authentication short");
    phase_ = Phase::kGreeting;
    return {};
  }
  if (const auto* offer = std::get_if<proto::AuthenticationSASL>(&message);
      offer != nullptr && phase_ == Phase::kAuthentication)
    return on_sasl(*offer);
  if (const auto* first = std::get_if<proto::AuthenticationSASLContinue>(&message);
      first != nullptr && phase_ == Phase::kScramFirst)
    return on_scram_first(first->data);
  if (const auto* last = std::get_if<proto::AuthenticationSASLFinal>(&message);
      last != nullptr && phase_ == Phase::kScramFinal)
    return on_scram_final(last->data);
  return fail(
      "the store asks for authentication in a way that the policy does not accept",
      "Set up the store's pg_hba.conf with scram-sha-256 for this user, and a password that "
      "was set under password_encryption = 'scram-sha-256'.");
}

StoreLoginStep StoreLogin::on_waiver() {
  if (setup_.authentication != StoreAuthentication::kTrust) {
    return fail("the store lets us in without authentication, which the policy does not accept",
                "Set up the store's pg_hba.conf with scram-sha-256 for this user.");
  }
  phase_ = Phase::kGreeting;
  return {};
}

StoreLoginStep StoreLogin::on_sasl(const proto::AuthenticationSASL& offer) {
  if (setup_.authentication != StoreAuthentication::kScram)
    return fail("the store asks for a password, but the policy says trust");
  const bool encrypted = setup_.tls == StoreTls::kOn;
  const bool plus = offers(offer, ScramMechanism::kSha256Plus);
  auto binding = encrypted ? ScramClient::Binding::kNotOffered : ScramClient::Binding::kUnsupported;
  if (plus) {
    if (!encrypted) return fail("the store offers SCRAM-SHA-256-PLUS without TLS");
    if (end_point_.empty()) {
      return fail("the store offers SCRAM-SHA-256-PLUS, but its certificate cannot be bound to",
                  "Give the store a certificate that is signed with RSA or ECDSA.");
    }
    binding = ScramClient::Binding::kEndPoint;
  } else if (!offers(offer, ScramMechanism::kSha256)) {
    return fail("the store offers neither SCRAM-SHA-256-PLUS nor SCRAM-SHA-256");
  }

  scram_.emplace(setup_.credential, binding, plus ? std::exchange(end_point_, {}) : Bytes(),
                 setup_.scram);
  phase_ = Phase::kScramFirst;
  const std::string first = scram_->first_message();
  Step step;
  encode(proto::SASLInitialResponse{to_string(scram_->mechanism()), as_bytes(first)}, step.send);
  return step;
}

StoreLoginStep StoreLogin::on_scram_first(ByteView data) {
  if (Status read = scram_->on_server_first(as_text(data)); !read.ok())
    return fail(read.error().message);
  phase_ = Phase::kScramDerive;
  return work();
}

StoreLoginStep StoreLogin::work() {
  TG_CHECK(phase_ == Phase::kScramDerive, "there is no work to do");
  if (!scram_->derive(kDerivationSlice)) return {0, {}, Step::Next::kWorkMore};
  phase_ = Phase::kScramFinal;
  const std::string final = scram_->final_message();
  Step step;
  encode(proto::SASLResponse{as_bytes(final)}, step.send);
  return step;
}

StoreLoginStep StoreLogin::on_scram_final(ByteView data) {
  if (Status verified = scram_->on_server_final(as_text(data)); !verified.ok())
    return fail(verified.error().message);
  phase_ = Phase::kScramOk;
  return {};
}

StoreLoginStep StoreLogin::on_greeting_message(ByteView body, proto::BackendType type) {
  if (type == proto::BackendType::kParameterStatus) return on_parameter(body);
  if (type == proto::BackendType::kBackendKeyData) return on_key(body);
  return on_ready(body);
}

StoreLoginStep StoreLogin::on_parameter(ByteView body) {
  proto::ParameterStatus message;
  if (const proto::DecodeError error = decode(body, message)) return malformed(error);
  greeting_.parameters.push_back({std::string(message.name), std::string(message.value)});
  return {};
}

StoreLoginStep StoreLogin::on_key(ByteView body) {
  proto::BackendKeyData message;
  if (const proto::DecodeError error = decode(body, message)) return malformed(error);
  if (!greeting_.cancel_key.empty()) return fail("the store gives two cancel keys");
  greeting_.process_id = message.process_id;
  greeting_.cancel_key.assign(message.key.begin(), message.key.end());
  return {};
}

StoreLoginStep StoreLogin::on_ready(ByteView body) {
  proto::ReadyForQuery message;
  if (const proto::DecodeError error = decode(body, message)) return malformed(error);
  if (message.status != proto::TransactionStatus::kIdle)
    return fail("the store starts the session inside a transaction");
  phase_ = Phase::kOver;
  return {0, {}, Step::Next::kReady};
}

StoreLoginStep StoreLogin::on_error(ByteView body) {
  proto::ErrorResponse message;
  if (const proto::DecodeError error = decode(body, message)) return malformed(error);
  failure_ = {StoreLoginFailure::Source::kStore,
              Error(std::string(message.sqlstate()),
                    log::printable(message.find(proto::error_field::kMessage), kMaxErrorText)),
              phase_ == Phase::kGreeting};
  phase_ = Phase::kOver;
  return {0, {}, Step::Next::kFailed};
}

StoreLoginStep StoreLogin::on_notice(ByteView body) {
  proto::NoticeResponse message;
  if (const proto::DecodeError error = decode(body, message)) return malformed(error);
  ++greeting_.notices;
  return {};
}

}  // namespace tracegate::session
