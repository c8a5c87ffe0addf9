#include <gtest/gtest.h>

#include <set>

#include "src/crypto/base64.h"
#include "src/crypto/certificate.h"
#include "src/crypto/compare.h"
#include "src/crypto/random.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/test_certificates.h"

namespace tracegate::crypto {
namespace {

// RFC 4648 section 10.
TEST(Base64, KnownAnswersBothWays) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"},
                                                                 {"\xfb\xff\xbf", "+/+/"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    const auto decoded = base64_decode(encoded);
    ASSERT_TRUE(decoded.has_value()) << encoded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64, AnythingButTheOneEncodingIsRefused) {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n",
        "\nZm9v", "Zg==Zg==", "Zg==Zm9v", "Zm=v", "Z-_v", "Zm9\x80", "Zm9v="})
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  EXPECT_FALSE(base64_decode(std::string_view("Zm9\0", 4)).has_value());
}

TEST(Base64Url, KnownAnswersBothWays) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(base64url_encode(as_bytes(plain)), encoded);
    const auto decoded = base64url_decode(encoded);
    ASSERT_TRUE(decoded.has_value()) << encoded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64Url, EveryByteComesBackFromEveryPlace) {
  for (std::size_t size = 1; size < 5; ++size) {
    for (unsigned value = 0; value < 256; ++value) {
      const Bytes bytes(size, static_cast<std::uint8_t>(value));
      EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    }
  }
}

TEST(Base64Url, AnythingButTheOneEncodingIsRefused) {
  for (const std::string_view text :
       {"Z", "Zm9vZ", "Zg==", "Zg=", "=", "Zh", "Zm9", "Zm9vZh", "Zm 9", "Zm9v\n", " Zm9v", "Z+/v",
        "Z+9v", "Z/9v", "Zm9\x80", "Zm9v."})
    EXPECT_FALSE(base64url_decode(text).has_value()) << text;
  EXPECT_FALSE(base64url_decode(std::string_view("Zm9\0", 4)).has_value());
}

TEST(EqualConstantTime, ComparesContentsAndSizes) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("samf")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sam")));
}

TEST(SessionId, IsUuidVersion7OfItsTime) {
  // 2024-06-01T00:00:00.123Z and 456 us, which do not show.
  const SessionId id = make_session_id(Microseconds(1717200000123456));
  const std::string text = id.to_string();
  EXPECT_EQ(text.substr(0, 15), "018fd118-947b-7") << text;
  EXPECT_EQ(id.bytes[8] & 0xc0, 0x80);
}

TEST(SessionId, NeverRepeatsWithinOneInstant) {
  std::set<SessionId> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(make_session_id(Microseconds(1)));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(SessionId, SortsByTime) {
  EXPECT_LT(make_session_id(Microseconds(1'000'000)), make_session_id(Microseconds(1'001'000)));
}

TEST(TlsServerEndPoint, UsesTheDigestOfTheSignature) {
  for (const auto& certificate :
       {testing::kEcdsaSha256, testing::kEcdsaSha384, testing::kRsaPssSha512}) {
    const auto hash = tls_server_end_point(*base64_decode(certificate.der_base64));
    ASSERT_TRUE(hash.ok()) << hash.error().message;
    EXPECT_EQ(testing::to_hex(*hash), certificate.end_point_hex);
  }
}

TEST(TlsServerEndPoint, UsesSha256InPlaceOfBrokenDigests) {
  for (const auto& certificate : {testing::kRsaSha1, testing::kRsaMd5}) {
    const auto hash = tls_server_end_point(*base64_decode(certificate.der_base64));
    ASSERT_TRUE(hash.ok()) << hash.error().message;
    EXPECT_EQ(testing::to_hex(*hash), certificate.end_point_hex);
  }
}

TEST(TlsServerEndPoint, IsUndefinedForEd25519) {
  EXPECT_FALSE(tls_server_end_point(*base64_decode(testing::kEd25519.der_base64)).ok());
}

TEST(TlsServerEndPoint, RefusesWhatIsNotExactlyOneCertificate) {
  EXPECT_FALSE(tls_server_end_point({}).ok());
  EXPECT_FALSE(tls_server_end_point(as_bytes("-----BEGIN CERTIFICATE-----")).ok());
  Bytes der = *base64_decode(testing::kEcdsaSha256.der_base64);
  EXPECT_FALSE(tls_server_end_point(ByteView(der).first(der.size() - 1)).ok());
  der.push_back(0);
  EXPECT_FALSE(tls_server_end_point(der).ok());
}

}  // namespace
}  // namespace tracegate::crypto
