#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

namespace tracegate::policy {
namespace {

using ::testing::ElementsAre;

TEST(LoadRoles, EveryKeyIsRead) {
  const PolicyFolder folder;
  folder.write("alice.scram", join({kVerifier, "\n"}));
  folder.roles(R"([role.reader]
description = "analysts"
upstreams = ["traces"]
store_user = "store_reader"
store_password_file = "secret"
functions = ["similarity", "App.F"]
settings = ["work_mem", "MyApp.Tenant"]

[[role.reader.allow]]
operations = ["select", "copy_out"]
tables = ["public.traces", "\"My Schema\".*"]

[[role.reader.allow]]
operations = ["select"]
tables = ["public.feedback"]
columns = ["Trace_Id", "\"Score\""]

[[role.reader.allow]]
operations = ["explain"]

[user.alice]
role = "reader"
verifier_file = "alice.scram"
)");
  EXPECT_THAT(folder.complaints(), ElementsAre());
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok());
  const Role* role = loaded.snapshot->find_role("reader");
  ASSERT_TRUE(role);
  EXPECT_EQ(role->description, "analysts");
  EXPECT_THAT(role->upstreams, ElementsAre("traces"));
  EXPECT_EQ(role->store_user, "store_reader");
  EXPECT_EQ(role->store_password.reveal(), "s3cret");
  EXPECT_FALSE(role->unrestricted);
  EXPECT_THAT(role->functions, ElementsAre("app.f", "similarity"));
  EXPECT_THAT(role->settings, ElementsAre("myapp.tenant", "work_mem"));
  ASSERT_EQ(role->rules.size(), 3U);
  EXPECT_EQ(role->rules[0].source, "roles.toml:9");
  EXPECT_TRUE(role->rules[0].permits(sql::Operation::kCopyOut));
  EXPECT_FALSE(role->rules[0].permits(sql::Operation::kInsert));
  EXPECT_TRUE(role->rules[0].covers("public", "traces"));
  EXPECT_TRUE(role->rules[0].covers("My Schema", "anything"));
  EXPECT_FALSE(role->rules[0].covers("my schema", "anything"));
  EXPECT_FALSE(role->rules[0].covers("public", "feedback"));
  EXPECT_EQ(role->rules[1].columns.at(0).value, "trace_id");
  EXPECT_EQ(role->rules[1].columns.at(1).value, "Score");
  EXPECT_EQ(role->rules[2].source, "roles.toml:18");
  EXPECT_TRUE(role->rules[2].tables.empty());
  const LocalUser* alice = loaded.snapshot->find_user("alice");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->role, "reader");
  EXPECT_EQ(alice->verifier.reveal(), kVerifier);
  EXPECT_EQ(loaded.snapshot->find_user("bob"), nullptr);
  EXPECT_EQ(loaded.snapshot->find_role("Reader"), nullptr);
  EXPECT_TRUE(role->may_use(*loaded.snapshot->find_upstream("traces")));
}

TEST(LoadRoles, RolesOfSeveralFilesAreFoundByName) {
  const PolicyFolder folder;
  std::string other(kRoles);
  for (std::size_t at; (at = other.find("role.reader")) != std::string::npos;)
    other.replace(at, 11, "role.analyst");
  folder.write("analyst.toml", other);
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok());
  for (const std::string_view name : {"analyst", "reader"}) {
    const Role* role = loaded.snapshot->find_role(name);
    ASSERT_TRUE(role);
    EXPECT_EQ(role->name, name);
    EXPECT_EQ(&loaded.snapshot->roles[role->index], role);
  }
  EXPECT_EQ(loaded.snapshot->find_role("analyst")->rules[0].source, "analyst.toml:5");
}

TEST(LoadRoles, UnrestrictedIsLoud) {
  const PolicyFolder folder;
  folder.roles(
      "[role.dba]\nupstreams = [\"traces\"]\nstore_user = \"dba\"\nstore_password_file = "
      "\"secret\"\n"
      "unrestricted = true\n");
  EXPECT_THAT(
      folder.complaints(),
      ElementsAre("roles.toml:5:16: warning: role \"dba\" is UNRESTRICTED: whatever it sends "
                  "reaches the store; give this role to administrators only"));
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded.snapshot->find_role("dba")->unrestricted);
  EXPECT_EQ(loaded.snapshot->find_role("dba")->source, "roles.toml:5");
}

TEST(LoadRoles, AWriterThatAlsoReadsIsFine) {
  const PolicyFolder folder;
  folder.roles(join({kRoles,
                     "[[role.reader.allow]]\noperations = [\"insert\", \"copy_in\"]\ntables = "
                     "[\"public.traces\"]\n"}));
  EXPECT_THAT(folder.complaints(), ElementsAre());
}

struct Case {
  const char* what;
  std::string_view replaced;  // in kRoles
  std::string_view by;
  std::vector<std::string> complaints;
};

class RoleDiagnostics : public ::testing::TestWithParam<Case> {};

TEST_P(RoleDiagnostics, HaveAPlaceAndASuggestion) {
  const Case& param = GetParam();
  const PolicyFolder folder;
  std::string text(kRoles);
  const std::size_t at = text.find(param.replaced);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, param.replaced.size(), param.by);
  folder.roles(text);
  EXPECT_EQ(folder.complaints(), param.complaints) << text;
}

constexpr std::string_view kTables = "tables = [\"public.traces\"]\n";

const Case kCases[] = {
    {"UnknownKey",
     "tables =",
     "table =",
     {"roles.toml:6:15: error: operation \"select\" needs \"tables\"; write tables = "
      "[\"schema.table\"]",
      "roles.toml:7:1: error: unknown key \"table\" in [role.reader.allow]; did you mean "
      "\"tables\"?"}},
    {"UnknownOperation",
     "\"select\"",
     "\"selct\"",
     {"roles.toml:6:15: error: unknown operation \"selct\"; did you mean \"select\"?"}},
    {"OperationFarFromAll",
     "\"select\"",
     "\"everything at all\"",
     {"roles.toml:6:15: error: unknown operation \"everything at all\"; known: \"select\", "
      "\"insert\", \"update\", \"delete\", \"truncate\", \"copy_in\", \"copy_out\", "
      "\"lock\", "
      "\"ddl\", \"call\", \"do\", \"explain\", \"listen\", \"notify\", \"maintenance\", "
      "\"two_phase\""}},
    {"NoOperations",
     "operations = [\"select\"]\n",
     "",
     {"roles.toml:5:1: error: \"operations\" is missing in [role.reader.allow]"}},
    {"EmptyOperations",
     "[\"select\"]",
     "[]",
     {"roles.toml:6:14: error: \"operations\" in [role.reader.allow] is empty"}},
    {"EmptyTables",
     "[\"public.traces\"]",
     "[]",
     {"roles.toml:7:10: error: \"tables\" in [role.reader.allow] is empty"}},
    {"EmptyColumns",
     kTables,
     "tables = [\"public.traces\"]\ncolumns = []\n",
     {"roles.toml:8:11: error: \"columns\" in [role.reader.allow] is empty"}},
    {"TablesWithExplain",
     "\"select\"",
     "\"explain\"",
     {"roles.toml:6:15: error: operation \"explain\" is not on tables; put it in a rule "
      "without "
      "\"tables\""}},
    {"TablesWithSelectAndDdl",
     "\"select\"",
     "\"select\", \"ddl\"",
     {"roles.toml:6:25: error: operation \"ddl\" is not on tables; put it in a rule without "
      "\"tables\""}},
    {"RelationOperationWithoutTables",
     kTables,
     "",
     {"roles.toml:6:15: error: operation \"select\" needs \"tables\"; write tables = "
      "[\"schema.table\"]"}},
    {"ColumnsWithDeleteTruncateAndLock",
     "\"select\"]\n",
     "\"delete\", \"truncate\", \"lock\"]\ncolumns = [\"a\"]\n",
     {"roles.toml:6:15: error: operation \"delete\" is on whole rows; it cannot have "
      "\"columns\"; "
      "put it in a rule without \"columns\"",
      "roles.toml:6:25: error: operation \"truncate\" is on whole rows; it cannot have "
      "\"columns\"; put it in a rule without \"columns\"",
      "roles.toml:6:37: error: operation \"lock\" is on whole rows; it cannot have "
      "\"columns\"; "
      "put it in a rule without \"columns\""}},
    {"ColumnsWithoutTables",
     kTables,
     "columns = [\"a\"]\n",
     {"roles.toml:7:11: error: \"columns\" without \"tables\""}},
    {"ColumnsOfEveryTable",
     "\"public.traces\"]\n",
     "\"public.*\"]\ncolumns = [\"a\"]\n",
     {"roles.toml:7:11: error: \"public.*\" with \"columns\"; name each table that the "
      "columns "
      "belong to"}},
    {"TableWithoutSchema",
     "public.traces",
     "traces",
     {"roles.toml:7:11: error: \"traces\" does not name its schema; write "
      "\"schema.table\""}},
    {"ColumnThatIsNoName",
     kTables,
     "tables = [\"public.traces\"]\ncolumns = [\"a b\"]\n",
     {"roles.toml:8:12: error: \"a b\" is not a name; write it as in SQL: trace_id, or "
      "'\"Trace "
      "Id\"' in double quotes; 63 bytes at most"}},
    {"UnrestrictedWithRules",
     "store_user",
     "unrestricted = true\nstore_user",
     {"roles.toml:3:16: warning: role \"reader\" is UNRESTRICTED: whatever it sends "
      "reaches the "
      "store; give this role to administrators only",
      "roles.toml:6:1: error: role \"reader\" is unrestricted and has \"allow\"; remove "
      "either "
      "\"allow\" or unrestricted = true"}},
    {"UnrestrictedWithFunctionsAndSettings",
     "[[role.reader.allow]]\noperations = [\"select\"]\ntables = [\"public.traces\"]\n",
     "unrestricted = true\nfunctions = [\"f\"]\nsettings = [\"work_mem\"]\n",
     {"roles.toml:5:16: warning: role \"reader\" is UNRESTRICTED: whatever it sends reaches "
      "the "
      "store; give this role to administrators only",
      "roles.toml:6:13: error: role \"reader\" is unrestricted and has \"functions\"; "
      "remove "
      "either \"functions\" or unrestricted = true",
      "roles.toml:7:12: error: role \"reader\" is unrestricted and has \"settings\"; remove "
      "either \"settings\" or unrestricted = true"}},
    {"NoRules",
     "[[role.reader.allow]]\noperations = [\"select\"]\ntables = [\"public.traces\"]\n",
     "",
     {"roles.toml:1:1: warning: role \"reader\" has no rule and permits nothing; add "
      "[[role.reader.allow]]"}},
    {"NoUpstream",
     "upstreams = [\"traces\"]\n",
     "",
     {"roles.toml:1:1: error: \"upstreams\" is missing in [role.reader]"}},
    {"EmptyUpstreams",
     "[\"traces\"]",
     "[]",
     {"roles.toml:2:13: error: \"upstreams\" in [role.reader] is empty"}},
    {"UnknownUpstream",
     "\"traces\"",
     "\"trace\"",
     {"roles.toml:2:14: error: unknown upstream \"trace\"; did you mean \"traces\"?"}},
    {"NoStoreUser",
     "store_user = \"reader\"\n",
     "",
     {"roles.toml:1:1: error: \"store_user\" is missing in [role.reader]"}},
    {"NoStorePassword",
     "store_password_file = \"secret\"\n",
     "",
     {"roles.toml:1:1: error: \"store_password_file\" is missing in [role.reader]"}},
    {"FunctionWithArguments",
     "store_user",
     "functions = [\"f(int)\"]\nstore_user",
     {"roles.toml:3:14: error: \"f(int)\" is not the name of a function, a type or an "
      "operator; write it as statements do, without arguments: \"similarity\", "
      "\"public.similarity\" or \"<->\""}},
    {"FunctionsThatGetAroundTheRules",
     "store_user",
     "functions = [\"set_config\", \"pg_catalog.query_to_xml\", "
     "\"public.set_config\"]\nstore_user",
     {"roles.toml:3:14: error: function \"set_config\" cannot be given to a role: it "
      "changes settings "
      "past the allow-list",
      "roles.toml:3:28: error: function \"pg_catalog.query_to_xml\" cannot be given to a "
      "role: it runs "
      "SQL or reads tables that are given as text"}},
    {"SettingThatChangesTheUser",
     "store_user",
     "settings = [\"Role\"]\nstore_user",
     {"roles.toml:3:13: error: setting \"Role\" cannot be given to a role: it changes who "
      "runs a "
      "statement"}},
    {"UserWithUnknownRole",
     kTables,
     "tables = [\"public.traces\"]\n[user.bob]\nrole = \"raeder\"\nverifier_file = "
     "\"secret\"\n",
     {"roles.toml:9:8: error: unknown role \"raeder\"; did you mean \"reader\"?",
      "roles.toml:10:17: error: this is not a SCRAM verifier; write "
      "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, as `tracegate scram` "
      "prints it"}},
    {"UserWithoutVerifier",
     kTables,
     "tables = [\"public.traces\"]\n[user.bob]\nrole = \"reader\"\n",
     {"roles.toml:8:1: error: \"verifier\" is missing in [user.bob]"}},
    {"UserWithWeakVerifier",
     kTables,
     "tables = [\"public.traces\"]\n[user.bob]\nrole = \"reader\"\nverifier = "
     "\"SCRAM-SHA-256$100:c2FsdA==$RgKXJIzWDUjvsKvpfF6thOWBkpMdz3ZzfGcOMiTFWGs=:"
     "zdlEBJhKvKDOQ1hLrJ1R7bJgdpfxIdjWcy60RpOVHtM=\"\n",
     {"roles.toml:10:12: warning: the verifier has 100 iterations; RFC 7677 asks for 4096 "
      "at "
      "least"}},
    {"UserWithTwoVerifiers",
     kTables,
     "tables = [\"public.traces\"]\n[user.bob]\nrole = \"reader\"\nverifier = \"x\"\n"
     "verifier_file = \"absent\"\n",
     {"roles.toml:10:12: error: both \"verifier\" and \"verifier_file\" are given",
      "roles.toml:11:17: error: cannot read FOLDER/absent: No such file or directory"}},
    {"BlindReads",
     "operations = [\"select\"]",
     "blind = true\noperations = [\"select\", \"insert\"]",
     {"roles.toml:6:9: error: \"blind\" with operation \"select\"; only \"insert\" and \"copy_in\" "
      "can be blind: put others in a rule of their own"}},
    {"BlindSchema",
     "operations = [\"select\"]\ntables = [\"public.traces\"]",
     "operations = [\"insert\"]\ntables = [\"public.*\"]\nblind = true",
     {"roles.toml:7:11: error: \"public.*\" with \"blind\"; name each table"}},
    {"RoleThatIsNoTable",
     "[role.reader]",
     "[role]\nx = 1\n[role.reader]",
     {"roles.toml:2:1: error: \"x\" in [role] must be a table ([role.NAME]), not the "
      "integer 1"}}};

INSTANTIATE_TEST_SUITE_P(All, RoleDiagnostics, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.what; });

TEST(LoadRoles, AllErrorsComeTogetherInOrder) {
  const PolicyFolder folder;
  folder.gateway(join({kGateway, "[limits]\nmax_sessions = 0\n"}));
  folder.roles(join({kRoles, "colums = 1\n[user.bob]\nrole = \"x\"\nverifier = \"y\"\n"}));
  const std::vector<std::string> complaints = folder.complaints();
  ASSERT_EQ(complaints.size(), 4U);
  EXPECT_TRUE(complaints[0].starts_with("gateway.toml:12:16"));
  EXPECT_TRUE(complaints[1].starts_with("roles.toml:8:1"));
  EXPECT_TRUE(complaints[2].starts_with("roles.toml:10:8"));
  EXPECT_TRUE(complaints[3].starts_with("roles.toml:11:12"));
}

TEST(LoadRoles, ATrustedStoreNeedsNoPassword) {
  const PolicyFolder folder;
  std::string gateway(kGateway);
  gateway.replace(gateway.find("catalog_password_file = \"secret\""), 32,
                  "authentication = \"trust\"");
  folder.gateway(gateway);
  std::string roles(kRoles);
  roles.replace(roles.find("store_password_file = \"secret\"\n"), 31, "");
  folder.roles(roles);
  EXPECT_THAT(folder.complaints(), ElementsAre());
}

}  // namespace
}  // namespace tracegate::policy
