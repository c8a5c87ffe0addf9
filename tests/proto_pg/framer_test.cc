#include "proto_pg/framer.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/proto_pg/frame_collector.h"
#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

// Small and all different, so that a test sees which one was applied.
constexpr FrameLimits kLimits{.max_statement = 1000,
                              .max_small = 200,
                              .max_password = 300,
                              .max_description = 400,
                              .max_report = 500,
                              .hold_bind = 100,
                              .hold_call = 50};
constexpr std::uint32_t kAll = std::numeric_limits<std::uint32_t>::max();

struct Expected {
  std::string types;
  std::uint32_t max;
  std::uint32_t hold;  // kAll: up to max
};

// The table of framer.h with kLimits.
const std::vector<Expected>& expected(Direction direction) {
  static const std::vector<Expected> client = {
      {"QP", 1000, kAll},  {"B", kMaxBody, 100}, {"F", kMaxBody, 50}, {"d", kMaxBody, 0},
      {"CDEf", 200, kAll}, {"p", 300, kAll},     {"SHXc", 0, kAll}};
  static const std::vector<Expected> server = {{"Dd", kMaxBody, 0},       {"V", kMaxBody, 50},
                                               {"Tt", 400, kAll},         {"EN", 500, kAll},
                                               {"RKCGHWvASZ", 200, kAll}, {"23cIn1s", 0, kAll}};
  return direction == Direction::kFromClient ? client : server;
}

struct Peeked {
  PeekStatus status;
  FrameHeader header;
  DecodeError error;
};

Peeked peek(const Framer& framer, const std::string& in) {
  // An allocation of exactly this size, so that a sanitizer sees every byte read beyond it.
  const std::vector<std::uint8_t> exact(in.begin(), in.end());
  Peeked peeked{};
  peeked.status = framer.peek(exact, peeked.header, peeked.error);
  EXPECT_EQ(peeked.status == PeekStatus::kError, static_cast<bool>(peeked.error));
  return peeked;
}

class FramerTest : public testing::TestWithParam<Direction> {
 protected:
  const Framer framer_{GetParam(), kLimits};
  const std::string stream_ =
      GetParam() == Direction::kFromClient ? client_stream() : server_stream();
};
INSTANTIATE_TEST_SUITE_P(BothDirections, FramerTest,
                         testing::Values(Direction::kFromClient, Direction::kFromServer),
                         [](const auto& direction) {
                           return direction.param == Direction::kFromClient ? "FromClient"
                                                                            : "FromServer";
                         });

TEST_P(FramerTest, FindsEveryFrameOfAStream) {
  FrameCollector collector(framer_);
  collector.feed(stream_);
  EXPECT_TRUE(collector.error().ok()) << collector.error().message;
  EXPECT_EQ(collector.held(), "");
  std::string joined;
  std::set<char> seen;
  for (const auto& frame : collector.frames()) {
    joined += frame.bytes;
    seen.insert(frame.type);
  }
  EXPECT_EQ(joined, stream_);
  for (const Expected& row : expected(GetParam()))
    for (char type : row.types) EXPECT_TRUE(seen.contains(type)) << "not in the stream: " << type;
}

TEST_P(FramerTest, FindsTheSameFramesHoweverTheStreamIsCut) {
  FrameCollector whole(framer_);
  whole.feed(stream_);
  for (std::size_t cut = 0; cut <= stream_.size(); ++cut) {
    FrameCollector halves(framer_);
    halves.feed(stream_.substr(0, cut));
    halves.feed(stream_.substr(cut));
    EXPECT_TRUE(halves.same_as(whole)) << "cut at " << cut;
  }
  for (std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
    FrameCollector pieces(framer_);
    for (std::size_t at = 0; at < stream_.size(); at += step) pieces.feed(stream_.substr(at, step));
    EXPECT_TRUE(pieces.same_as(whole)) << "pieces of " << step;
  }
}

TEST_P(FramerTest, StopsAtTheSameErrorHoweverTheStreamIsCut) {
  const std::string bad = stream_ + header('d', 3) + stream_;
  FrameCollector whole(framer_);
  whole.feed(bad);
  ASSERT_TRUE(whole.error());
  for (std::size_t cut = 0; cut <= bad.size(); ++cut) {
    FrameCollector halves(framer_);
    halves.feed(bad.substr(0, cut));
    halves.feed(bad.substr(cut));
    EXPECT_TRUE(halves.same_as(whole)) << "cut at " << cut;
  }
}

TEST_P(FramerTest, KnowsExactlyTheTypesOfTheProtocol) {
  std::string known;
  for (const Expected& row : expected(GetParam())) known += row.types;
  for (int byte = 0; byte < 256; ++byte) {
    const char type = static_cast<char>(byte);
    const bool is_known = known.find(type) != std::string::npos;
    EXPECT_EQ(peek(framer_, header(type, 4)).status == PeekStatus::kError, !is_known) << byte;
    // A stranger shows by its first byte.
    EXPECT_EQ(peek(framer_, i8(byte)).status == PeekStatus::kError, !is_known) << byte;
    EXPECT_EQ(peek(framer_, i8(byte) + "abcdefgh").status, PeekStatus::kError) << byte;
  }
}

TEST_P(FramerTest, RefusesImpossibleLengthsFromTheHeaderAlone) {
  const std::string behind(64, '\0');
  for (const Expected& row : expected(GetParam())) {
    for (char type : row.types) {
      for (std::int64_t length : {0x00000000LL, 0x00000001LL, 0x00000003LL, 0x40000004LL,
                                  0x7fffffffLL, 0x80000000LL, 0xfffffffcLL, 0xffffffffLL}) {
        const Peeked peeked = peek(framer_, header(type, length));
        EXPECT_EQ(peeked.status, PeekStatus::kError) << type << " " << length;
        EXPECT_EQ(peeked.error.sqlstate, DecodeError::kProtocolViolation) << type << " " << length;
        EXPECT_EQ(peeked.header.type, type);
        // Bytes behind it change nothing.
        EXPECT_EQ(peek(framer_, header(type, length) + behind).status, PeekStatus::kError);
      }
    }
  }
}

TEST_P(FramerTest, AppliesTheLimitOfEachTypeBeforeItsBodyArrives) {
  for (const Expected& row : expected(GetParam())) {
    for (char type : row.types) {
      EXPECT_EQ(peek(framer_, header(type, std::int64_t{row.max} + 5)).status, PeekStatus::kError)
          << type;
      const PeekStatus at_limit = row.max == 0       ? PeekStatus::kWhole
                                  : row.hold == kAll ? PeekStatus::kNeedMore
                                                     : PeekStatus::kPartialStreamable;
      EXPECT_EQ(peek(framer_, header(type, std::int64_t{row.max} + 4)).status, at_limit) << type;
    }
  }
}

TEST_P(FramerTest, StreamsOnlyAboveTheHoldLimit) {
  for (const Expected& row : expected(GetParam())) {
    if (row.hold == kAll) continue;
    for (char type : row.types) {
      const std::string above = header(type, std::int64_t{row.hold} + 5);
      EXPECT_EQ(peek(framer_, above).status, PeekStatus::kPartialStreamable) << type;
      EXPECT_EQ(peek(framer_, above + std::string(row.hold, 'x')).status,
                PeekStatus::kPartialStreamable);
      EXPECT_EQ(peek(framer_, above + std::string(row.hold + 1, 'x')).status, PeekStatus::kWhole);
      const std::string at = header(type, std::int64_t{row.hold} + 4);
      EXPECT_EQ(peek(framer_, at).status,
                row.hold == 0 ? PeekStatus::kWhole : PeekStatus::kNeedMore)
          << type;
    }
  }
}

TEST_P(FramerTest, HoldsNoMoreThanTheLimitsAllow) {
  FrameCollector collector(framer_);
  const char streamed = 'd';
  std::string stream;
  for (int i = 0; i < 20; ++i) stream += frame(streamed, std::string(5000, 'x')) + stream_;
  for (char byte : stream) collector.feed({&byte, 1});
  EXPECT_TRUE(collector.error().ok());
  EXPECT_LE(collector.most_held(), FrameHeader::kSize + kLimits.max_statement);
  EXPECT_LT(collector.most_held(), 400U);  // the longest held message of the streams
}

TEST(Framer, TreatsLimitsAboveTheProtocolsAsTheProtocols) {
  const Framer framer(Direction::kFromClient, {.max_statement = kAll});
  EXPECT_EQ(peek(framer, header('Q', std::int64_t{kMaxBody} + 4)).status, PeekStatus::kNeedMore);
  EXPECT_EQ(peek(framer, header('Q', std::int64_t{kMaxBody} + 5)).status, PeekStatus::kError);
}

TEST(Framer, TellsALongStatementFromAMalformedOne) {
  const Framer framer(Direction::kFromClient, kLimits);
  const Peeked peeked = peek(framer, header('Q', 1005));
  EXPECT_EQ(peeked.error.sqlstate, DecodeError::kLimitExceeded);
  EXPECT_EQ(peeked.error.message, "the statement is longer than the limit");
  EXPECT_EQ(peeked.header.body_length, 1001U);
  EXPECT_EQ(peek(framer, header('S', 5)).error.sqlstate, DecodeError::kProtocolViolation);
}

// A length that overflows lets bytes of one message's value be read as further messages
// (CVE-2024-27304, CVE-2024-32655).
TEST(Framer, DoesNotWrapAroundToASmallFrame) {
  const Framer framer(Direction::kFromClient, {});
  const std::string inner = frame('Q', z("drop table traces"));
  EXPECT_EQ(peek(framer, header('B', 0x100000000LL + 4 - 5) + inner).status, PeekStatus::kError);
  EXPECT_EQ(peek(framer, header('Q', 0xffffffffLL) + inner).status, PeekStatus::kError);
}

class SkipRows : public testing::Test {
 protected:
  static std::string row(std::size_t size) {
    return frame('D', i16(1) + sized(std::string(size, 'D')));
  }
  std::size_t skip(const std::string& in, BackendType type = BackendType::kDataRow) {
    rows_ = 0;
    const std::vector<std::uint8_t> exact(in.begin(), in.end());
    return Framer::skip_rows(exact, rows_, type);
  }
  std::uint64_t rows_ = 0;
};

TEST_F(SkipRows, TakesTheLongestRunAndCountsIt) {
  const std::string run = row(0) + row(1) + row(1000) + frame('D', i16(0));
  EXPECT_EQ(skip(run), run.size());
  EXPECT_EQ(rows_, 4U);
  EXPECT_EQ(skip(run + frame('C', z("SELECT 4")) + row(1)), run.size());
  EXPECT_EQ(rows_, 4U);
  EXPECT_EQ(skip(run, BackendType::kCopyData), 0U);
  EXPECT_EQ(rows_, 0U);
}

TEST_F(SkipRows, TakesRunsOfCopyData) {
  const std::string run = frame('d', "") + frame('d', "1\n") + frame('d', "2\n");
  EXPECT_EQ(skip(run + frame('c', ""), BackendType::kCopyData), run.size());
  EXPECT_EQ(rows_, 3U);
}

TEST_F(SkipRows, LeavesTheFrameThatIsNotWhole) {
  const std::string one = row(10);
  const std::string two = one + row(20);
  for (std::size_t cut = 0; cut <= two.size(); ++cut) {
    const std::size_t whole = cut < one.size() ? 0 : cut < two.size() ? one.size() : two.size();
    EXPECT_EQ(skip(two.substr(0, cut)), whole) << cut;
    EXPECT_EQ(rows_, whole == 0 ? 0U : whole == one.size() ? 1U : 2U) << cut;
  }
}

TEST_F(SkipRows, StopsBeforeABadLength) {
  for (std::int64_t length : {0LL, 3LL, 0x7fffffffLL, 0x80000000LL, 0xffffffffLL}) {
    EXPECT_EQ(skip(row(5) + header('D', length) + row(5)), row(5).size()) << length;
    EXPECT_EQ(rows_, 1U);
  }
}

TEST_F(SkipRows, AddsToTheCount) {
  rows_ = 0;
  std::uint64_t total = 40;
  const std::string run = row(1) + row(2);
  EXPECT_EQ(Framer::skip_rows(bytes_of(run), total), run.size());
  EXPECT_EQ(total, 42U);
}

TEST(MessageTypes, AreNamedAsInTheManual) {
  EXPECT_EQ(name_of(FrontendType::kBind), "Bind");
  EXPECT_EQ(name_of(BackendType::kCopyBothResponse), "CopyBothResponse");
  EXPECT_EQ(name_of(static_cast<FrontendType>('!')), "unknown");
  for (const Expected& row : expected(Direction::kFromServer))
    for (char type : row.types) EXPECT_NE(name_of(static_cast<BackendType>(type)), "unknown");
}

}  // namespace
}  // namespace tracegate::proto
