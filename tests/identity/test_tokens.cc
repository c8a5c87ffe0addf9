#include "tests/identity/test_tokens.h"

#include "src/crypto/base64.h"

namespace tracegate::identity::testing {
namespace {

std::string changed(Members members, const Members& changes) {
  for (const auto& [name, value] : changes) {
    if (value.empty()) {
      members.erase(name);
    } else {
      members[name] = value;
    }
  }
  return object_of(members);
}

}  // namespace

std::string object_of(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out += ',';
    out.append("\"").append(name).append("\":").append(value);
  }
  return out + "}";
}

std::string json_text(std::string_view text) {
  return std::string("\"").append(text).append("\"");
}

std::string header_with(const Members& changes) {
  return changed({{"alg", "\"RS256\""}, {"kid", "\"rsa\""}, {"typ", "\"at+jwt\""}}, changes);
}

std::string payload_with(const Members& changes) {
  return changed({{"iss", "\"https://issuer.example/oauth2\""},
                  {"aud", "\"tracegate\""},
                  {"sub", "\"00u1alice\""},
                  {"iat", std::to_string(kNowSeconds - 60)},
                  {"exp", std::to_string(kNowSeconds + 600)},
                  {"jti", "\"id-1\""},
                  {"groups", R"(["trace-readers","support"])"},
                  {"email", "\"never-quote-this@example.com\""}},
                 changes);
}

std::string encoded(std::string_view part) {
  return crypto::base64url_encode(as_bytes(part));
}

std::string signed_parts(const std::string& header, const std::string& payload, const TestKey& key,
                         crypto::SignatureAlgorithm algorithm) {
  std::string out = header + "." + payload;
  const Bytes signature = key.sign(algorithm, as_bytes(out));
  return out + "." + crypto::base64url_encode(signature);
}

std::string signed_token(std::string_view header, std::string_view payload, const TestKey& key,
                         crypto::SignatureAlgorithm algorithm) {
  return signed_parts(encoded(header), encoded(payload), key, algorithm);
}

const JwkSet& issuer_keys() {
  static const JwkSet keys =
      JwkSet::parse("{\"keys\":[{" + TestKey::rsa().jwk_members() + ",\"kid\":\"rsa\"},{" +
                    TestKey::p256().jwk_members() + ",\"kid\":\"p256\"},{" +
                    TestKey::p384().jwk_members() + ",\"kid\":\"p384\"},{" +
                    TestKey::ed25519().jwk_members() + ",\"kid\":\"ed25519\"}]}")
          .value();
  return keys;
}

IssuerRules issuer_rules() {
  IssuerRules rules;
  rules.name = "okta";
  rules.url = "https://issuer.example/oauth2";
  rules.audience = {"tracegate", "https://tracegate.example"};
  return rules;
}

TokenVerdict verdict_of(std::string_view token, const IssuerRules& rules, const JwkSet& keys,
                        Microseconds now) {
  auto parsed = Token::parse(token);
  if (TokenRefusal* refusal = std::get_if<TokenRefusal>(&parsed))
    return {TokenVerdict::Outcome::kRefused, {}, std::move(*refusal)};
  return verify_token(std::get<Token>(parsed), rules, keys, now);
}

}  // namespace tracegate::identity::testing
