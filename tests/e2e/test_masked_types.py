"""Every type, method and format: real drivers decode what a masked column returns, and it is the same whichever way it comes,
also where the store computes the mask (docs/masking.md, Methods and types)."""
import asyncio
import csv
import io

import pytest

import stack
import wire
from support import machine, scram

# column: type, two values (a third row holds NULL)
COLUMNS = {
    "a_text": ("text", "'Zoë & \"co\", 5'", "E'a\\\\b\\tc\\nd,e'"),
    "a_varchar": ("varchar(60)", "'ana@example.com'", "''"),
    "a_char": ("char(40)", "'bo@example.org'", "'x'"),
    "a_name": ("name", "'pg_catalog'", "'n'"),
    "a_citext": ("citext", "'Mixed.Case@Example.com'", "'x'"),
    "a_json": ("json", """'{"user": {"email": "ana@example.com", "n": 1}, "tags": ["x", 2]}'""", "'[1, null]'"),
    "a_jsonb": ("jsonb", """'{"user": {"email": "ana@example.com", "n": 1}, "tags": ["x", 2]}'""", "'\"s\"'"),
    "a_uuid": ("uuid", "'00112233-4455-6677-8899-aabbccddeeff'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"),
    "a_int2": ("int2", "1234", "-32768"),
    "a_int4": ("int4", "123456", "-2147483648"),
    "a_int8": ("int8", "1234567890123", "-9223372036854775808"),
    "a_numeric": ("numeric", "1234.50", "-0.001"),
    "a_bool": ("bool", "true", "false"),
    "a_bytea": ("bytea", "'\\x00ff10'", "''"),
    "a_date": ("date", "'2024-02-29'", "'2031-12-31'"),
    "a_timestamp": ("timestamp", "'2024-02-29 13:14:15.5'", "'2024-12-31 23:59:59.999999'"),
    "a_timestamptz": ("timestamptz", "'2024-02-29 23:14:15.5+02'", "'2024-12-31 23:59:59.999999-05'"),
    "an_enum": ("kinds.mood", "'good'", "'bad'"),
    "a_domain": ("kinds.address", "'carl@example.net'", "'x@y'"),
    "texts": ("text[]", "array['ana@example.com', null, 'b\"c\\\\d', '{}']", "'{}'"),
    "bigs": ("int8[]", "array[1, null, -5]", "array[[1, 2], [3, 4]]"),
    "uuids": ("uuid[]", "array['00112233-4455-6677-8899-aabbccddeeff']::uuid[]", "'{}'"),
    "a_pair": ("kinds.pair", "row(1, 'x')", "row(null, null)"),
    "an_inet": ("inet", "'10.1.2.3/8'", "'::1'"),
    "an_interval": ("interval", "'3 days 04:05:06'", "'0'"),
    "a_float": ("float8", "1.5", "'NaN'"),
    "a_range": ("int4range", "'[1,5)'", "'empty'"),
}
TEXT = ["a_text", "a_varchar", "a_char", "a_name", "a_citext", "a_domain", "texts"]
JSON = ["a_json", "a_jsonb"]
CONSTANTS = {"a_text": "[x]", "a_varchar": "[x]", "a_char": "[x]", "a_name": "[x]", "a_citext": "[x]", "a_domain": "[x]",
             "a_json": '"x"', "a_jsonb": '"x"', "a_uuid": "00000000-0000-0000-0000-000000000000", "a_int2": "7", "a_int4": "-7",
             "a_int8": "9000000000", "a_numeric": "12.50", "a_bool": "false", "a_bytea": "\\x00", "an_enum": "fair",
             "a_date": "2000-01-01", "a_timestamp": "2000-01-01 00:00:00", "a_timestamptz": "2000-01-01 00:00:00Z"}
PATHS = [{"path": "user.email", "method": "email"}, {"path": "user.*", "method": "redact"}, {"path": "tags[*]", "method": "hash"}]
DETECTED = [{"path": "user.email", "method": "detect"}]

# role: the masks of its columns
MASKS = {
    "nulls": {name: {"method": "redact"} for name in COLUMNS},
    "constants": {name: {"method": "redact", "value": value} for name, value in CONSTANTS.items()},
    "parts": {name: {"method": "partial", "keep_first": 1, "keep_last": 2} for name in TEXT},
    "mails": {name: {"method": "email"} for name in TEXT if name != "a_name"},
    "hashes": {name: {"method": "hash"} for name in ["a_text", "a_varchar", "a_char", "a_name", "a_domain", "texts", *JSON, "a_uuid",
                                                     "uuids", "a_int8", "bigs", "a_numeric", "a_bytea"]},
    "times": {name: {"method": "truncate", "unit": "month"} for name in ["a_date", "a_timestamp", "a_timestamptz"]},
    "buckets": {name: {"method": "truncate", "bucket": 1000} for name in ["a_int2", "a_int4", "a_int8", "a_numeric", "bigs"]},
    "documents": {name: {"method": "json", "paths": PATHS} for name in JSON},
    "searched": {name: {"method": "detect"} for name in [*TEXT, *JSON] if name != "a_name"},
    "searched_documents": {name: {"method": "json", "paths": DETECTED} for name in JSON},
}
CASES = [(role, column) for role, masks in MASKS.items() for column in masks]
# What only the gateway can do, and what only the store can.
ONLY_RETURNED = [case for case in CASES if case[0].startswith("searched") or case == ("documents", "a_json")]
ONLY_STORED = [case for case in CASES if case[0] == "times" or case[1] == "a_numeric" and case[0] != "nulls"
               or case[0] == "constants" and case[1] in MASKS["times"]]


@pytest.fixture(scope="module")
def store(cluster):
    columns = ", ".join(f"{name} {kind}" for name, (kind, *_) in COLUMNS.items())
    rows = [", ".join(values[i] for _, *values in COLUMNS.values()) for i in range(2)]
    cluster.sql(f"""
        create extension if not exists citext;
        create schema kinds;
        create type kinds.mood as enum ('bad', 'fair', 'good');
        create domain kinds.address as text check (value like '%@%');
        create type kinds.pair as (a integer, b text);
        create table kinds.masked (id integer primary key, {columns});
        insert into kinds.masked values (1, {rows[0]}), (2, {rows[1]}), (3{", null" * len(COLUMNS)});
        grant usage on schema kinds to trace_reader;
        grant select, update on kinds.masked to trace_reader;""", "traces")
    yield cluster
    cluster.sql("drop schema kinds cascade; drop extension citext", "traces")


@pytest.fixture(scope="module")
def gateway(run_directory, store, authority):
    def change(settings, roles):
        for role, masks in MASKS.items():
            # The columns that its masks are about; the others are not this role's.
            roles["role"][role] = {
                "upstreams": ["traces"], "store_user": "trace_reader", "store_password_file": "password", "extensions": ["citext"],
                "allow": [{"operations": ["select", "copy_out"], "tables": ["kinds.masked"], "columns": ["id", *masks]},
                          {"operations": ["update"], "tables": ["kinds.masked"], "columns": ["id"]}],
                "mask_columns": {"'kinds.masked'": masks}}
            roles["user"][role] = {"role": role, "verifier": scram.verifier(stack.PASSWORD)}
    database = "audit_types"
    stack.make_audit(store, database)
    made = stack.TestGateway(run_directory / "types", store, authority, database, change=change)
    machine.write(made.policies / "mask.key", "0123456789abcdef0123456789abcdef")
    made.write_policies(masking={"masking": {"hash_key_file": "mask.key"}})
    made.logins = made.logins | {role: role for role in MASKS}
    made.start()
    yield made
    made.stop()
    store.drop_database(database)


def by_psycopg(endpoint, role, sql, binary):
    with endpoint.connect_psycopg(role, autocommit=True) as connection:
        # Types that it has no loader for come as text or bytes.
        return [row[0] for row in connection.cursor(binary=binary).execute(sql).fetchall()]


def by_asyncpg(endpoint, role, sql):
    async def go():
        connection = await endpoint.connect_asyncpg(role)
        try:
            return [row[0] for row in await connection.fetch(sql)]
        finally:
            await connection.close(timeout=20)
    return asyncio.run(asyncio.wait_for(go(), 60))


def by_copy(endpoint, role, sql, options=""):
    with endpoint.connect_psycopg(role, autocommit=True) as connection:
        with connection.cursor().copy(f"copy ({sql}) to stdout{options}") as copy:
            return b"".join(copy)


def plain(values):
    """Texts and bytes of types that psycopg does not know come as one or the other."""
    return [each.encode() if isinstance(each, str) else bytes(each) if isinstance(each, memoryview | bytes) else repr(each)
            for each in values]


def by_binary_copy(endpoint, role, sql):
    """As psycopg decodes it, by the type that the column has."""
    with endpoint.connect_psycopg(role, autocommit=True) as connection:
        kind = connection.execute(sql).description[0].type_code
        with connection.cursor().copy(f"copy ({sql}) to stdout (format binary)") as copy:
            copy.set_types([kind])
            return [row[0] for row in copy.rows()]


def as_text(endpoint, role, sql):
    """The texts that PostgreSQL writes, by the text format."""
    with endpoint.raw(role) as client:
        messages = client.ask(sql)
    assert not wire.errors(messages), wire.errors(messages)[0]
    return [row[0] for row in wire.rows(messages)]


def unescape(field):
    if field == "\\N":
        return None
    simple = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
    out, at = [], 0
    while at < len(field):
        if field[at] == "\\":
            at += 1
            out.append(simple.get(field[at], field[at]))
        else:
            out.append(field[at])
        at += 1
    return "".join(out)


def select(column):
    return f"select {column} from kinds.masked order by id"


@pytest.mark.parametrize("role, column", CASES)
def test_every_way_gives_the_same(gateway, role, column):
    sql = select(column)
    texts = as_text(gateway, role, sql)
    assert len(texts) == 3
    # COPY writes the same texts.
    assert [unescape(line) for line in by_copy(gateway, role, sql).decode().split("\n")[:-1]] == texts
    read = csv.reader(io.StringIO(by_copy(gateway, role, sql, " (format csv, null '(null)')").decode(), newline=""))
    assert [None if row == ["(null)"] else "".join(row) for row in read] == texts
    # The drivers agree with one another, and binary with text.
    decoded = by_psycopg(gateway, role, sql, binary=False)
    if COLUMNS[column][0] not in ("kinds.mood", "kinds.pair", "citext", "interval", "int4range", "a_name"):
        assert repr(by_psycopg(gateway, role, sql, binary=True)) == repr(decoded)
    assert len(by_asyncpg(gateway, role, sql)) == 3
    assert plain(by_binary_copy(gateway, role, sql)) == plain(by_psycopg(gateway, role, sql, binary=True))


@pytest.mark.parametrize("role, column", [case for case in CASES if case not in ONLY_RETURNED])
def test_the_store_computes_what_the_gateway_does(gateway, role, column):
    # UNION ALL is computed by the store, over the masked value.
    computed = f"select {column} from kinds.masked where id = 1 union all select {column} from kinds.masked where id = 2 " \
               f"union all select {column} from kinds.masked where id = 3"
    assert as_text(gateway, role, select(column)) == as_text(gateway, role, computed)


@pytest.mark.parametrize("role, column", ONLY_RETURNED)
def test_what_only_the_gateway_can_do_is_refused_elsewhere(gateway, role, column):
    with gateway.raw(role) as client:
        error = wire.errors(client.ask(f"select count({column}) from kinds.masked"))[0]
    assert error.sqlstate == "0A000" and "masked as it is returned" in error.fields["M"], error


@pytest.mark.parametrize("role, column", [case for case in CASES if case[0] not in ("times", "buckets", "nulls", "constants", "documents")])
def test_nothing_is_left_of_the_value(gateway, direct, role, column):
    direct.logins = direct.logins | {role: "trace_reader"}
    raw = as_text(direct, role, select(column))
    masked = as_text(gateway, role, select(column))
    for one, other in zip(raw, masked):
        if one and "@example" in one:
            assert "ana@" not in other and one != other


@pytest.mark.parametrize("role", MASKS)
def test_types_stay(gateway, direct, role):
    """Types, names and origins of columns are those of the store; of what the store computes, the types."""
    direct.logins = direct.logins | {role: "trace_reader"}
    with gateway.raw(role) as one, direct.raw(role) as other:
        for column in MASKS[role]:
            described = [next(each for each in client.ask(select(column)) if each.kind == "T") for client in (one, other)]
            if (role, column) not in ONLY_STORED:
                assert described[0].body == described[1].body, column
            else:
                assert described[0].columns == described[1].columns, column


def test_returning(gateway):
    with gateway.raw("mails") as client:
        client.ask("begin")
        updated = wire.rows(client.ask("update kinds.masked set id = id + 10 where id = 1 returning a_varchar, id, a_char"))
        client.ask("rollback")
    assert updated == [["a***@example.com", "11", "b***@example.org"]]
