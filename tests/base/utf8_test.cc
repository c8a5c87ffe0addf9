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

TEST(Printable, EscapesControlCharactersAndInvalidBytes) {
  EXPECT_EQ(log::printable("a\nb\x1b[31m\xff\xc2\x9b"), "a\\x0ab\\x1b[31m\\xff\\xc2\\x9b");
  EXPECT_EQ(log::printable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(log::printable("abcdef", 3), "abc...");
}

}  // namespace
}  // namespace tracegate
