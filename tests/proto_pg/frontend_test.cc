#include "proto_pg/frontend.h"

#include <gtest/gtest.h>

#include "tests/proto_pg/codec_check.h"
#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

TEST(Frontend, Query) {
  expect_codec(Query{"select 1"}, frame('Q', z("select 1")));
  expect_codec(Query{""}, frame('Q', z("")));
}

TEST(Frontend, Parse) {
  expect_codec(Parse{"s1", "select $1, $2", {25, 0}},
               frame('P', z("s1") + z("select $1, $2") + i16(2) + i32(25) + i32(0)));
  expect_codec(Parse{}, frame('P', z("") + z("") + i16(0)));
}

TEST(Frontend, Bind) {
  const std::string body = z("p1") + z("s1") + i16(2) + i16(0) + i16(1) + i16(3) + i32(-1) +
                           sized("") + sized(std::string("a\0b", 3)) + i16(1) + i16(1);
  Bind bind;
  ASSERT_TRUE(decode(bytes_of(body), bind).ok());
  EXPECT_EQ(bind.portal, "p1");
  EXPECT_EQ(bind.statement, "s1");
  EXPECT_EQ(bind.parameter_formats, (std::vector<FormatCode>{0, 1}));
  ASSERT_EQ(bind.parameters.size(), 3U);
  EXPECT_FALSE(bind.parameters[0]);
  ASSERT_TRUE(bind.parameters[1]);
  EXPECT_TRUE(bind.parameters[1]->empty());
  EXPECT_EQ(text_of(*bind.parameters[2]), std::string_view("a\0b", 3));
  expect_codec(bind, frame('B', body));
  expect_codec(Bind{}, frame('B', z("") + z("") + i16(0) + i16(0) + i16(0)));
}

TEST(Frontend, BindTakesAsManyParametersAsPostgresql) {
  std::string body = z("") + z("") + i16(0) + i16(65535);
  for (int i = 0; i < 65535; ++i) body += i32(-1);
  body += i16(0);
  Bind bind;
  ASSERT_TRUE(decode(bytes_of(body), bind).ok());
  EXPECT_EQ(bind.parameters.size(), 65535U);
  std::string again;
  encode(bind, again);
  EXPECT_EQ(again, frame('B', body));
}

TEST(Frontend, BindLeavesFormatsForTheStoreToJudge) {
  Bind bind;
  EXPECT_TRUE(
      decode(bytes_of(z("") + z("") + i16(2) + i16(7) + i16(-1) + i16(0) + i16(0)), bind).ok());
}

TEST(Frontend, CountsAreCheckedBeforeAnythingIsAllocated) {
  const std::string many = i16(-1);  // 65535
  Bind bind;
  EXPECT_TRUE(decode(bytes_of(z("") + z("") + many), bind));
  EXPECT_TRUE(decode(bytes_of(z("") + z("") + i16(0) + many + i32(-1)), bind));
  EXPECT_EQ(bind.parameter_formats.capacity() + bind.parameters.capacity(), 0U);
  Parse parse;
  EXPECT_TRUE(decode(bytes_of(z("") + z("") + many + i32(1)), parse));
  EXPECT_EQ(parse.parameter_types.capacity(), 0U);
  FunctionCall call;
  EXPECT_TRUE(decode(bytes_of(i32(1) + many + i32(1)), call));
  EXPECT_EQ(call.argument_formats.capacity(), 0U);
}

TEST(Frontend, NegativeLengthsOtherThanNullFail) {
  for (std::int64_t length : {-2LL, -2147483648LL})
    EXPECT_EQ(refusal_of<Bind>(z("") + z("") + i16(0) + i16(1) + i32(length) + i16(0)),
              "a length in the message is negative")
        << length;
}

TEST(Frontend, AStructThatIsUsedAgainDoesNotAllocate) {
  Bind bind;
  ASSERT_TRUE(
      decode(bytes_of(z("") + z("") + i16(0) + i16(2) + i32(-1) + i32(-1) + i16(0)), bind).ok());
  const Value* const storage = bind.parameters.data();
  ASSERT_TRUE(decode(bytes_of(z("") + z("") + i16(0) + i16(1) + i32(-1) + i16(0)), bind).ok());
  EXPECT_EQ(bind.parameters.size(), 1U);
  EXPECT_EQ(bind.parameters.data(), storage);
}

TEST(Frontend, DescribeAndClose) {
  expect_codec(Describe{Target::kStatement, "s1"}, frame('D', "S" + z("s1")));
  expect_codec(Describe{Target::kPortal, ""}, frame('D', "P" + z("")));
  expect_codec(Close{Target::kStatement, ""}, frame('C', "S" + z("")));
  expect_codec(Close{Target::kPortal, "p1"}, frame('C', "P" + z("p1")));
  EXPECT_NE(refusal_of<Describe>("X" + z("s1")), "");
  EXPECT_NE(refusal_of<Close>("p" + z("s1")), "");
}

TEST(Frontend, Execute) {
  expect_codec(Execute{"p1", 100}, frame('E', z("p1") + i32(100)));
  expect_codec(Execute{"", -1}, frame('E', z("") + i32(-1)));
}

TEST(Frontend, FunctionCall) {
  const std::string argument = "42";
  expect_codec(
      FunctionCall{1598, {1, 0}, {bytes_of(argument), std::nullopt}, 1},
      frame('F', i32(1598) + i16(2) + i16(1) + i16(0) + i16(2) + sized("42") + i32(-1) + i16(1)));
}

TEST(Frontend, Copy) {
  std::string out;
  encode(CopyData{bytes_of("1\t2\n")}, out);
  EXPECT_EQ(out, frame('d', "1\t2\n"));
  expect_codec(CopyDone{}, frame('c', ""));
  expect_codec(CopyFail{"disk full"}, frame('f', z("disk full")));
}

TEST(Frontend, MessagesWithoutFields) {
  expect_codec(Sync{}, frame('S', ""));
  expect_codec(Flush{}, frame('H', ""));
  expect_codec(Terminate{}, frame('X', ""));
}

struct Head {
  HeadStatus status;
  BindHead names;
  DecodeError error;
};
Head read_head(const std::string& available, std::size_t body_length) {
  Head head{};
  head.status = decode_head(bytes_of(available), static_cast<std::uint32_t>(body_length),
                            head.names, head.error);
  EXPECT_EQ(head.status == HeadStatus::kError, static_cast<bool>(head.error));
  return head;
}

TEST(BindHead, IsReadAsSoonAsBothNamesAreThere) {
  const std::string names = z("portal") + z("statement");
  const std::string body = names + i16(0) + i16(1) + sized(std::string(100000, 'v')) + i16(0);
  for (std::size_t cut = 0; cut < names.size(); ++cut)
    EXPECT_EQ(read_head(body.substr(0, cut), body.size()).status, HeadStatus::kNeedMore) << cut;
  for (std::size_t cut : {names.size(), names.size() + 1, body.size()}) {
    const std::string available = body.substr(0, cut);
    const Head head = read_head(available, body.size());
    ASSERT_EQ(head.status, HeadStatus::kComplete) << cut;
    EXPECT_EQ(head.names.portal, "portal");
    EXPECT_EQ(head.names.statement, "statement");
  }
}

TEST(BindHead, DoesNotReadBeyondTheBody) {
  const std::string body = z("portal") + "sta";
  EXPECT_EQ(read_head(body + z("tement"), body.size()).status, HeadStatus::kError);
  EXPECT_EQ(read_head(body, body.size()).error.sqlstate, DecodeError::kProtocolViolation);
}

TEST(BindHead, RefusesNamesThatNeverEnd) {
  const std::string endless(kMaxBindHead, 'n');
  EXPECT_EQ(read_head(endless.substr(1), 1 << 20).status, HeadStatus::kNeedMore);
  const Head head = read_head(endless, 1 << 20);
  EXPECT_EQ(head.status, HeadStatus::kError);
  EXPECT_EQ(head.error.sqlstate, DecodeError::kLimitExceeded);
  // Nor do terminators beyond the limit count, however much arrived at once.
  EXPECT_EQ(read_head(endless + z("") + z(""), 1 << 20).status, HeadStatus::kError);
}

}  // namespace
}  // namespace tracegate::proto
