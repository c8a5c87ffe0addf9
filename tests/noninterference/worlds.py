"""Stores that differ in nothing but what a role may not learn.

A *world* is a PostgreSQL cluster of its own with one database, `traces`. All worlds are copies of one data
directory in which `schema.sql` was run, so every relation, type and function has the same OID in all of
them; then each gets the rows that the role may see (`permitted.sql`), which are the same, and its own
forbidden data (`forbidden.sql`): rows of other namespaces and times, columns, tables, objects, sequences,
statistics. In world b there is also a *neighbour*: a session that holds locks on what the role may not see.

The `reference` is what the role is meant to believe: it has only what is permitted.
"""
import contextlib
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "e2e")]
from support import machine, postgres  # noqa: E402

import statements  # noqa: E402
import wire  # noqa: E402

DATABASE = "traces"
PASSWORD = "correct horse battery staple"
FORBIDDEN_ROWS = {"a": 9_000, "b": 20_000}

# Whatever else could make two runs of one statement differ. None of these is a matter of rights.
SETTINGS = {"synchronize_seqscans": "off", "max_parallel_workers_per_gather": 0, "jit": "off",
            "track_activities": "on", "max_connections": 60, "statement_timeout": "60s"}
ANSWER_SECONDS = 120  # how long to wait for one, on a machine that is busy with other things

# What the neighbour of world b does, and goes on doing.
_NEIGHBOUR = [
    "set application_name = 'operating theatre'",
    "select pg_advisory_lock(42)",
    "select pg_advisory_lock_shared(7, 7)",
    "begin",
    "select 1 from traces where namespace = 'surgery' for update",
    "lock table api_keys in access exclusive mode",
    "insert into namespaces values ('oncology', 'clinic', 1)",
]


class World(postgres.Cluster):
    """A copy of `template`, which is stopped."""

    def __init__(self, directory, template, name):
        # Not postgres.Cluster's: there is nothing to initialise.
        self.name = name
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"
        self.port = None
        self._process = None
        machine.give(self.directory)
        shutil.copytree(template.data, self.data, copy_function=_copy_owned)
        for each in (self.data, *(path for path in self.data.rglob("*") if path.is_dir())):
            machine.give(each, 0o700)
        settings = self.data / "postgresql.auto.conf"
        machine.write(settings, settings.read_text().replace(f"'{template.directory}'", f"'{directory}'"))

    def connect(self, role):
        """As the role of the store that a role of policy.py has."""
        user = {"masker": "analyst"}.get(role, role)
        return wire.connect("127.0.0.1", self.port, user, PASSWORD, DATABASE, timeout=ANSWER_SECONDS)

    @contextlib.contextmanager
    def housekeeping(self):
        """A function that takes away what rolled back transactions have left in the tables."""
        with self.connect("neighbour") as session:
            # Without truncation: it would wait for the neighbour, who has locked rows of traces.
            yield lambda: session.ask("vacuum (index_cleanup on, truncate off, parallel 0) traces, trace_events, feedback,"
                                      " measurements, documents, contracts")


def _copy_owned(source, target):
    shutil.copy2(source, target)
    machine.give(target)


def _run_file(cluster, name, **variables):
    cluster.sql((HERE / name).read_text(), DATABASE, variables=variables)


def make_template(directory, authority):
    """A cluster with the schema and no row. It is stopped."""
    directory.mkdir()
    template = postgres.Cluster(directory, authority, **SETTINGS)
    with template:
        template.create_database(DATABASE)
        _run_file(template, "schema.sql", password=PASSWORD)
    return template


@contextlib.contextmanager
def running_world(directory, template, name):
    """World "a" or "b", filled; b with its neighbour."""
    directory.mkdir()
    with World(directory, template, name) as world:
        _run_file(world, "permitted.sql")
        _run_file(world, "forbidden.sql", world=name, rows=FORBIDDEN_ROWS[name])
        _run_file(world, "finish.sql")
        if name == "b":
            with world.connect("neighbour") as neighbour:
                for sql in _NEIGHBOUR:
                    errors = wire.errors(neighbour.ask(sql))
                    assert not errors, (sql, errors[0].fields)
                yield world
        else:
            yield world


@contextlib.contextmanager
def running_reference(directory, template):
    """The store with nothing that is forbidden."""
    directory.mkdir()
    with World(directory, template, "reference") as world:
        _run_file(world, "permitted.sql")
        _run_file(world, "finish.sql")
        _run_file(world, "reference.sql")
        yield world


def oid(world, name):
    """Of a relation, or of a function given with its parentheses; the same in every world."""
    kind = "regprocedure" if "(" in name else "regclass"
    return world.value(f"select '{name}'::{kind}::oid", DATABASE)


def resolved(unresolved, world):
    """The statements with the OIDs that they ask for."""
    return [statements.resolve(each, lambda name: oid(world, name)) for each in unresolved]
