"""Before a world the gateway answers everyday statements as the reference does, which holds nothing but what
the role may see."""
import pytest

import policy
import reference
import worlds


@pytest.fixture(scope="module")
def gateway(run_directory, authority, world_a):
    with policy.ScopedGateway(run_directory / "gateway-everyday", world_a, authority) as started:
        yield started


@pytest.fixture(scope="module")
def everyday(reference_world):
    return worlds.resolved(reference.read_all(), reference_world)


def assert_only_listed(outcomes, listed):
    new, gone = reference.unexpected(outcomes, listed)
    assert not new and not gone, "\n".join([f"{len(new)} new:", *new, f"listed, but no longer: {gone}"])


def test_everyday_statements_give_what_the_reference_gives(reference_world, gateway, everyday):
    outcomes = reference.compare(reference_world.connect, gateway.connect, everyday)
    own = reference_world.environment("analyst", worlds.DATABASE)
    through = own | {"PGHOST": "127.0.0.1", "PGPORT": str(gateway.port), "PGUSER": policy.USERS["analyst"],
                     "PGPASSWORD": worlds.PASSWORD}
    outcomes += reference.compare_psql(own, through)
    assert_only_listed(outcomes, reference.false_denials())


def test_claims_give_what_fixed_lists_give(reference_world, gateway, everyday):
    def connect(role):
        return gateway.connect("guest" if role == "analyst" else role)

    outcomes = reference.compare(reference_world.connect, connect, everyday)
    listed = reference.false_denials()
    assert_only_listed(outcomes, {name: why for name, why in listed.items() if not name.startswith("psql/")})
