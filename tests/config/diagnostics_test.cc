#include "src/config/diagnostics.h"

#include <gtest/gtest.h>

namespace tracegate::config {
namespace {

constexpr std::string_view kKeys[] = {"operations", "tables", "columns", "tls"};

TEST(Nearest, FindsAMissingLetter) {
  EXPECT_EQ(nearest("colums", kKeys), "columns");
}
TEST(Nearest, FindsSwappedLetters) {
  EXPECT_EQ(nearest("tsl", kKeys), "tls");
}
TEST(Nearest, IgnoresLetterCase) {
  EXPECT_EQ(nearest("TABLES", kKeys), "tables");
}
TEST(Nearest, GivesNothingForWhatIsFar) {
  EXPECT_EQ(nearest("password", kKeys), "");
}
TEST(Nearest, GivesNothingForTheEmptyWord) {
  EXPECT_EQ(nearest("", kKeys), "");
}
TEST(Nearest, GivesNothingForAnEndlessWord) {
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kKeys), "");
}
TEST(Nearest, TakesTheFirstOfEquallyNear) {
  constexpr std::string_view kPair[] = {"ab", "ac"};
  EXPECT_EQ(nearest("aa", kPair), "ab");
}

TEST(Suggest, AsksForTheNearOne) {
  EXPECT_EQ(suggest("colums", kKeys), "did you mean \"columns\"?");
}
TEST(Suggest, ListsAShortListOtherwise) {
  EXPECT_EQ(suggest("password", kKeys), R"(known: "operations", "tables", "columns", "tls")");
}
TEST(Suggest, SaysNothingForALongList) {
  const std::vector<std::string_view> many(100, "abcdefgh");
  EXPECT_EQ(suggest("password", many), "");
}

TEST(Diagnostic, ShowsPlaceSeverityMessageAndSuggestion) {
  const Diagnostic diagnostic{{"roles.toml", 24, 3}, Severity::kError, "unknown key", "write less"};
  EXPECT_EQ(diagnostic.to_string(), "roles.toml:24:3: error: unknown key; write less");
}
TEST(Diagnostic, NamesOnlyTheFileWithoutALine) {
  const Diagnostic diagnostic{{"roles.toml", 0, 0}, Severity::kWarning, "odd", ""};
  EXPECT_EQ(diagnostic.to_string(), "roles.toml: warning: odd");
}
TEST(Diagnostic, NamesNothingForTheFolder) {
  const Diagnostic diagnostic{{}, Severity::kError, "no such folder", ""};
  EXPECT_EQ(diagnostic.to_string(), "error: no such folder");
}

TEST(Diagnostics, SortsByFileLineAndColumn) {
  Diagnostics diagnostics;
  diagnostics.error({"b.toml", 1, 1}, "5");
  diagnostics.warning({"a.toml", 10, 1}, "4");
  diagnostics.error({"a.toml", 2, 7}, "3");
  diagnostics.error({"a.toml", 2, 5}, "2");
  diagnostics.error({}, "1");
  diagnostics.sort();
  std::string order;
  for (const Diagnostic& each : diagnostics.list()) order += each.message;
  EXPECT_EQ(order, "12345");
}
TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.warning({}, "odd");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error({}, "wrong");
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(InQuotes, EscapesControlCharactersAndCuts) {
  EXPECT_EQ(in_quotes("a\x1b[31m"), "\"a\\x1b[31m\"");
  EXPECT_EQ(in_quotes(std::string(200, 'x')).size(), 80 + 3 + 2);
}

}  // namespace
}  // namespace tracegate::config
