"""Everyday statements: through the gateway they give what a store gives that holds nothing else.

The reference (worlds.running_reference) has the permitted rows and columns only, with the OIDs of the worlds.
What is compared are rows, names and types of columns, tags, and notices and errors without their place in the
server's source; not the table and column numbers in RowDescription, which a sub-select may hide.

`reference/*.sql` is written as statements.py says; `reference/psql.txt` has commands of psql, which itself runs
against both. Statements that the gateway refuses or answers differently stand in
`reference/false_denials.toml`, each with its reason.
"""
import dataclasses
import struct
import subprocess
import tomllib

import runner
import statements
import worlds
from support import postgres

import wire

FOLDER = worlds.HERE / "reference"
PSQL_COMMANDS = (FOLDER / "psql.txt").read_text().splitlines()


def false_denials():
    """{"file/name": reason}"""
    text = (FOLDER / "false_denials.toml").read_text()
    return {f"{group}/{name}": reason for group, table in tomllib.loads(text).items()
            for name, reason in table.items()}


def read_all():
    return statements.read_folder(FOLDER)


# Where in the server an error was raised, and of which source text: file, line, routine.
_ERROR_SOURCE = "FLR"


def comparable(message):
    """What of a message a client may rely on."""
    if message.kind == "T":
        return "T", tuple(_columns(message.body))
    if message.kind in "EN":
        return message.kind, tuple(sorted((name, value) for name, value in message.fields.items()
                                          if name not in _ERROR_SOURCE))
    return message.kind, message.body


def _columns(body):
    """(name, type, size, modifier, format) of each column of a RowDescription."""
    (count,), at = struct.unpack_from("!h", body), 2
    for _ in range(count):
        end = body.index(b"\0", at)
        _, _, *rest = struct.unpack_from("!IhIhih", body, end + 1)
        yield body[at:end], *rest
        at = end + 19


def same(statement, expected, got):
    if statement.unordered:
        expected, got = runner.sorted_rows(expected), runner.sorted_rows(got)
    return list(map(comparable, expected)) == list(map(comparable, got))


@dataclasses.dataclass(frozen=True)
class Outcome:
    name: str     # "file/name"
    problem: str  # empty: the same


def compare(connect_reference, connect_gateway, everyday, in_turn=False):
    """An Outcome for each statement. A statement that fails in the reference is an error in the file. `in_turn` as
    in Runner."""
    out = []
    with runner.Runner(connect_reference, connect_gateway, in_turn=in_turn) as both:
        for statement in everyday:
            name, problem = f"{statement.group}/{statement.name}", ""
            for mode in runner.modes(statement):
                if len(statement.steps) == 1 and ";" in statement.steps[0].sql and mode is not runner.Mode.SIMPLE:
                    continue  # several statements in one text
                expected, got = both.answers(statement, mode)
                assert not wire.errors(expected), (name, str(wire.errors(expected)[0]))
                if not same(statement, expected, got):
                    problem = str(runner.Difference(statement, mode, (expected, got)))
                    break
            out.append(Outcome(name, problem))
    return out


def run_psql(environment, command):
    """What psql shows for one of its commands."""
    done = subprocess.run([postgres.BIN / "psql", "-X", "-A", "-c", command], env=environment, text=True,
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def compare_psql(reference_environment, gateway_environment, commands=PSQL_COMMANDS):
    out = []
    for command in commands:
        expected, got = (run_psql(each, command) for each in (reference_environment, gateway_environment))
        problem = "" if expected == got else f"{command}\n  reference: {expected}\n  gateway:   {got}"
        out.append(Outcome(f"psql/{command}", problem))
    return out


def unexpected(outcomes, listed):
    """(problems that are not listed, names that are listed and have none)."""
    problems = {each.name: each.problem for each in outcomes if each.problem}
    return ([text for name, text in problems.items() if name not in listed],
            sorted(name for name in listed if name not in problems))
