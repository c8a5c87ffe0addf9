"""What fails around the gateway: the store, the disk of the journal, the gateway itself."""
import pathlib
import signal
import threading

import pytest

import wire
from support import certificates, machine


def refused(gateway, role="trace_reader"):
    """The error of a login that is refused, or None if it succeeds."""
    try:
        gateway.raw(role).close()
    except wire.Refused as refusal:
        return refusal.error
    return None


def test_store_that_is_down_is_said_clearly_and_used_again_when_it_is_back(private_gateway, private_cluster):
    gateway = private_gateway(on=private_cluster)
    gateway.start()
    client = gateway.raw("trace_reader")
    client.ask("select 1")
    private_cluster.stop(signal.SIGQUIT)
    got = client.read_to_end()
    assert all(each.sqlstate in ("57P01", "57P02", "08006") for each in wire.errors(got))
    assert wire.errors(got)
    client.close()
    error = refused(gateway)
    assert error.fields["S"] == "FATAL" and error.sqlstate in ("08001", "08006", "57P03"), error.fields
    assert str(private_cluster.port) not in error.fields["M"], "clients are not told where the store is"
    private_cluster.start()
    machine.wait_until(lambda: refused(gateway) is None, "the store to be used again")
    gateway.stop()


def test_store_killed_in_the_middle_of_an_answer(private_gateway, private_cluster):
    gateway = private_gateway(on=private_cluster)
    gateway.start()
    with gateway.raw("trace_reader") as client:
        client.send(wire.query("select n, repeat('x', 1000) from generate_series(1, 10000000) n"))
        client.read_exactly(500_000)
        private_cluster.stop(signal.SIGQUIT)
        got = b""
        try:
            while True:
                got = (got + client.read_exactly(1))[-2000:]
        except wire.Closed:
            pass
    assert b"Z\0\0\0\5I" not in got, "no answer may look complete"
    private_cluster.start()
    machine.wait_until(lambda: refused(gateway) is None, "the store to be used again")
    gateway.stop()


def test_second_host_is_tried(private_gateway, cluster):
    def first_is_dead(settings, roles):
        upstream = settings["upstream"]["traces"]
        upstream["hosts"] = [f"127.0.0.1:{machine.free_port()}", *upstream["hosts"]]
    with private_gateway(change=first_is_dead) as gateway, gateway.raw("trace_reader") as client:
        assert client.is_alive()


def test_store_with_a_foreign_certificate_is_not_used(private_gateway, tmp_path):
    tmp_path.chmod(0o755)
    foreign = certificates.Authority(tmp_path)

    def trust_another(settings, roles):
        copy = machine.write(pathlib.Path(settings["journal"]["directory"]).parent / "foreign.crt",
                             foreign.certificate.read_text(), 0o644)
        settings["upstream"]["traces"]["ca_file"] = str(copy)
    gateway = private_gateway(change=trust_another)
    try:
        gateway.start()
        assert refused(gateway).fields["S"] == "FATAL"
    except AssertionError as error:
        assert "certificate" in str(error).lower(), error
        gateway._process = None


def test_store_that_refuses_the_gateways_password(private_gateway):
    def wrong_password(settings, roles):
        folder = pathlib.Path(settings["journal"]["directory"]).parent / "policies"
        machine.write(folder / "wrong", "not the password")
        roles["role"]["trace_reader"]["store_password_file"] = "wrong"
    with private_gateway(change=wrong_password) as gateway:
        error = refused(gateway)
        assert error.fields["S"] == "FATAL"
        assert "trace_reader" not in error.fields["M"], "the store's role is not the client's business"
        assert refused(gateway, "trace_ingest") is None


@pytest.mark.slow
def test_journal_that_is_full_stops_service_and_nothing_is_forwarded(private_gateway, cluster):
    """With the audit database down nothing is shipped, so the journal fills up to its limit."""
    def small(settings, roles):
        settings["journal"].update(segment_size="1MiB", max_size="4MiB")
        settings["audit"]["port"] = machine.free_port()
    gateway = private_gateway(change=small)
    gateway.start()
    cluster.sql("truncate notes", "traces")
    answered, ended = 0, False
    try:
        with gateway.raw("app", timeout=30) as client:
            for n in range(10_000):
                # Long names that differ: each text is recorded whole.
                names = ", ".join(f'id as "{n}_{column}_{"x" * 40}"' for column in range(50))
                answer = client.ask(f"insert into notes (body) values ('x') returning {names}")
                if wire.errors(answer):
                    assert wire.errors(answer)[0].sqlstate in ("53100", "58030"), answer[0].fields
                    ended = True
                    break
                answered += 1
    except (wire.Closed, TimeoutError) as closed:
        ended = True
        for error in wire.errors(getattr(closed, "messages", [])):
            assert error.sqlstate in ("53100", "58030"), error.fields
    assert ended, "the journal never filled"
    stored = int(cluster.value("select count(*) from notes", "traces"))
    assert stored == answered, "a statement ran that has no record"
    error = refused(gateway)
    assert error is not None and error.sqlstate in ("53100", "58030"), error
    cluster.sql("truncate notes", "traces")
    gateway.kill()


def test_journal_directory_that_cannot_be_written_means_no_start(private_gateway):
    def nowhere(settings, roles):
        settings["journal"]["directory"] = "/proc/journal"
    gateway = private_gateway(change=nowhere)
    with pytest.raises(AssertionError, match="journal"):
        gateway.start()
    gateway._process = None


def test_second_gateway_on_the_same_journal_does_not_start(private_gateway):
    first = private_gateway()
    first.start()
    second = private_gateway(change=lambda settings, roles: settings["journal"].update(directory=str(first.directory / "journal")))
    with pytest.raises(AssertionError, match="(?i)journal"):
        second.start()
    second._process = None
    assert refused(first) is None


# kill -9

class Load:
    """Clients that write until their connection is gone, and remember what was answered."""

    def __init__(self, gateway, round_number, clients=4):
        self.answered, self.problems = [], []
        self._threads = [threading.Thread(target=self._run, args=(gateway, f"{round_number}-{n}")) for n in range(clients)]
        self.started = threading.Semaphore(0)
        for each in self._threads:
            each.start()

    def _run(self, gateway, name):
        count = 0
        try:
            with gateway.raw("app", application_name=f"load-{name}") as client:
                while True:
                    # The marker stands where it is no constant, so that it stays in the recorded text.
                    marker = f"mark_{name.replace('-', '_')}_{count}"
                    statement = (f"insert into notes (body) values ('x') returning id as {marker}" if count % 2
                                 else f"select count(*) as {marker} from traces where false")
                    answer = client.ask_extended(statement) if count % 3 else client.ask(statement)
                    assert not wire.errors(answer), list(map(str, answer))
                    self.answered.append(marker)
                    count += 1
                    if count == 5:
                        self.started.release()
        except (wire.Closed, ConnectionError):
            pass
        except Exception as problem:
            self.problems.append(problem)
            self.started.release()

    def wait_until_under_way(self):
        for _ in self._threads:
            assert self.started.acquire(timeout=30)

    def join(self):
        for each in self._threads:
            each.join(30)
            assert not each.is_alive()
        assert not self.problems, self.problems


@pytest.mark.slow
def test_every_answered_statement_is_recorded_however_often_the_gateway_is_killed(private_gateway, cluster, request):
    """kill -9 under load, again and again: what a client saw answered is in the session tables, once."""
    gateway = private_gateway()
    cluster.sql("truncate notes", "traces")
    answered = []
    for number in range(request.config.getoption("--kills")):
        gateway.start()
        load = Load(gateway, number)
        load.wait_until_under_way()
        gateway.kill()
        load.join()
        answered += load.answered
    assert len(answered) >= 20 * request.config.getoption("--kills")
    gateway.start()
    gateway.wait_until_shipped()
    recorded = gateway.audit_rows("select substring(text from 'mark_[0-9_]+') as marker, count(*) as times "
                                  "from tracegate.statements where text like '%mark\\_%' group by 1")
    times = {row["marker"]: row["times"] for row in recorded}
    lost = [marker for marker in answered if marker not in times]
    assert not lost, f"{len(lost)} of {len(answered)} answered statements are not recorded: {lost[:5]}"
    assert set(times.values()) == {1}
    # And no write took effect that has no record.
    writes = int(cluster.value("select count(*) from notes", "traces"))
    assert writes <= sum(int(marker.rpartition("_")[2]) % 2 for marker in times)
    gateway.stop()
    cluster.sql("truncate notes", "traces")


def test_gateway_starts_again_after_a_kill_in_idle(private_gateway):
    gateway = private_gateway()
    gateway.start()
    with gateway.raw("trace_reader") as client:
        client.ask("select 'before the kill'")
    gateway.kill()
    gateway.start()
    assert gateway.audit("select verdict from tracegate.statements where text = 'select ''before the kill'''") == [
        {"verdict": "allow"}]


def test_stop_without_clients_is_quick_and_clean(private_gateway):
    gateway = private_gateway()
    gateway.start()
    gateway.stop(seconds=10)
