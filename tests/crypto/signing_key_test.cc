#include "src/crypto/signing_key.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace tracegate::crypto {
namespace {

using testing::from_hex;
using testing::to_hex;

Secret seed_of(std::string_view digits) {
  return Secret(std::string(as_text(from_hex(digits))));
}

// RFC 8032 section 7.1, tests 1 to 3.
TEST(SigningKey, SignsAsTheSpecificationDoes) {
  struct Case {
    std::string_view seed;
    std::string_view public_key;
    std::string_view message;
    std::string_view signature;
  };
  const Case cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
       "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
       "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
       "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const Case& each : cases) {
    const auto key = SigningKey::from_seed(seed_of(each.seed));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(to_hex(key->public_bytes()), each.public_key);
    const Bytes message = from_hex(each.message);
    EXPECT_EQ(to_hex(key->sign(message)), each.signature);
    EXPECT_TRUE(key->public_key().verify(SignatureAlgorithm::kEdDsa, message, key->sign(message)));
  }
}

TEST(SigningKey, IsMadeAgainFromItsSeed) {
  const SigningKey key = SigningKey::generate();
  const auto again = SigningKey::from_seed(key.seed());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->public_bytes(), key.public_bytes());
  EXPECT_EQ(again->sign(as_bytes("data")), key.sign(as_bytes("data")));
  EXPECT_NE(SigningKey::generate().public_bytes(), key.public_bytes());
}

TEST(SigningKey, SeedsOfAnotherLengthAreRefused) {
  for (const std::size_t size : {0U, 31U, 33U, 64U})
    EXPECT_FALSE(SigningKey::from_seed(Secret(std::string(size, 'x'))).ok()) << size;
}

}  // namespace
}  // namespace tracegate::crypto
