// Which masked columns a statement returns as they are, and which become expressions because more
// is done with them.
#include <gtest/gtest.h>

#include "src/sql/rewrite.h"
#include "tests/sql/trace_catalog.h"

namespace tracegate::sql {
namespace {

constexpr std::string_view kMasked = "left";  // begins the expression of a masked column

// Of traces, prompt is masked in either way, secret only as it is returned, at only by the store.
// events has a row filter beside. feedback is not masked.
class MaskedViews : public Views {
 public:
  const RelationView* find(const catalog::Relation& relation) const override {
    static const RelationView traces = {{{"id"},
                                         {"ns"},
                                         {"prompt", R"(left("tracegate"."prompt", 1))", true},
                                         {"secret", "", true},
                                         {"at", R"(left("tracegate"."at", 10))"}},
                                        "",
                                        {}};
    static const RelationView events = {
        {{"trace_id"}, {"kind"}, {"payload", R"(left("tracegate"."payload", 1))", true}},
        R"("tracegate"."kind" OPERATOR(pg_catalog.=) 'a')",
        {{"kind", "$value OPERATOR(pg_catalog.=) 'a'", "pg_catalog.text"}}};
    static const RelationView mixed = {{{"x.y", R"(left("tracegate"."x.y", 1))", true}}, "", {}};
    if (relation.schema != "public") return nullptr;
    if (relation.name == "Mixed Case") return &mixed;  // without "Col"
    if (relation.name == "traces") return &traces;
    return relation.name == "events" ? &events : nullptr;
  }
};

const catalog::Catalog& store() {
  static const auto catalog = make_trace_catalog();
  return *catalog;
}

Rewriting rewritten(std::string_view sql) {
  return rewrite(sql, store(), public_path(), MaskedViews());
}

// "2 of 3: 0 prompt, 1 payload (computed)"; "none"; why it is refused.
std::string raw(std::string_view sql) {
  const Rewriting result = rewritten(sql);
  if (result.refusal) return "refused: " + result.refusal->construct;
  std::string shown;
  for (const RawRow& row : result.raw_rows) {
    shown += (shown.empty() ? "" : "; ") + std::to_string(row.outputs.size()) + " of " +
             std::to_string(row.width) + ":";
    for (const RawRow::Output& output : row.outputs)
      shown += " " + std::to_string(output.position) + " " +
               store().find(output.relation)->columns[output.column].name +
               (output.is_computed ? " (computed)" : "");
  }
  return shown.empty() ? "none" : shown;
}

// The columns that the store masks.
int masked_by_store(std::string_view sql) {
  const Rewriting result = rewritten(sql);
  if (result.refusal) return -1;
  int count = 0;
  for (std::size_t at = 0; (at = result.text.find(kMasked, at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST(Lineage, WhatIsReturnedStaysRaw) {
  EXPECT_EQ(raw("select prompt from traces"), "1 of 1: 0 prompt");
  EXPECT_EQ(raw("select id, t.prompt as p, secret from traces t"), "2 of 3: 1 prompt 2 secret");
  EXPECT_EQ(raw("select public.traces.prompt from traces"), "1 of 1: 0 prompt");
  EXPECT_EQ(raw("select * from traces"), "2 of 5: 2 prompt 3 secret");
  EXPECT_EQ(raw("select 1, t.*, 2 from traces t where t.id = 'x' order by t.id limit 3"),
            "2 of 7: 3 prompt 4 secret");
  EXPECT_EQ(raw("table traces"), "2 of 5: 2 prompt 3 secret");
  EXPECT_EQ(raw("select id, ns from traces"), "none");
  EXPECT_EQ(masked_by_store("select prompt from traces"), 1);  // `at` always is
}

TEST(Lineage, AnythingElseIsMaskedByTheStore) {
  for (const std::string sql :
       {"select lower(prompt) from traces",
        "select prompt || '' from traces",
        "select prompt::varchar from traces",
        "select (prompt) || 'x' from traces",
        "select prompt from traces where prompt = 'x'",
        "select id from traces where prompt = 'x'",
        "select prompt from traces order by prompt",
        "select prompt from traces order by 1",
        "select prompt as p from traces order by p",
        "select distinct prompt from traces",
        "select distinct on (prompt) prompt from traces",
        "select prompt from traces group by prompt",
        "select prompt from traces group by 1",
        "select max(prompt) from traces",
        "select count(prompt) from traces",
        "select prompt from traces union all select 'x'",
        "select 'x' union all select prompt from traces",
        "select prompt, rank() over (order by prompt) from traces",
        "select prompt, rank() over w from traces window w as (partition by prompt)",
        "select (select prompt from traces)",
        "select array(select prompt from traces)",
        "select exists (select prompt from traces)",
        "select 1 where 'x' in (select prompt from traces)",
        "select f.comment from feedback f join traces t on t.prompt = f.comment",
        "select t.prompt from feedback join traces t using (prompt)",
        "select x.p from (select prompt as p from traces) x where x.p = 'a'",
        "select x.p from (select prompt as p from traces) x order by 1",
        "select upper(x.p) from (select prompt as p from traces) x",
        "with w as (select prompt from traces) select prompt from w where prompt > 'a'",
        "with w as (select prompt from traces) select distinct prompt from w",
        "with recursive w as (select prompt from traces) select prompt from w",
        "insert into feedback (comment) select prompt from traces",
        "update feedback set comment = prompt from traces where id = trace_id",
        "select prompt from traces, lateral (select prompt as q) x where q = 'a'",
        "select case when prompt is null then 1 end from traces",
        "select coalesce(prompt, 'x') from traces",
        "select prompt[1] from traces",
        "values ((select prompt from traces limit 1))",
        "select prompt from traces for update",
        "select f(prompt) from traces, generate_series(1, 2) f"}) {
    const bool returns = sql.ends_with("for update");
    EXPECT_EQ(raw(sql), returns ? "1 of 1: 0 prompt" : "none") << sql;
    EXPECT_EQ(masked_by_store(sql), returns ? 1 : 2) << sql;
  }
}

TEST(Lineage, WholeRowsAreMaskedByTheStoreOrRefused) {
  const std::string refusal =
      "refused: column \"secret\" of public.traces is masked as it is returned; nothing else can "
      "be done with it";
  for (const std::string sql :
       {"select t from traces t", "select to_jsonb(t) from traces t",
        "select t.*::text from traces t", "select (t).prompt from traces t",
        "select row(t.*) from traces t", "select * from traces order by 1",
        "select distinct * from traces", "select * from traces natural join feedback",
        "select * from traces t (a, b)", "select secret from traces where secret like 'x%'",
        "select secret from traces order by 1", "select length(secret) from traces",
        "select secret from traces group by secret", "select secret from traces union select ''",
        "select t.nothing from traces t"})
    EXPECT_EQ(raw(sql), refusal) << sql;
  EXPECT_EQ(raw("select count(*) from traces"), "none");
  EXPECT_EQ(raw("select to_jsonb(e) from events e"), "none");
  EXPECT_EQ(masked_by_store("select to_jsonb(e) from events e"), 1);
}

TEST(Lineage, PlacesAreThoseOfTheRewrittenText) {
  EXPECT_EQ(raw("select * from \"Mixed Case\""), "1 of 1: 0 x.y");
  EXPECT_EQ(raw("select 1, m.* from events e, \"Mixed Case\" m"), "1 of 2: 1 x.y");
}

// The store says that it does not exist, as it does of other misspelt names.
TEST(Lineage, AnUnknownNameComputesWithNothing) {
  EXPECT_EQ(raw("select nothing, secret from traces"), "1 of 2: 1 secret");
  EXPECT_EQ(raw("select secret from traces, generate_series(1, 2) g (n) where n = 1"),
            "1 of 1: 0 secret");
  EXPECT_TRUE(raw("update traces set id = 'x' where nothing = 1").starts_with("refused: column"));
}

TEST(Lineage, GoesThroughSubSelectsAndWithQueries) {
  EXPECT_EQ(raw("select * from (select id, prompt from traces) x"), "1 of 2: 1 prompt");
  EXPECT_EQ(raw("select x.b from (select id, secret from traces) x (a, b)"), "1 of 1: 0 secret");
  EXPECT_EQ(raw("with w as (select * from traces where id > 'a') select secret, id from w"),
            "1 of 2: 0 secret");
  EXPECT_EQ(raw("with w (a, b) as (select id, secret from traces), v as (select b from w) select "
                "v.* from v"),
            "1 of 1: 0 secret");
  EXPECT_EQ(raw("select a.prompt, b.prompt from traces a, traces b where a.id = b.ns"),
            "2 of 2: 0 prompt 1 prompt");
  EXPECT_EQ(raw("select a.prompt, b.prompt from traces a, traces b where a.prompt = b.ns"),
            "1 of 2: 1 prompt");
  EXPECT_EQ(raw("select s.secret from feedback f, lateral (select t.secret from traces t where "
                "t.id = f.trace_id) s"),
            "1 of 1: 0 secret");
  EXPECT_EQ(raw("select t.prompt, f.comment from traces t join feedback f on f.trace_id = t.id"),
            "1 of 2: 0 prompt");
  EXPECT_EQ(
      raw("select comment, prompt, secret from traces t join feedback f on f.trace_id = t.id"),
      "2 of 3: 1 prompt 2 secret");
}

// Which of several sources a name is of, or at which place it comes out, must be certain.
TEST(Lineage, WhatIsNotCertainIsMaskedByTheStore) {
  for (const std::string sql :
       {"select e.*, x.* from events e, generate_series(1, 2) x",
        "select * from events, json_to_record('{}') as x (a int)",
        "select * from events join feedback using (trace_id)",
        "select * from (events join feedback using (trace_id)) j",
        "select j.* from (events e cross join feedback f) j",
        "select e.*, (x.r).* from events e, (select null::record as r) x"}) {
    EXPECT_EQ(raw(sql), "none") << sql;
    EXPECT_EQ(masked_by_store(sql), 1) << sql;
  }
  EXPECT_EQ(raw("select payload from events join feedback using (trace_id)"), "1 of 1: 0 payload");
  EXPECT_EQ(raw("select e.* from events e join feedback using (trace_id)"), "1 of 3: 2 payload");
}

// NULL of an outer join is no value of the column. What only the gateway can mask keeps NULL.
TEST(Lineage, OuterJoinsLeaveNullToTheStore) {
  EXPECT_EQ(raw("select t.prompt from feedback left join traces t on true"), "none");
  EXPECT_EQ(raw("select prompt from feedback left join (select prompt from traces) t on true"),
            "none");
  EXPECT_EQ(
      raw("with t as (select prompt from traces) select prompt from feedback left join t on true"),
      "none");
  EXPECT_EQ(raw("select t.secret from feedback left join traces t on true"), "1 of 1: 0 secret");
}

TEST(Lineage, AFenceHidesWhereColumnsComeFrom) {
  EXPECT_EQ(raw("select payload from events"), "1 of 1: 0 payload");
  EXPECT_EQ(raw("select payload from events where 1 / length(trace_id) > 0"),
            "1 of 1: 0 payload (computed)");
  EXPECT_EQ(raw("select coalesce(payload) from events"), "1 of 1: 0 payload (computed)");
}

TEST(Lineage, WritesReturnAndAssign) {
  EXPECT_EQ(raw("update traces set prompt = 'x', secret = 'y' where id = 'a' returning id, prompt, "
                "secret"),
            "2 of 3: 1 prompt 2 secret");
  EXPECT_EQ(raw("insert into events values ('a', 'a', 'b') returning payload"),
            "1 of 1: 0 payload");
  EXPECT_EQ(raw("delete from events where trace_id = 'x' returning *"), "1 of 3: 2 payload");
  EXPECT_EQ(raw("insert into traces (id, prompt) values ('a', 'b') on conflict (id) do update set "
                "prompt = excluded.prompt returning secret"),
            "1 of 1: 0 secret");
  EXPECT_EQ(raw("insert into traces (id) values ('a') on conflict (id) do update set prompt[1] = "
                "excluded.prompt returning secret"),
            "refused: column \"prompt\" of public.traces is masked; a statement that writes the "
            "table can assign it and return it, and nothing else");
  EXPECT_EQ(raw("insert into traces (id) values ('a') on conflict do nothing returning prompt"),
            "1 of 1: 0 prompt");
  // It is a table of that name here.
  EXPECT_EQ(raw("update feedback set comment = excluded.prompt from traces excluded where "
                "excluded.id = feedback.trace_id"),
            "none");
  EXPECT_EQ(raw("with d as (delete from traces where id = 'a' returning prompt) select * from d"),
            "1 of 1: 0 prompt");
  EXPECT_EQ(raw("with d as (delete from traces where id = 'a' returning id, prompt) select prompt "
                "from feedback left join d on trace_id = id"),
            "refused: column \"prompt\" of public.traces is masked; a statement that writes the "
            "table cannot return it through an outer join");
  EXPECT_EQ(raw("update feedback f set comment = 'x' from traces t where t.id = f.trace_id "
                "returning t.prompt"),
            "1 of 1: 0 prompt");
}

TEST(Lineage, WritesDoNothingElseWithMaskedColumns) {
  const std::string refusal =
      "refused: column \"prompt\" of public.traces is masked; a statement that writes the table "
      "can "
      "assign it and return it, and nothing else";
  for (const std::string sql :
       {"delete from traces where prompt = 'x'", "update traces set ns = prompt",
        "update traces set ns = 'a' where prompt like 'x'",
        "update traces set prompt = prompt || 'x' returning id",
        "update traces set ns = 'a' returning lower(prompt)",
        "insert into traces (id) values ('a') on conflict (prompt) do nothing",
        "insert into traces (id) values ('a') on conflict (id) do update set ns = traces.prompt",
        "insert into traces (id) values ('a') on conflict (id) do update set ns = 'x' where "
        "traces.prompt > 'a'",
        "with d as (delete from traces returning prompt) select * from d where prompt = 'a'",
        "merge into traces using feedback on prompt = comment when matched then delete",
        "insert into traces (id) values ('a') on conflict on constraint traces_pkey do nothing",
        // Whether a part can be assigned depends on the rest.
        "update traces set prompt['a'] = '1' where id = 'a'", "update traces set prompt.a = '1'",
        "insert into traces (id) values ('a') on conflict (id) do update set prompt[1] = 'x'",
        "merge into traces using feedback on id = comment when matched then update set prompt[1] = "
        "'x'",
        // What was proposed can come from a default or a trigger.
        "insert into traces (id) values ('a') on conflict (id) do update set ns = excluded.prompt",
        "insert into traces (id) values ('a') on conflict (id) do update set prompt = "
        "lower(excluded.prompt)",
        "insert into traces (id) values ('a') on conflict (id) do update set ns = 'x' where "
        "excluded.prompt > 'a'",
        "insert into traces (id) values ('a') on conflict (id) do update set ns = (select "
        "excluded.prompt)",
        "insert into traces (id) values ('a') on conflict (id) do update set ns = excluded::text"})
    EXPECT_EQ(raw(sql), refusal) << sql;
  EXPECT_EQ(raw("delete from traces where id in (select id from traces where prompt = 'x')"),
            "none");
  EXPECT_EQ(
      raw("delete from traces returning at"),
      "refused: column \"at\" of public.traces is masked by the store; a statement that writes "
      "the table cannot return it");
}

TEST(Lineage, CopyReturnsColumns) {
  EXPECT_EQ(raw("copy traces to stdout"), "2 of 5: 2 prompt 3 secret");
  EXPECT_EQ(raw("copy traces (secret, id) to stdout (format csv)"), "1 of 2: 0 secret");
  EXPECT_EQ(raw("copy (select prompt from traces) to stdout"), "1 of 1: 0 prompt");
  EXPECT_EQ(raw("copy (select lower(prompt) from traces) to stdout"), "none");
}

TEST(Lineage, StatementsWithinOthers) {
  EXPECT_EQ(raw("prepare p as select secret from traces"), "1 of 1: 0 secret");
  EXPECT_EQ(raw("declare c cursor for select id, secret from traces"), "1 of 2: 1 secret");
  EXPECT_EQ(raw("create table x as select prompt from traces"), "none");
  EXPECT_EQ(raw("select prompt into x from traces"), "none");
  EXPECT_EQ(raw("select 1; select prompt from traces; select secret, prompt from traces"),
            "1 of 1: 0 prompt; 2 of 2: 0 secret 1 prompt");
}

}  // namespace
}  // namespace tracegate::sql
