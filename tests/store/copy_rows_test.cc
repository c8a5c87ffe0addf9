#include "src/store/copy_rows.h"

#include <limits>

#include "src/store/connection.h"
#include "tests/store/harness.h"

namespace tracegate::store {
namespace {

std::string storable(std::string_view value) {
  std::string scratch;
  return std::string(storable_text(value, scratch));
}

TEST(StorableText, LeavesUtf8AsItIs) {
  for (const char* text : {"", "select 1", "größe", "日本語 😀", "\x01\x7f\n"})
    EXPECT_EQ(storable(text), text);
}

TEST(StorableText, EscapesWhatPostgresqlWouldRefuse) {
  EXPECT_EQ(storable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(storable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(storable("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(storable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(storable("ok \xc3"), "ok \\xc3");              // cut in the middle
}

class CopyRowsTest : public StoreTest {
 protected:
  void copy(const std::string& columns, CopyRows& rows) {
    const Result<std::unique_ptr<Connection>> connection = Connection::open(config(), nullptr);
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE((*connection)->run("SET timezone = 'UTC'; CREATE TABLE t (" + columns + ")").ok());
    const Status copied =
        (*connection)->copy_in("COPY t FROM STDIN (FORMAT binary)", rows.finish());
    ASSERT_TRUE(copied.ok()) << copied.error().message;
  }
};

TEST_F(CopyRowsTest, EveryTypeArrives) {
  CopyRows rows;
  rows.begin_row(9);
  rows.boolean(true);
  rows.integer(-5);
  rows.bigint(1ULL << 40);
  rows.text("tab\there, \\ and 'quotes'");
  rows.text_or_null("");
  rows.bytea(std::array<std::uint8_t, 3>{0, 255, 16});
  SessionId id;
  for (std::size_t i = 0; i < 16; ++i) id.bytes[i] = static_cast<std::uint8_t>(i);
  rows.uuid(id);
  rows.timestamptz(Microseconds(1'700'000'000'123'456));
  rows.interval(Microseconds(-1'500'000));
  copy("a bool, b int, c bigint, d text, e text, f bytea, g uuid, h timestamptz, i interval", rows);
  EXPECT_EQ(query("SET timezone = 'UTC'; SELECT * FROM t"),
            "t|-5|1099511627776|tab\there, \\ and 'quotes'|-|\\x00ff10|"
            "00010203-0405-0607-0809-0a0b0c0d0e0f|2023-11-14 22:13:20.123456+00|-00:00:01.5");
}

TEST_F(CopyRowsTest, ValuesBeyondTheTypeBecomeItsEdge) {
  CopyRows rows;
  for (const std::int64_t at : {std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max(), std::int64_t{0}}) {
    rows.begin_row(2);
    rows.timestamptz(Microseconds(at));
    rows.bigint(std::numeric_limits<std::uint64_t>::max());
  }
  copy("a timestamptz, b bigint", rows);
  EXPECT_EQ(query("SET timezone = 'UTC'; SELECT * FROM t"),
            "4714-11-24 00:00:00+00 BC|9223372036854775807\n"
            "294247-01-10 04:00:54.775807+00|9223372036854775807\n"
            "1970-01-01 00:00:00+00|9223372036854775807");
}

TEST_F(CopyRowsTest, RowsCanBeGatheredAgain) {
  CopyRows rows;
  rows.begin_row(1);
  rows.integer(1);
  EXPECT_FALSE(rows.finish().empty());
  rows.clear();
  EXPECT_TRUE(rows.empty());
  rows.begin_row(1);
  rows.integer(2);
  copy("a int", rows);
  EXPECT_EQ(query("SELECT * FROM t"), "2");
}

}  // namespace
}  // namespace tracegate::store
