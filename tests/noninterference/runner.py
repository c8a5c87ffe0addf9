"""Sends the same bytes to two stores and compares what comes back, byte by byte.

A statement is sent in three ways (Mode). Each time it meets the same state: a transaction of its own that
is rolled back, and DISCARD ALL behind it; what ends transactions or must not run in one has a session of
its own. Every message is compared: rows and their descriptions, tags, errors with all their fields,
notices, parameter changes, the transaction's status. Set aside is, of the login, what is random by design:
the SCRAM exchange and the cancel key. Rows of statements that leave their order open are compared as
multisets; everything else stays in order.
"""
import dataclasses
import enum
import re
import socket

import worlds  # noqa: F401 (makes `wire` importable)
import wire


class Mode(enum.Enum):
    SIMPLE = "simple"
    TEXT = "extended, text"
    BINARY = "extended, binary"


# What stands behind the messages of a session that the peer ended.
CLOSED = wire.Message("closed", b"")
ROW_KINDS = "Dd"  # DataRow, CopyData


@dataclasses.dataclass(frozen=True)
class Conversation:
    send: bytes
    answers: int  # ReadyForQuery messages to wait for


def modes(statement):
    """FunctionCall messages exist once; parameters exist in the extended protocol only."""
    if statement.has_function_calls:
        return [Mode.SIMPLE]
    return [Mode.TEXT, Mode.BINARY] if statement.has_parameters else list(Mode)


_COPY_FROM = re.compile(r"\bcopy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)


def _step_bytes(step, mode):
    if step.function:
        return wire.function_call(int(step.function), [each.encode() for each in step.parameters])
    # Sent without waiting: outside COPY, PostgreSQL ignores both messages.
    data = b""
    if step.copy_data or _COPY_FROM.search(step.sql):
        data = b"".join(map(wire.copy_data, step.copy_data)) + wire.copy_done()
    if mode is Mode.SIMPLE:
        return wire.query(step.sql) + data
    formats = [1] if mode is Mode.BINARY else []
    return wire.extended(step.sql, step.parameters, result_formats=formats) + data + wire.sync()


def conversation(statement, mode):
    steps = [_step_bytes(step, mode) for step in statement.steps]
    if not statement.alone:
        steps = [wire.query("begin"), *steps, wire.query("rollback"), wire.query("discard all")]
    return Conversation(b"".join(steps), len(steps))


class Lane:
    """The sessions with one store, one for each role. `connect(role)` makes one."""

    def __init__(self, connect):
        self._connect = connect
        self._sessions = {}
        self._current = None

    def close(self):
        for session in self._sessions.values():
            session.close()
        self._sessions = {}

    def send(self, statement, what):
        if statement.alone:
            self._drop(statement.role)
        session = self._sessions.get(statement.role)
        if session is None:
            session = self._sessions[statement.role] = self._connect(statement.role)
        self._current = (statement, session, what.answers)
        session.send(what.send)

    def receive(self):
        """The whole answer to what was sent."""
        statement, session, count = self._current
        try:
            messages = session.read_until("Z", count)
        except wire.Closed as closed:
            messages = [*closed.messages, CLOSED]
        except socket.timeout:
            raise AssertionError(f"{statement.group}/{statement.name}: no answer") from None
        if statement.alone or messages[-1] is CLOSED or messages[-1].status != "I":
            self._drop(statement.role)
        return messages

    def _drop(self, role):
        session = self._sessions.pop(role, None)
        if session is not None:
            session.close()


def sorted_rows(messages):
    """Each run of rows sorted, the rest as it is."""
    out, run = [], []
    for message in [*messages, None]:
        if message is not None and message.kind in ROW_KINDS:
            run.append(message)
            continue
        out += sorted(run, key=lambda each: (each.kind, each.body))
        run = []
        if message is not None:
            out.append(message)
    return out


def equal(statement, one, other):
    return one == other or bool(statement.unordered) and sorted_rows(one) == sorted_rows(other)


# unique_violation, exclusion_violation, foreign_key_violation
_KEY_ERRORS = {"23505", "23P01", "23503"}
# What an error may say: severity, code, message, names of schema, table and constraint, where in the
# server's source, and of COPY the line. Not: detail, hint, other context.
_KEY_ERROR_FIELDS = set("SVCMstnFLRW")
_COPY_LINE = re.compile(r"COPY \w+, line \d+")
_WRITTEN = re.compile(r"(INSERT 0|MERGE|COPY) \d+")


def _is_key_error(error):
    return (error.sqlstate in _KEY_ERRORS and set(error.fields) <= _KEY_ERROR_FIELDS
            and _COPY_LINE.fullmatch(error.fields.get("W", "COPY t, line 1")))


def differs_by_a_key_alone(one, other):
    """Whether the first difference of two answers says nothing but that a key is taken (or that a row
    which is referred to is not there): one has succeeded, the other has an error without any detail; or
    one has hit the key before another key that was taken in both; or, with ON CONFLICT, they have written
    different numbers of rows, and return those. What follows is not compared, as one transaction is aborted
    and the other is not."""
    pair = next(((left, right) for left, right in zip(one, other) if left != right), None)
    if pair is None:
        return len(one) == len(other)
    if "E" in (pair[0].kind, pair[1].kind):
        return all(_is_key_error(each) for each in pair if each.kind == "E")
    tags = [each for each in pair if each.kind == "C"]
    rows = [each for each in pair if each.kind == "D"]
    if rows and [each.tag for each in tags] != ["INSERT 0 0"]:
        return False
    return len(rows) + len(tags) == 2 and all(_WRITTEN.fullmatch(each.tag) for each in tags)


@dataclasses.dataclass(frozen=True)
class Difference:
    statement: object
    mode: Mode
    answers: tuple

    @property
    def only_order(self):
        return sorted_rows(self.answers[0]) == sorted_rows(self.answers[1])

    def __str__(self):
        one, other = self.answers
        at = next((n for n, (left, right) in enumerate(zip(one, other)) if left != right),
                  min(len(one), len(other)))
        sql = "\n    ".join(step.sql or f"function {step.function}" for step in self.statement.steps)
        return (f"{self.statement.group}/{self.statement.name} ({self.mode.value}"
                f"{', order only' if self.only_order else ''})\n    {sql}\n"
                f"  one:   {_shown(one, at)}\n  other: {_shown(other, at)}")


def _shown(messages, at):
    def brief(message):
        text = str(message)
        return text if len(text) <= 300 else text[:297] + "..."
    few = "; ".join(map(brief, messages[at:at + 2])) or "nothing more"
    return f"{len(messages)} messages, from the {at + 1}th: {few}"


class Runner:
    """Two lanes, side by side: both stores work at the same time."""

    def __init__(self, connect_one, connect_other, tidy=(), in_turn=False):
        """`tidy` are functions that put the stores in order behind a statement that may have written: what
        a transaction wrote and rolled back stays in the tables as dead rows. `in_turn`: both lanes lead to one
        store, where they would meet each other's locks."""
        self._lanes = (Lane(connect_one), Lane(connect_other))
        self._tidy = tidy
        self._in_turn = in_turn

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for lane in self._lanes:
            lane.close()

    def answers(self, statement, mode):
        what = conversation(statement, mode)
        answers = []
        for group in ([self._lanes[:1], self._lanes[1:]] if self._in_turn else [self._lanes]):
            for lane in group:
                lane.send(statement, what)
            answers += [lane.receive() for lane in group]
        if statement.role == "curator":  # the others only read
            for each in self._tidy:
                each()
        return tuple(answers)

    def run(self, statement):
        """The differences, at most one for each mode."""
        found = []
        for mode in modes(statement):
            answers = self.answers(statement, mode)
            if equal(statement, *answers):
                continue
            if statement.tells_of_keys and differs_by_a_key_alone(*answers):
                continue
            found.append(Difference(statement, mode, answers))
        return found


def run_all(runner, statements):
    """All differences of all statements."""
    return [difference for statement in statements for difference in runner.run(statement)]


def by_group(statements, differences):
    """{group: (statements, statements that differ)}"""
    different = {(each.statement.group, each.statement.name) for each in differences}
    table = {}
    for statement in statements:
        total, leaks = table.get(statement.group, (0, 0))
        table[statement.group] = (total + 1, leaks + ((statement.group, statement.name) in different))
    return table
