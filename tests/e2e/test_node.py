"""node-pg and postgres.js, each scenario a run of its program in tests/e2e/node."""
import pathlib
import re
import subprocess

import pytest

PROGRAMS = pathlib.Path(__file__).resolve().parent / "node"


def scenarios(program):
    """The names in the object given to run(): two spaces, the name, a colon."""
    text = (PROGRAMS / program).read_text().partition("await run({")[2]
    return re.findall(r"^  (\w+): ", text, re.MULTILINE)


def run(endpoint, program, scenario):
    if not (PROGRAMS / "node_modules").is_dir():
        pytest.fail("tests/e2e/node has no node_modules: scripts/test installs them (npm ci)")
    done = subprocess.run(["node", PROGRAMS / program, scenario], env=endpoint.environment("app"),
                          capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("scenario", [name for name in scenarios("node_pg.mjs") if name != "denied"])
def test_node_pg(endpoint, notes, scenario):
    run(endpoint, "node_pg.mjs", scenario)


def test_node_pg_denied(gw):
    run(gw, "node_pg.mjs", "denied")


@pytest.mark.parametrize("scenario", [name for name in scenarios("postgres_js.mjs") if name != "denied"])
def test_postgres_js(endpoint, notes, scenario):
    run(endpoint, "postgres_js.mjs", scenario)


def test_postgres_js_denied(gw):
    run(gw, "postgres_js.mjs", "denied")
