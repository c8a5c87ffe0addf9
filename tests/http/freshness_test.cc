#include "src/http/freshness.h"

#include <gtest/gtest.h>

namespace tracegate::http {
namespace {

using std::chrono::seconds;
using Said = std::optional<seconds>;

Said fresh(const char* cache_control, std::optional<std::string> age = std::nullopt) {
  ResponseHeaders headers;
  headers.cache_control = cache_control;
  headers.age = std::move(age);
  return fresh_for(headers);
}

TEST(FreshFor, IsMaxAgeLessAge) {
  EXPECT_EQ(fresh("max-age=600"), seconds{600});
  EXPECT_EQ(fresh("public, max-age=600, must-revalidate", "100"), seconds{500});
  EXPECT_EQ(fresh("max-age=600", "600"), seconds{0});
  EXPECT_EQ(fresh("max-age=600", "1000"), seconds{0});
}

TEST(FreshFor, NothingIsSaidWithoutMaxAge) {
  EXPECT_EQ(fresh_for({}), std::nullopt);
  EXPECT_EQ(fresh(""), std::nullopt);
  EXPECT_EQ(fresh("public"), std::nullopt);
  EXPECT_EQ(fresh("s-maxage=5, extension=\"max-age=7\""), std::nullopt);
}

TEST(FreshFor, LetterCaseAndWhiteSpaceDoNotCount) {
  EXPECT_EQ(fresh("\t Public ,,MAX-AGE=7 ,"), seconds{7});
}

TEST(FreshFor, AValueMayStandInQuotes) {
  EXPECT_EQ(fresh("max-age=\"60\""), seconds{60});
  EXPECT_EQ(fresh("x=\"a,\\\", no-store\", max-age=60"), seconds{60});
}

TEST(FreshFor, IsZeroForWhatMayNotBeKept) {
  EXPECT_EQ(fresh("no-store"), seconds{0});
  EXPECT_EQ(fresh("max-age=600, No-Cache"), seconds{0});
  EXPECT_EQ(fresh("no-cache=\"set-cookie\", max-age=600"), seconds{0});
}

TEST(FreshFor, TheSmallestOfSeveralCounts) {
  EXPECT_EQ(fresh("max-age=600, max-age=60, max-age=6000"), seconds{60});
}

TEST(FreshFor, WhatIsMalformedCountsAsStale) {
  for (const char* text : {"max-age", "max-age=", "max-age=x", "max-age=-1", "max-age=1.5",
                           "max-age = 600", "max-age=600 public", "max-age=600, x=\"open",
                           "max-age=600, x=\"open\\", "max-age=600; public", "=600", "max-age=+5"})
    EXPECT_EQ(fresh(text), seconds{0}) << text;
}

TEST(FreshFor, ALargeNumberIsCut) {
  EXPECT_EQ(fresh("max-age=2147483648"), kLongestDelta);
  EXPECT_EQ(fresh("max-age=99999999999999999999999999999999"), kLongestDelta);
}

TEST(FreshFor, AnAgeThatMakesNoSenseIsPassedOver) {
  EXPECT_EQ(fresh("max-age=600", "old"), seconds{600});
  EXPECT_EQ(fresh("max-age=600", "-5"), seconds{600});
  EXPECT_EQ(fresh("max-age=600", ""), seconds{600});
  EXPECT_EQ(fresh("max-age=600", "100, 7"), seconds{500});
}

TEST(RetryAfter, IsANumberOfSeconds) {
  ResponseHeaders headers;
  EXPECT_EQ(retry_after(headers), std::nullopt);
  headers.retry_after = "120";
  EXPECT_EQ(retry_after(headers), seconds{120});
  headers.retry_after = "Fri, 31 Dec 1999 23:59:59 GMT";
  EXPECT_EQ(retry_after(headers), std::nullopt);
  headers.retry_after = "5, 6";
  EXPECT_EQ(retry_after(headers), std::nullopt);
}

}  // namespace
}  // namespace tracegate::http
