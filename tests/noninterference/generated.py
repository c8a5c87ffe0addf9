"""Statements that a program made up: Debian's sqlsmith, with a fixed seed, from the reference store.

sqlsmith writes whatever the grammar and the types allow, so what it writes is vetted in the reference store,
where nothing is forbidden. TABLESAMPLE goes, because it picks rows by chance. A statement is kept if

- it is not too long;
- PostgreSQL understands it (no error of class 42), and answers in QUICK;
- its answer is the same under every plan (PLANS): what depends on the plan, such as a LIMIT without an
  order, may differ between two stores without telling anything that is forbidden.

Functions of the clock, of chance and of the session are not in the catalog that sqlsmith is shown
(generator.sql). Rows are compared without their order: sqlsmith writes no ORDER BY.
"""
import contextlib
import re
import subprocess

import runner
import worlds
from statements import Statement, Step

import wire

SEED = 20250301
LONGEST = 5000  # characters
QUICK = "60ms"
TEXTS_OF_A_SEED = 500
MOST_SEEDS = 60

# Settings under which the planner takes quite different ways.
PLANS = [
    "set local enable_hashjoin = on",
    "set local enable_hashjoin = off; set local enable_hashagg = off; set local enable_mergejoin = off;"
    " set local enable_material = off",
    "set local enable_seqscan = off; set local enable_nestloop = off; set local enable_memoize = off",
]


_SAMPLE = re.compile(r"tablesample (system|bernoulli) \([0-9.]+\)")


@contextlib.contextmanager
def _generator_database(world):
    """A copy of the store, with catalogs made for sqlsmith."""
    world.create_database("generator", worlds.DATABASE)
    try:
        world.sql((worlds.HERE / "generator.sql").read_text(), "generator")
        yield
    finally:
        world.drop_database("generator")
        world.sql("drop role if exists smith")


def _raw_texts(world, count, seed):
    """`count` statements as sqlsmith writes them, without TABLESAMPLE; the same for the same seed."""
    target = (f"host={world.directory} port={world.port} user=smith dbname=generator"
              " options='-c search_path=generator,pg_catalog,public'")
    # In a dry run nothing is sent to the store, and each statement is printed.
    done = subprocess.run(["sqlsmith", f"--target={target}", "--dry-run", f"--seed={seed}", "--exclude-catalog",
                           f"--max-queries={count}"], capture_output=True, text=True, check=True, timeout=120)
    return [_SAMPLE.sub("", text.strip()) for text in done.stdout.split(";\n") if text.strip()]


def _statement(text, number):
    reads = text.startswith(("select", "with")) and "for update" not in text and "for share" not in text
    return Statement(f"number_{number}", "generated", (Step(text),),
                     role="analyst" if reads else "curator", unordered="no ORDER BY")


def _answer(session, text, plan):
    session.send(wire.query(f"begin; set local statement_timeout = '{QUICK}'; {plan}"),
                 wire.extended(text, result_formats=[1]), wire.sync(), wire.query("rollback"))
    session.read_until("Z")
    return session.read_until("Z", 2)


def is_kept(session, text):
    if len(text) > LONGEST:
        return False
    first = None
    for plan in PLANS:
        answer = runner.sorted_rows(_answer(session, text, plan))
        for error in wire.errors(answer):
            # 57014: it took too long.
            if error.sqlstate.startswith("42") or error.sqlstate == "57014":
                return False
        if first is not None and answer != first:
            return False
        first = answer
    return True


def generate(world, wanted, seed=SEED):
    """`wanted` statements, vetted in `world`, which is the reference and has no other session. How many
    texts it took, too."""
    kept, texts = [], set()
    with _generator_database(world), world.connect("analyst") as analyst, world.connect("curator") as curator:
        for at in range(seed, seed + MOST_SEEDS):
            for text in _raw_texts(world, TEXTS_OF_A_SEED, at):
                if text in texts:
                    continue
                texts.add(text)
                statement = _statement(text, len(kept) + 1)
                if is_kept(analyst if statement.role == "analyst" else curator, text):
                    kept.append(statement)
                    if len(kept) == wanted:
                        return kept, len(texts)
    raise AssertionError(f"only {len(kept)} of {len(texts)} generated statements could be kept")
