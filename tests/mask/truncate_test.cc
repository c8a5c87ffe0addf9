// Times are cut by the store alone: masks_in_postgres_test.cc.
#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

TEST(TruncateMask, NumbersGoDownToTheirBucket) {
  const ColumnMask mask = mask_of(buckets(10), "integer");
  for (const auto& [value, expected] : std::vector<std::pair<std::string, std::string>>{
           {"0", "0"},
           {"9", "0"},
           {"10", "10"},
           {"2147483647", "2147483640"},
           {"-1", "-10"},
           {"-10", "-10"},
           {"-11", "-20"},
       })
    EXPECT_EQ(masked(mask, value), expected);
}

TEST(TruncateMask, TheLowestBucketBeginsWithTheLowestValue) {
  EXPECT_EQ(masked(mask_of(buckets(1000), "smallint"), "-32768"), "-32768");
  EXPECT_EQ(masked(mask_of(buckets(1000), "smallint"), "-32001"), "-32768");
  EXPECT_EQ(masked(mask_of(buckets(1000), "smallint"), "-32000"), "-32000");
  EXPECT_EQ(masked(mask_of(buckets(1000), "integer"), "-2147483648"), "-2147483648");
  EXPECT_EQ(masked(mask_of(buckets(1000), "bigint"), "-9223372036854775001"),
            "-9223372036854775808");
  EXPECT_EQ(masked(mask_of(buckets(INT64_MAX), "bigint"), "-9223372036854775808"),
            "-9223372036854775808");
  EXPECT_EQ(masked(mask_of(buckets(INT64_MAX), "bigint"), "-1"), "-9223372036854775807");
  EXPECT_EQ(masked(mask_of(buckets(INT64_MAX), "smallint"), "-1"), "-32768");
  EXPECT_EQ(masked(mask_of(buckets(INT64_MAX), "smallint"), "32767"), "0");
}

TEST(TruncateMask, BinaryNumbersToo) {
  EXPECT_EQ(masked(mask_of(buckets(10), "smallint"), bytes("fff5"), Format::kBinary),
            bytes("ffec"));
  EXPECT_EQ(masked(mask_of(buckets(256), "integer"), bytes("000012ff"), Format::kBinary),
            bytes("00001200"));
  EXPECT_EQ(masked(mask_of(buckets(256), "bigint"), bytes("7fffffffffffffff"), Format::kBinary),
            bytes("7fffffffffffff00"));
}

TEST(TruncateMask, WhatIsNoNumberBecomesNull) {
  const ColumnMask mask = mask_of(buckets(10), "smallint");
  for (const char* text : {"", "x", "1x", " 1", "1.0", "32768", "-32769"})
    EXPECT_EQ(masked(mask, text), kNullValue) << text;
  EXPECT_EQ(masked(mask, bytes("00000001"), Format::kBinary), kNullValue);
  EXPECT_EQ(masked(mask, "", Format::kBinary), kNullValue);
  EXPECT_EQ(masked_null(mask), kKeptValue);
}

TEST(TruncateMask, TimesAreForTheStore) {
  for (const char* type : {"date", "timestamp without time zone", "timestamp with time zone"}) {
    const ColumnMask mask = mask_of(truncate(TimeUnit::kMonth), type);
    EXPECT_EQ(mask.on_rows, nullptr) << type;
    EXPECT_NE(mask.expression, "") << type;
  }
  EXPECT_EQ(mask_of(buckets(5), "numeric").on_rows, nullptr);
}

TEST(TruncateMask, RefusesWhatMakesNoSense) {
  EXPECT_EQ(refusal_of(truncate(TimeUnit::kHour), "date"),
            "truncate of a date to its hour leaves it as it is");
  EXPECT_EQ(refusal_of(truncate(TimeUnit::kDay), "date"),
            "truncate of a date to its day leaves it as it is");
  EXPECT_EQ(refusal_of(buckets(1), "bigint"),
            "truncate of an integer to buckets of 1 leaves it as it is");
  for (const char* type : {"date", "timestamp without time zone", "timestamp with time zone"})
    EXPECT_EQ(refusal_of(buckets(5), type), "truncate of a time needs a unit") << type;
  EXPECT_EQ(refusal_of(buckets(0), "integer"), "truncate of a number needs a bucket of at least 1");
  EXPECT_EQ(refusal_of(buckets(-1), "numeric"),
            "truncate of a number needs a bucket of at least 1");
  EXPECT_EQ(refusal_of(buckets(1), "text"),
            "truncate does not serve text: it is neither a time nor a number");
}

}  // namespace
}  // namespace tracegate::mask
