#include "src/identity/jwk_set.h"

#include <gtest/gtest.h>

#include "tests/crypto/jose_vectors.h"
#include "tests/crypto/test_keys.h"

namespace tracegate::identity {
namespace {

using crypto::KeyType;
using crypto::SignatureAlgorithm;
using crypto::testing::TestKey;
using Outcome = JwkSet::Choice::Outcome;

std::string set_of(std::initializer_list<std::string> keys) {
  std::string out = "{\"keys\":[";
  for (const std::string& key : keys) {
    if (out.back() == '}') out += ',';
    out += key;
  }
  return out + "]}";
}

// The public JWK with `more` members: R"("kid":"a")".
std::string jwk(const TestKey& key, const std::string& more = {}) {
  return "{" + key.jwk_members() + (more.empty() ? "" : ",") + more + "}";
}

JwkSet parsed(const std::string& text) {
  auto set = JwkSet::parse(text);
  EXPECT_TRUE(set.ok()) << set.error().message;
  return std::move(set).value();
}

// Why the first of two keys is skipped.
std::optional<JwkFault> fault_of(const std::string& key) {
  const JwkSet set = parsed(set_of({key, jwk(TestKey::ed25519(), R"("kid":"good")")}));
  EXPECT_EQ(set.keys().size() + set.skipped().size(), 2U);
  if (set.skipped().empty()) return std::nullopt;
  EXPECT_EQ(set.skipped()[0].position, 1U);
  return set.skipped()[0].fault;
}

TEST(JwkSet, KeysOfEveryTypeAreRead) {
  const JwkSet set = parsed(
      set_of({jwk(TestKey::rsa(), R"("kid":"r","use":"sig","alg":"PS256")"),
              jwk(TestKey::p256(), R"("kid":"e","key_ops":["verify"])"), jwk(TestKey::p384()),
              jwk(TestKey::p521(), R"("use":"sig","key_ops":["sign","verify"])"),
              jwk(TestKey::ed25519(),
                  R"("alg":"EdDSA","x5c":["ignored"],"x5t":"x","unknown":{"a":[]})")}));
  ASSERT_EQ(set.keys().size(), 5U);
  EXPECT_TRUE(set.skipped().empty());
  EXPECT_EQ(set.keys()[0].key_id, "r");
  EXPECT_EQ(set.keys()[0].algorithm, SignatureAlgorithm::kPs256);
  EXPECT_EQ(set.keys()[1].algorithm, std::nullopt);
  EXPECT_EQ(set.keys()[2].key_id, std::nullopt);
  const KeyType types[] = {KeyType::kRsa, KeyType::kP256, KeyType::kP384, KeyType::kP521,
                           KeyType::kEd25519};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(set.keys()[i].key.type(), types[i]);
  EXPECT_TRUE(set.keys()[0].key == TestKey::rsa().public_key());
  EXPECT_TRUE(set.keys()[4].key == TestKey::ed25519().public_key());
}

TEST(JwkSet, UnusableKeysAreSkippedWithTheirReason) {
  const std::string n(crypto::testing::kRfc7515A2Modulus);
  const std::string rsa = R"("kty":"RSA","e":"AQAB","n":")";
  const std::string p256_x = R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")";
  const std::string p256_y = R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
  const std::string p256 = R"("kty":"EC","crv":"P-256")";
  const std::pair<std::string, JwkFault> cases[] = {
      {R"({"kty":"XYZ","x":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"rsa","n":"AQAB","e":"AQAB"})", JwkFault::kUnsupported},
      {R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"OKP","crv":"X25519","x":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"OKP","crv":"Ed448","x":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"EC","crv":"Ed25519","x":"AA","y":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"OKP","crv":"P-256","x":"AA","y":"AA"})", JwkFault::kUnsupported},
      {R"({"kty":"EC","crv":"p-256","x":"AA","y":"AA"})", JwkFault::kUnsupported},
      // Private halves and shared secrets.
      {R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"})", JwkFault::kSecret},
      {jwk(TestKey::rsa(), R"("d":"AA")"), JwkFault::kSecret},
      {jwk(TestKey::rsa(), R"("p":"AA")"), JwkFault::kSecret},
      {jwk(TestKey::rsa(), R"("oth":[])"), JwkFault::kSecret},
      {jwk(TestKey::p256(), R"("d":null)"), JwkFault::kSecret},
      {jwk(TestKey::p256(), R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")"),
       JwkFault::kSecret},
      {jwk(TestKey::ed25519(), R"("kid":"x","d":"AA","use":"enc")"), JwkFault::kSecret},
      // For something else.
      {jwk(TestKey::rsa(), R"("use":"enc")"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("use":"SIG")"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("use":"")"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("use":null)"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("use":["sig"])"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("key_ops":[])"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("key_ops":["sign"])"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("key_ops":"verify")"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("key_ops":[["verify"]])"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("use":"enc","key_ops":["verify"])"), JwkFault::kUse},
      {jwk(TestKey::rsa(), R"("use":"sig","key_ops":["encrypt"])"), JwkFault::kUse},
      // For an algorithm that does not fit.
      {jwk(TestKey::rsa(), R"("alg":"RSA-OAEP")"), JwkFault::kAlgorithm},
      {jwk(TestKey::rsa(), R"("alg":"HS256")"), JwkFault::kAlgorithm},
      {jwk(TestKey::rsa(), R"("alg":"none")"), JwkFault::kAlgorithm},
      {jwk(TestKey::rsa(), R"("alg":"ES256")"), JwkFault::kAlgorithm},
      {jwk(TestKey::rsa(), R"("alg":7)"), JwkFault::kAlgorithm},
      {jwk(TestKey::p256(), R"("alg":"ES384")"), JwkFault::kAlgorithm},
      {jwk(TestKey::p256(), R"("alg":"RS256")"), JwkFault::kAlgorithm},
      // Ids.
      {jwk(TestKey::rsa(), R"("kid":1)"), JwkFault::kKeyId},
      {jwk(TestKey::rsa(), R"("kid":"")"), JwkFault::kKeyId},
      {jwk(TestKey::rsa(), R"("kid":null)"), JwkFault::kKeyId},
      {jwk(TestKey::rsa(), R"("kid":")" + std::string(256, 'k') + "\""), JwkFault::kKeyId},
      // Members.
      {R"({})", JwkFault::kMember},
      {R"({"n":"AA","e":"AQAB"})", JwkFault::kMember},
      {R"({"kty":1})", JwkFault::kMember},
      {R"({"kty":["RSA"]})", JwkFault::kMember},
      {R"({"kty":"RSA","e":"AQAB"})", JwkFault::kMember},
      {R"({"kty":"RSA","n":")" + n + "\"}", JwkFault::kMember},
      {R"({"kty":"RSA","e":65537,"n":")" + n + "\"}", JwkFault::kMember},
      {"{" + rsa + n + "=\"}", JwkFault::kMember},
      {"{" + rsa + "+" + n.substr(1) + "\"}", JwkFault::kMember},
      {"{" + rsa + " " + n + "\"}", JwkFault::kMember},
      {"{" + rsa + "\"}", JwkFault::kMember},
      {R"({"kty":"EC",)" + p256_x + "," + p256_y + "}", JwkFault::kMember},
      {"{" + p256 + "," + p256_x + "}", JwkFault::kMember},
      {"{" + p256 + "," + p256_y + "}", JwkFault::kMember},
      {R"({"kty":"OKP","crv":"Ed25519"})", JwkFault::kMember},
      // Keys that PublicKey refuses.
      {"{" + rsa + n.substr(0, 172) + "\"}", JwkFault::kKey},
      {R"({"kty":"RSA","e":"Aw","n":")" + n + "\"}", JwkFault::kKey},
      {R"({"kty":"RSA","e":"AQAA","n":")" + n + "\"}", JwkFault::kKey},
      {"{" + rsa + "AAAA" + n + "\"}", JwkFault::kKey},
      {"{" + p256 + "," + p256_x + R"(,"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"})",
       JwkFault::kMember},
      {"{" + p256 + "," + p256_x + R"(,"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"})",
       JwkFault::kKey},
      {"{" + p256 + "," + p256_x + R"(,"y":"AA"})", JwkFault::kKey},
      {R"({"kty":"EC","crv":"P-384",)" + p256_x + "," + p256_y + "}", JwkFault::kKey},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})",
       JwkFault::kKey},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", JwkFault::kKey},
  };
  for (const auto& [key, fault] : cases) {
    const auto found = fault_of(key);
    ASSERT_TRUE(found.has_value()) << key;
    EXPECT_EQ(to_string(*found), to_string(fault)) << key;
  }
}

TEST(JwkSet, ReasonsForTheLogNameTheKeyAndNothingElseOfIt) {
  const JwkSet set = parsed(set_of({
      jwk(TestKey::rsa(), R"("kid":"a\u001b[2J","use":"enc")"),
      R"({"kty":"RSA","e":"Aw","n":")" + std::string(crypto::testing::kRfc7515A2Modulus) + "\"}",
      jwk(TestKey::p256(), R"("kid":")" + std::string(200, 'k') + R"(","d":"c2VjcmV0")"),
      jwk(TestKey::ed25519()),
  }));
  ASSERT_EQ(set.skipped().size(), 3U);
  EXPECT_EQ(to_string(set.skipped()[0]),
            "key 1 (kid \"a\\x1b[2J\"): for another use than to verify signatures");
  EXPECT_EQ(to_string(set.skipped()[1]),
            "key 2: not a key that can be trusted: the exponent is even or less than 65537");
  EXPECT_EQ(to_string(set.skipped()[2]),
            "key 3 (kid \"" + std::string(100, 'k') +
                "...\"): published together with its private half or as a shared secret");
}

TEST(JwkSet, MalformedSetsAreRefusedAsAWhole) {
  const std::string good = jwk(TestKey::rsa());
  std::string many = good;
  for (std::size_t i = 0; i < kMaxJwks; ++i) many += "," + good;
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "the key set is malformed: not JSON"},
      {"<html>", "the key set is malformed: not JSON"},
      {"[" + good + "]", "the key set is malformed: not an object"},
      {"{\"keys\":[" + good + "]", "the key set is malformed: not JSON"},
      {"{\"keys\":[" + good + "],\"keys\":[]}",
       "the key set is malformed: a name twice in one object"},
      {"{\"keys\":[{\"kid\":\"a\",\"kid\":\"a\"}]}",
       "the key set is malformed: a name twice in one object"},
      {"{}", "the key set has no list \"keys\""},
      {"{\"keys\":{}}", "the key set has no list \"keys\""},
      {"{\"Keys\":[" + good + "]}", "the key set has no list \"keys\""},
      {good, "the key set has no list \"keys\""},
      {set_of({good, "null"}), "the key set holds something that is not a key"},
      {set_of({good, "\"key\""}), "the key set holds something that is not a key"},
      {set_of({good, "[]"}), "the key set holds something that is not a key"},
      {set_of({}), "the key set has no usable key"},
      {set_of({"{}"}), "the key set has no usable key: key 1: a member is missing or malformed"},
      {set_of({many}), "the key set has more than 100 keys"},
      {set_of({good}) + std::string(kMaxJwkSet.value, ' '), "the key set is larger than 256 KiB"},
  };
  for (const auto& [text, message] : cases) {
    const auto set = JwkSet::parse(text);
    ASSERT_FALSE(set.ok()) << message;
    EXPECT_EQ(set.error().message, message);
  }
}

TEST(JwkSet, AnErrorNamesAFewOfTheSkippedKeys) {
  const auto set = JwkSet::parse(set_of({"{},{},{},{},{},{},{}"}));
  ASSERT_FALSE(set.ok());
  EXPECT_NE(set.error().message.find("key 5: a member is missing or malformed; and 2 more"),
            std::string::npos)
      << set.error().message;
}

TEST(JwkSet, LimitsAreInclusive) {
  std::string keys = jwk(TestKey::ed25519(), R"("kid":"0")");
  for (std::size_t i = 1; i < kMaxJwks; ++i)
    keys += "," + jwk(TestKey::ed25519(), R"("kid":")" + std::to_string(i) + "\"");
  EXPECT_EQ(parsed(set_of({keys})).keys().size(), kMaxJwks);

  std::string full = set_of({jwk(TestKey::rsa())});
  full.resize(kMaxJwkSet.value, ' ');
  EXPECT_EQ(parsed(full).keys().size(), 1U);
}

TEST(JwkSet, CutAnywhereItIsRefused) {
  const std::string text = set_of({jwk(TestKey::p256(), R"("kid":"a")")});
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(JwkSet::parse(text.substr(0, size)).ok()) << size;
}

TEST(JwkSet, TheSameKeyTwiceIsOne) {
  const JwkSet set = parsed(
      set_of({jwk(TestKey::rsa(), R"("kid":"a")"), jwk(TestKey::rsa(), R"("kid":"a","use":"sig")"),
              jwk(TestKey::rsa(), R"("kid":"b")"), jwk(TestKey::rsa())}));
  ASSERT_EQ(set.keys().size(), 3U);
  ASSERT_EQ(set.skipped().size(), 1U);
  EXPECT_EQ(set.skipped()[0].fault, JwkFault::kRepeated);
  EXPECT_EQ(set.choose("a", SignatureAlgorithm::kRs256).outcome, Outcome::kFound);
}

TEST(JwkSet, AKeyIsChosenByItsIdAndAlgorithm) {
  const JwkSet set = parsed(set_of(
      {jwk(TestKey::rsa(), R"("kid":"rsa","alg":"RS256")"), jwk(TestKey::p256(), R"("kid":"both")"),
       jwk(TestKey::ed25519(), R"("kid":"both")"), jwk(TestKey::p384())}));
  const auto rsa = set.choose("rsa", SignatureAlgorithm::kRs256);
  ASSERT_EQ(rsa.outcome, Outcome::kFound);
  EXPECT_EQ(rsa.key, &set.keys()[0].key);
  EXPECT_EQ(set.choose("both", SignatureAlgorithm::kEs256).key, &set.keys()[1].key);
  EXPECT_EQ(set.choose("both", SignatureAlgorithm::kEdDsa).key, &set.keys()[2].key);

  EXPECT_EQ(set.choose("rsa", SignatureAlgorithm::kPs256).outcome, Outcome::kUnfit);
  EXPECT_EQ(set.choose("rsa", SignatureAlgorithm::kEs256).outcome, Outcome::kUnfit);
  EXPECT_EQ(set.choose("both", SignatureAlgorithm::kRs256).outcome, Outcome::kUnfit);
  for (const std::string_view id : {"RSA", "rsa ", "rs", "rsa2", "../rsa", "' OR 1=1"})
    EXPECT_EQ(set.choose(std::string(id), SignatureAlgorithm::kRs256).outcome, Outcome::kUnknown);
  EXPECT_EQ(set.choose("p384", SignatureAlgorithm::kEs384).outcome, Outcome::kUnknown);
}

TEST(JwkSet, WithoutAnIdTheOnlyKeyThatFitsIsChosen) {
  const std::string other = R"({"kty":"RSA","e":"AQAB","alg":"PS256","n":")" +
                            std::string(crypto::testing::kRfc7520Modulus) + "\"}";
  const JwkSet set = parsed(set_of(
      {jwk(TestKey::rsa(), R"("kid":"rsa")"), other, jwk(TestKey::p256(), R"("kid":"p256")")}));
  EXPECT_EQ(set.choose({}, SignatureAlgorithm::kEs256).key, &set.keys()[2].key);
  EXPECT_EQ(set.choose({}, SignatureAlgorithm::kRs256).key, &set.keys()[0].key);
  EXPECT_EQ(set.choose({}, SignatureAlgorithm::kPs256).outcome, Outcome::kAmbiguous);
  EXPECT_EQ(set.choose({}, SignatureAlgorithm::kPs256).key, nullptr);
  EXPECT_EQ(set.choose({}, SignatureAlgorithm::kEdDsa).outcome, Outcome::kUnknown);
}

TEST(JwkSet, TwoKeysOfOneIdAndTypeAreAmbiguous) {
  const std::string other = R"({"kty":"RSA","e":"AQAB","kid":"a","n":")" +
                            std::string(crypto::testing::kRfc7520Modulus) + "\"}";
  const JwkSet set = parsed(set_of({jwk(TestKey::rsa(), R"("kid":"a")"), other}));
  EXPECT_EQ(set.keys().size(), 2U);
  EXPECT_EQ(set.choose("a", SignatureAlgorithm::kRs256).outcome, Outcome::kAmbiguous);
}

}  // namespace
}  // namespace tracegate::identity
