"""The worlds, made once for each test worker, and only those that its tests ask for."""
import pytest

import statements
import worlds
from support import certificates, machine


@pytest.fixture(scope="session")
def run_directory():
    path = machine.work_directory("nonint")
    yield path
    machine.remove(path)


@pytest.fixture(scope="session")
def authority(run_directory):
    path = run_directory / "certificates"
    path.mkdir()
    return certificates.Authority(path)


@pytest.fixture(scope="session")
def template(run_directory, authority):
    return worlds.make_template(run_directory / "template", authority)


@pytest.fixture(scope="session")
def world_a(run_directory, template):
    with worlds.running_world(run_directory / "a", template, "a") as world:
        yield world


@pytest.fixture(scope="session")
def world_b(run_directory, template):
    with worlds.running_world(run_directory / "b", template, "b") as world:
        yield world


@pytest.fixture(scope="session")
def reference_world(run_directory, template):
    with worlds.running_reference(run_directory / "reference", template) as world:
        yield world


@pytest.fixture(scope="session")
def tidy(world_a, world_b):
    """For the runner of the two worlds."""
    with world_a.housekeeping() as one, world_b.housekeeping() as other:
        yield one, other


@pytest.fixture(scope="session")
def written(world_a):
    """The statements of statements/."""
    return worlds.resolved(statements.read_folder(), world_a)
