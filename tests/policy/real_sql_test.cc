// Verdicts over real SQL, from text to plan: the analysis and the judge together.
#include <gtest/gtest.h>

#include "src/policy/planner.h"
#include "tests/policy/roles.h"

namespace tracegate::policy {
namespace {

using sql::Operation;
using sql::StatementClass;

// Roles as in policies/example, over traces(id, prompt, score), recent (a view of it) and
// app."Users".
SnapshotRef example() {
  auto policy = std::make_shared<Snapshot>();
  policy->version = PolicyVersion{1};
  policy->upstreams.push_back(make_upstream());
  const auto add = [&](std::string name, std::vector<Rule> rules) -> Role& {
    Role role = make_role(std::move(rules));
    role.name = std::move(name);
    role.index = static_cast<std::uint32_t>(policy->roles.size());
    return policy->roles.emplace_back(std::move(role));
  };
  add("columns", {make_rule(5, {Operation::kSelect}, {"public.traces"}, {"id", "score"})});
  add("ingest", {make_rule(9, {Operation::kInsert, Operation::kCopyIn}, {"public.traces"})});
  Role& reader = add("reader", {make_rule(13, {Operation::kSelect}, {"public.traces"}),
                                make_rule(17, {Operation::kExplain})});
  reader.functions = {"public.<->", "similarity"};
  reader.settings = {"work_mem"};
  add("writer",
      {make_rule(21,
                 {Operation::kSelect, Operation::kInsert, Operation::kUpdate, Operation::kDelete},
                 {"public.traces"}),
       make_rule(25, {Operation::kSelect, Operation::kCopyOut}, {"public.recent"})});
  return policy;
}

class RealSql : public ::testing::Test {
 protected:
  PlanRef plan(std::string_view role, std::string_view text) {
    const Snapshot& policy = *planner.snapshot();
    return planner.plan(*policy.find_role(role), policy.upstreams[0], *catalog,
                        planner.intern(*policy.find_role(role), {}), text, Origin::kParse);
  }
  // "" if permitted, else the SQLSTATE and the message.
  std::string verdict(std::string_view role, std::string_view text) {
    const PlanRef judged = plan(role, text);
    return judged->denial ? judged->denial->sqlstate + ' ' + judged->denial->message : "";
  }
  void permitted(std::string_view role, std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts)
      EXPECT_EQ(verdict(role, text), "") << role << ": " << text;
  }
  void refused(std::string_view role, std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts)
      EXPECT_TRUE(verdict(role, text).starts_with("42501 ") ||
                  verdict(role, text).starts_with("0A000 "))
          << role << ": " << text << ": " << verdict(role, text);
  }

  std::shared_ptr<const catalog::Catalog> catalog = make_catalog();
  Planner planner{example()};
};

TEST_F(RealSql, AReaderReads) {
  permitted("reader",
            {"select * from traces",
             "SELECT id, lower(prompt) FROM public.traces WHERE score > 3 ORDER BY id",
             "with x as (select id from traces) select count(*) from x", "select 1",
             "values (1), (2)", "table traces", "select similarity(prompt, 'x') from traces",
             "select t from traces t", "", "-- nothing", ";;", "explain select * from traces",
             "explain (analyze) select id from traces"});
}
TEST_F(RealSql, AReaderWritesNothing) {
  refused("reader", {"delete from traces",
                     "update traces set score = 1",
                     "insert into traces values (1, 'x', 2)",
                     "with gone as (delete from traces returning *) select * from gone",
                     "truncate traces",
                     "copy traces from stdin",
                     "copy traces to stdout",
                     "copy (select * from traces) to stdout",
                     "select * into copy_of_traces from traces",
                     "create table t as select * from traces",
                     "select * from traces for update",
                     "lock table traces",
                     "drop table traces",
                     "vacuum traces",
                     "do $$ begin end $$",
                     "call f()",
                     "listen x",
                     "notify x, 'y'",
                     "explain analyze delete from traces",
                     "select * from recent",
                     "select * from app.\"Users\"",
                     "merge into traces using traces s on false when matched then delete",
                     "prepare transaction 'x'",
                     "grant select on traces to public",
                     "comment on table traces is 'x'"});
}
TEST_F(RealSql, FunctionsBeyondThePureOnesAreRefused) {
  refused(
      "reader",
      {"select pg_read_file('/etc/passwd')", "select set_config('search_path', 'x', false)",
       "select pg_sleep(1)", "select query_to_xml('select 1', true, true, '')",
       "select * from dblink('x', 'y') as t(a int)", "select nextval('s')",
       "select public.similarity('a', 'b')", "select lo_get(1)", "select 1 operator(app.<->) 2"});
  permitted("reader", {"select pg_advisory_unlock_all()", "select 1 operator(public.<->) 2",
                       "select version(), current_schema()"});
}

TEST_F(RealSql, AWriteOnlyRoleWritesAndNothingElse) {
  permitted("ingest", {"insert into traces values (1, 'x', 2)",
                       "insert into traces (id, prompt) values ($1, $2)", "copy traces from stdin",
                       "copy traces (id, prompt) from stdin (format csv)", "begin", "commit"});
  refused("ingest",
          {"select * from traces", "select count(*) from traces",
           "insert into traces values (1, 'x', 2) returning id",
           "insert into traces select * from traces",
           "insert into traces values (1, 'x', 2) on conflict (id) do update set score = 3",
           "delete from traces", "update traces set score = 1", "copy traces to stdout",
           "insert into recent values (1)"});
}

TEST_F(RealSql, ColumnsAreKeptApart) {
  permitted("columns", {"select id, score from traces", "select count(*) from traces",
                        "select t.id from traces t where t.score = 1"});
  refused("columns", {"select * from traces", "select prompt from traces",
                      "select id from traces where prompt = 'x'",
                      "select id from traces order by prompt", "select t from traces t",
                      "select to_jsonb(t) from traces t", "select count(prompt) from traces",
                      "select id from traces group by id having max(prompt) > 'x'",
                      "select (select t.prompt) from traces t"});
}

TEST_F(RealSql, ReadsHiddenInWritesCount) {
  permitted("writer", {"update traces set score = 1 where id = 2 returning *",
                       "insert into traces select * from traces",
                       "delete from traces where id in (select id from recent)",
                       "copy (select id from recent) to stdout"});
  refused("writer", {"copy (select * from traces) to stdout", "insert into recent values (1)"});
}

TEST_F(RealSql, SessionStatementsAreForEveryone) {
  permitted("ingest", {"begin isolation level serializable",
                       "commit",
                       "rollback",
                       "savepoint a",
                       "release a",
                       "rollback to a",
                       "discard all",
                       "discard plans",
                       "deallocate all",
                       "close all",
                       "unlisten *",
                       "reset all",
                       "fetch 10 from c",
                       "set timezone to 'UTC'",
                       "set session characteristics as transaction read only",
                       "set transaction isolation level repeatable read",
                       "set local statement_timeout = '1s'",
                       "set names 'utf8'",
                       "set client_encoding to 'UTF8'",
                       "set search_path to public",
                       "set standard_conforming_strings = on",
                       "set constraints all deferred",
                       "reset role",
                       "reset search_path",
                       "set time zone 'UTC'",
                       "show transaction_isolation",
                       "show server_version",
                       "show timezone",
                       "set session authorization default",
                       "execute p(1)",
                       "deallocate p"});
  refused(
      "ingest",
      {"set search_path to app", "set search_path to ''", "set standard_conforming_strings = off",
       "set names 'latin1'", "set role postgres", "set session authorization postgres",
       "set row_security = off", "set work_mem = '1GB'", "set session_replication_role = replica",
       "show all", "show work_mem", "show hba_file", "set local search_path to pg_temp, public"});
  permitted("reader", {"set work_mem = '1GB'", "show work_mem"});
}

TEST_F(RealSql, PreparedStatementsAndCursorsAreJudgedByWhatTheyHold) {
  permitted("reader",
            {"prepare p as select * from traces", "declare c cursor for select * from traces"});
  refused("reader", {"prepare p as delete from traces", "prepare p as select * from recent",
                     "declare c cursor for select * from recent"});
  const PlanRef prepare = plan("writer", "prepare p(int) as delete from traces where id = $1");
  ASSERT_FALSE(prepare->denial);
  EXPECT_EQ(prepare->statements.at(0).name, "p");
  ASSERT_TRUE(prepare->statements.at(0).inner);
  EXPECT_TRUE(prepare->statements.at(0).inner->writes);
  EXPECT_EQ(prepare->statements.at(0).inner->statements.at(0).statement_class,
            StatementClass::kDelete);
}

TEST_F(RealSql, OneRefusedStatementRefusesAll) {
  refused("reader", {"select 1; delete from traces; select 2", "begin; drop table traces; commit"});
  EXPECT_EQ(plan("reader", "select 1; select 2")->statements.size(), 2U);
}

TEST_F(RealSql, WordsAndPositionsArePostgres) {
  EXPECT_EQ(verdict("reader", "selec 1"), "42601 syntax error at or near \"selec\"");
  EXPECT_EQ(plan("reader", "select 'ä' fro x y")->denial->position, 16);
  EXPECT_EQ(verdict("reader", "select * from nosuch"), "42P01 relation \"nosuch\" does not exist");
  EXPECT_EQ(verdict("reader", "delete from traces"), "42501 permission denied for table traces");
  EXPECT_EQ(plan("reader", "/* ä */ delete from traces")->denial->position, 0);
  EXPECT_EQ(verdict("ingest", "select * from recent"), "42501 permission denied for view recent");
}

TEST_F(RealSql, TheRecordHasNoValuesOfTraces) {
  for (const std::string_view text :
       {"insert into traces values (1, 's3cret', 2)", "update traces set prompt = 's3cret'",
        "delete from traces where prompt = E's3cret'",
        "select 1; insert into traces values (1, $$s3cret$$, 2)",
        "prepare p as insert into traces values (1, 's3cret', 2)", "execute p('s3cret')",
        "insert into traces values (1, 'unterminated s3cret",
        "insert into traces values (1) -- s3cret", "alter role x password 's3cret'",
        "truncate traces; select 's3cret'", "begin; lock table traces; select 's3cret'; commit",
        "truncate traces; -- s3cret", "/* s3cret */; truncate traces", "do $$ s3cret $$",
        "explain analyze insert into traces values (1, 's3cret', 2)"})
    for (const std::string_view role : {"writer", "ingest"})
      EXPECT_EQ(plan(role, text)->recorded_text.find("s3cret"), std::string::npos) << text;
  EXPECT_EQ(plan("writer", "select * from traces where prompt = 'asked for'")->recorded_text,
            "select * from traces where prompt = 'asked for'");
}

TEST_F(RealSql, EffectsComeFromTheAnalysis) {
  EXPECT_FALSE(plan("writer", "select * from traces")->writes);
  EXPECT_FALSE(plan("writer", "begin")->writes);
  EXPECT_TRUE(plan("writer", "insert into traces values (1)")->writes);
  EXPECT_TRUE(plan("writer", "with x as (delete from traces returning *) select * from x")->writes);
  EXPECT_TRUE(plan("ingest", "copy traces from stdin")->may_copy_in);
  EXPECT_FALSE(plan("ingest", "insert into traces values (1)")->may_copy_in);
}

}  // namespace
}  // namespace tracegate::policy
