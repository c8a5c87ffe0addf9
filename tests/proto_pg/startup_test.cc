#include "proto_pg/startup.h"

#include <gtest/gtest.h>

#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

constexpr std::int64_t kV30 = 196608;
constexpr std::int64_t kV32 = 196610;

struct Peeked {
  StartupStatus status;
  StartupHeader header;
  DecodeError error;
};

Peeked peek(const std::string& in) {
  const std::vector<std::uint8_t> exact(in.begin(), in.end());
  Peeked peeked{};
  peeked.status = peek_startup(exact, peeked.header, peeked.error);
  EXPECT_EQ(peeked.status == StartupStatus::kError, static_cast<bool>(peeked.error));
  return peeked;
}

std::string startup_packet() {
  return untyped(i32(kV30) + z("user") + z("reader") + z("database") + z("traces") + i8(0));
}

template <typename Message>
DecodeError decode_copy_of(const std::string& packet, Message& out) {
  const std::vector<std::uint8_t> exact(packet.begin(), packet.end());
  const DecodeError error = decode(exact, out);
  out = {};  // borrows from `exact`
  return error;
}

TEST(PeekStartup, TellsTheKindsApart) {
  const struct {
    std::string packet;
    StartupKind kind;
  } cases[] = {
      {i32(8) + i32(80877103), StartupKind::kSslRequest},
      {i32(8) + i32(80877104), StartupKind::kGssEncRequest},
      {i32(16) + i32(80877102) + i32(7) + i32(9), StartupKind::kCancelRequest},
      {i32(268) + i32(80877102) + i32(7) + std::string(256, 'k'), StartupKind::kCancelRequest},
      {startup_packet(), StartupKind::kStartupMessage},
  };
  for (const auto& [packet, kind] : cases) {
    const Peeked peeked = peek(packet + "behind");
    EXPECT_EQ(peeked.status, StartupStatus::kWhole);
    EXPECT_EQ(peeked.header.kind, kind);
    EXPECT_EQ(peeked.header.length, packet.size());  // so the caller sees what stands behind it
    for (std::size_t cut = 0; cut < packet.size(); ++cut)
      EXPECT_EQ(peek(packet.substr(0, cut)).status, StartupStatus::kNeedMore) << cut;
  }
}

TEST(PeekStartup, RecognisesDirectTlsByItsFirstByte) {
  const std::string hello = std::string("\x16\x03\x01", 3) + i16(512) + i8(1);
  for (std::size_t size = 1; size <= hello.size(); ++size) {
    const Peeked peeked = peek(hello.substr(0, size));
    EXPECT_EQ(peeked.status, StartupStatus::kWhole);
    EXPECT_EQ(peeked.header.kind, StartupKind::kTlsClientHello);
    EXPECT_EQ(peeked.header.length, 0U);
  }
}

TEST(PeekStartup, RefusesStrangersWithoutWaiting) {
  for (const std::string& bytes :
       {std::string("G"), std::string("GET / HTTP/1.1\r\n"), std::string("SSH-2.0-x\r\n"),
        std::string("\x80"), std::string("\x00\x01", 2), std::string("\xff\xff\xff\xff")})
    EXPECT_EQ(peek(bytes).status, StartupStatus::kError) << bytes;
}

TEST(PeekStartup, RefusesLengthsFromTheirFourBytes) {
  for (std::int64_t length :
       {0LL, 3LL, 4LL, 7LL, 10005LL, 65535LL, 65536LL, 0x7fffffffLL, 0x80000000LL, 0xffffffffLL})
    EXPECT_EQ(peek(i32(length)).status, StartupStatus::kError) << length;
  for (std::int64_t length : {8LL, 10004LL})
    EXPECT_EQ(peek(i32(length)).status, StartupStatus::kNeedMore) << length;
}

TEST(PeekStartup, RefusesALengthThatDoesNotFitTheKind) {
  const std::pair<std::int64_t, std::int64_t> cases[] = {
      {9, 80877103},   {12, 80877104}, {8, 80877102},    {15, 80877102},
      {269, 80877102}, {8, kV30},      {10000, 80877103}};
  for (const auto& [length, code] : cases)
    EXPECT_EQ(peek(i32(length) + i32(code)).status, StartupStatus::kError) << length << " " << code;
}

TEST(PeekStartup, RefusesOtherMajorVersionsAsNotSupported) {
  for (std::int64_t code : {0x00020000LL, 0x00040000LL, 0x00000000LL, 80877101LL, 80877105LL}) {
    const Peeked peeked = peek(i32(64) + i32(code));
    EXPECT_EQ(peeked.status, StartupStatus::kError) << code;
    EXPECT_EQ(peeked.error.sqlstate, DecodeError::kNotSupported) << code;
  }
}

TEST(PeekStartup, AcceptsEveryMinorOfVersion3) {
  for (std::int64_t minor : {0, 1, 2, 3, 9999, 65535})
    EXPECT_EQ(peek(untyped(i32(kV30 + minor) + i8(0))).status, StartupStatus::kWhole) << minor;
}

TEST(PeekStartup, AnswersTheSameForEveryCutOfABadPacket) {
  for (const std::string& bad :
       {i32(9) + i32(80877103) + "x", i32(7) + i32(kV30), i32(10005) + i32(kV30),
        i32(16) + i32(1) + "xxxxxxxx", std::string("GET / HTTP/1.0\r\n\r\n")}) {
    const std::string_view message = peek(bad).error.message;
    for (std::size_t cut = 0; cut < bad.size(); ++cut) {
      const Peeked peeked = peek(bad.substr(0, cut));
      EXPECT_NE(peeked.status, StartupStatus::kWhole);
      if (peeked.status == StartupStatus::kError) {
        EXPECT_EQ(peeked.error.message, message);
      }
    }
  }
}

TEST(StartupMessage, KeepsParametersInOrderWithDuplicates) {
  const std::string packet = untyped(i32(kV32) + z("user") + z("a") + z("_pq_.grease") + z("on") +
                                     z("options") + z("") + z("user") + z("b") + i8(0));
  StartupMessage message;
  ASSERT_TRUE(decode(bytes_of(packet), message).ok());
  EXPECT_EQ(message.version, (ProtocolVersion{3, 2}));
  ASSERT_EQ(message.parameters.size(), 4U);
  EXPECT_EQ(message.parameters[0].value, "a");
  EXPECT_EQ(message.parameters[3].value, "b");
  EXPECT_EQ(message.find("user"), "b");
  EXPECT_EQ(message.find("options"), "");
  EXPECT_FALSE(message.find("database"));
  EXPECT_EQ(message.protocol_options(), std::vector<std::string_view>{"_pq_.grease"});
  std::string again;
  encode(message, again);
  EXPECT_EQ(again, packet);
}

TEST(StartupMessage, IsRefusedWhenCutOrLengthened) {
  const std::string body = i32(kV30) + z("user") + z("reader") + i8(0);
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    StartupMessage message;
    // Both with an honest length and with the original one.
    EXPECT_TRUE(decode_copy_of(untyped(body.substr(0, cut)), message)) << cut;
    EXPECT_TRUE(decode_copy_of(untyped(body).substr(0, 4 + cut), message)) << cut;
  }
  StartupMessage message;
  EXPECT_TRUE(decode_copy_of(untyped(body + "x"), message));
  EXPECT_TRUE(decode_copy_of(untyped(body + z("")), message));
  EXPECT_TRUE(decode_copy_of(untyped(i32(kV30) + z("user") + i8(0) + i8(0) + i8(0)), message));
  EXPECT_TRUE(decode_copy_of(untyped(i32(0x00020000) + i8(0)), message));
}

TEST(StartupMessage, MayBeAsLongAsPostgresqlAllows) {
  const std::string rest = i32(kV30) + z("user");
  const std::string body = rest + z(std::string(10000 - rest.size() - 2, 'u')) + i8(0);
  const std::string packet = untyped(body);
  ASSERT_EQ(packet.size(), kMaxStartupLength);
  ASSERT_EQ(peek(packet).status, StartupStatus::kWhole);
  StartupMessage message;
  EXPECT_TRUE(decode_copy_of(packet, message).ok());
  EXPECT_EQ(peek(untyped(body + "x")).status, StartupStatus::kError);
}

TEST(StartupMessage, CannotBeMadeToSmuggleParameters) {
  const std::string_view smuggled("reader\0database\0other", 21);
  std::string packet;
  encode(StartupMessage{{3, 0}, {{"user", smuggled}, {"", "ends the list"}, {"a", "b"}}}, packet);
  EXPECT_EQ(packet, untyped(i32(kV30) + z("user") + z("reader") + z("a") + z("b") + i8(0)));
}

TEST(CancelRequest, RoundTripsKeysOfBothVersions) {
  for (std::size_t size : {4U, 32U, 256U}) {
    const std::string key(size, 'k');
    const std::string packet = untyped(i32(80877102) + i32(-5) + key);
    CancelRequest message;
    ASSERT_TRUE(decode(bytes_of(packet), message).ok());
    EXPECT_EQ(message.process_id, -5);
    EXPECT_EQ(text_of(message.key), key);
    std::string again;
    encode(message, again);
    EXPECT_EQ(again, packet);
  }
  CancelRequest message;
  for (std::size_t size : {0U, 3U, 257U})
    EXPECT_TRUE(decode_copy_of(untyped(i32(80877102) + i32(1) + std::string(size, 'k')), message));
  EXPECT_TRUE(decode_copy_of(untyped(i32(80877103) + i32(1) + i32(1)), message));
  EXPECT_TRUE(decode_copy_of(untyped(i32(80877102) + i32(1) + i32(1)) + "x", message));
}

TEST(EncryptionRequests, HaveTheirCodes) {
  std::string out;
  encode_ssl_request(out);
  encode_gss_enc_request(out);
  EXPECT_EQ(out, i32(8) + i32(80877103) + i32(8) + i32(80877104));
}

}  // namespace
}  // namespace tracegate::proto
