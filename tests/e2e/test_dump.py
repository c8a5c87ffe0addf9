"""pg_dump and pg_restore through an unrestricted role: the same bytes as direct."""
import re
import subprocess

import pytest

from support import postgres


@pytest.fixture
def restored(cluster):
    """A fresh database under the name of an upstream of the gateway."""
    cluster.drop_database("restored")
    cluster.create_database("restored")
    return "restored"


def plain(text):
    """PostgreSQL's newest minor versions put a random word into \\restrict and \\unrestrict."""
    return re.sub(r"^\\(un)?restrict .*$", r"\\\1restrict", text, flags=re.MULTILINE)


@pytest.mark.parametrize("options", [[], ["--inserts"], ["--schema-only"], ["--data-only", "--column-inserts"]], ids=str)
def test_dump_is_the_same_as_direct(gw, direct, options):
    command = ["pg_dump", "--no-sync", *options]
    expected, got = direct.run("dba", command, check=True), gw.run("dba", command, check=True)
    assert len(expected.stdout) > (5_000 if "--schema-only" in options else 1_000_000)
    assert plain(got.stdout) == plain(expected.stdout)
    assert got.stderr == expected.stderr == ""


def test_dump_of_a_serializable_deferrable_snapshot(gw, direct):
    command = ["pg_dump", "--no-sync", "--serializable-deferrable", "--table", "feedback"]
    assert plain(gw.run("dba", command, check=True).stdout) == plain(direct.run("dba", command, check=True).stdout)


def test_parallel_dump_and_restore_through_the_gateway(gw, tmp_path, cluster, restored):
    """Each worker of pg_dump is a session of its own on one exported snapshot."""
    archive = tmp_path / "archive"
    gw.run("dba", ["pg_dump", "--format", "directory", "--jobs", "3", "--no-sync", "--file", archive], check=True)
    gw.run("dba", ["pg_restore", "--jobs", "3", "--no-owner", "--no-privileges", "--dbname", restored, archive],
           restored, check=True)
    count = "select (select count(*) from traces), (select count(*) from trace_events), (select count(*) from feedback)"
    assert cluster.value(count, "restored") == cluster.value(count, "traces") == "10000|40000|2000"
    content = "select md5(string_agg(t::text, '|' order by trace_id)) from traces t"
    assert cluster.value(content, "restored") == cluster.value(content, "traces")


def test_restore_of_a_custom_archive_in_one_transaction(gw, cluster, tmp_path, restored):
    archive = tmp_path / "archive.dump"
    gw.run("dba", ["pg_dump", "--format", "custom", "--no-sync", "--file", archive], check=True)
    gw.run("dba", ["pg_restore", "--single-transaction", "--no-owner", "--no-privileges", "--dbname", restored, archive],
           restored, check=True)
    assert cluster.value("select count(*) from trace_events", "restored") == "40000"


def test_plain_dump_is_restored_by_psql(gw, restored):
    dump = gw.run("dba", ["pg_dump", "--no-sync", "--no-owner", "--no-privileges"], check=True).stdout
    done = gw.psql("dba", dump, "--set=ON_ERROR_STOP=1", database=restored)
    assert done.returncode == 0, done.stderr
    again = gw.run("dba", ["pg_dump", "--no-sync", "--no-owner", "--no-privileges"], restored, check=True).stdout
    assert plain(again) == plain(dump)


def test_dump_by_a_restricted_role_is_refused(gw):
    done = gw.run("trace_reader", ["pg_dump", "--no-sync"])
    assert done.returncode != 0
    assert "permission denied" in done.stderr
    assert "traces" not in done.stdout


def test_dump_reads_data_in_copy_format(gw):
    """A million rows through COPY TO STDOUT, whole."""
    with subprocess.Popen([postgres.BIN / "psql", "-X", "-c",
                           "copy (select n, md5(n::text) from generate_series(1, 1000000) n) to stdout"],
                          env=gw.environment("dba"), stdout=subprocess.PIPE) as process:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: process.stdout.read(1 << 20), b""))
    assert (lines, process.returncode) == (1_000_000, 0)
