"""That the harness sees nothing where there is nothing: two stores that were made alike answer alike, byte by
byte, whatever is sent. So what differs between the worlds differs because of what is forbidden, and not by
chance. Statements that depend on the clock, on ports or on counters say so (`by chance`)."""
import runner
import statements
import worlds


def test_equal_stores_give_equal_answers(run_directory, template):
    with (worlds.running_world(run_directory / "one", template, "a") as one,
          worlds.running_world(run_directory / "other", template, "a") as other,
          one.housekeeping() as tidy_one, other.housekeeping() as tidy_other,
          runner.Runner(one.connect, other.connect, (tidy_one, tidy_other)) as direct):
        written = worlds.resolved(statements.read_folder(), one)
        differences = runner.run_all(direct, [each for each in written if not each.by_chance])
    assert not differences, "\n".join(map(str, differences))
