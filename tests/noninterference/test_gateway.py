"""The proof: before two worlds that differ only in what a role may not learn, the gateway answers whatever the
role sends with the same bytes."""
import dataclasses

import pytest

import generated
import policy
import runner
import wire
import worlds

GENERATED = 5_000


@pytest.fixture(scope="module")
def gateways(run_directory, authority, world_a, world_b):
    with (policy.ScopedGateway(run_directory / "gateway-a", world_a, authority) as one,
          policy.ScopedGateway(run_directory / "gateway-b", world_b, authority) as other):
        yield one, other


@pytest.fixture(scope="module")
def both(gateways, tidy):
    one, other = gateways
    with runner.Runner(one.connect, other.connect, tidy) as started:
        yield started


def report(differences):
    return f"{len(differences)} differences\n" + "\n".join(map(str, differences))


def answered(both, statements):
    """How many statements are not refused: 42501 is what the gateway says of rights."""
    count = 0
    for statement in statements:
        answer, _ = both.answers(statement, runner.modes(statement)[0])
        count += not any(each.sqlstate == "42501" for each in wire.errors(answer))
    return count


@pytest.mark.parametrize("role", policy.USERS)
def test_login_is_the_same(gateways, role):
    """But for the SCRAM exchange (nonces, signatures) and the cancel key, which are random."""
    seen = []
    for gateway in gateways:
        with gateway.connect(role) as session:
            seen.append([each for each in session.startup_messages if each.kind not in "RK"])
    assert seen[0] == seen[1]


def test_no_byte_differs(both, written):
    differences = runner.run_all(both, written)
    assert not differences, report(differences)


# Comments on columns that the role sees are shown to it, and world b has one on a masked column.
COMMENTS = {"descriptions", "object_comments", "column_description"}


def as_masker(statements):
    """What the analyst sends, sent by a role that sees the forbidden columns masked."""
    return [dataclasses.replace(each, name=f"{each.name} (masked)", role="masker")
            for each in statements if each.role == "analyst" and each.name not in COMMENTS]


def test_no_byte_differs_with_masked_columns(both, written):
    differences = runner.run_all(both, as_masker(written))
    assert not differences, report(differences)


def test_masked_columns_are_there(both, written):
    """The statements about forbidden columns, refused to the analyst, are answered."""
    masked = [each for each in written if each.role == "masker"]
    assert len(masked) >= 80
    assert answered(both, masked) > 0.8 * len(masked)


def test_statements_are_answered_and_not_only_refused(both, written):
    """A gateway that refuses everything is not what the test above is about."""
    reading = [each for each in written if each.group in ("aliases", "expressions", "whole_rows", "conditions", "errors")]
    assert answered(both, reading) > 0.6 * len(reading)


def test_no_byte_differs_in_generated_statements(both, reference_world):
    made_up, _ = generated.generate(reference_world, GENERATED)
    differences = runner.run_all(both, made_up)
    assert not differences, report(differences)
    sample = made_up[::10]
    assert answered(both, sample) > 0.5 * len(sample)
