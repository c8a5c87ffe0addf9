#include "src/sql/rewrite.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

// traces: rows of ns 'a', without `secret`; events: two columns of three, all rows.
class TestViews : public Views {
 public:
  TestViews() {
    views_["traces"] = {{{"id", ""}, {"ns", ""}, {"prompt", ""}, {"at", ""}},
                        R"("tracegate"."ns" OPERATOR(pg_catalog.=) 'a')",
                        {{"ns", "$value OPERATOR(pg_catalog.=) 'a'", "pg_catalog.text"}}};
    views_["events"] = {{{"trace_id", ""}, {"kind", ""}}, "", {}};
    views_["pg_class"] = {{{"oid", ""}, {"reltuples", "(-1)::pg_catalog.float4"}}, "true", {}};
  }
  const RelationView* find(const catalog::Relation& relation) const override {
    if (relation.schema == "archive") return nullptr;
    const auto found = views_.find(relation.name);
    return found == views_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, RelationView, std::less<>> views_;
};

const std::pair<std::string_view, std::string_view> kShort[] = {
    {R"((SELECT "tracegate"."id", "tracegate"."ns", "tracegate"."prompt", "tracegate"."at" FROM "public"."traces" AS "tracegate" WHERE ("tracegate"."ns" OPERATOR(pg_catalog.=) 'a')))",
     "<traces>"},
    {R"((SELECT COALESCE("tracegate"."id") AS "id", COALESCE("tracegate"."ns") AS "ns", COALESCE("tracegate"."prompt") AS "prompt", COALESCE("tracegate"."at") AS "at" FROM "public"."traces" AS "tracegate" WHERE ("tracegate"."ns" OPERATOR(pg_catalog.=) 'a') OFFSET 0))",
     "<traces!>"},
    {R"((SELECT "tracegate"."trace_id", "tracegate"."kind" FROM "public"."events" AS "tracegate"))",
     "<events>"},
    {R"(CASE WHEN "tracegate"."v" OPERATOR(pg_catalog.=) 'a' THEN "tracegate"."v" ELSE CAST(CAST(CAST(pg_catalog.concat('tracegate: out of scope ', "tracegate"."v") AS pg_catalog.int4) AS pg_catalog.text) AS pg_catalog.text) END)",
     "<check>"},
    {R"((SELECT <check> FROM (SELECT CAST()", "<value "},
    {R"( AS pg_catalog.text) AS "v" OFFSET 0) AS "tracegate"))", ">"},
};

const catalog::Catalog& store() {
  static const auto catalog = make_trace_catalog();
  return *catalog;
}

Rewriting rewritten(std::string_view sql) {
  return rewrite(sql, store(), public_path(), TestViews());
}

// The text as the store gets it, with names for what was put in; or why it is refused.
std::string shown(std::string_view sql) {
  const Rewriting result = rewritten(sql);
  if (result.refusal) return "refused: " + result.refusal->construct;
  if (result.text.empty()) return "as it is";
  std::string text = result.text;
  for (const auto& [full, name] : kShort)
    for (std::size_t at = 0; (at = text.find(full, at)) != std::string::npos;)
      text.replace(at, full.size(), name);
  return text;
}

TEST(Rewrite, TablesBecomeSubSelects) {
  EXPECT_EQ(shown("select * from traces"), R"(select * from <traces> AS "traces")");
  EXPECT_EQ(shown("select * from traces t"), "select * from <traces> t");
  EXPECT_EQ(shown("select * from public.traces as t (a, b)"), "select * from <traces> as t (a, b)");
  EXPECT_EQ(shown(R"(select * from "public" . "traces"/* x */ where true)"),
            R"(select * from <traces> AS "traces"/* x */ where true)");
  EXPECT_EQ(shown("select 1 from events e join traces t on e.trace_id = t.id"),
            "select 1 from <events> e join <traces> t on e.trace_id = t.id");
  EXPECT_EQ(
      shown("select (select count(*) from traces), exists (select from events)"),
      R"(select (select count(*) from <traces> AS "traces"), exists (select from <events> AS "events"))");
  EXPECT_EQ(shown("table traces"), R"(SELECT * FROM <traces> AS "traces")");
  EXPECT_EQ(shown("table events union table events"),
            R"(SELECT * FROM <events> AS "events" union SELECT * FROM <events> AS "events")");
  EXPECT_EQ(shown("select * from traces *"), R"(select * from <traces> AS "traces")");
}

TEST(Rewrite, OnlyStays) {
  const std::string only =
      R"(select * from (SELECT "tracegate"."trace_id", "tracegate"."kind" FROM ONLY "public"."events" AS "tracegate") AS "events")";
  EXPECT_EQ(shown("select * from only events"), only);
  EXPECT_EQ(shown("select * from ONLY ( public.events )"), only);
}

TEST(Rewrite, WhatHasNoViewStaysAsItIs) {
  EXPECT_EQ(shown("select 1"), "as it is");
  EXPECT_EQ(shown("select * from archive.traces, feedback"), "as it is");
  EXPECT_EQ(shown("insert into feedback values (1)"), "as it is");
  EXPECT_EQ(shown("begin"), "as it is");
}

TEST(Rewrite, WithQueriesHideTables) {
  EXPECT_EQ(shown("with traces as (select 1) select * from traces"), "as it is");
  EXPECT_EQ(shown("with traces as (select * from traces) select * from traces"),
            R"(with traces as (select * from <traces> AS "traces") select * from traces)");
  EXPECT_EQ(shown("with recursive traces as (select 1 union select * from traces) table traces"),
            "as it is");
  EXPECT_EQ(shown("with traces as (select 1) select * from public.traces"),
            R"(with traces as (select 1) select * from <traces> AS "traces")");
}

TEST(Rewrite, ColumnsLoseTheSchema) {
  EXPECT_EQ(shown("select public.traces.id, public.traces.* from public.traces"),
            R"(select traces.id, traces.* from <traces> AS "traces")");
  EXPECT_EQ(shown(R"(select db.public . traces . id from public.traces)"),
            R"(select traces . id from <traces> AS "traces")");
  EXPECT_EQ(shown("select archive.traces.id from archive.traces"), "as it is");
}

TEST(Rewrite, WhatCannotFailNeedsNoFence) {
  for (const char* condition :
       {"id = $1", "id = '1'", "t.id <> 'x' and not (at >= $2 or at is null)", "id in ('a', $3)",
        "id between 'a' and 'b'", "id = any ($1)", "id = any ('{a,b}')", "id is distinct from 'x'",
        "at > now() - interval '7 days'", "at >= current_date", "at > now() - '30 days'::interval",
        "id = $1::text", "exists (select from events e where e.trace_id = t.id)", "true",
        "(id = 'x') is not true"})
    EXPECT_EQ(
        shown(std::string("select prompt || id from traces t where ") + condition).find("traces!"),
        std::string::npos)
        << condition;
}

TEST(Rewrite, WhatCanFailIsFencedOff) {
  for (const char* condition :
       {"prompt like 'x%'", "prompt ~ 'x'", "length(prompt) > 1", "id::int = 1", "1 / id = 1",
        "case when id = 'x' then true end", "prompt || 'x' = 'y'", "(id, ns) = ('a', 'b')", "t = t",
        "t.* is null and lower(t.id) = 'x'", "unknown_column = 1", "ctid = '(0,1)'",
        "id = (select 'x')", "id in (select kind from events)", "1 / 0 = 1", "random() < 0.5",
        "exists (select from events e where e.kind like t.id)",
        "at > now() - interval '300000 years'", "id OPERATOR(public.=) 'x'"})
    EXPECT_NE(shown(std::string("select 1 from traces t where ") + condition).find("<traces!>"),
              std::string::npos)
        << condition;
}

TEST(Rewrite, OnlyWhatTheExpressionUsesIsFenced) {
  EXPECT_EQ(shown("select 1 from traces a join traces b on a.id = b.id where b.prompt like 'x'"),
            "select 1 from <traces> a join <traces!> b on a.id = b.id where b.prompt like 'x'");
  EXPECT_EQ(
      shown("select 1 from traces a, (select prompt p from traces) b where b.p like 'x'"),
      R"(select 1 from <traces> a, (select prompt p from <traces!> AS "traces") b where b.p like 'x')");
  EXPECT_EQ(shown("with c as (select id i from traces) select 1 from c where i ~ 'x'"),
            R"(with c as (select id i from <traces!> AS "traces") select 1 from c where i ~ 'x')");
}

// What is repeated inside the fence around traces.
std::string repeated(std::string_view condition, std::string_view from = "traces t") {
  const Rewriting result = rewritten("select 1 from " + std::string(from) +
                                     " where lower(prompt) = 'x' and " + std::string(condition));
  const std::string_view text = result.text;
  const std::string_view before = "OPERATOR(pg_catalog.=) 'a')";
  const std::size_t begin = text.find(before);
  const std::size_t end = text.find(" OFFSET 0", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return "no fence";
  return std::string(text.substr(begin + before.size(), end - begin - before.size()));
}

TEST(Rewrite, SafeConditionsAreRepeatedInsideTheFence) {
  const std::string id = R"( AND "tracegate"."id" )";
  EXPECT_EQ(repeated("id = $1"), id + "OPERATOR(pg_catalog.=) $1");
  EXPECT_EQ(repeated("'it''s' >= t.id and id <> 5"),
            R"( AND 'it''s' OPERATOR(pg_catalog.>=) "tracegate"."id")" + id +
                "OPERATOR(pg_catalog.<>) 5");
  EXPECT_EQ(repeated("id in ('a', $2) and id not in (-1.5)"),
            id + "IN ('a', $2)" + id + "NOT IN (-1.5)");
  EXPECT_EQ(repeated("id between 'a' and $1"), id + "BETWEEN 'a' AND $1");
  EXPECT_EQ(repeated("id = any ($1)"), id + "OPERATOR(pg_catalog.=) ANY ($1)");
  EXPECT_EQ(repeated("id = $1::uuid"), id + R"(OPERATOR(pg_catalog.=) CAST($1 AS "uuid"))");
  EXPECT_EQ(
      repeated("id > now() - interval '7 days'"),
      id +
          R"(OPERATOR(pg_catalog.>) (pg_catalog.now() OPERATOR(pg_catalog.-) CAST('7 days' AS "pg_catalog"."interval")))");
  EXPECT_EQ(repeated("id = 'x'", "feedback f left join traces t on f.trace_id = t.id"),
            id + "OPERATOR(pg_catalog.=) 'x'");
}

TEST(Rewrite, WhatIsRequiredOfAColumnIsRequiredOfItsEquals) {
  const std::string id = R"( AND "tracegate"."id" )";
  EXPECT_EQ(repeated("f.trace_id = t.id and f.trace_id = $1", "feedback f, traces t"),
            id + "OPERATOR(pg_catalog.=) $1");
  EXPECT_EQ(repeated("f.trace_id > 'x'", "feedback f join traces t on t.id = f.trace_id"),
            id + "OPERATOR(pg_catalog.>) 'x'");
  EXPECT_EQ(repeated("f.score = 'x'",
                     "feedback f join (feedback g join traces t on t.id = g.comment and g.score = "
                     "'y') on g.comment = f.score"),
            id + "OPERATOR(pg_catalog.=) 'x'");
  EXPECT_EQ(
      repeated("f.score <> 'x'", "feedback f join traces t on t.id = f.trace_id and t.id in ('a')"),
      id + "IN ('a')");
  // Rows that an outer join fills in need not fulfil what its ON says.
  for (const char* from : {"feedback f left join traces t on t.id = f.trace_id",
                           "events e left join (feedback f join traces t on t.id = f.trace_id) on "
                           "e.trace_id = f.trace_id"})
    EXPECT_EQ(repeated("f.trace_id = 'x'", from), "") << from;
  EXPECT_EQ(repeated("(f.trace_id = t.id or f.trace_id is null) and f.trace_id = 'x'",
                     "feedback f, traces t"),
            "");
}

// The first use of a parameter decides its type.
TEST(Rewrite, AParameterIsRepeatedIfItHasOneType) {
  const std::string id = R"( AND "tracegate"."id" )";
  EXPECT_EQ(repeated("id = $1 and at <> $1"), id + "OPERATOR(pg_catalog.=) $1" +
                                                  R"( AND "tracegate"."at" )" +
                                                  "OPERATOR(pg_catalog.<>) $1");
  for (const char* condition :
       {"id = $1 and length($1) = 1", "id = $1 and at = $1::text", "id = $1 and at = any ($1)",
        "id in ('a', $1) and ($1 is null or at = 'b')", "id = $1::uuid and at = $1::text"})
    EXPECT_EQ(repeated(condition), "") << condition;
}

TEST(Rewrite, NothingElseIsRepeated) {
  for (const char* condition :
       {"id is null", "id is distinct from 'x'", "id = ns", "id = 'a' or id = 'b'",
        "not (id = 'a')", "id not between 'a' and 'b'", "secret = 'x'", "length(id) = 1",
        "id = $1::varchar(3)", "exists (select from events e where t.id = 'x')", "id = x'0f'",
        "id like 'x'"})
    EXPECT_EQ(repeated(condition), "") << condition;
  EXPECT_EQ(repeated("f.score = 'x'", "feedback f, traces t"), "");
}

TEST(Rewrite, TheOutermostListIsAboveTheFilter) {
  EXPECT_EQ(
      shown(
          "select lower(prompt), 1 / length(id) from traces group by 1, 2 order by lower(max(ns))"),
      R"(select lower(prompt), 1 / length(id) from <traces> AS "traces" group by 1, 2 order by lower(max(ns)))");
  EXPECT_EQ(shown("select 1 from traces having max(length(id)) > 1"),
            R"(select 1 from <traces!> AS "traces" having max(length(id)) > 1)");
  EXPECT_EQ(shown("select l from (select lower(id) l from traces) x"),
            R"(select l from (select lower(id) l from <traces!> AS "traces") x)");
}

TEST(Rewrite, QueriesWithinTheListHaveFiltersOfTheirOwn) {
  for (const char* sql :
       {"select (select 1 from traces where 1 / length(id) = 1)",
        "select sum((select 1 from traces where prompt like 'x'))",
        "select count(*) filter (where (select lower(prompt) from traces limit 1) = 'x') from "
        "feedback",
        "select 1 from feedback group by (select lower(id) from traces)",
        "update feedback set score = (select 1 from traces where prompt like 'x')",
        "insert into feedback values ((select 1 from traces where prompt like 'x'))",
        "with d as (delete from feedback where score in (select lower(id) from traces)) select 1",
        "select array(select lower(prompt) from traces)",
        "select 1 limit (select length(prompt) from traces limit 1)"})
    EXPECT_NE(shown(sql).find("<traces!>"), std::string::npos) << sql;
}

TEST(Rewrite, ViewsWithoutConditionAreNeverFenced) {
  EXPECT_EQ(shown("select 1 from events where kind::int = 1"),
            R"(select 1 from <events> AS "events" where kind::int = 1)");
}

TEST(Rewrite, ColumnsCanBeReplaced) {
  EXPECT_EQ(
      shown("select reltuples from pg_class"),
      R"(select reltuples from (SELECT "tracegate"."oid", ((-1)::pg_catalog.float4) AS "reltuples" FROM "pg_catalog"."pg_class" AS "tracegate" WHERE (true)) AS "pg_class")");
}

TEST(Rewrite, UpdateAndDeleteTouchOnlyRowsOfTheView) {
  EXPECT_EQ(shown("delete from traces"),
            R"(delete from traces WHERE ("traces"."ns" OPERATOR(pg_catalog.=) 'a'))");
  EXPECT_EQ(
      shown("delete from public.traces t where id = $1 or id = $2 returning id;"),
      R"(delete from public.traces t where ("t"."ns" OPERATOR(pg_catalog.=) 'a') AND ( id = $1 or id = $2) returning id;)");
  EXPECT_EQ(
      shown("delete from traces where 1 / length(id) = 1 -- x"),
      R"(delete from traces where ("traces"."ns" OPERATOR(pg_catalog.=) 'a') AND (CASE WHEN ("traces"."ns" OPERATOR(pg_catalog.=) 'a') THEN ( 1 / length(id) = 1) ELSE false END) -- x)");
  EXPECT_EQ(
      shown(
          "delete from traces t where lower(id) = 'x' and t.id = $1 and ns > t.at and at is null"),
      R"(delete from traces t where ("t"."ns" OPERATOR(pg_catalog.=) 'a') AND "t"."id" OPERATOR(pg_catalog.=) $1 AND "ns" OPERATOR(pg_catalog.>) "t"."at" AND (CASE WHEN ("t"."ns" OPERATOR(pg_catalog.=) 'a') THEN ( lower(id) = 'x' and t.id = $1 and ns > t.at and at is null) ELSE false END))");
  // Any keyword can be the name of a column or of what is inserted.
  EXPECT_EQ(
      shown("update traces t set ns = e.from from events e where e.where = t.returning"),
      R"(update traces t set ns = <value e.from> from <events> e where ("t"."ns" OPERATOR(pg_catalog.=) 'a') AND (CASE WHEN ("t"."ns" OPERATOR(pg_catalog.=) 'a') THEN ( e.where = t.returning) ELSE false END))");
  EXPECT_EQ(shown("insert into traces (ns) select e.union as where from events e"),
            "insert into traces (ns) select <value e.union> as where from <events> e");
  EXPECT_EQ(
      shown("update traces set prompt = lower(prompt) where id = 'x'"),
      R"(update traces set prompt = lower(prompt) where ("traces"."ns" OPERATOR(pg_catalog.=) 'a') AND ( id = 'x'))");
  EXPECT_EQ(
      shown("update traces t set prompt = o.prompt from traces o where o.id = t.id"),
      R"(update traces t set prompt = o.prompt from <traces> o where ("t"."ns" OPERATOR(pg_catalog.=) 'a') AND ( o.id = t.id))");
  EXPECT_EQ(
      shown("with gone as (delete from traces returning id) select * from gone"),
      R"(with gone as (delete from traces WHERE ("traces"."ns" OPERATOR(pg_catalog.=) 'a') returning id) select * from gone)");
}

TEST(Rewrite, ValuesOfScopeColumnsAreChecked) {
  EXPECT_EQ(shown("insert into traces (id, ns) values (1, 'a'), ($1, f('x', 2))"),
            "insert into traces (id, ns) values (1, <value 'a'>), ($1, <value f('x', 2)>)");
  EXPECT_EQ(shown("insert into traces values (1, 'a', array['x', 'y'])"),
            "insert into traces values (1, <value 'a'>, array['x', 'y'])");
  EXPECT_EQ(
      shown("insert into traces (ns, id) select kind as k, trace_id from events"),
      R"(insert into traces (ns, id) select <value kind> as k, trace_id from <events> AS "events")");
  EXPECT_EQ(shown("insert into traces (id, ns) select 'x', kind k from events"),
            R"(insert into traces (id, ns) select 'x', <value kind> k from <events> AS "events")");
  EXPECT_EQ(
      shown("update traces set ns = $1, prompt = 'x' where id = 'y'"),
      R"(update traces set ns = <value $1>, prompt = 'x' where ("traces"."ns" OPERATOR(pg_catalog.=) 'a') AND ( id = 'y'))");
  EXPECT_EQ(
      shown("update traces t set ns = e.kind is distinct from 'x' from events e"),
      R"(update traces t set ns = <value e.kind is distinct from 'x'> from <events> e WHERE ("t"."ns" OPERATOR(pg_catalog.=) 'a'))");
  EXPECT_EQ(
      shown("insert into traces (id, ns) values (1, 'a') on conflict (id) do update set prompt = "
            "'x', ns = 'b'"),
      R"(insert into traces (id, ns) values (1, <value 'a'>) on conflict (id) do update set prompt = 'x', ns = <value 'b'> WHERE ("traces"."ns" OPERATOR(pg_catalog.=) 'a'))");
}

TEST(Rewrite, MergeMatchesOnlyRowsOfTheView) {
  const std::string in_view = R"( ("t"."ns" OPERATOR(pg_catalog.=) 'a') AND )";
  EXPECT_EQ(
      shown("merge into traces t using events e on t.id = e.trace_id when matched then delete"),
      "merge into traces t using <events> e on" + in_view +
          "( t.id = e.trace_id) when matched then delete");
  EXPECT_EQ(
      shown(
          "merge into public.traces as t using (select * from traces) s on t.id = s.id and t.ns ~ "
          "s.ns when matched and s.prompt like 'x' then do nothing;"),
      R"(merge into public.traces as t using (select * from <traces!> AS "traces") s on)" +
          in_view +
          R"((CASE WHEN ("t"."ns" OPERATOR(pg_catalog.=) 'a') THEN ( t.id = s.id and t.ns ~ s.ns) )"
          "ELSE false END) when matched and s.prompt like 'x' then do nothing;");
  EXPECT_EQ(
      shown("merge into traces t using feedback a join feedback b on a.score = b.score on t.id "
            "= a.trace_id when not matched then do nothing"),
      "merge into traces t using feedback a join feedback b on a.score = b.score on" + in_view +
          "( t.id = a.trace_id) when not matched then do nothing");
  EXPECT_NE(shown("merge into traces t using feedback f on case when f.\"on\" then t.id = f.when "
                  "else true end when matched then delete")
                .find("ELSE false END) when matched then delete"),
            std::string::npos);
}

TEST(Rewrite, MergeWritesOnlyValuesOfTheView) {
  EXPECT_EQ(
      shown(
          "merge into traces using events e on id = e.trace_id when matched and case when true "
          "then true end then update set prompt = case when e.kind = 'a' then 'b' end, ns = case "
          "e.kind when 'a' then 'b' end when not matched and e.kind = 'c' then insert (id, ns) "
          "values (e.trace_id, coalesce(e.kind, 'd')) when not matched then insert values (1, 'a', "
          "2)"),
      R"(merge into traces using <events> e on ("traces"."ns" OPERATOR(pg_catalog.=) 'a') AND ( )"
      "id = e.trace_id) when matched and case when true then true end then update set prompt = "
      "case when e.kind = 'a' then 'b' end, ns = <value case e.kind when 'a' then 'b' end> when "
      "not matched and e.kind = 'c' then insert (id, ns) values (e.trace_id, <value "
      "coalesce(e.kind, 'd')>) when not matched then insert values (1, <value 'a'>, 2)");
}

// Every relation is written blindly; traces and events have views as before.
class BlindViews : public TestViews {
 public:
  bool is_blind(const catalog::Relation&) const override { return true; }
};
// As shown(), with the number of rows that each statement offers.
std::string blind(std::string_view sql) {
  const Rewriting result = rewrite(sql, store(), public_path(), BlindViews());
  if (result.refusal) return "refused: " + result.refusal->construct;
  std::string text = result.text.empty() ? "as it is" : result.text;
  for (const auto& [full, name] : kShort)
    for (std::size_t at = 0; (at = text.find(full, at)) != std::string::npos;)
      text.replace(at, full.size(), name);
  for (const OfferedRows& each : result.offered)
    text += " #" + std::to_string(each.statement) + ":" + std::to_string(each.rows);
  return text;
}

TEST(RewriteBlind, RowsThatExistAreSkippedAndCounted) {
  EXPECT_EQ(blind("insert into feedback values (1, 2), ($1, default)"),
            "insert into feedback values (1, 2), ($1, default) ON CONFLICT DO NOTHING #0:2");
  EXPECT_EQ(
      blind("select 1; insert into feedback (score) (values (1)); insert into feedback default "
            "values;"),
      "select 1; insert into feedback (score) (values (1)) ON CONFLICT DO NOTHING; insert into "
      "feedback default values ON CONFLICT DO NOTHING; #1:1 #2:1");
  EXPECT_EQ(blind("insert into feedback values (1, 2) on conflict (score) do nothing"),
            "as it is #0:1");
  EXPECT_EQ(
      blind("insert into traces values (1, 'a', lower('x'))"),
      "insert into traces values (1, <value 'a'>, COALESCE(lower('x'))) ON CONFLICT DO NOTHING "
      "#0:1");
}

TEST(RewriteBlind, OneRowOfValuesStaysOne) {
  EXPECT_EQ(blind("insert into feedback values (f($1), 1 + 2, '3'::int, $4, (select g()), "
                  "array[h(), 1], now() + interval '1 day')"),
            "insert into feedback values (COALESCE(f($1)), COALESCE(1 + 2), '3'::int, $4, (select "
            "g()), COALESCE(array[h(), 1]), COALESCE(now() + interval '1 day')) ON CONFLICT DO "
            "NOTHING #0:1");
  EXPECT_EQ(blind("insert into feedback values (f()), (g())"),
            "insert into feedback values (f()), (g()) ON CONFLICT DO NOTHING #0:2");
}

TEST(RewriteBlind, WhatIsInNobodysAnswerIsNotCounted) {
  EXPECT_EQ(
      blind("with x as (insert into feedback select f() from archive.traces) select 1"),
      "with x as (insert into feedback select f() from archive.traces ON CONFLICT DO NOTHING) "
      "select 1");
  EXPECT_EQ(blind("update feedback set score = 1"), "as it is");
  EXPECT_EQ(blind("copy feedback from stdin"), "as it is");
}

TEST(RewriteBlind, WhatWouldTellMoreIsRefused) {
  const auto refused = [](std::string_view sql) {
    const std::string answer = blind(sql);
    const std::string_view end = " is not supported where the role writes blindly";
    return answer.ends_with(end) ? answer.substr(9, answer.size() - end.size() - 9) : answer;
  };
  EXPECT_EQ(refused("insert into feedback values (1) returning 1"), "RETURNING");
  EXPECT_EQ(refused("insert into feedback values (1) on conflict do nothing returning score"),
            "RETURNING");
  EXPECT_EQ(refused("with x as (insert into feedback values (1) returning *) select * from x"),
            "RETURNING");
  EXPECT_EQ(refused("insert into feedback values (1) on conflict (score) do update set score = 1"),
            "ON CONFLICT DO UPDATE");
  for (const char* rows : {"select 1", "table archive.traces", "values (1) union all values (2)"})
    EXPECT_EQ(refused("insert into feedback " + std::string(rows)), "INSERT ... SELECT");
  EXPECT_EQ(refused("insert into feedback values (1), (2) limit $1"),
            "VALUES with LIMIT or OFFSET");
  EXPECT_EQ(refused("prepare p as insert into feedback values (1)"), "PREPARE of an INSERT");
  EXPECT_EQ(refused("explain analyze insert into feedback values (1)"), "EXPLAIN of an INSERT");
  EXPECT_EQ(
      refused("merge into feedback using archive.traces a on true when not matched then insert "
              "values (1)"),
      "INSERT in MERGE");
  EXPECT_EQ(refused("merge into feedback using archive.traces a on true when matched then delete"),
            "as it is");
}

TEST(Rewrite, WhatIsPutInDoesNotTouchTheNextWord) {
  EXPECT_EQ(
      shown("delete from traces where prompt like'x'returning id"),
      R"(delete from traces where ("traces"."ns" OPERATOR(pg_catalog.=) 'a') AND (CASE WHEN ("traces"."ns" OPERATOR(pg_catalog.=) 'a') THEN ( prompt like'x') ELSE false END)returning id)");
}

TEST(Rewrite, WordsBehindADotAreNames) {
  EXPECT_EQ(
      shown("update traces t set ns = e.from from events e"),
      R"(update traces t set ns = <value e.from> from <events> e WHERE ("t"."ns" OPERATOR(pg_catalog.=) 'a'))");
  EXPECT_EQ(
      shown("delete from traces t where t.returning is null"),
      R"(delete from traces t where ("t"."ns" OPERATOR(pg_catalog.=) 'a') AND ( t.returning is null))");
}

TEST(Rewrite, CopyIsOfTheView) {
  EXPECT_EQ(
      shown("copy traces to stdout (format csv)"),
      R"(copy (SELECT "id", "ns", "prompt", "at" FROM (SELECT "tracegate"."id", "tracegate"."ns", "tracegate"."prompt", "tracegate"."at" FROM ONLY "public"."traces" AS "tracegate" WHERE ("tracegate"."ns" OPERATOR(pg_catalog.=) 'a')) AS "traces") to stdout (format csv))");
  EXPECT_EQ(
      shown("copy public.events (kind) to stdout"),
      R"(copy (SELECT "kind" FROM (SELECT "tracegate"."trace_id", "tracegate"."kind" FROM ONLY "public"."events" AS "tracegate") AS "events") to stdout)");
  EXPECT_EQ(shown("copy (select * from traces) to stdout"),
            R"(copy (select * from <traces> AS "traces") to stdout)");
  const std::string check =
      R"(CASE WHEN "ns" OPERATOR(pg_catalog.=) 'a' THEN true ELSE CAST(pg_catalog.concat('tracegate: out of scope ', "ns") AS pg_catalog.int4) IS NULL END)";
  EXPECT_EQ(shown("copy traces (id, ns) from stdin"),
            "copy traces (id, ns) from stdin WHERE " + check);
  EXPECT_EQ(shown("copy traces from stdin with (format csv) where id <> 'x'"),
            "copy traces from stdin with (format csv) where ( id <> 'x') AND " + check);
}

TEST(Rewrite, CopyLeavesOutWhatIsComputed) {
  catalog::Relation traces = *store().find("public", "traces");
  traces.columns[2].is_generated = true;
  const auto changed = catalog::Catalog::build(2, {traces});
  EXPECT_EQ(rewrite("copy traces to stdout", *changed, public_path(), TestViews())
                .text.find(R"(copy (SELECT "id", "ns", "at" FROM )"),
            0U);
}

TEST(Rewrite, NamesThatTheStoreWouldLookUpAreRefused) {
  for (const char* sql :
       {"set constraints a, b.c deferred", "select id collate vault.x from traces",
        "select 'a' collate vault.x", "select to_tsvector('vault.x', 'y')",
        "select to_tsquery($1, 'y')", "select * from ts_token_type('vault.x')",
        "select * from ts_parse('vault' || '.x', 'y')", "select * from ts_parse(3722, 'y')",
        "select * from json_to_record('{}') as r (a text collate vault.x)",
        "insert into traces (ns) values ('a') on conflict (ns vault.ops) do nothing"})
    EXPECT_EQ(shown(sql).substr(0, 8), "refused:") << sql;
  for (const char* sql :
       {"set constraints all deferred", "select 'a' collate \"C\"",
        "select 'a' collate pg_catalog.\"C\"", "select to_tsvector('english', 'a.b')",
        "select to_tsvector('a.b')", "select * from ts_parse('default', 'a.b')"})
    EXPECT_EQ(shown(sql), "as it is") << sql;
}

TEST(Rewrite, SystemColumnsOfTargetsAreRefused) {
  for (const char* sql :
       {"update traces set prompt = 'x' returning ctid", "delete from traces t returning t.xmin",
        "delete from traces where ctid = '(0,1)'",
        "insert into traces (ns) values ('a') on conflict (id) do update set prompt = "
        "traces.xmax::text"})
    EXPECT_EQ(shown(sql).substr(0, 8), "refused:") << sql;
}

TEST(Rewrite, NamesWithAnEscapeCharacter) {
  EXPECT_EQ(shown(R"(select * from U&"tr!0061ces" UESCAPE '!' t)"), "select * from <traces> t");
}

TEST(Rewrite, StatementsWithinOthers) {
  EXPECT_EQ(shown("prepare p as select * from traces; execute p"),
            R"(prepare p as select * from <traces> AS "traces"; execute p)");
  EXPECT_EQ(shown("declare c cursor for table traces"),
            R"(declare c cursor for SELECT * FROM <traces> AS "traces")");
  EXPECT_EQ(shown("select * from traces for update of traces"),
            R"(select * from <traces> AS "traces" for update of traces)");
}

TEST(Rewrite, WhatCannotBeRewrittenIsRefused) {
  const std::string part = " is not supported on a table that the role sees in part";
  EXPECT_EQ(shown("select * from traces tablesample system (1)"), "refused: TABLESAMPLE" + part);
  EXPECT_EQ(shown("select * from archive.traces tablesample system (1)"), "as it is");
  EXPECT_EQ(shown("truncate traces"), "refused: TRUNCATE" + part);
  EXPECT_EQ(shown("delete from traces where current of c"), "refused: WHERE CURRENT OF" + part);
  EXPECT_EQ(shown("insert into traces default values"),
            "refused: INSERT ... DEFAULT VALUES" + part);
  EXPECT_EQ(shown("insert into traces (id, ns) values (1, default)"), "refused: DEFAULT" + part);
  EXPECT_EQ(shown("update traces set ns = default"), "refused: DEFAULT" + part);
  EXPECT_EQ(shown("update traces set (id, ns) = (1, 2)"),
            "refused: assigning several columns at once" + part);
  EXPECT_EQ(shown("insert into traces select * from archive.traces"),
            "refused: INSERT ... SELECT *" + part);
  EXPECT_EQ(shown("insert into traces (id) values (1)"),
            "refused: a value is needed for column \"ns\", which decides whether the row is in the "
            "role's scope");
  EXPECT_EQ(shown("merge into traces using events e on true when not matched then insert default "
                  "values"),
            "refused: INSERT DEFAULT VALUES" + part);
  EXPECT_EQ(shown("merge into traces using events e on true when not matched then insert (ns) "
                  "values (default)"),
            "refused: DEFAULT" + part);
  EXPECT_EQ(shown("merge into traces using events e on true when not matched then insert (id) "
                  "values (e.kind)"),
            "refused: a value is needed for column \"ns\", which decides whether the row is in the "
            "role's scope");
  EXPECT_EQ(
      shown("merge into traces using events e on true when matched then update set (ns, id) = "
            "('a', 'b')"),
      "refused: assigning several columns at once" + part);
  EXPECT_EQ(shown("delete from traces tracegate"),
            "refused: an alias that begins with \"tracegate\" is not supported here");
}

TEST(Rewrite, PositionsLeadBackToTheClientsText) {
  const std::string_view sql = "select 'ü', nonsense from traces where nowhere::bool";
  const Rewriting result = rewritten(sql);
  const auto back = [&](std::string_view word) {
    const std::size_t byte = result.text.find(word);
    // One of the characters before has two bytes.
    return client_position(result.text, result.pieces, sql, static_cast<std::int32_t>(byte));
  };
  EXPECT_EQ(back("nonsense"), 13);
  EXPECT_EQ(back("nowhere"), 40);
  EXPECT_EQ(back("OFFSET 0"), 33);  // of ours: what stands behind it
  EXPECT_EQ(client_position(result.text, result.pieces, sql, 0), 0);
  EXPECT_EQ(client_position(result.text, result.pieces, sql, 100'000), 53);
}

}  // namespace
}  // namespace tracegate::sql
