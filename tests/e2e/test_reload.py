"""SIGHUP: a good policy folder is in force at once and whole, a bad one changes nothing; SIGTERM: what runs
may come to rest."""
import signal
import subprocess
import threading

import pytest

import stack
import wire
from support import certificates, machine


@pytest.fixture
def gateway(private_gateway):
    made = private_gateway()
    made.start()
    return made


def allowed(client, sql):
    return not wire.errors(client.ask(sql))


def reload_until(gateway, condition, what):
    gateway.signal(signal.SIGHUP)
    machine.wait_until(condition, what)


def test_permission_given_and_taken_while_sessions_run(gateway):
    rules = gateway.roles["role"]["trace_reader"]["allow"]
    with gateway.raw("trace_reader") as client:
        client.send(wire.parse("select count(*) from feedback where comment is not null", "early"), wire.sync())
        assert client.read_until("Z")[0].sqlstate == "42501"
        rules[1].pop("columns")
        gateway.write_policies(roles=gateway.roles)
        reload_until(gateway, lambda: allowed(client, "select comment from feedback"), "the permission")
        client.send(wire.parse("select count(comment) from feedback", "counted"), wire.sync())
        assert wire.kinds(client.read_until("Z")) == "1Z"

        rules.pop(1)
        gateway.write_policies(roles=gateway.roles)
        reload_until(gateway, lambda: not allowed(client, "select comment from feedback"), "the permission to be gone")
        # A statement that was prepared under the old policy is judged by the new one.
        client.send(wire.bind(statement="counted"), wire.execute(), wire.sync())
        answer = client.read_until("Z")
        assert answer[-2].sqlstate == "42501" and "D" not in wire.kinds(answer)
        client.ask("rollback")
        assert allowed(client, "select count(*) from traces")


def test_portal_opened_under_the_old_policy_gives_no_more_rows_than_it_may(gateway):
    with gateway.raw("trace_reader") as client:
        client.ask("begin")
        client.send(wire.parse("select score from feedback"), wire.bind(portal="p"), wire.execute("p", 5), wire.sync())
        assert len(wire.rows(client.read_until("Z"))) == 5
        gateway.roles["role"]["trace_reader"]["allow"].pop(1)
        gateway.write_policies(roles=gateway.roles)
        with gateway.raw("trace_reader") as other:
            reload_until(gateway, lambda: not allowed(other, "select score from feedback"), "the permission to be gone")
        client.send(wire.execute("p", 5), wire.sync())
        answer = client.read_until("Z")
        assert answer[0].sqlstate == "42501", list(map(str, answer))


@pytest.mark.parametrize("fault,file,message", [
    ("[role.trace_reader\n", "extra.toml", "extra.toml:1"),
    ("[role.extra]\nupstreams = ['traces']\nstore_user = 'x'\nstore_password_file = 'password'\ncolums = 1\n",
     "extra.toml", "colums"),
    ("[role.extra]\nupstreams = 'traces'\nstore_user = 'x'\n", "extra.toml", "extra.toml:2"),
    ("[role.extra]\nupstreams = ['nowhere']\nstore_user = 'x'\nstore_password_file = 'password'\n", "extra.toml", "nowhere"),
    ("[role.extra]\nupstreams = ['traces']\nstore_user = 'x'\nstore_password_file = 'password'\n"
     "[[role.extra.allow]]\noperations = ['selekt']\ntables = ['public.traces']\n", "extra.toml", "selekt"),
    ("[role.extra]\nupstreams = ['traces']\nstore_user = 'x'\nstore_password_file = 'password'\n"
     "[[role.extra.allow]]\noperations = ['select']\ntables = ['public.tracs']\n", "extra.toml", "tracs"),
    ("[user.extra]\nrole = 'no_role'\nverifier = 'x'\n", "extra.toml", "no_role"),
    ("\xff\xfe", "extra.toml", "extra.toml"),
])
def test_bad_policy_changes_nothing_and_says_why(gateway, fault, file, message):
    size = gateway.log.stat().st_size
    with gateway.raw("trace_reader") as client:
        machine.write(gateway.policies / file, fault)
        # A change that must not come into force with the rest.
        gateway.roles["role"]["trace_reader"]["allow"] = []
        gateway.write_policies(roles=gateway.roles)
        gateway.signal(signal.SIGHUP)
        machine.wait_until(lambda: message in gateway.log_text()[size:], f"the log to name {message}")
        assert allowed(client, "select count(*) from traces")
        with gateway.raw("trace_reader") as other:
            assert allowed(other, "select count(*) from traces")
        (gateway.policies / file).unlink()
        reload_until(gateway, lambda: not allowed(client, "select count(*) from traces"), "the repaired policy")


def test_new_user_may_log_in_and_removed_one_may_not(gateway):
    gateway.roles["user"]["fresh"] = {"role": "trace_reader", "verifier": stack.scram.verifier("fresh password")}
    del gateway.roles["user"]["carol"]
    gateway.write_policies(roles=gateway.roles)

    def fresh_logs_in():
        try:
            with wire.connect(gateway.host, gateway.port, "fresh", "fresh password", "traces") as client:
                return client.is_alive()
        except wire.Refused:
            return False
    reload_until(gateway, fresh_logs_in, "the new user")
    with pytest.raises(wire.Refused) as refused:
        gateway.raw("trace_analyst")
    assert refused.value.error.sqlstate == "28P01"


def test_session_of_a_role_that_is_gone_is_ended_or_refused(gateway):
    with gateway.raw("trace_analyst") as client:
        assert allowed(client, "select count(*) from traces")
        del gateway.roles["role"]["trace_analyst"], gateway.roles["user"]["carol"]
        gateway.write_policies(roles=gateway.roles)
        gateway.signal(signal.SIGHUP)

        def refused():
            try:
                return not allowed(client, "select count(*) from traces")
            except (wire.Closed, OSError):
                return True
        machine.wait_until(refused, "the session to lose its role")


def test_certificate_is_renewed_without_dropping_sessions(gateway, tmp_path):
    def certificate():
        with gateway.raw() as client:
            client.start_tls()
            return client.socket.getpeercert(binary_form=True)
    with gateway.raw("trace_reader", tls=True) as client:
        before = certificate()
        tmp_path.chmod(0o755)
        renewed, key = certificates.Authority(tmp_path).issue("renewed")
        listener = gateway.settings["listener"][0]
        machine.write(listener["key_file"], key.read_text())
        machine.write(listener["certificate_file"], renewed.read_text(), 0o644)
        reload_until(gateway, lambda: certificate() != before, "the new certificate")
        assert client.is_alive()


def test_reload_under_load_disturbs_nobody(gateway):
    """Statements run while the policy is read again and again: every one is answered."""
    stop, problems, answered = threading.Event(), [], []

    def ask_on():
        count = 0
        with gateway.raw("trace_reader") as client:
            while not stop.is_set():
                answer = client.ask(f"select {count}, count(*) from namespaces")
                if wire.errors(answer) or wire.rows(answer) != [[str(count), "6"]]:
                    problems.append(answer)
                    return
                count += 1
        answered.append(count)
    threads = [threading.Thread(target=ask_on) for _ in range(3)]
    for each in threads:
        each.start()
    try:
        with gateway.raw("dba") as probe:
            for n in range(20):
                name = f"marker_{n}"
                gateway.roles["user"][name] = {"role": "dba", "verifier": stack.scram.verifier("x")}
                gateway.write_policies(roles=gateway.roles)

                def logs_in():
                    try:
                        wire.connect(gateway.host, gateway.port, name, "x", "traces").close()
                        return True
                    except wire.Refused:
                        return False
                reload_until(gateway, logs_in, "the reload")
            assert probe.is_alive()
    finally:
        stop.set()
        for each in threads:
            each.join()
    assert not problems
    assert len(answered) == 3 and min(answered) > 10


def test_sigterm_lets_a_transaction_finish(gateway, cluster):
    idle, busy = gateway.raw("trace_reader"), gateway.raw("dba")
    busy.ask("begin")
    busy.ask("create table finished_in_peace (i int)")
    gateway.signal(signal.SIGTERM)
    assert [each.sqlstate for each in idle.read_to_end()] in (["57P01"], [])
    busy.ask("insert into finished_in_peace values (1)")
    busy.send(wire.query("commit"))
    got = busy.read_to_end()
    assert got[0].tag == "COMMIT"
    gateway._process.wait(30)
    assert cluster.value("select count(*) from finished_in_peace", "traces") == "1"
    cluster.sql("drop table finished_in_peace", "traces")
    idle.close()
    busy.close()


def test_check_command_finds_what_serve_would(gateway):
    def check():
        return subprocess.run([gateway._program, "check", "--policies", gateway.policies], capture_output=True, text=True)
    good = check()
    assert good.returncode == 0, good.stdout + good.stderr
    machine.write(gateway.policies / "extra.toml", "\n[role.extra]\nupstream = ['traces']\n")
    bad = check()
    assert bad.returncode == 1
    assert "extra.toml:3:1" in bad.stdout + bad.stderr
    assert "upstreams" in bad.stdout + bad.stderr, "a suggestion for the misspelt key"


def test_serve_refuses_to_start_with_a_bad_policy(gateway):
    gateway.stop()
    gateway.settings["limits"]["max_sesions"] = 1
    gateway.write_policies(gateway=gateway.settings)
    with pytest.raises(AssertionError, match="max_sesions"):
        gateway.start()
    gateway._process = None


def test_scram_command_makes_a_verifier_that_works(gateway):
    done = subprocess.run([gateway._program, "scram"], input="pässword from stdin\n", capture_output=True,
                          text=True, check=True)
    verifier = done.stdout.strip()
    assert verifier.startswith("SCRAM-SHA-256$")
    gateway.roles["user"]["made"] = {"role": "trace_reader", "verifier": verifier}
    gateway.write_policies(roles=gateway.roles)

    def logs_in():
        try:
            wire.connect(gateway.host, gateway.port, "made", "pässword from stdin", "traces").close()
            return True
        except wire.Refused:
            return False
    reload_until(gateway, logs_in, "the new user")


def test_explain_command_says_what_would_happen(gateway):
    def explain(role, sql):
        return subprocess.run([gateway._program, "explain", "--policies", gateway.policies, "--role", role, sql],
                              capture_output=True, text=True)
    permitted = explain("trace_reader", "select * from traces")
    assert permitted.stdout.startswith("permitted"), permitted.stdout + permitted.stderr
    assert "roles.toml:" in permitted.stdout
    refused = explain("trace_ingest", "select * from traces")
    assert not refused.stdout.startswith("permitted"), refused.stdout
    assert "permission denied for table traces" in refused.stdout, refused.stdout + refused.stderr
