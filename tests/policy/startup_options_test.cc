#include "src/policy/startup_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tracegate::policy {
namespace {

using ::testing::ElementsAre;

TEST(SplitOptions, SplitsAtWhiteSpace) {
  EXPECT_THAT(split_options("  -c a=1\t\n--b=2  "), ElementsAre("-c", "a=1", "--b=2"));
  EXPECT_THAT(split_options(""), ElementsAre());
  EXPECT_THAT(split_options(" \f\v\r"), ElementsAre());
}
TEST(SplitOptions, ABackslashTakesTheNextCharacter) {
  EXPECT_THAT(split_options(R"(-c a=x\ y\\z)"), ElementsAre("-c", R"(a=x y\z)"));
  EXPECT_THAT(split_options(R"(a\)"), ElementsAre("a"));
}

TEST(ParseOptions, ReadsEveryWayToSet) {
  const Result<std::vector<Parameter>> settings =
      parse_options(R"(-c a=1 -cb=2 --c-d=3 -c e-f=x-y -c g= -c h=i=j -c k=l\ m)");
  ASSERT_TRUE(settings.ok());
  EXPECT_THAT(*settings,
              ElementsAre(Parameter{"a", "1"}, Parameter{"b", "2"}, Parameter{"c_d", "3"},
                          Parameter{"e_f", "x-y"}, Parameter{"g", ""}, Parameter{"h", "i=j"},
                          Parameter{"k", "l m"}));
}
TEST(ParseOptions, RefusesEverythingElse) {
  for (const std::string_view text : {"-c", "-c a", "-ca", "--a", "--", "--=1", "-c =1", "-d 5",
                                      "-E", "a=1", "-", "-C a=1", "-c a=1 b"}) {
    const Result<std::vector<Parameter>> settings = parse_options(text);
    ASSERT_FALSE(settings.ok()) << text;
    EXPECT_EQ(settings.error().sqlstate, "42601") << text;
  }
}
TEST(ParseOptions, SaysWhatItDoesNotTake) {
  EXPECT_EQ(parse_options("-c a=1 -d 5").error().message,
            "invalid command-line argument in start-up parameter \"options\": \"-d\"");
  EXPECT_EQ(parse_options("--a").error().message, "--a requires a value");
}

}  // namespace
}  // namespace tracegate::policy
