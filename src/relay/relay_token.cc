// Tokens: whether one lets the client have the role that it asks for, and for how long a session
// that began with one may go on.
#include "src/base/log.h"
#include "src/policy/token_login.h"
#include "src/relay/relay.h"

namespace tracegate::relay {

using policy::TokenLogin;

namespace {

constexpr Microseconds kMaxLeaving = std::chrono::seconds(5);

}  // namespace

// The login waits here until the verdict is there, perhaps for newer keys of the issuer.
void Relay::verify_token() {
  client_->pause_reading();
  const TokenLogin login =
      judge_token([this](std::string_view issuer) { return worker_.keys_of(issuer); });
  if (login.outcome != TokenLogin::Outcome::kUnknownKey) return decide(login);
  worker_.ask_for_key(login.issuer, login.key_id, number_);
}

void Relay::on_keys_asked(const identity::JwkSet* keys) {
  if (phase_ != Phase::kLogin || !client_login_ || client_login_->token().empty()) return;
  decide(judge_token([keys](std::string_view /*issuer*/) { return keys; }));
}

TokenLogin Relay::judge_token(const policy::KeysOfIssuer& keys) const {
  return policy::judge_token(*login_settings_->policy, client_login_->token().reveal(),
                             client_login_->claim()->user, keys, now().wall);
}

void Relay::decide(const TokenLogin& login) {
  session::TokenDecision decision;
  decision.accepted = login.outcome == TokenLogin::Outcome::kAccepted;
  if (decision.accepted) {
    subject_ = login.subject;
    decision.role = client_login_->claim()->user;
  } else {
    decision.reason = login.reason;
  }
  client_->resume_reading();
  follow(client_login_->on_token(decision));
  if (phase_ == Phase::kLogin) on_client_login_data({});
}

// The subject may have the role now if it might when the session began, or the policy in force says
// so; and its token has not expired.
bool Relay::is_entitled(const policy::Snapshot& policy) {
  if (!subject_) return true;
  if (entitled_version_ != policy.version) {
    entitled_ = policy::why_no_longer(policy, role_, *subject_).empty();
    entitled_version_ = policy.version;
  }
  return entitled_;
}

bool Relay::has_expired(Instant time) const {
  return subject_ && time.wall >= subject_->expires_at;
}

// Whatever is under way: the statement is cancelled, its transaction is lost. A client that does
// not even take the rest of a message is left without a word.
void Relay::end_expired(Instant time) {
  constexpr std::string_view kMessage = "the token of this session has expired";
  constexpr std::string_view kHint = "Connect again with a fresh token.";
  if (phase_ != Phase::kActive) {
    shut_down(When::kAtOnce, "28000", kMessage, kHint);
    return;
  }
  if (!leaving_since_) {
    leaving_since_ = time.monotonic;
    if (!session_->idle()) cancel_statement();
    session_->leave("28000", std::string(kMessage), kHint);
    flush();
    settle();
  } else if (time.monotonic - *leaving_since_ >= kMaxLeaving) {
    end_session(kMessage);
  }
}

}  // namespace tracegate::relay
