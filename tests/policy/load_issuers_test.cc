// [issuer.NAME], `login` of listeners, `groups` and `subjects` of roles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view kIssuer = R"([issuer.idp]
url = "https://id.example"
audience = ["tracegate"]
)";

std::vector<std::string> complaints(std::string_view issuers, std::string_view roles = kRoles) {
  const PolicyFolder folder;
  folder.write("issuers.toml", issuers);
  folder.roles(roles);
  return folder.complaints();
}

// With a listener that asks for tokens, so that nothing is said about it.
LoadedPolicy load(std::string_view issuers, std::string_view added = {}) {
  const PolicyFolder folder;
  folder.write("issuers.toml", issuers);
  folder.write("ca.crt", "x", 0644);
  folder.roles(join({kRoles, added}));
  return folder.load();
}

TEST(LoadIssuers, DefaultsAreThoseOfTheDocumentation) {
  const LoadedPolicy loaded = load(kIssuer);
  ASSERT_TRUE(loaded.ok());
  const Issuer& issuer = loaded.snapshot->issuers.at(0);
  const identity::IssuerRules& rules = issuer.rules;
  EXPECT_EQ(rules.name, "idp");
  EXPECT_EQ(rules.url, "https://id.example");
  EXPECT_THAT(rules.audience, ElementsAre("tracegate"));
  EXPECT_THAT(rules.authorized_parties, IsEmpty());
  EXPECT_THAT(rules.algorithms,
              ElementsAre(crypto::SignatureAlgorithm::kRs256, crypto::SignatureAlgorithm::kPs256,
                          crypto::SignatureAlgorithm::kEs256, crypto::SignatureAlgorithm::kEdDsa));
  EXPECT_THAT(rules.token_types, ElementsAre("at+jwt", "application/at+jwt", "JWT"));
  EXPECT_THAT(rules.subject_claim, ElementsAre("sub"));
  EXPECT_THAT(rules.groups_claim, ElementsAre("groups"));
  EXPECT_EQ(rules.max_lifetime, 1h);
  EXPECT_FALSE(rules.max_age);
  EXPECT_EQ(rules.clock_skew, 30s);
  EXPECT_EQ(issuer.refresh, 10min);
  EXPECT_EQ(issuer.max_stale, 1h);
  EXPECT_EQ(issuer.discovery_url(), "https://id.example/.well-known/openid-configuration");
}

TEST(LoadIssuers, EveryKeyIsRead) {
  const LoadedPolicy loaded = load(R"([issuer.idp]
url = "https://id.example/"
jwks_url = "https://keys.example/jwks"
ca_file = "ca.crt"
audience = ["a", "b"]
authorized_parties = ["app"]
algorithms = ["ES384"]
token_types = ["custom"]
untyped_tokens = true
subject_claim = "oid"
groups_claim = ["https://id.example/claims", "teams"]
max_lifetime = "2h"
max_age = "90min"
clock_skew = "0s"
refresh = "5min"
max_stale = "1d"
forbid = ["nonce"]
[issuer.idp.require]
tid = "42"
[issuer.idp.claims]
namespaces = "app.namespaces"
)",
                                   R"([role.reader.scope."public.traces"]
namespace = { column = "ns", claim = "namespaces" }
time = { column = "at", claim = "window" }
)");
  ASSERT_TRUE(loaded.ok());
  const Issuer& issuer = loaded.snapshot->issuers.at(0);
  const identity::IssuerRules& rules = issuer.rules;
  EXPECT_EQ(issuer.jwks_url, "https://keys.example/jwks");
  EXPECT_EQ(issuer.ca_file.filename(), "ca.crt");
  EXPECT_THAT(rules.audience, ElementsAre("a", "b"));
  EXPECT_THAT(rules.authorized_parties, ElementsAre("app"));
  EXPECT_THAT(rules.algorithms, ElementsAre(crypto::SignatureAlgorithm::kEs384));
  EXPECT_THAT(rules.token_types, ElementsAre("custom", ""));
  EXPECT_THAT(rules.subject_claim, ElementsAre("oid"));
  EXPECT_THAT(rules.groups_claim, ElementsAre("https://id.example/claims", "teams"));
  EXPECT_THAT(rules.claims, ElementsAre(Pair("namespaces", ElementsAre("app", "namespaces")),
                                        Pair("window", ElementsAre("window"))));
  EXPECT_EQ(rules.max_lifetime, 2h);
  EXPECT_EQ(rules.max_age, std::optional<Microseconds>(90min));
  EXPECT_EQ(rules.clock_skew, 0s);
  EXPECT_EQ(issuer.refresh, 5min);
  EXPECT_EQ(issuer.max_stale, 24h);
  ASSERT_EQ(rules.require.size(), 1U);
  EXPECT_EQ(rules.require[0].value, "42");
  EXPECT_THAT(rules.forbid, ElementsAre(ElementsAre("nonce")));
  EXPECT_EQ(issuer.discovery_url(), "https://id.example/.well-known/openid-configuration");
}

TEST(LoadIssuers, WhatIsWrongIsSaid) {
  // Beside the warning about the listener, which asks for passwords.
  const auto first = [](std::string_view issuers) {
    std::string found;
    for (const std::string& line : complaints(issuers))
      if (line.find("gateway.toml") == std::string::npos) found += line;
    return found;
  };
  EXPECT_THAT(first("[issuer.a]\nurl = \"https://id.example\"\n"), HasSubstr("\"audience\""));
  EXPECT_THAT(first("[issuer.a]\naudience = [\"x\"]\n"), HasSubstr("\"url\""));
  const auto with = [&](std::string_view key) { return first(join({kIssuer, key})); };
  EXPECT_THAT(with("algorithms = [\"HS256\"]\n"), HasSubstr("unknown algorithm \"HS256\""));
  EXPECT_THAT(with("algorithms = [\"none\"]\n"), HasSubstr("unknown algorithm \"none\""));
  EXPECT_THAT(with("groups_claim = \"a..b\"\n"), HasSubstr("error: "));
  EXPECT_THAT(with("max_lifetime = \"30d\"\n"), HasSubstr("max_lifetime"));
  EXPECT_THAT(with("max_stale = \"2min\"\n"), HasSubstr("shorter than \"refresh\""));
  EXPECT_THAT(with("jwks_url = \"http://id.example/keys\"\n"), HasSubstr("is not https"));
  EXPECT_THAT(with("secret = \"x\"\n"), HasSubstr("secret"));
  EXPECT_THAT(first("[issuer.a]\nurl = \"http://id.example\"\naudience = [\"x\"]\n"),
              HasSubstr("error: \"url\" is not https"));
  EXPECT_THAT(first("[issuer.a]\nurl = \"http://127.0.0.1:8080\"\naudience = [\"x\"]\n"),
              HasSubstr("warning: \"url\" is not https"));
  EXPECT_THAT(first("[issuer.\"a:b\"]\nurl = \"https://id.example\"\naudience = [\"x\"]\n"),
              HasSubstr("cannot be the name of an issuer"));
  EXPECT_THAT(complaints(join(
                  {kIssuer, "[issuer.other]\nurl = \"https://id.example\"\naudience = [\"x\"]\n"})),
              ::testing::Contains(HasSubstr("issuers \"idp\" and \"other\" have the same url")));
  EXPECT_THAT(complaints(join({kIssuer, "[issuer.idp.claims]\nnamespaces = \"a\"\n"})),
              ::testing::Contains(HasSubstr("warning: no scope names claim \"namespaces\"")));
}

TEST(LoadIssuers, RolesNameThem) {
  const auto with = [](std::string_view key) {
    return complaints(kIssuer,
                      join({"[role.reader]\n", key, kRoles.substr(kRoles.find('\n') + 1)}));
  };
  EXPECT_THAT(with("groups = [\"idp:readers\"]\nsubjects = [\"idp:ann\", \"idp:a:b\"]\n"),
              ElementsAre(HasSubstr("log in with passwords of local users")));
  EXPECT_THAT(with("groups = [\"ipd:readers\"]\n"),
              ::testing::Contains(HasSubstr("unknown issuer \"ipd\"; did you mean \"idp\"?")));
  for (const char* key : {"groups = [\"readers\"]\n", "subjects = [\"idp:\"]\n"})
    EXPECT_THAT(with(key), ::testing::Contains(HasSubstr("does not name an issuer")));
}

TEST(LoadIssuers, ListenersAskForTheirTokens) {
  const auto with = [](std::string_view keys, std::string_view issuers = kIssuer) {
    const PolicyFolder folder;
    folder.write("issuers.toml", issuers);
    const std::string gateway(kGateway);
    const std::size_t at = gateway.find("[upstream");
    folder.gateway(join(
        {std::string_view(gateway).substr(0, at), keys, std::string_view(gateway).substr(at)}));
    return folder.complaints();
  };
  EXPECT_THAT(with("login = \"token\"\ntokens_in_clear = true\n"), IsEmpty());
  EXPECT_THAT(
      with("login = \"oauthbearer\"\nadvertised_issuer = \"idp\"\nadvertised_scope = \"openid\"\n"),
      IsEmpty());
  EXPECT_THAT(with("login = \"scram\"\n"), ElementsAre(HasSubstr("for development only")));
  EXPECT_THAT(with("login = \"token\"\n", ""), ElementsAre(HasSubstr("there is no issuer")));
  EXPECT_THAT(with("login = \"oauthbearer\"\nadvertised_issuer = \"other\"\n"),
              ElementsAre(HasSubstr("unknown issuer \"other\"")));
  EXPECT_THAT(with("login = \"token\"\nadvertised_scope = \"openid\"\n"),
              ElementsAre(HasSubstr("is for login = \"oauthbearer\" only")));
  const PolicyFolder folder;
  folder.write("issuers.toml", kIssuer);
  std::string gateway(kGateway);
  gateway.replace(gateway.find("127.0.0.1:6432"), 14, "192.0.2.1:6432");
  gateway.insert(gateway.find("[upstream"), "login = \"token\"\ntokens_in_clear = true\n");
  folder.gateway(gateway);
  EXPECT_THAT(folder.complaints(),
              ::testing::Contains(HasSubstr("error: tokens would cross the network in clear")));
}

}  // namespace
}  // namespace tracegate::policy
