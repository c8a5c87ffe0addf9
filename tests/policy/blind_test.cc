// Blind rules from text to plan, for roles with scopes and without.
#include <gtest/gtest.h>

#include "src/policy/planner.h"
#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

using sql::Operation;

class Blind : public ::testing::TestWithParam<bool> {
 protected:
  Blind() {
    auto policy = std::make_shared<Snapshot>();
    policy->version = PolicyVersion{1};
    policy->limits.plan_cache = 1_MiB;
    policy->upstreams.push_back(make_upstream());
    Rule blind = make_rule(5, {Operation::kInsert, Operation::kCopyIn}, {"public.notes"});
    blind.blind = true;
    std::vector<Rule> rules = {blind, make_rule(9, {Operation::kInsert}, {"public.plain"})};
    if (is_scoped()) rules.push_back(make_rule(13, {Operation::kSelect}, {"public.traces"}));
    policy->roles.push_back(
        make_scoped(rules, is_scoped() ? std::vector{in_namespaces("public.traces", {"a"})}
                                       : std::vector<Scope>()));
    planner.emplace(policy);
  }
  static bool is_scoped() { return GetParam(); }

  PlanRef plan(std::string_view text) {
    const Snapshot& policy = *planner->snapshot();
    return planner->plan(policy.roles[0], policy.upstreams[0], *catalog,
                         planner->intern(policy.roles[0], {}), text, Origin::kParse);
  }

  std::shared_ptr<const catalog::Catalog> catalog = scoped_catalog();
  std::optional<Planner> planner;
};

TEST_P(Blind, AnInsertOffersItsRows) {
  const PlanRef judged = plan("INSERT INTO plain VALUES (1); INSERT INTO notes VALUES (1), ($1)");
  ASSERT_FALSE(judged->denial) << judged->denial->message;
  EXPECT_EQ(
      judged->store_text,
      "INSERT INTO plain VALUES (1); INSERT INTO notes VALUES (1), ($1) ON CONFLICT DO NOTHING");
  EXPECT_FALSE(judged->pieces.empty());
  EXPECT_FALSE(judged->statements.at(0).offered_rows);
  EXPECT_EQ(judged->statements.at(1).offered_rows, 2U);
}

// Which needs the permission to read elsewhere, because the tag tells of the rows that exist.
TEST_P(Blind, OnConflictDoNothingIsNoRead) {
  for (const std::string_view text :
       {"INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING",
        "INSERT INTO notes VALUES (1) ON CONFLICT (id) WHERE feedback_id > 0 DO NOTHING"}) {
    const PlanRef judged = plan(text);
    ASSERT_FALSE(judged->denial) << judged->denial->message;
    EXPECT_EQ(judged->store_text, "");
    EXPECT_EQ(judged->statements.at(0).offered_rows, 1U);
  }
  for (const std::string_view text :
       {"INSERT INTO plain VALUES (1) ON CONFLICT DO NOTHING",
        "INSERT INTO notes VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2",
        "INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING RETURNING id",
        "INSERT INTO notes VALUES ((SELECT max(id) FROM notes)) ON CONFLICT DO NOTHING",
        "WITH x AS (INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING) SELECT * FROM notes"}) {
    const PlanRef judged = plan(text);
    ASSERT_TRUE(judged->denial) << text;
    EXPECT_EQ(judged->denial->sqlstate, "42501") << text;
  }
}

TEST_P(Blind, WhatTellsIsRefusedWithAHint) {
  const PlanRef judged = plan("SELECT 1; INSERT INTO notes SELECT 1");
  ASSERT_TRUE(judged->denial);
  EXPECT_EQ(judged->denial->sqlstate, "0A000");
  EXPECT_EQ(judged->denial->message,
            "INSERT ... SELECT is not supported where the role writes blindly");
  EXPECT_EQ(judged->denial->hint, "write the rows as VALUES");
  EXPECT_EQ(judged->denial->statement, 1U);
  EXPECT_EQ(judged->store_text, "");
}

TEST_P(Blind, CopyIsRefusedWhereItWouldFailForDuplicates) {
  EXPECT_FALSE(plan("COPY notes FROM STDIN")->denial);
  std::vector<catalog::Relation> relations = catalog->relations();
  for (catalog::Relation& each : relations) each.has_unique_index = true;
  catalog = catalog::Catalog::build(2, std::move(relations));
  ASSERT_TRUE(plan("COPY notes FROM STDIN")->denial);
  EXPECT_EQ(plan("COPY notes FROM STDIN")->denial->sqlstate, "0A000");
  EXPECT_FALSE(plan("INSERT INTO notes VALUES (1)")->denial);
}

// A key that does not exist would fail exactly if the row is no duplicate.
TEST_P(Blind, ForeignKeysTell) {
  std::vector<catalog::Relation> relations = catalog->relations();
  for (catalog::Relation& each : relations) each.has_foreign_key = true;
  catalog = catalog::Catalog::build(2, std::move(relations));
  for (const std::string_view text :
       {"INSERT INTO notes VALUES (1)", "INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING",
        "WITH x AS (INSERT INTO notes VALUES (1)) SELECT 1"}) {
    ASSERT_TRUE(plan(text)->denial) << text;
    EXPECT_EQ(
        plan(text)->denial->message,
        "INSERT into a table with foreign keys is not supported where the role writes blindly");
  }
  EXPECT_FALSE(plan("INSERT INTO plain VALUES (1)")->denial);
}

INSTANTIATE_TEST_SUITE_P(Roles, Blind, ::testing::Bool(), [](const auto& each) {
  return each.param ? "WithScopes" : "WithoutScopes";
});

}  // namespace
}  // namespace tracegate::policy
