"""lib/pq in Go, each scenario a run of tests/e2e/go/main.go."""
import os
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parent / "go" / "main.go"
SCENARIOS = [name for name in re.findall(r'^\t"(\w+)": func', SOURCE.read_text(), re.MULTILINE) if name != "denied"]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("go")
    subprocess.run(["go", "build", "-o", folder / "driver", SOURCE], check=True, cwd=folder, capture_output=True, text=True,
                   env=os.environ | {"GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOFLAGS": "",
                                     "GOCACHE": str(folder / "cache"), "GOTOOLCHAIN": "local"})
    return folder / "driver"


def run(program, endpoint, scenario):
    # lib/pq refuses some of libpq's variables; only those that main.go reads are given.
    variables = {name: value for name, value in endpoint.environment("app").items()
                 if not name.startswith("PG") or name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLROOTCERT")}
    done = subprocess.run([program, scenario], env=variables, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_lib_pq(program, endpoint, notes, scenario):
    run(program, endpoint, scenario)


def test_lib_pq_denied(program, gw):
    run(program, gw, "denied")
