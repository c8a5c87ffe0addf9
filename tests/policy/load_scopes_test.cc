// [role.NAME.scope] and [user.NAME.claims]: what is read, and what is said about what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// kRoles is 7 lines; what a test adds begins at line 8.
std::vector<std::string> complaints(std::string_view added) {
  const PolicyFolder folder;
  folder.write("a.scram", kVerifier);
  folder.roles(join({kRoles, added}));
  return folder.complaints();
}

TEST(LoadScopes, EveryKeyIsRead) {
  const PolicyFolder folder;
  folder.roles(join({kRoles, R"([[role.reader.allow]]
operations = ["insert"]
tables = ["public.feedback", 'public."Notes"']
[role.reader.scope."public.traces"]
namespace = { column = "Namespace", in = ["a", "b"] }
time = { column = "at", last = "30d", from = "2026-01-01", to = "2027-01-01T00:00Z", claim = "window" }
[role.reader.scope."public.feedback"]
namespace = { column = '"Name Space"', claim = "namespaces" }
through = { column = "trace_id", table = "public.traces", key = "id" }
[role.reader.scope.'public."Notes"']
through.column = "feedback_id"
through.table = "public.feedback"
through.key = "id"
[user.alice]
role = "reader"
verifier_file = "alice.scram"
[user.alice.claims]
namespaces = ["b", "a"]
window = ["2026-01-01/2026-02-01"]
)"}));
  folder.write("alice.scram", kVerifier);
  EXPECT_THAT(folder.complaints(), IsEmpty());
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok());
  const Role& role = *loaded.snapshot->find_role("reader");
  EXPECT_TRUE(role.is_scoped());
  ASSERT_EQ(role.scopes.size(), 3U);

  const Scope* traces = role.find_scope("public", "traces");
  ASSERT_TRUE(traces);
  EXPECT_EQ(traces->source, "roles.toml:11");
  EXPECT_EQ(traces->in_namespace->column.value, "namespace");
  EXPECT_EQ(traces->in_namespace->column.place.to_string(), "roles.toml:12:24");
  EXPECT_THAT(traces->in_namespace->values, ElementsAre("a", "b"));
  EXPECT_EQ(traces->in_namespace->claim, "");
  EXPECT_EQ(traces->in_time->column.value, "at");
  EXPECT_EQ(traces->in_time->last, std::optional<Microseconds>(30 * 24h));
  EXPECT_EQ(traces->in_time->fixed.from, *parse_instant("2026-01-01"));
  EXPECT_EQ(traces->in_time->fixed.to, *parse_instant("2027-01-01"));
  EXPECT_EQ(traces->in_time->claim, "window");
  EXPECT_FALSE(traces->through);

  const Scope* feedback = role.find_scope("public", "feedback");
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->in_namespace->column.value, "Name Space");
  EXPECT_EQ(feedback->in_namespace->claim, "namespaces");
  EXPECT_THAT(feedback->in_namespace->values, IsEmpty());
  EXPECT_EQ(feedback->through->column.value, "trace_id");
  EXPECT_TRUE(feedback->through->table.covers("public", "traces"));
  EXPECT_EQ(feedback->through->key.value, "id");
  EXPECT_FALSE(feedback->in_time);
  EXPECT_TRUE(role.find_scope("public", "Notes")->through);
  EXPECT_EQ(role.find_scope("public", "notes"), nullptr);

  const LocalUser& alice = *loaded.snapshot->find_user("alice");
  EXPECT_THAT(alice.claims.at("namespaces"), ElementsAre("b", "a"));
  EXPECT_THAT(alice.claims.at("window"), ElementsAre("2026-01-01/2026-02-01"));
}

TEST(LoadScopes, ExtensionsAreRead) {
  const PolicyFolder folder;
  std::string roles(kRoles);
  roles.insert(roles.find("[[role"), "extensions = [\"vector\", \"pg_trgm\"]\n");
  folder.roles(roles);
  EXPECT_THAT(folder.complaints(), IsEmpty());
  EXPECT_THAT(folder.load().snapshot->find_role("reader")->extensions,
              ElementsAre("pg_trgm", "vector"));
}

TEST(LoadScopes, ATableThatOnlyLeadsToOthersNeedsNoRule) {
  EXPECT_THAT(complaints(R"([role.reader.scope."public.traces"]
through = { column = "session_id", table = "public.sessions", key = "id" }
[role.reader.scope."public.sessions"]
namespace = { column = "namespace", in = ["a"] }
)"),
              IsEmpty());
}

struct Case {
  const char* what;
  std::string_view added;
  std::vector<std::string> complaints;
};

class ScopeDiagnostics : public ::testing::TestWithParam<Case> {};

TEST_P(ScopeDiagnostics, HaveAPlaceAndASuggestion) {
  EXPECT_EQ(complaints(GetParam().added), GetParam().complaints) << GetParam().added;
}

const Case kCases[] = {
    {"Nothing",
     "[role.reader.scope.\"public.traces\"]\n",
     {"roles.toml:8:1: error: [role.reader.scope.\"public.traces\"] does not limit anything; write "
      "at least one of \"namespace\", \"time\" and \"through\""}},
    {"UnknownPart",
     "[role.reader.scope.\"public.traces\"]\nname_space = { column = \"n\" }\n",
     {"roles.toml:8:1: error: [role.reader.scope.\"public.traces\"] does not limit anything; write "
      "at least one of \"namespace\", \"time\" and \"through\"",
      "roles.toml:9:1: error: unknown table \"name_space\" in "
      "[role.reader.scope.\"public.traces\"]; did you mean \"namespace\"?"}},
    {"UnknownKey",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { colum = \"n\", in = [\"a\"] }\n",
     {"roles.toml:9:13: error: \"column\" is missing in "
      "[role.reader.scope.\"public.traces\".namespace]",
      "roles.toml:9:15: error: unknown key \"colum\" in "
      "[role.reader.scope.\"public.traces\".namespace]; did you mean \"column\"?"}},
    {"BothInAndClaim",
     "[role.reader.scope.\"public.traces\"]\n"
     "namespace = { column = \"n\", in = [\"a\"], claim = \"c\" }\n",
     {"roles.toml:9:49: error: both \"in\" and \"claim\" are given in "
      "[role.reader.scope.\"public.traces\".namespace]; keep the one that says which rows the role "
      "sees"}},
    {"NeitherInNorClaim",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\" }\n",
     {"roles.toml:9:13: error: neither \"in\" nor \"claim\" is given in "
      "[role.reader.scope.\"public.traces\".namespace]; write in = [\"a\", \"b\"] or claim = "
      "\"namespaces\""}},
    {"EmptyList",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\", in = [] }\n",
     {"roles.toml:9:34: error: \"in\" in [role.reader.scope.\"public.traces\".namespace] is "
      "empty"}},
    {"ValueWithNul",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\", in = [\"a\\u0000\"] }\n",
     {"roles.toml:9:35: error: \"a\\x00\" cannot be a value in PostgreSQL"}},
    {"ColumnWithMark",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = '\"a$value\"', in = [\"a\"] "
     "}\n",
     {"roles.toml:9:24: error: column \"\"a$value\"\" cannot be part of a scope; its name must not "
      "contain $value or \"tracegate\" in quotes"}},
    {"TimeWithoutLimit",
     "[role.reader.scope.\"public.traces\"]\ntime = { column = \"at\" }\n",
     {"roles.toml:9:8: error: [role.reader.scope.\"public.traces\".time] does not limit the time; "
      "write at least one of \"last\", \"from\", \"to\" and \"claim\""}},
    {"BadInstants",
     "[role.reader.scope.\"public.traces\"]\n"
     "time = { column = \"at\", from = \"yesterday\", to = \"2026-02-30\" }\n",
     {"roles.toml:9:32: error: \"yesterday\" is not a point in time; write \"2026-01-31\" or "
      "\"2026-01-31T12:00:00Z\"",
      "roles.toml:9:50: error: \"2026-02-30\" is not a point in time; write \"2026-01-31\" or "
      "\"2026-01-31T12:00:00Z\""}},
    {"BadDuration",
     "[role.reader.scope.\"public.traces\"]\ntime = { column = \"at\", last = \"0s\" }\n",
     {"roles.toml:9:32: error: \"last\" in [role.reader.scope.\"public.traces\".time] is 0s; it "
      "must be from 1s to 36600d"}},
    {"EndBeforeBeginning",
     "[role.reader.scope.\"public.traces\"]\n"
     "time = { column = \"at\", from = \"2026-01-02\", to = \"2026-01-01\" }\n",
     {"roles.toml:9:51: error: \"to\" does not come after \"from\""}},
    {"ThroughATableWithoutScope",
     "[role.reader.scope.\"public.traces\"]\n"
     "through = { column = \"s\", table = \"public.trace\", key = \"id\" }\n",
     {"roles.toml:9:35: error: public.trace has no scope in role \"reader\"; did you mean "
      "\"public.traces\"?"}},
    {"ThroughItself",
     "[role.reader.scope.\"public.traces\"]\n"
     "through = { column = \"parent\", table = \"public.traces\", key = \"id\" }\n",
     {"roles.toml:9:40: error: the scope of public.traces depends on itself; let \"through\" end "
      "at a table with a namespace or a time"}},
    {"ThroughACircle",
     "[role.reader.scope.\"public.traces\"]\n"
     "through = { column = \"s\", table = \"public.b\", key = \"id\" }\n"
     "[role.reader.scope.\"public.b\"]\n"
     "through = { column = \"t\", table = \"public.traces\", key = \"id\" }\n",
     {"roles.toml:9:35: error: the scope of public.traces depends on itself; let \"through\" end "
      "at a table with a namespace or a time",
      "roles.toml:11:35: error: the scope of public.b depends on itself; let \"through\" end at a "
      "table with a namespace or a time"}},
    {"ThroughASchema",
     "[role.reader.scope.\"public.traces\"]\n"
     "through = { column = \"s\", table = \"public.*\", key = \"id\" }\n",
     {"roles.toml:9:35: error: \"public.*\" is not one table"}},
    {"TableThatNoRuleIsAbout",
     "[role.reader.scope.\"public.trace\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:8:1: error: no rule of role \"reader\" is about public.trace; did you mean "
      "\"public.traces\"?"}},
    {"TwoScopesOfOneTable",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n"
     "[role.reader.scope.\"Public.Traces\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:8:1: error: public.traces has two scopes"}},
    {"TableOfPostgres",
     "[role.reader.scope.\"pg_catalog.pg_class\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:8:1: error: pg_catalog.pg_class is part of PostgreSQL and cannot have a scope"}},
    {"WholeSchema",
     "[role.reader.scope.\"public.*\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:8:1: error: \"public.*\" is not one table; a scope is that of one table: "
      "[role.NAME.scope.\"schema.table\"]"}},
    {"TableWithoutSchema",
     "[role.reader.scope.traces]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:8:1: error: \"traces\" does not name its schema; write \"schema.table\""}},
    {"OperationsOnAllRows",
     "[[role.reader.allow]]\noperations = [\"explain\", \"ddl\", \"maintenance\"]\n"
     "[[role.reader.allow]]\noperations = [\"truncate\"]\ntables = [\"public.traces\"]\n"
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:8:1: error: operation \"ddl\" cannot be given to role \"reader\", which "
      "sees its tables in part: what it defines or runs is not judged and reads tables as they are",
      "roles.toml:8:1: error: operation \"explain\" cannot be given to role \"reader\", which "
      "sees its tables in part: its estimates come from rows and columns that the role does not "
      "see",
      "roles.toml:8:1: error: operation \"maintenance\" cannot be given to role \"reader\", which "
      "sees its tables in part: it tells of all rows of a table",
      "roles.toml:10:1: error: operation \"truncate\" is on all rows of public.traces, which has a "
      "scope"}},
    {"RuleForASchema",
     "[[role.reader.allow]]\noperations = [\"select\"]\ntables = [\"public.*\"]\n"
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:10:11: error: \"public.*\" in role \"reader\", which sees its tables in "
      "part; name each table: one that has neither a scope nor masks is seen whole"}},
    {"UnrestrictedWithScope",
     "[role.dba]\nupstreams = [\"traces\"]\nstore_user = \"d\"\nstore_password_file = \"secret\"\n"
     "unrestricted = true\n"
     "[role.dba.scope.\"public.traces\"]\nnamespace = { column = \"n\", in = [\"a\"] }\n",
     {"roles.toml:12:16: warning: role \"dba\" is UNRESTRICTED: whatever it sends reaches the "
      "store; give this role to administrators only",
      "roles.toml:13:1: error: role \"dba\" is unrestricted and has \"scope\"; remove either "
      "\"scope\" or unrestricted = true"}},
    {"ClaimsOfAUser",
     "[role.reader.scope.\"public.traces\"]\nnamespace = { column = \"n\", claim = \"namespaces\" "
     "}\n"
     "time = { column = \"at\", claim = \"window\" }\n"
     "[user.a]\nrole = \"reader\"\nverifier_file = \"a.scram\"\n"
     "[user.a.claims]\nnamespace = [\"a\"]\nwindow = [\"always\", \"2026-01-01/\"]\n",
     {"roles.toml:11:1: warning: user \"a\" has no claim \"namespaces\", by which role \"reader\" "
      "limits rows: it sees none of them; add it to [user.a.claims]",
      "roles.toml:15:13: warning: no scope of role \"reader\" names claim \"namespace\"; did you "
      "mean \"namespaces\"?",
      "roles.toml:16:11: error: \"always\" is not a window of time; write \"FROM/TO\", as in "
      "\"2026-01-01/2026-02-01T12:00:00Z\"; one of them may be left out",
      "roles.toml:16:21: error: claim \"window\" is a window of time and has several values; give "
      "one: \"FROM/TO\""}},
    {"ClaimsThatAreNoLists",
     "[user.a]\nrole = \"reader\"\nverifier_file = \"a.scram\"\n"
     "[user.a.claims]\nx = \"a\"\ny = []\n",
     {"roles.toml:12:5: error: \"x\" in [user.a.claims] must be a list of strings, not the string "
      "\"a\"; write [\"a\"]",
      "roles.toml:12:5: warning: no scope of role \"reader\" names claim \"x\"",
      "roles.toml:13:5: error: \"y\" in [user.a.claims] is empty",
      "roles.toml:13:5: warning: no scope of role \"reader\" names claim \"y\""}},
};

INSTANTIATE_TEST_SUITE_P(All, ScopeDiagnostics, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.what; });

}  // namespace
}  // namespace tracegate::policy
