#include "src/base/http_url.h"

#include <gtest/gtest.h>

namespace tracegate {
namespace {

TEST(HttpUrl, HasHostPortPathAndQueryAsWritten) {
  const auto url = HttpUrl::parse("https://Login.Example.com:8443/oauth2/default?a=%20b?c");
  ASSERT_TRUE(url.ok()) << url.error().message;
  EXPECT_EQ(url->scheme, HttpUrl::Scheme::kHttps);
  EXPECT_EQ(url->host, "login.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/oauth2/default");
  EXPECT_EQ(url->query, "a=%20b?c");
  EXPECT_EQ(url->origin(), "https://login.example.com:8443");
}

TEST(HttpUrl, TheSchemeSaysThePort) {
  EXPECT_EQ(HttpUrl::parse("https://a.test")->port, 443);
  EXPECT_EQ(HttpUrl::parse("http://a.test/")->port, 80);
  EXPECT_EQ(HttpUrl::parse("http://a.test:80/")->origin(), "http://a.test");
}

TEST(HttpUrl, PathAndQueryMayBeMissing) {
  const auto bare = HttpUrl::parse("https://a.test");
  EXPECT_EQ(bare->path, "");
  EXPECT_EQ(bare->query, std::nullopt);
  const auto empty_query = HttpUrl::parse("https://a.test?");
  EXPECT_EQ(empty_query->path, "");
  EXPECT_EQ(empty_query->query, "");
}

TEST(HttpUrl, KnowsWhatCanOnlyBeThisMachine) {
  for (const char* text : {"http://localhost", "http://LOCALHOST:1", "http://127.0.0.1:8080/x",
                           "http://127.255.1.2", "http://[::1]:8080"})
    EXPECT_TRUE(HttpUrl::parse(text)->is_loopback()) << text;
  for (const char* text :
       {"http://localhost.example.com", "http://128.0.0.1", "http://127.example.com",
        "http://[::2]", "http://[::ffff:127.0.0.1]", "http://a.test"})
    EXPECT_FALSE(HttpUrl::parse(text)->is_loopback()) << text;
}

TEST(HttpUrl, AnIpv6HostHasBracketsInTheOriginOnly) {
  const auto url = HttpUrl::parse("http://[::1]:8080/x");
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->origin(), "http://[::1]:8080");
}

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, WithoutRepeatingTheText) {
  const auto url = HttpUrl::parse(GetParam());
  ASSERT_FALSE(url.ok()) << url->origin();
  EXPECT_FALSE(url.error().message.empty());
  EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    HttpUrl, Refused,
    testing::Values(
        "", "https", "https:/a.test", "HTTPS://a.test", "ftp://a.test", "file:///etc/passwd",
        "//a.test", "a.test", " https://a.test", "https://", "https:///secret", "https://?secret",
        "https://:443", "https://a..test", "https://.a.test", "https://a.test.", "https://-a.test",
        "https://a-.test", "https://user:secret@a.test", "https://a.test@b.test",
        "https://a.test\\@b.test", "https://a.test#secret", "https://a.test/secret#x",
        "https://a b.test", "https://a.test/secret value", "https://a.test/secret\tx",
        "https://a.test/secret\nx", "https://a.test/\x7fsecret", "https://a.test/s\xc3\xa9secret",
        "https://\xc3\xa9.test", "https://a%2etest", "https://a.test/secret%",
        "https://a.test/secret%2", "https://a.test/%zzsecret", "https://a.test/?secret=\"",
        "https://a.test/secret^", "https://a.test:", "https://a.test:0", "https://a.test:00443",
        "https://a.test:65536", "https://a.test:+443", "https://a.test:443x", "https://127.1",
        "https://2130706433", "https://0x7f000001", "https://0177.0.0.1", "https://127.0.0.01",
        "https://1.2.3.4.5", "https://a.1", "https://[::1", "https://[::1]x", "https://[::1%25lo]",
        "https://[127.0.0.1]", "https://[]", "https://::1/", "http://a.test/<secret>"));

TEST(HttpUrl, HasABoundedSize) {
  const std::string base = "https://a.test/";
  EXPECT_TRUE(HttpUrl::parse(base + std::string(HttpUrl::kMaxSize - base.size(), 'x')).ok());
  EXPECT_FALSE(HttpUrl::parse(base + std::string(HttpUrl::kMaxSize + 1 - base.size(), 'x')).ok());
  EXPECT_TRUE(HttpUrl::parse("https://" + std::string(63, 'a') + ".test").ok());
  EXPECT_FALSE(HttpUrl::parse("https://" + std::string(64, 'a') + ".test").ok());
  std::string host = "a";
  while (host.size() < 253) host += ".a";
  EXPECT_TRUE(HttpUrl::parse("https://" + host).ok());
  EXPECT_FALSE(HttpUrl::parse("https://a" + host).ok());
}

TEST(HttpUrl, ANulByteEndsNothing) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(HttpUrl::parse("https://a.test\0.b.test"sv).ok());
  EXPECT_FALSE(HttpUrl::parse("http://127.0.0.1\0"sv).ok());
  EXPECT_FALSE(HttpUrl::parse("http://[::1\0]"sv).ok());
  EXPECT_FALSE(HttpUrl::parse("http://a.test/\0"sv).ok());
}

}  // namespace
}  // namespace tracegate
