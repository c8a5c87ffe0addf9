"""The harness itself: how statements are written down, what goes over the wire, what counts as a difference.
No store is needed."""
import pytest

import reference
import runner
import statements
import wire
from runner import CLOSED, Mode
from statements import Statement, Step


def read(text):
    return statements.read_text(text, "group")


def row(*values):
    body = len(values).to_bytes(2, "big")
    for value in values:
        body += len(value).to_bytes(4, "big") + value
    return wire.Message("D", body)


def complete(tag):
    return wire.Message("C", tag.encode() + b"\0")


def error(**fields):
    return wire.Message("E", b"".join(name.encode() + value.encode() + b"\0" for name, value in fields.items()) + b"\0")


READY = wire.Message("Z", b"T")
PLAIN = Statement("s", "g", (Step("select 1"),))
UNORDERED = Statement("s", "g", (Step("select 1"),), unordered="a reason")


# how statements are written down

def test_statement_has_a_name_and_a_text():
    one, two = read("-- about the file\n\n--# first\nselect 1\n--# second\nselect 2,\n  3\n")
    assert (one.name, one.steps) == ("first", (Step("select 1"),))
    assert (two.name, two.steps) == ("second", (Step("select 2,\n  3"),))
    assert (two.group, two.role, two.unordered, two.alone) == ("group", "analyst", "", False)


def test_options_stand_before_the_text():
    (one,) = read("--# s\n--# role: curator\n--# set: no order\n--# alone\n--# tells of keys\n--# by chance: clock\nselect 1")
    assert (one.role, one.unordered, one.alone, one.tells_of_keys, one.by_chance) == (
        "curator", "no order", True, True, "clock")


def test_option_behind_the_text_is_an_error():
    with pytest.raises(statements.Malformed):
        read("--# s\nselect 1\n--# role: curator")


def test_text_before_the_first_name_is_an_error():
    with pytest.raises(statements.Malformed):
        read("select 1")


def test_empty_step_is_an_error():
    with pytest.raises(statements.Malformed):
        read("--# s\nselect 1\n--;\n")


def test_second_statement_of_a_name_is_an_error(tmp_path):
    (tmp_path / "file.sql").write_text("--# s\nselect 1\n--# s\nselect 2\n")
    with pytest.raises(statements.Malformed):
        statements.read_folder(tmp_path)


def test_steps_parameters_and_copy_data():
    (one,) = read("--# s\nselect $1, $2\n--$ a b\n--$ \\N\n--;\ncopy t from stdin\n--< 1\\tx\\\\y\\x00\\n\n")
    assert one.steps[0] == Step("select $1, $2", ("a b", None))
    assert one.steps[1] == Step("copy t from stdin", (), (b"1\tx\\y\0\n",))


def test_comments_of_sql_stay_in_the_text():
    (one,) = read("--# s\nselect 1 -- one\n-- two\n")
    assert one.steps[0].sql == "select 1 -- one\n-- two"


def test_function_call_and_object_identifiers():
    (one,) = read("--# s\nselect {oid:a.b}\n--;\n--@ f(text) x\n")
    resolved = statements.resolve(one, {"a.b": 5, "f(text)": 6}.get)
    assert resolved.steps == (Step("select 5"), Step("", ("x",), (), "6"))


def test_every_statement_of_the_files_is_read():
    found = statements.read_folder() + reference.read_all()
    assert all(step.sql or step.function for each in found for step in each.steps)
    assert {each.role for each in found} == {"analyst", "curator", "masker"}


# what goes over the wire

def test_each_run_has_a_transaction_of_its_own():
    what = runner.conversation(PLAIN, Mode.SIMPLE)
    assert what.send == b"".join(map(wire.query, ["begin", "select 1", "rollback", "discard all"]))
    assert what.answers == 4


def test_statement_that_stands_alone_is_sent_alone():
    alone = Statement("s", "g", (Step("vacuum"),), alone=True)
    assert runner.conversation(alone, Mode.SIMPLE) == runner.Conversation(wire.query("vacuum"), 1)


def test_extended_modes_ask_for_text_and_for_binary():
    text, binary = (runner.conversation(PLAIN, mode).send for mode in (Mode.TEXT, Mode.BINARY))
    assert wire.extended("select 1") + wire.sync() in text
    assert wire.extended("select 1", result_formats=[1]) + wire.sync() in binary


def test_parameters_need_the_extended_protocol():
    statement = Statement("s", "g", (Step("select $1", ("x",)),))
    assert runner.modes(statement) == [Mode.TEXT, Mode.BINARY]
    assert runner.modes(PLAIN) == list(Mode)


def test_copy_from_always_ends_its_data():
    statement = Statement("s", "g", (Step("COPY t (a)\nFROM STDIN"),))
    for mode in Mode:
        assert wire.copy_done() in runner.conversation(statement, mode).send
    assert wire.copy_done() not in runner.conversation(PLAIN, Mode.SIMPLE).send


# what counts as a difference

@pytest.mark.parametrize("one, other", [
    ([row(b"1"), READY], [row(b"2"), READY]),
    ([row(b"1"), READY], [row(b"1"), row(b"1"), READY]),
    ([row(b"1"), row(b"2"), READY], [row(b"2"), row(b"1"), READY]),
    ([complete("UPDATE 1"), READY], [complete("UPDATE 2"), READY]),
    ([error(C="22012", M="division by zero"), READY], [complete("SELECT 0"), READY]),
    ([error(C="22012", M="a", P="3")], [error(C="22012", M="a", P="4")]),
    ([wire.Message("N", b"SNOTICE\0\0"), READY], [READY]),
    ([wire.Message("Z", b"E")], [wire.Message("Z", b"T")]),
    ([READY], [READY, CLOSED]),
    ([wire.Message("T", b"\0\0")], [wire.Message("T", b"\0\1")]),
])
def test_any_byte_is_a_difference(one, other):
    assert not runner.equal(PLAIN, one, other)
    assert runner.equal(PLAIN, one, list(one))


def test_order_is_no_difference_for_sets():
    one, other = [row(b"1"), row(b"2"), complete("SELECT 2")], [row(b"2"), row(b"1"), complete("SELECT 2")]
    assert runner.equal(UNORDERED, one, other)
    assert not runner.equal(UNORDERED, one, [row(b"2"), row(b"2"), complete("SELECT 2")])


def test_sets_do_not_reach_over_other_messages():
    one = [row(b"1"), complete("SELECT 1"), row(b"2"), complete("SELECT 1")]
    other = [row(b"2"), complete("SELECT 1"), row(b"1"), complete("SELECT 1")]
    assert not runner.equal(UNORDERED, one, other)


def test_a_key_may_be_told_of_but_nothing_beside_it():
    written, taken = [complete("INSERT 0 1"), READY], error(S="ERROR", V="ERROR", C="23505", M="duplicate", n="t_pkey")
    assert runner.differs_by_a_key_alone(written, [taken, wire.Message("Z", b"E")])
    detailed = error(S="ERROR", C="23505", M="duplicate", D="Key (id)=(1) already exists.")
    assert not runner.differs_by_a_key_alone(written, [detailed, READY])
    assert not runner.differs_by_a_key_alone(written, [error(S="ERROR", C="22012", M="division by zero"), READY])
    assert not runner.differs_by_a_key_alone([taken], [detailed])
    assert runner.differs_by_a_key_alone([complete("INSERT 0 0")], [complete("INSERT 0 1")])
    assert not runner.differs_by_a_key_alone([complete("SELECT 0")], [complete("SELECT 1")])
    assert not runner.differs_by_a_key_alone([row(b"1")], [row(b"2")])
    assert runner.differs_by_a_key_alone([row(b"1")], [complete("INSERT 0 0")])
    assert not runner.differs_by_a_key_alone([row(b"1")], [complete("SELECT 0")])
    referred = error(S="ERROR", C="23503", M="violates foreign key constraint")
    assert runner.differs_by_a_key_alone([taken], [referred])
    assert not runner.differs_by_a_key_alone([taken], [detailed])
    line = error(S="ERROR", C="23505", M="duplicate", W="COPY t, line 3")
    assert runner.differs_by_a_key_alone([written[0]], [line])
    quoted = error(S="ERROR", C="23505", M="duplicate", W="COPY t, line 3: x")
    assert not runner.differs_by_a_key_alone([written[0]], [quoted])


class ScriptedSession:
    """Answers what it is told to."""

    def __init__(self, messages):
        self._messages, self.closed = messages, False

    def send(self, data):
        self.sent = data

    def read_until(self, _, __):
        if self._messages[-1] is CLOSED:
            raise wire.Closed(self._messages[:-1])
        return self._messages

    def close(self):
        self.closed = True


def run(one, other, statement=PLAIN):
    sessions = [ScriptedSession(one), ScriptedSession(other)]
    with runner.Runner(*[lambda role, each=each: each for each in sessions]) as both:
        return both.run(statement), sessions


IDLE = wire.Message("Z", b"I")


def test_runner_sends_the_same_bytes_to_both():
    found, (one, other) = run([row(b"1"), IDLE], [row(b"1"), IDLE])
    assert found == [] and one.sent == other.sent != b""


def test_runner_reports_a_difference_for_each_mode():
    found, _ = run([row(b"1"), IDLE], [row(b"2"), IDLE])
    assert [each.mode for each in found] == list(Mode)
    assert "g/s (simple)" in str(found[0]) and "select 1" in str(found[0]) and "from the 1th" in str(found[0])


def test_runner_says_when_only_the_order_differs():
    found, _ = run([row(b"1"), row(b"2"), IDLE], [row(b"2"), row(b"1"), IDLE])
    assert found[0].only_order and "order only" in str(found[0])


def test_a_session_that_was_ended_is_a_difference_and_is_not_used_again():
    found, (one, other) = run([row(b"1"), IDLE], [row(b"1"), CLOSED])
    assert found and other.closed
    assert found[0].answers[1][-1] is CLOSED


def test_runner_counts_statements_that_differ_by_group():
    found, _ = run([row(b"1"), IDLE], [row(b"2"), IDLE])
    assert runner.by_group([PLAIN, Statement("t", "g", (Step("x"),))], found) == {"g": (2, 1)}


# the reference

def description(name, table, column):
    return wire.Message("T", b"\0\1" + name + b"\0" + table.to_bytes(4, "big") + column.to_bytes(2, "big")
                        + (23).to_bytes(4, "big") + (4).to_bytes(2, "big") + b"\xff\xff\xff\xff\0\0")


def test_reference_ignores_where_a_column_comes_from_but_not_what_it_is():
    assert reference.same(PLAIN, [description(b"a", 16400, 3)], [description(b"a", 0, 0)])
    assert not reference.same(PLAIN, [description(b"a", 16400, 3)], [description(b"b", 16400, 3)])


def test_reference_tells_listed_problems_from_others():
    outcomes = [reference.Outcome("a/x", "differs"), reference.Outcome("a/y", ""), reference.Outcome("a/z", "differs")]
    assert reference.unexpected(outcomes, {"a/x": "known", "a/y": "gone"}) == (["differs"], ["a/y"])
