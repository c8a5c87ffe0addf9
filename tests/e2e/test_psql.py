"""psql as people use it. What runs through `endpoint` runs against the store as well, so every
expectation here is PostgreSQL's own behaviour."""
import fcntl
import os
import pty
import select
import subprocess
import termios

import pytest

from support import certificates, machine, postgres


def test_results_with_headers_and_types(endpoint):
    done = endpoint.run("trace_reader", ["psql", "-X", "-c",
                                         "select namespace, owner from namespaces order by 1 limit 2"])
    assert done.stderr == ""
    assert done.stdout == (" namespace |    owner     \n-----------+--------------\n"
                           " billing   | billing-team\n clinic    | clinic-team\n(2 rows)\n\n")


def test_error_shows_the_position(endpoint):
    done = endpoint.psql("dba", "select model,\n  modle from traces;")
    assert done.stderr == ('psql:<stdin>:2: ERROR:  column "modle" does not exist\n'
                           "LINE 2:   modle from traces;\n          ^\n"
                           'HINT:  Perhaps you meant to reference the column "traces.model".\n')


def test_notices_reach_stderr(endpoint):
    done = endpoint.psql("dba", "drop table if exists not_there;")
    assert 'NOTICE:  table "not_there" does not exist, skipping' in done.stderr


def test_multi_statement_argument_is_one_message(endpoint):
    done = endpoint.run("dba", ["psql", "-X", "-A", "-t", "-c", "select 1; select 1/0; select 3"])
    assert done.stdout == "1\n"
    assert "division by zero" in done.stderr
    assert done.returncode == 1


def test_stop_at_first_error(endpoint):
    done = endpoint.psql("dba", "select 1;\nselect 1/0;\nselect 2;\n", "--set=ON_ERROR_STOP=1")
    assert (done.stdout, done.returncode) == ("1\n", 3)


def test_copy_out_and_in_again(endpoint, notes):
    done = endpoint.psql("app", r"""
insert into notes (body) select 'row ' || n || E'\tand\\tab\n' from generate_series(1, 3000) n;
\copy notes (body) to pstdout
""")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 3000
    again = endpoint.psql("app", "truncate notes;\n\\copy notes (body) from stdin\n" + done.stdout
                          + "\\.\nselect count(*), count(distinct body), max(length(body)) from notes;\n")
    assert (again.stdout, again.stderr) == ("3000|3000|17\n", "")


def test_copy_from_a_program_of_the_client(endpoint, notes):
    done = endpoint.psql("app", "\\copy notes (body) from program 'seq 1 100000'\n"
                                "select count(*), sum(body::int) from notes;\n")
    assert (done.stdout, done.stderr) == ("100000|5000050000\n", "")


def test_copy_in_error_names_the_line(endpoint, notes):
    done = endpoint.psql("app", "copy notes (id, body) from stdin;\n1\ta\nx\tb\n\\.\nselect count(*) from notes;\n")
    assert 'invalid input syntax for type bigint: "x"' in done.stderr
    assert 'CONTEXT:  COPY notes, line 2, column id: "x"' in done.stderr
    assert done.stdout == "0\n"


def test_fetch_count_uses_cursors(endpoint):
    done = endpoint.psql("trace_reader", "\\set FETCH_COUNT 100\nselect trace_id from traces;\n")
    assert done.stdout.count("\n") == 10_000


def test_describe_and_execute_meta_commands(endpoint):
    done = endpoint.psql("dba", "select 1 as a, 'x' as b \\gdesc\nselect 'select 6*7' \\gexec\n")
    assert done.stdout == "a|integer\nb|text\n42\n"


def test_schema_commands_of_an_administrator(gw, direct):
    script = "\\d traces\n\\dt\n\\d+ trace_costs\n\\df public.*\n\\dn\n\\l\n\\du\n"
    expected = direct.psql("dba", script)
    got = gw.psql("dba", script)
    assert expected.stdout.count("\n") > 30
    assert (got.stdout, got.stderr) == (expected.stdout, expected.stderr)


def test_connection_information(gw):
    done = gw.run("trace_reader", ["psql", "-X", "-c", "\\conninfo"])
    assert 'as user "alice" on host "127.0.0.1"' in done.stdout
    assert "SSL connection (protocol: TLSv1.3" in done.stdout


class Terminal:
    """psql on a pseudo-terminal, as a person uses it."""

    def __init__(self, endpoint, role):
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen([postgres.BIN / "psql", "-X", "--no-readline"], stdin=slave, stdout=slave,
                                         stderr=slave, preexec_fn=_take_terminal,
                                         env=endpoint.environment(role) | {"TERM": "dumb", "PAGER": "cat"})
        os.close(slave)
        self._shown = ""
        self.expect("traces=")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def type(self, text):
        os.write(self._master, text.encode())

    def expect(self, text):
        """What is shown up to this text, from where the last call stopped; 30 seconds at most."""
        while text not in self._shown:
            if not select.select([self._master], [], [], 30)[0]:
                raise AssertionError(f"waited for {text!r}, saw {self._shown!r}")
            self._shown += os.read(self._master, 4096).decode()
        before, _, self._shown = self._shown.partition(text)
        return before

    def wait(self):
        return self._process.wait(30)


def _take_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize("role", ["dba", "trace_reader"])
def test_interrupt_cancels_the_statement_and_keeps_the_connection(endpoint, cluster, role):
    """Ctrl-C in psql sends a CancelRequest on a connection of its own."""
    with Terminal(endpoint, role) as psql:
        psql.type("select public.slow_identity(7, 60);\n")
        machine.wait_until(lambda: cluster.value(
            "select count(*) from pg_stat_activity where query like '%slow_identity(7%' "
            f"and state = 'active' and usename = '{role}'") == "1", "the statement to run")
        psql.type("\x03")
        psql.expect("canceling statement due to user request")
        psql.expect("traces=")
        psql.type("select 'still ' || 'here';\n")
        psql.expect("still here")


def test_prompt_shows_the_state_of_the_transaction(gw):
    """psql takes it from ReadyForQuery."""
    with Terminal(gw, "trace_reader") as psql:
        psql.expect("> ")
        psql.type("begin;\n")
        psql.expect("traces=*> ")
        psql.type("delete from traces where false;\n")
        assert "permission denied for table traces" in psql.expect("traces=!> ")
        psql.type("rollback;\n")
        psql.expect("traces=> ")
        psql.type("\\q\n")
        assert psql.wait() == 0


def test_password_is_asked_for_and_a_wrong_one_refused(gw):
    done = subprocess.run([postgres.BIN / "psql", "-X", "-w", "-c", "select 1"], capture_output=True, text=True,
                          env=gw.environment("trace_reader") | {"PGPASSWORD": "wrong"})
    assert done.returncode == 2
    assert 'password authentication failed for user "alice"' in done.stderr


def test_certificate_of_the_gateway_is_verified(gw, tmp_path):
    foreign = certificates.Authority(tmp_path)
    done = subprocess.run([postgres.BIN / "psql", "-X", "-c", "select 1"], capture_output=True, text=True,
                          env=gw.environment("trace_reader") | {"PGSSLROOTCERT": str(foreign.certificate)})
    assert "certificate verify failed" in done.stderr


def test_channel_binding_can_be_required(gw):
    done = subprocess.run([postgres.BIN / "psql", "-X", "-A", "-t", "-c", "select 1"], capture_output=True, text=True,
                          env=gw.environment("trace_reader") | {"PGCHANNELBINDING": "require"})
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_restricted_reader_sees_what_the_store_holds(gw, direct):
    """A permitted statement gives what PostgreSQL gives."""
    sql = """select namespace, count(*), sum(cost_usd), min(started_at) from traces group by 1 order by 1;
             select t.model, e.kind, avg(e.duration_ms)::numeric(10,2) from traces t join trace_events e using (trace_id)
             where t.namespace = 'legal' group by 1, 2 order by 1, 2;
             with recent as (select * from traces order by started_at desc limit 20)
             select trace_id, rank() over (order by cost_usd) from recent order by 2, 1;
             select labels ->> 'release', jsonb_array_length(labels -> 'tags') from traces order by trace_id limit 5;"""
    got, expected = gw.psql("trace_reader", sql), direct.psql("trace_reader", sql)
    assert expected.returncode == 0 and expected.stdout.count("\n") > 30
    assert (got.stdout, got.stderr) == (expected.stdout, expected.stderr)
