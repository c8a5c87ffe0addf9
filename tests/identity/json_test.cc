#include "src/identity/json.h"

#include <gtest/gtest.h>

#include "src/base/log.h"

namespace tracegate::identity {
namespace {

// The fault of a text, or nothing.
std::optional<JsonFault> fault_of(std::string_view text) {
  const auto parsed = Json::parse_object(text);
  if (const JsonFault* fault = std::get_if<JsonFault>(&parsed)) return *fault;
  return std::nullopt;
}

Json parsed(std::string_view text) {
  auto result = Json::parse_object(text);
  EXPECT_TRUE(std::holds_alternative<Json>(result)) << text;
  return std::holds_alternative<Json>(result) ? std::get<Json>(std::move(result)) : Json();
}

std::string nested(std::size_t lists) {
  return "{\"a\":" + std::string(lists, '[') + std::string(lists, ']') + "}";
}

TEST(Json, GivesValuesByTypeAndNothingForAnother) {
  const Json json = parsed(
      " {\"text\":\"t\", \"number\":1.5, \"yes\":true, \"no\":false, \"null\":null,\n"
      " \"list\":[1,\"two\",[]], \"object\":{\"in\":\"side\"}, \"empty\":\"\"}\r\n\t");
  EXPECT_EQ(*json.find("text")->text(), "t");
  EXPECT_EQ(*json.find("empty")->text(), "");
  EXPECT_EQ(*json.find("number")->number(), 1.5);
  ASSERT_EQ(json.find("list")->list()->size(), 3U);
  EXPECT_EQ(*json.find("list")->list()->at(1).text(), "two");
  EXPECT_EQ(*json.find("object")->find("in")->text(), "side");
  EXPECT_TRUE(json.is_object());
  EXPECT_TRUE(json.find("object")->is_object());

  EXPECT_EQ(json.find("absent"), nullptr);
  EXPECT_EQ(json.find("text")->find("in"), nullptr);
  EXPECT_EQ(json.find("text")->number(), nullptr);
  EXPECT_EQ(json.find("number")->text(), nullptr);
  EXPECT_EQ(json.find("null")->text(), nullptr);
  EXPECT_EQ(json.find("object")->list(), nullptr);
  EXPECT_EQ(json.find("yes")->text(), nullptr);
  EXPECT_FALSE(json.find("list")->is_object());
}

TEST(Json, ScalarsHaveOneText) {
  const Json json = parsed(
      R"({"text":"t","yes":true,"no":false,"null":null,"list":[],"object":{},
          "zero":0,"minus_zero":-0,"minus":-5,"plain":100,"exponent":1e2,"point":100.0,"half":0.50,
          "largest":18446744073709551615,"smallest":-9223372036854775808,"small":1e-7})");
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"text", "t"},
      {"yes", "true"},
      {"no", "false"},
      {"zero", "0"},
      {"minus_zero", "0"},
      {"minus", "-5"},
      {"plain", "100"},
      {"exponent", "100"},
      {"point", "100"},
      {"half", "0.5"},
      {"small", "1e-07"},
      {"largest", "18446744073709551615"},
      {"smallest", "-9223372036854775808"}};
  for (const auto& [name, text] : cases) EXPECT_EQ(json.find(name)->scalar(), text) << name;
  for (const std::string_view name : {"null", "list", "object"})
    EXPECT_EQ(json.find(name)->scalar(), std::nullopt) << name;
}

TEST(Json, EscapesAreResolvedInTextsAndNames) {
  const Json json = parsed(R"({"\u0061":"\u00e9\n\"\\\/","pair":"\ud83d\ude00"})");
  EXPECT_EQ(*json.find("a")->text(), "\xc3\xa9\n\"\\/");
  EXPECT_EQ(*json.find("pair")->text(), "\xf0\x9f\x98\x80");
}

TEST(Json, WhatIsNotAnObjectIsRefused) {
  for (const std::string_view text : {"[]", "1", "\"text\"", "null", "true", "[{}]"})
    EXPECT_EQ(fault_of(text), JsonFault::kNoObject) << text;
}

TEST(Json, MalformedTextsAreRefused) {
  const std::string_view cases[] = {"",
                                    " ",
                                    "{",
                                    "}",
                                    "{}}",
                                    "{}{}",
                                    "{} x",
                                    "{},",
                                    "{\"a\"}",
                                    "{\"a\":}",
                                    "{\"a\":1,}",
                                    "{,\"a\":1}",
                                    "{a:1}",
                                    "{'a':1}",
                                    "{\"a\":[1,]}",
                                    "{\"a\":[1 2]}",
                                    "{\"a\":nul}",
                                    "{\"a\":True}",
                                    "{\"a\":tru}",
                                    "{\"a\":NaN}",
                                    "{\"a\":Infinity}",

                                    "{\"a\" 1}",
                                    "{\"a\":\"b}",
                                    "{\"a\":\"line\nfeed\"}",
                                    "{\"a\":\"tab\t\"}",
                                    "/* */{}",
                                    "{}//",
                                    "{1:2}",
                                    "\xef\xbb\xbf{}",
                                    "{\"a\":1}\v",
                                    "{\"a\":1]",
                                    "{\"a\":(1)}",
                                    "{\"a\":undefined}"};
  for (const std::string_view text : cases)
    EXPECT_EQ(fault_of(text), JsonFault::kMalformed) << log::printable(text);
  for (const char c : {'\0', '\x1a', '\x7f'}) {
    EXPECT_EQ(fault_of(std::string("{}") + c), JsonFault::kMalformed);
    EXPECT_EQ(fault_of(c + std::string("{}")), JsonFault::kMalformed);
  }
}

TEST(Json, NumbersAreJsonNumbersWithinRange) {
  for (const std::string_view number : {"0", "-1", "1.25", "1e5", "1E-5", "1.7976931348623157e308",
                                        "18446744073709551615", "-9223372036854775808", "1e-400"})
    EXPECT_EQ(fault_of("{\"a\":" + std::string(number) + "}"), std::nullopt) << number;
  for (const std::string_view number :
       {"1e400", "-1e400", "1.8e308", "18446744073709551616", "-9223372036854775809",
        "100000000000000000000000000000", "01", "1.", "-", "1e", "1e+", "0x10", "-Infinity",
        "1_000", "--1", "-01"})
    EXPECT_EQ(fault_of("{\"a\":" + std::string(number) + "}"), JsonFault::kNumber) << number;
  for (const std::string_view number : {"+1", ".5"})
    EXPECT_EQ(fault_of("{\"a\":" + std::string(number) + "}"), JsonFault::kMalformed) << number;
}

TEST(Json, TextsAreSoundUtf8) {
  for (const std::string_view bad : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                     "\x80", "\xf0\x80\x80\x80"}) {
    EXPECT_EQ(fault_of("{\"a\":\"" + std::string(bad) + "\"}"), JsonFault::kNotUtf8);
    EXPECT_EQ(fault_of("{\"" + std::string(bad) + "\":1}"), JsonFault::kNotUtf8);
  }
  // Halves of surrogate pairs: each alone, in the wrong order, with something between.
  for (const std::string_view bad :
       {R"(\ud800)", R"(\udc00)", R"(\udfff)", R"(\ud83dx)", R"(\ud83d\n)", R"(\ud83d\u0041)",
        R"(\ude00\ud83d)", R"(\ud83d\ud83d\ude00)", R"(\u0000)", R"(a\u0000b)", R"(\x)", R"(\u12)",
        R"(\u00zz)", R"(\U0041)"}) {
    EXPECT_EQ(fault_of("{\"a\":\"" + std::string(bad) + "\"}"), JsonFault::kText) << bad;
    EXPECT_EQ(fault_of("{\"a\":[{\"" + std::string(bad) + "\":1}]}"), JsonFault::kText) << bad;
  }
}

TEST(Json, NamesStandOnceInAnObject) {
  for (const std::string_view text :
       {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"a":1,"\u0061":2})",
        R"({"in":{"a":1,"a":2}})", R"({"in":[[{"a":1,"a":2}]]})", R"({"":1,"":2})",
        R"({"aA":1,"a\u0041":2})", R"({"x":{"y":{"z":[{"k":[],"k":[]}]}}})"})
    EXPECT_EQ(fault_of(text), JsonFault::kDuplicateName) << text;
  EXPECT_EQ(fault_of(R"({"a":{"a":{"a":1}},"A":2,"a ":3})"), std::nullopt);
}

TEST(Json, DepthIsLimited) {
  EXPECT_EQ(fault_of(nested(kMaxJsonDepth - 1)), std::nullopt);
  EXPECT_EQ(fault_of(nested(kMaxJsonDepth)), JsonFault::kTooDeep);
  EXPECT_EQ(fault_of(nested(10'000)), JsonFault::kTooDeep);
  std::string objects;
  for (std::size_t i = 0; i < kMaxJsonDepth; ++i) objects += "{\"a\":";
  EXPECT_EQ(fault_of(objects + "1" + std::string(kMaxJsonDepth, '}')), std::nullopt);
  EXPECT_EQ(fault_of("{\"a\":" + objects + "1" + std::string(kMaxJsonDepth + 1, '}')),
            JsonFault::kTooDeep);
}

TEST(Json, CutAnywhereItIsNotJson) {
  const std::string_view text =
      R"({"iss":"https://issuer.example","list":[1,-2.5e3,true,null,"\u00e9"],"o":{"k":"v"}})";
  ASSERT_EQ(fault_of(text), std::nullopt);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(fault_of(text.substr(0, size)), std::nullopt) << size;
}

TEST(Json, ReadsNothingBehindTheText) {
  const std::string_view text = R"({"a":1}garbage)";
  EXPECT_EQ(fault_of(text.substr(0, 7)), std::nullopt);
}

}  // namespace
}  // namespace tracegate::identity
