// A token that may be anything. Input: one byte of choices, then either the text of a token or, for
// the checks behind the signature, a header and a payload with a line feed between them, which are
// signed here.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/readable.h"
#include "src/base/result.h"
#include "src/crypto/base64.h"
#include "src/crypto/signing_key.h"
#include "src/identity/token_rules.h"

using namespace tracegate;            // NOLINT
using namespace tracegate::identity;  // NOLINT

namespace {

constexpr Microseconds kNow = std::chrono::seconds(1'800'000'000);

const crypto::SigningKey& signer() {
  static const crypto::SigningKey key =
      crypto::SigningKey::from_seed(Secret(std::string(32, 's'))).value();
  return key;
}

const JwkSet& keys() {
  static const JwkSet set =
      JwkSet::parse(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":")" +
                    crypto::base64url_encode(signer().public_bytes()) + "\"}]}")
          .value();
  return set;
}

// With bit 2, rules that ask for more.
IssuerRules rules(unsigned choices) {
  IssuerRules made;
  made.name = "issuer";
  made.url = "https://issuer.example";
  made.audience = {"tracegate"};
  if ((choices & 2) != 0) {
    made.authorized_parties = {"cli"};
    made.require = {{{"tid"}, "t"}};
    made.forbid = {{"nonce"}};
    made.groups_claim = {"realm_access", "roles"};
    made.claims = {{"namespaces", {"namespaces"}}};
    made.max_age = std::chrono::minutes(5);
  }
  return made;
}

std::string signed_token(std::string_view parts) {
  const std::size_t end = std::min(parts.find('\n'), parts.size());
  std::string token = crypto::base64url_encode(as_bytes(parts.substr(0, end))) + ".";
  token += crypto::base64url_encode(as_bytes(parts.substr(std::min(end + 1, parts.size()))));
  return token + "." + crypto::base64url_encode(signer().sign(as_bytes(token)));
}

void check_accepted(const std::string& token, const IssuerRules& by, const Subject& subject) {
  TG_CHECK(subject.issuer == by.name && is_claim_text(subject.subject), "a subject without a name");
  TG_CHECK(subject.expires_at > kNow, "a session that is over before it begins");
  TG_CHECK(subject.issued_at <= kNow + by.clock_skew, "a token of the future");
  TG_CHECK(subject.groups.size() <= kMaxClaimValues, "too many groups");
  for (const std::string& group : subject.groups)
    TG_CHECK(is_claim_text(group), "a group without a name");
  const auto again = Token::parse(token);
  const auto later = [&](Microseconds now) {
    return verify_token(std::get<Token>(again), by, keys(), now).outcome;
  };
  TG_CHECK(later(subject.expires_at) == TokenVerdict::Outcome::kRefused,
           "a token that outlives its session");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choices = data[0];
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool sign = (choices & 1) != 0;
  const std::string text = sign ? signed_token(rest) : std::string(rest);
  const auto parsed = Token::parse(text);
  if (const TokenRefusal* refusal = std::get_if<TokenRefusal>(&parsed)) {
    check_readable(to_string(*refusal));
    return 0;
  }
  const IssuerRules by = rules(choices);
  const TokenVerdict verdict = verify_token(std::get<Token>(parsed), by, keys(), kNow);
  if (verdict.outcome == TokenVerdict::Outcome::kAccepted) {
    TG_CHECK(sign, "a signature that nobody made");
    check_accepted(text, by, verdict.subject);
  } else {
    const std::string reason = to_string(verdict.refusal);
    check_readable(reason);
    // Our own signatures cannot be in a token by chance.
    TG_CHECK(!sign || reason.find(text.substr(text.rfind('.') + 1)) == std::string::npos,
             "a reason that quotes the token");
  }
  return 0;
}
