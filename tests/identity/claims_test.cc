#include "src/identity/claims.h"

#include <gtest/gtest.h>

namespace tracegate::identity {
namespace {

Json object(std::string_view text) {
  return std::get<Json>(Json::parse_object(text));
}

std::optional<std::vector<std::string>> values(std::string_view claim, ClaimTypes types) {
  return claim_values(*object("{\"c\":" + std::string(claim) + "}").find("c"), types);
}

using Values = std::vector<std::string>;

TEST(ClaimPath, IsTheNamesBetweenTheDots) {
  EXPECT_EQ(parse_claim_path("groups").value(), ClaimPath{"groups"});
  EXPECT_EQ(parse_claim_path("resource_access.tracegate.roles").value(),
            (ClaimPath{"resource_access", "tracegate", "roles"}));
  for (const std::string_view bad : {"", ".", "a.", ".a", "a..b"})
    EXPECT_FALSE(parse_claim_path(bad).ok()) << bad;
  EXPECT_EQ(to_string(ClaimPath{"a", "b"}), "a.b");
}

TEST(ClaimPath, FindsWhatStandsThere) {
  const Json payload = object(
      R"({"groups":["a"],"realm_access":{"roles":["r"]},"https://acme.example/groups":["u"],
          "with.dot":{"x":1},"list":[{"x":1}]})");
  EXPECT_NE(find_claim(payload, {"groups"}), nullptr);
  EXPECT_EQ(*find_claim(payload, {"realm_access", "roles"})->list()->at(0).text(), "r");
  EXPECT_NE(find_claim(payload, {"https://acme.example/groups"}), nullptr);
  EXPECT_NE(find_claim(payload, {"with.dot", "x"}), nullptr);
  for (const ClaimPath& absent :
       {ClaimPath{}, ClaimPath{"with", "dot"}, ClaimPath{"groups", "a"}, ClaimPath{"list", "x"},
        ClaimPath{"realm_access", "roles", "r"}, ClaimPath{"Groups"}, ClaimPath{""}})
    EXPECT_EQ(find_claim(payload, absent), nullptr) << to_string(absent);
}

TEST(ClaimText, IsVisibleAndNotLong) {
  for (const std::string_view good : {"a", "00u1abc", "Jos\xc3\xa9 ", "\xe6\x9d\xb1\xe4\xba\xac",
                                      "a b", "<b>", "'; --", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(is_claim_text(good)) << good;
  EXPECT_TRUE(is_claim_text(std::string(255, 'x')));
  EXPECT_FALSE(is_claim_text(std::string(256, 'x')));
  for (const std::string_view bad :
       {"", "a\nb", "\x1b[31m", "a\x7f", "\xc2\x85",
        "\xe2\x80\xae"
        "evil",
        "\xe2\x80\x8b", "a\xe2\x80\xa8", "\xef\xbb\xbf", "\xe2\x81\xa6", "\xc2\xad",
        "\xf3\xa0\x81\x81", "\xff", "a\xc3"})
    EXPECT_FALSE(is_claim_text(bad));
  EXPECT_FALSE(is_claim_text(std::string_view("a\0b", 3)));
}

TEST(ClaimValues, AreOneOrAListOfThem) {
  EXPECT_EQ(values(R"("a")", ClaimTypes::kTexts), (Values{"a"}));
  EXPECT_EQ(values(R"(["a","b","a"])", ClaimTypes::kTexts), (Values{"a", "b", "a"}));
  EXPECT_EQ(values("[]", ClaimTypes::kTexts), Values{});
  EXPECT_EQ(values(R"(["a",7,true,2.50])", ClaimTypes::kScalars),
            (Values{"a", "7", "true", "2.5"}));
  EXPECT_EQ(values("7", ClaimTypes::kScalars), (Values{"7"}));
}

TEST(ClaimValues, AnythingElseIsRefused) {
  for (const std::string_view bad : {"null", "{}", R"({"a":"b"})", "[null]", "[[]]", R"([["a"]])",
                                     R"(["a",{}])", R"("")", R"(["a",""])", R"("a\n")"}) {
    EXPECT_EQ(values(bad, ClaimTypes::kTexts), std::nullopt) << bad;
    EXPECT_EQ(values(bad, ClaimTypes::kScalars), std::nullopt) << bad;
  }
  for (const std::string_view scalar : {"1", "true", R"(["a",1])"})
    EXPECT_EQ(values(scalar, ClaimTypes::kTexts), std::nullopt) << scalar;
}

TEST(ClaimValues, ThereAreAtMostAThousand) {
  std::string list = "[\"g\"";
  for (std::size_t i = 1; i < kMaxClaimValues; ++i) list += ",\"g\"";
  EXPECT_EQ(values(list + "]", ClaimTypes::kTexts)->size(), kMaxClaimValues);
  EXPECT_EQ(values(list + ",\"g\"]", ClaimTypes::kTexts), std::nullopt);
}

}  // namespace
}  // namespace tracegate::identity
