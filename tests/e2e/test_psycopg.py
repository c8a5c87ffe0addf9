"""psycopg 3: the extended protocol, prepared statements, pipelines, binary values."""
import threading
from decimal import Decimal

import psycopg
import psycopg.rows
import pytest

from support import machine


def test_types_in_text_and_binary(endpoint, notes):
    value = ("naïve \\ 😀", bytes(range(256)), Decimal("12.50"), ["a", 'b"c', None])
    with endpoint.connect_psycopg("app") as connection:
        connection.execute("insert into notes (body, payload, amount, tags) values (%s, %b, %s, %s)", value)
        for binary in (False, True):
            cursor = connection.cursor(binary=binary)
            assert cursor.execute("select body, payload, amount, tags from notes").fetchone() == value


def test_statement_is_prepared_after_five_executions(endpoint):
    with endpoint.connect_psycopg("trace_reader") as connection:
        connection.prepare_threshold = 5
        counts = [connection.execute("select count(*) from traces where namespace = %s", [name]).fetchone()[0]
                  for name in ("legal", "billing", "clinic") * 5]
    assert counts == [1667, 1667, 1666] * 5


def test_pipeline_of_many_statements(endpoint, notes):
    with endpoint.connect_psycopg("app") as connection, connection.pipeline():
        cursors = [connection.execute("insert into notes (body) values (%s) returning id", [f"note {n}"])
                   for n in range(500)]
        assert [cursor.fetchone()[0] for cursor in cursors] == list(range(1, 501))


def test_error_in_a_pipeline_skips_to_the_next_sync(endpoint, notes):
    with endpoint.connect_psycopg("app", autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero), connection.pipeline():
            connection.execute("insert into notes (body) values ('rolled back with the rest')")
            connection.execute("select 1 / 0")
            connection.execute("insert into notes (body) values ('never')")
        assert connection.execute("select count(*) from notes").fetchone() == (0,)


def test_denial_in_a_pipeline_skips_to_the_next_sync(gw, notes):
    with gw.connect_psycopg("app", autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.pipeline():
            connection.execute("insert into notes (body) values ('rolled back with the rest')")
            connection.execute("delete from traces where false")
            connection.execute("insert into notes (body) values ('never')")
        assert connection.execute("select count(*) from notes").fetchone() == (0,)


def test_executemany_returns_what_each_row_gave(endpoint, notes):
    with endpoint.connect_psycopg("app") as connection, connection.cursor() as cursor:
        cursor.executemany("insert into notes (body, amount) values (%s, %s) returning id",
                           [(f"note {n}", n) for n in range(300)], returning=True)
        ids = [cursor.fetchone()[0]]
        while cursor.nextset():
            ids.append(cursor.fetchone()[0])
    assert ids == list(range(1, 301))


def test_server_side_cursor_scrolls(endpoint):
    with endpoint.connect_psycopg("trace_reader") as connection:
        with connection.cursor("scrolling", scrollable=True) as cursor:
            cursor.execute("select namespace from namespaces order by namespace")
            first = cursor.fetchmany(2)
            cursor.scroll(-2)
            assert cursor.fetchmany(2) == first == [("billing",), ("clinic",)]


def test_copy_both_ways_in_text_and_binary(endpoint, notes):
    rows = [(f"row {n}\tx\\y", n * 3) for n in range(5_000)]
    with endpoint.connect_psycopg("app") as connection, connection.cursor() as cursor:
        with cursor.copy("copy notes (body, amount) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        with cursor.copy("copy (select body, amount::int from notes order by id) to stdout") as copy:
            assert [(body, int(amount)) for body, amount in copy.rows()] == rows
        with cursor.copy("copy (select body, amount::int from notes order by id) to stdout (format binary)") as copy:
            copy.set_types(["text", "int4"])
            assert list(copy.rows()) == rows


def test_copy_abandoned_by_the_client_stores_nothing(endpoint, notes):
    with endpoint.connect_psycopg("app", autocommit=True) as connection:
        with pytest.raises(psycopg.errors.QueryCanceled, match="changed my mind"):
            with connection.cursor().copy("copy notes (body) from stdin") as copy:
                copy.write("one\n")
                raise RuntimeError("changed my mind")
        assert connection.execute("select count(*) from notes").fetchone() == (0,)


def test_cancel_from_another_thread(endpoint, cluster):
    with endpoint.connect_psycopg("app", autocommit=True) as connection:
        def cancel_when_running():
            machine.wait_until(lambda: cluster.value(
                "select count(*) from pg_stat_activity where state = 'active' and query = 'select pg_sleep(62)'")
                == "1", "the statement to run")
            connection.cancel()

        canceller = threading.Thread(target=cancel_when_running)
        canceller.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("select pg_sleep(62)")
        canceller.join()
        assert connection.execute("select 1").fetchone() == (1,)


def test_transaction_blocks_nest(endpoint, notes):
    with endpoint.connect_psycopg("app", autocommit=True) as connection:
        with connection.transaction():
            connection.execute("insert into notes (body) values ('outer')")
            with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
                connection.execute("insert into notes (body) values ('inner')")
                connection.execute("select 1 / 0")
        assert connection.execute("select body from notes").fetchall() == [("outer",)]


def test_two_phase_commit_by_an_administrator(endpoint):
    with endpoint.connect_psycopg("dba") as connection:
        xid = connection.xid(1, "gtrid", "bqual")
        connection.tpc_begin(xid)
        connection.execute("select 1")
        connection.tpc_prepare()
        connection.tpc_rollback()


def test_parameters_of_the_connection(endpoint):
    with endpoint.connect_psycopg("trace_reader", application_name="psycopg app", options="-c statement_timeout=61s") \
            as connection:
        assert connection.info.parameter_status("application_name") == "psycopg app"
        assert connection.info.server_version // 10000 == 15
        assert connection.execute("show statement_timeout").fetchone() == ("61s",)
