// Whether a token is good, by the rules of its issuer: who it is about, and until when. RFC 8725
// (best practices), RFC 7519 section 7.2, RFC 9068 section 4 (access tokens).
// docs/identity_tokens.md has the order of the checks and the table of reasons.
//
// Pure: the keys and the time are handed in, so the caller decides how fresh both are. A fault of
// the token is a verdict and not an error. Threading: plain values; any number of threads may
// verify with the same rules and keys.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/crypto/public_key.h"
#include "src/identity/claims.h"
#include "src/identity/jwk_set.h"
#include "src/identity/token.h"
#include "src/identity/token_fault.h"

namespace tracegate::identity {

// A claim that must have exactly this value: a text, or a number or boolean as Json::scalar() has
// it.
struct RequiredClaim {
  ClaimPath path;
  std::string value;
};

// [issuer.NAME] of the policy.
struct IssuerRules {
  std::string name;
  std::string url;                              // iss, byte for byte
  std::vector<std::string> audience;            // aud must hold one of them, byte for byte
  std::vector<std::string> authorized_parties;  // if any: who the token may have been issued to
  std::vector<crypto::SignatureAlgorithm> algorithms = {
      crypto::SignatureAlgorithm::kRs256, crypto::SignatureAlgorithm::kPs256,
      crypto::SignatureAlgorithm::kEs256, crypto::SignatureAlgorithm::kEdDsa};
  // Without letter case; "" permits a token that names none.
  std::vector<std::string> token_types = {"at+jwt", "application/at+jwt", "JWT"};
  ClaimPath subject_claim = {"sub"};
  ClaimPath groups_claim = {"groups"};  // empty: its groups are not used
  // Claims that scopes use, under the names by which the scopes know them.
  std::map<std::string, ClaimPath, std::less<>> claims = {};
  Microseconds max_lifetime = std::chrono::hours(1);  // exp - iat
  std::optional<Microseconds> max_age = {};           // since iat; else max_lifetime
  Microseconds clock_skew = std::chrono::seconds(30);
  std::vector<RequiredClaim> require = {};
  std::vector<ClaimPath> forbid = {};
};

struct Subject {
  std::string issuer;   // the name in the policy
  std::string subject;  // is_claim_text()
  // As they stand in the token; with no such claim, none.
  std::vector<std::string> groups;
  // Those of IssuerRules::claims that the token has, under the names there.
  std::map<std::string, std::vector<std::string>, std::less<>> claims;
  Microseconds issued_at{};
  // From then on this token is refused: exp or max_age, whichever comes first, and the clock skew.
  Microseconds expires_at{};
  std::string token_id;  // jti; empty if there is none
};

struct TokenVerdict {
  enum class Outcome {
    kAccepted,    // `subject`
    kRefused,     // `refusal`
    kUnknownKey,  // newer keys of the issuer may help; `refusal` is the verdict if they do not
  };
  Outcome outcome = Outcome::kRefused;
  Subject subject = {};
  TokenRefusal refusal = {};
};

// For a token whose issuer no rules are there for.
[[nodiscard]] TokenRefusal unknown_issuer(const Token& token);

// `rules`: those whose url is the token's issuer; for any other the verdict is kIssuer. `now` is
// wall time.
[[nodiscard]] TokenVerdict verify_token(const Token& token, const IssuerRules& rules,
                                        const JwkSet& keys, Microseconds now);

}  // namespace tracegate::identity
