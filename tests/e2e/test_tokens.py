"""Tokens of a real OpenID provider: who may have which role by them, what is on record of those who may not, keys that change,
and sessions that end with their token."""
import asyncio
import base64
import hashlib
import hmac
import json
import re
import signal
import uuid

import psycopg
import pytest

import stack
import wire
from support import machine, scram
from support.provider import Provider

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
TOLD = "token authentication failed for user"
READ = {"operations": ["select", "copy_out"], "tables": ["public.traces"]}


@pytest.fixture(scope="module")
def provider():
    with Provider() as running:
        yield running


def change_for(provider, **issuer):
    def change(settings, roles):
        settings["issuer"] = {"idp": {"url": provider.url, "audience": ["tracegate"]} | issuer}
        settings["listener"] = [each | {"login": "token"} for each in settings["listener"]]
        settings["listener"].append(settings["listener"][0] | {
            "login": "oauthbearer", "advertised_issuer": "idp", "advertised_scope": "openid groups"})
        settings["listener"].append(settings["listener"][0] | {"login": "scram"})
        roles["role"] = {
            "trace_reader": {"upstreams": ["traces"], "store_user": "trace_reader", "store_password_file": "password",
                             "groups": ["idp:trace-readers"], "functions": ["public.slow_identity"], "allow": [READ]},
            "support_reader": {"upstreams": ["traces"], "store_user": "trace_reader", "store_password_file": "password",
                               "subjects": [f"idp:reader-{each}" for each in ALGORITHMS], "allow": [READ],
                               "scope": {"'public.traces'": {"namespace": {"column": "namespace", "claim": "namespaces"}}}},
            "dba": roles["role"]["dba"]}
        roles["user"] = {"admin": {"role": "dba", "verifier": scram.verifier(stack.PASSWORD)}}
    return change


def make(run_directory, cluster, authority, name, change):
    stack.make_audit(cluster, f"audit_{name}")
    made = stack.TestGateway(run_directory / name, cluster, authority, f"audit_{name}", change=change)
    made.logins = made.logins | {"dba": "admin"}
    made.start()
    return made


class Tokens:
    """The gateway, by the port of the listener that asks for tokens; the record is asked for by the one with passwords."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.port = gateway.ports[0]
        self.bearer_port = gateway.ports[2]
        gateway.ports.insert(0, gateway.ports[3])  # raw() and the like: SCRAM

    def connect(self, token, role="trace_reader", **more):
        return psycopg.connect(**(self.gateway.parameters("dba", **more) | {"port": self.port, "user": role, "password": token}),
                               autocommit=True)

    def log_in(self, token, role="trace_reader", tls=True, **settings):
        return wire.connect(self.gateway.host, self.port, role, token, "traces", tls=tls, **settings)

    def refusal(self, token, role="trace_reader", database="traces"):
        """What the client is told, less the name of the role, and the reason on record."""
        application = f"refused-{uuid.uuid4().hex[:12]}"
        with wire.Connection(self.gateway.host, self.port) as client:
            client.start_tls()
            with pytest.raises(wire.Refused) as caught:
                client.log_in(role, token, database, application_name=application)
            address = "%s:%d" % client.socket.getsockname()
        said = {name: value.replace(f'"{role}"', '"ROLE"') for name, value in caught.value.error.fields.items()}
        machine.wait_until(lambda: self.refused_from(address), "the refusal to be on record")
        return said, self.refused_from(address)[0]["reason"]

    def refused_from(self, address):
        return self.gateway.audit_rows(f"select * from tracegate.logins where client = '{address}' and not accepted")


@pytest.fixture(scope="module")
def tokens(run_directory, cluster, authority, provider):
    gateway = make(run_directory, cluster, authority, "tokens", change_for(provider))
    yield Tokens(gateway)
    gateway.stop()
    cluster.drop_database("audit_tokens")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_as_password(tokens, provider, algorithm):
    application = f"by-{algorithm}"
    with tokens.connect(provider.token("reader", algorithm), application_name=application) as connection:
        assert connection.execute("select count(*) from traces").fetchone() == (stack.TRACES,)
    tokens.gateway.wait_until_shipped()
    (session,) = tokens.gateway.audit_rows(f"select * from tracegate.sessions where application = '{application}'")
    assert (session["subject"], session["role"], session["authentication"]) == \
        (f"idp:reader-{algorithm}", "trace_reader", "token")


def test_drivers_and_psql(tokens, provider):
    token = provider.token("reader")
    environment = tokens.gateway.environment("dba") | {"PGPORT": str(tokens.port), "PGUSER": "trace_reader", "PGPASSWORD": token}
    import psycopg2
    import subprocess
    from support import postgres
    done = subprocess.run([postgres.BIN / "psql", "-XAtc", "select count(*) from traces"], env=environment, capture_output=True,
                          text=True, timeout=60)
    assert done.stdout == f"{stack.TRACES}\n", done.stderr
    keywords = tokens.gateway.parameters("dba") | {"port": tokens.port, "user": "trace_reader", "password": token}
    connection = psycopg2.connect(**keywords)
    connection.close()

    async def by_asyncpg():
        import asyncpg
        import ssl
        context = ssl.create_default_context(cafile=tokens.gateway._ca)
        connection = await asyncpg.connect(host=tokens.gateway.host, port=tokens.port, user="trace_reader", password=token,
                                           database="traces", ssl=context, timeout=20)
        assert await connection.fetchval("select count(*) from traces") == stack.TRACES
        await connection.close()
    asyncio.run(by_asyncpg())


def test_claims_of_the_token_are_the_scope(tokens, provider, cluster):
    with tokens.connect(provider.token("reader"), "support_reader") as connection:
        seen = connection.execute("select namespace, count(*) from traces group by 1 order by 1").fetchall()
    assert seen and [f"{name}|{count}" for name, count in seen] == cluster.sql(
        "select namespace, count(*) from traces where namespace in ('support', 'sales') group by 1 order by 1", "traces").splitlines()


def parts(token):
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode() if not isinstance(value, bytes) else value).rstrip(b"=").decode()


def forged(token, header=None, claims=None, signature=None):
    """With other members, and the signature that it had."""
    before = token.split(".")
    old_header, old_claims = parts(token)
    return ".".join([encoded(old_header | header) if header else before[0], encoded(old_claims | claims) if claims else before[1],
                     before[2] if signature is None else signature])


def by_shared_secret(token, provider):
    """HS256 with a public key as the secret."""
    import urllib.request
    with urllib.request.urlopen(f"{provider.url}/jwks", timeout=20) as answer:
        secret = json.dumps(json.load(answer)["keys"][0]).encode()
    head = encoded(parts(token)[0] | {"alg": "HS256"}) + "." + token.split(".")[1]
    return head + "." + encoded(hmac.new(secret, head.encode(), hashlib.sha256).digest())


def test_wrong_tokens_are_told_the_same_and_recorded_precisely(tokens, provider):
    good, writer = provider.token("reader"), provider.token("writer")
    signed = base64.urlsafe_b64decode(good.split(".")[2] + "==")
    cases = [
        ("", "parts"), ("x", "parts"), ("a.b", "parts"), ("a.b.c.d.e", "encrypted"), (good + "=", "characters"),
        (forged(good, signature=encoded(signed[:-1])), "signature"), (forged(good, signature=encoded(signed + b"\0")), "signature"),
        (forged(good, signature=encoded(signed[:-1] + bytes([signed[-1] ^ 1]))), "signature"), (forged(good, {"alg": "none"}, signature=""), "parts"),
        (forged(good, {"alg": "none"}), "unsigned"), (forged(good, {"alg": "HS256"}), "secret"),
        (by_shared_secret(good, provider), "secret"), (forged(good, {"alg": "RS1"}), "algorithm"),
        (forged(good, {"alg": "RS384"}), "algorithm"), (forged(good, {"alg": "ES256"}), "key"), (forged(good, {"kid": "other"}), "key"),
        (forged(good, {"typ": "id+jwt"}), "type"), (forged(good, {"crit": ["exp"]}), "crit"), (forged(good, {"jku": provider.url}), "key"),
        (forged(good, claims={"groups": ["dba"]}), "signature"), (forged(good, claims={"iss": "https://evil.example"}), "issuer"),
        (forged(good, claims={"exp": 9999999999}), "signature"), (provider.token("stranger"), "the subject may not have the role"),
        (writer, "the subject may not have the role"),
    ]
    told = set()
    for token, reason in cases:
        said, recorded = tokens.refusal(token)
        told.add(json.dumps(said, sort_keys=True))
        assert reason in recorded, (token[:20], recorded)
        assert not token or token not in recorded
    for role in ("nobody", "dba", "admin"):
        said, recorded = tokens.refusal(good, role)
        told.add(json.dumps(said, sort_keys=True))
        assert "role" in recorded
    assert len(told) == 1 and TOLD in told.pop()


def test_a_token_in_clear_is_not_asked_for(tokens, provider):
    with pytest.raises(wire.Refused) as caught:
        tokens.log_in(provider.token("reader"), tls=False)
    assert "without TLS" in caught.value.error.fields["M"]


def bearer(token):
    data = b"n,,\x01auth=" + (b"Bearer " + token.encode() if token else b"") + b"\x01\x01"
    return wire.message(b"p", wire.cstring("OAUTHBEARER") + len(data).to_bytes(4, "big") + data)


def test_oauthbearer(tokens, provider):
    def begin():
        client = wire.Connection(tokens.gateway.host, tokens.bearer_port)
        client.start_tls()
        client.send(wire.startup("trace_reader", "traces", wire.PROTOCOL_3_0))
        asked = client.read()
        assert asked.kind == "R" and asked.body == b"\0\0\0\x0aOAUTHBEARER\0\0"
        return client
    with begin() as client:
        client.send(bearer(provider.token("reader")))
        assert client.read().body == b"\0\0\0\0"  # AuthenticationOk, with no message of SASL before it
        while client.read().kind != "Z":
            pass
        assert wire.rows(client.ask("select count(*) from traces")) == [[str(stack.TRACES)]]
    for token in ("", "a.b.c"):
        with begin() as client:
            client.send(bearer(token))
            told = json.loads(client.read().body[4:])
            assert told == {"status": "invalid_token", "scope": "openid groups",
                            "openid-configuration": f"{provider.url}/.well-known/openid-configuration"}
            client.send(wire.message(b"p", b"\x01"))
            assert TOLD in client.read().fields["M"]


def test_keys_are_rotated(run_directory, cluster, authority):
    with Provider() as provider:
        gateway = make(run_directory, cluster, authority, "tokens_rotation", change_for(provider))
        tokens = Tokens(gateway)
        old = provider.token("reader")
        with tokens.connect(old) as before:
            provider.rotate()
            tokens.connect(provider.token("reader")).close()
            _, reason = tokens.refusal(old)
            assert "key" in reason
            assert before.execute("select count(*) from traces").fetchone() == (stack.TRACES,)
        gateway.stop()
    cluster.drop_database("audit_tokens_rotation")


def test_a_provider_that_is_down_is_not_needed(run_directory, cluster, authority):
    with Provider() as provider:
        gateway = make(run_directory, cluster, authority, "tokens_down", change_for(provider))
        tokens = Tokens(gateway)
        token = provider.token("reader")
        provider.down()
        tokens.connect(token).close()
        assert "key" in tokens.refusal(forged(token, {"kid": "other"}))[1]
        provider.up()
        tokens.connect(token).close()
        gateway.stop()
    cluster.drop_database("audit_tokens_down")


def test_a_session_ends_with_its_token(run_directory, cluster, authority):
    """Idle, in a transaction, in a statement, and in a COPY whose data nobody takes."""
    with Provider(seconds=4) as provider:
        gateway = make(run_directory, cluster, authority, "tokens_expiry", change_for(provider, clock_skew="0s"))
        tokens = Tokens(gateway)
        token = provider.token("reader")
        idle, block, running, copying = [tokens.log_in(token) for _ in range(4)]
        block.ask("begin")
        running.send(wire.query("select slow_identity(1, 600)"))
        copying.send(wire.query("copy (select * from traces, generate_series(1, 100)) to stdout"))
        for client in (idle, block, running, copying):
            *_, last = client.read_to_end()
            assert (last.sqlstate, last.fields["S"]) == ("28000", "FATAL") and "expired" in last.fields["M"]
            client.close()
        machine.wait_until(lambda: cluster.value("select count(*) from pg_stat_activity where usename = 'trace_reader' and state = "
                                                 "'active'") == "0", "the statements to be cancelled")
        said, reason = tokens.refusal(token)
        assert "expired" in reason and TOLD in said["M"]
        gateway.stop()
    cluster.drop_database("audit_tokens_expiry")


def test_a_reload_takes_a_role_away_from_live_sessions(run_directory, cluster, authority, provider):
    gateway = make(run_directory, cluster, authority, "tokens_reload", change_for(provider))
    tokens = Tokens(gateway)
    with tokens.log_in(provider.token("reader")) as client:
        assert wire.rows(client.ask("select count(*) from traces"))
        client.send(wire.parse("select count(*) from traces", "s"), wire.sync())
        client.read_until()
        gateway.roles["role"]["trace_reader"]["groups"] = ["idp:others"]
        gateway.write_policies(roles=gateway.roles)
        gateway.signal(signal.SIGHUP)
        machine.wait_until(lambda: wire.errors(client.ask("select count(*) from traces")), "the new policy")
        assert wire.errors(client.ask("select 1"))[0].sqlstate == "42501"
        client.send(wire.bind(statement="s"), wire.execute(), wire.sync())
        assert wire.errors(client.read_until())[0].sqlstate == "42501"
    assert "may not have the role" in tokens.refusal(provider.token("reader"))[1]
    gateway.stop()
    cluster.drop_database("audit_tokens_reload")


def test_tokens_are_nowhere_in_log_or_journal(tokens, provider):
    token = provider.token("reader")
    tokens.connect(token).close()
    tokens.refusal(forged(token, claims={"groups": ["dba"]}))
    stored = tokens.gateway.log_text().encode() + b"".join(
        path.read_bytes() for path in (tokens.gateway.directory / "journal").iterdir() if path.is_file())
    for part in token.split("."):
        assert part.encode() not in stored
    assert re.search(rb"reader-RS256", stored)
