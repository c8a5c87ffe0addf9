#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_folder.h"

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
