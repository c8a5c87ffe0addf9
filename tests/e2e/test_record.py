"""Every statement is in the session tables: permitted, denied, failed, skipped; with who, what, and how it
ended. And what must not be there is not."""
import uuid

import pytest

import wire
from support import machine
from wire import bind, execute, extended, parse, sync


@pytest.fixture
def application():
    """A name by which a test finds its own sessions."""
    return f"record-{uuid.uuid4().hex[:12]}"


def session(gw, role, application, body):
    with gw.raw(role, application_name=application) as client:
        body(client)
        client.send(wire.terminate())
        client.read_to_end()


def test_permitted_and_denied_statements_in_order(gw, application):
    def body(client):
        client.ask("select count(*) from traces")
        client.ask("delete from traces")
        client.ask("select 1; select 2")
        client.ask_extended("select trace_id from traces where model = $1 limit 7", ["atlas-large"])
        client.ask_extended("update traces set prompt = $1", ["x"])
        client.ask("selec")
    session(gw, "trace_reader", application, body)
    rows = gw.statements_of(application, "class, verdict, rule, reason, ending, rows, outcome_sqlstate, text")
    assert [(row["class"], row["verdict"], row["ending"], row["rows"] or 0) for row in rows[:6]] == [
        ("select", "allow", "completed", 1), ("delete", "deny", "denied", 0),
        ("select", "allow", "completed", 1), ("select", "allow", "completed", 1),
        ("select", "allow", "completed", 7), ("update", "deny", "denied", 0)]
    assert len(rows) == 7
    assert rows[0]["rule"].startswith("roles.toml:")
    assert rows[0]["text"] == "select count(*) from traces"
    assert rows[1]["reason"]
    assert rows[6]["outcome_sqlstate"] == "42601" or rows[6]["verdict"] == "deny"


def test_session_says_who_where_and_when(gw, application):
    session(gw, "trace_reader", application, lambda client: client.ask("select 1"))
    rows = gw.audit(f"select * from tracegate.sessions where application = '{application}'")
    assert len(rows) == 1
    row = rows[0]
    assert (row["subject"], row["role"], row["upstream"]) == ("local:alice", "trace_reader", "traces")
    assert row["client"].startswith("127.0.0.1:")
    assert row["started_at"] <= row["ended_at"]


def test_tls_and_channel_binding_are_recorded(gw, application):
    with gw.raw("trace_reader", application_name=application, plus=True) as client:
        client.ask("select 1")
    rows = gw.audit(f"select authentication, tls from tracegate.sessions where application = '{application}'")
    assert rows == [{"authentication": "scram-sha-256-plus", "tls": True}]


def test_failed_and_skipped_statements(gw, application):
    def body(client):
        client.send(extended("select 1"), extended("select 1 / 0"), extended("select 3"), sync())
        client.read_until("Z")
        client.ask("begin")
        client.ask("select 1 / 0")
        client.ask("select 4")
        client.ask("rollback")
    session(gw, "dba", application, body)
    rows = gw.statements_of(application, "text, ending, outcome_sqlstate")
    by_text = {row["text"]: (row["ending"], row["outcome_sqlstate"]) for row in rows}
    assert by_text["select 1"] == ("completed", None)
    assert by_text["select 1 / 0"] == ("failed", "22012")
    assert by_text["select 4"] == ("failed", "25P02")
    assert by_text.get("select 3", ("skipped",))[0] == "skipped"


def test_every_execution_of_a_prepared_statement(gw, application):
    def body(client):
        client.send(parse("select $1::int", "s"), *[bind([n], statement="s") + execute() for n in range(25)], sync())
        client.read_until("Z")
    session(gw, "trace_reader", application, body)
    rows = gw.statements_of(application, "text, ending, rows")
    assert [row for row in rows if row["ending"] == "completed" and row["rows"] == 1] == [
        {"text": "select $1::int", "ending": "completed", "rows": 1}] * 25


def test_rows_read_in_parts_are_counted(gw, application):
    def body(client):
        client.ask("begin")
        client.send(parse("select trace_id from traces"), bind(portal="p"), execute("p", 30), sync())
        client.read_until("Z")
        client.send(execute("p", 70), sync())
        client.read_until("Z")
        client.ask("commit")
    session(gw, "trace_reader", application, body)
    rows = gw.statements_of(application, "ending, rows, text")
    assert sum(row["rows"] for row in rows if row["text"] == "select trace_id from traces") == 100


def test_copy_is_counted(gw, application, notes):
    def body(client):
        client.send(wire.query("copy notes (body) from stdin"))
        client.read_until("G")
        client.send(*[wire.copy_data(b"a line\n") for _ in range(123)], wire.copy_done())
        client.read_until("Z")
        client.ask("copy notes to stdout")
    session(gw, "app", application, body)
    rows = gw.statements_of(application, "class, rows, ending")
    assert rows == [{"class": "copy_in", "rows": 123, "ending": "completed"},
                    {"class": "copy_out", "rows": 123, "ending": "completed"}]


def test_values_of_written_rows_are_not_in_the_record(gw, cluster, application, notes):
    secret = f"secret-{uuid.uuid4().hex}"

    def body(client):
        client.ask(f"insert into notes (body) values ('{secret}')")
        client.ask_extended("insert into notes (body) values ($1)", [secret])
        client.ask(f"update notes set body = '{secret}2' where body = '{secret}'")
        client.ask(f"insert into traces (prompt) values ('{secret}')")
        client.ask(f"with x as (insert into notes (body) values ('{secret}') returning id) select '{secret}', id from x")
        client.ask(f"prepare p as insert into notes (body) values ('{secret}')")
        client.ask(f"insert into notes (body) values ('{secret}'); select '{secret}'")
        client.ask(f"select '{secret}'; truncate notes")
        client.ask(f"begin; lock table notes; select '{secret}'; commit")
        client.ask(f"truncate notes; -- {secret}")
        client.ask(f"insert into notes (body) values ('{secret}')")
        client.ask(f"insert int notes (body) values ('{secret}')")
    session(gw, "app", application, body)
    rows = gw.statements_of(application)
    assert len(rows) >= 15
    assert cluster.value("select count(*) from notes", "traces") == "1"
    assert secret not in str(rows)
    assert secret.encode() not in b"".join(path.read_bytes() for path in (gw.directory / "journal").rglob("*") if path.is_file())
    assert secret not in gw.log_text()


@pytest.mark.parametrize("text", [
    "insert into traces (prompt) value ('{secret}')",
    "insert into traces (prompt) values (1 '{secret}')",
    "insert into traces (prompt) values ('{secret} is not terminated",
    "alter role admin password '{secret}' '{secret}'"])
@pytest.mark.parametrize("role", ["trace_ingest", "dba"])
def test_values_of_a_text_that_does_not_parse_are_not_in_the_record(gw, application, role, text):
    secret = f"secret-{uuid.uuid4().hex}"

    def body(client):
        for answer in (client.ask(text.format(secret=secret)), client.ask_extended(text.format(secret=secret))):
            assert answer[0].sqlstate == "42601"
            assert "at or near" in answer[0].fields["M"], "the client is told PostgreSQL's words"
    session(gw, role, application, body)
    rows = gw.statements_of(application)
    assert len(rows) == 2
    if role == "trace_ingest":
        assert {row["reason"] for row in rows} == {"the text does not parse"}
    assert secret not in str(rows)
    assert secret.encode() not in b"".join(path.read_bytes() for path in (gw.directory / "journal").glob("*.seg"))
    assert secret not in gw.log_text()


def test_text_of_a_read_is_recorded_as_it_was_asked(gw, application):
    text = "select trace_id, 'naïve 😀' as \"é\" /* why */ from traces where model = 'atlas-large' limit 1"
    session(gw, "trace_reader", application, lambda client: client.ask(text))
    assert [row["text"] for row in gw.statements_of(application, "text")] == [text]


def test_refused_logins_are_recorded(gw):
    with pytest.raises(wire.Refused):
        wire.connect(gw.host, gw.port, "alice", "wrong", "traces")
    nobody = f"nobody-{uuid.uuid4().hex[:8]}"
    with pytest.raises(wire.Refused):
        wire.connect(gw.host, gw.port, nobody, "x", "traces")
    gw.wait_until_shipped()
    machine.wait_until(lambda: gw.audit_rows(f"select * from tracegate.logins where claimed_user = '{nobody}'"),
                       "the refused login to be shipped")
    reasons = [row["reason"] for row in gw.audit_rows(
        f"select reason from tracegate.logins where claimed_user in ('alice', '{nobody}') order by at desc limit 2")]
    assert len(set(reasons)) == 2, "the record tells a wrong password from an unknown user, unlike the answer"


def test_denials_have_their_own_view(gw, application):
    session(gw, "trace_ingest", application, lambda client: client.ask("select * from traces"))
    gw.wait_until_shipped()
    rows = gw.audit_rows(f"""select * from tracegate.denials where session_id in
                             (select session_id from tracegate.sessions where application = '{application}')""")
    assert len(rows) == 1
    assert "select" in str(rows[0])


def test_client_that_vanishes_in_the_middle_is_recorded_as_aborted(gw, cluster, application):
    client = gw.raw("trace_reader", application_name=application)
    client.send(wire.query("select public.slow_identity(9, 60)"))
    machine.wait_until(lambda: cluster.value(
        "select count(*) from pg_stat_activity where query like '%slow_identity(9, 60)' and state = 'active'") == "1",
        "the statement to run")
    client.close()
    rows = machine.wait_until(lambda: [row for row in gw.audit_rows(
        f"""select ending from tracegate.statements join tracegate.sessions using (session_id)
            where application = '{application}'""") if row["ending"]], "the outcome to be shipped")
    assert rows == [{"ending": "aborted"}]
    cluster.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where application_name = '{application}'")


def test_record_survives_a_restart_of_the_gateway(private_gateway):
    gateway = private_gateway()
    gateway.start()
    session(gateway, "trace_reader", "before", lambda client: client.ask("select 'before the restart'"))
    gateway.stop()
    gateway.start()
    session(gateway, "trace_reader", "after", lambda client: client.ask("select 'after the restart'"))
    texts = [row["text"] for row in gateway.audit(
        "select text from tracegate.statements where text like '%restart%' order by at")]
    assert texts == ["select 'before the restart'", "select 'after the restart'"]


def test_audit_database_that_comes_back_gets_everything_exactly_once(private_gateway, private_cluster, cluster):
    """The audit database is down for a while; the gateway serves, the journal keeps."""
    gateway = private_gateway(change=lambda settings, roles: settings["audit"].update(port=private_cluster.port))
    private_cluster.create_database(gateway.audit_database)
    private_cluster.sql(f'alter database "{gateway.audit_database}" owner to tracegate_audit')
    gateway.cluster, store = private_cluster, gateway.cluster
    gateway.start()
    try:
        session(gateway, "trace_reader", "first", lambda client: client.ask("select 'n 0'"))
        gateway.wait_until_shipped()
        private_cluster.stop()
        session(gateway, "trace_reader", "second", lambda client: [client.ask(f"select 'n {n}'") for n in range(1, 500)])
        private_cluster.start()
        rows = gateway.audit("select text, count(*) as times from tracegate.statements where text like 'select ''n %' group by text")
    finally:
        gateway.stop()
        gateway.cluster = store
    assert len(rows) == 500
    assert {row["times"] for row in rows} == {1}


def test_read_that_nobody_waits_for_any_more_is_cancelled(gw, cluster, application):
    """A long read whose client has vanished does not go on in the store."""
    client = gw.raw("trace_reader", application_name=application)
    client.send(wire.query("select count(*) from generate_series(1, 2000000000) as abandoned"))
    running = ("select count(*) from pg_stat_activity where query like '%as abandoned' and state = 'active' "
               "and pid <> pg_backend_pid()")
    machine.wait_until(lambda: cluster.value(running) == "1", "the statement to run")
    client.close()
    machine.wait_until(lambda: cluster.value(running) == "0", "the statement to be cancelled")


@pytest.fixture
def writing_functions(cluster):
    """A function that writes although it says that it does not: the store evaluates it when it plans."""
    cluster.sql("""
        create function public.note(t text) returns int language plpgsql volatile as
          $$ begin insert into public.notes (body) values (t); return 1; end $$;
        create function public.noted(t text) returns int language plpgsql immutable as
          $$ begin perform public.note(t); return 1; end $$""", "traces")
    yield
    cluster.sql("drop function public.noted(text), public.note(text)", "traces")


def test_a_bind_that_nothing_follows_is_on_record(gw, cluster, writing_functions):
    with gw.raw("dba", application_name="bind alone") as client:
        client.send(wire.parse("select public.noted('planned')") + wire.bind() + wire.sync())
        assert wire.kinds(client.read_until("Z")) == "12Z"
    assert cluster.value("select count(*) from public.notes where body = 'planned'", "traces") == "1"
    recorded = gw.statements_of("bind alone", "via, class, writes, ending, text")
    assert [(row["via"], row["class"], row["ending"]) for row in recorded] == [("bind", "select", "suspended")]
    assert recorded[0]["writes"]


def test_what_fails_before_it_runs_is_on_record(gw):
    with gw.raw("dba", application_name="fails early") as client:
        client.send(wire.parse("select nothing_like_it") + wire.sync())
        assert wire.kinds(client.read_until("Z")) == "EZ"
        client.send(wire.parse("select 1/0") + wire.bind() + wire.execute() + wire.sync())
        assert wire.kinds(client.read_until("Z")) == "1EZ"
    recorded = gw.statements_of("fails early", "text, ending, outcome_sqlstate")
    assert [(row["ending"], row["outcome_sqlstate"]) for row in recorded] == [("failed", "42703"), ("failed", "22012")]


def test_code_that_replaces_a_name_does_not_hide_what_runs_under_it(gw, cluster):
    with gw.raw("dba", application_name="another statement") as client:
        client.ask("insert into public.notes (body) values ('victim')")
        client.send(wire.parse("select 1 as harmless", "s1") + wire.sync())
        client.read_until("Z")
        client.ask("do $$ begin execute 'deallocate s1'; "
                   "execute 'prepare s1 as delete from public.notes where body=''victim'''; end $$")
        client.send(wire.bind(statement="s1") + wire.execute() + wire.sync())
        client.read_until("Z")
    recorded = gw.statements_of("another statement", "class, text, command_tag")
    assert not any(row["text"] and "harmless" in row["text"] for row in recorded)
    assert recorded[-1]["class"] == "unknown" and recorded[-1]["command_tag"] == "DELETE 1"
