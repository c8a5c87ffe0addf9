#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

using Paths = std::vector<std::pair<std::string, Spec>>;

std::string edited(const Paths& paths, std::string_view text) {
  return masked(mask_of(json(paths), "json"), text);
}

TEST(JsonMask, ReplacesWhatStandsAtAPath) {
  EXPECT_EQ(edited({{"user.email", email()}}, R"({"user": {"email": "alice@example.com"}})"),
            R"({"user": {"email": "a***@example.com"}})");
  EXPECT_EQ(edited({{"id", hash()}}, R"({"id": "alice"})"),
            "{\"id\": \"" + masked(mask_of(hash(), "text"), "alice") + "\"}");
  EXPECT_EQ(edited({{"a", redact()}, {"b", redact("gone")}}, R"({"a":1,"b":[1]})"),
            R"({"a":null,"b":"gone"})");
}

TEST(JsonMask, EveryOtherByteStays) {
  EXPECT_EQ(edited({{"b", partial(0, 0)}}, " {\t\"a\" : 1e0,\n\"b\" : \"xy\" , \"a\":[ ] } "),
            " {\t\"a\" : 1e0,\n\"b\" : \"**\" , \"a\":[ ] } ");
}

TEST(JsonMask, WhatHasNothingAtThePathsIsKept) {
  for (const char* text :
       {"{}", "[]", "1", "null", "\"a\"", R"({"x":{"a":"b"}})", R"([{"a":"b"}])"})
    EXPECT_EQ(edited({{"a", redact()}}, text), kKeptValue) << text;
}

TEST(JsonMask, WildcardsLeadThroughObjectsAndArrays) {
  EXPECT_EQ(edited({{"messages[*].content", partial(1, 0)}},
                   R"({"messages":[{"content":"hi"},{"role":"x"},3,{"content":"you"}]})"),
            R"({"messages":[{"content":"h*"},{"role":"x"},3,{"content":"y**"}]})");
  EXPECT_EQ(edited({{"tags.*", redact("-")}}, R"({"tags":{"a":1,"b":{"c":2}},"b":3})"),
            R"({"tags":{"a":"-","b":"-"},"b":3})");
  EXPECT_EQ(edited({{"[*][*]", redact("-")}}, R"([[1,2],{"a":3},4,[[5]]])"),
            R"([["-","-"],{"a":3},4,["-"]])");
}

TEST(JsonMask, TheFirstRuleThatFitsCounts) {
  const Paths paths = {{"*.a", redact("any")}, {"x.a", redact("x")}, {"x.b", redact("b")}};
  EXPECT_EQ(edited(paths, R"({"x":{"a":1,"b":2,"c":3},"y":{"a":4,"b":5}})"),
            R"({"x":{"a":"any","b":"b","c":3},"y":{"a":"any","b":5}})");
  EXPECT_EQ(edited({{"x.a", redact("x")}, {"*.a", redact("any")}}, R"({"x":{"a":1},"y":{"a":2}})"),
            R"({"x":{"a":"x"},"y":{"a":"any"}})");
}

TEST(JsonMask, WhatIsReplacedAsAWholeIsNotLookedInto) {
  for (const Paths& paths : {Paths{{"a", redact("all")}, {"a.b", redact("b")}},
                             Paths{{"a.b", redact("b")}, {"a", redact("all")}}})
    EXPECT_EQ(edited(paths, R"({"a":{"b":1}})"), R"({"a":"all"})");
}

TEST(JsonMask, MethodsAreForStrings) {
  EXPECT_EQ(edited({{"*", partial(1, 1)}},
                   R"({"a":"abc","b":1,"c":true,"d":null,"e":{"f":"x"},"g":[1,["x"]],"h":""})"),
            R"({"a":"a*c","b":"[redacted]","c":"[redacted]","d":null,"e":"[redacted]",)"
            R"("g":"[redacted]","h":""})");
}

TEST(JsonMask, AllDuplicatesOfAKeyAreMasked) {
  EXPECT_EQ(edited({{"a.b", redact("-")}}, R"({"a":{"b":1},"a":{"b":2,"b":3},"a":4})"),
            R"({"a":{"b":"-"},"a":{"b":"-","b":"-"},"a":4})");
}

TEST(JsonMask, KeysAreComparedAfterTheirEscapesAreResolved) {
  EXPECT_EQ(edited({{"email", redact("-")}}, R"({"\u0065mail":1,"ema\/il":2,"\ud800email":3})"),
            R"({"\u0065mail":"-","ema\/il":2,"\ud800email":3})");
  EXPECT_EQ(edited({{"\"a/b\"", redact("-")}}, R"({"a\/b":1})"), R"({"a\/b":"-"})");
  EXPECT_EQ(edited({{"*", redact("-")}}, R"({"\ud800":1})"), R"({"\ud800":"-"})");
}

TEST(JsonMask, StringsAreUnescapedAndEscapedAgain) {
  EXPECT_EQ(edited({{"a", partial(3, 0)}}, R"({"a":"\u00e4\n\"xyz"})"), R"({"a":"ä\n\"***"})");
  EXPECT_EQ(edited({{"a", partial(0, 0)}}, R"({"a":"\ud83d\ude00\u0000"})"), R"({"a":"**"})");
  EXPECT_EQ(edited({{"a", partial(1, 0)}}, R"({"a":"\ud83d"})"), R"({"a":"[redacted]"})");
  EXPECT_EQ(edited({{"a", redact("it's \"x\"\n")}}, R"({"a":1})"), R"({"a":"it's \"x\"\n"})");
}

TEST(JsonMask, DetectorsCanBeLeaves) {
  const ColumnMask mask = mask_of(json({{"a", detect()}, {"b", redact()}}), "jsonb");
  EXPECT_TRUE(mask.on_rows->detects());
  EXPECT_EQ(mask.expression, "");
  EXPECT_EQ(masked(mask, R"({"a": "my secret"})"), R"({"a": "my [found]"})");
  EXPECT_EQ(masked(mask, R"({"a": "mine"})"), kKeptValue);
  EXPECT_EQ(masked(mask, R"({"a": "mine", "b": 1})"), R"({"a": "mine", "b": null})");
}

TEST(JsonMask, WhatIsNoJsonBecomesNull) {
  for (const char* text : {"", "{", "{\"a\":\"x\"", "{\"a\":\"x\"}}", "[\"a\"", "{\"b\":[1,}",
                           "{\"a\":{\"x\":}}", "{\"a\":\"\xff\"}"})
    EXPECT_EQ(edited({{"a", redact()}}, text), kNullValue) << text;
  const std::size_t too_deep = 70'000;
  EXPECT_EQ(edited({{"a", redact()}}, std::string(too_deep, '[') + std::string(too_deep, ']')),
            kNullValue);
}

TEST(JsonMask, BinaryJsonbHasAVersion) {
  const ColumnMask mask = mask_of(json({{"a", redact("-")}}), "jsonb");
  EXPECT_EQ(masked(mask, "\x01{\"a\": 1}", Format::kBinary), "\x01{\"a\": \"-\"}");
  EXPECT_EQ(masked(mask, "\x01{\"b\": 1}", Format::kBinary), kKeptValue);
  EXPECT_EQ(masked(mask, "\x02{\"a\": 1}", Format::kBinary), kNullValue);
  EXPECT_EQ(masked(mask, "", Format::kBinary), kNullValue);
  EXPECT_EQ(masked(mask_of(json({{"a", redact("-")}}), "json"), "{\"a\": 1}", Format::kBinary),
            "{\"a\": \"-\"}");
  EXPECT_EQ(masked_null(mask), kKeptValue);
}

TEST(JsonMask, OfJsonIsForRowsOnly) {
  EXPECT_EQ(mask_of(json({{"a", redact()}}), "json").expression, "");
  EXPECT_NE(mask_of(json({{"a", redact()}}), "jsonb").expression, "");
}

TEST(JsonMask, RefusesRulesThatAreNone) {
  EXPECT_EQ(refusal_of(json({}), "jsonb"), "json needs at least one path");
  EXPECT_EQ(refusal_of(json({{"a", buckets(1)}}), "jsonb"), "truncate does not serve strings");
  EXPECT_EQ(refusal_of(json({{"a", json({{"b", redact()}})}}), "jsonb"),
            "json does not serve strings");
  Spec no_steps = json({{"a", redact()}});
  no_steps.paths[0].steps.clear();
  EXPECT_EQ(refusal_of(no_steps, "jsonb"), "a path of json must have 1 to 32 steps");
}

// Each rule has a key at a place of its own and wildcards elsewhere, so that a walk must tell apart
// at each step which rules are still to be thought of.
Spec entangled(int count) {
  Paths paths;
  for (int rule = 0; rule < count; ++rule) {
    std::string path;
    for (int step = 0; step < count; ++step)
      path.append(step > 0 ? "." : "").append(step == rule ? "k" : "*");
    paths.emplace_back(path, redact());
  }
  return json(paths);
}

TEST(JsonMask, EntangledPathsAreRefused) {
  EXPECT_EQ(refusal_of(entangled(4), "jsonb"), "");
  EXPECT_EQ(refusal_of(entangled(10), "json"), "");
  EXPECT_EQ(refusal_of(entangled(10), "jsonb"), "the paths of json are too many for an expression");
  EXPECT_EQ(refusal_of(entangled(32), "json"), "the paths of json are too many, or too entangled");
}

TEST(JsonDetect, AsksTheDetectors) {
  const ColumnMask mask = mask_of(detect(), "jsonb");
  EXPECT_TRUE(mask.on_rows->detects());
  EXPECT_EQ(mask.expression, "");
  EXPECT_EQ(masked(mask, "[\"secret\"]"), "[\"[found]\"]");
  EXPECT_EQ(masked(mask, "\x01[\"secret\"]", Format::kBinary), "\x01[\"[found]\"]");
  EXPECT_EQ(masked(mask, "\x01[]", Format::kBinary), kKeptValue);
  EXPECT_EQ(masked(mask, "!", Format::kText), kNullValue);
  EXPECT_EQ(masked(mask, "[]", Format::kBinary), kNullValue);
}

}  // namespace
}  // namespace tracegate::mask
