// Scopes as a real PostgreSQL reads them: which rows they let in, whatever is in the constants and
// whatever the session's settings are, and that indexes serve them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "src/sql/rewrite.h"
#include "tests/policy/scoped_role.h"
#include "tests/support/postgres.h"

namespace tracegate::policy {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string>& hostile_values() {
  static const std::vector<std::string> values = {
      "plain",
      "it's",
      "''",
      "\\",
      "\\'",
      "a\\\\b\\",
      "\"",
      "\"\"",
      "{",
      "}",
      "{a,b}",
      ",",
      "a,b",
      "NULL",
      "null",
      " leading and trailing ",
      "tab\tline\nreturn\rfeed\fbell\a",
      "$value",
      "$1",
      "\"tracegate\".\"namespace\"",
      "') OR true --",
      "'}') OR ('1'='1",
      "/* */ -- ;",
      "$$ $x$ $x$",
      "E'\\x41'",
      "%s %n",
      "Ünïcödé €",
      "\xf0\x9f\x94\x92",
      "\xe2\x80\xae right to left",
      "\x7f\x01",
      "\xc2\xa0",
      std::string(100'000, 'x'),
      std::string(50'000, '\\'),
      std::string(50'000, '\''),
  };
  return values;
}

std::string hex(std::string_view text) {
  std::string digits;
  for (const char c : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return digits;
}

class ScopesInPostgres : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = test::PostgresCluster::create();
    ASSERT_TRUE(made.ok()) << made.error().message;
    cluster_ = std::move(*made);
    ASSERT_TRUE(cluster_->create_database("traces").ok());
    std::string values;
    for (std::size_t i = 0; i < hostile_values().size(); ++i)
      values += fmt::format("{}({}, convert_from(decode('{}', 'hex'), 'UTF8'))", i ? "," : "", i,
                            hex(hostile_values()[i]));
    query(
        "CREATE TABLE hostile (id int, namespace text, name varchar);"
        "INSERT INTO hostile (id, namespace) VALUES " +
        values +
        ";"
        "UPDATE hostile SET name = namespace;"
        // Operators that a search path could put in the place of PostgreSQL's own.
        "CREATE SCHEMA trap; CREATE FUNCTION trap.yes(text, text) RETURNS bool LANGUAGE sql AS "
        "'SELECT true'; CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, PROCEDURE = "
        "trap.yes);"
        "CREATE TABLE times (id int, at timestamptz, stamp timestamp, day date);"
        "INSERT INTO times SELECT n, t, t AT TIME ZONE 'UTC', (t AT TIME ZONE 'UTC')::date FROM "
        "(SELECT n, timestamptz '2026-01-01 00:00:00+00' + n * interval '12 hours' t FROM "
        "generate_series(0, 9) n) x;"
        "INSERT INTO times VALUES (10, NULL, NULL, NULL), (11, 'infinity', 'infinity', "
        "'infinity'), (12, '-infinity', '-infinity', '-infinity');"
        "CREATE TABLE traces (id bigint PRIMARY KEY, namespace text, at timestamptz, prompt "
        "text); CREATE INDEX by_namespace ON traces (namespace, at); CREATE INDEX by_at ON traces "
        "(at);"
        "INSERT INTO traces SELECT n, 'n' || n % 100, timestamptz '2026-01-01Z' + n * interval "
        "'1 min', 'p' FROM generate_series(1, 20000) n;"
        "CREATE TABLE feedback (id bigint PRIMARY KEY, trace_id bigint, score int);"
        "CREATE INDEX by_trace ON feedback (trace_id);"
        "INSERT INTO feedback SELECT n, n, n % 5 FROM generate_series(1, 20000) n;"
        "CREATE TABLE recent AS SELECT n AS id, statement_timestamp() - n * interval '1 hour' AS "
        "at, "
        "(statement_timestamp() - n * interval '1 hour') AT TIME ZONE 'UTC' AS stamp, "
        "((statement_timestamp() - n * interval '24 hours') AT TIME ZONE 'UTC')::date AS day "
        "FROM generate_series(-1, 9) n;"
        "ANALYZE");
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  static std::string query(const std::string& sql) {
    Result<std::string> result = cluster_->query("traces", sql);
    EXPECT_TRUE(result.ok()) << sql.substr(0, 2000) << ": " << result.error().message;
    return result.ok() ? std::string(result->substr(0, result->find_last_not_of('\n') + 1)) : "?";
  }

  static std::shared_ptr<const catalog::Catalog> catalog() {
    using catalog::RelationKind;
    return catalog::Catalog::build(
        1,
        {{1,
          "public",
          "hostile",
          RelationKind::kTable,
          {{"id", 1, kInt4}, {"namespace", 2, kText}, {"name", 3, 1043}}},
         {2,
          "public",
          "times",
          RelationKind::kTable,
          {{"id", 1, kInt4}, {"at", 2, kTimestampTz}, {"stamp", 3, kTimestamp}, {"day", 4, kDate}}},
         {3,
          "public",
          "traces",
          RelationKind::kTable,
          {{"id", 1, kInt8},
           {"namespace", 2, kText},
           {"at", 3, kTimestampTz},
           {"prompt", 4, kText}}},
         {4,
          "public",
          "feedback",
          RelationKind::kTable,
          {{"id", 1, kInt8}, {"trace_id", 2, kInt8}, {"score", 3, kInt4}}},
         {5,
          "public",
          "recent",
          RelationKind::kTable,
          {{"id", 1, kInt4},
           {"at", 2, kTimestampTz},
           {"stamp", 3, kTimestamp},
           {"day", 4, kDate}}}});
  }

  static ScopeSql sql_of(std::vector<Scope> scopes, const Claims& claims = {}) {
    const TableName table = scopes.back().table;
    const Role role = make_scoped({}, std::move(scopes));
    const auto known = catalog();
    return to_sql(role, *role.find_scope(table.schema, table.name),
                  *known->find(table.schema, table.name), *known, claims);
  }

  // The ids of the rows that the scope lets in, after `settings`. By the predicate, and by the
  // conditions on the values of each row: they must agree.
  static std::string ids(const Scope& scope, const std::string& settings = {}) {
    const ScopeSql sql = sql_of({scope});
    const std::string table = scope.table.name;
    const auto select = [&](const std::string& condition) {
      return query(settings +
                   "SELECT string_agg(\"tracegate\".id::pg_catalog.text, ',' ORDER BY id) "
                   "FROM public." +
                   table + " AS \"tracegate\" WHERE " + condition);
    };
    std::string conditions = "true";
    for (const sql::ScopeColumn& column : sql.columns) {
      std::string condition = column.condition;
      const std::string value = "\"tracegate\".\"" + column.name + "\"";
      for (std::size_t at = 0; (at = condition.find(kValueMark, at)) != std::string::npos;
           at += value.size())
        condition.replace(at, kValueMark.size(), value);
      conditions += " AND (" + condition + ")";
    }
    const std::string rows = select(sql.predicate);
    EXPECT_EQ(rows, select(conditions));
    return rows;
  }

  static std::string plan(const std::string& sql) {
    return query("SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN (COSTS OFF) " +
                 sql);
  }

 private:
  static inline std::unique_ptr<test::PostgresCluster> cluster_;
};

TEST_F(ScopesInPostgres, AValueIsThatValueWhateverStandsInIt) {
  for (std::size_t i = 0; i < hostile_values().size(); ++i)
    EXPECT_EQ(ids(in_namespaces("public.hostile", {hostile_values()[i]})), std::to_string(i));
}

TEST_F(ScopesInPostgres, EachOfSeveralValuesIsItself) {
  std::vector<std::string> others;
  std::string expected;
  for (std::size_t i = 1; i < hostile_values().size(); ++i) {
    others.push_back(hostile_values()[i]);
    expected += (i > 1 ? "," : "") + std::to_string(i);
  }
  EXPECT_EQ(ids(in_namespaces("public.hostile", others)), expected);
  Scope varchar = in_namespaces("public.hostile", others);
  varchar.in_namespace->column.value = "name";
  EXPECT_EQ(ids(varchar), expected);
}

TEST_F(ScopesInPostgres, NumbersAreNamespacesAsWell) {
  Scope scope = in_namespaces("public.hostile", {"3", "5"});
  scope.in_namespace->column.value = "id";
  EXPECT_EQ(ids(scope), "3,5");
}

TEST_F(ScopesInPostgres, OperatorsOfTheSearchPathAreNotUsed) {
  EXPECT_EQ(ids(in_namespaces("public.hostile", {"plain"}),
                "SET search_path = trap, public, pg_catalog; "),
            "0");
}

// Rows 0 to 9 are 12 hours apart from the beginning of 2026 in UTC.
TEST_F(ScopesInPostgres, WindowsAreInUtcWhateverTheSessionSays) {
  const TimeScope window{
      {}, {}, {*parse_instant("2026-01-02"), *parse_instant("2026-01-03T12:00Z")}, {}};
  for (const std::string settings :
       {"", "SET timezone = 'Pacific/Kiritimati'; ", "SET timezone = '<x>+100'; ",
        "SET datestyle = 'SQL, DMY'; SET intervalstyle = sql_standard; "}) {
    EXPECT_EQ(ids(in_time("public.times", window, "at"), settings), "2,3,4") << settings;
    EXPECT_EQ(ids(in_time("public.times", window, "stamp"), settings), "2,3,4") << settings;
    EXPECT_EQ(ids(in_time("public.times", window, "day"), settings), "2,3,4,5") << settings;
  }
}

TEST_F(ScopesInPostgres, SlidingWindowsEndWithTheStatement) {
  for (const std::string settings : {"", "SET timezone = '<x>+100'; ",
                                     "SET timezone = '<x>-100'; SET intervalstyle = iso_8601; "}) {
    const TimeScope last{{}, 210min, {}, {}};
    EXPECT_EQ(ids(in_time("public.recent", last, "at"), settings), "-1,0,1,2,3") << settings;
    EXPECT_EQ(ids(in_time("public.recent", last, "stamp"), settings), "-1,0,1,2,3") << settings;
    // A date is its first instant: 48 hours hold those of two days, and tomorrow's.
    EXPECT_EQ(ids(in_time("public.recent", {{}, 48h, {}, {}}, "day"), settings), "-1,0,1")
        << settings;
  }
}

TEST_F(ScopesInPostgres, ThroughFollowsTheKey) {
  const std::vector<Scope> scopes = {in_namespaces("public.traces", {"n7"}),
                                     through("public.feedback", "trace_id", "public.traces", "id")};
  const ScopeSql sql = sql_of(scopes);
  EXPECT_EQ(query("SELECT count(*), bool_and(id % 100 = 7) FROM public.feedback AS \"tracegate\" "
                  "WHERE " +
                  sql.predicate),
            "200|t");
  const auto may_write = [&](const std::string& value) {
    std::string condition = sql.columns.at(0).condition;
    condition.replace(condition.find(kValueMark), kValueMark.size(), value);
    // Names of the table that is looked up must not take the value's place.
    return query("SELECT " + condition + " FROM (SELECT 8::bigint AS id, 107::bigint AS key) x");
  };
  EXPECT_EQ(may_write("key"), "t");
  EXPECT_EQ(may_write("id"), "f");
  EXPECT_EQ(may_write("'107'"), "t");
  EXPECT_EQ(may_write("NULL"), "f");
}

TEST_F(ScopesInPostgres, IndexesServeTheScope) {
  const auto plan_of = [&](const Scope& scope, const std::string& rest = {}) {
    return plan("SELECT id FROM public.traces AS \"tracegate\" WHERE " + sql_of({scope}).predicate +
                rest);
  };
  EXPECT_NE(plan_of(in_namespaces("public.traces", {"n1"})).find("Index Cond: (namespace = 'n1'"),
            std::string::npos);
  EXPECT_NE(plan_of(in_namespaces("public.traces", {"n1", "n2"}))
                .find("Index Cond: (namespace = ANY ('{n1,n2}'"),
            std::string::npos);
  EXPECT_EQ(plan_of(in_namespaces("public.traces", {"n1"}), " ORDER BY at LIMIT 1").find("Sort"),
            std::string::npos);
  const TimeWindow january{*parse_instant("2026-01-01"), *parse_instant("2026-02-01")};
  EXPECT_NE(plan_of(in_time("public.traces", {{}, {}, january, {}})).find("Index Cond: ((at >= "),
            std::string::npos);
  EXPECT_NE(plan_of(in_time("public.traces", {{}, 24h, {}, {}}))
                .find("Index Cond: (at >= (statement_timestamp() - "),
            std::string::npos);
}

TEST_F(ScopesInPostgres, ThroughIsAJoinByItsKeys) {
  const ScopeSql sql = sql_of({in_namespaces("public.traces", {"n7"}),
                               through("public.feedback", "trace_id", "public.traces", "id")});
  const std::string one = plan("SELECT score FROM public.feedback AS \"tracegate\" WHERE " +
                               sql.predicate + " AND id = 107");
  EXPECT_NE(one.find("feedback_pkey"), std::string::npos) << one;
  EXPECT_NE(one.find("traces_pkey"), std::string::npos) << one;
  EXPECT_EQ(one.find("SubPlan"), std::string::npos) << one;
}

}  // namespace
}  // namespace tracegate::policy
