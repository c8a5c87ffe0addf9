"""What an unrestricted role sends, the store answers: every server message is the same, byte by byte,
whether the gateway stands between or not.

Two things differ by nature and are set aside: BackendKeyData (the gateway's own keys), and the process
id in NotificationResponse (two backends)."""
import pytest

import wire
from support import machine
from transcripts import CONVERSATIONS, SETUP


def play(connection, conversation):
    answers = []
    for each in conversation:
        connection.send(each.send)
        answers.append([comparable(message) for message in connection.read_until(each.stop, each.count)])
    return answers


def comparable(message):
    return wire.Message("A", message.body[4:]) if message.kind == "A" else message


@pytest.fixture(scope="module", autouse=True)
def tables(cluster):
    cluster.sql(SETUP, "traces")
    yield
    cluster.sql("drop table t, d, narrow; drop function noisy", "traces")


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversation_is_the_same_byte_by_byte(gw, direct, name):
    with direct.raw("dba") as to_store, gw.raw("dba") as to_gateway:
        expected = play(to_store, CONVERSATIONS[name])
        assert play(to_gateway, CONVERSATIONS[name]) == expected
        assert to_gateway.is_alive()


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversation_is_the_same_when_bytes_arrive_one_by_one(gw, direct, name):
    """The same through a client whose segments break at awkward places."""
    conversation = CONVERSATIONS[name]
    with direct.raw("dba") as to_store, gw.raw("dba") as to_gateway:
        expected = play(to_store, conversation)
        for each, answer in zip(conversation, expected):
            for at in range(0, min(len(each.send), 600)):
                to_gateway.send(each.send[at:at + 1])
            to_gateway.send(each.send[600:])
            got = [comparable(message) for message in to_gateway.read_until(each.stop, each.count)]
            assert got == answer


def test_start_up_messages_are_the_same(gw, direct):
    settings = {"application_name": "transcript", "client_encoding": "UTF8", "datestyle": "ISO, DMY",
                "timezone": "UTC", "options": "-c statement_timeout=5min -c search_path=public"}
    with direct.raw("dba", **settings) as to_store, gw.raw("dba", **settings) as to_gateway:
        assert to_gateway.parameters == to_store.parameters
        assert wire.kinds(to_gateway.startup_messages).replace("R", "").count("K") == 1
        assert to_gateway.startup_messages[-1] == to_store.startup_messages[-1]
        for setting in ("statement_timeout", "search_path", "datestyle"):
            assert to_gateway.ask(f"show {setting}") == to_store.ask(f"show {setting}")


def test_notification_reaches_an_idle_client(gw, direct):
    with gw.raw("dba") as listener, direct.raw("dba") as other:
        listener.ask("listen broadcast")
        other.ask("notify broadcast, 'wake up'")
        got = listener.read()
        assert got.kind == "A" and got.body[4:] == b"broadcast\0wake up\0"


def test_parameter_change_by_the_store_is_relayed(gw, cluster):
    """PostgreSQL reports a setting that an administrator changed with the next answer."""
    with gw.raw("dba", "scratch") as client:
        cluster.sql("alter system set datestyle = 'SQL, DMY'", "scratch")
        cluster.sql("select pg_reload_conf()")
        try:
            def reported():
                return [each.parameter for each in client.ask("select 1") if each.kind == "S"]
            assert machine.wait_until(reported, "ParameterStatus") == [("DateStyle", "SQL, DMY")]
        finally:
            cluster.sql("alter system reset datestyle", "scratch")
            cluster.sql("select pg_reload_conf()")


def test_termination_by_an_administrator_is_relayed(gw, direct, cluster):
    answers = []
    for endpoint in (direct, gw):
        with endpoint.raw("dba") as client:
            pid = client.ask("select pg_backend_pid()")[1].values[0].decode()
            cluster.sql(f"select pg_terminate_backend({pid})")
            got = client.read_to_end()
            answers.append(got)
    assert answers[0] == answers[1]
    assert answers[0][0].sqlstate == "57P01"


def test_query_in_the_middle_of_copy_ends_the_connection(endpoint):
    """PostgreSQL calls this lost synchronization; it must not become a second statement."""
    with endpoint.raw("dba") as client:
        client.ask("truncate t")
        client.send(wire.query("copy t (id, body) from stdin"))
        client.read_until("G")
        client.send(wire.copy_data(b"1\ta\n"), wire.query("insert into t values (2, 'b')"))
        got = client.read_to_end()
        assert {each.sqlstate for each in wire.errors(got)} == {"08P01"}
        assert wire.errors(got)[-1].fields["S"] == "FATAL"
        assert "Z" not in wire.kinds(got)
    with endpoint.raw("dba") as client:
        assert wire.rows(client.ask("select count(*) from t")) == [["0"]]
