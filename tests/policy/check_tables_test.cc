#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"
#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

using catalog::Catalog;
using catalog::RelationKind;
using ::testing::ElementsAre;

std::shared_ptr<const Catalog> store() {
  return Catalog::build(
      1, {{1, "public", "traces", RelationKind::kTable, {{"id", 1, 20}, {"prompt", 2, 25}}},
          {2, "public", "Feedback", RelationKind::kTable, {{"Score", 1, 23}}},
          {3, "app", "users", RelationKind::kTable, {{"id", 1, 20}}}});
}

std::vector<std::string> check(std::string_view rule) {
  const PolicyFolder folder;
  std::string roles(kRoles);
  const std::string_view tables = "tables = [\"public.traces\"]\n";
  roles.replace(roles.find(tables), tables.size(), rule);
  folder.roles(roles);
  const LoadedPolicy loaded = folder.load();
  EXPECT_TRUE(loaded.ok());
  if (!loaded.ok()) return folder.complaints();
  std::vector<std::string> lines;
  for (const config::Diagnostic& each :
       check_tables(*loaded.snapshot, *loaded.snapshot->find_upstream("traces"), *store()))
    lines.push_back(each.to_string());
  return lines;
}

TEST(CheckTables, WhatExistsIsFine) {
  EXPECT_THAT(check("tables = [\"public.traces\"]\ncolumns = [\"id\", \"prompt\"]\n"),
              ElementsAre());
  EXPECT_THAT(check("tables = ['public.\"Feedback\"', \"app.*\"]\n"), ElementsAre());
}

TEST(CheckTables, UnknownTablesHaveASuggestion) {
  EXPECT_THAT(
      check("tables = [\"public.trace\", \"public.feedback\", \"public.users\", "
            "\"public.zzzzzz\"]\n"),
      ElementsAre(
          "roles.toml:7:11: error: upstream \"traces\" has no table public.trace; did you mean "
          "\"public.traces\"?",
          "roles.toml:7:27: error: upstream \"traces\" has no table public.feedback; did you "
          "mean \"public.\"Feedback\"\"?",
          "roles.toml:7:46: error: upstream \"traces\" has no table public.users; did you mean "
          "\"app.users\"?",
          "roles.toml:7:62: error: upstream \"traces\" has no table public.zzzzzz"));
}

TEST(CheckTables, UnknownSchemasHaveASuggestion) {
  EXPECT_THAT(
      check("tables = [\"pubic.*\"]\n"),
      ElementsAre(
          "roles.toml:7:11: error: upstream \"traces\" has no schema \"pubic\"; did you mean "
          "\"public\"?"));
}

TEST(CheckTables, UnknownColumnsHaveASuggestion) {
  EXPECT_THAT(
      check("tables = [\"public.traces\"]\ncolumns = [\"id\", \"promt\"]\n"),
      ElementsAre("roles.toml:8:18: error: public.traces has no column \"promt\"; did you mean "
                  "\"prompt\"?"));
}

// `scopes` of the role, which may read every table of scoped_catalog().
std::vector<std::string> check_scopes(std::string_view scopes) {
  const PolicyFolder folder;
  folder.roles(
      join({kRoles,
            "[[role.reader.allow]]\noperations = [\"select\"]\ntables = [\"public.notes\", "
            "\"public.feedback\", \"public.gone\"]\n",
            scopes}));
  const LoadedPolicy loaded = folder.load();
  EXPECT_TRUE(loaded.ok());
  if (!loaded.ok()) return folder.complaints();
  std::vector<std::string> lines;
  for (const config::Diagnostic& each :
       check_tables(*loaded.snapshot, *loaded.snapshot->find_upstream("traces"), *scoped_catalog()))
    if (each.place.line > 10) lines.push_back(each.to_string());
  return lines;
}

TEST(CheckTables, ScopesThatFitAreFine) {
  EXPECT_THAT(check_scopes("[role.reader.scope.\"public.traces\"]\n"
                           "namespace = { column = \"namespace\", in = [\"a\"] }\n"
                           "time = { column = \"at\", last = \"30d\" }\n"
                           "[role.reader.scope.\"public.feedback\"]\n"
                           "through = { column = \"trace_id\", table = \"public.traces\", key = "
                           "\"id\" }\n"),
              ElementsAre());
}

TEST(CheckTables, ScopesNameTablesAndColumnsOfTheStore) {
  EXPECT_THAT(
      check_scopes(
          "[role.reader.scope.\"public.gone\"]\n"
          "namespace = { column = \"namespace\", in = [\"a\"] }\n"
          "[role.reader.scope.\"public.traces\"]\n"
          "namespace = { column = \"namespac\", in = [\"a\"] }\n"
          "[role.reader.scope.\"public.feedback\"]\n"
          "through = { column = \"traceid\", table = \"public.traces\", key = \"idd\" }\n"),
      ElementsAre(
          "roles.toml:11:1: error: upstream \"traces\" has no table public.gone",
          "roles.toml:14:24: error: public.traces has no column \"namespac\"; did you mean "
          "\"namespace\"?",
          "roles.toml:16:22: error: public.feedback has no column \"traceid\"; did you mean "
          "\"trace_id\"?",
          "roles.toml:16:64: error: public.traces has no column \"idd\"; did you mean "
          "\"id\"?"));
}

TEST(CheckTables, ScopesCompareWhatCanBeCompared) {
  EXPECT_THAT(
      check_scopes("[role.reader.scope.\"public.traces\"]\n"
                   "time = { column = \"prompt\", last = \"30d\" }\n"
                   "[role.reader.scope.\"public.feedback\"]\n"
                   "through = { column = \"score\", table = \"public.traces\", key = \"id\" }\n"),
      ElementsAre(
          "roles.toml:12:19: error: \"prompt\" of public.traces is no time; name a column of "
          "type timestamptz, timestamp or date",
          "roles.toml:14:62: error: \"score\" of public.feedback and \"id\" of "
          "public.traces are not of one type"));
}

TEST(CheckTables, WhatShowsRowsOfAScopedTableHasAScope) {
  std::vector<catalog::Relation> relations = scoped_catalog()->relations();
  const auto add = [&](std::uint32_t oid, std::string name, RelationKind kind) {
    relations.push_back({oid, "public", std::move(name), kind, {{"id", 1, kInt8}}});
    return &relations.back();
  };
  add(20, "recent", RelationKind::kView)->reads = {1};
  add(21, "newest", RelationKind::kView)->reads = {20};
  add(22, "old", RelationKind::kTable);
  relations[0].children = {22};
  add(23, "all of it", RelationKind::kTable)->children = {1};
  add(24, "unrelated", RelationKind::kView)->reads = {4};
  const auto catalog = Catalog::build(1, std::move(relations));
  const PolicyFolder folder;
  folder.roles(join({kRoles.substr(0, kRoles.rfind("tables")),
                     "tables = [\"public.traces\", \"public.recent\", \"public.newest\", "
                     "\"public.old\", 'public.\"all of it\"', \"public.unrelated\"]\n"
                     "[role.reader.scope.\"public.traces\"]\n"
                     "namespace = { column = \"namespace\", in = [\"a\"] }\n"}));
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok()) << folder.complaints().front();
  std::vector<std::string> lines;
  for (const config::Diagnostic& each :
       check_tables(*loaded.snapshot, *loaded.snapshot->find_upstream("traces"), *catalog))
    lines.push_back(each.to_string());
  EXPECT_THAT(
      lines, ElementsAre("roles.toml:7:28: error: public.recent shows rows of public.traces, which "
                         "has a scope in role \"reader\", and has none itself; write "
                         "[role.reader.scope.\"public.recent\"]",
                         "roles.toml:7:45: error: public.newest shows rows of public.traces, which "
                         "has a scope in role \"reader\", and has none itself; write "
                         "[role.reader.scope.\"public.newest\"]",
                         "roles.toml:7:76: error: public.\"all of it\" shows rows of "
                         "public.traces, which has a scope in role \"reader\", and has none "
                         "itself; write [role.reader.scope.'public.\"all of it\"']"));
}

TEST(CheckTables, BlindWritesAreToTablesThatCanHideDuplicates) {
  std::vector<catalog::Relation> relations = {
      {1, "public", "plain", RelationKind::kTable, {{"id", 1, 20}}},
      {2, "public", "keyed", RelationKind::kTable, {{"id", 1, 20}}},
      {3, "public", "events", RelationKind::kPartitionedTable, {{"id", 1, 20}}},
      {4, "public", "shown", RelationKind::kView, {{"id", 1, 20}}}};
  relations[1].has_unique_index = true;
  relations[2].has_foreign_key = true;
  const auto catalog = Catalog::build(1, std::move(relations));
  const PolicyFolder folder;
  folder.roles(
      join({"[role.writer]\nupstreams = [\"traces\"]\nstore_user = \"w\"\n"
            "store_password_file = \"secret\"\n[[role.writer.allow]]\n"
            "operations = [\"insert\"]\nblind = true\n"
            "tables = [\"public.plain\", \"public.keyed\", \"public.events\", "
            "\"public.shown\"]\n[[role.writer.allow]]\noperations = [\"copy_in\"]\n"
            "tables = [\"public.plain\", \"public.keyed\"]\n"}));
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok()) << folder.complaints().front();
  std::vector<std::string> lines;
  for (const config::Diagnostic& each :
       check_tables(*loaded.snapshot, *loaded.snapshot->find_upstream("traces"), *catalog))
    lines.push_back(each.to_string());
  EXPECT_THAT(
      lines,
      ElementsAre(
          "roles.toml:8:43: error: public.events cannot be written blindly: it has foreign "
          "keys, which are looked at for new rows and not for duplicates; remove \"blind\", or "
          "let the store do without them",
          "roles.toml:8:60: error: public.shown cannot be written blindly: it is no table; "
          "name the tables behind it",
          "roles.toml:11:27: error: public.keyed is written blindly, and COPY fails for "
          "duplicates, which tells of them; remove \"copy_in\""));
}

TEST(CheckTables, RolesOfOtherUpstreamsDoNotCount) {
  const PolicyFolder folder;
  folder.gateway(
      join({kGateway,
            "[upstream.other]\nhosts = [\"127.0.0.1:1\"]\ntls = \"off\"\ncatalog_user = \"c\"\n"
            "catalog_password_file = \"secret\"\n"}));
  const LoadedPolicy loaded = folder.load();
  ASSERT_TRUE(loaded.ok());
  const std::shared_ptr<const Catalog> empty = Catalog::build(1, {});
  EXPECT_TRUE(
      check_tables(*loaded.snapshot, *loaded.snapshot->find_upstream("other"), *empty).empty());
  EXPECT_FALSE(
      check_tables(*loaded.snapshot, *loaded.snapshot->find_upstream("traces"), *empty).empty());
}

}  // namespace
}  // namespace tracegate::policy
