#include "src/mask/json_scan.h"

#include <gtest/gtest.h>

namespace tracegate::mask {
namespace {

std::string events(std::string_view text) {
  JsonScanner in(text);
  std::string out;
  for (;;) {
    const JsonEvent event = in.next();
    const std::string piece(text.substr(in.begin(), in.end() - in.begin()));
    switch (event) {
      case JsonEvent::kEnd:
        return out;
      case JsonEvent::kInvalid:
        return "invalid";
      case JsonEvent::kKey:
        out += "key:";
        break;
      case JsonEvent::kString:
        out += "string:";
        break;
      case JsonEvent::kNumber:
        out += "number:";
        break;
      case JsonEvent::kBeginObject:
      case JsonEvent::kEndObject:
      case JsonEvent::kBeginArray:
      case JsonEvent::kEndArray:
      case JsonEvent::kBoolean:
      case JsonEvent::kNull:
        break;
    }
    out += piece + " ";
  }
}

TEST(JsonScanner, GivesPieces) {
  EXPECT_EQ(
      events(R"( {"a" : [1,-0.5e+3, true,null ] ,"b":{} , "c":"x\n"} )"),
      R"({ key:"a" [ number:1 number:-0.5e+3 true null ] key:"b" { } key:"c" string:"x\n" } )");
  EXPECT_EQ(events("[]"), "[ ] ");
  EXPECT_EQ(events("\t\n\r \"\" "), "string:\"\" ");
}

TEST(JsonScanner, TakesWhatRfc8259Does) {
  for (const std::string_view text :
       {"0", "-0", "1.5", "1E9", "1e-9", "\"\\u00aF\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "[[],[[]],{}]",
        "{\"a\":1,\"a\":2}", "\"\x7f\"", "\"größe\""})
    EXPECT_NE(events(text), "invalid") << text;
}

TEST(JsonScanner, RefusesAllElse) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{a:1}",
                                      "{1:1}",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "[}",
                                      "{]",
                                      "[1}",
                                      "{\"a\":1]",
                                      "1 2",
                                      "01",
                                      "-",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "nul",
                                      "nullx",
                                      "True",
                                      "NaN",
                                      "'a'",
                                      "\"",
                                      "\"a",
                                      "\"\\",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\n\"",
                                      "\"\x01\"",
                                      "\"a\"b",
                                      "{\"a\" 1}",
                                      "[1]]",
                                      "\xef\xbb\xbf[]",
                                      "[1],",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\":1,1}",
                                      "tru",
                                      "[\"\\u123"})
    EXPECT_EQ(events(text), "invalid") << text;
  EXPECT_EQ(events(std::string_view("[\0]", 3)), "invalid");
}

// Eight bytes are looked at together: each place has its turn.
TEST(JsonScanner, FindsTheEndOfAStringWhereverItIs) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string plain = "\"" + std::string(length, 'x') + "\"";
    EXPECT_EQ(events(plain + " "), "string:" + plain + " ");
    EXPECT_EQ(events("[" + plain + "x]"), "invalid");
    for (std::size_t at = 0; at < length; ++at) {
      std::string other = plain;
      other[at + 1] = '\x1f';
      EXPECT_EQ(events(other), "invalid");
      other.replace(at + 1, 1, "\\\"");
      EXPECT_EQ(events(other), "string:" + other + " ");
      other.replace(at + 1, 2, "\xc3\xa4");
      EXPECT_EQ(events(other), "string:" + other + " ");
    }
  }
}

TEST(JsonScanner, DepthHasALimit) {
  constexpr std::size_t kMost = JsonScanner::kMaxDepth;
  EXPECT_NE(events(std::string(kMost, '[') + std::string(kMost, ']')), "invalid");
  EXPECT_EQ(events(std::string(kMost + 1, '[') + std::string(kMost + 1, ']')), "invalid");
  std::string alternating;
  for (std::size_t i = 0; i < 500; ++i) alternating += "[{\"a\":";
  alternating += "1";
  for (std::size_t i = 0; i < 500; ++i) alternating += "}]";
  EXPECT_NE(events(alternating), "invalid");
}

TEST(JsonScanner, SkipsObjectsAndArrays) {
  JsonScanner in(R"([{"a":[1,{}]},2])");
  ASSERT_EQ(in.next(), JsonEvent::kBeginArray);
  ASSERT_EQ(in.next(), JsonEvent::kBeginObject);
  ASSERT_TRUE(in.skip_container());
  EXPECT_EQ(in.end(), 13u);
  EXPECT_EQ(in.next(), JsonEvent::kNumber);
  JsonScanner cut("[[1");
  ASSERT_EQ(cut.next(), JsonEvent::kBeginArray);
  EXPECT_FALSE(cut.skip_container());
}

std::string unescaped(std::string_view body) {
  std::string out;
  return append_unescaped(body, out) ? out : "not Unicode";
}

TEST(JsonString, EscapesAreResolved) {
  EXPECT_EQ(unescaped(R"(plain)"), "plain");
  EXPECT_EQ(unescaped(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(unescaped(R"(\u0041\u00e4\u20ac\ud83d\ude00)"), "Aä€😀");
  EXPECT_EQ(unescaped(R"(\u0000)"), std::string(1, '\0'));
  for (const char* text :
       {R"(\ud800)", R"(\udc00)", R"(\ud800\ud800)", R"(\ud800x)", R"(\ud800\n)"})
    EXPECT_EQ(unescaped(text), "not Unicode") << text;
}

TEST(JsonString, IsEscapedAsPostgresqlDoes) {
  std::string out;
  append_json_string("a\"\\/\b\f\n\r\t\x01\x1f\x7f ä😀", out);
  EXPECT_EQ(out, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f ä😀\"");
}

}  // namespace
}  // namespace tracegate::mask
