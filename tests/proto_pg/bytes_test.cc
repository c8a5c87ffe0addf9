#include "proto_pg/bytes.h"

#include <gtest/gtest.h>

#include "tests/proto_pg/wire.h"

namespace tracegate::proto {
namespace {

using namespace wire;  // NOLINT: the words of these tests

TEST(Reader, TakesFieldsInOrderAndFinishes) {
  const std::string body =
      i8(0xfe) + i16(0xfffe) + i32(-2) + z("text") + sized("ab") + i32(-1) + i32(0) + "tail";
  Reader in(bytes_of(body));
  EXPECT_EQ(in.u8(), 0xfe);
  EXPECT_EQ(in.i16(), -2);
  EXPECT_EQ(in.u32(), 0xfffffffeU);
  EXPECT_EQ(in.cstring(), "text");
  const Value value = in.value();
  ASSERT_TRUE(value);
  EXPECT_EQ(text_of(*value), "ab");
  EXPECT_FALSE(in.value());
  const Value empty = in.value();
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->empty());
  EXPECT_EQ(in.remaining(), 4U);
  EXPECT_EQ(text_of(in.rest()), "tail");
  EXPECT_TRUE(in.finish().ok());
}

TEST(Reader, FirstFailureSticks) {
  const std::string body = i32(-2) + z("never read");
  Reader in(bytes_of(body));
  EXPECT_FALSE(in.value());
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_EQ(in.cstring(), "");
  EXPECT_EQ(in.count16(1), 0U);
  in.fail("another reason");
  EXPECT_EQ(in.finish().message, "a length in the message is negative");
}

TEST(Reader, RefusesBytesBehindTheLastField) {
  const std::string body = z("text") + "x";
  Reader in(bytes_of(body));
  EXPECT_EQ(in.cstring(), "text");
  const DecodeError error = in.finish();
  EXPECT_TRUE(error);
  EXPECT_EQ(error.sqlstate, "08P01");
}

TEST(Reader, RefusesTextWithoutEnd) {
  Reader in(bytes_of("text"));
  EXPECT_EQ(in.cstring(), "");
  EXPECT_TRUE(in.finish());
}

TEST(Reader, SurvivesAnEmptyBody) {
  Reader in{ByteView()};
  EXPECT_TRUE(in.rest().empty());
  EXPECT_TRUE(in.finish().ok());
  EXPECT_EQ(in.cstring(), "");
  EXPECT_TRUE(in.finish());
}

TEST(Reader, BelievesACountOnlyIfTheItemsCanFollow) {
  const std::string exact = i16(3) + std::string(12, 'x');
  EXPECT_EQ(Reader(bytes_of(exact)).count16(4), 3U);
  const std::string short_by_one = i16(3) + std::string(11, 'x');
  EXPECT_EQ(Reader(bytes_of(short_by_one)).count16(4), 0U);
  // 0x40000001 items of 4 bytes are 4 bytes in 32-bit arithmetic.
  const std::string overflowing = i32(0x40000001) + std::string(4, 'x');
  Reader in(bytes_of(overflowing));
  EXPECT_EQ(in.count32(4), 0U);
  EXPECT_TRUE(in.failed());
}

TEST(Reader, RefusesAValueThatReachesBeyondTheBody) {
  for (std::int64_t length : {5LL, 0x7fffffffLL}) {
    const std::string body = i32(length) + "1234";
    Reader in(bytes_of(body));
    in.value();
    EXPECT_TRUE(in.finish()) << length;
  }
}

TEST(Writer, PatchesTheLengthOfEachMessage) {
  std::string out = "before";
  Writer writer(out);
  writer.begin_message('Q');
  writer.cstring("ab");
  writer.end_message();
  writer.begin_untyped();
  writer.i32(-1);
  writer.end_message();
  EXPECT_EQ(out, "before" + frame('Q', z("ab")) + untyped(i32(-1)));
}

TEST(Writer, LetsNoTextEndItsFieldEarly) {
  std::string out;
  Writer(out).cstring(std::string_view("user\0database\0postgres", 22));
  EXPECT_EQ(out, z("user"));
}

TEST(WriterDeathTest, RefusesMoreItemsThanACountCanSay) {
  std::string out;
  EXPECT_DEATH(Writer(out).count16(65536), "too many items");
}

}  // namespace
}  // namespace tracegate::proto
