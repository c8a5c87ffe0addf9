// Scoped roles from text to plan: analysis, judging and rewriting together.
#include <gtest/gtest.h>

#include "src/policy/judge.h"
#include "src/policy/planner.h"
#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

using sql::Operation;

constexpr std::string_view kHint =
    "it may be a matter of rights: role \"reader\" only sees the tables of its rules; ask the "
    "operator of this gateway";

class ScopedPlans : public ::testing::Test {
 protected:
  ScopedPlans() {
    use(make_scoped(
        {make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id", "namespace", "at"}),
         make_rule(9, {Operation::kInsert, Operation::kUpdate, Operation::kDelete},
                   {"public.traces"}),
         make_rule(13, {Operation::kSelect}, {"public.plain"}),
         make_rule(17, {Operation::kInsert}, {"public.notes"}),
         make_rule(21, {Operation::kCopyOut}, {"public.traces"}, {"id", "at"})},
        {in_claim("public.traces", "namespaces")}));
  }

  void use(Role role, std::vector<std::string> search_path = {"public"}) {
    auto policy = std::make_shared<Snapshot>();
    policy->version = PolicyVersion{1};
    policy->limits.plan_cache = 1_MiB;
    policy->upstreams.push_back(make_upstream());
    policy->upstreams[0].search_path = std::move(search_path);
    policy->roles.push_back(std::move(role));
    if (planner)
      planner->use(policy);
    else
      planner.emplace(policy);
  }

  PlanRef plan(std::string_view text, const Claims& claims = {{"namespaces", {"a"}}},
               ParameterTypes parameter_types = {}) {
    const Snapshot& policy = *planner->snapshot();
    return planner->plan(policy.roles[0], policy.upstreams[0], *catalog,
                         planner->intern(policy.roles[0], claims), text, Origin::kParse,
                         parameter_types);
  }
  // "" if permitted, else SQLSTATE and message.
  std::string verdict(std::string_view text) {
    const PlanRef judged = plan(text);
    return judged->denial ? judged->denial->sqlstate + ' ' + judged->denial->message : "";
  }
  // What the store receives.
  std::string sent(std::string_view text) {
    const PlanRef judged = plan(text);
    EXPECT_FALSE(judged->denial) << judged->denial->message;
    return judged->store_text.empty() ? judged->text : judged->store_text;
  }

  std::shared_ptr<const catalog::Catalog> catalog = scoped_catalog();
  std::optional<Planner> planner;
};

TEST_F(ScopedPlans, ReadsGoThroughTheView) {
  EXPECT_EQ(sent("SELECT id FROM traces"),
            R"(SELECT id FROM (SELECT "tracegate"."id", "tracegate"."namespace", "tracegate"."at" )"
            R"(FROM "public"."traces" AS "tracegate" WHERE ("tracegate"."namespace" )"
            R"(OPERATOR(pg_catalog.=) 'a')) AS "traces")");
  EXPECT_EQ(sent("SELECT id FROM plain"), "SELECT id FROM plain");
  EXPECT_FALSE(plan("SELECT id FROM traces")->pieces.empty());
}

// So that a session notices after a reload that what it holds was made for another scope.
TEST_F(ScopedPlans, WhatIsStoredUnderANameKnowsWhatTheStoreHas) {
  for (const std::string_view text : {"PREPARE p AS SELECT id FROM traces",
                                      "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM traces",
                                      "SELECT 1; PREPARE p AS SELECT count(*) FROM traces"}) {
    const PlanRef one = plan(text);
    const PlanRef& inner = one->statements.back().inner;
    ASSERT_TRUE(inner) << text;
    EXPECT_FALSE(inner->store_text.empty()) << text;
    EXPECT_EQ(inner->store_text, one->store_text) << text;
    EXPECT_EQ(inner->pieces.size(), one->pieces.size()) << text;
    const PlanRef other = plan(text, {{"namespaces", {"b"}}});
    EXPECT_NE(other->statements.back().inner->store_text, inner->store_text) << text;
  }
  EXPECT_EQ(plan("PREPARE p AS SELECT id FROM plain")->statements[0].inner->store_text, "");
}

TEST_F(ScopedPlans, ColumnsOutsideTheViewAreForTheStoreToMiss) {
  for (const std::string_view text :
       {"SELECT prompt FROM traces", "SELECT * FROM traces", "SELECT nosuch FROM traces",
        "SELECT t FROM traces t WHERE prompt = 'x'", "SELECT id FROM traces FOR UPDATE"})
    EXPECT_EQ(verdict(text), "") << text;
}

TEST_F(ScopedPlans, ColumnsOfAWritesTargetAreJudged) {
  EXPECT_EQ(verdict("UPDATE traces SET prompt = 'x' WHERE id = 1"), "");
  // Tells no more than the error of an INSERT without it.
  EXPECT_EQ(verdict("INSERT INTO traces (id, namespace) VALUES (1, 'a') ON CONFLICT DO NOTHING"),
            "");
  for (const std::string_view text :
       {"UPDATE traces SET prompt = 'x' WHERE prompt = 'y'",
        "DELETE FROM traces WHERE prompt = 'y'", "DELETE FROM traces RETURNING *",
        "UPDATE traces SET at = NULL RETURNING prompt",
        "INSERT INTO traces (id, namespace) VALUES (1, 'a') RETURNING prompt",
        "INSERT INTO traces (id, namespace) VALUES (1, 'a') ON CONFLICT (prompt) DO NOTHING",
        "INSERT INTO traces (id, namespace) VALUES (1, 'a') ON CONFLICT ON CONSTRAINT c DO NOTHING",
        "INSERT INTO traces (id, namespace) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET at = "
        "NULL WHERE traces.prompt = 'x'",
        "INSERT INTO traces (id, namespace) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET at = "
        "NULL WHERE excluded.prompt = 'x'",
        "MERGE INTO traces USING plain p ON traces.prompt = 'x' WHEN MATCHED THEN DELETE",
        "MERGE INTO traces USING plain p ON traces.prompt = 'x' WHEN MATCHED THEN DO NOTHING",
        "COPY (UPDATE traces SET at = NULL RETURNING prompt) TO STDOUT",
        "WITH gone AS (DELETE FROM traces RETURNING prompt) SELECT * FROM gone"})
    EXPECT_EQ(verdict(text), "42501 permission denied for table traces") << text;
}

TEST_F(ScopedPlans, AreKeptForEachSetOfDeclaredTypes) {
  const std::string_view text = "SELECT id FROM traces WHERE id = $1";
  const std::vector<std::uint32_t> oid = {26}, inferred = {0, 0};
  const PlanRef plain = plan(text);
  const PlanRef declared = plan(text, {{"namespaces", {"a"}}}, oid);
  EXPECT_NE(plain, declared);
  EXPECT_EQ(declared->parameter_types, oid);
  EXPECT_EQ(plan(text, {{"namespaces", {"a"}}}, oid), declared);
  EXPECT_EQ(plan(text, {{"namespaces", {"a"}}}, inferred), plain);
}

TEST_F(ScopedPlans, BesideAWriteTheViewIsRead) {
  for (const std::string_view text :
       {"UPDATE traces SET at = NULL FROM traces t WHERE t.prompt = 'y'",
        "DELETE FROM traces USING traces t WHERE t.prompt = 'y'",
        "DELETE FROM traces WHERE id IN (SELECT id FROM traces t WHERE t.prompt = 'y')"})
    EXPECT_EQ(verdict(text), "") << text;
}

TEST_F(ScopedPlans, WhichColumnsAreHiddenIsNotTold) {
  const Denial denial = *plan("DELETE FROM traces RETURNING *")->denial;
  EXPECT_EQ((denial.hint + denial.reason).find("prompt"), std::string::npos) << denial.hint;
}

TEST_F(ScopedPlans, WritesCarryTheScope) {
  EXPECT_NE(sent("DELETE FROM traces WHERE id = 1")
                .find(R"("traces"."namespace" OPERATOR(pg_catalog.=) 'a')"),
            std::string::npos);
  EXPECT_NE(sent("INSERT INTO traces (id, namespace) VALUES (1, $1)").find("out of scope"),
            std::string::npos);
  EXPECT_EQ(verdict("INSERT INTO traces (id) VALUES (1)").substr(0, 5), "0A000");
  EXPECT_EQ(sent("INSERT INTO notes VALUES (1, 2)"), "INSERT INTO notes VALUES (1, 2)");
}

TEST_F(ScopedPlans, ExportsAreJudgedByTheColumnsOfTheView) {
  EXPECT_EQ(verdict("COPY (SELECT id, at FROM traces) TO STDOUT"), "");
  EXPECT_EQ(verdict("COPY traces (id, at) TO STDOUT"), "");
  EXPECT_EQ(verdict("COPY (SELECT namespace FROM traces) TO STDOUT"),
            "42501 permission denied for table traces");
  EXPECT_EQ(verdict("COPY traces TO STDOUT"), "42501 permission denied for table traces");
  use(make_scoped({make_rule(5, {Operation::kSelect, Operation::kCopyOut}, {"public.traces"},
                             {"id", "namespace"})},
                  {in_claim("public.traces", "namespaces")}));
  EXPECT_EQ(verdict("COPY traces TO STDOUT"), "");
}

TEST_F(ScopedPlans, WhatTellsOfAllRowsIsRefused) {
  for (const std::string_view text : {"EXPLAIN SELECT id FROM traces", "EXPLAIN ANALYZE SELECT 1"})
    EXPECT_EQ(verdict(text), "42501 permission denied for explain statements") << text;
  EXPECT_EQ(plan("EXPLAIN SELECT 1")->denial->hint,
            "role \"reader\" sees only a part of the store, and its estimates come from rows and "
            "columns that the role does not see");
  use(make_scoped({make_rule(5, {Operation::kSelect, Operation::kTruncate}, {"public.traces"}),
                   make_rule(6, {Operation::kExplain, Operation::kDdl, Operation::kDo,
                                 Operation::kMaintenance})},
                  {in_claim("public.traces", "namespaces")}));
  for (const std::string_view text :
       {"TRUNCATE traces", "EXPLAIN SELECT 1", "VACUUM VERBOSE traces", "DO 'BEGIN END'",
        "CREATE VIEW v AS SELECT * FROM traces", "SELECT * INTO x FROM traces"})
    EXPECT_EQ(verdict(text).substr(0, 6), "42501 ") << text;
}

// Whatever is asked about a table that the role has no rule for, the answer is that for a name that
// nobody has.
TEST_F(ScopedPlans, AHiddenTableIsOneThatDoesNotExist) {
  const std::string_view shapes[] = {
      "SELECT * FROM ?",
      "SELECT id, ?.id FROM traces JOIN ? ON true",
      "SELECT 'é', (SELECT count(*) FROM public.?)",
      "SELECT * FROM ?, nosuch",
      "SELECT * FROM nosuch, ?",
      "SELECT pg_read_file('x') FROM ?",
      "SELECT * FROM ? TABLESAMPLE system (1)",
      "INSERT INTO ? VALUES (1)",
      "INSERT INTO traces SELECT * FROM ?",
      "UPDATE ? SET nosuch = 1",
      "DELETE FROM ? RETURNING *",
      "MERGE INTO ? USING traces ON true WHEN MATCHED THEN DO NOTHING",
      "COPY ? TO STDOUT",
      "COPY ? FROM STDIN",
      "TRUNCATE ?",
      "LOCK TABLE ?",
      "EXPLAIN SELECT * FROM ?",
      "PREPARE p AS SELECT * FROM ?",
      "SELECT 1; SELECT * FROM ?",
      "WITH ? AS (SELECT 1) SELECT * FROM ?",
      "DELETE FROM traces WHERE id IN (SELECT id FROM ?)",
  };
  const auto fill = [](std::string_view shape, std::string_view name) {
    std::string text;
    for (const char c : shape) text.append(c == '?' ? name : std::string_view(&c, 1));
    return text;
  };
  for (const std::string_view shape : shapes) {
    const PlanRef hidden = plan(fill(shape, "secret"));
    const PlanRef unknown = plan(fill(shape, "zecret"));
    ASSERT_EQ(hidden->denial.has_value(), unknown->denial.has_value()) << shape;
    if (!hidden->denial) continue;
    std::string message = hidden->denial->message;
    if (const std::size_t at = message.find("secret"); at != std::string::npos) message[at] = 'z';
    EXPECT_EQ(message, unknown->denial->message) << shape;
    EXPECT_EQ(hidden->denial->sqlstate, unknown->denial->sqlstate) << shape;
    EXPECT_EQ(hidden->denial->position, unknown->denial->position) << shape;
    EXPECT_EQ(hidden->denial->hint, unknown->denial->hint) << shape;
    EXPECT_EQ(hidden->denial->statement, unknown->denial->statement) << shape;
  }
}

TEST_F(ScopedPlans, AHiddenTableIsAnsweredInPostgresWords) {
  const Denial hidden = *plan("SELECT 'é', * FROM Public.Secret")->denial;
  EXPECT_EQ(hidden.sqlstate, "42P01");
  EXPECT_EQ(hidden.message, "relation \"public.secret\" does not exist");
  EXPECT_EQ(hidden.position, 20);
  EXPECT_EQ(hidden.hint, kHint);
  EXPECT_EQ(hidden.rule, "default");
  EXPECT_EQ(hidden.reason,
            "select on public.secret: no rule is about it; to the client it does not exist");
  EXPECT_EQ(plan("SELECT 'é', * FROM Public.Zecret")->denial->reason,
            "relation \"public.zecret\" does not exist");
}

TEST_F(ScopedPlans, ATableWithOtherRulesExists) {
  EXPECT_EQ(verdict("SELECT * FROM notes"), "42501 permission denied for table notes");
}

TEST_F(ScopedPlans, WhatTheSearchPathHidesIsNotTakenForItsNamesake) {
  use(make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces", "public.plain"})},
                  {in_claim("public.traces", "namespaces")}),
      {"other", "public"});
  EXPECT_EQ(verdict("SELECT 1 FROM plain, traces"), "42P01 relation \"traces\" does not exist");
  EXPECT_EQ(plan("SELECT 1 FROM plain, traces")->denial->position, 22);
  EXPECT_EQ(plan("SELECT 1 FROM plain, traces")->denial->hint, kHint);
  EXPECT_EQ(plan("SELECT 1; SELECT 1 FROM traces")->denial->statement, 1U);
  EXPECT_EQ(verdict("SELECT 1 FROM plain, public.traces"), "");
}

TEST_F(ScopedPlans, WhatCannotBeRewrittenIsRefused) {
  const PlanRef judged = plan("SELECT 1; SELECT * FROM traces TABLESAMPLE system (1)");
  ASSERT_TRUE(judged->denial);
  EXPECT_EQ(judged->denial->sqlstate, "0A000");
  EXPECT_EQ(judged->denial->statement, 1U);
  EXPECT_EQ(judged->store_text, "");
  EXPECT_EQ(judged->statements.at(1).rule, "default");
}

TEST_F(ScopedPlans, PlansAreNotSharedBetweenClaims) {
  constexpr std::string_view kText = "SELECT id FROM traces";
  const PlanRef a = plan(kText, {{"namespaces", {"a"}}});
  const PlanRef b = plan(kText, {{"namespaces", {"b"}}});
  EXPECT_NE(a->store_text.find("'a'"), std::string::npos);
  EXPECT_NE(b->store_text.find("'b'"), std::string::npos);
  EXPECT_NE(plan(kText, {})->store_text.find("WHERE (false)"), std::string::npos);
  EXPECT_EQ(plan(kText, {{"namespaces", {"a"}}, {"email", {"x"}}}), a);
}

TEST_F(ScopedPlans, ANewPolicyHasNewViews) {
  const PlanRef before = plan("SELECT id FROM traces");
  use(make_scoped({make_rule(5, {Operation::kSelect}, {"public.traces"})},
                  {in_namespaces("public.traces", {"b"})}));
  const PlanRef after = plan("SELECT id FROM traces");
  EXPECT_NE(before->store_text, after->store_text);
  EXPECT_NE(after->store_text.find("'b'"), std::string::npos);
}

TEST_F(ScopedPlans, ExplainShowsWhatTheStoreReceives) {
  constexpr std::string_view kText = "SELECT id FROM traces";
  const PlanRef judged = plan(kText);
  EXPECT_EQ(explain(*judged, sql::analyze(kText, *catalog, std::vector<std::string>{"public"})),
            "permitted\n"
            "policy version 1, 1 statement(s)\n"
            "  1: select, reads; rule: roles.toml:43, roles.toml:5\n"
            "     select public.traces: id\n"
            "the store receives: " +
                judged->store_text +
                "\n"
                "recorded as: SELECT id FROM traces\n");
}

}  // namespace
}  // namespace tracegate::policy
