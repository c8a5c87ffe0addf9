"""The statements that sqlsmith makes up, and the everyday ones, without a gateway: both are sent to the
reference, where they must work, and straight to a world, where the harness must see what should not be there."""
import generated
import reference
import runner
import wire
import worlds

SAMPLE = 300


def test_sqlsmith_writes_statements_that_can_be_used(reference_world, world_a, world_b, tidy):
    made_up, texts = generated.generate(reference_world, SAMPLE)
    assert len({each.steps[0].sql for each in made_up}) == SAMPLE
    assert texts < 3 * SAMPLE
    with runner.Runner(world_a.connect, world_b.connect, tidy) as direct:
        leaks = runner.run_all(direct, made_up)
    assert len({leak.statement.name for leak in leaks}) > SAMPLE / 50


def test_sqlsmith_writes_the_same_for_the_same_seed(reference_world):
    first, again = (generated.generate(reference_world, 20)[0] for _ in range(2))
    assert first == again


def test_everyday_statements_work_in_the_reference(reference_world):
    everyday = worlds.resolved(reference.read_all(), reference_world)
    assert len(everyday) + len(reference.PSQL_COMMANDS) >= 200
    # Against itself: whatever differs would not be the gateway's doing.
    outcomes = reference.compare(reference_world.connect, reference_world.connect, everyday, in_turn=True)
    assert not [each for each in outcomes if each.problem]


def test_everyday_statements_show_more_in_a_world_without_a_gateway(reference_world, world_a):
    everyday = worlds.resolved(reference.read_all(), reference_world)
    outcomes = reference.compare(reference_world.connect, world_a.connect, everyday)
    assert sum(bool(each.problem) for each in outcomes) > len(outcomes) / 2


def test_psql_shows_more_in_a_world_without_a_gateway(reference_world, world_a):
    environments = [each.environment("analyst", worlds.DATABASE) for each in (reference_world, world_a)]
    outcomes = reference.compare_psql(*environments)
    assert {each.name for each in outcomes if each.problem} >= {"psql/\\d", "psql/\\d traces", "psql/\\dn"}
    again = reference.compare_psql(environments[0], environments[0])
    assert not [each for each in again if each.problem]


def test_a_statement_that_takes_long_is_not_kept(reference_world):
    with reference_world.connect("analyst") as session:
        assert generated.is_kept(session, "select 1")
        assert not generated.is_kept(session, "select count(*) from traces a, traces b, traces c")
        assert not generated.is_kept(session, "select nothing from traces")
        assert wire.rows(session.ask("select 1")) == [["1"]]


def test_a_statement_whose_answer_depends_on_the_plan_is_not_kept(reference_world):
    with reference_world.connect("analyst") as session:
        assert not generated.is_kept(session, "select trace_id from traces order by md5(trace_id::text || random()) limit 5")
        assert not generated.is_kept(
            session, "select a.trace_id, b.trace_id from traces a join traces b on a.model = b.model"
                     " where a.trace_id < 100300 and b.trace_id < 100300 limit 10")
