#include "src/policy/token_login.h"

#include <variant>

#include "src/identity/token.h"

namespace tracegate::policy {
namespace {

using identity::Token;
using identity::TokenFault;
using identity::TokenRefusal;
using identity::TokenVerdict;

TokenLogin refused(const TokenRefusal& refusal) {
  return {.outcome = TokenLogin::Outcome::kRefused, .reason = to_string(refusal)};
}

}  // namespace

TokenLogin judge_token(const Snapshot& policy, std::string_view text, std::string_view role,
                       const KeysOfIssuer& keys, Microseconds now) {
  const std::variant<Token, TokenRefusal> parsed = Token::parse(text);
  if (const auto* refusal = std::get_if<TokenRefusal>(&parsed)) return refused(*refusal);
  const Token& token = std::get<Token>(parsed);
  const Issuer* issuer = policy.find_issuer_of_url(token.issuer());
  if (issuer == nullptr)
    return refused({TokenFault::kIssuer, identity::shown("issuer", token.issuer())});
  TokenLogin login;
  login.issuer = issuer->rules.name;
  login.key_id = token.header().key_id.value_or(std::string());
  const identity::JwkSet* in_force = keys(login.issuer);
  if (in_force == nullptr) {
    login.outcome = TokenLogin::Outcome::kUnknownKey;
    login.reason = "there are no keys of issuer " + login.issuer + " to verify it with";
    return login;
  }
  TokenVerdict verdict = identity::verify_token(token, issuer->rules, *in_force, now);
  if (verdict.outcome != TokenVerdict::Outcome::kAccepted) {
    if (verdict.outcome == TokenVerdict::Outcome::kUnknownKey)
      login.outcome = TokenLogin::Outcome::kUnknownKey;
    login.reason = to_string(verdict.refusal);
    return login;
  }
  login.subject = std::move(verdict.subject);
  if (const std::string_view why = why_no_longer(policy, role, login.subject); !why.empty()) {
    login.reason = std::string(why) + " (" + login.issuer + ":" + login.subject.subject + ")";
    return login;
  }
  login.outcome = TokenLogin::Outcome::kAccepted;
  return login;
}

std::string_view why_no_longer(const Snapshot& policy, std::string_view role_name,
                               const identity::Subject& subject) {
  if (policy.find_issuer(subject.issuer) == nullptr) return "the issuer is not in the policy";
  const Role* role = policy.find_role(role_name);
  if (role == nullptr) return "the role does not exist";
  return role->may_be_had_by(subject) ? std::string_view() : "the subject may not have the role";
}

}  // namespace tracegate::policy
