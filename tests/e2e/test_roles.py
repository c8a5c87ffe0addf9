"""What each role may do, and that the rest is refused as PostgreSQL refuses it. The store's own grants
are wide (see trace_grants.sql): whatever is refused here was refused by the gateway."""
import pytest

import wire

TRACE = "('00000000-0000-0000-0000-00000000{:04d}', 'legal', 'mail-triage', 'atlas-small', 'Summarise the case.', 'ok')"
INSERT = "insert into traces (trace_id, namespace, service, model, prompt, status) values "


@pytest.fixture
def written(cluster):
    """Traces with these ids are written by tests and removed again."""
    yield "trace_id::text like '00000000-0000-0000-0000-%'"
    cluster.sql("delete from traces where trace_id::text like '00000000-0000-0000-0000-%'", "traces")


def assert_denied(client, sql, message=None, status="I"):
    """Refused in the simple and in the extended protocol, and the connection goes on."""
    for answer in (client.ask(sql), client.ask_extended(sql)):
        assert wire.kinds(answer) == "EZ", (sql, list(map(str, answer)))
        fields = answer[0].fields
        assert (fields["S"], fields["V"], fields["C"]) == ("ERROR", "ERROR", "42501"), (sql, fields)
        assert fields.get("H"), (sql, fields)
        if message:
            assert message in fields["M"], (sql, fields)
        assert answer[-1].status == status
    assert client.is_alive()


# ingest

def test_ingest_inserts(gw, cluster, written):
    done = gw.psql("trace_ingest", INSERT + TRACE.format(1) + ", " + TRACE.format(2) + ";"
                   "insert into trace_events (trace_id, step, kind, content) values "
                   "('00000000-0000-0000-0000-000000000001', 1, 'reasoning', 'thinking');")
    assert (done.stdout, done.stderr) == ("", "")
    assert cluster.value(f"select count(*) from traces where {written}", "traces") == "2"
    assert cluster.value(f"select content from trace_events where {written}", "traces") == "thinking"


def test_ingest_inserts_with_parameters(gw, cluster, written):
    with gw.raw("trace_ingest") as client:
        client.send(wire.parse(INSERT + "($1, $2, $3, $4, $5, $6)", "insert"))
        for n in range(10):
            values = [f"00000000-0000-0000-0000-{n:012d}", "legal", "s", "m", f"prompt {n}", "ok"]
            client.send(wire.bind(values, statement="insert"), wire.execute())
        client.send(wire.sync())
        assert wire.kinds(client.read_until("Z")) == "1" + "2C" * 10 + "Z"
    assert cluster.value(f"select count(*) from traces where {written}", "traces") == "10"


def test_ingest_copies_in(gw, cluster, written):
    lines = "".join(f"00000000-0000-0000-0000-{n:012d}\tlegal\ts\tm\tprompt {n}\tok\n" for n in range(2000))
    done = gw.psql("trace_ingest", "copy traces (trace_id, namespace, service, model, prompt, status) from stdin;\n"
                   + lines + "\\.\n")
    assert done.stderr == ""
    assert cluster.value(f"select count(*) from traces where {written}", "traces") == "2000"


INGEST_DENIED = [
    "select * from traces",
    "select 1 from traces",
    "select count(*) from trace_events",
    "table traces",
    "delete from traces",
    "delete from traces where false",
    "update traces set status = 'ok'",
    "truncate traces",
    INSERT + TRACE.format(1) + " returning trace_id",
    INSERT + TRACE.format(1) + " returning *",
    INSERT + TRACE.format(1) + " on conflict do nothing",
    INSERT + TRACE.format(1) + " on conflict (trace_id) do update set prompt = traces.prompt",
    "insert into traces select * from traces",
    "insert into traces (trace_id, namespace, service, model, prompt, status) "
    "select gen_random_uuid(), 'legal', 's', (select prompt from traces limit 1), 'p', 'ok'",
    "with gone as (delete from traces returning *) insert into traces select * from gone",
    "with x as (" + INSERT + TRACE.format(1) + " returning prompt) select * from x",
    "merge into traces t using (values (1)) v on false when not matched then do nothing",
    "copy traces to stdout",
    "copy (select * from traces) to stdout",
    "copy (delete from traces returning *) to stdout",
    "copy traces to '/tmp/traces'",
    "copy traces to program 'cat'",
    "copy traces from '/etc/passwd'",
    "copy feedback from stdin",
    "insert into feedback (trace_id, score) values (null, 1)",
    "insert into namespaces values ('mine', 'me', 'x')",
    "explain select * from traces",
    "explain analyze " + INSERT + TRACE.format(1),
    "prepare p as select * from traces",
    "declare c cursor with hold for select * from traces",
    "create table mine (i int)",
    "create temp table mine as select * from traces",
    "select * into temp mine from traces",
    "create view v as select 1",
    "create function f() returns int language sql as 'select 1'",
    "drop table traces",
    "alter table traces add column x int",
    "grant select on traces to public",
    "do $$ begin perform 1; end $$",
    "call nothing()",
    "lock table traces",
    "vacuum traces",
    "analyze",
    "listen channel",
    "notify channel",
    "set role dba",
    "set session authorization dba",
    "set search_path = pg_catalog",
    "set standard_conforming_strings = off",
    "set client_encoding = 'SJIS'",
    "select set_config('search_path', 'pg_catalog', false)",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "select query_to_xml('select * from traces', true, true, '')",
    "select nextval('feedback_feedback_id_seq')",
    "select pg_advisory_lock(1)",
    "select pg_terminate_backend(1)",
    "select pg_sleep(0)",
    "select case when false then pg_typeof(1) else 'feedback' end",
    "select pg_typeof(1) union all values ('traces')",
    "set client_min_messages = log",
    "select * from pg_stat_activity",
    "select * from pg_stats",
    "select * from pg_authid",
]


@pytest.mark.parametrize("sql", INGEST_DENIED)
def test_ingest_is_refused(gw, sql):
    with gw.raw("trace_ingest") as client:
        assert_denied(client, sql)


def test_nothing_that_ingest_was_refused_has_changed_the_store(gw, cluster):
    before = cluster.value("select count(*), sum(hashtext(t::text)) from traces t", "traces")
    with gw.raw("trace_ingest") as client:
        for sql in INGEST_DENIED:
            client.ask(sql)
    assert cluster.value("select count(*), sum(hashtext(t::text)) from traces t", "traces") == before
    assert cluster.value("select count(*) from pg_class where relname in ('mine', 'v')", "traces") == "0"


def test_ingest_does_not_learn_a_key_from_an_error(gw, cluster, written):
    """The store's error passes, its DETAIL names only what the writer itself sent."""
    with gw.raw("trace_ingest") as client:
        client.ask(INSERT + TRACE.format(1))
        answer = client.ask(INSERT + TRACE.format(1))
        assert answer[0].sqlstate == "23505"
        assert client.is_alive()


def test_values_of_a_row_are_not_in_the_error_of_a_check_option(private_gateway, cluster, direct, notes):
    """Triggers and defaults may have put there what the writer never sent."""
    cluster.sql("create view public.short_notes as select id, body from notes where length(body) < 5 "
                "with check option; grant select, insert on public.short_notes to app, dba", "traces")
    gateway = private_gateway(change=lambda settings, roles: roles["role"]["app"]["allow"].append(
        {"operations": ["insert"], "tables": ["public.short_notes"]}))
    insert = "insert into short_notes (body) values ('too long to be short')"
    try:
        with gateway, gateway.raw("app") as client, gateway.raw("dba") as admin, direct.raw("app") as store:
            assert "too long to be short" in admin.ask(insert)[0].fields["D"]
            told, shown = store.ask(insert)[0].fields, client.ask(insert)[0].fields
            assert told["C"] == shown["C"] == "44000" and told["M"] == shown["M"]
            assert "too long to be short" in told["D"]
            assert "D" not in shown
    finally:
        cluster.sql("drop view public.short_notes", "traces")


# readers

@pytest.mark.parametrize("sql", [
    "select * from traces limit 1",
    "select t.* from traces t join trace_events e using (trace_id) where e.kind = 'output' limit 1",
    "select count(*) from traces where trace_id in (select trace_id from trace_events)",
    "with recent as (select * from traces order by started_at desc limit 3) select count(*) from recent",
    "select lower(model), length(prompt), coalesce(user_email, 'none'), labels -> 'tags' from traces limit 1",
    "select trace_id, score from feedback limit 1",
    "select avg(score) from feedback",
    "explain select * from traces",
    "begin",
    "set work_mem = '8MB'",
    "set application_name = 'x'",
    "show server_version",
    "select current_user",
    "select version()",
    "select now()",
    "values (1), (2)",
])
def test_reader_reads(gw, direct, sql):
    with gw.raw("trace_reader") as client:
        for answer in (client.ask(sql), client.ask_extended(sql)):
            assert not wire.errors(answer), list(map(str, wire.errors(answer)))


@pytest.mark.parametrize("sql,message", [
    ("insert into traces default values", "permission denied for table traces"),
    ("update traces set prompt = ''", "permission denied for table traces"),
    ("delete from trace_events", "permission denied for table trace_events"),
    ("truncate traces", "permission denied for table traces"),
    ("select * from traces for update", "permission denied for table traces"),
    ("select comment from feedback", "permission denied for table feedback"),
    ("select * from feedback", "permission denied for table feedback"),
    ("select f from feedback f", "permission denied for table feedback"),
    ("select count(f) from feedback f", "permission denied for table feedback"),
    ("select to_jsonb(f) from feedback f", "permission denied for table feedback"),
    ("select score from feedback where reviewer = 'x'", "permission denied for table feedback"),
    ("select score from feedback order by reviewer", "permission denied for table feedback"),
    ("select score from feedback group by score, reviewer", "permission denied for table feedback"),
    ("select t.trace_id from traces t join feedback f on f.comment = t.prompt", "permission denied for table feedback"),
    ("select (select max(comment) from feedback) from traces", "permission denied for table feedback"),
    ("select 1 union select score from feedback where comment is null", "permission denied for table feedback"),
    ("with f as (select * from feedback) select score from f", "permission denied for table feedback"),
    ("select * from traces natural join feedback", "permission denied for table feedback"),
    ("select f.\"reviewer\" from \"public\".\"feedback\" as f", "permission denied for table feedback"),
    ("copy feedback to stdout", "permission denied for table feedback"),
    ("copy (select comment from feedback) to stdout", "permission denied for table feedback"),
    ("select * from trace_costs", "permission denied for "),
    ("select * from notes", "permission denied for table notes"),
    ("create temp table copy_of as select * from traces", None),
    ("select * into copy_of from traces", None),
    ("explain analyze delete from traces", "permission denied for table traces"),
    ("prepare d as delete from traces", "permission denied for table traces"),
    ("declare c cursor for select comment from feedback", "permission denied for table feedback"),
    ("select dblink('x', 'y')", None),
    ("select public.unlisted()", None),
    ("set statement_timeout = 0; delete from traces", "permission denied for table traces"),
])
def test_reader_is_refused(gw, sql, message):
    with gw.raw("trace_reader") as client:
        answer = client.ask(sql)
        assert wire.errors(answer)[-1].sqlstate == "42501", list(map(str, answer))
        if message:
            assert message in wire.errors(answer)[-1].fields["M"]
        assert client.is_alive()


def test_unknown_table_and_column_are_the_same_errors_as_ever(gw, direct):
    """What does not exist is PostgreSQL's own 42P01 and 42703, not a denial."""
    for sql, sqlstate in (("select * from nowhere", "42P01"), ("select nothing from traces", "42703")):
        with gw.raw("trace_reader") as client, direct.raw("trace_reader") as store:
            got, expected = client.ask(sql)[0].fields, store.ask(sql)[0].fields
            assert got["C"] == expected["C"] == sqlstate
            assert got["M"] == expected["M"]
            assert client.is_alive()


def test_reader_copies_out(endpoint):
    done = endpoint.psql("trace_reader", "\\copy (select trace_id, prompt from traces order by 1) to pstdout")
    assert done.returncode == 0 and done.stdout.count("\n") == 10_000


def test_analyst_is_limited_to_columns(gw):
    permitted = ("select trace_id, namespace, model from traces limit 1", "select count(*) from traces",
                 "select model, count(*) from traces where status = 'ok' group by model",
                 "copy (select trace_id, model from traces limit 5) to stdout",
                 "copy traces (trace_id, model) to stdout",
                 "select feedback_id, score from feedback limit 1")
    refused = ("select prompt from traces", "select * from traces", "table traces", "select t from traces t",
               "select count(*) from traces where prompt like '%x%'", "select model from traces order by user_email",
               "select count(distinct prompt) from traces", "copy traces to stdout", "copy traces (prompt) to stdout",
               "select count(*) filter (where prompt is null) from traces",
               "select row_number() over (order by prompt) from traces",
               "select x.y from (select prompt as y from traces) x", "select traces from traces",
               "select t.* from (select trace_id from traces) s join traces t using (trace_id)",
               "insert into feedback (trace_id, score, reviewer) values (null, 1, 'me')",
               "insert into feedback values (1)", "update feedback set reviewer = 'me'",
               "update feedback set score = 1 where comment = 'x'", "delete from feedback",
               "insert into feedback (trace_id, score) values (null, 1) returning comment")
    with gw.raw("trace_analyst") as client:
        for sql in permitted:
            assert not wire.errors(client.ask(sql)), sql
        for sql in refused:
            answer = client.ask(sql)
            assert wire.kinds(answer) == "EZ" and answer[0].sqlstate == "42501", (sql, list(map(str, answer)))
        client.ask("begin")
        trace = wire.rows(client.ask("select trace_id from traces limit 1"))[0][0]
        for sql in (f"insert into feedback (trace_id, score, comment) values ('{trace}', 3, 'fine') returning score",
                    f"update feedback set score = 4 where trace_id = '{trace}'"):
            assert not wire.errors(client.ask(sql)), sql
        client.ask("rollback")


# who may log in where

def test_role_is_not_permitted_on_another_upstream(gw):
    with pytest.raises(wire.Refused) as refused:
        gw.raw("trace_reader", "scratch")
    assert refused.value.error.fields["S"] == "FATAL"


def test_database_that_is_no_upstream_does_not_exist(gw):
    """Also when the store has a database of that name."""
    for database in ("nowhere", "audit", "postgres"):
        with pytest.raises(wire.Refused) as refused:
            gw.raw("dba", database)
        assert refused.value.error.sqlstate in ("3D000", "28000", "42501"), refused.value.error.fields


def test_unrestricted_role_may_do_everything(gw):
    done = gw.psql("dba", """create table everything (i int); insert into everything values (1) returning i;
        create function f() returns int language sql as 'select 2'; select f(); do $$ begin null; end $$;
        set role trace_reader; select current_user; reset role; vacuum everything; drop function f; drop table everything;
        select pg_sleep(0); listen x; notify x; unlisten *; copy (select 3) to stdout;""", database="scratch")
    assert [line for line in done.stdout.splitlines() if len(line) in (1, 12)] == ["1", "2", "trace_reader", "3"]
    assert 'Asynchronous notification "x"' in done.stdout
    assert "ERROR" not in done.stderr
