// Whether a token lets its bearer have a role: the token by the rules of its issuer, the role by
// its groups and subjects.
//
// Whatever is wrong, the client is told one and the same; `reason` is for the record. A role that
// does not exist takes as long as one that does: the token is verified first.
// Threading: pure functions.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/identity/jwk_set.h"
#include "src/identity/token_rules.h"
#include "src/policy/policy.h"

namespace tracegate::policy {

struct TokenLogin {
  enum class Outcome {
    kAccepted,    // `subject`
    kRefused,     // `reason`
    kUnknownKey,  // newer keys of `issuer` may help, of which one is `key_id`; else `reason`
  };
  Outcome outcome = Outcome::kRefused;
  identity::Subject subject = {};
  std::string reason = {};
  std::string issuer = {};  // its name in the policy
  std::string key_id = {};  // empty: the token names none
};

// The keys in force of the issuer of this name; null: none.
using KeysOfIssuer = std::function<const identity::JwkSet*(std::string_view issuer)>;

// `now` is wall time.
[[nodiscard]] TokenLogin judge_token(const Snapshot& policy, std::string_view token,
                                     std::string_view role, const KeysOfIssuer& keys,
                                     Microseconds now);

// Why the subject of a token that was accepted earlier may not have the role any more, by the
// policy of now; empty if it still may.
[[nodiscard]] std::string_view why_no_longer(const Snapshot& policy, std::string_view role,
                                             const identity::Subject& subject);

}  // namespace tracegate::policy
