#include "src/policy/role_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/policy/views_cache.h"
#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

using sql::Operation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RoleViewsTest : public ::testing::Test {
 protected:
  // Of the relation with that name, for a session with `claims`.
  const sql::RelationView* view(const std::string& table, const Claims& claims = {}) {
    const TableName name = table_name(table);
    views.emplace(role, claims_table.intern(role, claims),
                  std::make_shared<const RoleCatalog>(role, make_upstream(), *whole));
    return views->find(*whole->find(name.schema, name.name));
  }
  static std::vector<std::string> columns(const sql::RelationView& view) {
    std::vector<std::string> names;
    for (const sql::ViewColumn& column : view.columns) names.push_back(column.name);
    return names;
  }

  std::shared_ptr<const catalog::Catalog> whole = scoped_catalog();
  ClaimsTable claims_table;
  Role role;
  std::optional<RoleViews> views;
};

TEST_F(RoleViewsTest, ColumnsAreThoseOfAllSelectRulesInTheTablesOrder) {
  role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"prompt", "gone"}),
                      make_rule(6, {Operation::kSelect}, {"public.traces"}, {"id"}),
                      make_rule(7, {Operation::kInsert}, {"public.traces"})},
                     {in_namespaces("public.traces", {"a"})});
  const sql::RelationView* traces = view("public.traces");
  ASSERT_TRUE(traces);
  EXPECT_THAT(columns(*traces), ElementsAre("id", "prompt"));
  EXPECT_EQ(traces->predicate, R"("tracegate"."namespace" OPERATOR(pg_catalog.=) 'a')");
  ASSERT_EQ(traces->scope_columns.size(), 1U);
  EXPECT_EQ(traces->scope_columns[0].name, "namespace");
}

TEST_F(RoleViewsTest, ARuleWithoutColumnsShowsAll) {
  role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id"}),
                      make_rule(6, {Operation::kSelect}, {"public.traces"})},
                     {in_namespaces("public.traces", {"a"})});
  EXPECT_THAT(columns(*view("public.traces")), ElementsAre("id", "namespace", "at", "prompt"));
}

TEST_F(RoleViewsTest, ATableWithoutScopeIsUsedAsItIs) {
  role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.plain", "public.traces"}),
                      make_rule(6, {Operation::kSelect}, {"public.feedback"}, {"id"}),
                      make_rule(7, {Operation::kInsert}, {"public.notes"})},
                     {in_namespaces("public.traces", {"a"})});
  EXPECT_EQ(view("public.plain"), nullptr);
  EXPECT_EQ(view("public.notes"), nullptr);  // nothing may read it
  const sql::RelationView* feedback = view("public.feedback");
  ASSERT_TRUE(feedback);
  EXPECT_THAT(columns(*feedback), ElementsAre("id"));
  EXPECT_EQ(feedback->predicate, "");
  EXPECT_THAT(feedback->scope_columns, IsEmpty());
}

TEST_F(RoleViewsTest, WhatIsOnlyWrittenShowsNoColumn) {
  role = make_scoped({make_rule(5, {Operation::kInsert}, {"public.traces"})},
                     {in_namespaces("public.traces", {"a"})});
  const sql::RelationView* traces = view("public.traces");
  ASSERT_TRUE(traces);
  EXPECT_THAT(traces->columns, IsEmpty());
  EXPECT_EQ(traces->scope_columns.size(), 1U);
}

TEST_F(RoleViewsTest, WhatIsNotTheRolesShowsNothing) {
  role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces"})},
                     {in_namespaces("public.traces", {"a"})});
  const sql::RelationView* secret = view("public.secret");
  ASSERT_TRUE(secret);
  EXPECT_THAT(secret->columns, IsEmpty());
  EXPECT_EQ(secret->predicate, "false");
}

TEST_F(RoleViewsTest, EachClaimHasItsOwnRows) {
  role = scoped_by_claim();
  role.scopes[0].in_time.reset();
  EXPECT_EQ(view("public.traces", {{"namespaces", {"a"}}})->predicate,
            R"("tracegate"."namespace" OPERATOR(pg_catalog.=) 'a')");
  EXPECT_EQ(view("public.traces", {{"namespaces", {"b"}}})->predicate,
            R"("tracegate"."namespace" OPERATOR(pg_catalog.=) 'b')");
  EXPECT_EQ(view("public.traces")->predicate, "false");
}

TEST_F(RoleViewsTest, AViewIsMadeOnceAndStays) {
  role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces", "public.feedback"})},
                     {in_namespaces("public.traces", {"a"})});
  const sql::RelationView* first = view("public.traces");
  (void)views->find(*whole->find("public", "feedback"));
  EXPECT_EQ(views->find(*whole->find("public", "traces")), first);
}

// A table that rows are only in scope through is not shown, but known to the predicate.
TEST_F(RoleViewsTest, ThroughATableThatIsNotShown) {
  role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.feedback"})},
                     {in_namespaces("public.traces", {"a"}),
                      through("public.feedback", "trace_id", "public.traces", "id")});
  EXPECT_NE(view("public.feedback")->predicate.find("FROM public.traces AS"), std::string::npos);
  EXPECT_EQ(views->catalog().shown().find("public", "traces"), nullptr);
}

TEST(RoleCatalog, ShowsWhatRulesAreAbout) {
  const Role role = make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces"}),
                                 make_rule(6, {Operation::kInsert}, {"public.plain"})},
                                {in_namespaces("public.traces", {"a"})});
  const RoleCatalog catalog(role, make_upstream(), *scoped_catalog(9));
  EXPECT_EQ(catalog.shown().version(), 9U);
  EXPECT_TRUE(catalog.shown().find("public", "traces"));
  EXPECT_TRUE(catalog.shown().find("public", "plain"));
  EXPECT_EQ(catalog.shown().find("public", "secret"), nullptr);
  EXPECT_EQ(catalog.shown().relations().size(), 2U);
  EXPECT_FALSE(catalog.hides_by_search_path());
}

TEST(RoleCatalog, KnowsWhenTheSearchPathLeadsToAHiddenTable) {
  Upstream upstream = make_upstream();
  upstream.search_path = {"other", "public"};
  const auto hides = [&](const std::string& table) {
    const Role role =
        make_scoped({make_rule(5, {Operation::kSelect}, {table})}, {in_namespaces(table, {"a"})});
    return RoleCatalog(role, upstream, *scoped_catalog()).hides_by_search_path();
  };
  EXPECT_TRUE(hides("public.traces"));
  EXPECT_FALSE(hides("other.traces"));
  EXPECT_FALSE(hides("public.plain"));
}

TEST(ViewsCache, KeepsViewsByWhatTheyWereMadeFrom) {
  ViewsCache cache;
  ClaimsTable claims;
  const Role role = scoped_by_claim();
  const Upstream upstream = make_upstream();
  const auto catalog = scoped_catalog(1);
  const ClaimsRef a = claims.intern(role, {{"namespaces", {"a"}}});
  const ClaimsRef b = claims.intern(role, {{"namespaces", {"b"}}});
  const RoleViews* first = &cache.get(role, upstream, *catalog, a);
  EXPECT_NE(&cache.get(role, upstream, *catalog, b), first);
  EXPECT_EQ(&cache.get(role, upstream, *catalog, a), first);
  EXPECT_EQ(&cache.get(role, upstream, *catalog, b).catalog(), &first->catalog());
  EXPECT_NE(&cache.get(role, upstream, *scoped_catalog(2), a), first);
  cache.clear();
  EXPECT_EQ(cache.size(), 0U);
}

TEST(ViewsCache, IsBounded) {
  ViewsCache cache;
  ClaimsTable claims;
  const Role role = scoped_by_claim();
  const auto catalog = scoped_catalog();
  for (int i = 0; i < 5000; ++i)
    (void)cache.get(role, make_upstream(), *catalog,
                    claims.intern(role, {{"namespaces", {std::to_string(i)}}}));
  EXPECT_EQ(cache.size(), 512U);
}

}  // namespace
}  // namespace tracegate::policy
