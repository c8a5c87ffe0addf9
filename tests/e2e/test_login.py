"""Logging in: SCRAM, TLS, what the start-up message may say, and what is told to those who fail."""
import base64
import os
import socket
import ssl
import struct
import time

import pytest

import stack
import wire
from support import machine, scram


def refused(gw, user="alice", password=stack.PASSWORD, database="traces", **settings):
    with pytest.raises(wire.Refused) as caught:
        wire.connect(gw.host, gw.port, user, password, database, **settings).close()
    return caught.value.error


def test_scram_over_tls_with_and_without_channel_binding(gw):
    for options in ({"tls": False}, {"tls": True}, {"plus": True}):
        with gw.raw("trace_reader", **options) as client:
            assert client.is_alive()


def test_unknown_user_and_wrong_password_are_told_the_same(gw):
    """The same messages in the same order, and the error in the same words but for the name."""
    def conversation(user):
        with wire.Connection(gw.host, gw.port) as client:
            with pytest.raises(wire.Refused):
                client.log_in(user, "wrong", "traces")
            shown = []
            for each in client.startup_messages:
                if each.kind == "R":
                    (code,) = struct.unpack_from("!i", each.body)
                    shown.append((code, len(each.body)))
                else:
                    shown.append({name: value.replace(user, "USER") for name, value in each.fields.items()})
            return shown
    # Names of one length, so that lengths may be compared.
    assert conversation("alice") == conversation("nobdy")
    assert [step[0] for step in conversation("nobdy")[:-1]] == [10, 11]


def test_unknown_user_gets_the_same_salt_each_time(gw):
    """A salt that changes would tell an invented user from a real one."""
    def salt(user):
        with wire.Connection(gw.host, gw.port) as client:
            with pytest.raises(wire.Refused):
                client.log_in(user, "wrong", "traces")
            server_first = client.startup_messages[1].body[4:].decode()
            return [part for part in server_first.split(",") if part[0] in "si"]
    assert salt("nobody") == salt("nobody")
    assert salt("nobody") != salt("nobody2")
    assert salt("nobody")[1] == salt("alice")[1], "the iteration count must not differ either"


def test_unknown_user_gets_iterations_and_salt_like_those_of_the_users(private_gateway):
    """Whatever form the verifiers have: else every name of another form would be known to exist."""
    def give_forms(settings, roles):
        for user, (iterations, salt) in zip(sorted(roles["user"]), [(8192, 24)] * 2 + [(10_000, 16)] * 3):
            roles["user"][user]["verifier"] = scram.verifier(stack.PASSWORD, iterations, os.urandom(salt))

    def form(gateway, user):
        with wire.Connection(gateway.host, gateway.port) as client:
            with pytest.raises(wire.Refused):
                client.log_in(user, "wrong", "traces")
            fields = dict(part.split("=", 1) for part in client.startup_messages[1].body[4:].decode().split(","))
            return int(fields["i"]), len(base64.b64decode(fields["s"]))

    with private_gateway(change=give_forms) as gateway:
        names = [f"nobody{n}" for n in range(60)]
        forms = {name: form(gateway, name) for name in names}
        assert set(forms.values()) == {form(gateway, user) for user in stack.USERS.values()}
        assert set(forms.values()) == {(8192, 24), (10_000, 16)}
        assert all(form(gateway, name) == forms[name] for name in names[:10])


def test_wrong_password_takes_about_as_long_as_an_unknown_user(gw):
    def seconds(user):
        start = time.perf_counter()
        refused(gw, user, "wrong")
        return time.perf_counter() - start
    known = sorted(seconds("alice") for _ in range(15))[7]
    unknown = sorted(seconds("nobody") for _ in range(15))[7]
    assert 0.2 < known / unknown < 5, (known, unknown)


def test_empty_password_does_not_do(gw):
    error = refused(gw, "alice", "")
    assert error.sqlstate == "28P01"


def test_no_user_name_is_refused_as_postgresql_does(endpoint):
    with endpoint.raw() as client:
        client.send(wire.untyped(wire.PROTOCOL_3_0, b"database\0traces\0\0"))
        got = client.read_to_end()
    assert (wire.kinds(got), got[0].sqlstate) == ("E", "28000")


def test_protocol_2_is_refused(gw):
    with gw.raw() as client:
        client.send(wire.startup("alice", "traces", version=0x00020000))
        got = client.read_to_end()
    assert (wire.kinds(got), got[0].fields["S"], got[0].sqlstate) == ("E", "FATAL", "0A000")


@pytest.mark.parametrize("version,negotiated", [(wire.PROTOCOL_3_2, False), (196608 + 9999, True)])
def test_newer_minor_versions_are_negotiated(gw, version, negotiated):
    with gw.raw("trace_reader", version=version) as client:
        assert ("v" in wire.kinds(client.startup_messages)) == negotiated
        assert client.is_alive()


def test_unknown_protocol_options_are_negotiated(gw):
    with gw.raw("trace_reader", **{"_pq_.wonder": "yes"}) as client:
        answer = [each for each in client.startup_messages if each.kind == "v"]
        assert len(answer) == 1 and b"_pq_.wonder\0" in answer[0].body
        assert client.is_alive()


def test_tls_only_listener_refuses_plaintext(gw):
    with wire.Connection(gw.host, gw.tls_only_port) as client:
        client.send(wire.startup("alice", "traces"))
        got = client.read_to_end()
    assert wire.kinds(got) == "E" and got[0].fields["S"] == "FATAL"
    with wire.connect(gw.host, gw.tls_only_port, "alice", stack.PASSWORD, "traces", tls=True) as client:
        assert client.is_alive()


def test_direct_tls_needs_the_alpn_protocol(gw):
    with gw.raw() as client:
        client.start_tls(direct=True)
        assert client.socket.selected_alpn_protocol() == "postgresql"
        client.log_in("alice", stack.PASSWORD, "traces")
        assert client.is_alive()
    with gw.raw() as client:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.raises((ssl.SSLError, ConnectionError, wire.Closed)):
            client.socket = context.wrap_socket(client.socket)
            client.log_in("alice", stack.PASSWORD, "traces")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_versions_are_refused(gw):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with gw.raw() as client, pytest.raises((ssl.SSLError, ConnectionError)):
        client.start_tls(context)


def test_gss_encryption_is_declined(gw):
    with gw.raw() as client:
        client.send(wire.gssenc_request())
        assert client.read_exactly(1) == b"N"
        client.start_tls()
        client.log_in("alice", stack.PASSWORD, "traces")
        assert client.is_alive()


@pytest.mark.parametrize("settings", [
    {"search_path": "evil"}, {"options": "-c search_path=evil"}, {"options": "-csearch_path=evil"},
    {"options": "--search-path=evil"}, {"options": "-c standard_conforming_strings=off"},
    {"options": "-c session_preload_libraries=x"}, {"options": "-c role=dba"}, {"role": "dba"},
    {"session_authorization": "dba"}, {"replication": "database"}, {"replication": "true"}, {"replication": "on"},
    {"options": "-c application_name=x\\ -c\\ role=dba -crole=dba"}, {"client_encoding": "SJIS"},
    {"standard_conforming_strings": "off"}, {"row_security": "off"}, {"options": "-i"}, {"options": "-P"},
    {"options": "-c local_preload_libraries=x"}, {"backslash_quote": "on"}, {"Search_Path": "evil"},
    {"options": "-c  SEARCH_PATH=evil"}, {"options": "-c"}, {"options": "\\"}, {"options": "-c search_path"},
    {"client_min_messages": "log"}, {"options": "-c client_min_messages=LOG"},
])
def test_hostile_start_up_settings_are_refused_to_restricted_roles(gw, settings):
    error = refused(gw, **settings)
    assert error.fields["S"] == "FATAL"
    assert error.sqlstate in ("42501", "22023", "42601", "0A000", "28000"), error.fields


@pytest.mark.parametrize("role", ["trace_reader", "dba"])
@pytest.mark.parametrize("value", ["database", "true", "on", "1", "yes"])
def test_replication_is_refused_to_everybody(gw, role, value):
    assert refused(gw, gw.login(role), replication=value).sqlstate == "0A000"


def test_permitted_start_up_settings_arrive(gw):
    with gw.raw("trace_reader", application_name="späte Größe", datestyle="ISO, DMY", timezone="Asia/Tokyo",
                options="-c statement_timeout=61s -c work_mem=9MB", extra_float_digits="2") as client:
        shown = [wire.rows(client.ask(f"show {name}"))[0][0] for name in
                 ("datestyle", "timezone", "statement_timeout", "work_mem", "extra_float_digits")]
    assert shown == ["ISO, DMY", "Asia/Tokyo", "61s", "9MB", "2"]


@pytest.mark.parametrize("name,value", [("datestyle", "nonsense"), ("timezone", "Atlantis/Port"),
                                        ("options", "-c work_mem=much")])
def test_a_value_that_the_store_does_not_take_is_answered_as_the_store_does(gw, name, value):
    error = refused(gw, gw.login("trace_reader"), **{name: value})
    assert error.sqlstate == "22023" and error.fields["S"] == "FATAL"
    assert error.fields["M"].startswith("invalid value for parameter"), error.fields


@pytest.mark.parametrize("name,value", [
    ("application_name", "x\x01y"), ("application_name", "x\ny"), ("datestyle", "ISO\x7f"),
])
def test_control_characters_in_settings_do_not_reach_the_store(gw, cluster, name, value):
    try:
        with gw.raw("trace_reader", **{name: value}) as client:
            shown = wire.rows(client.ask(f"show {name}"))[0][0]
            assert all(character.isprintable() for character in shown)
    except wire.Refused as refusal:
        assert refusal.error.sqlstate in ("22023", "42501", "22021", "08P01")


def test_invalid_utf8_in_the_start_up_message_is_refused(gw):
    with gw.raw() as client:
        client.send(wire.untyped(wire.PROTOCOL_3_0, b"user\0al\xffice\0database\0traces\0\0"))
        got = client.read_to_end()
    assert wire.kinds(got)[-1] == "E" and got[-1].fields["S"] == "FATAL"


def test_login_that_stops_half_way_is_ended(private_gateway):
    gateway = private_gateway(change=lambda settings, roles: settings["limits"].update(login_timeout="1s"))
    with gateway:
        silent, half, in_scram = gateway.raw(), gateway.raw(), gateway.raw()
        half.send(wire.startup("alice", "traces")[:9])
        in_scram.send(wire.startup("alice", "traces"))
        in_scram.read()
        for each in (silent, half, in_scram):
            each.read_to_end()
            each.close()
        with gateway.raw("trace_reader") as client:
            assert client.is_alive()


def test_idle_session_is_ended(private_gateway):
    gateway = private_gateway(change=lambda settings, roles: settings["limits"].update(idle_timeout="1s"))
    with gateway, gateway.raw("trace_reader") as client:
        client.ask("select 1")
        got = client.read_to_end()
        assert [(each.kind, each.sqlstate) for each in got] == [("E", "57P05")]


def test_sessions_above_the_limit_are_refused(private_gateway):
    gateway = private_gateway(change=lambda settings, roles: settings["limits"].update(max_sessions=3))
    with gateway:
        held = [gateway.raw("trace_reader") for _ in range(3)]
        assert refused(gateway).sqlstate == "53300"
        assert all(each.is_alive() for each in held)
        held.pop().close()

        def room():
            try:
                return gateway.raw("trace_reader")
            except (wire.Refused, wire.Closed):
                return None

        machine.wait_until(room, "room for another session").close()
        for each in held:
            each.close()


def test_store_password_is_never_needed_nor_shown(gw):
    """Users of the gateway log in with their own verifier; the store's role stays behind it."""
    with gw.raw("trace_reader") as client:
        assert wire.rows(client.ask("select current_user")) == [["trace_reader"]]
    assert stack.PASSWORD not in gw.log_text()


def test_many_half_open_connections_leave_others_undisturbed(gw):
    idle = [socket.create_connection((gw.host, gw.port)) for _ in range(300)]
    try:
        with gw.raw("trace_reader") as client:
            assert client.is_alive()
    finally:
        for each in idle:
            each.close()
