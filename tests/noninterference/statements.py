"""The statements, and how they are written down.

`statements/*.sql` has one file for each class of attack, named after it. A file is a list of statements:

    --# sum_over_a_forbidden_column              begins a statement and names it
    --# role: curator                            the role that sends it (default: analyst)
    --# set: why the order of its rows is open   rows are compared without their order
    --# by chance: why                           differs between any two stores that answer it
    --# alone                                    in a session of its own, without a transaction around it
    --# tells of keys                            see Statement.tells_of_keys
    select sum(risk) from traces
    --;                                          ends a step; the next one follows
    copy feedback from stdin
    --< 1\\t2\\n                                   CopyData for this step, with Python's escapes
    --$ 42                                       a parameter of this step, as text: extended protocol only
    --@ trace_total(text) checkout               a FunctionCall message instead of SQL, with arguments

In SQL, in names after --@ and in the files of the reference, `{oid:NAME}` is the OID of a relation or,
with parentheses, of a function.
"""
import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Step:
    sql: str
    parameters: tuple = ()
    copy_data: tuple = ()
    function: str = ""  # of a FunctionCall; `parameters` are its arguments


@dataclasses.dataclass(frozen=True)
class Statement:
    name: str
    group: str  # the file's name
    steps: tuple
    role: str = "analyst"
    unordered: str = ""  # the reason; empty: rows come in one order
    by_chance: str = ""  # the reason; empty: equal stores give equal answers
    alone: bool = False
    # Its answer says whether a key is taken by a row that the role cannot see: PostgreSQL itself keeps keys
    # unique over all rows. Nothing but that bit may show; a role that must not learn it writes blindly.
    tells_of_keys: bool = False

    @property
    def has_parameters(self):
        return any(step.parameters and not step.function for step in self.steps)

    @property
    def has_function_calls(self):
        return any(step.function for step in self.steps)


class Malformed(Exception):
    pass


_OPTIONS = {"role": str, "set": str, "by chance": str, "alone": bool, "tells of keys": bool}
_FIELDS = {"role": "role", "set": "unordered", "by chance": "by_chance",
           "alone": "alone", "tells of keys": "tells_of_keys"}
_COPY_ESCAPES = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")


def _unescape(text):
    known = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\"}
    return _COPY_ESCAPES.sub(lambda found: bytes([int(found[1][1:], 16)]) if found[1][:1] == b"x"
                             and len(found[1]) == 3 else known.get(found[1], found[0]), text.encode())


class _Reader:
    def __init__(self, group):
        self.group = group
        self.statements = []
        self._fields = None
        self._steps, self._begin_step = [], None

    def line(self, text):
        if text.startswith("--# "):
            self._header(text[4:].strip())
        elif self._fields is None:
            if text.strip() and not text.startswith("-- "):
                raise Malformed(f"{self.group}: outside a statement: {text!r}")
        elif text.startswith("--;"):
            self._end_step()
        elif text.startswith("--< "):
            self._data.append(_unescape(text[4:]))
        elif text.startswith("--$ "):
            self._parameters.append(None if text[4:] == "\\N" else text[4:])
        elif text.startswith("--@ "):
            self._function, *self._parameters = text[4:].split(" ")
        else:
            self._sql.append(text)

    def _header(self, text):
        name, _, value = text.partition(":")
        if name not in _OPTIONS:
            self.end_statement()
            self._fields = {"name": text, "group": self.group}
            self._new_step()
        elif self._fields is None or self._sql:
            raise Malformed(f"{self.group}: {text!r} does not follow a name")
        else:
            self._fields[_FIELDS[name]] = value.strip() if _OPTIONS[name] is str else True

    def _new_step(self):
        self._sql, self._parameters, self._data, self._function = [], [], [], ""

    def _end_step(self):
        sql = "\n".join(self._sql).strip("\n")
        if not sql and not self._function:
            raise Malformed(f"{self.group}: an empty step in {self._fields['name']}")
        self._steps.append(Step(sql, tuple(self._parameters), tuple(self._data), self._function))
        self._new_step()

    def end_statement(self):
        if self._fields is not None:
            self._end_step()
            self.statements.append(Statement(steps=tuple(self._steps), **self._fields))
        self._fields, self._steps = None, []


def read_text(text, group):
    reader = _Reader(group)
    for line in text.splitlines():
        reader.line(line)
    reader.end_statement()
    return reader.statements


def read_folder(folder=HERE / "statements"):
    """All statements; two of one name in one file are an error."""
    found, names = [], set()
    for path in sorted(pathlib.Path(folder).glob("*.sql")):
        for statement in read_text(path.read_text(), path.stem):
            if (statement.group, statement.name) in names:
                raise Malformed(f"{path.name}: a second {statement.name}")
            names.add((statement.group, statement.name))
            found.append(statement)
    return found


def resolve(statement, oid):
    """The statement with `{oid:NAME}` replaced by oid(NAME)."""
    def replaced(text):
        return re.sub(r"\{oid:([^}]+)\}", lambda found: str(oid(found[1])), text)
    return dataclasses.replace(statement, steps=tuple(
        dataclasses.replace(step, sql=replaced(step.sql),
                            function=str(oid(step.function)) if step.function else "")
        for step in statement.steps))
