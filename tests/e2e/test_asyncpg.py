"""asyncpg: its own implementation of the protocol, binary throughout, portals resumed after Sync."""
import asyncio
import io
from decimal import Decimal

import asyncpg
import pytest


def run(endpoint, role, body, **options):
    """Runs `await body(connection)` on a connection of the role."""
    async def go():
        connection = await endpoint.connect_asyncpg(role, **options)
        try:
            return await body(connection)
        finally:
            await connection.close(timeout=20)
    return asyncio.run(asyncio.wait_for(go(), 60))


def test_prepared_statement_with_arguments(endpoint):
    async def body(connection):
        statement = await connection.prepare("select count(*) from traces where namespace = $1 and input_tokens > $2")
        assert [parameter.name for parameter in statement.get_parameters()] == ["text", "int4"]
        return [await statement.fetchval(name, 1000) for name in ("legal", "billing")]
    counts = run(endpoint, "trace_reader", body)
    assert all(1000 < count < 1667 for count in counts)


def test_types_in_binary(endpoint, notes):
    async def body(connection):
        value = ("naïve 😀", bytes(range(256)), Decimal("12.50"), ["a", None])
        await connection.execute("insert into notes (body, payload, amount, tags) values ($1, $2, $3, $4)", *value)
        return tuple(await connection.fetchrow("select body, payload, amount, tags from notes")) == value
    assert run(endpoint, "app", body)


def test_cursor_resumes_its_portal_after_sync(endpoint):
    async def body(connection):
        async with connection.transaction():
            cursor = await connection.cursor("select trace_id from traces order by trace_id")
            first = await cursor.fetch(10)
            await cursor.forward(100)
            second = await cursor.fetch(10)
            # Between two reads of the portal other statements run.
            assert await connection.fetchval("select 1") == 1
            rest = 0
            while chunk := await cursor.fetch(1000):
                rest += len(chunk)
            return len(first), len(second), rest
    assert run(endpoint, "trace_reader", body) == (10, 10, 9880)


def test_iteration_prefetches(endpoint):
    async def body(connection):
        async with connection.transaction():
            return [row["n"] async for row in connection.cursor("select n from generate_series(1, 777) n", prefetch=50)]
    assert run(endpoint, "dba", body) == list(range(1, 778))


def test_executemany_is_one_batch(endpoint, notes):
    async def body(connection):
        await connection.executemany("insert into notes (body, amount) values ($1, $2)",
                                     [(f"note {n}", n) for n in range(3000)])
        return await connection.fetchval("select count(distinct body) from notes")
    assert run(endpoint, "app", body) == 3000


def test_executemany_is_atomic(endpoint, notes):
    async def body(connection):
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.executemany("insert into notes (id, body) values ($1, 'x')", [(1,), (2,), (1,)])
        return await connection.fetchval("select count(*) from notes")
    assert run(endpoint, "app", body) == 0


def test_copy_both_ways(endpoint, notes):
    async def body(connection):
        records = [(n, f"record {n}") for n in range(1, 5001)]
        assert await connection.copy_records_to_table("notes", records=records, columns=["id", "body"]) == "COPY 5000"
        out = io.BytesIO()
        assert await connection.copy_from_query("select id, body from notes order by id", output=out) == "COPY 5000"
        return out.getvalue() == b"".join(b"%d\trecord %d\n" % (n, n) for n in range(1, 5001))
    assert run(endpoint, "app", body)


def test_timeout_cancels_and_the_connection_lives(endpoint):
    async def body(connection):
        with pytest.raises(asyncio.TimeoutError):
            await connection.execute("select pg_sleep(63)", timeout=0.3)
        return await connection.fetchval("select 2")
    assert run(endpoint, "app", body) == 2


def test_notifications(endpoint):
    async def body(connection):
        heard = asyncio.get_running_loop().create_future()
        await connection.add_listener("asyncpg_channel", lambda _c, _pid, _channel, payload: heard.set_result(payload))
        await connection.execute("notify asyncpg_channel, 'hi'")
        return await asyncio.wait_for(heard, 30)
    assert run(endpoint, "dba", body) == "hi"


def test_introspection_of_unknown_types(endpoint, cluster):
    """asyncpg reads pg_type and friends when it meets a type that it does not know."""
    cluster.sql("create type mood as enum ('calm', 'tense'); "
                "create type pair as (mood mood, n int)", "scratch")
    try:
        async def body(connection):
            return await connection.fetchval("select row('tense', 7)::pair")
        assert tuple(run(endpoint, "dba", body, database="scratch")) == ("tense", 7)
    finally:
        cluster.sql("drop type pair, mood", "scratch")


def test_many_connections_at_once(endpoint):
    async def go():
        connections = await asyncio.gather(*[endpoint.connect_asyncpg("trace_reader") for _ in range(40)])
        counts = await asyncio.gather(*[each.fetchval("select count(*) from traces") for each in connections])
        await asyncio.gather(*[each.close() for each in connections])
        return set(counts)
    assert asyncio.run(asyncio.wait_for(go(), 60)) == {10_000}


def test_reset_between_users_of_a_pool(endpoint):
    """A pool resets with advisory unlock, CLOSE ALL, UNLISTEN and RESET ALL in one simple query."""
    async def go():
        import ssl
        pool = await asyncpg.create_pool(
            host=endpoint.host, port=endpoint.port, user=endpoint.login("trace_reader"), password=endpoint.password,
            database="traces", min_size=2, max_size=4,
            ssl=ssl.create_default_context(cafile=endpoint.parameters("trace_reader")["sslrootcert"]))
        async with pool:
            return set(await asyncio.gather(*[pool.fetchval("select count(*) from namespaces") for _ in range(50)]))
    assert asyncio.run(asyncio.wait_for(go(), 60)) == {6}


def test_denial_is_insufficient_privilege(gw):
    async def body(connection):
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as raised:
            await connection.fetch("delete from traces where model = $1", "no such model")
        assert raised.value.hint
        async with connection.transaction():
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.fetch("select * from feedback")
            return await connection.fetchval("select count(*) from traces")
    assert run(gw, "app", body) == 10_000
