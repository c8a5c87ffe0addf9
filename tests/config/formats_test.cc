#include "src/config/formats.h"

#include <gtest/gtest.h>

namespace tracegate::config {
namespace {

TEST(Duration, ReadsEachUnit) {
  const std::pair<std::string_view, std::int64_t> cases[] = {
      {"0s", 0},         {"500ms", 500},     {"10s", 10'000},
      {"5min", 300'000}, {"8h", 28'800'000}, {"30d", 2'592'000'000}};
  for (const auto& [text, milliseconds] : cases) {
    const Result<Milliseconds> parsed = parse_duration(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed->count(), milliseconds) << text;
  }
}
TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "10", "s", "10 s", " 10s", "10s ", "-1s", "+1s", "1.5s", "10S", "10m", "10sec", "0x10s",
        "99999999999999999999s", "9223372036854775807s"})
    EXPECT_FALSE(parse_duration(text).ok()) << text;
}
TEST(Duration, IsShownInTheLargestExactUnit) {
  EXPECT_EQ(to_string(Milliseconds(0)), "0ms");
  EXPECT_EQ(to_string(Milliseconds(1500)), "1500ms");
  EXPECT_EQ(to_string(Milliseconds(600'000)), "10min");
  EXPECT_EQ(to_string(Milliseconds(86'400'000)), "1d");
}

TEST(Size, ReadsEachUnit) {
  const std::pair<std::string_view, std::uint64_t> cases[] = {{"0B", 0},
                                                              {"512B", 512},
                                                              {"64KiB", 65'536},
                                                              {"16MiB", 16 << 20},
                                                              {"1GiB", std::uint64_t{1} << 30},
                                                              {"2TiB", std::uint64_t{2} << 40}};
  for (const auto& [text, bytes] : cases) {
    const Result<ByteCount> parsed = parse_size(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed->value, bytes) << text;
  }
}
TEST(Size, RefusesEverythingElse) {
  for (const std::string_view text : {"", "64", "KiB", "64KB", "64kib", "64 KiB", "-1KiB", "1.5GiB",
                                      "8388608TiB", "18446744073709551616B"})
    EXPECT_FALSE(parse_size(text).ok()) << text;
}
TEST(Size, IsShownInTheLargestExactUnit) {
  EXPECT_EQ(to_string(ByteCount{0}), "0B");
  EXPECT_EQ(to_string(ByteCount{1500}), "1500B");
  EXPECT_EQ(to_string(64_MiB), "64MiB");
}

TEST(Endpoint, ReadsNamesAndAddresses) {
  const std::tuple<std::string_view, std::string_view, std::uint16_t> cases[] = {
      {"127.0.0.1:5432", "127.0.0.1", 5432},
      {"[::1]:6432", "::1", 6432},
      {"db-1.example.org:1", "db-1.example.org", 1},
      {"0.0.0.0:0", "0.0.0.0", 0},
      {"[fe80::1%eth0]:65535", "fe80::1%eth0", 65535}};
  for (const auto& [text, host, port] : cases) {
    const Result<Endpoint> parsed = parse_endpoint(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed->host, host);
    EXPECT_EQ(parsed->port, port);
    EXPECT_EQ(parsed->to_string(), text);
  }
}
TEST(Endpoint, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", ":", "localhost", "localhost:", ":5432", "localhost:port", "localhost:65536",
        "localhost:-1", "::1:5432", "[::1]5432", "[]:5432", "[localhost]:5432", "a b:1",
        "/var/run/postgresql:5432", "host:1:2", "user@host:1"})
    EXPECT_FALSE(parse_endpoint(text).ok()) << text;
  std::string long_name(256, 'a');
  long_name.append(":1");
  EXPECT_FALSE(parse_endpoint(long_name).ok());
}
TEST(Endpoint, KnowsLoopback) {
  for (const std::string_view host : {"localhost", "127.0.0.1", "127.255.0.9", "::1"})
    EXPECT_TRUE((Endpoint{std::string(host), 1}.is_loopback())) << host;
  for (const std::string_view host : {"127.example.org", "127.0.0.1.evil", "127.0.0", "127.0.0.256",
                                      "128.0.0.1", "::2", "localhost.example.org", "127..0.1"})
    EXPECT_FALSE((Endpoint{std::string(host), 1}.is_loopback())) << host;
}

}  // namespace
}  // namespace tracegate::config
