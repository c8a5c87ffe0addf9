// Patterns of operators, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/detectors/marking.h"

namespace tracegate::mask {
namespace {

std::string error_of(std::vector<std::string> names, std::vector<CustomDetector> custom) {
  const auto made = Detectors::make(names, custom);
  return made.ok() ? "" : made.error().message;
}

TEST(CustomDetectors, FindAllMatchesWithTheLongestFirst) {
  const auto detectors =
      make_detectors({}, {{"employee", "EMP-[0-9]{4,6}"}, {"site", "(?i)site (a|ab|abc)"}});
  EXPECT_EQ(marked(*detectors, "EMP-1234 EMP-123456, SITE abcd"), "[employee] [employee], [site]d");
  EXPECT_EQ(marked(*detectors, "EMP-12"), "EMP-12");
}

TEST(CustomDetectors, SeeCharactersNotBytes) {
  const auto detectors = make_detectors({}, {{"name", "[äö]x."}});
  EXPECT_EQ(marked(*detectors, "öx€ ax€"), "[name] ax€");
  EXPECT_EQ(marked(*detectors, "\xff\xfe öx1 \x80"), "\xff\xfe [name] \x80");
}

TEST(CustomDetectors, StandBesideBuiltInOnes) {
  const auto detectors = make_detectors({"email"}, {{"who", "alice"}});
  EXPECT_EQ(marked(*detectors, "alice, malice@example.com"), "[who], [email]");
}

TEST(CustomDetectors, InJsonMatchOneStringAtATime) {
  const auto detectors = make_detectors({}, {{"seven", "7777777"}, {"pair", "ab\\sc"}});
  EXPECT_EQ(marked_json(*detectors, R"({"ab":"c","n":77777771,"m":["ab","c","ab\u0020c!"]})"),
            R"({"ab":"c","n":"[seven]","m":["ab","c","[pair]!"]})");
  const auto words = make_detectors({}, {{"word", "\\bEMP[0-9]\\b"}});
  EXPECT_EQ(marked_json(*words, R"(["EMP1",{"EMP2":"xEMP3"}])"),
            R"(["[word]",{"[word]":"xEMP3"}])");
}

TEST(CustomDetectors, FindInShortStringsAndNumbers) {
  const auto detectors = make_detectors({}, {{"seat", "^[0-9]{1,2}[A-F]?$"}});
  EXPECT_EQ(marked_json(*detectors, R"(["7A",12,"",123,-1])"), R"(["[seat]","[seat]","",123,-1])");
}

TEST(CustomDetectors, AreAnchoredToTheirString) {
  const auto detectors = make_detectors({}, {{"whole", "^emp[0-9]$"}});
  EXPECT_EQ(marked_json(*detectors, R"({"a":["aemp2","emp3","emp4b"],"emp5":1})"),
            R"({"a":["aemp2","[whole]","emp4b"],"[whole]":1})");
}

TEST(CustomDetectors, AreRefusedIfTheyCannotBeMatched) {
  EXPECT_THAT(error_of({}, {{"a", "(x"}}), testing::HasSubstr("is not valid"));
  EXPECT_THAT(error_of({}, {{"a", "(x)\\1"}}), testing::HasSubstr("is not valid"));
  EXPECT_THAT(error_of({}, {{"a", "x(?=y)"}}), testing::HasSubstr("is not valid"));
  for (const char* empty : {"", "x?", "x{0,3}", "\\b", "^", "$", "(|x)", "\\B"})
    EXPECT_THAT(error_of({}, {{"a", empty}}), testing::HasSubstr("matches the empty text"))
        << empty;
}

TEST(CustomDetectors, AreRefusedIfTheyCostTooMuch) {
  for (const char* open :
       {"ax*", "ax+", "ax{2,}", "a.+?b", "[+]a+", "\\Q+\\Ea+", "[[:alpha:]]+x", "[^]]*x"})
    EXPECT_THAT(error_of({}, {{"a", open}}), testing::HasSubstr("say how often")) << open;
  for (const char* fine : {"a\\+b", "a[*+]b", "\\Qa+*\\Eb", "a[]+]b", "[[:alpha:]+]x", "a{2,5}"})
    EXPECT_EQ(error_of({}, {{"a", fine}}), "") << fine;
  EXPECT_THAT(error_of({}, {{"a", "(x{1,500}y{1,500}){2}[a-z]{1,900}\\pL{900}"}}),
              testing::HasSubstr("too large"));
  EXPECT_THAT(error_of({}, {{"a", std::string(1001, 'x')}}), testing::HasSubstr("longer than"));
}

TEST(CustomDetectors, AreRefusedIfTheyFindMarks) {
  EXPECT_THAT(error_of({}, {{"a", "[a-z]{3}"}}),
              testing::HasSubstr("which is what marks look like"));
  EXPECT_THAT(error_of({}, {{"a", "\\["}}), testing::HasSubstr("which is what marks look like"));
}

TEST(CustomDetectors, HaveNamesOfTheirOwn) {
  EXPECT_THAT(error_of({}, {{"A", "x1"}}), testing::HasSubstr("is no name"));
  EXPECT_THAT(error_of({}, {{"", "x1"}}), testing::HasSubstr("is no name"));
  EXPECT_THAT(error_of({}, {{"email", "x1"}}), testing::HasSubstr("is built in"));
  EXPECT_THAT(error_of({}, {{"a", "x1"}, {"a", "y1"}}), testing::HasSubstr("two detectors"));
  EXPECT_THAT(error_of({"e-mail"}, {}), testing::HasSubstr("there is no detector \"e-mail\""));
}

}  // namespace
}  // namespace tracegate::mask
