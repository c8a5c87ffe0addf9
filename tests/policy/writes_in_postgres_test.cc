// Writes of scoped roles as a real PostgreSQL runs them: which rows they touch, which they make,
// and that nothing of the client's is evaluated over others.
#include "tests/policy/scoped_store.h"

namespace tracegate::policy {
namespace {

using sql::Operation;

constexpr std::string_view kOutOfScope = "out of scope";

// Rows of namespace a are the role's; feedback to their traces is, too.
class WritesInPostgres : public ScopedStore {
 protected:
  void SetUp() override {
    ScopedStore::SetUp();
    query(
        "CREATE TABLE traces (id bigint PRIMARY KEY, namespace text NOT NULL, prompt text);"
        "INSERT INTO traces VALUES (1, 'a', '1'), (2, 'a', '2'), (7, 'b', 'x'), (8, 'b', 'y');"
        "CREATE TABLE offers (id bigint, namespace text, prompt text);"
        "CREATE TABLE feedback (id bigint PRIMARY KEY, trace_id bigint, score int);"
        "INSERT INTO feedback VALUES (10, 1, 1), (11, 2, 2), (17, 7, 7)");
    use(make_scoped({make_rule(1,
                               {Operation::kSelect, Operation::kInsert, Operation::kUpdate,
                                Operation::kDelete, Operation::kCopyIn},
                               {"public.traces", "public.feedback"}),
                     make_rule(2, {Operation::kSelect, Operation::kInsert}, {"public.offers"})},
                    {in_namespaces("public.traces", {"a"}),
                     through("public.feedback", "trace_id", "public.traces", "id")}));
  }
  void offer(const std::string& rows) {
    query("TRUNCATE offers; INSERT INTO offers VALUES " + rows);
  }
  std::string traces() {
    return query(
        "SELECT string_agg(concat_ws(' ', id, namespace, prompt), ', ' ORDER BY id) FROM "
        "traces");
  }
  std::string feedback() {
    return query(
        "SELECT string_agg(concat_ws(' ', id, trace_id, score), ', ' ORDER BY id) FROM "
        "feedback");
  }
};

TEST_F(WritesInPostgres, MergeMatchesRowsInScopeOnly) {
  offer("(1, 'a', 'new'), (7, 'b', 'new')");
  EXPECT_EQ(run("MERGE INTO traces t USING offers o ON t.id = o.id WHEN MATCHED THEN UPDATE SET "
                "prompt = o.prompt"),
            "");
  EXPECT_EQ(traces(), "1 a new, 2 a 2, 7 b x, 8 b y");
  EXPECT_EQ(
      run("MERGE INTO traces t USING offers o ON t.id = o.id WHEN MATCHED AND t.prompt = 'x' "
          "THEN DELETE WHEN MATCHED THEN UPDATE SET prompt = 'again' WHEN NOT MATCHED THEN DO "
          "NOTHING"),
      "");
  EXPECT_EQ(traces(), "1 a again, 2 a 2, 7 b x, 8 b y");
  EXPECT_EQ(run("MERGE INTO traces USING (VALUES (true)) v (yes) ON yes WHEN MATCHED THEN DELETE"),
            "");
  EXPECT_EQ(traces(), "7 b x, 8 b y");
}

// Nothing happens to a row of the target that has no match; to the source it does not exist.
TEST_F(WritesInPostgres, MergeTakesARowOutOfScopeForNone) {
  offer("(1, 'a', 'new'), (3, 'a', 'new')");
  EXPECT_EQ(
      run("MERGE INTO traces t USING offers o ON t.id = o.id WHEN MATCHED THEN DO NOTHING WHEN "
          "NOT MATCHED THEN INSERT (id, namespace, prompt) VALUES (o.id, o.namespace, "
          "o.prompt)"),
      "");
  EXPECT_EQ(traces(), "1 a 1, 2 a 2, 3 a new, 7 b x, 8 b y");
  offer("(7, 'a', 'new')");
  EXPECT_EQ(
      run("MERGE INTO traces t USING offers o ON t.id = o.id WHEN MATCHED THEN DELETE WHEN NOT "
          "MATCHED THEN INSERT VALUES (o.id, 'a', o.prompt)"),
      "ERROR:  duplicate key value violates unique constraint \"traces_pkey\"");
  EXPECT_EQ(traces(), "1 a 1, 2 a 2, 3 a new, 7 b x, 8 b y");
}

TEST_F(WritesInPostgres, MergeReadsThroughTheView) {
  EXPECT_EQ(run("MERGE INTO traces t USING traces o ON t.id = o.id - 6 WHEN MATCHED THEN DELETE"),
            "");
  EXPECT_EQ(traces(), "1 a 1, 2 a 2, 7 b x, 8 b y");
  EXPECT_EQ(
      run("MERGE INTO traces t USING (SELECT max(id) AS id FROM traces) o ON t.id = o.id WHEN "
          "MATCHED AND EXISTS (SELECT FROM traces WHERE namespace = 'b') THEN DELETE WHEN "
          "MATCHED THEN UPDATE SET prompt = 'last'"),
      "");
  EXPECT_EQ(traces(), "1 a 1, 2 a last, 7 b x, 8 b y");
}

TEST_F(WritesInPostgres, MergeWritesNoRowOutOfScope) {
  offer("(1, 'b', 'new'), (3, 'b', 'new')");
  for (const char* action :
       {"WHEN MATCHED THEN UPDATE SET namespace = o.namespace",
        "WHEN MATCHED THEN UPDATE SET prompt = 'z', namespace = CASE WHEN true THEN 'b' END",
        "WHEN NOT MATCHED THEN INSERT VALUES (o.id, o.namespace)",
        "WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED AND o.id = 3 THEN INSERT (namespace, id) "
        "VALUES (lower('B'), o.id)",
        "WHEN NOT MATCHED THEN INSERT VALUES (o.id, NULL)"})
    EXPECT_EQ(run("MERGE INTO traces t USING offers o ON t.id = o.id " + std::string(action)),
              kOutOfScope)
        << action;
  EXPECT_EQ(traces(), "1 a 1, 2 a 2, 7 b x, 8 b y");
}

// Prompts of rows out of scope are no numbers: each condition would fail on them.
TEST_F(WritesInPostgres, ConditionsOfMergeAreEvaluatedOverRowsInScopeOnly) {
  offer("(1, 'a', '1'), (2, 'a', '2')");
  for (const char* merge :
       {"ON t.prompt::int = o.id WHEN MATCHED THEN DO NOTHING",
        "ON t.prompt::int = 1 AND o.id = t.id WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN "
        "DO "
        "NOTHING",
        "ON t.id = o.id AND t.prompt::int > 0 WHEN NOT MATCHED THEN DO NOTHING",
        "ON t.prompt::int > 0 OR t.id = o.id WHEN MATCHED AND t.prompt::int = 1 THEN DO NOTHING",
        "ON t.id <> 0 WHEN MATCHED AND t.prompt::int = 99 THEN DELETE",
        "ON t.id = o.id WHEN MATCHED THEN UPDATE SET prompt = t.prompt::int"})
    EXPECT_EQ(run("MERGE INTO traces t USING offers o " + std::string(merge)), "") << merge;
  for (const char* setting : {"enable_hashjoin", "enable_mergejoin", "enable_nestloop"})
    EXPECT_EQ(query("SET " + std::string(setting) + " = off; " +
                    sent("MERGE INTO traces t USING offers o ON t.id = o.id AND t.prompt::int = "
                         "o.prompt::int WHEN MATCHED THEN DO NOTHING")),
              "")
        << setting;
}

TEST_F(WritesInPostgres, MergeFindsItsRowsByTheirKey) {
  query(
      "INSERT INTO traces SELECT n, 'n' || n % 100, 'x' FROM generate_series(100, 20000) n; "
      "ANALYZE traces");
  offer("(100, 'a', 'new')");
  const std::string plan =
      query("ANALYZE offers; EXPLAIN (COSTS OFF) " +
            sent("MERGE INTO traces t USING offers o ON t.id = o.id WHEN MATCHED THEN DELETE"));
  EXPECT_NE(plan.find("Index Scan using traces_pkey"), std::string::npos) << plan;
}

TEST_F(WritesInPostgres, FeedbackBelongsToTracesInScope) {
  EXPECT_EQ(run("INSERT INTO feedback VALUES (12, 1, 5), (13, '2', 5)"), "");
  EXPECT_EQ(run("INSERT INTO feedback (trace_id, id) SELECT id, 20 + id FROM traces"), "");
  EXPECT_EQ(run("UPDATE feedback SET trace_id = 2 WHERE id = 12"), "");
  EXPECT_EQ(run("UPDATE feedback SET score = score::text::int"), "");
  EXPECT_EQ(feedback(), "10 1 1, 11 2 2, 12 2 5, 13 2 5, 17 7 7, 21 1, 22 2");
  EXPECT_EQ(run("DELETE FROM feedback WHERE 1 / (7 - score) IS NOT NULL OR true"), "");
  EXPECT_EQ(feedback(), "17 7 7");
}

TEST_F(WritesInPostgres, FeedbackToOtherTracesIsNotWritten) {
  for (const char* text :
       {"INSERT INTO feedback VALUES (12, 7, 5)", "INSERT INTO feedback VALUES (12, 99, 5)",
        "INSERT INTO feedback VALUES (12, NULL, 5)",
        "INSERT INTO feedback VALUES (12, 1, 5), (13, 8, 5)",
        "INSERT INTO feedback (id, trace_id) SELECT 12, 7",
        "INSERT INTO feedback (id, trace_id) SELECT 12, id + 6 FROM traces",
        "UPDATE feedback SET trace_id = 7", "UPDATE feedback SET trace_id = trace_id + 6",
        "INSERT INTO feedback VALUES (10, 1, 5) ON CONFLICT (id) DO UPDATE SET trace_id = 7"})
    EXPECT_EQ(run(text), kOutOfScope) << text;
  EXPECT_EQ(run("UPDATE feedback SET score = 0 WHERE id = 17"), "");
  EXPECT_EQ(run("INSERT INTO feedback VALUES (17, 1, 5) ON CONFLICT (id) DO UPDATE SET score = 0"),
            "");
  EXPECT_EQ(run("COPY feedback FROM STDIN"),
            "0A000 COPY FROM into a table whose scope goes through another table is not supported");
  EXPECT_EQ(feedback(), "10 1 1, 11 2 2, 17 7 7");
}

TEST_F(WritesInPostgres, MergeGoesThroughAsWell) {
  offer("(10, '', ''), (12, '', ''), (17, '', '')");
  const std::string merge = "MERGE INTO feedback f USING offers o ON f.id = o.id ";
  EXPECT_EQ(run(merge + "WHEN MATCHED THEN UPDATE SET score = 9"), "");
  EXPECT_EQ(feedback(), "10 1 9, 11 2 2, 17 7 7");
  EXPECT_EQ(
      run(merge + "WHEN MATCHED THEN UPDATE SET trace_id = 2 WHEN NOT MATCHED AND o.id = 12 THEN "
                  "INSERT (id, trace_id) VALUES (o.id, 1)"),
      "");
  EXPECT_EQ(feedback(), "10 2 9, 11 2 2, 12 1, 17 7 7");
  EXPECT_EQ(run(merge + "AND 1 / (f.score - 7) IS NOT NULL WHEN MATCHED THEN UPDATE SET score = 1"),
            "");
  EXPECT_EQ(run(merge + "WHEN MATCHED THEN UPDATE SET trace_id = 7"), kOutOfScope);
  EXPECT_EQ(run(merge + "WHEN NOT MATCHED THEN INSERT VALUES (o.id, 8, 1)"), kOutOfScope);
  EXPECT_EQ(run(merge + "WHEN MATCHED THEN DELETE"), "");
  EXPECT_EQ(feedback(), "11 2 2, 17 7 7");
}

// That of the other table is evaluated if there is any row left: rows out of scope must not count.
TEST_F(WritesInPostgres, AFilterThatIsAJoinComesFirst) {
  query("DELETE FROM feedback WHERE id < 17");
  offer("(1, '', '')");
  for (const char* text : {"SELECT f.id FROM feedback f, offers o WHERE 1 / (o.id - 1) = 1",
                           "UPDATE feedback SET score = 1 FROM offers o WHERE 1 / (o.id - 1) = 1",
                           "DELETE FROM feedback USING offers o WHERE 1 / (o.id - 1) = 1"})
    for (const char* setting : {"enable_hashjoin", "enable_mergejoin", "enable_nestloop"})
      EXPECT_EQ(query("SET " + std::string(setting) + " = off; SET join_collapse_limit = 1; " +
                      sent(text)),
                "")
          << text;
}

}  // namespace
}  // namespace tracegate::policy
