// What a scoped role sees of the catalogs, in a real PostgreSQL and as the gateway's catalog loader
// finds it: every view of introspection.h runs, keeps its columns, and names nothing hidden. What
// psql and drivers ask is in tests/e2e/test_introspection.py.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "src/policy/make_plan.h"
#include "src/policy/role_views.h"
#include "src/store/catalog_loader.h"
#include "tests/store/harness.h"

namespace tracegate::store {
namespace {

policy::Rule reading(std::vector<std::string> tables, std::vector<std::string> columns = {}) {
  policy::Rule rule;
  rule.operations = {sql::Operation::kSelect};
  for (const std::string& table : tables) {
    const std::size_t dot = table.find('.');
    rule.tables.push_back({table.substr(0, dot), table.substr(dot + 1), {}});
  }
  for (std::string& column : columns) rule.columns.push_back({std::move(column), {}});
  return rule;
}

policy::Role watcher() {
  policy::Role role;
  role.name = "watcher";
  role.rules = {reading({"public.shown_traces"},
                        {"id", "namespace", "model", "mood", "score", "labels", "started_at"}),
                reading({"public.shown_feedback"}, {"feedback_id", "trace_id", "comment"}),
                reading({"public.shown_models", "public.shown_open", "shown_archive.shown_days",
                         "shown_archive.shown_days_2025"})};
  for (const char* name : {"shown_traces", "shown_open"}) {
    policy::Scope scope;
    scope.table = {"public", name, {}};
    scope.in_namespace = policy::NamespaceScope{{"namespace", {}}, {"n1"}, {}};
    role.scopes.push_back(std::move(scope));
  }
  return role;
}

class IntrospectionTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::ifstream file(std::string(TRACEGATE_TESTS) + "/support/introspected_store.sql");
    std::ostringstream text;
    text << file.rdbuf();
    query(text.str());
    Result<LoadedCatalog> loaded = load_catalog(config(), 1);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    catalog_ = loaded->catalog;
    upstream_.search_path = {"public"};
    views_ = std::make_unique<policy::RoleViews>(
        role_, claims_.intern(role_, {}),
        std::make_shared<const policy::RoleCatalog>(role_, upstream_, *catalog_));
  }

  // What the store receives.
  std::string rewritten(const std::string& sql) const {
    const policy::PlanRef plan =
        policy::make_plan(PolicyVersion{1}, role_, upstream_, *catalog_, views_.get(), sql);
    EXPECT_FALSE(plan->denial) << sql << ": " << plan->denial->message;
    return plan->store_text.empty() ? sql : plan->store_text;
  }
  std::string seen(const std::string& sql) const { return query(rewritten(sql)); }

  // The relations of which every scoped role sees a view.
  std::vector<std::string> covered() const {
    std::vector<std::string> names;
    for (const catalog::Relation& relation : catalog_->relations())
      if (policy::Introspection::covers(relation.schema, relation.name))
        names.push_back(relation.qualified_name());
    return names;
  }

  const policy::Role role_ = watcher();
  policy::Upstream upstream_;
  policy::ClaimsTable claims_;
  std::shared_ptr<const catalog::Catalog> catalog_;
  std::unique_ptr<policy::RoleViews> views_;
};

TEST_F(IntrospectionTest, NothingHiddenIsInAnyRowOfAnyView) {
  ASSERT_GT(covered().size(), 90U);
  for (const std::string& name : covered()) {
    const std::string rows = seen("SELECT * FROM " + name);
    EXPECT_EQ(rows.find("hidden"), std::string::npos) << name << ": " << rows.substr(0, 2000);
  }
}

TEST_F(IntrospectionTest, FencesDoNotChangeWhatIsSeen) {
  for (const std::string& name : covered())
    EXPECT_EQ(seen("SELECT count(*) FROM " + name),
              seen("SELECT count(*) FROM " + name + " AS t WHERE length(t::text) > 0"))
        << name;
}

TEST_F(IntrospectionTest, ViewsHaveTheColumnsOfTheirRelations) {
  for (const std::string& name : covered()) {
    const auto columns_of = [&](const std::string& relation) {
      return query("SELECT attname FROM pg_attribute WHERE attnum > 0 AND attrelid = '" + relation +
                   "'::regclass ORDER BY attnum");
    };
    query("DROP VIEW IF EXISTS seen; CREATE VIEW seen AS " + rewritten("SELECT * FROM " + name));
    EXPECT_EQ(columns_of("seen"), columns_of(name));
    // A literal that is compared with a value of these types is looked up.
    EXPECT_EQ(query("SELECT count(*) FROM pg_attribute WHERE attrelid = 'seen'::regclass AND "
                    "format_type(atttypid, -1) ~ '^(reg|aclitem|any)'"),
              "0")
        << name;
  }
}

TEST_F(IntrospectionTest, WhatIsPermittedIsSeen) {
  EXPECT_EQ(
      seen("SELECT relname FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'v', 'S') "
           "ORDER BY 1"),
      "shown_days\nshown_days_2025\nshown_feedback\nshown_feedback_feedback_id_seq\n"
      "shown_models\nshown_open\nshown_traces\nshown_traces_id_seq");
  EXPECT_EQ(
      seen("SELECT attname FROM pg_attribute WHERE attrelid = 'shown_traces'::regclass ORDER BY "
           "attnum"),
      "id\nnamespace\nmodel\nmood\nscore\nlabels\nstarted_at");
  EXPECT_EQ(
      seen(
          "SELECT conname FROM pg_constraint WHERE conrelid = 'shown_traces'::regclass ORDER BY 1"),
      "shown_check\nshown_traces_model_fkey\nshown_traces_pkey");
  EXPECT_EQ(
      seen("SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'shown_traces'::regclass "
           "ORDER BY 1"),
      "shown_by_namespace\nshown_good\nshown_traces_pkey");
  EXPECT_EQ(
      seen("SELECT typname FROM pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd') ORDER BY 1"),
      "shown_mood\nshown_score");
  EXPECT_EQ(seen("SELECT nspname FROM pg_namespace WHERE oid >= 16384"), "shown_archive");
}

TEST_F(IntrospectionTest, NumbersOfRowsAndPagesAreNeutral) {
  EXPECT_EQ(
      seen("SELECT DISTINCT reltuples, relpages, relallvisible, relfilenode, relacl, relfrozenxid "
           "FROM pg_class"),
      "-1|0|0|0|-|0");
}

// Data of tables changes; what is seen of the catalogs does not.
TEST_F(IntrospectionTest, RowsOfTablesLeaveNoTrace) {
  std::vector<std::string> before;
  for (const std::string& name : covered()) before.push_back(seen("SELECT * FROM " + name));
  query(
      "INSERT INTO hidden_keys (hidden_secret) SELECT 'x' FROM generate_series(1, 10000);"
      "INSERT INTO shown_traces (namespace) SELECT 'n0' FROM generate_series(1, 10000);"
      "DELETE FROM shown_feedback");
  query("VACUUM ANALYZE");
  std::size_t at = 0;
  for (const std::string& name : covered())
    EXPECT_EQ(seen("SELECT * FROM " + name), before[at++]) << name;
}

TEST_F(IntrospectionTest, CatalogsAreNotForWriting) {
  for (const char* sql :
       {"UPDATE pg_class SET relname = 'x'", "DELETE FROM pg_attribute",
        "SELECT 1 FROM pg_class FOR UPDATE", "LOCK TABLE pg_class",
        "COPY (SELECT relname FROM pg_class) TO STDOUT", "COPY pg_class TO STDOUT"}) {
    const policy::PlanRef plan =
        policy::make_plan(PolicyVersion{1}, role_, upstream_, *catalog_, views_.get(), sql);
    ASSERT_TRUE(plan->denial) << sql;
    EXPECT_EQ(plan->denial->sqlstate, "42501") << sql;
  }
}

TEST_F(IntrospectionTest, StatisticsActivityAndSecretsDoNotExist) {
  for (const char* name :
       {"pg_statistic", "pg_stats", "pg_stat_activity", "pg_stat_all_tables", "pg_authid",
        "pg_shadow", "pg_largeobject", "pg_locks", "pg_prepared_statements",
        "pg_statistic_ext_data", "pg_user_mapping", "pg_stat_statements"}) {
    const policy::PlanRef plan =
        policy::make_plan(PolicyVersion{1}, role_, upstream_, *catalog_, views_.get(),
                          fmt::format("SELECT 1 FROM {}", name));
    ASSERT_TRUE(plan->denial) << name;
    EXPECT_EQ(plan->denial->sqlstate, "42P01") << name;
  }
}

}  // namespace
}  // namespace tracegate::store
