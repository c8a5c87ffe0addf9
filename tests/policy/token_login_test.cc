// Who may have a role by a token. Tokens themselves: tests/identity.
#include "src/policy/token_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/identity/test_tokens.h"
#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using namespace identity::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using Outcome = TokenLogin::Outcome;

constexpr std::string_view kIssuer = R"([issuer.okta]
url = "https://issuer.example/oauth2"
audience = ["tracegate"]
)";

SnapshotRef policy_with(std::string_view principals, std::string_view issuers = kIssuer) {
  const PolicyFolder folder;
  folder.write("issuers.toml", issuers);
  folder.roles(join({"[role.reader]\n", principals, kRoles.substr(kRoles.find('\n') + 1),
                     R"([role.reader.scope."public.traces"]
namespace = { column = "ns", claim = "namespaces" }
)"}));
  const LoadedPolicy loaded = folder.load();
  EXPECT_TRUE(loaded.ok()) << ::testing::PrintToString(folder.complaints());
  return loaded.snapshot;
}

TokenLogin judged(const Snapshot& policy, std::string_view token, std::string_view role = "reader",
                  const identity::JwkSet* keys = &issuer_keys()) {
  return judge_token(
      policy, token, role,
      [&](std::string_view issuer) { return issuer == "okta" ? keys : nullptr; }, kNow);
}

std::string token(const Members& changes = {}) {
  return signed_token(header_with(), payload_with(changes));
}

TEST(TokenLogin, GroupsAndSubjectsHaveRoles) {
  for (const char* principals :
       {"groups = [\"okta:trace-readers\"]\n", "groups = [\"okta:x\", \"okta:support\"]\n",
        "subjects = [\"okta:00u1alice\"]\n"}) {
    const TokenLogin login = judged(*policy_with(principals), token({{"namespaces", R"(["a"])"}}));
    EXPECT_EQ(login.outcome, Outcome::kAccepted) << principals << login.reason;
    EXPECT_EQ(login.subject.issuer, "okta");
    EXPECT_EQ(login.subject.subject, "00u1alice");
    EXPECT_THAT(login.subject.claims, ElementsAre(Pair("namespaces", ElementsAre("a"))));
  }
  for (const char* principals :
       {"", "groups = [\"okta:00u1alice\"]\n", "subjects = [\"okta:trace-readers\"]\n",
        "groups = [\"okta:Trace-Readers\"]\n"}) {
    const TokenLogin login = judged(*policy_with(principals), token());
    EXPECT_EQ(login.outcome, Outcome::kRefused) << principals;
    EXPECT_EQ(login.reason, "the subject may not have the role (okta:00u1alice)");
  }
}

TEST(TokenLogin, AGroupIsOneOfItsIssuer) {
  const SnapshotRef policy = policy_with("groups = [\"other:trace-readers\"]\n", R"([issuer.okta]
url = "https://issuer.example/oauth2"
audience = ["tracegate"]
[issuer.other]
url = "https://other.example"
audience = ["tracegate"]
)");
  EXPECT_EQ(judged(*policy, token()).reason, "the subject may not have the role (okta:00u1alice)");
}

TEST(TokenLogin, TheTokenIsVerifiedBeforeTheRoleIsLookedAt) {
  const SnapshotRef policy = policy_with("groups = [\"okta:trace-readers\"]\n");
  EXPECT_EQ(judged(*policy, token(), "nobody").reason, "the role does not exist (okta:00u1alice)");
  const std::string expired = token(
      {{"iat", std::to_string(kNowSeconds - 500)}, {"exp", std::to_string(kNowSeconds - 100)}});
  for (const char* role : {"reader", "nobody"})
    EXPECT_THAT(judged(*policy, expired, role).reason, HasSubstr("expired"));
  EXPECT_THAT(judged(*policy, "x", "nobody").reason, HasSubstr("parts"));
  EXPECT_THAT(judged(*policy, token({{"iss", "\"https://evil.example\""}})).reason,
              HasSubstr("https://evil.example"));
}

TEST(TokenLogin, NewerKeysMayHelp) {
  const SnapshotRef policy = policy_with("groups = [\"okta:trace-readers\"]\n");
  const std::string other = signed_token(header_with({{"kid", "\"new\""}}), payload_with());
  const TokenLogin unknown = judged(*policy, other);
  EXPECT_EQ(unknown.outcome, Outcome::kUnknownKey);
  EXPECT_EQ(unknown.issuer, "okta");
  EXPECT_EQ(unknown.key_id, "new");
  EXPECT_NE(unknown.reason, "");
  const TokenLogin none = judged(*policy, token(), "reader", nullptr);
  EXPECT_EQ(none.outcome, Outcome::kUnknownKey);
  EXPECT_THAT(none.reason, HasSubstr("no keys of issuer okta"));
}

TEST(TokenLogin, AReloadCanTakeTheRoleAway) {
  const TokenLogin login = judged(*policy_with("groups = [\"okta:trace-readers\"]\n"), token());
  const auto why = [&](std::string_view role, std::string_view principals,
                       std::string_view issuers = kIssuer) {
    return std::string(why_no_longer(*policy_with(principals, issuers), role, login.subject));
  };
  EXPECT_EQ(why("reader", "subjects = [\"okta:00u1alice\"]\n"), "");
  EXPECT_EQ(why("reader", ""), "the subject may not have the role");
  EXPECT_EQ(why("gone", "groups = [\"okta:trace-readers\"]\n"), "the role does not exist");
  EXPECT_EQ(why("reader", "", ""), "the issuer is not in the policy");
}

}  // namespace
}  // namespace tracegate::policy
