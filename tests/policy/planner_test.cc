#include "src/policy/planner.h"

#include <gtest/gtest.h>

#include "tests/policy/roles.h"

namespace tracegate::policy {
namespace {

SnapshotRef snapshot(std::uint64_t version, ByteCount plan_cache = 1_MiB) {
  auto result = std::make_shared<Snapshot>();
  result->version = PolicyVersion{version};
  result->limits.plan_cache = plan_cache;
  result->upstreams.push_back(make_upstream());
  Role dba = make_unrestricted();
  Role reader = make_role({make_rule(5, {sql::Operation::kSelect}, {"public.traces"})});
  reader.index = 1;
  result->roles.push_back(std::move(dba));
  result->roles.push_back(std::move(reader));
  return result;
}

class PlannerTest : public ::testing::Test {
 protected:
  PlanRef plan(std::string_view text, Origin origin = Origin::kParse,
               std::string_view role = "reader") {
    const Snapshot& policy = *planner.snapshot();
    return planner.plan(*policy.find_role(role), policy.upstreams[0], *catalog,
                        planner.intern(*policy.find_role(role), {}), text, origin);
  }

  std::shared_ptr<const catalog::Catalog> catalog = make_catalog(1);
  Planner planner{snapshot(1)};
};

TEST_F(PlannerTest, TextOfParseIsRememberedAtOnce) {
  const PlanRef first = plan("select 1");
  EXPECT_EQ(plan("select 1"), first);
  EXPECT_EQ(plan("select 1", Origin::kSimple), first);
  EXPECT_EQ(planner.statistics().hits, 2U);
  EXPECT_EQ(planner.statistics().misses, 1U);
  EXPECT_EQ(planner.statistics().plans, 1U);
}

TEST_F(PlannerTest, TextOfQueryIsRememberedAtItsSecondSighting) {
  const PlanRef first = plan("select 1", Origin::kSimple);
  EXPECT_EQ(planner.statistics().plans, 0U);
  const PlanRef second = plan("select 1", Origin::kSimple);
  EXPECT_NE(second, first);
  EXPECT_EQ(plan("select 1", Origin::kSimple), second);
  EXPECT_EQ(planner.statistics().hits, 1U);
}

TEST_F(PlannerTest, OneOffTextsDriveNothingOut) {
  const PlanRef used = plan("select 1");
  for (int i = 0; i < 20'000; ++i) (void)plan("select 1 -- " + std::to_string(i), Origin::kSimple);
  EXPECT_EQ(plan("select 1"), used);
  EXPECT_EQ(planner.statistics().evictions, 0U);
}

TEST_F(PlannerTest, MemoryIsBounded) {
  for (int i = 0; i < 20'000; ++i) (void)plan("select 1 -- " + std::to_string(i));
  EXPECT_LE(planner.statistics().bytes, (1_MiB).value);
  EXPECT_GT(planner.statistics().evictions, 0U);
  EXPECT_EQ(planner.statistics().plans + planner.statistics().evictions, 20'000U);
}

TEST_F(PlannerTest, RolesDoNotSharePlans) {
  const PlanRef reader = plan("select 1");
  const PlanRef dba = plan("select 1", Origin::kParse, "dba");
  EXPECT_EQ(reader->statements.at(0).rule, "session");
  EXPECT_EQ(dba->statements.at(0).rule, "roles.toml:99");
}

TEST_F(PlannerTest, ANewCatalogIsJudgedAnew) {
  const PlanRef first = plan("select 1");
  catalog = make_catalog(2);
  EXPECT_NE(plan("select 1"), first);
}

TEST_F(PlannerTest, ANewPolicyForgetsEveryPlan) {
  const PlanRef first = plan("select 1");
  planner.use(snapshot(2));
  const PlanRef second = plan("select 1");
  EXPECT_EQ(first->policy_version, PolicyVersion{1});
  EXPECT_EQ(second->policy_version, PolicyVersion{2});
  EXPECT_EQ(planner.statistics().plans, 1U);
}

TEST_F(PlannerTest, InvalidUtf8IsRefusedForEveryRole) {
  for (const std::string_view role : {"reader", "dba"}) {
    EXPECT_EQ(plan("select '\xff'", Origin::kParse, role)->denial->sqlstate, "22021");
    EXPECT_EQ(plan(std::string_view("a\0b", 3), Origin::kParse, role)->denial->sqlstate, "22021");
  }
}

TEST_F(PlannerTest, SyntaxErrorsAreTheStoresForUnrestrictedRoles) {
  EXPECT_EQ(plan("bad")->denial->sqlstate, "42601");
  EXPECT_FALSE(plan("bad", Origin::kParse, "dba")->denial);
}

using PlannerDeathTest = PlannerTest;
TEST_F(PlannerDeathTest, ARoleOfAnotherSnapshotIsOurOwnMistake) {
  const SnapshotRef other = snapshot(2);
  EXPECT_DEATH((void)planner.plan(other->roles[1], planner.snapshot()->upstreams[0], *catalog,
                                  planner.intern(other->roles[1], {}), "", Origin::kParse),
               "role of another policy snapshot");
}

}  // namespace
}  // namespace tracegate::policy
