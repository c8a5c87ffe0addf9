#include "src/identity/token_rules.h"

#include <gtest/gtest.h>

#include "tests/crypto/jose_vectors.h"
#include "tests/identity/test_tokens.h"

namespace tracegate::identity {
namespace {

using namespace testing;  // NOLINT: the test's own vocabulary
using crypto::SignatureAlgorithm;
using Outcome = TokenVerdict::Outcome;
using Values = std::vector<std::string>;
using std::chrono::seconds;

// Of a token that is accepted.
Subject subject_of(const std::string& token, const IssuerRules& rules = issuer_rules(),
                   Microseconds now = kNow) {
  const TokenVerdict verdict = verdict_of(token, rules, issuer_keys(), now);
  EXPECT_EQ(verdict.outcome, Outcome::kAccepted) << to_string(verdict.refusal);
  return verdict.subject;
}

std::string token_with(const Members& payload) {
  return signed_token(header_with(), payload_with(payload));
}

TEST(Token, IsTakenApart) {
  const std::string text = signed_token(header_with(), payload_with());
  const auto parsed = Token::parse(text);
  ASSERT_TRUE(std::holds_alternative<Token>(parsed));
  const Token& token = std::get<Token>(parsed);
  EXPECT_EQ(token.header().algorithm, SignatureAlgorithm::kRs256);
  EXPECT_EQ(token.header().key_id, "rsa");
  EXPECT_EQ(token.header().type, "at+jwt");
  EXPECT_EQ(token.issuer(), "https://issuer.example/oauth2");
  EXPECT_EQ(as_text(token.signing_input()), text.substr(0, text.rfind('.')));
  EXPECT_EQ(token.signature().size(), 256U);
  EXPECT_EQ(*token.payload().find("sub")->text(), "00u1alice");
}

// RFC 7515 appendix A.3 is a JWT, of somebody named joe who did not know of iat and aud.
TEST(Token, TheExampleOfTheSpecificationIsReadAndRefusedForWhatItLacks) {
  IssuerRules rules = issuer_rules();
  rules.url = "joe";
  rules.token_types = {""};
  const auto reason = [&] { return verdict_of(crypto::testing::kRfc7515A3, rules).refusal.fault; };
  EXPECT_EQ(to_string(reason()), to_string(TokenFault::kIssuedMissing));
  rules.algorithms = {SignatureAlgorithm::kRs256};
  EXPECT_EQ(to_string(reason()), to_string(TokenFault::kAlgorithm));
}

TEST(Token, UnknownHeaderMembersAndThumbprintsAreIgnored) {
  EXPECT_EQ(subject_of(
                signed_token(header_with({{"x5t", "\"abc\""}, {"x5t#S256", "\"d\""}, {"v", "[1]"}}),
                             payload_with()))
                .subject,
            "00u1alice");
}

TEST(Token, LimitsAreInclusive) {
  // Three bytes of a part are four of the token, so both parts have to be of the right length.
  const std::size_t empty = signed_token(header_with({{"x", R"("")"}}), payload_with()).size();
  const std::size_t room = (kMaxToken.value - empty) / 4 * 3 - 20;
  int full = 0;
  for (std::size_t in_header = 0; in_header < 4; ++in_header) {
    const std::string header = header_with({{"x", json_text(std::string(in_header, 'x'))}});
    for (std::size_t more = 0; more < 40; ++more) {
      const std::string token =
          signed_token(header, payload_with({{"x", json_text(std::string(room + more, 'x'))}}));
      if (token.size() != kMaxToken.value) continue;
      EXPECT_EQ(subject_of(token).subject, "00u1alice");
      ++full;
    }
  }
  EXPECT_GT(full, 0);
}

TEST(TokenRules, AGoodTokenGivesItsSubject) {
  const Subject subject = subject_of(token_with({}));
  EXPECT_EQ(subject.issuer, "okta");
  EXPECT_EQ(subject.subject, "00u1alice");
  EXPECT_EQ(subject.groups, (Values{"trace-readers", "support"}));
  EXPECT_TRUE(subject.claims.empty());
  EXPECT_EQ(subject.issued_at, kNow - seconds(60));
  EXPECT_EQ(subject.expires_at, kNow + seconds(630));
  EXPECT_EQ(subject.token_id, "id-1");
  EXPECT_EQ(subject_of(token_with({{"jti", ""}})).token_id, "");
}

TEST(TokenRules, EveryAlgorithmIsVerifiedWithItsKey) {
  IssuerRules rules = issuer_rules();
  rules.algorithms = {
      SignatureAlgorithm::kRs256, SignatureAlgorithm::kRs384, SignatureAlgorithm::kRs512,
      SignatureAlgorithm::kPs256, SignatureAlgorithm::kPs384, SignatureAlgorithm::kPs512,
      SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384, SignatureAlgorithm::kEdDsa};
  for (const SignatureAlgorithm algorithm : rules.algorithms) {
    const std::string name(crypto::to_string(algorithm));
    const bool rsa = name[0] == 'R' || name[0] == 'P';
    const TestKey& key = rsa               ? TestKey::rsa()
                         : name == "ES256" ? TestKey::p256()
                         : name == "ES384" ? TestKey::p384()
                                           : TestKey::ed25519();
    const std::string id = rsa               ? "rsa"
                           : name == "ES256" ? "p256"
                           : name == "ES384" ? "p384"
                                             : "ed25519";
    for (const std::string& kid : {"\"" + id + "\"", std::string()}) {
      const std::string token = signed_token(
          header_with({{"alg", "\"" + name + "\""}, {"kid", kid}}), payload_with(), key, algorithm);
      EXPECT_EQ(subject_of(token, rules).subject, "00u1alice") << name;
    }
  }
}

TEST(TokenRules, AKeyThatNobodyHasMayComeWithARefresh) {
  const std::string token = signed_token(header_with({{"kid", "\"new\""}}), payload_with());
  const TokenVerdict verdict = verdict_of(token);
  EXPECT_EQ(verdict.outcome, Outcome::kUnknownKey);
  EXPECT_EQ(to_string(verdict.refusal), "unknown key (key \"new\")");
  const JwkSet refreshed =
      JwkSet::parse("{\"keys\":[{" + TestKey::rsa().jwk_members() + ",\"kid\":\"new\"}]}").value();
  EXPECT_EQ(verdict_of(token, issuer_rules(), refreshed).outcome, Outcome::kAccepted);

  // Without an id, no key for the algorithm at all.
  const JwkSet other =
      JwkSet::parse("{\"keys\":[{" + TestKey::p256().jwk_members() + "}]}").value();
  EXPECT_EQ(
      verdict_of(signed_token(header_with({{"kid", ""}}), payload_with()), issuer_rules(), other)
          .outcome,
      Outcome::kUnknownKey);
}

// The keys of two issuers may share an id; only those of the token's issuer count.
TEST(TokenRules, AKeyOfAnotherIssuerDoesNotHelp) {
  const JwkSet theirs =
      JwkSet::parse("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"rsa\",\"n\":\"" +
                    std::string(crypto::testing::kRfc7520Modulus) + "\"}]}")
          .value();
  const TokenVerdict verdict = verdict_of(token_with({}), issuer_rules(), theirs);
  EXPECT_EQ(verdict.outcome, Outcome::kRefused);
  EXPECT_EQ(to_string(verdict.refusal), "wrong signature (key \"rsa\")");
}

TEST(TokenRules, TypesAreComparedWithoutLetterCase) {
  for (const std::string_view type : {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"})
    EXPECT_EQ(subject_of(signed_token(header_with({{"typ", "\"" + std::string(type) + "\""}}),
                                      payload_with()))
                  .subject,
              "00u1alice")
        << type;
  IssuerRules rules = issuer_rules();
  rules.token_types = {""};
  EXPECT_EQ(subject_of(signed_token(header_with({{"typ", ""}}), payload_with()), rules).subject,
            "00u1alice");
  EXPECT_EQ(verdict_of(token_with({}), rules).outcome, Outcome::kRefused);
  rules.token_types = {};
  EXPECT_EQ(verdict_of(token_with({}), rules).outcome, Outcome::kRefused);
}

TEST(TokenRules, TheClockMayBeOffByTheSkew) {
  const auto at = [](std::int64_t from_now) { return std::to_string(kNowSeconds + from_now); };
  EXPECT_EQ(subject_of(token_with({{"exp", at(-29)}})).expires_at, kNow + seconds(1));
  EXPECT_EQ(subject_of(token_with({{"iat", at(30)}})).issued_at, kNow + seconds(30));
  subject_of(token_with({{"nbf", at(30)}}));
  subject_of(token_with({{"iat", at(-3000)}, {"exp", at(600)}}));

  IssuerRules exact = issuer_rules();
  exact.clock_skew = seconds(0);
  EXPECT_EQ(verdict_of(token_with({{"exp", at(0)}}), exact).outcome, Outcome::kRefused);
  EXPECT_EQ(subject_of(token_with({{"exp", at(1)}}), exact).expires_at, kNow + seconds(1));
  EXPECT_EQ(verdict_of(token_with({{"nbf", at(1)}}), exact).outcome, Outcome::kRefused);
  EXPECT_EQ(verdict_of(token_with({{"iat", at(1)}}), exact).outcome, Outcome::kRefused);
}

TEST(TokenRules, TimesMayHaveFractions) {
  const Subject subject =
      subject_of(token_with({{"iat", "1799999999.25"}, {"exp", "1.8000001e9"}}));
  EXPECT_EQ(subject.issued_at, Microseconds(1'799'999'999'250'000));
  EXPECT_EQ(subject.expires_at, kNow + seconds(130));
}

// Whatever ends first: the token itself, or the age that is permitted.
TEST(TokenRules, ExpiryIsTheInstantFromWhichTheTokenIsRefused) {
  IssuerRules rules = issuer_rules();
  for (const auto max_age : {seconds(100), seconds(300), seconds(3600)}) {
    rules.max_age = max_age;
    const std::string token = token_with({});
    const Microseconds end = subject_of(token, rules).expires_at;
    EXPECT_EQ(verdict_of(token, rules, issuer_keys(), end - Microseconds(1)).outcome,
              Outcome::kAccepted);
    EXPECT_EQ(verdict_of(token, rules, issuer_keys(), end).outcome, Outcome::kRefused);
  }
  EXPECT_EQ(
      to_string(verdict_of(token_with({}), rules, issuer_keys(), kNow + seconds(630)).refusal),
      "expired (subject \"00u1alice\")");
  rules.max_age = seconds(100);
  EXPECT_EQ(to_string(verdict_of(token_with({}), rules, issuer_keys(), kNow + seconds(70)).refusal),
            "older than permitted (subject \"00u1alice\")");
}

TEST(TokenRules, LifetimeIsLimitedInclusively) {
  const auto at = [](std::int64_t from_now) { return std::to_string(kNowSeconds + from_now); };
  subject_of(token_with({{"exp", at(-60 + 3600)}}));
  IssuerRules rules = issuer_rules();
  rules.max_lifetime = std::chrono::hours(24);
  subject_of(token_with({{"exp", at(-60 + 86400)}}), rules);
  EXPECT_EQ(verdict_of(token_with({{"exp", at(-60 + 86401)}}), rules).outcome, Outcome::kRefused);
}

TEST(TokenRules, TheAudienceIsOneOfThoseInTheToken) {
  for (const std::string_view aud :
       {R"("tracegate")", R"("https://tracegate.example")", R"(["tracegate"])",
        R"(["other","tracegate"])", R"(["","https://tracegate.example","x"])"})
    EXPECT_EQ(subject_of(token_with({{"aud", std::string(aud)}})).subject, "00u1alice") << aud;
  IssuerRules nobody = issuer_rules();
  nobody.audience = {};
  EXPECT_EQ(verdict_of(token_with({}), nobody).outcome, Outcome::kRefused);
}

TEST(TokenRules, TheAuthorizedPartyStandsUnderAnyOfItsNames) {
  IssuerRules rules = issuer_rules();
  rules.authorized_parties = {"cli", "portal"};
  for (const char* name : {"azp", "client_id", "appid", "cid"})
    subject_of(token_with({{name, "\"portal\""}}), rules);
  subject_of(token_with({{"azp", "\"cli\""}, {"client_id", "\"portal\""}}), rules);
  // Nobody looks at it where the policy names none.
  subject_of(token_with({{"azp", "\"anybody\""}}));
}

TEST(TokenRules, SubjectAndGroupsStandWhereThePolicySays) {
  IssuerRules rules = issuer_rules();
  rules.subject_claim = {"preferred_username"};
  rules.groups_claim = {"realm_access", "roles"};
  const std::string token = token_with(
      {{"preferred_username", "\"Jos\xc3\xa9\""}, {"realm_access", R"({"roles":"one"})"}});
  EXPECT_EQ(subject_of(token, rules).subject, "Jos\xc3\xa9");
  EXPECT_EQ(subject_of(token, rules).groups, Values{"one"});

  rules.groups_claim = {"https://acme.example/groups"};
  EXPECT_EQ(subject_of(token, rules).groups, Values{});
  rules.groups_claim = {};
  EXPECT_EQ(subject_of(token, rules).groups, Values{});
  rules.subject_claim = {};
  EXPECT_EQ(verdict_of(token, rules).refusal.fault, TokenFault::kSubjectMissing);
}

TEST(TokenRules, AThousandGroupsAreReadWhole) {
  std::string groups = "[\"g0\"";
  for (int i = 1; i < 1000; ++i) groups += ",\"g" + std::to_string(i) + "\"";
  groups += "]";
  const Subject subject = subject_of(token_with({{"groups", groups}}));
  EXPECT_EQ(subject.groups.size(), 1000U);
  EXPECT_EQ(subject.groups.back(), "g999");
}

TEST(TokenRules, ClaimsOfScopesComeUnderTheNamesOfThePolicy) {
  IssuerRules rules = issuer_rules();
  rules.claims = {{"namespaces", {"trace", "namespaces"}},
                  {"level", {"https://acme.example/level"}},
                  {"on_call", {"on_call"}},
                  {"absent", {"trace", "absent"}}};
  const Subject subject = subject_of(token_with({{"trace", R"({"namespaces":["a","b"]})"},
                                                 {"https://acme.example/level", "3"},
                                                 {"on_call", "true"}}),
                                     rules);
  EXPECT_EQ(subject.claims,
            (decltype(subject.claims){
                {"namespaces", {"a", "b"}}, {"level", {"3"}}, {"on_call", {"true"}}}));
}

TEST(TokenRules, RequiredValuesAreComparedAsTexts) {
  IssuerRules rules = issuer_rules();
  rules.require = {{{"tid"}, "t"}, {{"verified"}, "true"}, {{"a", "level"}, "2"}};
  rules.forbid = {{"a", "nonce"}};
  const Members good = {{"tid", "\"t\""}, {"verified", "true"}, {"a", R"({"level":2})"}};
  subject_of(token_with(good), rules);
  Members forbidden = good;
  forbidden["a"] = R"({"level":2,"nonce":""})";
  EXPECT_EQ(to_string(verdict_of(token_with(forbidden), rules).refusal),
            "forbidden claim (subject \"00u1alice\", claim a.nonce)");
}

TEST(TokenRules, DefaultsPermitNoSharedSecretsAndNoLongLives) {
  const IssuerRules rules;
  EXPECT_EQ(rules.algorithms.size(), 4U);
  EXPECT_EQ(rules.max_lifetime, std::chrono::hours(1));
  EXPECT_EQ(rules.clock_skew, seconds(30));
  EXPECT_EQ(verdict_of(token_with({}), rules).refusal.fault, TokenFault::kIssuer);
}

}  // namespace
}  // namespace tracegate::identity
