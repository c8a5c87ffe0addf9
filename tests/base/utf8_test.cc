#include "src/base/utf8.h"

#include <gtest/gtest.h>

#include "src/base/log.h"

namespace tracegate {
namespace {

TEST(Utf8, AcceptsEveryLengthAtItsLimits) {
  for (std::string_view text : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf",
                                "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_valid_utf8(text)) << log::printable(text);
}

TEST(Utf8, RefusesOverlongSurrogateTruncatedAndStray) {
  for (std::string_view text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xff"})
    EXPECT_FALSE(is_valid_utf8(text)) << log::printable(text);
}

TEST(Utf8, FindsOneBadByteAnywhereInLongText) {
  const std::string good(40, 'a');
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '\xff';
    EXPECT_FALSE(is_valid_utf8(bad)) << at;
  }
}

TEST(Utf8, CodePointsOfEveryLength) {
  const std::pair<std::string_view, char32_t> cases[] = {{"A", 'A'},
                                                         {"\x7f", 0x7f},
                                                         {"\xc2\x80", 0x80},
                                                         {"\xdf\xbf", 0x7ff},
                                                         {"\xe0\xa0\x80", 0x800},
                                                         {"\xef\xbf\xbf", 0xffff},
                                                         {"\xf0\x90\x80\x80", 0x10000},
                                                         {"\xf4\x8f\xbf\xbf", 0x10ffff}};
  for (const auto& [sequence, character] : cases) EXPECT_EQ(utf8_code_point(sequence), character);
}

TEST(Utf8, InvisibleCharactersAreControlsAndMarks) {
  constexpr std::u32string_view kHidden =
      U"\u0001\t\u001f\u007f\u009f\u00ad\u200b\u200e\u2028\u202e\u2066\u2069\ufeff\U000e0041";
  constexpr std::u32string_view kShown = U" ~\u00a0\u00e9\u200a\u2010\u202f\u4e00\U0001f600";
  EXPECT_TRUE(is_invisible(U'\0'));
  for (const char32_t character : kHidden)
    EXPECT_TRUE(is_invisible(character)) << static_cast<std::uint32_t>(character);
  for (const char32_t character : kShown)
    EXPECT_FALSE(is_invisible(character)) << static_cast<std::uint32_t>(character);
}

TEST(Printable, EscapesInvisibleCharactersAndInvalidBytes) {
  EXPECT_EQ(log::printable("\xe2\x80\xae"
                           "evil"),
            "\\xe2\\x80\\xaeevil");
  EXPECT_EQ(log::printable("a\nb\x1b[31m\xff\xc2\x9b"), "a\\x0ab\\x1b[31m\\xff\\xc2\\x9b");
  EXPECT_EQ(log::printable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(log::printable("abcdef", 3), "abc...");
}

}  // namespace
}  // namespace tracegate
