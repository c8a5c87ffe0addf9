#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

TEST(ArrayMask, MasksEachElement) {
  const ColumnMask mask = mask_of(partial(1, 0), "text[]");
  EXPECT_EQ(masked(mask, "{alice,bob}"), "{a****,b**}");
  EXPECT_EQ(masked(mask, "{}"), "{}");
  EXPECT_EQ(masked_null(mask), kKeptValue);
}

TEST(ArrayMask, NullElementsStayNull) {
  EXPECT_EQ(masked(mask_of(partial(0, 0), "text[]"), "{NULL,a,NULL}"), "{NULL,*,NULL}");
  EXPECT_EQ(masked(mask_of(partial(0, 0), "text[]"), "{\"NULL\"}"), "{****}");
}

TEST(ArrayMask, ReadsQuotesAndEscapes) {
  const ColumnMask mask = mask_of(partial(9, 9), "text[]");
  EXPECT_EQ(masked(mask, R"({"",a,"a,b","{}","say \"hi\"","\\"})"), R"({"",*,***,**,********,*})");
}

TEST(ArrayMask, WritesQuotesWhereTheyAreNeeded) {
  const ColumnMask mask = mask_of(partial(4, 0), "text[]");
  EXPECT_EQ(masked(mask, R"({"a b c","\"\\{}x",",,,,,","nullx","NULLx",abcde})"),
            R"({"a b *","\"\\{}*",",,,,*",null*,NULL*,abcd*})");
  // What was longer may be the word itself.
  EXPECT_EQ(masked(mask_of(detect(), "text[]"), R"({null,"NuLL",secret})"),
            R"({"null","NuLL",[found]})");
}

TEST(ArrayMask, GivesOneDimensionFromOneOn) {
  const ColumnMask mask = mask_of(buckets(10), "integer[]");
  EXPECT_EQ(masked(mask, "{{1,2},{13,NULL}}"), "{0,0,10,NULL}");
  EXPECT_EQ(masked(mask, "[0:1]={11,22}"), "{10,20}");
  EXPECT_EQ(masked(mask, "[-1:0][2:2]={{11},{22}}"), "{10,20}");
  EXPECT_EQ(masked(mask, "{{{{{{1}}}}}}"), "{0}");
}

TEST(ArrayMask, WhatIsNoArrayBecomesNull) {
  const ColumnMask mask = mask_of(partial(9, 9), "text[]");
  for (const char* text : {"",
                           "a",
                           "{",
                           "}",
                           "{a",
                           "{a,",
                           "{a,}",
                           "{,a}",
                           "{a}}",
                           "{a}b",
                           "{{a}",
                           "{a b}",
                           "{\"a}",
                           "{\"a\\",
                           "{\"a\"b}",
                           "[0:1]",
                           "[0:1]={",
                           "[a:b]={a}",
                           "{{{{{{{a}}}}}}}",
                           "{a{b}}",
                           "{{a}b}",
                           "{{a}{b}}",
                           "{\"caf\xe9\"}",
                           "{ }"})
    EXPECT_EQ(masked(mask, text), kNullValue) << text;
  EXPECT_EQ(masked(mask_of(buckets(10), "integer[]"), "{1,x}"), kNullValue);
}

// dimensions, flags, type of the elements; size and lower bound of each dimension
const std::string kOne = "00000001 00000000 00000019 ";

TEST(ArrayMask, BinaryArraysToo) {
  const ColumnMask mask = mask_of(partial(1, 0), "text[]");
  EXPECT_EQ(
      masked(mask, bytes(kOne + "00000002 00000001 00000002 6162 00000001 63"), Format::kBinary),
      bytes(kOne + "00000002 00000001 00000002 612a 00000001 2a"));
  const std::string empty = bytes("00000000 00000000 00000019");
  EXPECT_EQ(masked(mask, empty, Format::kBinary), empty);
}

TEST(ArrayMask, BinaryNullsAndDimensions) {
  const ColumnMask mask = mask_of(buckets(10), "smallint[]");
  EXPECT_EQ(masked(mask,
                   bytes("00000002 00000001 00000015 00000001 00000005 00000002 fffffffe "
                         "00000002 000b ffffffff"),
                   Format::kBinary),
            bytes("00000001 00000001 00000015 00000002 00000001 00000002 000a ffffffff"));
  // The flag may say that there are NULLs where there are none any more.
  EXPECT_EQ(masked(mask, bytes("00000001 00000001 00000015 00000001 00000001 00000002 000b"),
                   Format::kBinary),
            bytes("00000001 00000000 00000015 00000001 00000001 00000002 000a"));
}

TEST(ArrayMask, BinaryWhatIsNoArrayBecomesNull) {
  const ColumnMask mask = mask_of(partial(1, 0), "text[]");
  const std::string good = bytes(kOne + "00000002 00000001 00000002 6162 00000001 63");
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_EQ(masked(mask, std::string_view(good).substr(0, length), Format::kBinary), kNullValue)
        << length;
  EXPECT_EQ(masked(mask, good + "x", Format::kBinary), kNullValue);
  for (const char* other :
       {"00000001 00000000 00000017 00000000 00000001",  // of integers
        "00000007 00000000 00000019",                    // seven dimensions
        "00000001 00000002 00000019 00000000 00000001",  // an unknown flag
        "00000001 00000000 00000019 ffffffff 00000001",  // so many elements
        "00000002 00000000 00000019 ffffffff 00000001 ffffffff 00000001",
        "00000001 00000000 00000019 00000001 00000001 fffffffe",  // a length below -1
        "00000001 00000000 00000019 00000001 00000001 00000001 ff"})
    EXPECT_EQ(masked(mask, bytes(other), Format::kBinary), kNullValue) << other;
}

TEST(ArrayMask, DetectKeepsAnArrayInWhichNothingIsFound) {
  const ColumnMask mask = mask_of(detect(), "text[]");
  EXPECT_TRUE(mask.on_rows->detects());
  EXPECT_EQ(mask.expression, "");
  EXPECT_EQ(masked(mask, "[5:6]={a,NULL}"), kKeptValue);
  EXPECT_EQ(masked(mask, "[5:6]={a,\"my secret\"}"), "{a,\"my [found]\"}");
  EXPECT_EQ(masked(mask, "{a,"), kNullValue);
}

TEST(ArrayMask, OtherElementsAreRefused) {
  EXPECT_EQ(refusal_of(buckets(10), "numeric[]"),
            "truncate does not serve arrays of numeric: it serves arrays of text, uuid and "
            "integers only");
  EXPECT_EQ(refusal_of(hash(), "integer[]"),
            "hash does not serve arrays of integer: different values could get the same pseudonym");
  EXPECT_EQ(refusal_of(partial(1, 1), "app.short[]"),
            "partial does not serve arrays of this type: it is no text");
}

}  // namespace
}  // namespace tracegate::mask
