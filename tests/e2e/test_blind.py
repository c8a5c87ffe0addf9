"""A role that writes blindly: a duplicate is answered as a new row is, byte for byte."""
import subprocess

import psycopg
import pytest

import wire
from support import scram

import stack

WRITERS = {
    "blind": {"operations": ["insert"], "tables": ["public.notes"], "blind": True},
    "seeing": {"operations": ["insert"], "tables": ["public.notes"]},
}


@pytest.fixture(scope="module")
def gateway(run_directory, cluster, authority):
    def change(_, roles):
        for name, rule in WRITERS.items():
            roles["role"][name] = {"upstreams": ["traces"], "store_user": "dba", "functions": ["generate_series"],
                                   "store_password_file": "password", "allow": [rule]}
            roles["user"][name] = {"role": name, "verifier": scram.verifier(stack.PASSWORD)}
    database = "audit_blind"
    stack.make_audit(cluster, database)
    made = stack.TestGateway(run_directory / "blind", cluster, authority, database, change=change)
    made.logins = made.logins | {name: name for name in WRITERS}
    made.start()
    yield made
    made.stop()
    cluster.drop_database(database)


def bodies(cluster):
    return cluster.value("select coalesce(string_agg(id || ' ' || body, ', ' order by id), '') from notes",
                         "traces")


def seen(messages):
    return [str(message) for message in messages]


TWICE = ["insert into notes (id, body) values (1, 'a')",
         "insert into notes (id, body) values (1, 'a'), (2, 'b')",
         "insert into notes (id, body) values (1, lower('A')), (2, 'b'), (1, 'c')",
         "insert into notes (id, body) values (1, 'a') on conflict do nothing",
         "insert into notes (id, body) values (1, upper('a')) on conflict (id) do nothing",
         "with x as (insert into notes (id, body) select 1, 'a') insert into notes (id, body) values (2, 'b')",
         "begin; insert into notes (id, body) values (1, 'a'); commit",
         "insert into notes (id, body) values (1, 'a'); insert into notes (id, body) values (1, 'b'), (3, 'c')"]


@pytest.mark.parametrize("sql", TWICE)
def test_a_duplicate_is_answered_as_a_new_row(gateway, cluster, notes, sql):
    with gateway.raw("blind") as client:
        first = seen(client.ask(sql))
        assert "INSERT 0" in " ".join(first) and "ErrorResponse" not in " ".join(first)
        written = bodies(cluster)
        assert seen(client.ask(sql)) == first
        assert bodies(cluster) == written != ""
        if ";" not in sql:
            fresh = seen(client.ask_extended(sql))
            cluster.sql("truncate notes", "traces")
            assert seen(client.ask_extended(sql)) == fresh


def test_without_blind_a_duplicate_is_told(gateway, cluster, notes):
    with gateway.raw("seeing") as client:
        client.ask(TWICE[0])
        assert wire.errors(client.ask(TWICE[0]))[0].sqlstate == "23505"


def test_a_prepared_statement_in_a_pipeline(gateway, cluster, notes):
    def ask(client, ids):
        client.send(*(wire.bind([str(each), "x"], statement="s") + wire.execute() for each in ids), wire.sync())
        return [message.tag for message in client.read_until() if message.kind == "C"]
    with gateway.raw("blind") as client:
        client.send(wire.parse("insert into notes (id, body) values ($1, $2)", "s"), wire.sync())
        client.read_until()
        assert ask(client, [1, 2, 1]) == ["INSERT 0 1"] * 3
        assert ask(client, [3, 2, 1]) == ["INSERT 0 1"] * 3
        assert wire.errors(client.ask("execute s (9, 'x')"))[0].sqlstate == "0A000"
    assert bodies(cluster) == "1 x, 2 x, 3 x"


def test_psycopg_and_psql(gateway, cluster, notes):
    rows = [(n % 3 + 1, f"note {n}") for n in range(20)]
    with gateway.connect_psycopg("blind", autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany("insert into notes (id, body) values (%s, %s)", rows)
        assert cursor.rowcount == 20
        cursor.execute("insert into notes (id, body) values (%s, %s), (%s, now()::text)", (1, "x", 2))
        assert cursor.rowcount == 2 and cursor.statusmessage == "INSERT 0 2"
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            cursor.execute("insert into notes (body) values ('x') returning 1")
    done = gateway.run("blind", ["psql", "-X", "-c", "insert into notes (id, body) values (1, 'x'), (4, 'y')"])
    assert (done.stdout, done.stderr) == ("INSERT 0 2\n", "")
    assert bodies(cluster) == "1 note 0, 2 note 1, 3 note 2, 4 y"


def test_a_row_is_one_row(gateway, cluster, notes):
    with gateway.raw("blind") as client:
        answer = wire.errors(client.ask("insert into notes (id, body) values (generate_series(1, 9), 'x')"))[0]
        assert answer.sqlstate == "0A000" and "set-returning" in answer.fields["M"]
    assert bodies(cluster) == ""


def test_other_failures_stay(gateway, cluster, notes):
    with gateway.raw("blind") as client:
        assert wire.errors(client.ask("insert into notes (id, body) values (1, null)"))[0].sqlstate == "23502"
        client.ask(TWICE[0])  # what is checked before duplicates are looked for tells nothing of them
        assert wire.errors(client.ask("insert into notes (id, body) values (1, null)"))[0].sqlstate == "23502"


def test_the_record_has_what_the_store_did(gateway, notes):
    with gateway.raw("blind", application_name="blind-record") as client:
        client.ask(TWICE[0])
        client.ask(TWICE[0])
    recorded = gateway.statements_of("blind-record", "command_tag")
    assert [each["command_tag"] for each in recorded] == ["INSERT 0 1", "INSERT 0 0"]


def test_tables_with_foreign_keys_cannot_be_written_blindly(gateway):
    gateway.roles["role"]["blind"]["allow"][0]["tables"].append("public.feedback")
    gateway.write_policies(roles=gateway.roles)
    done = subprocess.run([gateway._program, "check", "--policies", gateway.policies], capture_output=True, text=True)
    assert done.returncode == 1
    assert "public.feedback cannot be written blindly: it has foreign keys" in done.stderr
