#!/usr/bin/python3
"""The tour of scripts/demo. Expects the program to be built."""
import os
import pathlib
import re
import secrets
import shlex
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from support import certificates, gateway, machine, postgres, scram  # noqa: E402

TRACES = 10_000
SUPPORT = ROOT / "tests" / "support"
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def chapter(title):
    print("\n" + paint("1;36", f"=== {title}"))


def say(text):
    print(paint("36", text))


class Tour:
    """Steps that are shown and checked."""

    def __init__(self, directory, port, passwords):
        self._directory = directory
        self._port = port
        self._passwords = passwords
        self.faults = 0

    def connection(self, user, database="traces", port=None):
        return (f"host=127.0.0.1 port={port or self._port} dbname={database} user={user} "
                f"sslmode=verify-full sslrootcert={self._directory}/policies/ca.crt")

    def step(self, told, user, statements, expect, *, database="traces", port=None, standard_input=None):
        """Runs a statement, or several in one session, in psql as `user` and compares what it shows with
        the pattern `expect`."""
        statements = [statements] if isinstance(statements, str) else statements
        print()
        say(told)
        for sql in statements:
            print(paint("1", f"{user}@{database}=> ") + sql)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        done = subprocess.run(
            [postgres.BIN / "psql", "-X", "-P", "pager=off", "-d", self.connection(user, database, port),
             *[word for sql in statements for word in ("-c", sql)]],
            env=clean | {"PGPASSWORD": self._passwords[user]}, input=standard_input, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        shown = done.stdout
        refused = "permission denied" in shown
        print(paint("33" if refused else "32", shown.rstrip()))
        if not re.search(expect, shown, re.DOTALL):
            self.faults += 1
            print(paint("1;31", f"NOT AS TOLD: expected {expect!r}"))
        return shown


def start_store(directory, authority, port):
    folder = directory / "postgres"
    folder.mkdir()
    store = postgres.Cluster(folder, authority)
    store.port = port
    store.start()
    return store


def fill_store(store, passwords):
    for role in ("trace_ingest", "trace_reader", "tracegate_catalog", "tracegate_audit", "auditor"):
        store.sql(f"create role {role} login password :'password'", variables={"password": passwords[role]})
    store.sql("grant pg_read_all_data to auditor")
    store.create_database("traces")
    store.create_database("audit")
    store.sql("alter database audit owner to tracegate_audit")
    store.sql((SUPPORT / "trace_store.sql").read_text(), "traces", variables={"trace_count": TRACES})
    # Wider than the policies: what is refused below is refused by the gateway.
    store.sql("grant select, insert, update, delete on all tables in schema public to trace_ingest, trace_reader", "traces")


def write_policies(directory, authority, passwords, ports):
    """policies/demo with the ports of this run, and the files that it names."""
    policies = directory / "policies"
    policies.mkdir()
    machine.give(policies, 0o755)
    for source in sorted((ROOT / "policies" / "demo").glob("*.toml")):
        text = source.read_text()
        for written, taken in ports.items():
            text = text.replace(str(written), str(taken))
        machine.write(policies / source.name, text)
    for role in ("trace_ingest", "trace_reader", "tracegate_catalog", "tracegate_audit"):
        machine.write(policies / f"{role}.password", passwords[role])
    machine.write(policies / "mask.key", secrets.token_hex(32))
    for user in ("ingest_service", "alice", "bob", "dana"):
        machine.write(policies / f"{user}.scram", scram.verifier(passwords[user]))
    certificate, key = authority.issue("gateway")
    machine.write(policies / "gateway.crt", certificate.read_text(), 0o644)
    machine.write(policies / "gateway.key", key.read_text())
    machine.write(policies / "ca.crt", authority.certificate.read_text(), 0o644)
    return policies


NEW_TRACE = ("INSERT INTO traces (trace_id, namespace, service, model, prompt, status) VALUES "
             "('11111111-2222-3333-4444-555555555555', 'legal', 'contract-review', 'atlas-large', "
             "'Does clause 7 of the contract with Ms Novak permit early termination?', 'ok')")
DENIED = r"ERROR:  permission denied for table \w+\n.*HINT:  "


def ingest(tour):
    chapter("A service that writes traces: role trace_ingest")
    tour.step("It may insert a trace ...", "ingest_service", NEW_TRACE, r"INSERT 0 1")
    tour.step("... and load the steps of one with COPY.", "ingest_service",
              "COPY trace_events (trace_id, step, kind, content) FROM STDIN",
              r"COPY 2", standard_input="11111111-2222-3333-4444-555555555555\t1\treasoning\tThe clause has two conditions.\n"
                                        "11111111-2222-3333-4444-555555555555\t2\toutput\tYes, after twelve months.\n\\.\n")
    tour.step("It may not read what it wrote.", "ingest_service", "SELECT prompt FROM traces LIMIT 1", DENIED)
    tour.step("Nor delete.", "ingest_service", "DELETE FROM traces", DENIED)
    tour.step("RETURNING is a read in disguise, so it is refused as one.", "ingest_service",
              NEW_TRACE.replace("1111", "9999", 1) + " RETURNING *", DENIED)


def read(tour):
    chapter("An analyst: role trace_reader")
    tour.step("Reads are answered by the store, at the price of a proxy.", "alice",
              "SELECT namespace, count(*), round(sum(cost_usd), 2) AS usd FROM traces GROUP BY 1 ORDER BY 1",
              r"billing .* support .*\(6 rows\)")
    tour.step("The trace that was just written is there, with its steps.", "alice",
              "SELECT step, kind, content FROM trace_events WHERE trace_id = '11111111-2222-3333-4444-555555555555' ORDER BY step",
              r"The clause has two conditions.*\(2 rows\)")
    tour.step("A write is refused.", "alice", "UPDATE traces SET prompt = 'nothing to see' WHERE namespace = 'legal'", DENIED)
    tour.step("So is a column that the role does not have, wherever it hides.", "alice",
              "SELECT avg(score) FROM feedback WHERE comment LIKE '%slow%'", DENIED)
    tour.step("The columns that it has, it has.", "alice",
              "SELECT score, count(*) FROM feedback GROUP BY score ORDER BY score", r"\(5 rows\)")
    tour.step("A refusal is an error as PostgreSQL's own: in a transaction it fails the transaction, and the session goes on.",
              "alice", ["BEGIN", "SELECT 1 AS fine", "DELETE FROM traces", "SELECT 2", "ROLLBACK", "SELECT 3 AS fine_again"],
              r"BEGIN.*permission denied for table traces.*current transaction is aborted.*ROLLBACK.*fine_again")


def scoped(tour):
    chapter("An analyst of two teams: role team_analyst, a smaller store")
    tour.step("Of the traces it sees two namespaces and three days, whatever it asks.", "bob",
              "SELECT namespace, count(*), min(started_at)::date, max(started_at)::date FROM traces GROUP BY 1 ORDER BY 1",
              r"billing .*2025-01-03 +\| 2025-01-05.*support .*\(2 rows\)")
    tour.step("Feedback is that of these traces.", "bob",
              "SELECT DISTINCT namespace FROM feedback JOIN traces USING (trace_id) ORDER BY 1", r"billing.*support.*\(2 rows\)")
    tour.step("The store evaluates nothing over other rows: an expression that fails there and only there does not fail.",
              "bob", "SELECT count(*) AS fine FROM traces WHERE 1 / (CASE namespace WHEN 'legal' THEN 0 ELSE 1 END) = 1",
              r"fine\s+-+\s+\d+\s+\(1 row\)")
    tour.step("A column that it does not have does not exist.", "bob", "SELECT user_email FROM traces",
              r'ERROR:  column "user_email" does not exist')
    tour.step("Nor does a table.", "bob", "SELECT * FROM namespaces", r'ERROR:  relation "namespaces" does not exist')


def masked(tour):
    chapter("A data scientist: role data_scientist, all traces and nobody's data")
    tour.step("Columns are masked as they are returned: pseudonyms for people, marks for what is found in free text.", "dana",
              "SELECT user_email, prompt, labels FROM traces WHERE trace_id IN "
              "('11111111-2222-3333-4444-555555555555', (SELECT min(trace_id::text)::uuid FROM traces)) ORDER BY started_at",
              r'[0-9a-f]{32} .*"a tag".*contract with \[person_reference\] permit')
    tour.step("A pseudonym stays the same, so that people can be counted and followed.", "dana",
              "SELECT count(*) > count(DISTINCT user_email) AS repeated, count(DISTINCT user_email) > 100 AS many FROM traces",
              r"t +\| t")
    tour.step("Whatever is done with a masked column is done with the mask.", "dana",
              "SELECT count(*) AS found FROM traces WHERE user_email LIKE '%@%'", r"found\s+-+\s+0\s")
    tour.step("Also in an export, and in whole rows.", "dana",
              "COPY (SELECT user_email, to_jsonb(e) FROM traces JOIN trace_events e USING (trace_id) WHERE user_email IS NOT NULL LIMIT 2) TO STDOUT",
              r"[0-9a-f]{32}\t\{")


def audit(tour, store_port):
    chapter("The auditor: every statement is on record, also what was refused")
    everything = tour.step(
        "The session tables are ordinary views in PostgreSQL.", "auditor",
        "SELECT s.subject, st.class, st.verdict, st.ending, st.rows, left(st.text, 60) AS text "
        "FROM tracegate.statements st JOIN tracegate.sessions s USING (session_id) ORDER BY st.at, st.statement_no",
        r"local:ingest_service .*insert.*allow.*local:alice", database="audit", port=store_port)
    for kind, verdict, user in (("insert", "allow", "ingest_service"), ("copy_in", "allow", "ingest_service"),
                                ("select", "deny", "ingest_service"), ("delete", "deny", "ingest_service"),
                                ("insert", "deny", "ingest_service"), ("select", "allow", "alice"),
                                ("update", "deny", "alice"), ("select", "deny", "alice"), ("delete", "deny", "alice"),
                                ("select", "allow", "bob"), ("select", "deny", "bob"),
                                ("select", "allow", "dana"), ("copy_out", "allow", "dana")):
        if not re.search(rf"local:{user} *\| {kind} *\| {verdict}", everything):
            tour.faults += 1
            print(paint("1;31", f"NOT AS TOLD: no record of {user}'s {kind} with the verdict {verdict}"))
    if "Novak" in everything:
        tour.faults += 1
        print(paint("1;31", "NOT AS TOLD: the record shows a value that was written"))
    say("\nThe values of what was written are not copied into the record: Ms Novak's name is not in it.")
    tour.step("What was refused, by which rule, and why:", "auditor",
              "SELECT subject, role, class, rule, left(reason, 70) AS reason FROM tracegate.denials ORDER BY at",
              r"local:ingest_service.*local:alice.*local:bob", database="audit", port=store_port)


def wait_for_record(store):
    """Until the session tables have the last statement of the tour, and how each ended."""
    machine.wait_until(lambda: store.value("select to_regclass('tracegate.statements')", "audit"), "the session tables")
    machine.wait_until(lambda: store.value(
        "select exists (select from tracegate.statements where text like '%to_jsonb(e)%' and subject = 'local:dana') "
        "and not exists (select from tracegate.statements where ending is null)", "audit") == "t",
        "the record to be shipped")


def unchanged(tour, store):
    chapter("And the store itself")
    count = store.value("select count(*) from traces", "traces")
    say(f"It holds {TRACES:,} sample traces and the one that was written: {int(count):,}.")
    if count != str(TRACES + 1):
        tour.faults += 1
        print(paint("1;31", f"NOT AS TOLD: {count} traces"))


def keep(tour, passwords):
    chapter("Everything stays up. Try it:")
    for user in ("ingest_service", "alice", "bob", "dana"):
        print(f"  PGPASSWORD={shlex.quote(passwords[user])} psql {shlex.quote(tour.connection(user))}")
    print("Ctrl-C ends it.", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def main():
    stay = "--keep" in sys.argv[1:]
    # SIGTERM is Ctrl-C: both come by here on their way out and stop what was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    directory = machine.work_directory("demo")
    store = front = None
    try:
        chapter("Starting")
        passwords = {name: secrets.token_urlsafe(12) for name in
                     ("trace_ingest", "trace_reader", "tracegate_catalog", "tracegate_audit", "auditor",
                      "ingest_service", "alice", "bob", "dana")}
        ports = {written: machine.port_or_free(written) for written in (25432, 26432)}
        (directory / "certificates").mkdir()
        authority = certificates.Authority(directory / "certificates")
        store = start_store(directory, authority, ports[25432])
        fill_store(store, passwords)
        say(f"PostgreSQL 15 on 127.0.0.1:{store.port}, with {int(store.value('select count(*) from traces', 'traces')):,} traces "
            f"and {int(store.value('select count(*) from trace_events', 'traces')):,} steps.")
        policies = write_policies(directory, authority, passwords, ports)
        front = gateway.Gateway(directory, policies)
        front.start()
        say(f"tracegate on 127.0.0.1:{front.port}, policies from policies/demo, TLS required.")
        tour = Tour(directory, front.port, passwords)
        ingest(tour)
        read(tour)
        scoped(tour)
        masked(tour)
        wait_for_record(store)
        audit(tour, store.port)
        unchanged(tour, store)
        print()
        print(paint("1;31", f"{tour.faults} steps were not as told.") if tour.faults
              else paint("1;32", "Every step was as told."))
        if stay:
            keep(tour, passwords)
        return 1 if tour.faults else 0
    finally:
        if front is not None:
            front.stop()
        if store is not None:
            store.stop()
        machine.remove(directory)


sys.exit(main())
