// Marks in JSON texts.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/mask/detect_json.h"
#include "tests/detectors/marking.h"

namespace tracegate::mask {
namespace {

TEST(MarkJson, MarksStringsAndKeys) {
  EXPECT_EQ(marked_json(R"({"a":"to alice@example.com","bob@example.com":1})"),
            R"({"a":"to [email]","[email]":1})");
  EXPECT_EQ(marked_json(R"("alice@example.com")"), R"("[email]")");
  EXPECT_EQ(marked_json(R"([["x@y.example"],{"k":["10.0.0.1"]}])"),
            R"([["[email]"],{"k":["[ip_address]"]}])");
}

TEST(MarkJson, KeepsEverythingElseByteForByte) {
  EXPECT_EQ(
      marked_json(
          "{ \"a\" :\t1.50e+3 ,\n\"b\\u00e9\\/\":[ true,null ] , \"c\":\"a@b.example\\u00DF\" }"),
      "{ \"a\" :\t1.50e+3 ,\n\"b\\u00e9\\/\":[ true,null ] , \"c\":\"[email]\" }");
  const std::string clean = R"({"a": "\u00e9\n", "b": [1, 2.5, -0, false], "c": {}})";
  EXPECT_EQ(marked_json(clean), clean);
}

TEST(MarkJson, SeesBehindEscapes) {
  EXPECT_EQ(marked_json(R"(["alice\u0040example.com \ud83d\ude00 x"])"),
            R"(["[email] \ud83d\ude00 x"])");
  EXPECT_EQ(marked_json(R"(["\u0061lice@ex\u0061mple.com\n"])"), R"(["[email]\n"])");
  EXPECT_EQ(marked_json(R"(["\\nalice@example.com\/b"])"), R"(["\\n[email]\/b"])");
  EXPECT_EQ(marked_json(R"(["4111\t4111\u00201111 1111 1111"])"), R"(["4111\t[payment_card]"])");
  EXPECT_EQ(marked_json(R"(["\ud800alice@example.com\udc00\u0000"])"),
            R"(["\ud800[email]\udc00\u0000"])");
}

TEST(MarkJson, ANumberBecomesAStringIfItIsACardOrItsKeySaysWhatItIs) {
  EXPECT_EQ(marked_json(R"({"n":4111111111111111})"), R"({"n":"[payment_card]"})");
  EXPECT_EQ(marked_json(R"({"phone":4155550123,"id":4155550123})"),
            R"({"phone":"[phone]","id":4155550123})");
  EXPECT_EQ(marked_json(R"({"ssn":123456789,"id":123456789})"),
            R"({"ssn":"[us_ssn]","id":123456789})");
  for (const std::string_view clean :
       {"[13812345678]", "[4111111111111111.5]", "[0.4111111111111111]", "[1700000000000]",
        "[4111111111111111e2]", "[1234567]"})
    EXPECT_EQ(marked_json(clean), clean);
}

TEST(MarkJson, AKeyLabelsItsValueAndNothingElse) {
  EXPECT_EQ(marked_json(R"({"phone":{"number":"4155550123"}})"),
            R"({"phone":{"number":"[phone]"}})");
  EXPECT_EQ(marked_json(R"({"phone":null,"order":"4155550123"})"),
            R"({"phone":null,"order":"4155550123"})");
  EXPECT_EQ(marked_json(R"({"api_key":"3f786850e387550fdab836ed7e6dc881"})"),
            R"({"api_key":"[high_entropy]"})");
}

TEST(MarkJson, NothingIsFoundAcrossStrings) {
  const std::string split = R"(["alice@","example.com","4111 1111","1111 1111"])";
  EXPECT_EQ(marked_json(split), split);
}

TEST(MarkJson, APrivateKeyMayBeKeptLineByLine) {
  EXPECT_EQ(
      marked_json(
          R"(["a","-----BEGIN PRIVATE KEY-----","MIIEvQ\/x=","-----END PRIVATE KEY----- b",1])"),
      R"(["a","[private_key]","[private_key]","[private_key] b",1])");
  EXPECT_EQ(marked_json(R"(["-----BEGIN PRIVATE KEY-----KE","a: b\n"])"),
            R"(["[private_key]","a: b\n"])");
}

TEST(MarkJson, RefusesWhatIsNoJson) {
  for (const std::string_view bad : {"",
                                     " ",
                                     "{",
                                     "}",
                                     "[1,]",
                                     "{\"a\"}",
                                     "{\"a\":}",
                                     "{\"a\":1,}",
                                     "{a:1}",
                                     "[1 2]",
                                     "01",
                                     "1.",
                                     ".5",
                                     "-",
                                     "1e",
                                     "+1",
                                     "nul",
                                     "truex",
                                     "\"a",
                                     "\"\\x\"",
                                     "\"\\u12g4\"",
                                     "\"\\u123\"",
                                     "\"\n\"",
                                     "[1]]",
                                     "1 2",
                                     "'a'",
                                     "{\"a\":1 \"b\":2}",
                                     "{1:2}",
                                     "\"\\",
                                     "NaN",
                                     "[\"a@b.example\"",
                                     "\"a\tb\""})
    EXPECT_EQ(marked_json(bad), "invalid") << bad;
}

TEST(MarkJson, TakesWhatJsonAllows) {
  for (const std::string_view good :
       {"0", "-0", "-1.5E-7", "\"\"", "[]", "{}", " [ ] ", "null", "true", "false",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\r\n\t {\"a\":{\"a\":[{}]}}", "\"\x7f\"",
        "{\"a\":1,\"a\":2}"})
    EXPECT_EQ(marked_json(good), good);
}

TEST(MarkJson, RefusesWhatNestsTooDeep) {
  const std::size_t most = detect::JsonReader::kMaxDepth;
  const std::string deepest = std::string(most, '[') + std::string(most, ']');
  EXPECT_EQ(marked_json(deepest), deepest);
  EXPECT_EQ(marked_json("[" + deepest + "]"), "invalid");
}

TEST(MarkJson, LeavesOutAloneIfTheFaultStandsAtTheEnd) {
  std::string json = "[";
  for (int i = 0; i < 20'000; ++i) json += "\"alice@example.com\",";
  std::string out = "before";
  EXPECT_EQ(all_detectors()->mark_json(json, out), Detectors::Json::kInvalid);
  EXPECT_EQ(out, "before");
}

TEST(MarkJson, FindsInEveryOfManyStrings) {
  std::string json = "[";
  std::string expected = "[";
  for (int i = 0; i < 20'000; ++i) {
    json +=
        "{\"mail\":\"user" + std::to_string(i) + "@example.com\",\"n\":" + std::to_string(i) + "},";
    expected += "{\"mail\":\"[email]\",\"n\":" + std::to_string(i) + "},";
  }
  EXPECT_EQ(marked_json(json + "0]"), expected + "0]");
}

}  // namespace
}  // namespace tracegate::mask
