"""node-pg and postgres.js, each scenario a run of its program in tests/e2e/node."""
import pathlib
import re
import subprocess

import pytest

from support import machine

PROGRAMS = pathlib.Path(__file__).resolve().parent / "node"


def scenarios(program):
    """The names in the object given to run(): two spaces, the name, a colon."""
    text = (PROGRAMS / program).read_text().partition("await run({")[2]
    return re.findall(r"^  (\w+): ", text, re.MULTILINE)


def run(endpoint, program, scenario, ready=None):
    """With `ready`, the program gets a line to read when that is true."""
    if not (PROGRAMS / "node_modules").is_dir():
        pytest.fail("tests/e2e/node has no node_modules: scripts/test installs them (npm ci)")
    with subprocess.Popen(["node", PROGRAMS / program, scenario], env=endpoint.environment("app"), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            if ready:
                machine.wait_until(lambda: ready() or process.poll() is not None, "the scenario to be ready", 60)
            output, _ = process.communicate("go\n" if ready else None, timeout=90)
        finally:
            process.kill()
    assert process.returncode == 0, output


@pytest.mark.parametrize("scenario", [name for name in scenarios("node_pg.mjs") if name != "denied"])
def test_node_pg(endpoint, notes, scenario):
    run(endpoint, "node_pg.mjs", scenario)


def test_node_pg_denied(gw):
    run(gw, "node_pg.mjs", "denied")


@pytest.mark.parametrize("scenario", [name for name in scenarios("postgres_js.mjs") if name not in ("cancel", "denied")])
def test_postgres_js(endpoint, notes, scenario):
    run(endpoint, "postgres_js.mjs", scenario)


def test_postgres_js_cancel(endpoint, cluster):
    run(endpoint, "postgres_js.mjs", "cancel", lambda: cluster.value(
        "select count(*) from pg_stat_activity where state = 'active' and query = 'select pg_sleep(64)'") == "1")


def test_postgres_js_denied(gw):
    run(gw, "postgres_js.mjs", "denied")
