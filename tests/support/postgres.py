"""One PostgreSQL 15 cluster in a folder of its own: loopback only, TLS, SCRAM for every TCP
connection. The socket in that folder trusts its caller; nobody but the tests can reach it."""
import os
import pathlib
import signal
import subprocess

from . import machine

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
SUPERUSER = "postgres"

_SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = '{directory}'
ssl = on
ssl_cert_file = '{certificate}'
ssl_key_file = '{key}'
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_prepared_transactions = 10
lc_messages = 'C'
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_line_prefix = '%m [%p] %u@%d '
"""

_ACCESS = """\
local   all all                trust
host    all all 127.0.0.1/32   scram-sha-256
"""


class Cluster:
    """`with Cluster(directory, authority) as cluster:` or start() and stop()."""

    def __init__(self, directory, authority, **settings):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"
        self.port = None
        self._process = None
        machine.give(self.directory)
        certificate, key = authority.issue("store")
        machine.run_as_account([BIN / "initdb", "--pgdata", self.data, "--username", SUPERUSER,
                                "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
                                "--auth", "trust"], cwd="/")
        text = _SETTINGS.format(directory=self.directory, certificate=certificate, key=key)
        text += "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        machine.write(self.data / "postgresql.auto.conf", text)
        machine.write(self.data / "pg_hba.conf", _ACCESS)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self._process.pid

    def start(self, prefix=()):
        """`prefix` is a command to run the server under, such as taskset."""
        for _ in range(5):
            port = self.port or machine.free_port()
            with open(self.log, "ab") as log:
                self._process = machine.spawn([*prefix, BIN / "postgres", "-D", self.data, "-p", port],
                                              orphan_signal=signal.SIGQUIT, cwd="/",
                                              stdout=log, stderr=log)
            machine.wait_until(lambda: self._process.poll() is not None or self._answers(port),
                               "PostgreSQL to start")
            if self._process.poll() is None:
                self.port = port
                return
            if self.port:
                break
        raise AssertionError("PostgreSQL did not start:\n" + self.log.read_text()[-2000:])

    def _answers(self, port):
        return subprocess.run([BIN / "pg_isready", "-q", "-h", str(self.directory), "-p", str(port)],
                              ).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one."""
        if self._process is not None:
            machine.end(self._process, how, seconds=60)
            self._process = None

    def environment(self, user=SUPERUSER, database="postgres"):
        """For libpq programs that go to the store directly, through its socket."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return clean | {"PGHOST": str(self.directory), "PGPORT": str(self.port), "PGUSER": user,
                        "PGDATABASE": database, "PGSSLMODE": "disable"}

    def sql(self, text, database="postgres", user=SUPERUSER, variables=None):
        """Runs SQL as psql would, stopping at the first error; the rows, unaligned."""
        settings = [f"--set={name}={value}" for name, value in (variables or {}).items()]
        done = subprocess.run([BIN / "psql", "-X", "-q", "-A", "-t", "--set=ON_ERROR_STOP=1",
                               *settings, "-f", "-"], input=text, capture_output=True, text=True,
                              env=self.environment(user, database))
        if done.returncode != 0:
            raise AssertionError(f"SQL failed: {done.stderr}\n{text[:2000]}")
        return done.stdout.rstrip("\n")

    def value(self, text, database="postgres", user=SUPERUSER):
        return self.sql(text, database, user).strip()

    def create_database(self, name, template=None):
        template = f' template "{template}"' if template else ""
        self.sql(f'create database "{name}"{template}')

    def drop_database(self, name):
        self.sql(f'drop database if exists "{name}" with (force)')
