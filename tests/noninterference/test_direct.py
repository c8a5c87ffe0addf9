"""That the harness can see. No gateway here: sent straight to PostgreSQL, statements of every class give different answers in
the two worlds, although what the role may see is the same in both."""
import collections

import pytest

import policy
import runner
import worlds

# The files of statements/, and the rows of classes of attack that they stand for.
CLASSES = {
    "aliases": "alias, CTE, sub-select, cursor, SQL-level EXECUTE, RETURNING",
    "expressions": "expression, aggregate, UNION, VALUES, scalar sub-select",
    "whole_rows": "whole row",
    "conditions": "WHERE, JOIN, ORDER BY, GROUP BY, HAVING, window",
    "errors": "error oracle",
    "writes_exist": "existence oracle on writes",
    "upserts": "ON CONFLICT, MERGE, UPDATE FROM, DELETE USING, INSERT SELECT",
    "scope_moves": "rows moved into scope, INSERT and COPY FROM outside it",
    "copies": "COPY TO",
    "functions": "functions that run SQL or read outside the parser's sight; names as oracles",
    "function_call": "FunctionCall message",
    "opaque": "DO, CALL, CREATE",
    "materialising": "CTAS, SELECT INTO, temporary tables, materialised views",
    "statistics": "EXPLAIN and statistics",
    "catalogs": "existence by the catalogs",
    "settings": "session",
    "parsing": "parser disagreement",
    "several": "several statements, PREPARE and EXECUTE",
    "masked": "masked columns, in each of these ways",
    "channels": "LISTEN and NOTIFY, sequences, advisory locks",
}


def shown(world, table):
    """A digest of what of a table is permitted, in the order in which a scan finds it."""
    columns = ", ".join(policy.COLUMNS.get(table, ["t.*"]))
    if table == "public.models":
        return world.value(f"select md5(string_agg(t::text, '|')) from {table} t", worlds.DATABASE)
    return world.value(
        f"set enable_indexscan = off; set enable_bitmapscan = off; select count(*) || md5(string_agg(r::text, '|'))"
        f" from (select {columns} from {table} t where {policy.PERMITTED[table]}) r", worlds.DATABASE)


@pytest.mark.parametrize("table", policy.PERMITTED)
def test_worlds_agree_in_what_is_permitted(world_a, world_b, reference_world, table):
    assert shown(world_a, table) == shown(world_b, table) == shown(reference_world, table)


@pytest.mark.parametrize("table", [table for table in policy.PERMITTED if table not in ("public.models", "public.open_traces")])
def test_worlds_differ_in_what_is_not(world_a, world_b, reference_world, table):
    digests = {world.value(f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t", worlds.DATABASE)
               for world in (world_a, world_b, reference_world)}
    assert len(digests) == 3


def test_worlds_have_the_same_object_identifiers(world_a, world_b, reference_world):
    for name in [*policy.PERMITTED, "public.traces_pkey"]:
        assert len({worlds.oid(world, name) for world in (world_a, world_b, reference_world)}) == 1


def test_statements_cover_every_class(written):
    assert {each.group for each in written} == set(CLASSES)
    assert len(written) >= 400


@pytest.fixture(scope="module")
def leaks(world_a, world_b, tidy, written):
    with runner.Runner(world_a.connect, world_b.connect, tidy) as direct:
        return runner.run_all(direct, [each for each in written if not each.by_chance])


@pytest.mark.parametrize("group", CLASSES)
def test_harness_sees_leaks_of_the_class(written, leaks, group):
    total, different = runner.by_group(written, leaks)[group]
    assert different >= total / 3, f"{different} of {total}"


@pytest.mark.parametrize("mode", runner.Mode)
def test_harness_sees_leaks_in_every_mode(leaks, mode):
    assert sum(leak.mode is mode for leak in leaks) > 400


def test_harness_sees_every_way_of_leaking(leaks):
    """In rows, tags, errors (by their code, their text, their detail), notices, and in order alone."""
    ways = collections.Counter()
    for leak in leaks:
        one, other = leak.answers
        pair = next(((a, b) for a, b in zip(one, other) if a != b), None)
        if pair is None:
            continue
        kinds = {each.kind for each in pair}
        ways["".join(sorted(kinds))] += 1
        if kinds == {"E"}:
            ways["code" if pair[0].sqlstate != pair[1].sqlstate else "text"] += 1
    for way in ("D", "C", "E", "N", "DE", "CE", "d", "text", "code"):
        assert ways[way] > 0, (way, ways)
