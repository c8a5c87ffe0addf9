// What a scope costs the store, on a table of 1,000,000 rows: by EXPLAIN of what the gateway sends,
// that the indexes that serve the client's own text serve it still; by the pages that both touch
// (EXPLAIN (ANALYZE, BUFFERS)), how much more it is. Times are not looked at.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/statements/database_session.h"
#include "tests/statements/scoped_policy.h"

namespace tracegate::statements {
namespace {

constexpr const char* kStore = R"sql(
  CREATE UNLOGGED TABLE traces (id bigint, namespace text, started_at timestamptz, model text, tokens int, prompt text);
  INSERT INTO traces SELECT n, 'n' || n % 50, timestamptz '2026-01-01Z' + n * interval '20 seconds', 'm' || n % 9, n % 1000,
    'prompt ' || n FROM generate_series(1, 1000000) n;
  CREATE UNLOGGED TABLE feedback (id bigint, trace_id bigint, score int, comment text);
  INSERT INTO feedback SELECT n, 5 * n, n % 5, 'comment ' || n FROM generate_series(1, 200000) n;
  ALTER TABLE traces ADD PRIMARY KEY (id);
  CREATE INDEX by_time ON traces (started_at);
  CREATE INDEX by_namespace ON traces (namespace, started_at);
  ALTER TABLE feedback ADD PRIMARY KEY (id);
  CREATE INDEX by_trace ON feedback (trace_id);
  VACUUM ANALYZE traces, feedback
)sql";

constexpr std::string_view kRoles = R"([role.scoped]
upstreams = ["traces"]
store_user = "scoped"
store_password_file = "secret"
[[role.scoped.allow]]
operations = ["select", "update", "delete"]
tables = ["public.traces", "public.feedback"]
[role.scoped.scope."public.traces"]
namespace = { column = "namespace", in = ["n5", "n10", "n15", "n20"] }
time = { column = "started_at", from = "2026-01-01", to = "2027-01-01" }
[role.scoped.scope."public.feedback"]
through = { column = "trace_id", table = "public.traces", key = "id" }
)";

struct Plan {
  std::string text;
  double pages = 0;
};

class Indexes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = test::PostgresCluster::create();
    ASSERT_TRUE(made.ok()) << made.error().message;
    cluster_ = std::move(*made);
    ASSERT_TRUE(cluster_->create_database("big").ok());
    session_ = std::make_unique<DatabaseSession>(*cluster_, "big");
    session_->run("SET statement_timeout = '60s'");
    const std::string statements = kStore;
    for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
      end = statements.find(';', at);  // VACUUM is not for transactions
      session_->run(statements.substr(at, end - at));
    }
    policy_ = std::make_unique<ScopedPolicy>(*cluster_, "big", kRoles);
    fmt::print("{:44} {:>8} {:>8} {:>6}\n", "pages touched", "plain", "scoped", "ratio");
  }
  static void TearDownTestSuite() {
    session_.reset();
    policy_.reset();
    cluster_.reset();
  }

  // `text` has parameters of these types, which get these values. The plan is one for any values
  // if `generic`.
  static Plan plan_of(const std::string& text, const std::string& types, const std::string& values,
                      bool generic) {
    session_->run(
        fmt::format("SET plan_cache_mode = force_{}_plan", generic ? "generic" : "custom"));
    session_->run("BEGIN");
    session_->run(fmt::format("PREPARE p {} AS {}", types, text));
    const std::string explain = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE p " + values;
    session_->run("SAVEPOINT before");
    static_cast<void>(session_->rows(explain));  // whatever is set up once
    session_->run("ROLLBACK TO before");
    Plan plan;
    for (const std::string& line : session_->rows(explain)) {
      plan.text += line + '\n';
      if (plan.pages == 0 && line.find("Buffers: shared") != std::string::npos)
        for (const char* const kind : {"hit=", "read="})
          if (const std::size_t at = line.find(kind); at != std::string::npos)
            plan.pages += std::atof(line.c_str() + at + std::string_view(kind).size());
    }
    session_->run("ROLLBACK");
    session_->run("DEALLOCATE ALL");
    return plan;
  }

  // Neither table is read whole, each index serves, and the scoped statement touches at most `most`
  // times the pages.
  static void expect_indexes(const std::string& name, const std::string& text,
                             const std::string& types, const std::string& values,
                             const std::vector<std::string>& indexes, double most) {
    for (const bool generic : {false, true}) {
      const std::string sent = policy_->sent("scoped", text);
      ASSERT_NE(sent, text);
      const Plan plain = plan_of(text, types, values, generic);
      const Plan scoped = plan_of(sent, types, values, generic);
      const double ratio = scoped.pages / plain.pages;
      fmt::print("{:44} {:8} {:8} {:6.2f}\n", name + (generic ? ", generic plan" : ""), plain.pages,
                 scoped.pages, ratio);
      for (const std::string& index : indexes)
        EXPECT_NE(scoped.text.find(index), std::string::npos) << index << "\n" << scoped.text;
      EXPECT_EQ(scoped.text.find("Seq Scan"), std::string::npos) << sent << '\n' << scoped.text;
      EXPECT_GT(plain.pages, 0) << plain.text;
      EXPECT_LE(ratio, most) << sent << '\n' << scoped.text;
    }
  }

 private:
  static inline std::unique_ptr<test::PostgresCluster> cluster_;
  static inline std::unique_ptr<DatabaseSession> session_;
  static inline std::unique_ptr<ScopedPolicy> policy_;
};

TEST_F(Indexes, ServeAKey) {
  expect_indexes("id = $1", "SELECT * FROM traces WHERE id = $1", "(bigint)", "(500005)",
                 {"traces_pkey"}, 1);
  expect_indexes("id = $1 AND comparisons",
                 "SELECT * FROM traces WHERE id = $1 AND model <> $2 AND tokens < 500",
                 "(bigint, text)", "(500005, 'x')", {"traces_pkey"}, 1);
  expect_indexes("id = ANY ($1)", "SELECT prompt FROM traces WHERE id = ANY ($1)", "(bigint[])",
                 "('{5,10,15,500005,500010}')", {"traces_pkey"}, 1);
}

TEST_F(Indexes, ServeAFencedKey) {
  expect_indexes("id = $1 AND prompt LIKE $2",
                 "SELECT * FROM traces WHERE id = $1 AND prompt LIKE $2", "(bigint, text)",
                 "(500005, 'p%')", {"traces_pkey"}, 1);
  expect_indexes("id IN (list) AND 1 / tokens >= 0",
                 "SELECT * FROM traces t WHERE t.id IN (5, 500005) AND 1 / tokens >= 0", "", "",
                 {"traces_pkey"}, 1);
  expect_indexes("id = ANY ($1) AND lower(prompt) = $2",
                 "SELECT id FROM traces WHERE lower(prompt) <> $2 AND id = ANY ($1)",
                 "(bigint[], text)", "('{5,500005}', 'x')", {"traces_pkey"}, 1);
}

TEST_F(Indexes, ServeARangeOfTime) {
  const std::string range = "started_at >= $1 AND started_at < $2";
  const std::string types = "(timestamptz, timestamptz)";
  const std::string values = "('2026-03-01Z', '2026-03-01 01:00Z')";
  expect_indexes("started_at >= $1 AND started_at < $2",
                 "SELECT count(*) FROM traces WHERE " + range, types, values, {"by_"}, 4);
  expect_indexes("started_at in a range, fenced",
                 "SELECT count(*) FROM traces WHERE prompt ~ '9$' AND " + range, types, values,
                 {"by_"}, 2);
  expect_indexes("the newest", "SELECT id FROM traces ORDER BY started_at DESC LIMIT 10", "", "",
                 {"by_time"}, 30);
}

TEST_F(Indexes, ServeJoins) {
  const std::string join =
      "SELECT t.model, f.score FROM traces t JOIN feedback f ON f.trace_id = t.id WHERE t.id = $1";
  expect_indexes("join by key", join, "(bigint)", "(500005)", {"traces_pkey", "by_trace"}, 3);
  expect_indexes("join by key, traces fenced", join + " AND t.prompt LIKE 'p%'", "(bigint)",
                 "(500005)", {"traces_pkey", "by_trace"}, 3);
  expect_indexes("join by key, feedback fenced", join + " AND f.comment LIKE 'c%'", "(bigint)",
                 "(500005)", {"traces_pkey", "by_trace"}, 3);
  expect_indexes("join by USING-like WHERE, both fenced",
                 "SELECT t.model FROM traces t, feedback f WHERE f.trace_id = t.id AND "
                 "f.trace_id = $1 AND length(f.comment || t.prompt) > 1",
                 "(bigint)", "(500005)", {"traces_pkey", "by_trace"}, 3);
}

TEST_F(Indexes, ServeAScopeThroughAnotherTable) {
  expect_indexes("through: id = $1", "SELECT score FROM feedback WHERE id = $1", "(bigint)",
                 "(100001)", {"feedback_pkey", "traces_pkey"}, 3);
  expect_indexes("through: trace_id = $1, fenced",
                 "SELECT score FROM feedback WHERE trace_id = $1 AND comment LIKE '%1'", "(bigint)",
                 "(500005)", {"by_trace", "traces_pkey"}, 3);
}

// Of a write, pages that its new rows take are among them.
TEST_F(Indexes, ServeWrites) {
  expect_indexes("UPDATE: id = $1", "UPDATE traces SET tokens = 1 WHERE id = $1", "(bigint)",
                 "(500005)", {"traces_pkey"}, 1.5);
  expect_indexes("UPDATE: id = $1 AND prompt LIKE $2",
                 "UPDATE traces SET tokens = 1 WHERE id = $1 AND prompt LIKE $2", "(bigint, text)",
                 "(500005, 'p%')", {"traces_pkey"}, 1.5);
  expect_indexes("UPDATE: alias, id IN (list), fenced",
                 "UPDATE traces AS t SET tokens = 1 WHERE 1 / t.tokens >= 0 AND t.id IN (5, $1)",
                 "(bigint)", "(500005)", {"traces_pkey"}, 1.5);
  expect_indexes("UPDATE ... FROM, fenced",
                 "UPDATE feedback f SET score = t.tokens FROM traces t WHERE t.id = f.trace_id AND "
                 "f.id = $1 AND f.comment LIKE $2",
                 "(bigint, text)", "(100001, '%')", {"traces_pkey", "feedback_pkey"}, 3);
  expect_indexes("DELETE: through, id = $1, fenced",
                 "DELETE FROM feedback WHERE id = $1 AND comment LIKE '%1'", "(bigint)", "(100001)",
                 {"feedback_pkey", "traces_pkey"}, 3);
}

}  // namespace
}  // namespace tracegate::statements
