"""Each test worker has a PostgreSQL cluster and a gateway of its own for its whole run; a test that
breaks things asks for private ones."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import stack  # noqa: E402
from support import certificates, machine, postgres  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=20,
                     help="how often the crash test kills the gateway")


@pytest.fixture(scope="session")
def run_directory():
    path = machine.work_directory("e2e")
    yield path
    machine.remove(path)


@pytest.fixture(scope="session")
def authority(run_directory):
    path = run_directory / "certificates"
    path.mkdir()
    return certificates.Authority(path)


@pytest.fixture(scope="session")
def cluster(run_directory, authority):
    """PostgreSQL with the databases traces (sample data), scratch and restored (empty), audit."""
    path = run_directory / "postgres"
    path.mkdir()
    with postgres.Cluster(path, authority) as running:
        stack.make_roles(running)
        stack.make_store(running, "traces")
        running.create_database("scratch")
        running.create_database("restored")
        stack.make_audit(running, "audit")
        yield running


@pytest.fixture(scope="session")
def gw(run_directory, cluster, authority):
    """The gateway in front of `cluster`."""
    with stack.TestGateway(run_directory / "gateway", cluster, authority,
                           databases=("traces", "scratch", "restored")) as running:
        yield running


@pytest.fixture(scope="session")
def direct(cluster, authority):
    """The store without the gateway, to compare with."""
    return stack.Direct(cluster, authority)


@pytest.fixture(params=["gateway", "direct"])
def endpoint(request, gw, direct):
    """A test that asks for this runs twice: through the gateway, and against the store. So what it
    expects is what PostgreSQL does, not what we believe it does."""
    return gw if request.param == "gateway" else direct


@pytest.fixture
def private_gateway(tmp_path_factory, run_directory, cluster, authority, request):
    """Makes gateways that only this test uses, each with its own journal and audit database:
    private_gateway(change=...). They are not started yet."""
    made = []

    def make(change=None, on=None, databases=("traces",)):
        number = len(list(run_directory.glob("private-*")))
        database = f"audit_{number}"
        stack.make_audit(on or cluster, database)
        made.append(stack.TestGateway(run_directory / f"private-{number}", on or cluster, authority,
                                      database, databases, change))
        return made[-1]

    yield make
    for each in made:
        each.stop()
        if each.cluster is cluster:
            cluster.drop_database(each.audit_database)


@pytest.fixture
def private_cluster(run_directory, authority):
    """A PostgreSQL that a test may stop and start: the databases traces (few rows) and audits."""
    number = len(list(run_directory.glob("postgres-*")))
    path = run_directory / f"postgres-{number}"
    path.mkdir()
    with postgres.Cluster(path, authority) as running:
        stack.make_roles(running)
        stack.make_store(running, "traces", traces=200)
        yield running
    machine.remove(path)


@pytest.fixture
def notes(cluster):
    """The table that driver tests write to, empty before and after."""
    cluster.sql("truncate public.notes restart identity", "traces")
    yield "public.notes"
    cluster.sql("truncate public.notes restart identity", "traces")
