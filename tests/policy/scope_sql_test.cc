// What a scope becomes in SQL. Whether PostgreSQL reads it as it is meant is asked in
// scopes_in_postgres_test.cc.
#include "src/policy/scope_sql.h"

#include <gtest/gtest.h>

#include "tests/policy/scoped_role.h"

namespace tracegate::policy {
namespace {

using namespace std::chrono_literals;

ScopeSql sql_of(const Role& role, const std::string& table, const Claims& claims = {}) {
  const auto catalog = scoped_catalog();
  const TableName name = table_name(table);
  return to_sql(role, *role.find_scope(name.schema, name.name),
                *catalog->find(name.schema, name.name), *catalog, claims);
}
ScopeSql sql_of(Scope scope, const Claims& claims = {}) {
  const std::string table = scope.table.schema + '.' + scope.table.name;
  return sql_of(make_scoped({}, {std::move(scope)}), table, claims);
}

TEST(ScopeSql, OneNamespaceIsAnEquality) {
  const ScopeSql sql = sql_of(in_namespaces("public.traces", {"checkout"}));
  EXPECT_EQ(sql.predicate, R"("tracegate"."namespace" OPERATOR(pg_catalog.=) 'checkout')");
  ASSERT_EQ(sql.columns.size(), 1U);
  EXPECT_EQ(sql.columns[0].name, "namespace");
  EXPECT_EQ(sql.columns[0].condition,
            R"(CAST($value AS pg_catalog."text") OPERATOR(pg_catalog.=) 'checkout')");
  EXPECT_FALSE(sql.columns[0].needs_query);
}

TEST(ScopeSql, SeveralNamespacesAreAnArray) {
  EXPECT_EQ(sql_of(in_namespaces("public.traces", {"a", "b c"})).predicate,
            R"("tracegate"."namespace" OPERATOR(pg_catalog.=) ANY ('{"a","b\ \c"}'))");
}

TEST(ScopeSql, ConstantsStayConstants) {
  EXPECT_EQ(catalog::quote_literal("it's \\ '"), R"('it''s \ ''')");
  EXPECT_EQ(quote_array({"a'b", "\"", "\\", "{,}", "NULL", "é€"}),
            R"('{"a\''\b","\"","\\","\{\,\}","NULL","é€"}')");
}

// Whoever fills the gaps of the text must not meet one in a constant.
TEST(ScopeSql, MarksStandNowhereElse) {
  for (const std::string value :
       {"$value", "a $value b", "\"tracegate\".\"namespace\"", "$value = \"tracegate\""}) {
    for (const std::vector<std::string>& values :
         {std::vector{value}, std::vector{value, value + "x"}}) {
      const ScopeSql sql = sql_of(in_namespaces("public.traces", values));
      const std::string& condition = sql.columns.at(0).condition;
      EXPECT_EQ(condition.find("$value"), condition.rfind("$value")) << condition;
      EXPECT_EQ(sql.predicate.find("$value"), std::string::npos) << sql.predicate;
      EXPECT_EQ(sql.predicate.rfind("\"tracegate\"."), 0U) << sql.predicate;
      EXPECT_EQ(condition.find("\"tracegate\""), std::string::npos) << condition;
    }
  }
}

TEST(ScopeSql, AClaimSaysWhichNamespaces) {
  const Scope scope = in_claim("public.traces", "namespaces");
  EXPECT_EQ(sql_of(scope, {{"namespaces", {"a"}}}).predicate,
            R"("tracegate"."namespace" OPERATOR(pg_catalog.=) 'a')");
}

TEST(ScopeSql, WithoutTheClaimThereIsNoRow) {
  const Scope scope = in_claim("public.traces", "namespaces");
  for (const Claims& claims :
       {Claims{}, Claims{{"namespace", {"a"}}}, Claims{{"namespaces", {}}},
        Claims{{"namespaces", {std::string("a\0b", 3)}}}, Claims{{"namespaces", {"\xff"}}}}) {
    EXPECT_EQ(sql_of(scope, claims).predicate, "false");
    EXPECT_EQ(sql_of(scope, claims).columns.at(0).condition, "false");
  }
}

TEST(ScopeSql, ValuesThatCannotBeAreLeftOut) {
  EXPECT_EQ(sql_of(in_claim("public.traces", "n"), {{"n", {"\xff", "a"}}}).predicate,
            R"("tracegate"."namespace" OPERATOR(pg_catalog.=) 'a')");
}

TEST(ScopeSql, AWindowHasTwoEnds) {
  const TimeWindow january{*parse_instant("2026-01-01"), *parse_instant("2026-02-01T00:00:00.5Z")};
  EXPECT_EQ(sql_of(in_time("public.traces", {{}, {}, january, {}})).predicate,
            R"("tracegate"."at" OPERATOR(pg_catalog.>=) )"
            R"(CAST('2026-01-01 00:00:00+00' AS pg_catalog."timestamptz") AND )"
            R"("tracegate"."at" OPERATOR(pg_catalog.<) )"
            R"(CAST('2026-02-01 00:00:00.500000+00' AS pg_catalog."timestamptz"))");
}

TEST(ScopeSql, ASlidingWindowAsksTheClockOfTheStore) {
  EXPECT_EQ(sql_of(in_time("public.traces", {{}, 24h, {}, {}})).predicate,
            R"("tracegate"."at" OPERATOR(pg_catalog.>=) (pg_catalog.statement_timestamp() )"
            R"(OPERATOR(pg_catalog.-) CAST('86400000000 microseconds' AS pg_catalog."interval")))");
}

TEST(ScopeSql, EachWindowNarrows) {
  const TimeScope time{{}, 24h, {*parse_instant("2026-01-01"), {}}, "window"};
  const std::string predicate =
      sql_of(in_time("public.traces", time), {{"window", {"/2026-03-01"}}}).predicate;
  EXPECT_NE(predicate.find("statement_timestamp"), std::string::npos);
  EXPECT_NE(predicate.find(">=) CAST('2026-01-01 "), std::string::npos);
  EXPECT_NE(predicate.find("<) CAST('2026-03-01 "), std::string::npos);
  EXPECT_EQ(predicate.find(" OR "), std::string::npos);
}

TEST(ScopeSql, AWindowThatCannotBeReadShowsNothing) {
  const TimeScope time{{}, 24h, {}, "window"};
  for (const Claims& claims : {Claims{}, Claims{{"window", {}}}, Claims{{"window", {"always"}}},
                               Claims{{"window", {"2026-01-01/", "2025-01-01/"}}}})
    EXPECT_EQ(sql_of(in_time("public.traces", time), claims).predicate, "false");
}

TEST(ScopeSql, WhatTheStoreDoesNotHaveShowsNothing) {
  EXPECT_EQ(sql_of(in_time("public.traces", {{}, 24h, {}, {}}, "prompt")).predicate, "false");
  EXPECT_EQ(sql_of(in_time("public.traces", {{}, 24h, {}, {}}, "gone")).predicate, "false");
  EXPECT_EQ(sql_of(in_namespaces("public.feedback", {"a"})).predicate, "false");
  EXPECT_EQ(sql_of(make_scope("public.traces")).predicate, "false");
  EXPECT_EQ(sql_of(in_time("public.traces", {})).predicate, "false");
}

TEST(ScopeSql, ThroughIsAsDeepAsItsChain) {
  const Role role =
      make_scoped({}, {in_namespaces("public.traces", {"a"}),
                       through("public.feedback", "trace_id", "public.traces", "id"),
                       through("public.notes", "feedback_id", "public.feedback", "id")});
  EXPECT_EQ(sql_of(role, "public.notes").predicate,
            R"("tracegate"."feedback_id" OPERATOR(pg_catalog.=) ANY (SELECT "tracegate_1"."id" )"
            R"(FROM public.feedback AS "tracegate_1" WHERE "tracegate_1"."trace_id" )"
            R"(OPERATOR(pg_catalog.=) ANY (SELECT "tracegate_2"."id" FROM public.traces AS )"
            R"("tracegate_2" WHERE "tracegate_2"."namespace" OPERATOR(pg_catalog.=) 'a')))");
  const sql::ScopeColumn column = sql_of(role, "public.feedback").columns.at(0);
  EXPECT_EQ(column.condition,
            R"(EXISTS (SELECT 1 FROM (SELECT CAST($value AS pg_catalog."int8")) AS )"
            R"("tracegate_value" ("value"), public.traces AS "tracegate_1" WHERE )"
            R"("tracegate_1"."id" OPERATOR(pg_catalog.=) "tracegate_value"."value" AND )"
            R"("tracegate_1"."namespace" OPERATOR(pg_catalog.=) 'a'))");
  EXPECT_TRUE(column.needs_query);
}

TEST(ScopeSql, ThroughNothingShowsNothing) {
  const auto predicate = [](Scope scope) {
    return sql_of(make_scoped({}, {in_namespaces("public.traces", {"a"}), std::move(scope)}),
                  "public.feedback")
        .predicate;
  };
  EXPECT_EQ(predicate(through("public.feedback", "trace_id", "public.traces", "gone")), "false");
  EXPECT_EQ(predicate(through("public.feedback", "trace_id", "public.gone", "id")), "false");
  EXPECT_EQ(predicate(through("public.feedback", "trace_id", "public.plain", "id")), "false");
  EXPECT_EQ(predicate(through("public.feedback", "gone", "public.traces", "id")), "false");
}

}  // namespace
}  // namespace tracegate::policy
