#include <gtest/gtest.h>

#include "src/mask/spec.h"

namespace tracegate::mask {
namespace {

// "user, *, [*]" with keys in quotes.
std::string steps(std::string_view path) {
  const auto parsed = parse_json_path(path);
  if (!parsed) return "none";
  std::string out;
  for (const JsonStep& step : *parsed) {
    if (!out.empty()) out += ", ";
    if (step.kind == JsonStep::Kind::kKey) out += "'" + step.key + "'";
    if (step.kind == JsonStep::Kind::kAnyKey) out += "*";
    if (step.kind == JsonStep::Kind::kAnyElement) out += "[*]";
  }
  return out;
}

TEST(JsonPath, KeysAndWildcards) {
  EXPECT_EQ(steps("user"), "'user'");
  EXPECT_EQ(steps("user.email_2"), "'user', 'email_2'");
  EXPECT_EQ(steps("messages[*].content"), "'messages', [*], 'content'");
  EXPECT_EQ(steps("tags.*"), "'tags', *");
  EXPECT_EQ(steps("*.*"), "*, *");
  EXPECT_EQ(steps("[*]"), "[*]");
  EXPECT_EQ(steps("[*][*].a[*]"), "[*], [*], 'a', [*]");
}

TEST(JsonPath, KeysInQuotesAreAnything) {
  EXPECT_EQ(steps("\"a key\".b"), "'a key', 'b'");
  EXPECT_EQ(steps("a.\"x.y[*]\""), "'a', 'x.y[*]'");
  EXPECT_EQ(steps(R"("say \"hi\" \\ there")"), R"('say "hi" \ there')");
  EXPECT_EQ(steps("\"\""), "''");
  EXPECT_EQ(steps("\"größe\""), "'größe'");
  EXPECT_EQ(steps("\"*\""), "'*'");
}

TEST(JsonPath, NothingElse) {
  for (const std::string_view path :
       {"",      ".",  "a.", ".a",  "a..b",   "a b",     "a-b",   "1",     "a[0]",  "a[]",
        "a.[*]", "a*", "**", "\"a", "\"a\"b", R"("\n")", R"("\)", "größe", "a[*]b", "\"\xff\""})
    EXPECT_EQ(steps(path), "none") << path;
  EXPECT_EQ(steps(std::string_view("\"a\0\"", 4)), "none");
}

TEST(JsonPath, HasAtMost32Steps) {
  std::string path = "a";
  for (int i = 1; i < 32; ++i) path += "[*]";
  EXPECT_NE(steps(path), "none");
  EXPECT_EQ(steps(path + "[*]"), "none");
}

}  // namespace
}  // namespace tracegate::mask
