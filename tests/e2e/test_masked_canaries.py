"""Ten thousand random statements over masked data. Every masked value holds a canary; none is ever seen on the client's
socket, in the gateway's log, in the journal or in the session tables, in whatever encoding. The same statements straight at
the store do show them, so that the statements are of use."""
import base64
import random
import subprocess

import pytest

import stack
import wire
from support import machine, postgres, scram

STATEMENTS = 10_000
SEED = 20261123
CANARY = "zqxcanary"
NUMBER = "4815162342"  # the digits that every masked number begins with

SCHEMA = f"""
create table public.canaries (
  id integer primary key, grp text not null, amount integer not null,
  prompt text, secret text, code text, email text, user_id text, phone text, pin bigint, born timestamptz,
  meta jsonb, words text[], extra text);
insert into public.canaries
select n, (array['a', 'b', 'c'])[1 + n % 3], n * 37 % 100,
       'please mail {CANARY}' || n || '@example.com, or call', '{CANARY} secret ' || n % 7, '{CANARY}' || n % 5,
       '{CANARY}' || n % 11 || '@mail.example.org', '{CANARY}-user-' || n % 13, '{CANARY}' || lpad((n % 100)::text, 4, '0'),
       {NUMBER}000 + n, timestamptz '1972-03-04 05:06:07.{NUMBER[:6]}+00' + n * interval '1 day',
       jsonb_build_object('user', jsonb_build_object('name', '{CANARY}' || n, 'age', n % 90),
                          'tags', jsonb_build_array('{CANARY}', n), 'kind', 'k' || n % 4),
       array['{CANARY}', 'w' || n % 3], '{CANARY} unclassified'
from generate_series(1, 60) as n;
grant select, insert, update, delete on public.canaries to trace_reader;
"""

ROLE = {
    "upstreams": ["traces"], "store_user": "trace_reader", "store_password_file": "password",
    "functions": ["random"],
    "allow": [{"operations": ["select", "copy_out", "update", "delete", "insert"], "tables": ["public.canaries"]}],
}
MASKING = {
    "masking": {"hash_key_file": "mask.key"},
    "class": {"plain": {"mask": "none"}, "detected": {"mask": {"method": "detect"}},
              "nothing": {"mask": {"method": "redact"}}, "constant": {"mask": {"method": "redact", "value": "[hidden]"}},
              "mail": {"mask": {"method": "email"}}, "user": {"mask": {"method": "hash"}},
              "end": {"mask": {"method": "partial", "keep_last": 2}}, "big": {"mask": {"method": "truncate", "bucket": 1_000_000_000_000}},
              "year": {"mask": {"method": "truncate", "unit": "year"}},
              "document": {"mask": {"method": "json", "paths": [{"path": "user.name", "method": "hash"},
                                                                {"path": "tags[*]", "method": "redact"}]}}},
    "classify": {"traces": {"'public.canaries'": {
        "id": "plain", "grp": "plain", "amount": "plain", "prompt": "detected", "secret": "nothing", "code": "constant",
        "email": "mail", "user_id": "user", "phone": "end", "pin": "big", "born": "year", "meta": "document", "words": "end"}}},
}

TEXTS = ["secret", "code", "email", "user_id", "phone", "grp"]
NUMBERS = ["id", "amount", "pin"]
ALL = [*TEXTS, *NUMBERS, "born", "meta", "words", "prompt"]
RETURNED_ONLY = "prompt"


class Statements:
    """Random statements; the same for the same seed."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def _pick(self, *of):
        return self._random.choice(of)

    def _make(self, *makers):
        return self._random.choice(makers)()

    def text(self, t, depth=2):
        if depth == 0 or self._random.random() < 0.35:
            return f"{t}.{self._random.choice(TEXTS)}"
        less = depth - 1
        inner = self.text(t, less)
        return self._make(
            lambda: f"upper({inner})", lambda: f"reverse({inner})", lambda: f"left({inner}, {self._random.randint(1, 9)})",
            lambda: f"{inner} || '.' || {self.text(t, less)}", lambda: f"md5({inner})", lambda: f"quote_literal({inner})",
            lambda: f"encode(convert_to({inner}, 'UTF8'), '{self._pick('hex', 'base64', 'escape')}')",
            lambda: f"coalesce({inner}, {self.text(t, less)})", lambda: f"substr({inner}, 2)", lambda: f"replace({inner}, 'q', 'Q')",
            lambda: f"({t}.meta ->> 'kind')", lambda: f"({t}.meta #>> '{{user,name}}')", lambda: f"{t}.words[1]", lambda: f"{t}.meta::text",
            lambda: f"to_jsonb({t})::text", lambda: f"{t}::text", lambda: f"row_to_json({t})::text", lambda: f"format('%s', {inner})",
            lambda: f"case when {self.condition(t, less)} then {inner} else {self.text(t, less)} end", lambda: f"({self.number(t, less)})::text",
            lambda: f"array_to_string({t}.words, ',')", lambda: f"regexp_replace({inner}, '[0-9]', '#', 'g')", lambda: f"{t}.born::text")

    def number(self, t, depth=2):
        if depth == 0 or self._random.random() < 0.5:
            return f"{t}.{self._random.choice(NUMBERS)}"
        less = depth - 1
        return self._make(
            lambda: f"length({self.text(t, less)})", lambda: f"{self.number(t, less)} + {self.number(t, less)}",
            lambda: f"({self.number(t, less)} % 7)", lambda: f"abs({self.number(t, less)})", lambda: f"ascii({self.text(t, less)})",
            lambda: f"jsonb_array_length({t}.meta -> 'tags')", lambda: f"({self.text(t, less)})::integer", lambda: f"100 / {self.number(t, less)}")

    def condition(self, t, depth=2):
        one = self._make(
            lambda: f"{self.text(t, depth)} like '%{self._pick('z', 'canary', 'a', 'example')}%'",
            lambda: f"{self.text(t, depth)} = {self.text(t, depth)}", lambda: f"{self.number(t, depth)} > {self._random.randint(0, 50)}",
            lambda: f"{t}.user_id is not null", lambda: f"{t}.meta ? 'user'", lambda: f"{t}.grp = 'a'", lambda: f"{t}.email ~ 'canary|@mail'",
            lambda: f"{self.text(t, 0)} in (select {self.text('y', depth)} from canaries y where y.id = {t}.id)",
            lambda: f"{t}.pin between 1 and 5000000000000", lambda: f"{t}.words && array['w1', '*******ry']")
        if depth == 0 or self._random.random() < 0.7:
            return one
        return f"({one} {self._pick('and', 'or', 'and not')} {self.condition(t, depth - 1)})"

    def value(self, t):
        return self._make(lambda: self.text(t), lambda: self.number(t), lambda: f"{t}.{self._random.choice(ALL)}",
                          lambda: f"{t}.{self._random.choice(ALL)}")

    def select(self, depth=1):
        t = "t"
        source = "canaries t"
        if depth and self._random.random() < 0.5:
            source = self._pick(
                "(select * from canaries) t", "(select * from canaries where amount < 80 order by id) t",
                f"(select c.*, {self.text('c', 1)} as more from canaries c) t", "canaries t join canaries o on o.id = t.id",
                f"canaries t left join canaries o on o.{self._pick('user_id', 'id', 'code')} = t.{self._pick('user_id', 'id', 'code')} and o.id < 5",
                f"canaries t, lateral (select {self.text('t', 1)} as l) x", "canaries t natural join (select id, code from canaries) x")
        where = f" where {self.condition(t)}" if self._random.random() < 0.6 else ""
        kind = self._random.random()
        if kind < 0.45:
            columns = ", ".join(self.value(t) for _ in range(self._random.randint(1, 4)))
            order = self._pick("", f" order by {self.value(t)}", " order by 1", f" order by t.id limit {self._random.randint(1, 20)}")
            distinct = self._pick("", "", "", "distinct ")
            return f"select {distinct}{columns} from {source}{where}{order}"
        if kind < 0.6:
            return f"select {self._pick('*', 't.*', 't', 't.id, t.*', 'to_jsonb(t)', '(t).email', 'row(t.*)')} from {source}{where}"
        if kind < 0.8:
            key = self.value(t)
            aggregate = self._pick("count(*)", f"max({self.text(t)})", f"string_agg({self.text(t)}, ',')", f"array_agg({self.text(t, 1)})",
                                   f"sum({self.number(t, 1)})", f"jsonb_agg({t}.meta)", "json_agg(t)", f"min({t}.pin)", f"count(distinct {self.text(t, 1)})")
            return f"select {key}, {aggregate} from {source}{where} group by {key}"
        if kind < 0.9:
            return (f"select {self.text(t)} from {source}{where} {self._pick('union', 'union all', 'except', 'intersect')} "
                    f"select {self.text('u')} from canaries u")
        return f"select {self.value(t)}, {self._pick('rank()', 'row_number()', 'lag(t.email)', 'count(*)')} over (order by {self.value(t)}) from {source}{where}"

    def statement(self):
        kind = self._random.random()
        body = self.select()
        if kind < 0.7:
            return [body]
        if kind < 0.76:
            return [f"with w as ({body}) select * from w"]
        if kind < 0.84:
            options = self._pick("", " (format csv)", " (format csv, header, force_quote *)", " (format binary)", " (null 'none', delimiter '|')")
            return [f"copy ({body}) to stdout{options}" if self._random.random() < 0.8 else f"copy canaries to stdout{options}"]
        if kind < 0.9:
            return [f"prepare p as {body}", "execute p", "deallocate p"]
        if kind < 0.96:
            return ["begin", f"declare c {self._pick('', 'binary ')}cursor for {body}", "fetch 5 from c", "fetch all from c", "rollback"]
        return ["begin", self._pick(
            f"update canaries t set amount = 1 where {self.condition('t')} returning *", f"delete from canaries t where t.id < 9 returning {self.value('t')}",
            "update canaries set secret = 'x', email = 'a@b.c' where id < 9 returning id, secret, email, user_id, pin",
            "insert into canaries (id, grp, amount, email) values (900, 'a', 1, 'new@b.c') returning *",
            f"insert into canaries (id, grp, amount) values (1, 'a', 1) on conflict (id) do update set amount = {self.number('canaries', 1)} returning email",
            f"update canaries t set amount = 2 from canaries o where o.id = t.id and {self.condition('o')} returning t.email, o.user_id"), "rollback"]


def sightings(data):
    """Forms of a canary within bytes."""
    folded = data.lower()
    forms = {"plain": CANARY.encode(), "reversed": CANARY[::-1].encode(), "hex": CANARY.encode().hex().encode(),
             "hex of capitals": CANARY.upper().encode().hex().encode(), "number": NUMBER.encode()}
    found = [name for name, form in forms.items() if form in folded]
    for shift in range(3):
        # Of what stands before it three alignments are possible; the ends depend on the neighbours.
        encoded = base64.b64encode(b"\0" * shift + CANARY.encode())[4:-4]
        if encoded in data:
            found.append("base64")
    return found


@pytest.fixture(scope="module")
def store(cluster):
    cluster.sql(SCHEMA, "traces")
    yield cluster
    cluster.sql("drop table public.canaries", "traces")


@pytest.fixture(scope="module")
def gateway(run_directory, store, authority):
    def change(settings, roles):
        roles["role"]["masked"] = ROLE
        roles["user"]["mia"] = {"role": "masked", "verifier": scram.verifier(stack.PASSWORD)}
        # Where tables are classified, readers see their tables in part; EXPLAIN is not for them.
        for role in roles["role"].values():
            role["allow"] = [rule for rule in role.get("allow", []) if rule["operations"] != ["explain"]]
        roles["role"]["dba"].pop("allow")
    database = "audit_canaries"
    stack.make_audit(store, database)
    made = stack.TestGateway(run_directory / "canaries", store, authority, database, change=change)
    machine.write(made.policies / "mask.key", "0123456789abcdef0123456789abcdef")
    made.write_policies(masking=MASKING)
    made.logins = made.logins | {"masked": "mia"}
    made.start()
    yield made
    made.stop()
    store.drop_database(database)


def run(client, statements, extended):
    """The bytes of all answers, and how many of the statements failed."""
    seen, failed = bytearray(), 0
    for sql in statements:
        if extended and not sql.startswith("copy"):
            messages = client.ask_extended(sql, result_formats=(1,))
        else:
            messages = client.ask(sql)
        failed += bool(wire.errors(messages))
        for each in messages:
            seen += each.body
    return bytes(seen), failed


def test_no_canary_is_seen(gateway, store, direct):
    made = Statements(SEED)
    total = answered = 0
    leaks = []
    direct.logins = direct.logins | {"masked": "trace_reader"}
    shown = 0
    with gateway.raw("masked") as client, direct.raw("masked") as raw:
        for number in range(STATEMENTS):
            statements = made.statement()
            extended = number % 3 == 0
            seen, failed = run(client, statements, extended)
            total += 1
            answered += not failed
            if forms := sightings(seen):
                leaks.append((forms, statements))
            if number % 20 == 0:
                shown += bool(sightings(run(raw, statements, extended)[0]))
    assert not leaks, f"{len(leaks)} leaks, such as {leaks[:3]}"
    assert answered > total * 0.4, f"{answered} of {total} were answered"
    assert shown > STATEMENTS / 20 * 0.3, f"{shown} statements show canaries without the gateway"
    gateway.wait_until_shipped()
    assert not sightings(gateway.log_text().encode())
    journal = b"".join(path.read_bytes() for path in sorted((gateway.directory / "journal").rglob("*")) if path.is_file())
    assert b"from canaries" in journal and not sightings(journal)
    tables = subprocess.run([postgres.BIN / "pg_dump", "--data-only", "--schema=tracegate"], check=True, capture_output=True,
                            env=store.environment(postgres.SUPERUSER, gateway.audit_database)).stdout
    assert b"from canaries" in tables and not sightings(tables)
    counted = gateway.audit_rows("select sum(masked_cells) as masked, sum(detected_cells) as detected from tracegate.statements")
    assert int(counted[0]["masked"]) > 1000 and int(counted[0]["detected"]) > 100
