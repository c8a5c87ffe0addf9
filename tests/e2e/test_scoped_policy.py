"""A role with scopes from its policy to what its sessions see: claims of local users, reloads, the record,
`tracegate explain`. That nothing else leaks is shown elsewhere."""
import signal
import subprocess

import pytest

import wire
from support import machine, scram

import stack

ANALYST = {
    "upstreams": ["traces"], "store_user": "trace_reader", "store_password_file": "password",
    "allow": [{"operations": ["select"], "tables": ["public.traces"],
               "columns": ["trace_id", "namespace", "model", "started_at"]},
              {"operations": ["select"], "tables": ["public.feedback"]}],
    "scope": {
        '"public.traces"': {"namespace": {"column": "namespace", "claim": "namespaces"}},
        '"public.feedback"': {"through": {"column": "trace_id", "table": "public.traces", "key": "trace_id"}},
    },
}
USERS = {"one": ["legal"], "two": ["legal", "billing"], "none": [], "odd": ["it's \\ \"$value\" {,}"]}


@pytest.fixture(scope="module")
def gateway(run_directory, cluster, authority):
    def change(_, roles):
        roles["role"]["team"] = ANALYST
        for user, namespaces in USERS.items():
            roles["user"][user] = {"role": "team", "verifier": scram.verifier(stack.PASSWORD)}
            if namespaces:
                roles["user"][user]["claims"] = {"namespaces": namespaces}
    database = "audit_scoped_policy"
    stack.make_audit(cluster, database)
    made = stack.TestGateway(run_directory / "scoped-policy", cluster, authority, database, change=change)
    made.logins = made.logins | {user: user for user in USERS}
    made.start()
    yield made
    made.stop()
    cluster.drop_database(database)


def rows(client, sql):
    answer = client.ask(sql)
    assert not wire.errors(answer), wire.errors(answer)[0]
    return wire.rows(answer)


def expected(cluster, namespaces, table="traces"):
    listed = ", ".join("'" + each.replace("'", "''") + "'" for each in namespaces) or "null"
    scope = f"select trace_id from traces where namespace in ({listed})"
    return cluster.value(f"select count(*) from {table} where trace_id in ({scope})", "traces")


@pytest.mark.parametrize("user", USERS)
def test_each_user_sees_the_rows_of_its_claims(gateway, cluster, user):
    assert int(expected(cluster, USERS["two"])) > int(expected(cluster, USERS["one"])) > 0
    with gateway.raw(user) as client:
        for table in ("traces", "feedback"):
            counted = rows(client, f"select count(*) from {table}")[0][0]
            assert int(counted) == int(expected(cluster, USERS[user], table)), table


def test_sessions_of_different_claims_share_no_plan(gateway, cluster):
    with gateway.raw("one") as one, gateway.raw("two") as two:
        for _ in range(3):
            for client, user in ((one, "one"), (two, "two")):
                counted = rows(client, "select count(*) from traces")[0][0]
                assert int(counted) == int(expected(cluster, USERS[user]))


def test_what_the_role_has_no_rule_for_does_not_exist(gateway):
    with gateway.raw("one") as client:
        hidden, unknown = (wire.errors(client.ask(f"select 'é', * from {name}"))[0]
                           for name in ("namespaces", "namespacez"))
        assert hidden.fields["M"] == 'relation "namespaces" does not exist'
        for field in "CPH":
            assert hidden.fields.get(field) == unknown.fields.get(field), field
        assert hidden.sqlstate == "42P01" and hidden.fields["P"] == "20"
        missing, never = (wire.errors(client.ask(f"select {name} from traces"))[0]
                          for name in ("prompt", "prompz"))
        assert missing.sqlstate == never.sqlstate == "42703"
        assert wire.errors(client.ask("explain select 1 from traces"))[0].sqlstate == "42501"


def test_the_record_says_what_was_hidden(gateway):
    with gateway.raw("one", application_name="hidden") as client:
        client.ask("select 1 from namespaces")
    recorded = gateway.statements_of("hidden", "reason")
    assert recorded == [{"reason": "select on public.namespaces: no rule is about it; to the client it does not exist"}]


def test_a_reload_changes_the_claims_of_open_sessions(gateway, cluster):
    with gateway.raw("none") as client:
        assert int(rows(client, "select count(*) from traces")[0][0]) == 0
        gateway.roles["user"]["none"]["claims"] = {"namespaces": ["billing"]}
        gateway.write_policies(roles=gateway.roles)
        gateway.signal(signal.SIGHUP)
        machine.wait_until(lambda: int(rows(client, "select count(*) from traces")[0][0]) > 0, "the claim to count")
        assert int(rows(client, "select count(*) from traces")[0][0]) == int(expected(cluster, ["billing"]))


def test_what_sql_prepared_in_a_wider_scope_ends_with_it(gateway, cluster):
    with gateway.raw("two") as client:
        client.ask("prepare wide as select count(*) from traces")
        assert int(rows(client, "execute wide")[0][0]) == int(expected(cluster, USERS["two"]))
        gateway.roles["user"]["two"]["claims"] = {"namespaces": ["legal"]}
        gateway.write_policies(roles=gateway.roles)
        gateway.signal(signal.SIGHUP)
        machine.wait_until(lambda: wire.errors(client.ask("execute wide")), "the statement to be refused")
        assert wire.errors(client.ask("execute wide"))[0].sqlstate == "26000"
        client.ask("deallocate wide")
        client.ask("prepare wide as select count(*) from traces")
        assert int(rows(client, "execute wide")[0][0]) == int(expected(cluster, ["legal"]))


def test_explain_says_what_the_store_receives(gateway, tmp_path):
    def explain(*options):
        done = subprocess.run([gateway._program, "explain", "--policies", gateway.policies, "--role", "team",
                               *options, "select model from traces"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout
    shown = explain("--claim", "namespaces=legal")
    assert shown.startswith("permitted") and "select public.traces: model" in shown
    assert "the store receives: select model from (SELECT" in shown and "'legal'" in shown
    claims = tmp_path / "claims.toml"
    claims.write_text('namespaces = ["a", "b"]\n')
    assert '{"a","b"}' in explain("--claims", claims)
    assert "(false)" in explain()


def test_a_view_that_comes_to_show_more_does_not_exist(private_gateway, cluster):
    cluster.sql("create view public.counted as select 1 as n; grant select on public.counted to trace_reader", "traces")
    try:
        def change(_, roles):
            roles["role"]["team"] = ANALYST | {"allow": ANALYST["allow"] + [
                {"operations": ["select"], "tables": ["public.counted"]}]}
            roles["user"]["one"] = {"role": "team", "verifier": scram.verifier(stack.PASSWORD)}
        made = private_gateway(change)
        made.logins = made.logins | {"one": "one"}
        made.start()
        with made.raw("one") as client:
            assert rows(client, "select n from counted") == [["1"]]
            cluster.sql("create or replace view public.counted as select count(*)::int as n from public.traces", "traces")
            machine.wait_until(lambda: wire.errors(client.ask("select n from counted")), "the view to be gone")
            assert wire.errors(client.ask("select n from counted"))[0].sqlstate == "42P01"
        machine.wait_until(lambda: "public.counted shows rows of public.traces" in made.log_text(), "the log to say so")
    finally:
        cluster.sql("drop view public.counted", "traces")
