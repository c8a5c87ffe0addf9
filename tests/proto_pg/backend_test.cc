#include "proto_pg/backend.h"

#include <gtest/gtest.h>

#include "tests/proto_pg/codec_check.h"
#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

TEST(Backend, BackendKeyDataOfBothVersions) {
  for (std::size_t size : {4U, 32U, 255U}) {
    const std::string key(size, '\xee');
    expect_codec(BackendKeyData{77, bytes_of(key)}, frame('K', i32(77) + key), 4 + kMinCancelKey);
  }
  EXPECT_EQ(refusal_of<BackendKeyData>(i32(1) + std::string(256, 'k')), "");
  EXPECT_NE(refusal_of<BackendKeyData>(i32(1) + std::string(257, 'k')), "");
}

TEST(Backend, ParameterStatus) {
  expect_codec(ParameterStatus{"TimeZone", "UTC"}, frame('S', z("TimeZone") + z("UTC")));
}

TEST(Backend, ReadyForQuery) {
  expect_codec(ReadyForQuery{TransactionStatus::kIdle}, frame('Z', "I"));
  expect_codec(ReadyForQuery{TransactionStatus::kInTransaction}, frame('Z', "T"));
  expect_codec(ReadyForQuery{TransactionStatus::kFailed}, frame('Z', "E"));
  EXPECT_NE(refusal_of<ReadyForQuery>("X"), "");
}

TEST(Backend, NegotiateProtocolVersion) {
  expect_codec(NegotiateProtocolVersion{{3, 2}, {"_pq_.a", "_pq_.b"}},
               frame('v', i32(196610) + i32(2) + z("_pq_.a") + z("_pq_.b")));
  expect_codec(NegotiateProtocolVersion{{3, 0}, {}}, frame('v', i32(196608) + i32(0)));
  for (std::int64_t count : {-1LL, 2147483647LL, 2LL})
    EXPECT_NE(refusal_of<NegotiateProtocolVersion>(i32(196610) + i32(count) + z("")), "") << count;
}

TEST(Backend, NotificationResponse) {
  expect_codec(NotificationResponse{77, "channel", ""}, frame('A', i32(77) + z("channel") + z("")));
}

TEST(Backend, RowDescription) {
  const std::string body = i16(2) + z("id") + i32(16384) + i16(1) + i32(20) + i16(8) + i32(-1) +
                           i16(0) + z("?column?") + i32(0) + i16(0) + i32(25) + i16(-1) + i32(-1) +
                           i16(1);
  RowDescription row;
  ASSERT_TRUE(decode(bytes_of(body), row).ok());
  ASSERT_EQ(row.fields.size(), 2U);
  EXPECT_EQ(row.fields[0], (RowDescription::Field{"id", 16384, 1, 20, 8, -1, kTextFormat}));
  EXPECT_EQ(row.fields[1], (RowDescription::Field{"?column?", 0, 0, 25, -1, -1, kBinaryFormat}));
  expect_codec(row, frame('T', body));
  expect_codec(RowDescription{}, frame('T', i16(0)));
}

TEST(Backend, RefusesAFormatNobodyCouldMask) {
  const std::string upto_format = i16(1) + z("id") + i32(0) + i16(0) + i32(25) + i16(-1) + i32(-1);
  EXPECT_NE(refusal_of<RowDescription>(upto_format + i16(2)), "");
  EXPECT_NE(refusal_of<RowDescription>(upto_format + i16(-1)), "");
  EXPECT_NE(refusal_of<CopyOutResponse>(i8(2) + i16(0)), "");
  EXPECT_NE(refusal_of<CopyOutResponse>(i8(0) + i16(1) + i16(9)), "");
}

TEST(Backend, DataRow) {
  const std::string text = "value";
  expect_codec(DataRow{{bytes_of(text), std::nullopt, ByteView()}},
               frame('D', i16(3) + sized("value") + i32(-1) + sized("")));
  expect_codec(DataRow{}, frame('D', i16(0)));
  EXPECT_NE(refusal_of<DataRow>(i16(1) + i32(-2)), "");
  EXPECT_NE(refusal_of<DataRow>(i16(1) + i32(2147483647) + "x"), "");
}

TEST(Backend, CountsAreCheckedBeforeAnythingIsAllocated) {
  const std::string many = i16(-1);  // 65535
  RowDescription description;
  EXPECT_TRUE(decode(bytes_of(many + std::string(1000, 'x')), description));
  EXPECT_EQ(description.fields.capacity(), 0U);
  DataRow row;
  EXPECT_TRUE(decode(bytes_of(many + std::string(1000, 'x')), row));
  EXPECT_EQ(row.columns.capacity(), 0U);
  ParameterDescription parameters;
  EXPECT_TRUE(decode(bytes_of(many + std::string(1000, 'x')), parameters));
  EXPECT_EQ(parameters.types.capacity(), 0U);
}

TEST(Backend, ParameterDescription) {
  expect_codec(ParameterDescription{{23, 25}}, frame('t', i16(2) + i32(23) + i32(25)));
  expect_codec(ParameterDescription{}, frame('t', i16(0)));
}

TEST(Backend, CommandComplete) {
  expect_codec(CommandComplete{"INSERT 0 5"}, frame('C', z("INSERT 0 5")));
}

TEST(RowCount, IsTheNumberThatEndsATag) {
  EXPECT_EQ(row_count("INSERT 0 5"), 5U);
  EXPECT_EQ(row_count("SELECT 3"), 3U);
  EXPECT_EQ(row_count("COPY 7"), 7U);
  EXPECT_EQ(row_count("UPDATE 0"), 0U);
  EXPECT_EQ(row_count("DELETE 18446744073709551615"), 18446744073709551615U);
}

TEST(RowCount, IsNoneForOtherTags) {
  for (std::string_view tag : {"", "BEGIN", "CREATE TABLE", "SELECT ", "SELECT -1", "SELECT 1x",
                               "SELECT +1", "7", "COPY 18446744073709551616", "LISTEN 0x7"})
    EXPECT_FALSE(row_count(tag)) << tag;
}

TEST(Backend, MessagesWithoutFields) {
  expect_codec(ParseComplete{}, frame('1', ""));
  expect_codec(BindComplete{}, frame('2', ""));
  expect_codec(CloseComplete{}, frame('3', ""));
  expect_codec(EmptyQueryResponse{}, frame('I', ""));
  expect_codec(NoData{}, frame('n', ""));
  expect_codec(PortalSuspended{}, frame('s', ""));
}

TEST(Backend, CopyResponses) {
  expect_codec(CopyInResponse{kTextFormat, {0, 0}}, frame('G', i8(0) + i16(2) + i16(0) + i16(0)));
  expect_codec(CopyOutResponse{kBinaryFormat, {1}}, frame('H', i8(1) + i16(1) + i16(1)));
  expect_codec(CopyBothResponse{}, frame('W', i8(0) + i16(0)));
}

TEST(Backend, FunctionCallResponse) {
  const std::string result = "8";
  expect_codec(FunctionCallResponse{bytes_of(result)}, frame('V', sized("8")));
  expect_codec(FunctionCallResponse{}, frame('V', i32(-1)));
}

}  // namespace
}  // namespace tracegate::proto
