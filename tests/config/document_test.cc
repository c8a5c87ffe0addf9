#include "src/config/document.h"

#include <gtest/gtest.h>

namespace tracegate::config {
namespace {

// The one diagnostic that `text` gives.
std::string complaint(std::string_view text) {
  Diagnostics out;
  const Value value = parse_document(text, "f.toml", out);
  EXPECT_TRUE(value.members.empty());
  if (out.list().size() != 1) return "not one diagnostic";
  return out.list().front().to_string();
}

TEST(Document, KeepsKindsAndTexts) {
  Diagnostics out;
  const Value value = parse_document(
      "s = \"x\"\ni = -7\nf = 1.5\nb = true\nd = 2024-01-01\na = [1, \"y\"]\n[t]\nk = 1\n",
      "f.toml", out);
  ASSERT_TRUE(out.list().empty());
  EXPECT_EQ(value.find("s")->value.text, "x");
  EXPECT_EQ(value.find("i")->value.integer, -7);
  EXPECT_EQ(value.find("f")->value.text, "1.5");
  EXPECT_TRUE(value.find("b")->value.boolean);
  EXPECT_EQ(value.find("d")->value.kind, Kind::kDateTime);
  EXPECT_EQ(value.find("d")->value.text, "2024-01-01");
  EXPECT_EQ(value.find("a")->value.elements.at(1).text, "y");
  EXPECT_EQ(value.find("t")->value.find("k")->value.integer, 1);
  EXPECT_EQ(value.find("absent"), nullptr);
}

TEST(Document, KnowsWhereEverythingStands) {
  Diagnostics out;
  const Value value = parse_document(
      "# first\nk   =   \"v\"\n\n[a.b]\n  c = [\n    1,\n    2]\n[[list]]\n[[list]]\nx = 1\n",
      "f.toml", out);
  ASSERT_TRUE(out.list().empty());
  EXPECT_EQ(value.find("k")->key_place.to_string(), "f.toml:2:1");
  EXPECT_EQ(value.find("k")->value.place.to_string(), "f.toml:2:9");
  const Value& b = value.find("a")->value.find("b")->value;
  EXPECT_EQ(b.place.to_string(), "f.toml:4:1");
  EXPECT_EQ(b.find("c")->value.elements.at(1).place.to_string(), "f.toml:7:5");
  const Value& list = value.find("list")->value;
  EXPECT_EQ(list.elements.at(0).place.to_string(), "f.toml:8:1");
  EXPECT_EQ(list.elements.at(1).place.to_string(), "f.toml:9:1");
}

TEST(Document, CountsColumnsInCharacters) {
  Diagnostics out;
  const Value value = parse_document("\"öä\" = 1\n", "f.toml", out);
  EXPECT_EQ(value.find("öä")->value.place.to_string(), "f.toml:1:8");
}

TEST(Document, SyntaxErrorsHaveAPlace) {
  EXPECT_TRUE(complaint("a = 1\nb = \n").starts_with("f.toml:2:5: error: "));
  EXPECT_TRUE(complaint("[a\n").starts_with("f.toml:1:3: error: "));
  EXPECT_TRUE(complaint("a = 1\na = 2\n").starts_with("f.toml:2:"));
  EXPECT_TRUE(complaint("a = \"\\q\"\n").starts_with("f.toml:1:"));
  EXPECT_TRUE(complaint("a = 99999999999999999999\n").starts_with("f.toml:1:"));
}

TEST(Document, TextThatIsNotUtf8HasAPlace) {
  EXPECT_EQ(complaint("a = 1\nb = \"\xff\"\n"), "f.toml:2:6: error: the text is not valid UTF-8");
}

TEST(Document, LongLinesAreRefused) {
  std::string deep = "a";
  while (deep.size() <= kMaxLineBytes) deep += ".a";
  EXPECT_EQ(complaint("x = 1\n" + deep + " = 1\n"),
            "f.toml:2:1: error: the line has more than 4096 bytes");
}

TEST(Document, LargeFilesAreRefused) {
  EXPECT_EQ(complaint(std::string(kMaxFileBytes + 1, '\n')),
            "f.toml: error: the file has more than 1048576 bytes");
}

TEST(Document, DeepNestingIsReported) {
  Diagnostics out;
  (void)parse_document("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1\n", "f.toml", out);
  ASSERT_EQ(out.list().size(), 1U);
  EXPECT_EQ(out.list().front().message, "tables and lists are nested too deeply");
  EXPECT_EQ(complaint("a = " + std::string(2000, '[')).substr(0, 9), "f.toml:1:");
}

TEST(Document, EmptyTextIsAnEmptyTable) {
  Diagnostics out;
  EXPECT_TRUE(parse_document("", "f.toml", out).members.empty());
  EXPECT_TRUE(out.list().empty());
}

}  // namespace
}  // namespace tracegate::config
