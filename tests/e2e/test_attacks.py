"""The protocol as an attacker uses it: the table "Protocol" of the threat list, row by row. After each
attack the gateway must be alive, other sessions undisturbed, and the store must have heard nothing."""
import os
import random
import socket
import ssl
import struct
import threading

import pytest

import stack
import wire
from support import machine

MIB = 1024 * 1024
# A sanitizer's shadow memory and red zones are the process's as well.
SLACK = MIB * (4 if "ASAN_OPTIONS" in os.environ else 1)
NOISE = random.Random(1).randbytes(4000)


@pytest.fixture
def undisturbed(gw, cluster):
    """A session that was there before the attack and works afterwards; and no backend is left over."""
    with gw.raw("trace_reader", application_name="bystander") as bystander:
        backends = int(cluster.value("select count(*) from pg_stat_activity where datname = 'traces'"))
        sockets = gw.open_sockets()
        yield bystander
        assert bystander.is_alive()
        machine.wait_until(lambda: int(cluster.value(
            "select count(*) from pg_stat_activity where datname = 'traces'")) <= backends, "backends to go away")
        machine.wait_until(lambda: gw.open_sockets() <= sockets, "sockets to be closed")
        assert gw.running


def answers_until_closed(gw, *chunks, tls=False):
    """What a fresh connection answers to these bytes before it is closed."""
    with gw.raw() as client:
        if tls:
            client.start_tls()
        try:
            client.send(*chunks)
        except (ConnectionError, ssl.SSLError):
            pass
        return client.read_to_end()


def assert_fatal_or_closed(messages, *sqlstates):
    """An error with an SQLSTATE where the protocol allows one, nothing else, then the end."""
    assert all(each.kind in "EN" for each in messages), list(map(str, messages))
    for each in messages:
        assert each.fields["S"] == "FATAL"
        assert not sqlstates or each.sqlstate in sqlstates, each.fields


# start-up

@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\nHost: store\r\n\r\n",
    b"\x16\x03\x01",
    b"\0\0\0\0\0\0\0\0",
    b"\0\0\0\x04",
    b"\0\0\0\x07\0\0\0",
    b"\x7f\xff\xff\xff\0\x03\0\0user\0alice\0\0",
    b"\xff\xff\xff\xff\0\x03\0\0user\0alice\0\0",
    b"\x80\0\0\0\0\x03\0\0",
    struct.pack("!ii", 10 * MIB, wire.PROTOCOL_3_0) + b"user\0" + b"x" * 4096,
    struct.pack("!ii", 8, 0),
    struct.pack("!ii", 8, 0x7FFFFFFF),
    struct.pack("!ii", 8, wire.PROTOCOL_3_0),
    wire.untyped(wire.PROTOCOL_3_0, b"user"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0alice"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0alice\0"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0alice\0database\0\0"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0alice\0\0trailing\0\0"),
    wire.untyped(wire.PROTOCOL_3_0, b"\0"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0\0\0"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0" + b"a" * 12000 + b"\0\0"),
    wire.untyped(wire.PROTOCOL_3_0, b"user\0alice\0" + b"".join(b"x%d\0y\0" % n for n in range(1500)) + b"\0"),
    wire.untyped(wire.SSL_REQUEST_CODE, b"more"),
    wire.query("select 1"),
    NOISE[:2000],
], ids=lambda value: repr(value[:16]))
def test_garbage_at_start_up_is_refused(gw, undisturbed, garbage):
    with gw.raw() as client:
        client.send(garbage)
        client.half_close()
        # One byte may be the answer to a whole SSLRequest or GSSENCRequest.
        got = b""
        while True:
            try:
                got += client.read_exactly(1)
            except wire.Closed:
                break
    assert b"AuthenticationOk" not in got and got[:1] in (b"", b"E", b"N", b"S"), got[:200]
    assert b"SCRAM" not in got


def test_plaintext_behind_the_ssl_request_closes_the_connection(gw, undisturbed):
    """CVE-2021-23214 and its family: nothing that came in plaintext may be taken as if it came in TLS."""
    with gw.raw() as client:
        client.send(wire.ssl_request(), wire.startup("alice", "traces"))
        got = b""
        try:
            while True:
                got += client.read_exactly(1)
        except wire.Closed:
            pass
    assert b"SCRAM" not in got


def test_plaintext_behind_the_servers_s_does_not_count(gw, undisturbed):
    """The client goes on in plaintext after 'S': that is a broken handshake."""
    with gw.raw() as client:
        client.send(wire.ssl_request())
        assert client.read_exactly(1) == b"S"
        client.send(wire.startup("alice", "traces"))
        try:
            assert b"SCRAM" not in client.read_exactly(1 << 20)
        except wire.Closed:
            pass


def test_ssl_request_inside_tls_is_refused(gw, undisturbed):
    assert_fatal_or_closed(answers_until_closed(gw, wire.ssl_request(), tls=True))


def test_gssenc_request_inside_tls_is_refused(gw, undisturbed):
    assert_fatal_or_closed(answers_until_closed(gw, wire.gssenc_request(), tls=True))


def test_endless_negotiation_is_bounded(gw, undisturbed):
    """SSLRequest and GSSENCRequest by turns: one of each is a client trying, more is an attack."""
    with gw.raw() as client:
        answered = 0
        try:
            while answered < 50:
                client.send(wire.gssenc_request())
                if client.read_exactly(1) != b"N":
                    break
                answered += 1
        except (wire.Closed, ConnectionError):
            pass
    assert 1 <= answered <= 2


def test_tls_handshake_of_garbage(gw, undisturbed):
    for garbage in (b"\x16\x03\x01\x40\0" + b"\0" * 100, b"\x16\x03\x01\0\x05hello", NOISE[:500], b"\x16" * 70000):
        with gw.raw() as client:
            client.send(wire.ssl_request())
            client.read_exactly(1)
            try:
                client.send(garbage)
                client.half_close()
                client.read_exactly(1 << 20)
            except (wire.Closed, OSError):
                pass


def test_authentication_out_of_order(gw, undisturbed):
    start = wire.startup("alice", "traces")
    for bytes_sent in (start + wire.query("select 1"),
                       start + wire.message(b"p", b""),
                       start + wire.message(b"p", b"SCRAM-SHA-256"),
                       start + wire.message(b"p", b"SCRAM-SHA-256\0\xff\xff\xff\xff"),
                       start + wire.message(b"p", b"SCRAM-SHA-256\0\x7f\xff\xff\xffn,,n=,r=x"),
                       start + wire.message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", 9) + b"n,,n=,r=x") + wire.query("select 1"),
                       start + wire.message(b"p", b"SCRAM-SHA-256-PLUS\0" + struct.pack("!i", 9) + b"p=x,,n=,r"),
                       start + wire.message(b"p", b"PLAIN\0" + struct.pack("!i", 3) + b"abc"),
                       start + wire.message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", 5000) + b"n" * 5000),
                       start + b"p\x7f\xff\xff\xff",
                       start + b"p\0\0\0\x03",
                       start + wire.terminate(),
                       start + start):
        with gw.raw() as client:
            client.send(bytes_sent)
            client.half_close()
            got = client.read_to_end()
            assert not any(each.kind == "Z" for each in got)
            assert not any(each.kind == "R" and each.body[:4] == b"\0\0\0\0" for each in got), "AuthenticationOk"


# a session that is logged in

BAD_FRAMES = {
    "length_zero": b"Q\0\0\0\0",
    "length_three": b"Q\0\0\0\3",
    "length_negative": b"Q\xff\xff\xff\xff",
    "length_enormous": b"Q\x7f\xff\xff\xff" + b"select 1",
    "sync_with_length_enormous": b"S\x7f\xff\xff\xff",
    "sync_with_a_body": wire.message(b"S", b"body"),
    "unknown_type": wire.message(b"?", b"x"),
    "type_zero": wire.message(b"\0", b"x"),
    "server_message": wire.message(b"Z", b"I"),
    "start_up_again": wire.startup("alice", "traces"),
    "ssl_request_again": wire.ssl_request(),
    "query_without_end": wire.message(b"Q", b"select 1"),
    "query_with_nul_inside": wire.message(b"Q", b"select 1\0; select 2\0"),
    "query_empty_body": wire.message(b"Q", b""),
    "parse_count_beyond_body": wire.message(b"P", b"s\0select 1\0\x7f\xff"),
    "parse_count_negative": wire.message(b"P", b"s\0select 1\0\xff\xff"),
    "parse_trailing": wire.message(b"P", b"s\0select 1\0\0\0more"),
    "bind_length_beyond_body": wire.message(b"B", b"\0\0\0\0\0\1\x7f\xff\xff\xff\0\0"),
    "bind_length_negative": wire.message(b"B", b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"),
    "bind_count_beyond_body": wire.message(b"B", b"\0\0\x7f\xff\0\0\0\0"),
    "describe_of_what": wire.message(b"D", b"Q\0"),
    "describe_empty": wire.message(b"D", b""),
    "execute_short": wire.message(b"E", b"\0\0\0"),
    "close_of_what": wire.message(b"C", b"Z\0"),
    "password_message_late": wire.password_message("x"),
    "function_call_short": wire.message(b"F", b"\0\0"),
}


@pytest.mark.parametrize("role", ["trace_reader", "dba"])
@pytest.mark.parametrize("name", BAD_FRAMES)
def test_bad_frame_is_refused_and_its_bytes_never_run(gw, undisturbed, role, name):
    with gw.raw(role) as client:
        client.send(BAD_FRAMES[name], wire.sync())
        try:
            client.half_close()
        except OSError:
            pass
        got = client.read_to_end()
    assert wire.errors(got) or not got, list(map(str, got))
    assert all(each.sqlstate in ("08P01", "54000", "0A000", "22021", "42501", "22023", "26000") for each in wire.errors(got)), \
        list(map(str, got))
    assert "D" not in wire.kinds(got)


def test_statement_above_the_limit_is_refused_before_it_is_read(gw, undisturbed):
    before = gw.resident_bytes()
    with gw.raw("trace_reader") as client:
        client.send(b"Q" + struct.pack("!i", 512 * MIB) + b"select 1")
        got = client.read_to_end()
    assert [each.sqlstate for each in got] == ["54000"]
    assert gw.resident_bytes() - before < 16 * SLACK


@pytest.mark.parametrize("sql", [b"select '\xff'", b"select '\xc0\xaf'", b"select '\xed\xa0\x80'", b"select '\xf8\x88\x80\x80\x80'",
                                 b"select 1 as \"\xe4\"", b"select '\xe2\x82"])
@pytest.mark.parametrize("role", ["trace_reader", "dba"])
def test_invalid_utf8_in_a_statement_is_an_error_of_the_statement(gw, undisturbed, role, sql):
    with gw.raw(role) as client:
        for answer in (client.ask(sql), client.ask_extended(sql)):
            assert wire.kinds(answer) == "EZ" and answer[0].sqlstate == "22021"
        assert client.is_alive()


def test_ten_thousand_parentheses(gw, undisturbed):
    depth = 10_000
    for sql in ("select " + "(" * depth + "1" + ")" * depth, "select " + "array[" * depth + "1" + "]" * depth,
                "select 1" + " + (1" * depth + ")" * depth, "select " + "not " * depth + "true",
                "select * from " + "(select * from " * depth + "traces" + ") x" * depth,
                "select 1" + " union select 1" * depth, "select " + "-" .join(["1 "] * depth)):
        with gw.raw("trace_reader") as client:
            answer = client.ask(sql)
            assert answer[-1].kind == "Z"
            if wire.errors(answer):
                assert wire.errors(answer)[0].sqlstate in ("54001", "42501", "42601", "53200", "54000"), list(map(str, answer))
            assert client.is_alive()


def test_wide_statements(gw, undisturbed):
    columns = ", ".join(f"{n} as c{n}" for n in range(1600))
    values = ", ".join(f"({n})" for n in range(50_000))
    with gw.raw("trace_reader") as client:
        assert len(client.ask(f"select {columns}")[0].columns) == 1600
        assert len(wire.rows(client.ask(f"select * from (values {values}) v (n)"))) == 50_000
        assert client.is_alive()


# memory

@pytest.mark.slow
def test_row_of_200_megabytes_passes_in_bounded_memory(gw, undisturbed):
    before = gw.resident_bytes()
    peak = before
    with gw.raw("dba", timeout=120) as client:
        client.send(wire.query("select repeat('x', 200 * 1024 * 1024)"))
        kind = client.read_exactly(1)
        while kind != b"D":
            client.read_exactly(struct.unpack("!i", client.read_exactly(4))[0] - 4)
            kind = client.read_exactly(1)
        left = struct.unpack("!i", client.read_exactly(4))[0] - 4
        size = left
        while left:
            left -= len(client.read_exactly(min(left, MIB)))
            peak = max(peak, gw.resident_bytes())
        assert size > 200 * MIB
        client.read_until("Z")
        assert client.is_alive()
    assert peak - before < 32 * SLACK, f"{(peak - before) / MIB:.1f} MiB for one row"


@pytest.mark.slow
def test_parameter_of_200_megabytes_passes_in_bounded_memory(gw, undisturbed):
    before, peak = gw.resident_bytes(), 0
    value_size = 200 * MIB
    with gw.raw("dba", timeout=120) as client:
        client.send(wire.parse("select length($1)"))
        body_head = b"\0\0" + struct.pack("!h", 0) + struct.pack("!hi", 1, value_size)
        body_tail = struct.pack("!h", 0)
        client.send(b"B" + struct.pack("!i", 4 + len(body_head) + value_size + len(body_tail)), body_head)
        chunk = b"x" * MIB
        for _ in range(200):
            client.send(chunk)
            peak = max(peak, gw.resident_bytes())
        client.send(body_tail, wire.execute(), wire.sync())
        assert wire.rows(client.read_until("Z")) == [[str(value_size)]]
    assert peak - before < 32 * SLACK, f"{(peak - before) / MIB:.1f} MiB for one parameter"


def test_client_that_never_reads_costs_bounded_memory(gw, undisturbed, cluster):
    """It asks for much and reads nothing: the store is made to wait, the gateway does not hoard."""
    before = gw.resident_bytes()
    with gw.raw("trace_reader", receive_buffer=4096, application_name="never-reads") as client:
        client.send(wire.query("select a.*, b.prompt from traces a, traces b"))
        machine.wait_until(lambda: cluster.value(
            "select wait_event from pg_stat_activity where application_name = 'never-reads'") == "ClientWrite",
            "the store to be held back")
        assert gw.resident_bytes() - before < 16 * SLACK
        with gw.raw("trace_reader") as other:
            assert other.is_alive()
    machine.wait_until(lambda: cluster.value(
        "select count(*) from pg_stat_activity where application_name = 'never-reads'") == "0", "the statement to be stopped")


def test_client_that_sends_and_never_reads_is_held_back(gw, undisturbed):
    """A pipeline without end: the gateway stops reading, and its memory stays where it is."""
    before = gw.resident_bytes()
    with gw.raw("trace_reader", receive_buffer=4096) as client:
        client.socket.settimeout(3)
        chunk = (wire.extended("select repeat('x', 1000)") + wire.sync()) * 200
        sent = 0
        with pytest.raises((TimeoutError, socket.timeout)):
            while sent < 400 * MIB:
                client.send(chunk)
                sent += len(chunk)
        assert sent < 64 * MIB
        assert gw.resident_bytes() - before < 32 * SLACK
        with gw.raw("trace_reader") as other:
            assert other.is_alive()


def test_store_that_is_not_read_from_copy_in_is_held_back(gw, undisturbed, cluster):
    """COPY IN into a table that is locked: the store does not read, so the client must wait."""
    before = gw.resident_bytes()
    with gw.raw("dba", "scratch") as blocker, gw.raw("dba", "scratch") as client:
        blocker.ask("create table blocked (body text)")
        try:
            client.ask("create function wait_for_lock() returns trigger language plpgsql as "
                       "$$ begin perform pg_advisory_xact_lock(4711); return new; end $$")
            client.ask("create trigger wait before insert on blocked for each row execute function wait_for_lock()")
            blocker.ask("select pg_advisory_lock(4711)")
            client.send(wire.query("copy blocked from stdin"))
            client.read_until("G")
            client.socket.settimeout(3)
            line = wire.copy_data(b"x" * 60_000 + b"\n")
            sent = 0
            with pytest.raises((TimeoutError, socket.timeout)):
                while sent < 400 * MIB:
                    client.send(line)
                    sent += len(line)
            assert gw.resident_bytes() - before < 32 * SLACK
            client.close()
        finally:
            blocker.ask("select pg_advisory_unlock_all()")
            machine.wait_until(lambda: cluster.value(
                "select count(*) from pg_stat_activity where query like 'copy blocked%' and state = 'active'") == "0",
                "the COPY to end")
            blocker.ask("drop table blocked; drop function wait_for_lock()")


def test_many_prepared_names_are_bounded(private_gateway):
    gateway = private_gateway(change=lambda settings, roles: settings["limits"].update(max_prepared=1000))
    with gateway, gateway.raw("trace_reader", timeout=60) as client:
        before = gateway.resident_bytes()
        answers = []
        for start in range(0, 3000, 100):
            client.send(*[wire.parse(f"select {n}", f"name {n}") for n in range(start, start + 100)], wire.sync())
            answers += client.read_until("Z")
        assert wire.kinds(answers).count("1") == 1000
        assert {each.sqlstate for each in wire.errors(answers)} <= {"53400", "54000", "53200", "53000"}
        assert wire.errors(answers)
        assert gateway.resident_bytes() - before < 16 * SLACK
        client.ask("deallocate all")
        assert client.is_alive()
        client.send(wire.parse("select 1", "again"), wire.sync())
        assert wire.kinds(client.read_until("Z")) == "1Z"


def test_prepared_names_of_one_pipeline_are_bounded(private_gateway):
    """Nothing is confirmed before the Sync: names that are under way count, too."""
    gateway = private_gateway(change=lambda settings, roles: settings["limits"].update(max_prepared=1000))
    with gateway, gateway.raw("trace_reader", timeout=60) as client:
        client.send(*[wire.parse(f"select {n}", f"name {n}") for n in range(3000)], wire.sync())
        answer = client.read_until("Z")
        assert wire.kinds(answer) == "1" * 1000 + "EZ"
        assert answer[-2].sqlstate == "53400"
        assert wire.rows(client.ask("select count(*) from traces")) == [["10000"]]


def test_many_different_texts_stay_in_the_plan_cache_budget(private_gateway):
    gateway = private_gateway(change=lambda settings, roles: settings["limits"].update(plan_cache="4MiB"))
    with gateway, gateway.raw("trace_reader", timeout=60) as client:
        def ask(numbers):
            client.send(*[wire.query(f"select {n} as \"{'x' * 60}\", count(*) from traces where false") for n in numbers])
            client.read_until("Z", len(numbers))
        for start in range(0, 4_000, 500):
            ask(range(start, start + 500))
        before = gateway.resident_bytes()
        for start in range(4_000, 40_000, 500):
            ask(range(start, start + 500))
        assert gateway.resident_bytes() - before < 16 * SLACK


def test_slow_client_is_served_byte_by_byte(gw, undisturbed):
    with gw.raw("trace_reader") as client:
        for byte in wire.query("select 1") + wire.extended("select $1::int", ["2"]) + wire.sync():
            client.send(bytes([byte]))
        answer = client.read_until("Z", 2)
        assert wire.rows(answer) == [["1"], ["2"]]


def test_connections_that_come_and_go_leak_nothing(gw, undisturbed):
    def storm():
        for n in range(60):
            with socket.create_connection((gw.host, gw.port)) as client:
                if n % 3:
                    client.sendall(wire.startup("alice", "traces")[:n])
                if n % 3 == 2:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    threads = [threading.Thread(target=storm) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for _ in range(30):
        gw.raw("trace_reader").close()


def test_client_gone_in_every_moment_of_an_answer(gw, undisturbed, cluster):
    """Reset by the client after so many bytes of the answer: the store's side is always taken down."""
    for count in (0, 1, 5, 100, 5000, 70_000, 400_000):
        client = gw.raw("trace_reader", application_name="goes-away")
        client.send(wire.query("select prompt from traces"))
        client.read_exactly(count)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    machine.wait_until(lambda: cluster.value(
        "select count(*) from pg_stat_activity where application_name = 'goes-away'") == "0", "the store's sessions to end")


# cancel

def test_cancel_with_a_guessed_key_does_nothing(gw, undisturbed):
    with gw.raw("dba") as client:
        pid, secret = client.key
        client.send(wire.query("select pg_sleep(0.8), 'finished'"))
        for guess in ((pid, bytes(4)), (pid, b"\xff" * 4), (pid, secret[:-1] + bytes([secret[-1] ^ 1])),
                      (pid + 1, secret), (0, secret)):
            with gw.raw() as other:
                other.send(wire.cancel_request(*guess))
                assert other.read_to_end() == [], "a CancelRequest has no answer"
        for malformed in ((pid, b""), (pid, secret + b"x"), (pid, bytes(300))):
            with gw.raw() as other:
                other.send(wire.cancel_request(*malformed))
                assert_fatal_or_closed(other.read_to_end(), "08P01")
        assert wire.rows(client.read_until("Z"))[0][1] == "finished"


def test_cancel_with_the_stores_own_key_is_not_possible(gw, direct):
    """The keys that clients see are the gateway's, never the store's."""
    with gw.raw("dba") as client:
        backend = int(wire.rows(client.ask("select pg_backend_pid()"))[0][0])
        assert client.key[0] != backend or len(client.key[1]) != 4
        client.send(wire.query("select pg_sleep(0.5), 'finished'"))
        with direct.raw() as other:
            other.send(wire.cancel_request(*client.key))
            other.read_to_end()
        assert wire.rows(client.read_until("Z"))[0][1] == "finished"


def test_keys_are_random(gw):
    keys = set()
    for _ in range(20):
        with gw.raw("trace_reader") as client:
            keys.add(client.key[1])
    assert len(keys) == 20


@pytest.mark.parametrize("version,length", [(wire.PROTOCOL_3_0, 4), (wire.PROTOCOL_3_2, 32)])
def test_cancel_ends_only_the_statement_that_it_means(gw, cluster, version, length):
    with gw.raw("dba", version=version, application_name="to-cancel") as client, gw.raw("dba") as bystander:
        assert len(client.key[1]) == length
        bystander.send(wire.query("select pg_sleep(1), 'finished'"))
        client.send(wire.query("select pg_sleep(60)"))
        machine.wait_until(lambda: cluster.value(
            "select count(*) from pg_stat_activity where application_name = 'to-cancel' and state = 'active'") == "1",
            "the statement to run")
        with gw.raw() as other:
            other.send(wire.cancel_request(*client.key))
            assert other.read_to_end() == []
        answer = client.read_until("Z")
        assert [(each.kind, each.sqlstate) for each in wire.errors(answer)] == [("E", "57014")]
        assert client.is_alive()
        assert wire.rows(bystander.read_until("Z"))[0][1] == "finished"


def test_cancel_over_tls(gw, cluster):
    with gw.raw("dba", tls=True, application_name="tls-cancel") as client:
        client.send(wire.query("select pg_sleep(60)"))
        machine.wait_until(lambda: cluster.value(
            "select count(*) from pg_stat_activity where application_name = 'tls-cancel' and state = 'active'") == "1",
            "the statement to run")
        with gw.raw() as other:
            other.start_tls()
            other.send(wire.cancel_request(*client.key))
            other.read_to_end()
        assert wire.errors(client.read_until("Z"))[0].sqlstate == "57014"


def test_cancel_after_the_session_ended_does_nothing(gw, undisturbed):
    with gw.raw("dba") as client:
        key = client.key
        client.send(wire.terminate())
        client.read_to_end()
    with gw.raw() as other:
        other.send(wire.cancel_request(*key))
        assert other.read_to_end() == []


def test_cancel_of_an_idle_session_leaves_it_usable(gw):
    """It may hit the statement that comes next, as in PostgreSQL, but no more than that one."""
    with gw.raw("dba") as client:
        with gw.raw() as other:
            other.send(wire.cancel_request(*client.key))
            other.read_to_end()
        answers = [client.ask("select 1") for _ in range(200)]
        assert sum(bool(wire.errors(each)) for each in answers) <= 1


# sessions apart from each other

def test_users_cannot_reach_each_others_names(gw):
    """Prepared statements and portals belong to a session."""
    with gw.raw("trace_reader") as one, gw.raw("trace_reader") as other:
        one.send(wire.parse("select 'mine'", "shared"), wire.sync())
        one.read_until("Z")
        other.send(wire.bind(statement="shared"), wire.execute(), wire.sync())
        assert other.read_until("Z")[0].sqlstate == "26000"


def test_store_holds_no_statement_that_the_client_did_not_prepare(gw):
    with gw.raw("dba") as client:
        assert wire.rows(client.ask("select count(*) from pg_prepared_statements")) == [["0"]]


def test_password_stays_out_of_proc(gw):
    """Neither the command line nor the environment shows a secret."""
    with open(f"/proc/{gw.pid}/cmdline", "rb") as command, open(f"/proc/{gw.pid}/environ", "rb") as environment:
        assert stack.PASSWORD.encode() not in command.read() + environment.read()
