"""Masks from their policy to what sessions see: the shipped classes over the trace store, drivers' ways of fetching rows, what a
reload and a change of the store do, the record. Types and methods: test_masked_types.py."""
import asyncio
import pathlib
import re
import signal
import subprocess

import pytest

import stack
import test_pgjdbc
import wire
from support import machine, scram

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY = "0123456789abcdef0123456789abcdef"
PSEUDONYM = re.compile(r"[0-9a-f]{32}")
REFERENCE = "[reference]"

ANALYST = {
    "upstreams": ["traces"], "store_user": "trace_reader", "store_password_file": "password",
    "allow": [{"operations": ["select", "copy_out"], "tables": ["public.traces", "public.trace_events", "public.feedback"]}],
}
# Beside the shipped classes: a detector for what every prompt of the sample has.
MORE = '''
[detector.reference]
pattern = 'Reference [0-9a-f]{32}'
'''


def shipped():
    return (ROOT / "policies" / "example" / "masking.toml").read_text() + MORE


def make(run_directory, cluster, authority, name, change=None, **more):
    def only_masked(settings, roles):
        roles["role"] = {"analyst": dict(ANALYST), "dba": roles["role"]["dba"]}
        roles["user"] = {"ann": {"role": "analyst", "verifier": scram.verifier(stack.PASSWORD)},
                         "admin": roles["user"]["admin"]}
        if change:
            change(settings, roles)
    stack.make_audit(cluster, f"audit_{name}")
    made = stack.TestGateway(run_directory / name, cluster, authority, f"audit_{name}", change=only_masked, **more)
    machine.write(made.policies / "mask.key", KEY)
    machine.write(made.policies / "masking.toml", shipped())
    made.logins = made.logins | {"analyst": "ann"}
    return made


@pytest.fixture(scope="module")
def gateway(run_directory, cluster, authority):
    cluster.sql("grant select on public.feedback to trace_reader", "traces")
    with make(run_directory, cluster, authority, "masks") as running:
        yield running
    cluster.drop_database("audit_masks")


@pytest.fixture(scope="module")
def store(run_directory, authority):
    """A store of our own, to alter; with a gateway that reads the catalog once."""
    from support import postgres
    folder = run_directory / "masks-store"
    folder.mkdir()
    with postgres.Cluster(folder, authority) as running:
        stack.make_roles(running)
        stack.make_store(running, "traces", 200)
        running.sql("grant select, insert, update on all tables in schema public to trace_reader", "traces")
        yield running


def rows(client, sql):
    answer = client.ask(sql)
    assert not wire.errors(answer), wire.errors(answer)[0]
    return wire.rows(answer)


def refusal(client, sql):
    return wire.errors(client.ask(sql))[0]


def test_each_class_has_its_mask(gateway):
    with gateway.raw("analyst") as client:
        email, prompt, labels = rows(client, "select user_email, prompt, labels from traces order by started_at limit 1")[0]
        assert PSEUDONYM.fullmatch(email) and prompt.endswith(REFERENCE + ".")
        assert '"tags"' in labels
        content, arguments = rows(client, "select content, arguments from trace_events where kind = 'tool_call' limit 1")[0]
        assert content.startswith("calling") and '"limit"' in arguments


def test_pseudonyms_tell_people_apart_and_nothing_else_changes(gateway, cluster):
    """Equal values have equal pseudonyms, different ones different ones, also across tables and in what the store computes."""
    raw = cluster.sql("select trace_id || '|' || user_email from traces order by trace_id", "traces").splitlines()
    with gateway.raw("analyst") as client:
        masked = rows(client, "select trace_id, user_email from traces order by trace_id")
        people = {}
        for one, (trace, pseudonym) in zip(raw, masked):
            assert one.split("|")[0] == trace
            assert people.setdefault(one.split("|")[1], pseudonym) == pseudonym
        assert len(set(people.values())) == len(people) > 100
        for sql in ("select count(distinct user_email), count(user_email), count(*) from traces",
                    "select count(*) from (select user_email from traces group by user_email having count(*) > 3) x",
                    "select count(*) from traces a join traces b using (user_email)",
                    "select n, count(*) from (select count(*) as n from traces group by user_email) x group by n order by n",
                    "select count(*) from feedback f join traces t on t.user_email = f.reviewer",
                    "select count(*) from traces where user_email in (select user_email from traces where namespace = 'legal')"):
            assert [list(map(str, row)) for row in rows(client, sql)] == \
                [line.split("|") for line in cluster.sql(sql, "traces").splitlines()], sql
        first, reviewer = raw[0].split("|")[1], cluster.value("select min(reviewer) from feedback", "traces")
        found = rows(client, f"select count(*) from traces where user_email = '{people[first]}'")
        assert found == [[cluster.value(f"select count(*) from traces where user_email = '{first}'", "traces")]]
        assert reviewer not in str(rows(client, "select distinct reviewer from feedback"))


# Answers of any form; each tells equal people from different ones, and none their order.
ABOUT_PEOPLE = [
    "select * from (select trace_id, user_email, namespace, status, started_at from traces) x",
    "select user_email as who, trace_id from traces where status <> 'ok'",
    "select distinct user_email from traces",
    "select distinct on (user_email) user_email, started_at from traces order by user_email, started_at, trace_id",
    "select user_email, count(*), min(started_at) from traces group by user_email",
    "select namespace, user_email, count(*) from traces group by grouping sets ((namespace, user_email), (namespace))",
    "select user_email from traces group by 1 having count(distinct status) > 1",
    "select user_email from traces where namespace = 'legal' union select reviewer from feedback",
    "select user_email from traces where status = 'ok' intersect select user_email from traces where status <> 'ok'",
    "select user_email from traces where status = 'ok' except all select user_email from traces where status <> 'ok'",
    "select a.trace_id, b.trace_id, b.user_email from traces a join traces b on a.user_email = b.user_email and a.trace_id < b.trace_id",
    "select trace_id, user_email, f.reviewer, f.reviewer = user_email from traces t join feedback f using (trace_id)",
    "select t.user_email, l.trace_id from traces t left join traces l on l.user_email = t.user_email and l.namespace = 'legal'",
    "select t.trace_id, (select count(*) from traces o where o.user_email = t.user_email) "
    "from (select * from traces order by trace_id limit 5) t",
    "select trace_id, user_email from traces t where not exists (select from traces o where o.user_email = t.user_email "
    "and o.trace_id <> t.trace_id)",
    "select trace_id, user_email, count(*) over (partition by user_email), "
    "row_number() over (partition by user_email order by started_at, trace_id) from traces",
    "select trace_id, coalesce(nullif(user_email, lag(user_email) over (order by trace_id)), 'same') from traces",
    "with p as (select user_email, namespace from traces) select p.*, q.namespace from p join p q using (user_email)",
    "select u.user_email from (select user_email from traces offset 0) u where u.user_email in (select user_email from traces where status <> 'ok')",
    "select trace_id, case when status = 'ok' then user_email end from traces",
    "select count(*) filter (where user_email is null), count(distinct user_email) from traces",
    "values ((select user_email from traces order by trace_id limit 1), 1), ('none', 2)",
]


def test_with_pseudonyms_put_back_answers_are_the_stores(gateway, direct):
    """Every value stands for one person and every person for one value, wherever it is computed; nothing else differs."""
    direct.logins = direct.logins | {"analyst": "trace_reader"}
    with gateway.raw("analyst") as client, direct.raw("analyst") as other:
        raw = {row[0]: row[1] for row in rows(other, "select trace_id, user_email from traces")}
        reviewers = {row[0]: row[1] for row in rows(other, "select feedback_id, reviewer from feedback")}
        masked = {row[0]: row[1] for row in rows(client, "select trace_id, user_email from traces")}
        masked_reviewers = {row[0]: row[1] for row in rows(client, "select feedback_id, reviewer from feedback")}
        pairs = {(masked[key], raw[key]) for key in raw} | {(masked_reviewers[key], reviewers[key]) for key in reviewers}
        person = dict(pairs)
        assert len(person) == len(pairs) == len({name for _, name in pairs}) > 100
        for sql in ABOUT_PEOPLE:
            seen = [tuple(person.get(value, value) for value in row) for row in rows(client, sql)]
            assert sorted(map(repr, seen)) == sorted(map(repr, map(tuple, rows(other, sql)))), sql
            assert seen, sql


def test_pgjdbc_from_the_fifth_execution(gateway, tmp_path_factory):
    test_pgjdbc.run(test_pgjdbc.compiled(tmp_path_factory.mktemp("java")), gateway, "masked", "analyst")


def test_asyncpg_resumes_portals(gateway):
    async def body():
        connection = await gateway.connect_asyncpg("analyst")
        try:
            async with connection.transaction():
                cursor = await connection.cursor("select user_email, prompt from traces where status = 'ok' order by trace_id")
                seen = await cursor.fetch(10)
                assert await connection.fetchval("select 1") == 1
                seen += await cursor.fetch(10)
                await cursor.forward(5)
                seen += await cursor.fetch(10)
            statement = await connection.prepare("select user_email, prompt from traces where status = 'ok' limit $1")
            for count in (3, 5):
                seen += await statement.fetch(count)
            return seen
        finally:
            await connection.close(timeout=20)
    seen = asyncio.run(asyncio.wait_for(body(), 60))
    assert len(seen) == 38
    assert all(PSEUDONYM.fullmatch(email) and REFERENCE in prompt for email, prompt in seen)


@pytest.mark.parametrize("binary", [False, True])
def test_psycopg(gateway, binary):
    sql = "select user_email, prompt from traces where status = 'ok' order by trace_id limit 30"
    with gateway.connect_psycopg("analyst") as connection:
        seen = list(connection.cursor(binary=binary).execute(sql).fetchall())
        seen += list(connection.cursor(binary=binary).stream(sql))
        with connection.cursor("named", binary=binary) as cursor:
            cursor.itersize = 7
            seen += list(cursor.execute(sql))
        with connection.pipeline():
            cursors = [connection.cursor(binary=binary).execute(sql) for _ in range(3)]
        for each in cursors:
            seen += each.fetchall()
    assert len(seen) == 180
    assert all(PSEUDONYM.fullmatch(email) and REFERENCE in prompt for email, prompt in seen)


@pytest.mark.parametrize("kind", ["", "binary", "scroll", "with hold"])
def test_cursors_of_sql(gateway, kind):
    before, behind = ("", kind) if kind == "with hold" else (kind, "")
    with gateway.raw("analyst") as client:
        client.ask("begin")
        client.ask(f"declare c {before} cursor {behind} for select user_email, prompt from traces where status = 'ok'")
        seen = rows(client, "fetch 3 from c") + wire.rows(client.ask_extended("fetch 2 from c"))
        seen += wire.rows(client.ask_extended("fetch 2 from c", result_formats=(1,)))
        client.ask("commit")
        if kind == "with hold":
            seen += rows(client, "fetch 3 from c")
    assert len(seen) >= 7
    assert all(PSEUDONYM.fullmatch(email) and REFERENCE in prompt for email, prompt in seen)


def test_prepared_by_sql(gateway):
    with gateway.raw("analyst") as client:
        client.ask("prepare p (int) as select user_email from traces where input_tokens > $1 limit 3")
        for _ in range(7):
            assert all(PSEUDONYM.fullmatch(email) for email, in rows(client, "execute p(5)"))
        assert all(PSEUDONYM.fullmatch(email) for email, in wire.rows(client.ask_extended("execute p(7)", result_formats=(1,))))


@pytest.mark.parametrize("options", ["", "(format csv, header)", "(format binary)"])
def test_exports(gateway, cluster, tmp_path, options):
    target = tmp_path / "export"
    done = gateway.psql("analyst", f"\\copy traces to '{target}' {options}\n\\copy (select user_email, prompt from traces) to '{target}2' {options}")
    assert not done.stderr
    known = cluster.value("select user_email from traces limit 1", "traces")
    for path in (target, pathlib.Path(f"{target}2")):
        data = path.read_bytes()
        assert data.count(REFERENCE.encode()) == stack.TRACES and known.encode() not in data


def test_a_detected_column_is_returned_and_nothing_else(gateway):
    with gateway.raw("analyst") as client:
        for sql in ("select count(*) from traces where prompt like '%invoice%'", "select upper(prompt) from traces",
                    "select t from traces t", "select prompt from traces order by 1", "select distinct prompt from traces"):
            error = refusal(client, sql)
            assert error.sqlstate == "0A000" and 'column "prompt" of public.traces' in error.fields["M"] and "H" in error.fields, sql
        assert rows(client, "select count(*) from traces") == [[str(stack.TRACES)]]


def test_the_key_is_not_to_be_had(gateway, cluster):
    with gateway.raw("analyst") as client:
        for sql in ("show tracegate.mask_inner", "select current_setting('tracegate.mask_inner')", "show all",
                    "select current_setting('tracegate.' || 'mask_outer')", "select setting from pg_settings where name like 'tracegate%'",
                    "set tracegate.mask_inner = 'x'", "select set_config('tracegate.mask_inner', '', false)", "reset tracegate.mask_inner"):
            answer = client.ask(sql)
            assert wire.errors(answer) or not wire.rows(answer), sql
        before = rows(client, "select max(user_email) from traces")
        for sql in ("reset all", "discard all"):
            client.ask(sql)
            assert rows(client, "select max(user_email) from traces") == before
    assert KEY not in gateway.log_text() and KEY.encode().hex() not in gateway.log_text()


def test_explain_says_what_is_masked(gateway):
    done = subprocess.run([gateway._program, "explain", "--policies", gateway.policies, "--role", "analyst",
                           "select user_email, model, prompt from traces"], capture_output=True, text=True, timeout=60)
    assert "masked as they are returned: columns 1, 3" in done.stdout, done.stdout + done.stderr


def test_a_writer_learns_nothing_of_the_values_that_are_there(run_directory, store, authority):
    store.sql("""create table public.kept (id int primary key, label text, note jsonb, tags text[], mail text unique default 'canary@example.com');
                 insert into public.kept values (1, 'a', '{"canary": "x", "list": [1, 2, 3]}', '{1,2,3}', 'canary@example.net');
                 grant select, insert, update on public.kept to trace_reader""", "traces")

    def with_kept(settings, roles):
        roles["role"]["analyst"]["allow"] = [{"operations": ["select", "insert", "update"], "tables": ["public.kept"]}]
        roles["role"]["analyst"]["mask_columns"] = {"'public.kept'": {
            "note": {"method": "redact"}, "tags": {"method": "redact"}, "mail": {"method": "email"}}}
    with make(run_directory, store, authority, "masks_kept", change=with_kept) as gateway, gateway.raw("analyst") as client:
        conflict = "insert into kept (id) values (1) on conflict (id) do update set"
        for sql in ("update kept set note['canary']['deeper'] = '1' where id = 1", "update kept set note['list'][-4] = '1'",
                    "update kept set tags[5][5] = 'x'", f"{conflict} tags[2][2] = 'x'",
                    "merge into kept k using (select 1 as one) s on k.id = s.one when matched then update set note['canary']['x'] = '1'",
                    "insert into kept values (2, 'b', null, null, 'canary@example.net') on conflict on constraint kept_mail_key "
                    "do update set label = 'hit' returning id",
                    f"{conflict} label = excluded.mail returning label", f"{conflict} label = length(excluded.mail)",
                    f"{conflict} label = 'x' where excluded.mail like 'canary%'", f"{conflict} label = excluded::text returning label",
                    "with w as (update kept set label = 'x' returning id, mail) select mail from generate_series(1, 3) n left join w on id = n"):
            error = refusal(client, sql)
            assert error.sqlstate == "0A000" and "is masked" in error.fields["M"], (sql, error)
        assert rows(client, f"{conflict} mail = excluded.mail, label = excluded.label returning mail") == [["c***@example.com"]]
        assert rows(client, "update kept set note = '{}', tags = '{}' returning id, note, tags, mail") == [["1", None, None, "c***@example.com"]]
    store.sql("drop table public.kept", "traces")
    store.drop_database("audit_masks_kept")


def test_cells_are_counted(gateway):
    with gateway.raw("analyst", application_name="counted") as client:
        rows(client, "select user_email, prompt, model from traces where status = 'ok' limit 10")
        rows(client, "select count(*) from traces where user_email like '%@%'")
    (first, second) = gateway.statements_of("counted", "masked_cells, detected_cells")
    assert (first["masked_cells"], first["detected_cells"]) == (20, 10)
    assert (second["masked_cells"], second["detected_cells"]) == (0, 0)


def test_a_reload_changes_masks_of_live_sessions(run_directory, cluster, authority):
    with make(run_directory, cluster, authority, "masks_reload") as gateway, gateway.raw("analyst") as client:
        sql = "select user_email from traces where status = 'ok' limit 1"
        client.send(wire.parse(sql, "s"), wire.sync())
        client.read_until()
        client.ask(f"prepare p as {sql}")
        assert PSEUDONYM.fullmatch(rows(client, "execute p")[0][0])
        roles = dict(gateway.roles)
        roles["role"]["analyst"] = ANALYST | {"mask": {"user_identifier": {"method": "email"}}}
        gateway.write_policies(roles=roles)
        gateway.signal(signal.SIGHUP)
        machine.wait_until(lambda: not PSEUDONYM.fullmatch(rows(client, sql)[0][0]), "the new masks")
        assert "***@" in rows(client, sql)[0][0]
        # The store was given the same text; what it answers is masked as the policy in force says.
        client.send(wire.bind(statement="s"), wire.execute(), wire.sync())
        for email, in rows(client, "execute p") + wire.rows(client.read_until()):
            assert "***@" in email
    cluster.drop_database("audit_masks_reload")


def test_a_column_that_nobody_has_classified_is_withheld(run_directory, store, authority):
    with make(run_directory, store, authority, "masks_new") as gateway, gateway.raw("analyst") as client:
        width = len(rows(client, "select * from traces limit 1")[0])
        store.sql("alter table traces add column secret text default 'hidden'", "traces")
        machine.wait_until(lambda: "secret" in gateway.log_text(), "the catalog to be read again")
        assert len(rows(client, "select * from traces limit 1")[0]) == width
        for sql in ("select secret from traces", "select t.secret from traces t"):
            assert wire.errors(client.ask(sql)), sql
        store.sql("alter table traces drop column secret", "traces")
    store.drop_database("audit_masks_new")


def test_a_result_that_is_not_the_one_that_was_judged_is_not_delivered(run_directory, store, authority):
    """Between two readings of the catalog the store changes a type: the mask does not fit any more."""
    def read_once(settings, roles):
        settings["upstream"]["traces"]["catalog_refresh"] = "24h"
    with make(run_directory, store, authority, "masks_type", change=read_once) as gateway, gateway.raw("analyst") as client:
        sql = "select user_email from traces where status = 'ok' limit 1"
        assert PSEUDONYM.fullmatch(rows(client, sql)[0][0])
        store.sql("alter table traces alter column user_email type json using to_json(user_email)", "traces")
        try:
            client.send(wire.query(sql))
            seen = client.read_to_end()
            assert not wire.rows(seen)
            error = wire.errors(seen)[-1]
            assert error.fields["S"] == "FATAL" and "H" in error.fields, error.fields
        finally:
            store.sql("alter table traces alter column user_email type text using user_email #>> '{}'", "traces")
        assert "@" not in gateway.log_text().split("listening", 1)[-1]
    store.drop_database("audit_masks_type")


def test_notices_and_errors_lose_values(run_directory, store, authority):
    store.sql("""create function public.tell() returns trigger language plpgsql as $$
                 begin
                   raise notice 'was %, write to %', quote_literal(old.user_email), old.user_email;
                   raise notice 'value: "%"', old.user_email;
                   if new.score = 5 then raise exception 'no: %', old.user_email; end if;
                   if new.score = 6 then perform old.user_email::regclass; end if;
                   if new.score = 7 then execute 'select ' || quote_literal('& ' || old.user_email) || '::tsquery'; end if;
                   if new.score = 8 then perform date_trunc(old.user_email, now()); end if;
                   if new.score = 10 then execute format('drop table if exists %I', old.user_email); end if;
                   if new.score = 11 then execute format('do $x$ begin raise notice ''working''; end $x$ -- %s', old.user_email); end if;
                   if new.score = 12 then assert false, old.user_email; end if;
                   return new;
                 end $$;
                 create table public.told (id int primary key, score int, user_email text,
                   check (score <> 9 or get_bit('abc'::bytea, length(user_email) * 1000) = 0),
                   check (score <> 13 or user_email::regclass is null));
                 insert into public.told values (1, 1, 'canary@example.com'), (2, 2, 'canary');
                 create trigger tell before update on public.told for each row execute function public.tell();
                 create rule spy as on delete to public.told do also select user_email || '!' from public.told;
                 grant select, update, delete on public.told to trace_reader""", "traces")

    def with_told(settings, roles):
        roles["role"]["analyst"]["allow"] = ANALYST["allow"] + [{"operations": ["select", "update", "delete"], "tables": ["public.told"]}]
        roles["role"]["analyst"]["mask_columns"] = {"'public.told'": {"user_email": {"method": "hash"}}}
    with make(run_directory, store, authority, "masks_notices", change=with_told) as gateway, gateway.raw("analyst") as client:
        answers = client.ask("update told set score = 2 where id = 1") + client.ask("update told set score = 5 where id = 1")
        assert sum(each.kind == "N" for each in answers) == 4 and wire.errors(answers)
        # What PostgreSQL itself says of values that code of the store works with; RAISE is that code's own.
        own = [client.ask(f"update told set score = {score} where id = 2") for score in (6, 7, 8, 9, 12, 13)]
        assert [wire.errors(each)[0].sqlstate for each in own] == ["42P01", "42601", "22023", "2202E", "P0004", "42P01"]
        assert wire.errors(own[3])[0].fields["M"] == "data exception"
        answers += [each for answer in own for each in answer if each.kind == "E"]
        given = [each for score in (10, 11) for each in client.ask(f"update told set score = {score} where id = 2") if each.kind == "N"]
        assert len(given) == 6 and not any("canary" in each.fields.get("W", "") for each in given)
        answers += [each for each in given if each.fields["M"] in ("working", "a notice of code of the store")]
        assert refusal(client, "delete from told where id = 2").sqlstate == "42501"
        assert not any(b"canary" in each.body for each in answers), answers
    store.sql("drop table public.told; drop function public.tell()", "traces")
    store.drop_database("audit_masks_notices")
