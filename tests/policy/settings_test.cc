#include "src/policy/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/roles.h"

namespace tracegate::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

Role granted(std::vector<std::string> settings) {
  Role role = make_role({});
  role.settings = std::move(settings);
  return role;
}

std::optional<Error> set(std::string name, std::vector<std::string> values,
                         const Role& role = make_role({})) {
  return judge_setting(role, make_upstream(), {std::move(name), std::move(values), false});
}
std::optional<Error> reset(std::string name) {
  return judge_setting(make_role({}), make_upstream(), {std::move(name), {}, true});
}

TEST(JudgeSetting, SessionsMaySetWhatChangesNoMeaning) {
  const std::pair<std::string, std::vector<std::string>> cases[] = {
      {"application_name", {"x"}},
      {"datestyle", {"iso", "mdy"}},
      {"DateStyle", {"ISO"}},
      {"timezone", {"UTC"}},
      {"intervalstyle", {"iso_8601"}},
      {"extra_float_digits", {"3"}},
      {"bytea_output", {"escape"}},
      {"statement_timeout", {"0"}},
      {"lock_timeout", {"1s"}},
      {"idle_in_transaction_session_timeout", {"1s"}},
      {"client_min_messages", {"warning"}},
      {"default_transaction_read_only", {"on"}},
      {"transaction_isolation", {"serializable"}},
      {"transaction_read_only", {"on"}},
      {"jit", {"off"}},
      {"escape_string_warning", {"off"}}};
  for (const auto& [name, values] : cases) EXPECT_FALSE(set(name, values)) << name;
}

TEST(JudgeSetting, PinnedOnesMayBeSetToTheirOwnValue) {
  for (const std::string value : {"UTF8", "utf8", "UTF-8", "utf_8", "Unicode"})
    EXPECT_FALSE(set("client_encoding", {value})) << value;
  for (const std::string value : {"on", "ON", "true", "t", "TRU", "yes", "y", "1"})
    EXPECT_FALSE(set("standard_conforming_strings", {value})) << value;
  EXPECT_FALSE(set("search_path", {"public"}));
  EXPECT_FALSE(set("row_security", {"on"}));
}

TEST(JudgeSetting, PinnedOnesMayNotBeSetToAnother) {
  for (const std::string value :
       {"LATIN1", "SQL_ASCII", "SJIS", "", "UTF88", "UTF16", "UTF8,LATIN1"})
    EXPECT_TRUE(set("client_encoding", {value})) << value;
  EXPECT_TRUE(set("client_encoding", {}));
  EXPECT_TRUE(set("client_encoding", {"UTF8", "UTF8"}));
  for (const std::string value : {"off", "", "o", "0", "false", "no", "onn", "tr ue"})
    EXPECT_TRUE(set("standard_conforming_strings", {value})) << value;
  EXPECT_TRUE(set("search_path", {}));
  EXPECT_TRUE(set("search_path", {""}));
  EXPECT_TRUE(set("search_path", {"public", "pg_temp"}));
  EXPECT_TRUE(set("search_path", {"Public"}));  // SET "Public": folded before it came here
  EXPECT_TRUE(set("search_path", {"public,app"}));
  EXPECT_TRUE(set("row_security", {"off"}));
}

TEST(JudgeSetting, SetConstraintsIsPermittedButNoStartupParameter) {
  EXPECT_FALSE(set("constraints", {"deferred"}));
  EXPECT_TRUE(judge_startup_parameters(make_role({}), make_upstream(),
                                       std::vector<Parameter>{{"constraints", "deferred"}})
                  .error()
                  .sqlstate == "42501");
}

TEST(JudgeSetting, MessagesOfTheStoresLogStayInTheStore) {
  for (const std::string value : {"debug", "debug5", "DEBUG1", "log", "LOG"})
    EXPECT_TRUE(set("client_min_messages", {value})) << value;
  for (const std::string value : {"info", "notice", "Warning", "error"})
    EXPECT_FALSE(set("client_min_messages", {value})) << value;
}

TEST(JudgeSetting, WhatIsNotListedIsRefusedAsPostgresWords) {
  const std::optional<Error> refusal = set("role", {"postgres"});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->sqlstate, "42501");
  EXPECT_EQ(refusal->message, "permission denied to set parameter \"role\"");
  for (const std::string name :
       {"session_authorization", "session_replication_role", "work_mem", "myapp.tenant",
        "local_preload_libraries", "transaction_snapshot", "backslash_quote"})
    EXPECT_TRUE(set(name, {"x"})) << name;
}

TEST(JudgeSetting, ARoleMayBeGrantedMore) {
  const Role role = granted({"myapp.tenant", "work_mem"});
  EXPECT_FALSE(set("work_mem", {"1GB"}, role));
  EXPECT_FALSE(set("MyApp.Tenant", {"x"}, role));
  EXPECT_TRUE(set("maintenance_work_mem", {"1GB"}, role));
}

TEST(JudgeSetting, ResetReturnsToWhatThePinsAre) {
  for (const std::string name :
       {"", "search_path", "client_encoding", "timezone", "role", "session_authorization"})
    EXPECT_FALSE(reset(name)) << name;
  EXPECT_TRUE(reset("work_mem"));
}

TEST(JudgeSetting, UnrestrictedMaySetAnything) {
  const Role dba = make_unrestricted();
  EXPECT_FALSE(set("search_path", {"app"}, dba));
  EXPECT_FALSE(set("role", {"x"}, dba));
}

TEST(JudgeShow, ShowsWhatDriversAskFor) {
  for (const std::string_view name :
       {"transaction_isolation", "server_version", "standard_conforming_strings", "TimeZone",
        "max_identifier_length", "search_path", "is_superuser"})
    EXPECT_FALSE(judge_show(make_role({}), name)) << name;
  EXPECT_FALSE(judge_show(granted({"work_mem"}), "work_mem"));
  EXPECT_FALSE(judge_show(make_unrestricted(), "all"));
}
TEST(JudgeShow, RefusesTheRest) {
  for (const std::string_view name :
       {"all", "work_mem", "data_directory", "hba_file", "primary_conninfo", ""})
    EXPECT_TRUE(judge_show(make_role({}), name)) << name;
  EXPECT_EQ(judge_show(make_role({}), "hba_file")->message,
            "permission denied to examine \"hba_file\"");
}

TEST(PinnedSettings, AreSentForRestrictedRolesOnly) {
  Upstream upstream = make_upstream();
  upstream.search_path = {"app", "My Schema"};
  EXPECT_THAT(pinned_settings(make_role({}), upstream),
              ElementsAre(Parameter{"client_encoding", "UTF8"}, Parameter{"row_security", "on"},
                          Parameter{"search_path", "app, \"My Schema\""},
                          Parameter{"standard_conforming_strings", "on"}));
  EXPECT_THAT(pinned_settings(make_unrestricted(), upstream), ElementsAre());
}

// "name=value;..." of what goes to the store, or the SQLSTATE.
std::string startup(std::vector<Parameter> asked, const Role& role,
                    const Upstream& upstream = make_upstream()) {
  const Result<std::vector<Parameter>> result = judge_startup_parameters(role, upstream, asked);
  if (!result) return result.error().sqlstate;
  std::string text;
  for (const Parameter& each : *result) text += each.name + "=" + each.value + ";";
  return text;
}
constexpr std::string_view kPins =
    "client_encoding=UTF8;row_security=on;search_path=public;standard_conforming_strings=on;";

TEST(StartupParameters, PinsAreAdded) {
  EXPECT_EQ(startup({}, make_role({})), kPins);
  EXPECT_EQ(startup({{"application_name", "psql"}}, make_role({})),
            "application_name=psql;" + std::string(kPins));
}

TEST(StartupParameters, NamesAreFoldedAndAliasesOfPinsReplaced) {
  EXPECT_EQ(startup({{"Client_Encoding", "'utf-8'"}, {"DateStyle", "ISO"}}, make_role({})),
            "client_encoding=UTF8;datestyle=ISO;row_security=on;search_path=public;standard_"
            "conforming_strings=on;");
}

TEST(StartupParameters, OptionsBecomeParametersAndExplicitOnesWin) {
  EXPECT_EQ(startup({{"timezone", "UTC"},
                     {"options", "-c timezone=CET --statement-timeout=5s -clock_timeout=1s"}},
                    make_role({})),
            "timezone=UTC;statement_timeout=5s;lock_timeout=1s;" + std::string(kPins));
  EXPECT_EQ(startup({{"options", "-c jit=on -c jit=off"}}, make_unrestricted()), "jit=off;");
}

TEST(StartupParameters, WhatIsNotListedIsRefused) {
  EXPECT_EQ(startup({{"work_mem", "1GB"}}, make_role({})), "42501");
  EXPECT_EQ(startup({{"options", "-c work_mem=1GB"}}, make_role({})), "42501");
  EXPECT_EQ(startup({{"options", "-c role=postgres"}}, make_role({})), "42501");
  EXPECT_EQ(startup({{"session_preload_libraries", "x"}}, make_role({})), "42501");
  EXPECT_EQ(startup({{"options", "-E"}}, make_role({})), "42601");
  EXPECT_TRUE(startup({{"work_mem", "1GB"}}, granted({"work_mem"})).starts_with("work_mem=1GB;"));
}

TEST(StartupParameters, PinnedOnesMayBeGivenWithTheirValue) {
  Upstream upstream = make_upstream();
  upstream.search_path = {"app", "public"};
  for (const std::string value : {"app,public", " app , public ", "\"app\", PUBLIC"})
    EXPECT_NE(startup({{"search_path", value}}, make_role({}), upstream), "42501") << value;
  for (const std::string value :
       {"public,app", "app", "", "app,,public", "app public", "\"App\",public", "app,public,",
        "\"app,public\"", "\"app\",public\""})
    EXPECT_EQ(startup({{"search_path", value}}, make_role({}), upstream), "42501") << value;
  upstream.search_path = {};
  EXPECT_EQ(startup({{"search_path", ""}}, make_role({}), upstream),
            "search_path=;client_encoding=UTF8;row_security=on;standard_conforming_strings=on;");
  EXPECT_EQ(startup({{"client_encoding", "LATIN1"}}, make_role({})), "42501");
}

// As parameters of their own these would stop being settings.
TEST(StartupParameters, OptionsCannotSmuggleTheProtocolsOwnParameters) {
  for (const Role* role : {new Role(make_role({})), new Role(make_unrestricted())}) {
    const std::unique_ptr<const Role> owner(role);
    for (const std::string name :
         {"user", "database", "replication", "options", "REPLICATION", "_pq_.x"})
      EXPECT_EQ(startup({{"options", "-c " + name + "=x"}}, *role), "42501") << name;
  }
}

TEST(StartupParameters, OddBytesAreRefusedForEveryRole) {
  EXPECT_EQ(startup({{"application_name", "a\nb"}}, make_role({})), "22023");
  EXPECT_EQ(startup({{"application_name", "a\xff"}}, make_unrestricted()), "22023");
  EXPECT_EQ(startup({{"options", "-c application_name=a\\\nb"}}, make_unrestricted()), "22023");
  EXPECT_EQ(startup({{"appl name", "x"}}, make_unrestricted()), "42704");
  EXPECT_EQ(startup({{"", "x"}}, make_unrestricted()), "42704");
  EXPECT_EQ(startup({{std::string(200, 'a'), "x"}}, make_unrestricted()), "42704");
}

TEST(StartupParameters, UnrestrictedMayGiveAnySetting) {
  EXPECT_EQ(startup({{"work_mem", "1GB"}, {"search_path", "app"}, {"options", "-c geqo=off"}},
                    make_unrestricted()),
            "geqo=off;work_mem=1GB;search_path=app;");
}

TEST(WhyNotGrantable, NamesWhatOnlyTheGatewayMaySet) {
  for (const auto& [name, value] : {std::pair<std::string_view, int>{"role", 0},
                                    {"SEARCH_PATH", 0},
                                    {"session_preload_libraries", 0},
                                    {"transform_null_equals", 0},
                                    {"array_nulls", 0},
                                    {"lo_compat_privileges", 0},
                                    {"tracegate.mask_inner", 0},
                                    {"TraceGate.anything", 0},
                                    {"_pq_.foo", 0}})
    EXPECT_NE(why_not_grantable(name), "") << name << value;
  EXPECT_EQ(why_not_grantable("work_mem"), "");
}

TEST(PinnedSettings, CannotBeGranted) {
  for (const Parameter& pinned : pinned_settings(make_role({}), make_upstream()))
    EXPECT_NE(why_not_grantable(pinned.name), "") << pinned.name;
}

TEST(SettingsTest, ScopedSessionsBeginWithoutJit) {
  Role role = make_role({});
  role.scopes.emplace_back();
  const auto jit = [&](std::vector<Parameter> asked) {
    const auto judged = judge_startup_parameters(role, make_upstream(), asked);
    EXPECT_TRUE(judged.ok());
    for (const Parameter& each : *judged)
      if (each.name == "jit") return each.value;
    return std::string();
  };
  EXPECT_EQ(jit({}), "off");
  EXPECT_EQ(jit({{"jit", "on"}}), "on");
}

}  // namespace
}  // namespace tracegate::policy
