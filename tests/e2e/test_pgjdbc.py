"""pgjdbc, each scenario a run of tests/e2e/java/Driver.java."""
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parent / "java" / "Driver.java"
LIBRARIES = "/usr/share/java/postgresql.jar"
SCENARIOS = [name for name in re.findall(r'scenarios\.put\("(\w+)"', SOURCE.read_text()) if name not in ("refusals", "masked")]


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("java"))


def compiled(folder):
    # Without UsePerfData it leaves no folder of its own in /tmp.
    subprocess.run(["javac", "-J-XX:-UsePerfData", "-encoding", "UTF-8", "-Xlint:all", "-Werror", "-cp", LIBRARIES,
                    "-d", folder, SOURCE], check=True, capture_output=True, text=True)
    return folder


def run(classes, endpoint, scenario, role="app"):
    done = subprocess.run(["java", "-XX:-UsePerfData", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                           "-Xmx256m", "-cp", f"{classes}:{LIBRARIES}", "Driver", scenario],
                          env=endpoint.environment(role), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_pgjdbc(classes, endpoint, notes, scenario):
    run(classes, endpoint, scenario)


def test_pgjdbc_refusals(classes, gw):
    run(classes, gw, "refusals")
