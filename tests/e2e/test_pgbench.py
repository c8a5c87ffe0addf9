"""pgbench, unmodified, in its three protocol modes."""
import re

import pytest


@pytest.fixture(scope="module")
def pgbench_tables(gw, cluster):
    """Made by pgbench itself, through the gateway."""
    done = gw.run("dba", ["pgbench", "-i", "-s", "2", "--foreign-keys"], "scratch", check=True)
    assert "done in" in done.stderr
    assert cluster.value("select count(*) from pgbench_accounts", "scratch") == "200000"
    yield
    cluster.sql("drop table pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history cascade", "scratch")


def transactions(done):
    assert "number of failed transactions: 0 " in done.stdout, done.stdout
    return int(re.search(r"number of transactions actually processed: (\d+)", done.stdout)[1])


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_tpcb_keeps_the_sums_equal(gw, cluster, pgbench_tables, mode):
    cluster.sql("truncate pgbench_history; update pgbench_accounts set abalance = 0 where abalance <> 0;"
                "update pgbench_branches set bbalance = 0; update pgbench_tellers set tbalance = 0", "scratch")
    done = gw.run("dba", ["pgbench", "-n", "-M", mode, "-c", "8", "-j", "2", "-t", "100"], "scratch", check=True)
    assert transactions(done) == 800
    assert cluster.value("""select count(*), sum(delta) = (select sum(abalance) from pgbench_accounts),
                                   sum(delta) = (select sum(bbalance) from pgbench_branches),
                                   sum(delta) = (select sum(tbalance) from pgbench_tellers)
                            from pgbench_history""", "scratch") == "800|t|t|t"


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_same_seed_gives_the_same_result_as_direct(gw, direct, cluster, pgbench_tables, mode):
    outcomes = []
    for endpoint in (direct, gw):
        cluster.sql("truncate pgbench_history; update pgbench_accounts set abalance = 0 where abalance <> 0", "scratch")
        done = endpoint.run("dba", ["pgbench", "-n", "-M", mode, "-c", "1", "-t", "200", "--random-seed=42"],
                            "scratch", check=True)
        assert transactions(done) == 200
        outcomes.append(cluster.value("select md5(string_agg(h::text, '|' order by h::text)) from "
                                      "(select tid, bid, aid, delta from pgbench_history) h", "scratch"))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_select_only_with_many_clients(gw, pgbench_tables, mode):
    done = gw.run("dba", ["pgbench", "-n", "-S", "-M", mode, "-c", "32", "-j", "2", "-t", "200"], "scratch", check=True)
    assert transactions(done) == 6400


def test_a_connection_for_each_transaction(gw, pgbench_tables):
    done = gw.run("dba", ["pgbench", "-n", "-S", "-C", "-c", "4", "-t", "25"], "scratch", check=True)
    assert transactions(done) == 100


def test_pipeline_script(gw, pgbench_tables, tmp_path):
    script = tmp_path / "pipeline.sql"
    script.write_text("\\set aid random(1, 200000)\n\\startpipeline\n"
                      + "select abalance from pgbench_accounts where aid = :aid;\n" * 20 + "\\endpipeline\n")
    done = gw.run("dba", ["pgbench", "-n", "-M", "extended", "-f", script, "-c", "4", "-t", "50"], "scratch", check=True)
    assert transactions(done) == 200


def test_every_statement_of_a_run_is_recorded(gw, pgbench_tables):
    done = gw.run("dba", ["pgbench", "-n", "-S", "-M", "prepared", "-c", "2", "-t", "150"], "scratch", check=True)
    assert transactions(done) == 300
    rows = gw.audit("""select count(*) as statements, sum(rows) as rows from tracegate.statements
                       where text like 'SELECT abalance FROM pgbench_accounts%'
                         and session_id in (select session_id from tracegate.sessions
                                            where application = 'pgbench' order by started_at desc limit 2)""")
    assert rows == [{"statements": 300, "rows": 300}]
