"""psycopg2: libpq with the simple protocol, parameters put into the text by the client."""
import io
import select
import threading

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import pytest

from support import machine


def test_types_come_back_as_they_were_sent(endpoint, notes):
    with endpoint.connect_psycopg2("app") as connection, connection.cursor() as cursor:
        cursor.execute("insert into notes (body, payload, amount, tags) values (%s, %s, %s, %s) returning id, at",
                       ("naïve 'quote' \\ 😀", psycopg2.Binary(bytes(range(256))), "12.50", ["a", 'b"c', None]))
        assert cursor.fetchone()[0] == 1
        cursor.execute("select body, payload, amount, tags from notes")
        body, payload, amount, tags = cursor.fetchone()
    assert (body, bytes(payload), str(amount), tags) == (
        "naïve 'quote' \\ 😀", bytes(range(256)), "12.50", ["a", 'b"c', None])


def test_execute_values_and_row_counts(endpoint, notes):
    with endpoint.connect_psycopg2("app") as connection, connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, "insert into notes (body) values %s",
                                       [(f"note {n}",) for n in range(2500)], page_size=1000)
        cursor.execute("update notes set amount = id where id <= 100")
        assert cursor.rowcount == 100
        cursor.execute("delete from notes where amount is null")
        assert cursor.rowcount == 2400


def test_named_cursor_reads_in_parts(endpoint):
    with endpoint.connect_psycopg2("trace_reader") as connection:
        with connection.cursor("parts") as cursor:
            cursor.itersize = 700
            cursor.execute("select trace_id from traces")
            assert len({row[0] for row in cursor}) == 10_000


def test_copy_both_ways(endpoint, notes):
    with endpoint.connect_psycopg2("app") as connection, connection.cursor() as cursor:
        text = "".join(f"line {n}\t{n}\n" for n in range(20_000))
        cursor.copy_expert("copy notes (body, amount) from stdin", io.StringIO(text))
        out = io.StringIO()
        cursor.copy_expert("copy (select body, amount::int from notes order by id) to stdout", out)
    assert out.getvalue() == text


def test_transactions_roll_back(endpoint, notes):
    connection = endpoint.connect_psycopg2("app")
    with connection.cursor() as cursor:
        cursor.execute("insert into notes (body) values ('lost')")
        connection.rollback()
        cursor.execute("savepoint before")
        cursor.execute("insert into notes (id, body) values (1, 'kept')")
        cursor.execute("savepoint between")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            cursor.execute("insert into notes (id, body) values (1, 'twice')")
        cursor.execute("rollback to between")
        connection.commit()
        cursor.execute("select body from notes")
        assert cursor.fetchall() == [("kept",)]
    connection.close()


def test_cancel_from_another_thread(endpoint, cluster):
    connection = endpoint.connect_psycopg2("app")
    cursor = connection.cursor()

    def cancel_when_running():
        machine.wait_until(lambda: cluster.value(
            "select count(*) from pg_stat_activity where state = 'active' and query = 'select pg_sleep(61)'") == "1",
            "the statement to run")
        connection.cancel()

    canceller = threading.Thread(target=cancel_when_running)
    canceller.start()
    with pytest.raises(psycopg2.errors.QueryCanceled):
        cursor.execute("select pg_sleep(61)")
    canceller.join()
    connection.rollback()
    cursor.execute("select 1")
    assert cursor.fetchone() == (1,)
    connection.close()


def test_notifications(endpoint):
    listener = endpoint.connect_psycopg2("dba")
    listener.autocommit = True
    listener.cursor().execute("listen psycopg2_channel")
    with endpoint.connect_psycopg2("dba") as sender, sender.cursor() as cursor:
        cursor.execute("notify psycopg2_channel, 'hello'")
    assert select.select([listener], [], [], 30)[0]
    listener.poll()
    assert [(each.channel, each.payload) for each in listener.notifies] == [("psycopg2_channel", "hello")]
    listener.close()


def test_asynchronous_connection(endpoint):
    connection = psycopg2.connect(**endpoint.parameters("trace_reader"), async_=1)

    def wait():
        while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
            reads = [connection] if state == psycopg2.extensions.POLL_READ else []
            writes = [connection] if state == psycopg2.extensions.POLL_WRITE else []
            assert any(select.select(reads, writes, [], 30))

    wait()
    cursor = connection.cursor()
    cursor.execute("select count(*) from traces")
    wait()
    assert cursor.fetchone() == (10_000,)
    connection.close()


def test_denial_is_insufficient_privilege_with_a_hint(gw):
    connection = gw.connect_psycopg2("app")
    cursor = connection.cursor()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege) as raised:
        cursor.execute("delete from traces where false")
    assert "permission denied for table traces" in raised.value.diag.message_primary
    assert "app" in raised.value.diag.message_hint
    assert connection.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_INERROR
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        cursor.execute("select 1")
    connection.rollback()
    cursor.execute("select count(*) from traces")
    assert cursor.fetchone() == (10_000,)
    connection.close()
