// Tokens that must not pass, each with the reason that stands in the record, and nothing of the
// token in it.
#include <gtest/gtest.h>

#include <set>

#include "src/base/log.h"
#include "src/crypto/base64.h"
#include "src/crypto/digest.h"
#include "tests/crypto/jose_vectors.h"
#include "tests/identity/test_tokens.h"

namespace tracegate::identity {
namespace {

using namespace testing;  // NOLINT: the test's own vocabulary
using crypto::SignatureAlgorithm;

struct Wrong {
  std::string what;
  std::string token;
  TokenFault fault;
};

std::string with_header(const Members& changes) {
  return signed_token(header_with(changes), payload_with());
}
std::string with_payload(const Members& changes) {
  return signed_token(header_with(), payload_with(changes));
}
std::string seconds(std::int64_t from_now) {
  return std::to_string(kNowSeconds + from_now);
}
std::string good() {
  return signed_token(header_with(), payload_with());
}

std::vector<Wrong> wrong_forms() {
  const std::string token = good();
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  const std::string header = token.substr(0, first);
  const std::string payload = token.substr(first + 1, second - first - 1);
  const std::string signature = token.substr(second + 1);
  const std::string in_json = "{\"payload\":\"" + payload + "\",\"protected\":\"" + header +
                              "\",\"signature\":\"" + signature + "\"}";
  std::vector<Wrong> wrong = {
      {"nothing", "", TokenFault::kParts},
      {"one part", "token", TokenFault::kParts},
      {"two parts", header + "." + payload, TokenFault::kParts},
      {"four parts", token + "." + signature, TokenFault::kParts},
      {"six parts", token + "." + token, TokenFault::kParts},
      {"seven parts", token + "." + token + ".a", TokenFault::kParts},
      {"an empty header", "." + payload + "." + signature, TokenFault::kParts},
      {"an empty payload", header + ".." + signature, TokenFault::kParts},
      {"an empty signature", header + "." + payload + ".", TokenFault::kParts},
      {"a dot in front", "." + token, TokenFault::kParts},
      {"only dots", "..", TokenFault::kParts},
      {"JWE", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a2V5.aXY.Y2lwaGVy.dGFn",
       TokenFault::kEncrypted},
      {"JWE with an empty key", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn",
       TokenFault::kEncrypted},
      {"JWS in JSON", in_json, TokenFault::kCharacters},
      {"white space behind", token + " ", TokenFault::kCharacters},
      {"a line feed behind", token + "\n", TokenFault::kCharacters},
      {"white space in front", " " + token, TokenFault::kCharacters},
      {"white space inside", header + " ." + payload + "." + signature, TokenFault::kCharacters},
      {"padding", header + "==." + payload + "." + signature, TokenFault::kCharacters},
      {"the other alphabet", header + "." + payload + ".+" + signature.substr(1),
       TokenFault::kCharacters},
      {"the scheme in front", "Bearer " + token, TokenFault::kCharacters},
      {"NUL behind", token + std::string(1, '\0'), TokenFault::kCharacters},
      {"NUL in front", std::string(1, '\0') + token, TokenFault::kCharacters},
      {"a byte above ASCII", token + "\xc3\xa9", TokenFault::kCharacters},
      {"percent encoding", header + "%2E" + payload + "." + signature, TokenFault::kCharacters},
      {"one character more", token + "A", TokenFault::kSignature},
      {"one character less", token.substr(0, token.size() - 1), TokenFault::kEncoding},
      {"a signature of one character", header + "." + payload + ".A", TokenFault::kEncoding},
      {"a header of one character", "A." + payload + "." + signature, TokenFault::kEncoding},
      {"longer than the limit", token + std::string(kMaxToken.value + 1 - token.size(), 'A'),
       TokenFault::kTooLong},
      {"much longer", std::string(1 << 20, 'A'), TokenFault::kTooLong},
  };
  // The last character of 256 bytes has four bits that mean nothing; all but one way to write them
  // are refused.
  const std::string_view others = "ABCDEFGHIJKLMNOP";
  for (const char c : others) {
    if (c == signature.back() || (c - 'A') % 16 == 0) continue;
    wrong.push_back({std::string("last character ") + c, token.substr(0, token.size() - 1) + c,
                     TokenFault::kEncoding});
  }
  return wrong;
}

std::vector<Wrong> wrong_headers() {
  const std::string jwk = "{" + TestKey::p256().jwk_members() + "}";
  const std::string hmac_with_public_key = [] {
    const std::string input =
        encoded(header_with({{"alg", "\"HS256\""}})) + "." + encoded(payload_with());
    const auto n = crypto::base64url_decode(crypto::testing::kRfc7515A2Modulus);
    return input + "." + crypto::base64url_encode(crypto::hmac_sha256(*n, as_bytes(input)));
  }();
  std::vector<Wrong> wrong = {
      {"HS256 with the public key as secret", hmac_with_public_key, TokenFault::kSharedSecret},
      {"HS384", with_header({{"alg", "\"HS384\""}}), TokenFault::kSharedSecret},
      {"HS512", with_header({{"alg", "\"HS512\""}}), TokenFault::kSharedSecret},
      {"no alg", with_header({{"alg", ""}}), TokenFault::kAlgorithmMissing},
      {"alg null", with_header({{"alg", "null"}}), TokenFault::kAlgorithmMissing},
      {"alg a list", with_header({{"alg", "[\"RS256\"]"}}), TokenFault::kAlgorithmMissing},
      {"alg a number", with_header({{"alg", "256"}}), TokenFault::kAlgorithmMissing},
      {"alg empty", with_header({{"alg", "\"\""}}), TokenFault::kAlgorithmUnknown},
      {"alg in lower case", with_header({{"alg", "\"rs256\""}}), TokenFault::kAlgorithmUnknown},
      {"alg with a blank", with_header({{"alg", "\"RS256 \""}}), TokenFault::kAlgorithmUnknown},
      {"ES256K", with_header({{"alg", "\"ES256K\""}}), TokenFault::kAlgorithmUnknown},
      {"RS1", with_header({{"alg", "\"RS1\""}}), TokenFault::kAlgorithmUnknown},
      {"an algorithm of encryption", with_header({{"alg", "\"RSA-OAEP\""}}),
       TokenFault::kAlgorithmUnknown},
      {"ALG", signed_token(R"({"ALG":"RS256","kid":"rsa","typ":"JWT"})", payload_with()),
       TokenFault::kAlgorithmMissing},
      {"alg twice",
       signed_token(R"({"alg":"none","alg":"RS256","kid":"rsa","typ":"JWT"})", payload_with()),
       TokenFault::kHeaderDuplicate},
      {"alg twice, one escaped",
       signed_token(R"({"\u0061lg":"none","alg":"RS256","kid":"rsa"})", payload_with()),
       TokenFault::kHeaderDuplicate},
      {"kid twice", signed_token(R"({"alg":"RS256","kid":"rsa","kid":"rsa"})", payload_with()),
       TokenFault::kHeaderDuplicate},
      {"twice in something that nobody reads", with_header({{"x", R"({"y":[{"a":1,"a":1}]})"}}),
       TokenFault::kHeaderDuplicate},
      {"crit", with_header({{"crit", R"(["exp"])"}, {"exp", "1"}}), TokenFault::kCritical},
      {"crit empty", with_header({{"crit", "[]"}}), TokenFault::kCritical},
      {"crit null", with_header({{"crit", "null"}}), TokenFault::kCritical},
      {"b64 false, as RFC 7797 has it", with_header({{"crit", R"(["b64"])"}, {"b64", "false"}}),
       TokenFault::kCritical},
      {"b64 false alone", with_header({{"b64", "false"}}), TokenFault::kUnencoded},
      {"b64 true", with_header({{"b64", "true"}}), TokenFault::kUnencoded},
      {"zip", with_header({{"zip", "\"DEF\""}}), TokenFault::kCompressed},
      {"an embedded key, signed by it",
       signed_token(header_with({{"alg", "\"ES256\""}, {"kid", ""}, {"jwk", jwk}}), payload_with(),
                    TestKey::p256(), SignatureAlgorithm::kEs256),
       TokenFault::kKeyInHeader},
      {"jwk null", with_header({{"jwk", "null"}}), TokenFault::kKeyInHeader},
      {"jku", with_header({{"jku", "\"https://evil.example/jwks\""}}), TokenFault::kKeyInHeader},
      {"x5u", with_header({{"x5u", "\"https://evil.example/cert\""}}), TokenFault::kKeyInHeader},
      {"x5c", with_header({{"x5c", "[\"MIIB\"]"}}), TokenFault::kKeyInHeader},
      {"cty", with_header({{"cty", "\"JWT\""}}), TokenFault::kNested},
      {"a token in a token", signed_token(header_with({{"cty", "\"JWT\""}}), good()),
       TokenFault::kNested},
      {"a token in a token that does not say so", signed_token(header_with(), good()),
       TokenFault::kPayload},
      {"kid a number", with_header({{"kid", "1"}}), TokenFault::kKeyId},
      {"kid null", with_header({{"kid", "null"}}), TokenFault::kKeyId},
      {"kid a list", with_header({{"kid", "[\"rsa\"]"}}), TokenFault::kKeyId},
      {"kid empty", with_header({{"kid", "\"\""}}), TokenFault::kKeyId},
      {"kid too long", with_header({{"kid", json_text(std::string(256, 'k'))}}),
       TokenFault::kKeyId},
      {"kid with NUL", with_header({{"kid", R"("rsa\u0000")"}}), TokenFault::kHeader},
      {"typ a number", with_header({{"typ", "1"}}), TokenFault::kTypeMalformed},
      {"typ a list", with_header({{"typ", "[\"JWT\"]"}}), TokenFault::kTypeMalformed},
      {"no typ", with_header({{"typ", ""}}), TokenFault::kType},
      {"typ empty", with_header({{"typ", "\"\""}}), TokenFault::kType},
      {"a token for something else", with_header({{"typ", "\"dpop+jwt\""}}), TokenFault::kType},
      {"a logout token", with_header({{"typ", "\"logout+jwt\""}}), TokenFault::kType},
      {"the type with a blank", with_header({{"typ", "\"JWT \""}}), TokenFault::kType},
      {"header a list", signed_token(R"(["RS256"])", payload_with()), TokenFault::kHeader},
      {"header a text", signed_token(R"("RS256")", payload_with()), TokenFault::kHeader},
      {"header null", signed_token("null", payload_with()), TokenFault::kHeader},
      {"header not JSON", signed_token("{alg:RS256}", payload_with()), TokenFault::kHeader},
      {"header cut", signed_token(R"({"alg":"RS256")", payload_with()), TokenFault::kHeader},
      {"garbage behind the header", signed_token(header_with() + "x", payload_with()),
       TokenFault::kHeader},
      {"two objects", signed_token(header_with() + "{}", payload_with()), TokenFault::kHeader},
      {"a comment", signed_token("/**/" + header_with(), payload_with()), TokenFault::kHeader},
      {"a byte order mark", signed_token("\xef\xbb\xbf" + header_with(), payload_with()),
       TokenFault::kHeader},
      {"header in UTF-16", signed_token(std::string("{\0}\0", 4), payload_with()),
       TokenFault::kHeader},
      {"header not UTF-8", signed_token("{\"alg\":\"RS256\",\"x\":\"\xff\"}", payload_with()),
       TokenFault::kHeader},
      {"header too deep", with_header({{"x", std::string(64, '[') + std::string(64, ']')}}),
       TokenFault::kHeader},
  };
  for (const std::string_view none : {"none", "None", "NONE", "nOnE", "nonE"}) {
    const std::string header = header_with({{"alg", json_text(none)}});
    wrong.push_back({"alg " + std::string(none) + " with a signature",
                     signed_token(header, payload_with()), TokenFault::kUnsigned});
    wrong.push_back({"alg " + std::string(none) + " without a signature",
                     encoded(header) + "." + encoded(payload_with()) + ".", TokenFault::kParts});
  }
  for (const std::string_view none : {" none", "none ", "none\\t", "n\\u043ene"})
    wrong.push_back(
        {"nearly none", with_header({{"alg", json_text(none)}}), TokenFault::kAlgorithmUnknown});
  return wrong;
}

std::vector<Wrong> wrong_payloads() {
  return {
      {"payload a list", signed_token(header_with(), "[]"), TokenFault::kPayload},
      {"payload a text", signed_token(header_with(), "\"payload\""), TokenFault::kPayload},
      {"payload not JSON", signed_token(header_with(), "iss=issuer"), TokenFault::kPayload},
      {"garbage behind", signed_token(header_with(), payload_with() + "}"), TokenFault::kPayload},
      {"two payloads", signed_token(header_with(), payload_with() + payload_with()),
       TokenFault::kPayload},
      {"a byte order mark", signed_token(header_with(), "\xef\xbb\xbf" + payload_with()),
       TokenFault::kPayload},
      {"not UTF-8", with_payload({{"name", "\"\xff\""}}), TokenFault::kPayload},
      {"an overlong form", with_payload({{"name", "\"\xc0\xaf\""}}), TokenFault::kPayload},
      {"half a surrogate pair", with_payload({{"name", R"("\ud800")"}}), TokenFault::kPayload},
      {"NUL in sub", with_payload({{"sub", R"("alice\u0000")"}}), TokenFault::kPayload},
      {"NUL in a name", with_payload({{R"(sub\u0000)", "1"}}), TokenFault::kPayload},
      {"a raw NUL", signed_token(header_with(), payload_with() + std::string(1, '\0')),
       TokenFault::kPayload},
      {"too deep", with_payload({{"x", std::string(40, '[') + std::string(40, ']')}}),
       TokenFault::kPayload},
      {"much too deep", with_payload({{"x", std::string(5000, '[')}}), TokenFault::kPayload},
      {"exp beyond every double", with_payload({{"exp", "1e400"}}), TokenFault::kPayload},
      {"exp with a leading zero", with_payload({{"exp", "0" + seconds(600)}}),
       TokenFault::kPayload},
      {"exp not a number", with_payload({{"exp", "NaN"}}), TokenFault::kPayload},
      {"iss twice", with_payload({{R"(\u0069ss)", "\"https://evil.example\""}}),
       TokenFault::kPayloadDuplicate},
      {"exp twice", with_payload({{R"(\u0065xp)", "1"}}), TokenFault::kPayloadDuplicate},
      {"twice deep inside", with_payload({{"x", R"({"y":{"a":1,"a":2}})"}}),
       TokenFault::kPayloadDuplicate},
      {"no iss", with_payload({{"iss", ""}}), TokenFault::kIssuerMissing},
      {"iss empty", with_payload({{"iss", "\"\""}}), TokenFault::kIssuerMissing},
      {"iss a list", with_payload({{"iss", R"(["https://issuer.example/oauth2"])"}}),
       TokenFault::kIssuerMissing},
      {"iss null", with_payload({{"iss", "null"}}), TokenFault::kIssuerMissing},
      {"another issuer", with_payload({{"iss", "\"https://evil.example\""}}), TokenFault::kIssuer},
      {"iss with a slash behind", with_payload({{"iss", "\"https://issuer.example/oauth2/\""}}),
       TokenFault::kIssuer},
      {"iss in capitals", with_payload({{"iss", "\"https://ISSUER.example/oauth2\""}}),
       TokenFault::kIssuer},
      {"iss over http", with_payload({{"iss", "\"http://issuer.example/oauth2\""}}),
       TokenFault::kIssuer},
      {"iss with a port", with_payload({{"iss", "\"https://issuer.example:443/oauth2\""}}),
       TokenFault::kIssuer},
      {"iss cut", with_payload({{"iss", "\"https://issuer.example/oauth\""}}), TokenFault::kIssuer},
  };
}

std::vector<Wrong> wrong_keys() {
  const std::string forged_with_another_key = [] {
    const std::string header = header_with({{"alg", "\"ES256\""}, {"kid", "\"p256\""}});
    return signed_token(header, payload_with(), TestKey::p521(), SignatureAlgorithm::kEs256);
  }();
  const std::string token = good();
  const std::string other = signed_token(header_with(), payload_with({{"sub", "\"mallory\""}}));
  std::string swapped = other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'));
  return {
      {"a key of nobody", with_header({{"kid", "\"other\""}}), TokenFault::kUnknownKey},
      {"the key id in capitals", with_header({{"kid", "\"RSA\""}}), TokenFault::kUnknownKey},
      {"a key id that is a path", with_header({{"kid", "\"../../rsa\""}}), TokenFault::kUnknownKey},
      {"a key id that is SQL", with_header({{"kid", "\"x' UNION SELECT 'rsa\""}}),
       TokenFault::kUnknownKey},
      {"RS256 by the id of an EC key", with_header({{"kid", "\"p256\""}}), TokenFault::kUnfitKey},
      {"ES256 by the id of the RSA key",
       signed_token(header_with({{"alg", "\"ES256\""}}), payload_with(), TestKey::p256(),
                    SignatureAlgorithm::kEs256),
       TokenFault::kUnfitKey},
      {"ES256 by the id of a key on P-384",
       signed_token(header_with({{"alg", "\"ES256\""}, {"kid", "\"p384\""}}), payload_with(),
                    TestKey::p384(), SignatureAlgorithm::kEs256),
       TokenFault::kUnfitKey},
      {"EdDSA by the id of the RSA key",
       signed_token(header_with({{"alg", "\"EdDSA\""}}), payload_with(), TestKey::ed25519(),
                    SignatureAlgorithm::kEdDsa),
       TokenFault::kUnfitKey},
      {"an algorithm that is not permitted",
       signed_token(header_with({{"alg", "\"RS512\""}}), payload_with(), TestKey::rsa(),
                    SignatureAlgorithm::kRs512),
       TokenFault::kAlgorithm},
      {"ES384 with its own key, not permitted",
       signed_token(header_with({{"alg", "\"ES384\""}, {"kid", "\"p384\""}}), payload_with(),
                    TestKey::p384(), SignatureAlgorithm::kEs384),
       TokenFault::kAlgorithm},
      {"PS256 under the name of RS256",
       signed_token(header_with(), payload_with(), TestKey::rsa(), SignatureAlgorithm::kPs256),
       TokenFault::kSignature},
      {"RS256 under the name of PS256", with_header({{"alg", "\"PS256\""}}),
       TokenFault::kSignature},
      {"SHA-512 under the name of RS256",
       signed_token(header_with(), payload_with(), TestKey::rsa(), SignatureAlgorithm::kRs512),
       TokenFault::kSignature},
      {"signed by another key under this id", forged_with_another_key, TokenFault::kSignature},
      {"the signature of another token", swapped, TokenFault::kSignature},
      {"no more than a zero for a signature",
       encoded(header_with()) + "." + encoded(payload_with()) + ".AA", TokenFault::kSignature},
      {"a signature of ECDSA zeros",
       encoded(header_with({{"alg", "\"ES256\""}, {"kid", "\"p256\""}})) + "." +
           encoded(payload_with()) + "." + crypto::base64url_encode(Bytes(64)),
       TokenFault::kSignature},
      {"an ECDSA signature in DER",
       [] {
         const std::string input =
             encoded(header_with({{"alg", "\"ES256\""}, {"kid", "\"p256\""}})) + "." +
             encoded(payload_with());
         return input + "." +
                crypto::base64url_encode(TestKey::p256().sign_der("SHA256", as_bytes(input)));
       }(),
       TokenFault::kSignature},
      {"another header over the same signature",
       encoded(header_with({{"x", "1"}})) + token.substr(token.find('.')), TokenFault::kSignature},
      {"an unfit key comes before its expiry",
       signed_token(header_with({{"kid", "\"p256\""}}), payload_with({{"exp", "1"}})),
       TokenFault::kUnfitKey},
      {"a wrong signature comes before its expiry",
       signed_token(header_with({{"alg", "\"PS256\""}}), payload_with({{"exp", "1"}})),
       TokenFault::kSignature},
  };
}

std::vector<Wrong> wrong_times() {
  std::vector<Wrong> wrong = {
      {"no exp", with_payload({{"exp", ""}}), TokenFault::kExpiryMissing},
      {"no iat", with_payload({{"iat", ""}}), TokenFault::kIssuedMissing},
      {"expired a second beyond the skew", with_payload({{"exp", seconds(-31)}}),
       TokenFault::kExpired},
      {"expired at the skew", with_payload({{"exp", seconds(-30)}}), TokenFault::kExpired},
      {"expired at the skew, with a fraction", with_payload({{"exp", seconds(-31) + ".999999"}}),
       TokenFault::kExpired},
      {"expired long ago", with_payload({{"iat", "1"}, {"exp", "2"}}), TokenFault::kExpired},
      {"exp at the beginning of time", with_payload({{"exp", "0"}}), TokenFault::kTimesReversed},
      {"exp before iat", with_payload({{"exp", seconds(-61)}}), TokenFault::kTimesReversed},
      {"exp at iat", with_payload({{"exp", seconds(-60)}}), TokenFault::kTimesReversed},
      {"issued in the future", with_payload({{"iat", seconds(31)}}), TokenFault::kIssuedInFuture},
      {"not yet valid", with_payload({{"nbf", seconds(31)}}), TokenFault::kNotYetValid},
      {"not valid for years", with_payload({{"nbf", "253402300799"}}), TokenFault::kNotYetValid},
      {"long-lived", with_payload({{"exp", seconds(-60 + 3601)}}), TokenFault::kLongLived},
      {"for ever", with_payload({{"exp", "253402300799"}}), TokenFault::kLongLived},
      {"long-lived since it was issued long ago", with_payload({{"iat", "1"}}),
       TokenFault::kLongLived},
  };
  const std::pair<const char*, TokenFault> names[] = {{"exp", TokenFault::kExpiryMalformed},
                                                      {"iat", TokenFault::kIssuedMalformed},
                                                      {"nbf", TokenFault::kBeginMalformed}};
  for (const auto& [name, fault] : names) {
    for (const char* value :
         {"\"1800000600\"", "-1", "-0.5", "1e300", "253402300800", "1800000600000", "null", "true",
          "[1800000600]", "{}", "\"\"", "18446744073709551615", "-9223372036854775808"})
      wrong.push_back({std::string(name) + " " + value, with_payload({{name, value}}), fault});
  }
  return wrong;
}

std::vector<Wrong> wrong_claims() {
  std::string thousand_and_one = "[\"g\"";
  for (int i = 0; i < 1000; ++i) thousand_and_one += ",\"g\"";
  thousand_and_one += "]";
  return {
      {"no aud", with_payload({{"aud", ""}}), TokenFault::kAudienceMissing},
      {"another aud", with_payload({{"aud", "\"other\""}}), TokenFault::kAudience},
      {"aud in capitals", with_payload({{"aud", "\"Tracegate\""}}), TokenFault::kAudience},
      {"aud with more behind", with_payload({{"aud", "\"tracegate2\""}}), TokenFault::kAudience},
      {"several in one text", with_payload({{"aud", "\"other tracegate\""}}),
       TokenFault::kAudience},
      {"aud empty", with_payload({{"aud", "\"\""}}), TokenFault::kAudience},
      {"aud an empty list", with_payload({{"aud", "[]"}}), TokenFault::kAudience},
      {"aud a list of others", with_payload({{"aud", R"(["a","b"])"}}), TokenFault::kAudience},
      {"aud a number", with_payload({{"aud", "1"}}), TokenFault::kAudienceMalformed},
      {"aud null", with_payload({{"aud", "null"}}), TokenFault::kAudienceMalformed},
      {"aud an object", with_payload({{"aud", R"({"tracegate":1})"}}),
       TokenFault::kAudienceMalformed},
      {"aud nested", with_payload({{"aud", R"([["tracegate"]])"}}), TokenFault::kAudienceMalformed},
      {"aud with a number beside", with_payload({{"aud", R"(["tracegate",1])"}}),
       TokenFault::kAudienceMalformed},
      {"no sub", with_payload({{"sub", ""}}), TokenFault::kSubjectMissing},
      {"sub a number", with_payload({{"sub", "1001"}}), TokenFault::kSubject},
      {"sub null", with_payload({{"sub", "null"}}), TokenFault::kSubject},
      {"sub a list", with_payload({{"sub", R"(["alice"])"}}), TokenFault::kSubject},
      {"sub empty", with_payload({{"sub", "\"\""}}), TokenFault::kSubject},
      {"sub too long", with_payload({{"sub", json_text(std::string(256, 's'))}}),
       TokenFault::kSubject},
      {"sub with a line feed", with_payload({{"sub", R"("alice\nadmin")"}}), TokenFault::kSubject},
      {"sub with an escape sequence", with_payload({{"sub", R"("\u001b[2Jalice")"}}),
       TokenFault::kSubject},
      {"sub from right to left", with_payload({{"sub", R"("\u202eecila")"}}), TokenFault::kSubject},
      {"sub with an invisible space", with_payload({{"sub", R"("ali\u200bce")"}}),
       TokenFault::kSubject},
      {"jti a number", with_payload({{"jti", "1"}}), TokenFault::kTokenId},
      {"jti with a control character", with_payload({{"jti", R"("\u0007")"}}),
       TokenFault::kTokenId},
      {"group overage",
       with_payload({{"groups", ""},
                     {"_claim_names", R"({"groups":"src1"})"},
                     {"_claim_sources", R"({"src1":{"endpoint":"https://x"}})"}}),
       TokenFault::kGroupOverage},
      {"group overage beside groups", with_payload({{"_claim_names", R"({"groups":"src1"})"}}),
       TokenFault::kGroupOverage},
      {"sources without names", with_payload({{"_claim_sources", "{}"}}),
       TokenFault::kGroupOverage},
      {"hasgroups", with_payload({{"hasgroups", "true"}}), TokenFault::kGroupOverage},
      {"too many groups", with_payload({{"groups", thousand_and_one}}), TokenFault::kTooManyGroups},
      {"groups a number", with_payload({{"groups", "1"}}), TokenFault::kGroups},
      {"groups null", with_payload({{"groups", "null"}}), TokenFault::kGroups},
      {"groups an object", with_payload({{"groups", R"({"trace-readers":true})"}}),
       TokenFault::kGroups},
      {"a group that is a number", with_payload({{"groups", R"(["a",1])"}}), TokenFault::kGroups},
      {"groups nested", with_payload({{"groups", R"([["trace-readers"]])"}}), TokenFault::kGroups},
      {"a group that is empty", with_payload({{"groups", R"(["a",""])"}}), TokenFault::kGroups},
      {"a group too long", with_payload({{"groups", "[" + json_text(std::string(256, 'g')) + "]"}}),
       TokenFault::kGroups},
      {"a group with a line feed", with_payload({{"groups", R"(["a\nb"])"}}), TokenFault::kGroups},
  };
}

// Under rules that ask for more.
IssuerRules demanding_rules() {
  IssuerRules rules = issuer_rules();
  rules.authorized_parties = {"cli", "portal"};
  rules.require = {{{"tid"}, "tenant-1"}, {{"token_use"}, "access"}, {{"verified"}, "true"}};
  rules.forbid = {{"nonce"}, {"at_hash"}};
  rules.claims = {{"namespaces", {"trace", "namespaces"}}};
  rules.max_age = std::chrono::minutes(5);
  return rules;
}

std::string demanded_with(const Members& changes) {
  Members members = {{"azp", "\"cli\""},
                     {"tid", "\"tenant-1\""},
                     {"token_use", "\"access\""},
                     {"verified", "true"},
                     {"trace", R"({"namespaces":["a"]})"}};
  for (const auto& [name, value] : changes) members[name] = value;
  return with_payload(members);
}

std::vector<Wrong> wrong_under_demands() {
  return {
      {"no authorized party", demanded_with({{"azp", ""}}), TokenFault::kPartyMissing},
      {"another party", demanded_with({{"azp", "\"other\""}}), TokenFault::kParty},
      {"a party that is no text", demanded_with({{"azp", R"(["cli"])"}}), TokenFault::kParty},
      {"a good party and another one", demanded_with({{"client_id", "\"other\""}}),
       TokenFault::kParty},
      {"another party as Entra ID has it", demanded_with({{"azp", ""}, {"appid", "\"x\""}}),
       TokenFault::kParty},
      {"another party as Okta has it", demanded_with({{"azp", ""}, {"cid", "\"x\""}}),
       TokenFault::kParty},
      {"another tenant", demanded_with({{"tid", "\"tenant-2\""}}), TokenFault::kRequiredClaim},
      {"no tenant", demanded_with({{"tid", ""}}), TokenFault::kRequiredClaim},
      {"a list with the tenant", demanded_with({{"tid", R"(["tenant-1"])"}}),
       TokenFault::kRequiredClaim},
      {"an id_token by its use", demanded_with({{"token_use", "\"id\""}}),
       TokenFault::kRequiredClaim},
      {"not verified", demanded_with({{"verified", "false"}}), TokenFault::kRequiredClaim},
      {"an id_token by its nonce", demanded_with({{"nonce", "\"n\""}}),
       TokenFault::kForbiddenClaim},
      {"an id_token by its at_hash", demanded_with({{"at_hash", "\"h\""}}),
       TokenFault::kForbiddenClaim},
      {"a nonce that is null", demanded_with({{"nonce", "null"}}), TokenFault::kForbiddenClaim},
      {"a scope's claim that is an object", demanded_with({{"trace", R"({"namespaces":{}})"}}),
       TokenFault::kClaim},
      {"a scope's claim that is null", demanded_with({{"trace", R"({"namespaces":null})"}}),
       TokenFault::kClaim},
      {"a scope's claim with an object inside",
       demanded_with({{"trace", R"({"namespaces":["a",{}]})"}}), TokenFault::kClaim},
      {"a scope's claim that is empty", demanded_with({{"trace", R"({"namespaces":""})"}}),
       TokenFault::kClaim},
      {"issued too long ago", demanded_with({{"iat", seconds(-331)}}), TokenFault::kTooOld},
      {"issued too long ago, at the skew", demanded_with({{"iat", seconds(-330)}}),
       TokenFault::kTooOld},
  };
}

// Two keys for RS256, neither with an id of its own that a token names.
const JwkSet& ambiguous_keys() {
  static const JwkSet keys =
      JwkSet::parse("{\"keys\":[{" + TestKey::rsa().jwk_members() +
                    R"(,"kid":"rsa"},{"kid":"rsa",)" + R"("kty":"RSA","e":"AQAB","n":")" +
                    std::string(crypto::testing::kRfc7520Modulus) + "\"}]}")
          .value();
  return keys;
}

class WrongTokens : public ::testing::Test {
 protected:
  void expect_refused(const std::vector<Wrong>& wrong, const IssuerRules& rules,
                      const JwkSet& keys) {
    for (const Wrong& each : wrong) {
      const TokenVerdict verdict = verdict_of(each.token, rules, keys);
      EXPECT_EQ(verdict.outcome, each.fault == TokenFault::kUnknownKey
                                     ? TokenVerdict::Outcome::kUnknownKey
                                     : TokenVerdict::Outcome::kRefused)
          << each.what;
      EXPECT_EQ(to_string(verdict.refusal.fault), to_string(each.fault)) << each.what;
      EXPECT_TRUE(verdict.subject.subject.empty()) << each.what;
      expect_quotes_nothing(each, to_string(verdict.refusal));
      faults_.insert(each.fault);
    }
    count_ += wrong.size();
  }

  static void expect_quotes_nothing(const Wrong& wrong, const std::string& reason) {
    EXPECT_FALSE(reason.empty()) << wrong.what;
    EXPECT_LT(reason.size(), 500U) << wrong.what;
    EXPECT_EQ(reason.find("never-quote-this"), std::string::npos) << wrong.what;
    constexpr std::size_t kPiece = 12;
    for (std::size_t at = 0; at + kPiece <= std::min<std::size_t>(wrong.token.size(), 4096); ++at)
      ASSERT_EQ(reason.find(wrong.token.substr(at, kPiece)), std::string::npos) << wrong.what;
    EXPECT_EQ(reason, log::printable(reason, reason.size())) << wrong.what;
  }

  std::set<TokenFault> faults_;
  std::size_t count_ = 0;
};

TEST_F(WrongTokens, AreRefusedEachForItsReason) {
  ASSERT_EQ(verdict_of(good()).outcome, TokenVerdict::Outcome::kAccepted);
  const TokenVerdict demanded = verdict_of(demanded_with({}), demanding_rules());
  ASSERT_EQ(demanded.outcome, TokenVerdict::Outcome::kAccepted) << to_string(demanded.refusal);

  for (const auto& wrong : {wrong_forms(), wrong_headers(), wrong_payloads(), wrong_keys(),
                            wrong_times(), wrong_claims()})
    expect_refused(wrong, issuer_rules(), issuer_keys());
  expect_refused(wrong_under_demands(), demanding_rules(), issuer_keys());
  expect_refused({{"two keys under one id", good(), TokenFault::kAmbiguousKey},
                  {"no id and two keys", with_header({{"kid", ""}}), TokenFault::kAmbiguousKey}},
                 issuer_rules(), ambiguous_keys());

  EXPECT_GE(count_, 200U);
  for (int i = 0; !to_string(static_cast<TokenFault>(i)).empty(); ++i)
    EXPECT_TRUE(faults_.contains(static_cast<TokenFault>(i)))
        << "no token is refused for: " << to_string(static_cast<TokenFault>(i));
}

TEST_F(WrongTokens, CutAnywhereAreRefused) {
  const std::string token = good();
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(verdict_of(token.substr(0, size)).outcome, TokenVerdict::Outcome::kRefused) << size;
    EXPECT_NE(verdict_of(token.substr(token.size() - size)).outcome,
              TokenVerdict::Outcome::kAccepted)
        << size;
  }
}

TEST_F(WrongTokens, WithAnyCharacterChangedAreRefused) {
  const std::string token =
      signed_token(header_with({{"alg", "\"EdDSA\""}, {"kid", "\"ed25519\""}}), payload_with(),
                   TestKey::ed25519(), SignatureAlgorithm::kEdDsa);
  ASSERT_EQ(verdict_of(token).outcome, TokenVerdict::Outcome::kAccepted);
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const char c : {'A', 'B', 'g', 'w', '-', '_', '.', '=', ' '}) {
      std::string changed = token;
      changed[at] = c;
      if (changed == token) continue;
      EXPECT_NE(verdict_of(changed).outcome, TokenVerdict::Outcome::kAccepted) << at << c;
    }
  }
}

TEST_F(WrongTokens, ReasonsNameIssuerKeyAndSubjectPrintably) {
  const auto reason = [](const std::string& token) { return to_string(verdict_of(token).refusal); };
  EXPECT_EQ(reason(with_payload({{"iss", R"("https://\u001b[2J")"}})),
            R"(unknown issuer (issuer "https://\x1b[2J"))");
  EXPECT_EQ(reason(with_payload({{"iss", json_text(std::string(300, 'i'))}})),
            "unknown issuer (issuer \"" + std::string(100, 'i') + "...\")");
  EXPECT_EQ(reason(with_header({{"kid", R"("a\nb")"}})), R"(unknown key (key "a\x0ab"))");
  EXPECT_EQ(reason(signed_token(header_with({{"alg", "\"ES256\""}, {"kid", ""}}), payload_with())),
            "wrong signature (no key id)");
  EXPECT_EQ(reason(with_payload({{"aud", "\"other\""}})),
            R"(wrong audience (subject "00u1alice"))");
  EXPECT_EQ(reason(with_payload({{"sub", R"("\u202eevil\n")"}})),
            R"(malformed subject (subject "\xe2\x80\xaeevil\x0a"))");
  EXPECT_EQ(reason(with_payload({{"groups", "1"}})),
            R"(malformed groups (subject "00u1alice", claim groups))");
  EXPECT_EQ(reason(with_payload({{"x", R"({"a":1,"a":1})"}})), "a name twice in the payload");
  EXPECT_EQ(reason(with_payload({{"exp", "1e400"}})),
            "malformed payload (a number that is malformed or too large)");
  // Nothing of the payload, also not the subject, as long as the signature has not shown whose it
  // is.
  EXPECT_EQ(reason(with_header({{"alg", "\"PS256\""}})), R"(wrong signature (key "rsa"))");
}

}  // namespace
}  // namespace tracegate::identity
