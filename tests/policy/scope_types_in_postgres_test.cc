// Columns of every type that a namespace can have, in a real PostgreSQL: no claim makes a statement
// fail, indexes serve the scope, and values are checked as the column will hold them.
#include <fmt/format.h>

#include "tests/policy/scoped_store.h"

namespace tracegate::policy {
namespace {

using sql::Operation;

struct Kind {
  std::string column;
  std::string type;
  std::string inside;   // a value of the claim
  std::string outside;  // a value of other rows
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"as_text", "text", "a", "b"},
      {"as_varchar", "varchar(3)", "abc", "abd"},
      {"as_char", "char(3)", "ab", "ac"},
      {"as_name", "name", "a", "b"},
      {"as_smallint", "smallint", "-3", "4"},
      {"as_integer", "integer", "3", "4"},
      {"as_bigint", "bigint", "9223372036854775807", "1"},
      {"as_uuid", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
       "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"},
      {"as_enum", "app.\"Team name\"", "check out", "billing"},
      {"as_citext", "ext.citext", "CheckOut", "billing"},
      {"as_domain", "app.\"short (text)\"", "abc", "abd"},
      {"as_enum_domain", "app.team", "check out", "billing"},
      {"as_domain_of_domain", "app.number", "5", "6"},
      {"Quoted \"name\", \"tracegat\"", "text", "a", "b"},
  };
  return all;
}

std::string quoted(const std::string& column) {
  std::string name;
  for (const char c : column) name.append(c == '"' ? 2 : 1, c);
  return '"' + name + '"';
}

class ScopeTypes : public ScopedStore {
 protected:
  void SetUp() override {
    ScopedStore::SetUp();
    query(
        "CREATE SCHEMA app; CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;"
        "CREATE TYPE app.\"Team name\" AS ENUM ('check out', 'billing', 'it''s');"
        "CREATE DOMAIN app.\"short (text)\" AS varchar(3) CHECK (VALUE <> 'no');"
        "CREATE DOMAIN app.team AS app.\"Team name\"; CREATE DOMAIN app.small AS int CHECK (VALUE "
        "< "
        "100); CREATE DOMAIN app.number AS app.small;");
    for (const Kind& kind : kinds()) {
      const std::string table = table_of(kind);
      const std::string column = quoted(kind.column);
      query(fmt::format(
          "CREATE TABLE {} (id int PRIMARY KEY, {} {}, padding text);"
          "INSERT INTO {} SELECT n, CASE WHEN n % 1000 = 1 THEN '{}' ELSE '{}' END::{}, "
          "repeat('x', 100) FROM generate_series(1, 5000) n;"
          "CREATE INDEX ON {} ({}); ANALYZE {}",
          table, column, kind.type, table, kind.inside, kind.outside, kind.type, table, column,
          table));
    }
  }
  static std::string table_of(const Kind& kind) {
    return kind.column.starts_with("as_") ? "t_" + kind.column : "t_quoted";
  }
  void use_claim() {
    std::vector<Rule> rules;
    std::vector<Scope> scopes;
    for (const Kind& kind : kinds()) {
      const std::string table = "public." + table_of(kind);
      rules.push_back(make_rule(
          1, {Operation::kSelect, Operation::kInsert, Operation::kUpdate, Operation::kDelete},
          {table}));
      scopes.push_back(in_claim(table, "namespaces"));
      scopes.back().in_namespace->column.value = kind.column;
    }
    Role role = make_scoped(std::move(rules), std::move(scopes));
    role.functions = {"app.Team name", "app.number", "app.short (text)",
                      "app.small",     "app.team",   "ext.citext"};
    use(std::move(role));
  }
};

TEST_F(ScopeTypes, EachShowsTheRowsOfTheClaim) {
  use_claim();
  for (const Kind& kind : kinds()) {
    const std::string count = "SELECT count(*), max(id) FROM " + table_of(kind);
    EXPECT_EQ(run(count, {{"namespaces", {kind.inside}}}), "5|4001") << kind.type;
    EXPECT_EQ(run(count, {{"namespaces", {kind.inside, kind.outside}}}), "5000|5000") << kind.type;
  }
}

// What the column cannot hold is no namespace of its rows.
TEST_F(ScopeTypes, NoClaimMakesAStatementFail) {
  use_claim();
  const std::vector<std::string> hostile = {"",
                                            " ",
                                            "it's",
                                            "\\",
                                            "{",
                                            "}",
                                            "NULL",
                                            "1.5",
                                            "0x1",
                                            "99999999999999999999",
                                            "32768",
                                            "2147483648",
                                            "-9223372036854775809",
                                            "a0eebc99",
                                            "no",
                                            "$value",
                                            "\"tracegate\".\"id\"",
                                            "Check out",
                                            "(1,2)",
                                            "{a,b}",
                                            "2026-01-01",
                                            std::string(100, 'a'),
                                            "caf\xc3\xa9"};
  for (const Kind& kind : kinds()) {
    const std::string count = "SELECT count(*) FROM " + table_of(kind);
    for (const std::string& value : hostile) {
      EXPECT_EQ(run(count, {{"namespaces", {value}}}), "0") << kind.type << ' ' << value;
      EXPECT_EQ(run(count, {{"namespaces", {value, kind.inside}}}), "5")
          << kind.type << ' ' << value;
    }
    std::vector<std::string> all = hostile;
    all.push_back(kind.inside);
    EXPECT_EQ(run(count, {{"namespaces", all}}), "5") << kind.type;
  }
}

TEST_F(ScopeTypes, IndexesServeEach) {
  use_claim();
  for (const Kind& kind : kinds())
    for (const std::vector<std::string>& claim :
         {std::vector{kind.inside}, std::vector{kind.inside, std::string("7")}}) {
      const std::string plan =
          query("EXPLAIN (COSTS OFF) " +
                sent("SELECT padding FROM " + table_of(kind), {{"namespaces", claim}}));
      EXPECT_NE(plan.find("Index Cond: ("), std::string::npos) << kind.type << '\n' << plan;
    }
}

TEST_F(ScopeTypes, ValuesAreWrittenAsTheyAreMeant) {
  use_claim();
  for (const Kind& kind : kinds()) {
    const Claims claims = {{"namespaces", {kind.inside}}};
    const std::string table = table_of(kind);
    const std::string column = quoted(kind.column);
    const auto insert = [&](int id, const std::string& value) {
      return run(fmt::format("INSERT INTO {} VALUES ({}, {})", table, id, value), claims);
    };
    const std::string inside = "'" + kind.inside + "'";
    const std::string outside = "'" + kind.outside + "'";
    EXPECT_EQ(insert(6001, inside), "") << kind.type;
    EXPECT_EQ(insert(6002, inside + "::" + kind.type), "") << kind.type;
    EXPECT_EQ(insert(6003, outside), "out of scope") << kind.type;
    EXPECT_EQ(insert(6004, "NULL"), "out of scope") << kind.type;
    EXPECT_EQ(run(fmt::format("UPDATE {} SET {} = {}", table, column, outside), claims),
              "out of scope")
        << kind.type;
    EXPECT_EQ(run(fmt::format("UPDATE {} SET {} = {}", table, column, column), claims), "")
        << kind.type;
    EXPECT_EQ(query(fmt::format("SELECT count(*) FROM {} WHERE {}::text = (SELECT {}::text FROM {} "
                                "WHERE id = 1)",
                                table, column, column, table)),
              "7")
        << kind.type;
  }
}

// A cast would cut off what an assignment refuses; the check must not turn one into the other.
TEST_F(ScopeTypes, NothingIsCutOff) {
  use_claim();
  const Claims claims = {{"namespaces", {"abc", "abc  "}}};
  const std::string too_long = "ERROR:  value too long for type character varying(3)";
  EXPECT_EQ(run("INSERT INTO t_as_varchar VALUES (6001, 'abcd')", claims), too_long);
  EXPECT_EQ(run("INSERT INTO t_as_domain VALUES (6001, 'abcd')", claims), too_long);
  // Spaces that are too many are cut off by PostgreSQL itself: what is left counts.
  EXPECT_EQ(run("INSERT INTO t_as_varchar VALUES (6001, 'abc  ')", claims), "");
  EXPECT_EQ(query("SELECT length(as_varchar) FROM t_as_varchar WHERE id = 6001"), "3");
  EXPECT_EQ(run("INSERT INTO t_as_domain VALUES (6002, 'no')", {{"namespaces", {"no"}}}),
            "ERROR:  value for domain app.\"short (text)\" violates check constraint \"short "
            "(text)_check\"");
}

TEST_F(ScopeTypes, InstantsAreCheckedAsTheyAreRounded) {
  query(
      "CREATE DOMAIN app.moment AS timestamptz; CREATE TABLE times (id int, at timestamptz(0), "
      "at_domain "
      "app.moment)");
  const TimeScope january{{}, {}, {*parse_instant("2026-01-01"), *parse_instant("2026-02-01")}, {}};
  const auto use_column = [&](const std::string& column) {
    use(make_scoped({make_rule(1, {Operation::kSelect, Operation::kInsert}, {"public.times"})},
                    {in_time("public.times", january, column)}));
  };
  use_column("at");
  EXPECT_EQ(run("INSERT INTO times VALUES (1, '2026-01-31 23:59:59.4Z')"), "");
  EXPECT_EQ(run("INSERT INTO times VALUES (2, '2026-01-31 23:59:59.6Z')"), "out of scope");
  EXPECT_EQ(run("SELECT id FROM times"), "1");
  use_column("at_domain");
  EXPECT_EQ(run("INSERT INTO times (id, at_domain) VALUES (3, '2026-01-31 23:59:59.6Z')"), "");
  EXPECT_EQ(run("INSERT INTO times (id, at_domain) VALUES (4, 'infinity')"), "out of scope");
  EXPECT_EQ(run("SELECT id FROM times"), "3");
}

TEST_F(ScopeTypes, WhatCannotBeComparedShowsNothing) {
  query(
      "CREATE TABLE others (id int, doc json, place point, flags int[], amount numeric); INSERT "
      "INTO "
      "others VALUES (1, '1', '1,2', '{1}', 1)");
  for (const char* column : {"doc", "place", "flags", "amount"}) {
    Scope scope = in_namespaces("public.others", {"1", "{1}", "(1,2)"});
    scope.in_namespace->column.value = column;
    use(make_scoped({make_rule(1, {Operation::kSelect}, {"public.others"})}, {std::move(scope)}));
    EXPECT_EQ(run("SELECT count(*) FROM others"), "0") << column;
  }
}

}  // namespace
}  // namespace tracegate::policy
