// What the login of a client asks for once it has said who it is: SCRAM or a token.
#include "proto_pg/backend.h"
#include "proto_pg/error.h"
#include "proto_pg/framer.h"
#include "src/base/log.h"
#include "src/session/login/client_login.h"

namespace tracegate::session {
namespace {

using identity::OAuthBearerServer;
using identity::ScramServer;

// A SASL answer is a mechanism's name and at most a SCRAM message; a token has 16 KiB at most, and
// a few bytes around it.
constexpr std::uint32_t kMaxScramAnswer = identity::kMaxScramMessage + 64;
constexpr std::uint32_t kMaxTokenAnswer = (16 << 10) + 1024;
static_assert(kMaxTokenAnswer < kMaxLoginInput);

const proto::Framer& framer_for(LoginMethod method) {
  static const proto::Framer scram(proto::Direction::kFromClient,
                                   proto::FrameLimits{.max_password = kMaxScramAnswer});
  static const proto::Framer token(proto::Direction::kFromClient,
                                   proto::FrameLimits{.max_password = kMaxTokenAnswer});
  return method == LoginMethod::kScram ? scram : token;
}

Error to_error(const proto::DecodeError& error) {
  return Error(std::string(error.sqlstate), std::string(error.message));
}

}  // namespace

ClientLoginStep ClientLogin::begin_authentication(const proto::StartupMessage& message) {
  Step step;
  proto::NegotiateProtocolVersion negotiate{claim_->version, message.protocol_options()};
  if (message.version > proto::kLatestVersion || !negotiate.options.empty())
    encode(negotiate, step.send);

  switch (setup_.method) {
    case LoginMethod::kScram:
      begin_scram(step.send);
      break;
    case LoginMethod::kToken:
      encode(proto::Authentication(proto::AuthenticationCleartextPassword{}), step.send);
      phase_ = Phase::kPassword;
      break;
    case LoginMethod::kOAuthBearer:
      bearer_.emplace(setup_.openid_configuration, setup_.scope);
      encode(proto::Authentication(proto::AuthenticationSASL{{identity::kOAuthBearer}}), step.send);
      phase_ = Phase::kSaslInitial;
      break;
  }
  return step;
}

void ClientLogin::begin_scram(std::string& out) {
  const identity::LocalUser* user = users_.find(claim_->user);
  user_known_ = user != nullptr;
  if (user_known_) role_ = user->role;
  scram_.emplace(user_known_ ? &user->verifier : nullptr,
                 mock_.verifier_for(claim_->user, users_.forms()), std::exchange(end_point_, {}));
  proto::AuthenticationSASL offer;
  for (const identity::ScramMechanism mechanism : scram_->mechanisms())
    offer.mechanisms.push_back(to_string(mechanism));
  encode(proto::Authentication(std::move(offer)), out);
  phase_ = Phase::kSaslInitial;
}

ClientLoginStep ClientLogin::on_answer(ByteView input) {
  if (input.empty()) return {};
  if (input[0] != static_cast<std::uint8_t>(proto::FrontendType::kPassword))
    return refuse(Error("08P01", phase_ == Phase::kPassword ? "expected a password message"
                                                            : "expected a SASL response"));
  proto::FrameHeader header;
  proto::DecodeError error;
  switch (framer_for(setup_.method).peek(input, header, error)) {
    case proto::PeekStatus::kNeedMore:
    case proto::PeekStatus::kPartialStreamable:
      return {};
    case proto::PeekStatus::kError:
      return refuse(to_error(error));
    case proto::PeekStatus::kWhole:
      break;
  }
  Step step = on_answer_body(body_of(input, header));
  step.consumed = header.total();
  return step;
}

ClientLoginStep ClientLogin::on_answer_body(ByteView body) {
  if (phase_ == Phase::kPassword) {
    proto::PasswordMessage message;
    if (const proto::DecodeError error = decode(body, message)) return refuse(to_error(error));
    return verify(Secret(std::string(message.password)));
  }
  if (phase_ == Phase::kSaslInitial) {
    proto::SASLInitialResponse initial;
    if (const proto::DecodeError error = decode(body, initial)) return refuse(to_error(error));
    phase_ = Phase::kSaslResponse;
    return on_sasl({}, &initial);
  }
  proto::SASLResponse response;
  if (const proto::DecodeError error = decode(body, response)) return refuse(to_error(error));
  return on_sasl(as_text(response.data), nullptr);
}

// The first message chooses the mechanism, too.
ClientLoginStep ClientLogin::on_sasl(std::string_view data,
                                     const proto::SASLInitialResponse* initial) {
  std::optional<std::string_view> response;
  if (initial != nullptr && initial->response) response = as_text(*initial->response);
  if (bearer_)
    return on_reply(initial != nullptr ? bearer_->start(initial->mechanism, response)
                                       : bearer_->on_message(data));
  return on_reply(initial != nullptr ? scram_->start(initial->mechanism, response)
                                     : scram_->on_message(data));
}

ClientLoginStep ClientLogin::on_reply(const ScramServer::Reply& reply) {
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
  return refuse_exchange(reply.error);
}

ClientLoginStep ClientLogin::on_reply(OAuthBearerServer::Reply reply) {
  Step step;
  switch (reply.verdict) {
    case OAuthBearerServer::Reply::Verdict::kContinue:
      encode(proto::Authentication(proto::AuthenticationSASLContinue{as_bytes(reply.message)}),
             step.send);
      return step;
    case OAuthBearerServer::Reply::Verdict::kVerify:
      return verify(std::move(reply.token));
    case OAuthBearerServer::Reply::Verdict::kFailed:
      return refuse_token(why_not_.empty() ? "the client asked where to get a token" : why_not_);
    case OAuthBearerServer::Reply::Verdict::kRefused:
      break;
  }
  return refuse_exchange(reply.error);
}

ClientLoginStep ClientLogin::refuse_exchange(const Error& error) {
  std::string reason = error.message;
  if (!error.hint.empty()) reason.append(": ").append(error.hint);
  return refuse(error, reason);
}

ClientLoginStep ClientLogin::verify(Secret token) {
  token_ = std::move(token);
  phase_ = Phase::kToken;
  return {0, {}, Step::Next::kVerifyToken};
}

ClientLoginStep ClientLogin::on_token(const TokenDecision& decision) {
  TG_CHECK(phase_ == Phase::kToken, "a decision on no token");
  token_ = Secret();
  if (decision.accepted) {
    role_ = decision.role;
    phase_ = Phase::kOver;
    return {0, {}, Step::Next::kAuthenticated};
  }
  if (!bearer_) return refuse_token(decision.reason);
  why_not_ = decision.reason;
  phase_ = Phase::kSaslResponse;
  return on_reply(bearer_->reject());
}

ClientLoginStep ClientLogin::refuse_token(std::string_view reason) {
  return refuse(
      Error("28P01",
            "token authentication failed for user \"" + log::printable(claim_->user) + "\"",
            "The user names the role; the token has to be valid and to permit it."),
      reason);
}

std::string_view ClientLogin::method() const {
  switch (setup_.method) {
    case LoginMethod::kScram:
      return scram_->mechanism() == identity::ScramMechanism::kSha256Plus ? "scram-sha-256-plus"
                                                                          : "scram-sha-256";
    case LoginMethod::kToken:
      return "token";
    case LoginMethod::kOAuthBearer:
      return "oauthbearer";
  }
  return {};
}

}  // namespace tracegate::session
