"""Conversations in the protocol, for playing to the store directly and through the gateway. Each is a
list of rounds: the bytes to send, and up to which answer to read. They leave nothing behind, so that a
conversation gives the same answers whenever it is played; the tables that answers name are made once,
by SETUP, because every new table has another OID in RowDescription."""
import dataclasses
import struct

from wire import (bind, close, copy_data, copy_done, copy_fail, describe, execute, extended, flush,
                  function_call, parse, query, sync)


@dataclasses.dataclass(frozen=True)
class Round:
    send: bytes
    stop: str = "Z"  # kinds of message that end the answer
    count: int = 1   # how many of them


def q(sql, stop="Z", count=1):
    return Round(query(sql), stop, count)


def x(*parts, stop="Z", count=1):
    return Round(b"".join(parts), stop, count)


_BINARY = [1]
_T = "truncate t"

SETUP = """
create table t (id int primary key, body text not null, n numeric);
create table d (i int unique deferrable initially deferred);
create table narrow (a int);
create function noisy(i int) returns int language plpgsql as
  $$ begin raise notice 'row %', i; return i; end $$;
"""

CONVERSATIONS = {
    # simple query
    "select_constant": [q("select 1")],
    "select_types": [q("select 1::int2, 2::int8, 1.50::numeric, 'x'::text, '\\xdeadbeef'::bytea, true, null, "
                       "'2025-01-02 03:04:05+00'::timestamptz, '{1,2}'::int[], '{\"a\": 1}'::jsonb, 'NaN'::float8")],
    "select_table": [q("select trace_id, model, cost_usd, labels from traces order by trace_id limit 50")],
    "select_no_rows": [q("select * from traces where false")],
    "select_no_columns": [q("select from traces limit 3")],
    "select_wide_unicode": [q("select 'żółć 😀 \u202e' as \"имя\", repeat('ß', 5000)")],
    "select_big_value": [q("select repeat('0123456789', 200000)")],
    "many_rows": [q("select n, md5(n::text) from generate_series(1, 20000) as n")],
    "empty_query": [q("")],
    "only_a_comment": [q("/* nothing */ -- at all")],
    "only_semicolons": [q(";;;")],
    "several_statements": [q("select 1; select 'two'; select 3")],
    "several_statements_error_in_the_middle": [q("select 1; select 1/0; select 3"), q("select 4")],
    "several_statements_syntax_error_runs_none": [q("select 1; selec 2; select 3")],
    "several_statements_are_one_transaction": [
        q("create temp table u (i int)"), q("insert into u values (1); select 1/0"), q("select count(*) from u")],
    "explicit_transaction_inside_one_message": [q("begin; select 1; commit; select 2; rollback")],
    "syntax_error_has_position": [q("select * fro traces")],
    "error_with_detail_hint_context": [
        q("do $$ begin raise exception 'stop' using detail = 'a detail', hint = 'a hint', errcode = 'P7777', "
          "table = 'traces', column = 'model', constraint = 'c', schema = 'public', datatype = 'text'; end $$")],
    "error_names_table_and_constraint": [q(_T), q("insert into t values (1, 'a'), (1, 'b')"),
                                         q("insert into t (id) values (2)")],
    "unknown_table": [q("select * from nowhere")],
    "unknown_column": [q("select nothing from traces")],
    "notice": [q("do $$ begin raise notice 'hello %', 1; raise warning 'careful'; raise info 'fyi'; end $$")],
    "notice_from_ddl": [q("drop table if exists not_there"), q("create temp table if not exists t (i int)"),
                        q("create temp table if not exists t (i int)")],
    "notices_between_rows": [
        q("select noisy(n) from generate_series(1, 20) n")],
    "client_min_messages": [q("set client_min_messages = error"), q("do $$ begin raise notice 'unheard'; end $$")],
    "insert_update_delete_tags": [q(_T), q("insert into t values (1, 'a', 1), (2, 'b', 2)"),
                                  q("update t set n = n + 1"), q("delete from t where id = 1 returning *"),
                                  q("truncate t")],
    "on_conflict": [q(_T), q("insert into t values (1, 'a')"),
                    q("insert into t values (1, 'b') on conflict (id) do update set body = excluded.body returning body"),
                    q("insert into t values (1, 'c') on conflict do nothing")],
    "merge": [q(_T), q("merge into t using (values (1, 'a')) v (id, body) on t.id = v.id "
                       "when not matched then insert values (v.id, v.body, null)")],
    "modifying_cte": [q(_T), q("with i as (insert into t values (1, 'a') returning *) select count(*) from i")],
    "ctas_and_select_into": [q("create temp table c as select 1 as i"), q("select 2 as i into temp d")],
    "explain_costs_off": [q("explain (costs off) select * from traces where trace_id = "
                            "'29924f1f-415a-24b8-0c0b-21dd168d6d9f'")],
    "show": [q("show server_version"), q("show all_that_is_not_there")],

    # parameters of the session
    "parameter_status": [q("set application_name = 'renamed'"), q("set timezone = 'Europe/Vienna'"),
                         q("set datestyle = 'German, DMY'"), q("select timestamptz '2025-07-01 12:00:00+00'"),
                         q("reset all")],
    "parameter_status_in_rollback": [q("begin"), q("set application_name = 'inside'"), q("rollback")],
    "parameter_status_by_function": [q("select set_config('application_name', 'by function', false)")],
    "client_encoding": [q("set client_encoding = 'LATIN1'"), q("select chr(233) as e, 'plain ASCII'"),
                        q("set client_encoding = 'UTF8'")],
    "standard_conforming_strings": [q("set standard_conforming_strings = off"), q(r"select 'a\\b'")],
    "search_path": [q("set search_path = pg_catalog"), q("select 1 from traces"), q("reset search_path")],
    "set_role": [q("set role trace_reader"), q("select current_user, session_user"), q("reset role")],
    "discard_all": [q("prepare p as select 1"), q("discard all"), q("execute p")],

    # transactions
    "transaction_status": [q("begin"), q("select 1"), q("commit"), q("commit"), q("begin"), q("begin"), q("rollback")],
    "failed_transaction": [q("begin"), q("select 1/0"), q("select 1"), q("commit")],
    "savepoints": [q("begin"), q("savepoint a"), q("select 1/0"), q("rollback to a"), q("select 2"),
                   q("release a"), q("commit")],
    "isolation_levels": [q("begin isolation level serializable read only deferrable"), q("show transaction_isolation"),
                         q("create temp table no (i int)"), q("rollback"),
                         q("set session characteristics as transaction isolation level repeatable read"),
                         q("show transaction_isolation")],
    "two_phase": [q("begin"), q("create table two_phase_test (i int)"), q("prepare transaction 'tp'"),
                  q("rollback prepared 'tp'"), q("commit prepared 'tp'")],
    "commit_and_chain": [q("begin isolation level repeatable read"), q("commit and chain"),
                         q("show transaction_isolation"), q("rollback")],
    "deferred_constraint_fails_at_commit": [
        q("begin"), q("insert into d values (1), (1)"), q("commit")],

    # extended query
    "extended_select": [x(extended("select $1::int + 1", ["41"]), sync())],
    "extended_no_parameters": [x(extended("select 1"), sync())],
    "extended_null_parameter": [x(extended("select $1::text is null", [None]), sync())],
    "extended_insert": [q(_T), x(extended("insert into t values ($1, $2)", ["1", "a"]), sync())],
    "extended_empty": [x(extended(""), sync())],
    "extended_binary_results": [
        x(extended("select 1::int4, 2.5::float8, 'x'::text, '\\x00ff'::bytea, now() - now(), 1.25::numeric",
                   result_formats=_BINARY), sync())],
    "extended_binary_parameters": [
        x(parse("select $1 + 1, $2", types=[23, 17]),
          bind([struct.pack("!i", 41), b"\0\1\2"], parameter_formats=_BINARY, result_formats=[1, 0]),
          describe("P"), execute(), sync())],
    "extended_types_given": [x(parse("select $1, $2", types=[20, 0]), describe("S"), sync())],
    "extended_parameter_type_unknown": [x(parse("select $1"), describe("S"), sync())],
    "describe_statement_without_rows": [q(_T), x(parse("insert into t values ($1, $2, $3)"), describe("S"), sync())],
    "describe_missing": [x(describe("S", "nope"), sync()), x(describe("P", "nope"), sync())],
    "execute_without_describe": [x(parse("select n from generate_series(1, 3) n"), bind(), execute(), sync())],
    "named_statement_reused": [x(parse("select $1::int * 2", "double"), sync()),
                               x(bind(["4"], statement="double"), execute(), sync()),
                               x(bind(["5"], statement="double"), describe("P"), execute(), sync()),
                               x(close("S", "double"), sync()),
                               x(bind(["6"], statement="double"), execute(), sync())],
    "named_statement_twice_is_an_error": [x(parse("select 1", "dup"), sync()), x(parse("select 2", "dup"), sync())],
    "unnamed_statement_is_replaced": [x(parse("select 1"), sync()), x(parse("select 2"), sync()),
                                      x(bind(), execute(), sync())],
    "simple_query_drops_unnamed_statement": [x(parse("select 1"), sync()), q("select 2"), x(bind(), execute(), sync())],
    "protocol_statement_by_sql_execute": [x(parse("select $1::int", "s1"), sync()), q("execute s1 (7)"),
                                          q("deallocate s1"), x(bind(["1"], statement="s1"), sync())],
    "sql_prepare_by_protocol_bind": [q("prepare s2 (int) as select $1 + 1"),
                                     x(bind(["1"], statement="s2"), execute(), sync()), q("deallocate all")],
    "close_missing_is_no_error": [x(close("S", "nope"), close("P", "nope"), sync())],
    "row_type_changes_under_statement": [q("begin"), x(parse("select * from narrow", "star"), sync()),
                                         q("alter table narrow add column more int"),
                                         x(bind(statement="star"), execute(), sync()), q("rollback")],
    "two_statements_in_parse": [x(parse("select 1; select 2"), sync())],
    "bind_wrong_parameter_count": [x(parse("select $1::int"), bind([]), execute(), sync())],
    "bind_invalid_value": [x(parse("select $1::int"), bind(["abc"]), execute(), sync())],
    "bind_invalid_binary": [x(parse("select $1::int"), bind([b"\1"], parameter_formats=_BINARY), execute(), sync())],
    "flush_without_sync": [x(extended("select 1"), flush(), stop="C"), x(extended("select 2"), flush(), stop="C"),
                           x(sync())],
    "error_before_sync_skips": [x(extended("select 1/0"), extended("select 2"), flush(), stop="E"), x(sync())],
    "sync_alone": [x(sync(), sync(), sync(), count=3)],
    "transaction_by_extended": [x(extended("begin"), sync()), x(extended("select 1/0"), sync()),
                                x(extended("select 1"), sync()), x(extended("rollback"), sync())],
    "implicit_transaction_until_sync": [
        q(_T), x(extended("insert into t values (1, 'a')"), extended("select 1/0"), sync()), q("select count(*) from t")],
    "sync_ends_implicit_transaction": [
        q(_T), x(extended("insert into t values (1, 'a')"), sync(), extended("select 1/0"), sync(), count=2),
        q("select count(*) from t")],

    # portals
    "portal_in_parts": [q("begin"),
                        x(parse("select n from generate_series(1, 10) n"), bind(portal="p"), describe("P", "p"),
                          execute("p", 4), flush(), stop="s"),
                        x(execute("p", 4), flush(), stop="s"), x(execute("p", 4), sync()),
                        x(execute("p", 4), sync()), q("commit")],
    "portal_after_sync_in_transaction": [
        q("begin"), x(parse("select n from generate_series(1, 5) n"), bind(portal="p"), execute("p", 2), sync()),
        x(execute("p", 2), sync()), x(execute("p", 0), sync()), q("rollback"), x(execute("p", 1), sync())],
    "unnamed_portal_gone_after_sync": [x(parse("select 1"), bind(), sync()), x(execute(), sync())],
    "portal_closed": [q("begin"), x(parse("select 1"), bind(portal="p"), close("P", "p"), execute("p"), sync()),
                      q("rollback")],
    "portal_name_taken": [q("begin"), x(parse("select 1"), bind(portal="p"), bind(portal="p"), sync()), q("rollback")],
    "portals_interleaved": [
        q("begin"), x(parse("select n from generate_series(1, 6) n", "s"), bind(portal="a", statement="s"),
                      bind(portal="b", statement="s"), execute("a", 2), execute("b", 3), execute("a", 2),
                      execute("b", 3), execute("a", 0), sync()), q("commit")],
    "portal_row_limit_on_insert": [q(_T), x(parse("insert into t select n, 'x' from generate_series(1, 5) n"), bind(),
                                           execute("", 2), sync())],
    "portal_of_returning": [q(_T), x(parse("insert into t select n, 'x' from generate_series(1, 5) n returning id"),
                                     bind(), execute("", 2), execute("", 2), execute("", 2), sync())],
    "cursor_by_sql": [q("begin"), q("declare c scroll cursor for select n from generate_series(1, 9) n"),
                      q("fetch 3 from c"), q("fetch backward 2 from c"), q("move 4 in c"), q("fetch all from c"),
                      q("close c"), q("fetch 1 from c"), q("rollback")],
    "cursor_by_sql_described_by_protocol": [
        q("begin"), q("declare c cursor for select 1 as one, 'a' as a"), x(describe("P", "c"), execute("c", 1), sync()),
        q("commit")],
    "cursor_with_hold": [q("declare h cursor with hold for select n from generate_series(1, 4) n"), q("fetch 2 from h"),
                         q("close h")],
    "cursor_binary": [q("begin"), q("declare c binary cursor for select 1::int4, 'x'::text"), q("fetch c"), q("commit")],

    # pipelines
    "pipeline_with_syncs": [x(*[extended(f"select {n}") + sync() for n in range(20)], count=20)],
    "pipeline_one_sync": [x(*[extended(f"select {n}") for n in range(20)], sync())],
    "pipeline_error_in_the_middle": [
        x(extended("select 1"), extended("select 1/0"), extended("select 3"), sync(), extended("select 4"), sync(), count=2)],
    "pipeline_simple_and_extended": [
        x(query("select 1"), extended("select 2"), sync(), query("select 3; select 4"), extended("select 5"), sync(),
          count=4)],
    "pipeline_of_errors": [x(*[query("select 1/0") + extended("selec") + sync() for _ in range(5)], count=10)],
    "pipeline_prepare_use_close": [
        x(*[parse(f"select {n}", f"s{n}") + bind(statement=f"s{n}") + describe("P") + execute() + close("S", f"s{n}")
            for n in range(50)], sync())],
    "pipeline_across_transaction": [
        x(extended("begin"), extended("select 1"), sync(), extended("select 1/0"), sync(), extended("select 2"), sync(),
          extended("rollback"), sync(), count=4)],

    # COPY
    "copy_out": [q("copy (select n, md5(n::text) from generate_series(1, 500) n) to stdout")],
    "copy_out_csv_header": [q("copy (select 1 as a, 'x,\"y' as b, null as c) to stdout with (format csv, header)")],
    "copy_out_binary": [q("copy (select 1::int4, 'x'::text) to stdout with (format binary)")],
    "copy_out_error_in_the_middle": [q("copy (select 10 / (50 - n) from generate_series(1, 100) n) to stdout")],
    "copy_out_extended": [x(parse("copy (select 1) to stdout"), bind(), describe("P"), execute(), sync())],
    "copy_in": [q(_T), q("copy t (id, body) from stdin", stop="G"),
                x(copy_data(b"1\tone\n2\ttwo\n"), copy_data(b"3\tth"), copy_data(b"ree\n"), copy_done()),
                q("select * from t order by id")],
    "copy_in_csv": [q(_T), q("copy t (id, body) from stdin with (format csv, header)", stop="G"),
                    x(copy_data(b"id,body\n1,\"a,\nb\"\n"), copy_done()), q("select body from t")],
    "copy_in_empty": [q(_T), q("copy t from stdin", stop="G"), x(copy_done())],
    "copy_in_failed_by_client": [q(_T), q("copy t from stdin", stop="G"), x(copy_data(b"1\ta\t\\N\n"), copy_fail("changed my mind")),
                                 q("select count(*) from t")],
    "copy_in_bad_row": [q(_T), q("copy t (id, body) from stdin", stop="G"), x(copy_data(b"1\ta\nx\tb\n"), copy_done()),
                        q("select count(*) from t")],
    "copy_in_unique_violation": [q(_T), q("copy t (id, body) from stdin", stop="G"),
                                 x(copy_data(b"1\ta\n1\tb\n"), copy_done())],
    "copy_in_end_marker": [q(_T), q("copy t (id, body) from stdin", stop="G"), x(copy_data(b"1\ta\n\\.\n"), copy_done()),
                           q("select count(*) from t")],
    "copy_in_extended": [q(_T), x(parse("copy t (id, body) from stdin"), bind(), execute(), flush(), stop="G"),
                         x(copy_data(b"1\ta\n"), copy_done(), sync()), q("select count(*) from t")],
    "copy_in_extended_pipelined": [
        q(_T), x(parse("copy t (id, body) from stdin"), bind(), execute(), copy_data(b"1\ta\n"), copy_done(), sync())],
    "copy_in_sync_and_flush_ignored": [q(_T), q("copy t (id, body) from stdin", stop="G"),
                                       x(sync(), flush(), copy_data(b"1\ta\n"), sync(), copy_done()), q("select count(*) from t")],
    "copy_in_between_statements": [q(_T), q("select 1; copy t (id, body) from stdin; select 2", stop="G"),
                                   x(copy_data(b"1\ta\n"), copy_done())],
    "copy_in_and_out_in_one_query": [q(_T), q("copy t (id, body) from stdin; copy t to stdout", stop="G"),
                                     x(copy_data(b"1\ta\n"), copy_done())],
    "two_copies_in_one_query": [q(_T), q("copy t (id, body) from stdin; copy t (id, body) from stdin", stop="G"),
                                x(copy_data(b"1\ta\n"), copy_done(), stop="G"), x(copy_data(b"2\tb\n"), copy_done())],
    "copy_data_outside_copy_is_ignored": [x(copy_data(b"stray"), copy_done(), query("select 1"))],

    # the rest
    "listen_notify_self": [q("listen channel_one"), q("notify channel_one, 'payload'"),
                           q("begin"), q("notify channel_one, 'later'"), q("select 1"), q("commit"), q("unlisten *"),
                           q("notify channel_one, 'unheard'")],
    "function_call": [Round(function_call(1397, [b"-5"])), q("select 1")],  # abs(int4)
    "function_call_missing": [Round(function_call(999999)), q("select 1")],
    "large_object": [q("begin"), q("select lo_from_bytea(987654, 'hello')"), q("select lo_get(987654)"), q("rollback")],
    "advisory_lock": [q("select pg_advisory_lock(7), pg_advisory_unlock(7), pg_advisory_unlock(7)")],
    "do_and_call": [q("create procedure pg_temp.proc(inout i int) language plpgsql as $$ begin i := i + 1; end $$"),
                    q("call pg_temp.proc(41)")],
    "domain_and_enum": [q("begin"), q("create domain positive as int check (value > 0)"), q("select 0::positive"), q("rollback")],
    "statement_timeout": [q("set statement_timeout = 1"), q("select pg_sleep(20)"), q("reset statement_timeout")],
    "very_long_identifier": [q(f"select 1 as {'x' * 100}")],
    "deep_expression": [q("select " + "(" * 200 + "1" + ")" * 200)],
    "utf8_identifier_error_position": [q("select 'ä', ö")],
    "invalid_byte_sequence_in_literal": [q("select E'\\xff'")],
}
