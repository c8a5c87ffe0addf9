// Tokens as an issuer writes them, and as it never would.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "src/identity/jwk_set.h"
#include "src/identity/token_rules.h"
#include "tests/crypto/test_keys.h"

namespace tracegate::identity::testing {

using crypto::testing::TestKey;

// Wall time of all tests: 2027-01-15T08:00:00Z.
inline constexpr std::int64_t kNowSeconds = 1'800'000'000;
inline constexpr Microseconds kNow = std::chrono::seconds(kNowSeconds);

// Members of a JSON object: names, and values as JSON texts. An empty value takes the member away.
using Members = std::map<std::string, std::string>;
std::string object_of(const Members& members);
// `text` between quotes; escapes in it are JSON's.
std::string json_text(std::string_view text);

// A header of RS256 by the key "rsa", and a payload of a good access token, with these changes.
std::string header_with(const Members& changes = {});
std::string payload_with(const Members& changes = {});

// header.payload.signature; the parts as they are given, signed as they are.
std::string signed_token(std::string_view header, std::string_view payload,
                         const TestKey& key = TestKey::rsa(),
                         crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kRs256);
// The same of parts that are encoded already.
std::string signed_parts(const std::string& header, const std::string& payload,
                         const TestKey& key = TestKey::rsa(),
                         crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kRs256);
std::string encoded(std::string_view part);

// Of the issuer whose tokens these are: keys "rsa", "p256", "p384" and "ed25519", each the test key
// of that name.
const JwkSet& issuer_keys();
IssuerRules issuer_rules();

// What Token::parse() and verify_token() say together.
TokenVerdict verdict_of(std::string_view token, const IssuerRules& rules = issuer_rules(),
                        const JwkSet& keys = issuer_keys(), Microseconds now = kNow);

}  // namespace tracegate::identity::testing
