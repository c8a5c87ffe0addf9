"""A denial behaves as an error of PostgreSQL: in its place, with the right transaction status, with what
follows skipped or run as PostgreSQL would. Each conversation is compared with what the store answers when
a statement that names a missing table stands in the same place: it fails where a denial does, in Parse."""
import pytest

import wire
from wire import bind, close, describe, execute, extended, flush, parse, query, sync

DENIED = "delete from traces where false"
FAILS = "delete from nowhere"


def shape(messages):
    """Kinds, and what matters of each: the SQLSTATE of an error is the one thing that may differ."""
    return [(each.kind, b"" if each.kind == "E" else each.body) for each in messages]


PLACES = {
    "simple": lambda sql: query(sql),
    "simple_several_before": lambda sql: query(sql) + query("select 1"),
    "extended": lambda sql: extended(sql) + sync(),
    "extended_skips_to_sync": lambda sql: extended("select 1") + extended(sql) + extended("select 3") + sync()
    + extended("select 4") + sync(),
    "extended_parse_only": lambda sql: parse(sql, "s") + sync() + bind(statement="s") + execute() + sync(),
    "extended_close_after": lambda sql: extended(sql) + close("S", "") + close("P", "") + sync(),
    "flush_then_sync": lambda sql: extended(sql) + flush() + extended("select 2") + flush() + sync(),
    "in_transaction_simple": lambda sql: query("begin") + query("select 1") + query(sql) + query("select 2") + query("rollback")
    + query("select 3"),
    "in_transaction_extended": lambda sql: extended("begin") + sync() + extended(sql) + sync() + extended("select 2") + sync()
    + extended("rollback") + sync() + extended("select 3") + sync(),
    "in_transaction_commit_rolls_back": lambda sql: query("begin") + query(sql) + query("commit"),
    "savepoint": lambda sql: query("begin") + query("savepoint a") + query(sql) + query("rollback to a") + query("select 1")
    + query("commit"),
    "implicit_transaction_of_a_pipeline": lambda sql: extended("select 1") + extended(sql) + sync() + query("select 2"),
    "in_failed_transaction": lambda sql: query("begin") + query("select 1/0") + query(sql) + query("rollback"),
    "many_pipelined_queries": lambda sql: b"".join(query(f"select {n}") + query(sql) for n in range(30)),
    "many_pipelined_syncs": lambda sql: b"".join(extended(f"select {n}") + sync() + extended(sql) + sync() for n in range(30)),
    "simple_after_extended_without_sync": lambda sql: extended(sql) + query("select 1") + sync() + query("select 2"),
}


@pytest.mark.parametrize("place", PLACES)
def test_denial_stands_where_an_error_would(gw, direct, place):
    def play(connection, sql):
        """The last query marks the end: everything up to its answer."""
        connection.send(PLACES[place](sql), sync(), query("select 'the end'"))
        out = []
        while True:
            out += connection.read_until("Z")
            if any(each.kind == "D" and each.values == [b"the end"] for each in out):
                return out

    with direct.raw("app") as store, gw.raw("app") as client:
        expected, got = play(store, FAILS), play(client, DENIED)
    assert shape(got) == shape(expected)
    assert any(each.sqlstate == "42501" for each in wire.errors(got)) or place == "in_failed_transaction"


def test_several_statements_with_one_denied_run_none(gw, notes, cluster):
    """The text is judged as a whole: nothing of it reaches the store."""
    with gw.raw("app") as client:
        answer = client.ask(f"insert into notes (body) values ('first'); {DENIED}; insert into notes (body) values ('third')")
        assert wire.kinds(answer) == "EZ" and answer[0].sqlstate == "42501"
    assert cluster.value("select count(*) from notes", "traces") == "0"


def test_denied_statement_does_not_exist_afterwards(gw):
    with gw.raw("app") as client:
        client.send(parse(DENIED, "denied"), sync())
        assert wire.kinds(client.read_until("Z")) == "EZ"
        client.send(bind(statement="denied"), execute(), sync())
        answer = client.read_until("Z")
        assert (wire.kinds(answer), answer[0].sqlstate) == ("EZ", "26000")
        client.send(describe("S", "denied"), sync())
        assert client.read_until("Z")[0].sqlstate == "26000"


def test_denied_parse_of_a_name_in_use_leaves_the_old_statement(gw, direct):
    """A failed Parse destroys nothing, except that it always drops the unnamed statement."""
    with gw.raw("app") as client:
        client.send(parse("select 'old'", "name"), parse("select 'old unnamed'"), sync())
        client.read_until("Z")
        client.send(parse(DENIED, "name"), sync())
        assert client.read_until("Z")[0].kind == "E"
        client.send(bind(statement="name"), execute(), sync())
        assert wire.rows(client.read_until("Z")) == [["old"]]


def test_denial_names_table_role_and_rule(gw):
    with gw.raw("app") as client:
        fields = client.ask(DENIED)[0].fields
    assert fields["M"] == "permission denied for table traces"
    assert "app" in fields["H"]


def test_denial_in_copy_leaves_no_copy_mode(gw):
    with gw.raw("app") as client:
        answer = client.ask("copy traces from stdin")
        assert wire.kinds(answer) == "EZ"
        # A driver may have sent its data at once; it is ignored outside COPY.
        client.send(query("copy traces from stdin"), wire.copy_data(b"1\n"), wire.copy_done(), query("select 1"))
        answer = client.read_until("Z", 2)
        assert wire.kinds(answer) == "EZTDCZ"


def test_function_call_message_is_refused_for_restricted_roles(gw):
    """It runs a function by OID, with no SQL to judge."""
    with gw.raw("app") as client:
        client.send(wire.function_call(1397, [b"-5"]))
        answer = client.read_until("Z")
        assert (wire.kinds(answer), answer[0].sqlstate) == ("EZ", "42501")
        assert client.is_alive()


@pytest.mark.parametrize("role", ["app", "dba"])
@pytest.mark.parametrize("utility", ["deallocate all", "declare c cursor with hold for select 1", "copy notes (body) from stdin"])
def test_sql_execute_of_a_utility_that_the_protocol_prepared_is_refused(gw, role, utility):
    """PostgreSQL would run it; through Bind and Execute it runs here, too."""
    with gw.raw(role) as client:
        client.send(parse(utility, "u"), sync())
        assert wire.kinds(client.read_until("Z")) == "1Z"
        answer = client.ask("execute u")
        assert (wire.kinds(answer), answer[0].sqlstate) == ("EZ", "0A000")
        assert client.is_alive()


def test_syntax_error_that_quotes_much_is_cut_for_restricted_roles(gw, direct):
    text = "select 'x' '" + "y" * 5000 + "'"
    with gw.raw("app") as client, gw.raw("dba") as admin, direct.raw("app") as store:
        got, expected = client.ask(text)[0].fields, store.ask(text)[0].fields
        assert got["C"] == expected["C"] == "42601" and got["P"] == expected["P"]
        assert got["M"].endswith("...") and len(got["M"]) < 1010
        assert expected["M"].startswith(got["M"][:-3])
        assert set(expected) - set(got) == {"F", "L", "R"}
        assert admin.ask(text)[0].fields == expected


def test_prepared_statement_is_judged_at_prepare_not_at_execute(gw):
    with gw.raw("app") as client:
        client.ask("prepare fine as select count(*) from traces")
        assert wire.rows(client.ask("execute fine")) == [["10000"]]
        assert client.ask(f"prepare bad as {DENIED}")[0].sqlstate == "42501"
        assert client.ask("execute bad")[0].sqlstate == "26000"


def test_cursor_of_a_denied_query_does_not_exist(gw):
    with gw.raw("app") as client:
        client.ask("begin")
        assert client.ask("declare c cursor for select * from feedback")[0].sqlstate == "42501"
        assert client.ask("fetch 1 from c")[0].sqlstate == "25P02"
        client.ask("rollback")
        client.ask("begin")
        client.ask("declare c cursor for select trace_id from traces order by 1")
        assert len(wire.rows(client.ask("fetch 5 from c"))) == 5
        client.ask("commit")
