#include "src/identity/token_rules.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace tracegate::identity {
namespace {

using Refused = std::optional<TokenRefusal>;

constexpr double kEndOfTime = 253402300800;  // 10000-01-01T00:00:00Z in seconds

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// NumericDate of RFC 7519 section 2: seconds, perhaps with a fraction. Nothing if the claim is no
// number or outside of the years 1970 to 9999.
std::optional<Microseconds> numeric_date(const Json& claim) {
  const double* seconds = claim.number();
  if (seconds == nullptr || !(*seconds >= 0 && *seconds < kEndOfTime)) return std::nullopt;
  return Microseconds(static_cast<Microseconds::rep>(std::floor(*seconds * 1e6)));
}

class Verification {
 public:
  Verification(const Token& token, const IssuerRules& rules, const JwkSet& keys, Microseconds now)
      : token_(token), payload_(token.payload()), rules_(rules), keys_(keys), now_(now) {}

  TokenVerdict run() {
    using Step = Refused (Verification::*)();
    static constexpr Step kSteps[] = {
        &Verification::check_issuer,   &Verification::check_signature, &Verification::check_times,
        &Verification::check_audience, &Verification::check_parties,   &Verification::check_demands,
        &Verification::read_subject,   &Verification::read_groups,     &Verification::read_claims,
    };
    subject_.issuer = rules_.name;
    for (const Step step : kSteps) {
      if (Refused refused = (this->*step)()) {
        const bool unknown_key = refused->fault == TokenFault::kUnknownKey;
        return {unknown_key ? TokenVerdict::Outcome::kUnknownKey : TokenVerdict::Outcome::kRefused,
                {},
                std::move(*refused)};
      }
    }
    return {TokenVerdict::Outcome::kAccepted, std::move(subject_), {}};
  }

 private:
  // Once the signature holds, records say whose token it was.
  [[nodiscard]] TokenRefusal refuse(TokenFault fault, std::string_view detail = {}) const {
    TokenRefusal refusal{fault, {}};
    const Json* subject = find_claim(payload_, rules_.subject_claim);
    if (subject != nullptr && subject->text() != nullptr)
      refusal.detail = shown("subject", *subject->text());
    if (!detail.empty()) refusal.detail.append(refusal.detail.empty() ? "" : ", ").append(detail);
    return refusal;
  }
  [[nodiscard]] TokenRefusal refuse_claim(TokenFault fault, const ClaimPath& path) const {
    return refuse(fault, "claim " + to_string(path));
  }

  Refused check_issuer() {
    if (token_.issuer() != rules_.url) return unknown_issuer(token_);
    const TokenHeader& header = token_.header();
    if (std::find(rules_.algorithms.begin(), rules_.algorithms.end(), header.algorithm) ==
        rules_.algorithms.end())
      return TokenRefusal{TokenFault::kAlgorithm, std::string(crypto::to_string(header.algorithm))};
    if (std::none_of(
            rules_.token_types.begin(), rules_.token_types.end(),
            [&](const std::string& type) { return equal_without_case(type, header.type); }))
      return TokenRefusal{TokenFault::kType, {}};
    return std::nullopt;
  }

  Refused check_signature() {
    const TokenHeader& header = token_.header();
    const JwkSet::Choice choice = keys_.choose(header.key_id, header.algorithm);
    const std::string key = header.key_id ? shown("key", *header.key_id) : std::string("no key id");
    switch (choice.outcome) {
      case JwkSet::Choice::Outcome::kUnknown:
        return TokenRefusal{TokenFault::kUnknownKey, key};
      case JwkSet::Choice::Outcome::kUnfit:
        return TokenRefusal{TokenFault::kUnfitKey, key};
      case JwkSet::Choice::Outcome::kAmbiguous:
        return TokenRefusal{TokenFault::kAmbiguousKey, key};
      case JwkSet::Choice::Outcome::kFound:
        break;
    }
    if (!choice.key->verify(header.algorithm, token_.signing_input(), token_.signature()))
      return TokenRefusal{TokenFault::kSignature, key};
    return std::nullopt;
  }

  Refused check_times() {
    std::optional<Microseconds> expires;
    std::optional<Microseconds> issued;
    std::optional<Microseconds> begins;
    if (Refused refused = read_time("exp", TokenFault::kExpiryMalformed, expires)) return refused;
    if (Refused refused = read_time("iat", TokenFault::kIssuedMalformed, issued)) return refused;
    if (Refused refused = read_time("nbf", TokenFault::kBeginMalformed, begins)) return refused;
    if (!expires) return refuse(TokenFault::kExpiryMissing);
    if (!issued) return refuse(TokenFault::kIssuedMissing);

    const Microseconds skew = rules_.clock_skew;
    const Microseconds too_old = *issued + rules_.max_age.value_or(rules_.max_lifetime);
    if (*expires <= *issued) return refuse(TokenFault::kTimesReversed);
    if (now_ >= *expires + skew) return refuse(TokenFault::kExpired);
    if (begins && *begins > now_ + skew) return refuse(TokenFault::kNotYetValid);
    if (*issued > now_ + skew) return refuse(TokenFault::kIssuedInFuture);
    if (*expires - *issued > rules_.max_lifetime) return refuse(TokenFault::kLongLived);
    if (now_ >= too_old + skew) return refuse(TokenFault::kTooOld);
    subject_.issued_at = *issued;
    subject_.expires_at = std::min(*expires, too_old) + skew;
    return std::nullopt;
  }

  // Leaves `into` empty if there is no such claim.
  Refused read_time(std::string_view name, TokenFault malformed,
                    std::optional<Microseconds>& into) const {
    const Json* claim = payload_.find(name);
    if (claim == nullptr) return std::nullopt;
    into = numeric_date(*claim);
    if (!into) return refuse(malformed);
    return std::nullopt;
  }

  Refused check_audience() {
    const Json* aud = payload_.find("aud");
    if (aud == nullptr) return refuse(TokenFault::kAudienceMissing);
    const std::span<const Json> all =
        aud->list() == nullptr ? std::span<const Json>(aud, 1) : std::span(*aud->list());
    const auto is_text = [](const Json& each) { return each.text() != nullptr; };
    if (!std::all_of(all.begin(), all.end(), is_text))
      return refuse(TokenFault::kAudienceMalformed);
    const auto is_ours = [&](const Json& each) { return contains(rules_.audience, *each.text()); };
    if (!std::any_of(all.begin(), all.end(), is_ours)) return refuse(TokenFault::kAudience);
    return std::nullopt;
  }

  // OpenID Connect Core section 2 (azp), RFC 9068 section 2.2 (client_id), and what Entra ID and
  // Okta call it. A token that has several must have good ones only.
  Refused check_parties() {
    if (rules_.authorized_parties.empty()) return std::nullopt;
    bool found = false;
    for (const std::string_view name : {"azp", "client_id", "appid", "cid"}) {
      const Json* party = payload_.find(name);
      if (party == nullptr) continue;
      if (party->text() == nullptr || !contains(rules_.authorized_parties, *party->text()))
        return refuse_claim(TokenFault::kParty, {std::string(name)});
      found = true;
    }
    if (!found) return refuse(TokenFault::kPartyMissing);
    return std::nullopt;
  }

  Refused check_demands() {
    for (const RequiredClaim& required : rules_.require) {
      const Json* claim = find_claim(payload_, required.path);
      if (claim == nullptr || claim->scalar() != required.value)
        return refuse_claim(TokenFault::kRequiredClaim, required.path);
    }
    for (const ClaimPath& path : rules_.forbid)
      if (find_claim(payload_, path) != nullptr)
        return refuse_claim(TokenFault::kForbiddenClaim, path);
    return std::nullopt;
  }

  Refused read_subject() {
    const Json* claim = find_claim(payload_, rules_.subject_claim);
    if (claim == nullptr) return refuse(TokenFault::kSubjectMissing);
    if (claim->text() == nullptr || !is_claim_text(*claim->text()))
      return refuse(TokenFault::kSubject);
    subject_.subject = *claim->text();
    if (const Json* id = payload_.find("jti")) {
      if (id->text() == nullptr || !is_claim_text(*id->text())) return refuse(TokenFault::kTokenId);
      subject_.token_id = *id->text();
    }
    return std::nullopt;
  }

  // Entra ID leaves the groups out of a token where they are too many, and says so in one of these
  // (OpenID Connect Core section 5.6.2 for the first two). Whoever takes that for "no groups" may
  // let somebody pass a rule that keeps a group out.
  Refused read_groups() {
    for (const std::string_view marker : {"_claim_names", "_claim_sources", "hasgroups"})
      if (payload_.find(marker) != nullptr)
        return refuse_claim(TokenFault::kGroupOverage, {std::string(marker)});
    const Json* claim = find_claim(payload_, rules_.groups_claim);
    if (claim == nullptr) return std::nullopt;
    if (claim->list() != nullptr && claim->list()->size() > kMaxClaimValues)
      return refuse(TokenFault::kTooManyGroups);
    auto groups = claim_values(*claim, ClaimTypes::kTexts);
    if (!groups) return refuse_claim(TokenFault::kGroups, rules_.groups_claim);
    subject_.groups = std::move(*groups);
    return std::nullopt;
  }

  Refused read_claims() {
    for (const auto& [name, path] : rules_.claims) {
      const Json* claim = find_claim(payload_, path);
      if (claim == nullptr) continue;
      auto values = claim_values(*claim, ClaimTypes::kScalars);
      if (!values) return refuse_claim(TokenFault::kClaim, path);
      subject_.claims.emplace(name, std::move(*values));
    }
    return std::nullopt;
  }

  const Token& token_;
  const Json& payload_;
  const IssuerRules& rules_;
  const JwkSet& keys_;
  const Microseconds now_;
  Subject subject_;
};

}  // namespace

TokenRefusal unknown_issuer(const Token& token) {
  return {TokenFault::kIssuer, shown("issuer", token.issuer())};
}

TokenVerdict verify_token(const Token& token, const IssuerRules& rules, const JwkSet& keys,
                          Microseconds now) {
  return Verification(token, rules, keys, now).run();
}

}  // namespace tracegate::identity
