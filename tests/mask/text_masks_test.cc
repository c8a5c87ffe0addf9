#include "src/crypto/digest.h"
#include "src/mask/hex.h"
#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

TEST(PartialMask, KeepsTheFirstAndTheLast) {
  const ColumnMask mask = mask_of(partial(2, 3), "text");
  EXPECT_EQ(masked(mask, "0123456789"), "01*****789");
  EXPECT_EQ(masked(mask, "012345"), "01*345");
  EXPECT_EQ(masked(mask_of(partial(0, 4), "text"), "4111111111111111"), "************1111");
  EXPECT_EQ(masked(mask_of(partial(1, 0), "text"), "alice"), "a****");
}

TEST(PartialMask, NothingShortIsShownWhole) {
  const ColumnMask mask = mask_of(partial(2, 3), "text");
  EXPECT_EQ(masked(mask, "01234"), "*****");
  EXPECT_EQ(masked(mask, "0"), "*");
  EXPECT_EQ(masked(mask, ""), "");
  EXPECT_EQ(masked(mask_of(partial(UINT32_MAX, UINT32_MAX), "text"), "abc"), "***");
}

TEST(PartialMask, CountsCharactersNotBytes) {
  EXPECT_EQ(masked(mask_of(partial(1, 1), "text"), "äöü€😀"), "ä***😀");
  EXPECT_EQ(masked(mask_of(partial(2, 3), "text"), "äöü€😀"), "*****");
}

TEST(PartialMask, LeavesOutThePaddingOfChar) {
  EXPECT_EQ(masked(mask_of(partial(1, 1), "character(8)"), "a cd    "), "a**d");
  EXPECT_EQ(masked(mask_of(partial(1, 1), "character(8)"), "        "), "");
  EXPECT_EQ(masked(mask_of(partial(1, 1), "text"), "abc "), "a** ");
}

TEST(EmailMask, KeepsTheFirstLetterAndTheDomain) {
  const ColumnMask mask = mask_of(email(), "text");
  EXPECT_EQ(masked(mask, "alice@example.com"), "a***@example.com");
  EXPECT_EQ(masked(mask, "a@b"), "a***@b");
  EXPECT_EQ(masked(mask, "ärger@example.com"), "ä***@example.com");
  EXPECT_EQ(masked(mask, "\"odd@local\"@example.com"), "\"***@example.com");
}

TEST(EmailMask, WhatIsNoAddressIsGone) {
  const ColumnMask mask = mask_of(email(), "character varying");
  for (const char* text : {"", "alice", "@example.com", "alice@", "@", "@a@b", "a@b@"})
    EXPECT_EQ(masked(mask, text), "***") << text;
}

TEST(HashMask, OfTextIsHalfOfTheHmacInDigits) {
  const crypto::Sha256Digest digest = crypto::hmac_sha256(
      as_bytes(std::string(32, 'k')), as_bytes(std::string("users\0alice", 11)));
  std::string digits;
  append_hex(ByteView(digest).first(16), digits);
  EXPECT_EQ(masked(mask_of(hash("users"), "text"), "alice"), digits);
  EXPECT_EQ(masked(mask_of(hash("users"), "name"), "alice"), digits);
  EXPECT_EQ(masked(mask_of(hash("users"), "character(32)"), "alice   "), digits);
}

TEST(HashMask, OfAnotherDomainIsAnother) {
  EXPECT_NE(masked(mask_of(hash("users"), "text"), "alice"),
            masked(mask_of(hash("tickets"), "text"), "alice"));
}

TEST(DetectMask, MarksWhatIsFoundAndKeepsAllElse) {
  const ColumnMask mask = mask_of(detect(), "text");
  EXPECT_TRUE(mask.on_rows->detects());
  EXPECT_EQ(mask.expression, "");
  EXPECT_EQ(masked(mask, "a secret thing"), "a [found] thing");
  EXPECT_EQ(masked(mask, "a thing"), kKeptValue);
  EXPECT_EQ(masked(mask_of(detect(), "character(20)"), "secret      "), "[found]");
}

TEST(TextMasks, NullStaysNull) {
  for (const Spec& spec : {partial(1, 1), email(), hash(), detect()})
    EXPECT_EQ(masked_null(mask_of(spec, "text")), kKeptValue);
}

TEST(TextMasks, BothFormatsAreTheSame) {
  for (const Spec& spec : {partial(1, 1), email(), hash(), detect()}) {
    const ColumnMask mask = mask_of(spec, "text");
    EXPECT_EQ(masked(mask, "my secret", Format::kBinary), masked(mask, "my secret"));
  }
}

TEST(TextMasks, WhatIsNotUtf8BecomesNull) {
  for (const Spec& spec : {partial(1, 1), email(), hash(), detect()})
    EXPECT_EQ(masked(mask_of(spec, "text"), "caf\xe9"), kNullValue);
}

TEST(TextMasks, OnlyDetectorsDetect) {
  for (const Spec& spec : {partial(1, 1), email(), hash()})
    EXPECT_FALSE(mask_of(spec, "text").on_rows->detects());
}

}  // namespace
}  // namespace tracegate::mask
