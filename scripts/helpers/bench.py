#!/usr/bin/python3
"""The benchmark of scripts/bench: tracegate and PgBouncer, or two roles of tracegate, in alternating runs on one CPU."""
import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]
import wire  # noqa: E402
from support import certificates, gateway, machine, postgres, scram  # noqa: E402

PASSWORD = "bench password"
SCALE = 10
COPY_ROWS = 400_000
MODES = [f"{mode}-{clients}" for mode in ("prepared", "extended", "simple") for clients in (1, 32)]
# A role with a scope next to one without, both through tracegate, by the same statements.
SCOPED = [f"scoped-{mode}-32" for mode in ("prepared", "extended", "simple")]
# Rows of traces as a stream: relayed, with masks on three of six columns, and with all detectors over the text.
STREAMS = {"stream-relay": "bench", "stream-masks": "masked", "stream-detect": "searched"}
STREAM_ROWS, STREAM_TIMES = 40_000, 6  # some 500 MB
STREAM = f"select s.* from streamed s, generate_series(1, {STREAM_TIMES})"
CASES = [*MODES, *SCOPED, *STREAMS, "connect", "copy-out", "copy-in"]


class PgBouncer:
    """Debian's PgBouncer in session mode: SCRAM on both sides, no TLS, no query of its own but DISCARD ALL
    when a client leaves, which is its default."""

    name = "pgbouncer"
    user = "bench"

    def __init__(self, directory, store_port):
        directory.mkdir()
        machine.give(directory)
        self.port = machine.free_port()
        machine.write(directory / "users.txt", f'"bench" "{PASSWORD}"\n')
        machine.write(directory / "pgbouncer.ini", f"""[databases]
bench = host=127.0.0.1 port={store_port} dbname=bench
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {directory}/users.txt
pool_mode = session
max_client_conn = 300
default_pool_size = 100
log_connections = 0
log_disconnections = 0
log_stats = 0
""")
        self._log = open(directory / "pgbouncer.log", "wb")
        self._process = machine.spawn(["/usr/sbin/pgbouncer", "-q", directory / "pgbouncer.ini"], stdout=self._log,
                                      stderr=self._log, cwd="/")

    @property
    def pid(self):
        return self._process.pid

    def cpu_seconds(self):
        return gateway.cpu_seconds(self.pid)

    def cpu_seconds_by_thread(self):
        return {}

    def stop(self):
        machine.end(self._process, signal.SIGTERM)
        self._log.close()


def _stream_role(masks):
    return {"upstreams": ["bench"], "store_user": "bench", "store_password_file": "password",
            "allow": [{"operations": ["select"], "tables": ["public.streamed"]}],
            "mask_columns": {"'public.streamed'": masks}}


class Tracegate(gateway.Gateway):
    """The gateway with a restricted role: everything is judged; one worker, as there is one CPU. Its user `scoped`
    sees the same rows through a scope."""

    name = "tracegate"
    user = "bench"

    def __init__(self, directory, store_port, with_audit):
        directory.mkdir()
        machine.give(directory, 0o755)
        policies = directory / "policies"
        policies.mkdir()
        machine.give(policies, 0o755)
        super().__init__(directory, policies)
        machine.write(policies / "password", PASSWORD)
        machine.write(policies / "mask.key", "0123456789abcdef0123456789abcdef")
        settings = {
            "gateway": {"workers": 1, "log_level": "warn"},
            "journal": {"directory": str(directory / "journal"), "segment_size": "64MiB", "max_size": "8GiB"},
            "listener": [{"address": "127.0.0.1:0", "tls": "off"}],
            "upstream": {"bench": {
                "hosts": [f"127.0.0.1:{store_port}"], "database": "bench", "tls": "off", "authentication": "scram",
                "search_path": ["public"], "catalog_user": "bench", "catalog_password_file": "password"}},
            "role": {"bench": {
                "upstreams": ["bench"], "store_user": "bench", "store_password_file": "password",
                "allow": [{"operations": ["select"],
                           "tables": ["public.pgbench_accounts", "public.pgbench_branches", "public.copied",
                                      "public.streamed"]},
                          {"operations": ["copy_in", "copy_out"],
                           "tables": ["public.copied", "public.received"]}]},
                "scoped": {
                    "upstreams": ["bench"], "store_user": "bench", "store_password_file": "password",
                    "allow": [{"operations": ["select"], "tables": ["public.pgbench_accounts", "public.pgbench_branches"]}],
                    "scope": {'"public.pgbench_accounts"': {"namespace": {"column": "bid", "claim": "branches"}}}},
                "masked": _stream_role({"user_email": {"method": "hash"}, "reviewer": {"method": "email"},
                                        "status": {"method": "partial", "keep_first": 1}}),
                "searched": _stream_role({"prompt": {"method": "detect"}, "answer": {"method": "detect"}})},
            "masking": {"hash_key_file": "mask.key"},
            "user": {"bench": {"role": "bench", "verifier": scram.verifier(PASSWORD)},
                     "masked": {"role": "masked", "verifier": scram.verifier(PASSWORD)},
                     "searched": {"role": "searched", "verifier": scram.verifier(PASSWORD)},
                     "scoped": {"role": "scoped", "verifier": scram.verifier(PASSWORD),
                                "claims": {"branches": [str(n) for n in range(1, SCALE + 1)]}}},
        }
        if with_audit:
            settings["audit"] = {"host": "127.0.0.1", "port": store_port, "database": "audit", "user": "bench",
                                 "password_file": "password", "tls": "off"}
        self.write_policies(bench=settings)
        self.start()


class AsUser:
    """The gateway, as another user."""

    def __init__(self, proxy, user):
        self.name = self.user = user
        self.port, self.cpu_seconds, self.cpu_seconds_by_thread = (
            proxy.port, proxy.cpu_seconds, proxy.cpu_seconds_by_thread)


class Direct:
    """PostgreSQL without a proxy, to see what there is to be had."""

    name = "direct"
    user = "bench"

    def __init__(self, port):
        self.port = port

    def cpu_seconds(self):
        return 0.0

    def cpu_seconds_by_thread(self):
        return {}


class Bench:
    def __init__(self, directory, arguments):
        self.arguments = arguments
        (directory / "certificates").mkdir()
        (directory / "postgres").mkdir()
        authority = certificates.Authority(directory / "certificates")
        self.store = postgres.Cluster(directory / "postgres", authority, shared_buffers="512MB", max_wal_size="4GB")
        self.store.start()
        self.store.sql("create role bench login password :'password'", variables={"password": PASSWORD})
        for database in ("bench", "audit"):
            self.store.create_database(database)
            self.store.sql(f"alter database {database} owner to bench")
        self._fill()
        self.stream_bytes = STREAM_TIMES * int(self.store.value("select sum(25 + length(s::text)) from streamed s", "bench"))
        self.copy_file = directory / "copied.txt"
        with open(self.copy_file, "wb") as out:
            subprocess.run([postgres.BIN / "psql", "-X", "-c", "copy copied to stdout"], stdout=out, check=True,
                           env=self.store.environment("postgres", "bench"))
        self.proxies = [Tracegate(directory / "tracegate", self.store.port, not arguments.no_audit),
                        PgBouncer(directory / "pgbouncer", self.store.port)]
        self.as_user = {user: AsUser(self.proxies[0], user) for user in ("scoped", "masked", "searched")}
        self.direct = Direct(self.store.port)
        for proxy in self.proxies:
            machine.wait_until(lambda: self._psql(proxy, "select 1").returncode == 0, f"{proxy.name} to answer")

    def stop(self):
        for proxy in self.proxies:
            proxy.stop()
        self.store.stop()

    def _fill(self):
        subprocess.run([postgres.BIN / "pgbench", "-i", "-q", "-s", str(SCALE)], check=True, capture_output=True,
                       env=self.store.environment("postgres", "bench"))
        self.store.sql("create unlogged table copied (id bigint, prompt text, model text, at timestamptz); "
                       "insert into copied select n, repeat(md5(n::text), 7), 'atlas-large', now() "
                       f"from generate_series(1, {COPY_ROWS}) n; create unlogged table received (like copied);"
                       "create unlogged table streamed (id bigint, user_email text, status text, reviewer text, prompt text, answer text);"
                       "alter table streamed alter prompt set storage external, alter answer set storage external;"
                       "insert into streamed select n, 'user' || n % 5000 || '@example.com', 'ok', 'r' || n % 9 || '@example.org', "
                       # Words that are nobody's data, but for one row of five.
                       "(select string_agg((array['the', 'queue', 'was', 'moved', 'to', 'another', 'cluster', 'because', 'latency', 'in', 'March', "
                       "'exceeded', 'what', 'we', 'had', 'agreed,', 'so', 'step', '7', 'is', 'open.'])[1 + (n * 7 + w * 13 + w * w) % 21], ' ') "
                       "from generate_series(1, 200) w) || case when n % 5 = 0 then ' Ask ana@example.com, 555-0100.' else '' end, "
                       "repeat('Dear customer, we found the entries of that month and corrected them. ', 12) "
                       f"from generate_series(1, {STREAM_ROWS}) n;"
                       "grant select, insert on all tables in schema public to bench; vacuum analyze", "bench")

    def _environment(self, proxy):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return clean | {"PGHOST": "127.0.0.1", "PGPORT": str(proxy.port), "PGUSER": proxy.user, "PGPASSWORD": PASSWORD,
                        "PGDATABASE": "bench", "PGSSLMODE": "disable"}

    def _psql(self, proxy, sql, **options):
        return subprocess.run([postgres.BIN / "psql", "-X", "-q", "-c", sql], env=self._environment(proxy),
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **options)

    def _pgbench(self, proxy, *options):
        done = subprocess.run([postgres.BIN / "pgbench", "-n", "-S", "-T", str(self.arguments.seconds), *options],
                              env=self._environment(proxy), capture_output=True, text=True, check=True)
        return int(re.search(r"transactions actually processed: (\d+)", done.stdout)[1])

    def measure(self, proxy, case):
        """One measurement: `cost` is CPU us for a transaction, or CPU s for a GB of COPY; `threads` splits
        it by thread; `rate` is transactions per second, or MB/s."""
        before, threads = proxy.cpu_seconds(), proxy.cpu_seconds_by_thread()
        start = time.monotonic()
        if case.startswith("copy"):
            amount = self._copy(proxy, case)
        elif case in STREAMS:
            amount = self._stream(proxy)
        elif case == "connect":
            amount = self._pgbench(proxy, "-C", "-c", "1")
        else:
            mode, clients = case.split("-")[-2:]
            amount = self._pgbench(proxy, "-M", mode, "-c", clients, "-j", "1")
        seconds = time.monotonic() - start
        cpu, by_thread = self._when_idle(proxy)
        cpu -= before
        by_thread = {name: value - threads.get(name, 0.0) for name, value in by_thread.items()}
        if not amount:
            raise SystemExit(f"bench: {proxy.name}: {case}: nothing was answered within {self.arguments.seconds} s")
        in_bytes = case.startswith("copy") or case in STREAMS
        unit = amount / 1e9 if in_bytes else amount / 1e6
        return {"cost": cpu / unit, "threads": {name: value / unit for name, value in by_thread.items()},
                "rate": amount / seconds / (1e6 if in_bytes else 1)}

    def _stream(self, proxy):
        """Bytes of rows as the store sends them, whatever the masks make of them."""
        with wire.connect("127.0.0.1", proxy.port, proxy.user, PASSWORD, "bench", timeout=300) as client:
            client.send(wire.query(STREAM))
            buffer, end = bytearray(1 << 18), b""
            while not end.endswith(b"Z\0\0\0\5I"):
                count = client.socket.recv_into(buffer)
                if not count:
                    raise SystemExit(f"bench: {proxy.name}: the connection ended")
                end = end[-5:] + bytes(buffer[max(0, count - 6):count])
            if b"ERROR" in buffer[:200]:
                raise SystemExit(f"bench: {proxy.name}: {bytes(buffer[:300])}")
        return self.stream_bytes

    def _copy(self, proxy, case):
        """Bytes of text that went through."""
        if case == "copy-out":
            done = self._psql(proxy, "copy copied to stdout")
        else:
            with open(self.copy_file, "rb") as lines:
                done = self._psql(proxy, "copy received from stdin", stdin=lines)
            self.store.sql("truncate received", "bench")
        if done.returncode != 0:
            raise SystemExit(f"bench: {proxy.name}: {done.stderr.decode()}")
        return self.copy_file.stat().st_size

    def _when_idle(self, proxy):
        """CPU seconds once the proxy has nothing left to do: what it shipped later counts as well. An idle
        gateway looks at timers, hence the threshold."""
        seen, quiet_since = proxy.cpu_seconds(), time.monotonic()
        deadline = quiet_since + 120
        while time.monotonic() - quiet_since < 0.4 and time.monotonic() < deadline:
            time.sleep(0.05)
            now = proxy.cpu_seconds()
            if now - seen >= 0.01:
                seen, quiet_since = now, time.monotonic()
        return proxy.cpu_seconds(), proxy.cpu_seconds_by_thread()

    def run(self, case):
        """Medians over the rounds for each of the two that are compared; they take turns in going first."""
        compared = self.proxies
        if case in SCOPED:
            compared = [self.as_user["scoped"], self.proxies[0]]
        elif case in STREAMS:
            compared = [self.as_user.get(STREAMS[case], self.proxies[0]), self.proxies[1]]
        for proxy in compared:
            self.measure(proxy, case)  # warm: plans cached, server connections open
        beside = [] if case in SCOPED else [self.direct]
        results = {proxy.name: [] for proxy in (*compared, *beside)}
        for number in range(self.arguments.rounds):
            order = compared if number % 2 == 0 else compared[::-1]
            for proxy in (*order, *beside):
                results[proxy.name].append(self.measure(proxy, case))
        summary = {name: median(each) for name, each in results.items()}
        ours, theirs = summary["compared"] = [proxy.name for proxy in compared]
        if case in SCOPED:
            # Differences of a few per cent: neighbours are compared, as the machine is not the same for long.
            summary["ratio"] = statistics.median(one["cost"] / other["cost"]
                                                 for one, other in zip(results[ours], results[theirs]))
        else:
            figure = "rate" if case in STREAMS else "cost"
            summary["ratio"] = summary[ours][figure] / summary[theirs][figure]
        summary["rounds"] = results
        return summary


def median(measurements):
    names = {name for each in measurements for name in each["threads"]}
    return {"cost": statistics.median(each["cost"] for each in measurements),
            "rate": statistics.median(each["rate"] for each in measurements),
            "threads": {name: statistics.median(each["threads"].get(name, 0.0) for each in measurements)
                        for name in sorted(names)}}


def show(case, summary):
    ours, theirs = (summary[name] for name in summary["compared"])
    direct = f"{summary['direct']['rate']:10.0f}" if "direct" in summary else " " * 10
    threads = "  ".join(f"{name} {value:.1f}" for name, value in ours["threads"].items() if value >= 0.05)
    print(f"{case:18} {ours['cost']:10.2f} {theirs['cost']:10.2f} {summary['ratio']:7.2f} "
          f"{ours['rate']:10.0f} {theirs['rate']:10.0f} {direct}   {threads}", flush=True)


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default=",".join(CASES))
    parser.add_argument("--no-audit", action="store_true")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",")
    if unknown := set(arguments.only) - set(CASES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(CASES)}")
    return arguments


def main():
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.sched_setaffinity(0, {arguments.cpu})  # inherited by every process from here on
    directory = machine.work_directory("bench")
    bench = None
    try:
        bench = Bench(directory, arguments)
        print(f"CPU {arguments.cpu}, {arguments.rounds} rounds of {arguments.seconds} s, medians; "
              f"session tables {'off' if arguments.no_audit else 'on'}")
        print("cost: CPU us of the proxy for a transaction (connection, for connect), CPU s for a GB of COPY; "
              "rate: transactions per second, MB/s for COPY and streams; ratio: of the costs, of the rates for streams")
        print("scoped-...: tracegate as a role with a scope in the first column, as one without in the second\n")
        print(f"{'':18} {'tracegate':>10} {'pgbouncer':>10} {'ratio':>7} {'tracegate':>10} {'pgbouncer':>10} {'direct':>10}")
        print(f"{'':18} {'cost':>10} {'cost':>10} {'':7} {'rate':>10} {'rate':>10} {'rate':>10}   cost by thread of tracegate")
        results = {}
        for case in arguments.only:
            results[case] = bench.run(case)
            show(case, results[case])
        if arguments.json:
            arguments.json.write_text(json.dumps({"arguments": {"rounds": arguments.rounds, "seconds": arguments.seconds,
                                                                "audit": not arguments.no_audit},
                                                  "results": results}, indent=1) + "\n")
    finally:
        if bench:
            bench.stop()
        machine.remove(directory)


main()
