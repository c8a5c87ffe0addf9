"""A PostgreSQL protocol client written for the tests: it sends exactly the bytes it is told to and
shows exactly the bytes that come back. Protocol 3.0 and 3.2, PostgreSQL manual, "Frontend/Backend
Protocol". Nothing is hidden: no retries, no implicit Sync, no decoding unless asked."""
import dataclasses
import hashlib
import pathlib
import socket
import ssl
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import scram  # noqa: E402

PROTOCOL_3_0 = 196608
PROTOCOL_3_2 = 196610
SSL_REQUEST_CODE = 80877103
GSSENC_REQUEST_CODE = 80877104
CANCEL_REQUEST_CODE = 80877102


# --- messages of the client -------------------------------------------------------------------

def cstring(value):
    return (value if isinstance(value, bytes) else value.encode()) + b"\0"


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


def untyped(code, body=b""):
    """The messages of the start-up phase have no type byte."""
    return struct.pack("!ii", len(body) + 8, code) + body


def startup(user, database=None, version=PROTOCOL_3_0, **settings):
    parameters = {"user": user, "database": database, **settings}
    body = b"".join(cstring(name) + cstring(value)
                    for name, value in parameters.items() if value is not None)
    return untyped(version, body + b"\0")


def ssl_request():
    return untyped(SSL_REQUEST_CODE)


def gssenc_request():
    return untyped(GSSENC_REQUEST_CODE)


def cancel_request(pid, secret):
    secret = secret if isinstance(secret, bytes) else struct.pack("!I", secret)
    return untyped(CANCEL_REQUEST_CODE, struct.pack("!I", pid) + secret)


def query(sql):
    return message(b"Q", cstring(sql))


def parse(sql, name="", types=()):
    return message(b"P", cstring(name) + cstring(sql) + struct.pack("!h", len(types))
                   + b"".join(struct.pack("!I", oid) for oid in types))


def bind(parameters=(), portal="", statement="", parameter_formats=(), result_formats=()):
    body = cstring(portal) + cstring(statement)
    body += struct.pack(f"!h{len(parameter_formats)}h", len(parameter_formats), *parameter_formats)
    body += struct.pack("!h", len(parameters))
    for value in parameters:
        if value is None:
            body += struct.pack("!i", -1)
        else:
            value = value if isinstance(value, bytes) else str(value).encode()
            body += struct.pack("!i", len(value)) + value
    body += struct.pack(f"!h{len(result_formats)}h", len(result_formats), *result_formats)
    return message(b"B", body)


def describe(kind, name=""):
    return message(b"D", kind.encode() + cstring(name))


def execute(portal="", rows=0):
    return message(b"E", cstring(portal) + struct.pack("!i", rows))


def close(kind, name=""):
    return message(b"C", kind.encode() + cstring(name))


def sync():
    return message(b"S")


def flush():
    return message(b"H")


def terminate():
    return message(b"X")


def copy_data(data):
    return message(b"d", data)


def copy_done():
    return message(b"c")


def copy_fail(reason):
    return message(b"f", cstring(reason))


def function_call(oid, arguments=()):
    body = struct.pack("!Ihhh", oid, 1, 0, len(arguments))
    for value in arguments:
        body += struct.pack("!i", len(value)) + value
    return message(b"F", body + struct.pack("!h", 0))


def password_message(text):
    return message(b"p", cstring(text))


def extended(sql, parameters=(), **options):
    """Parse, Bind, Describe, Execute of the unnamed statement and portal, without Sync."""
    return parse(sql) + bind(parameters, **options) + describe("P") + execute()


# --- messages of the server -------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Message:
    kind: str
    body: bytes

    @property
    def fields(self):
        """Of ErrorResponse and NoticeResponse: {'S': 'ERROR', 'C': '42501', ...}."""
        parts = self.body.rstrip(b"\0").split(b"\0")
        return {part[:1].decode(): part[1:].decode("utf-8", "replace") for part in parts if part}

    @property
    def sqlstate(self):
        return self.fields.get("C")

    @property
    def status(self):
        """Of ReadyForQuery: I, T or E."""
        return self.body.decode()

    @property
    def tag(self):
        """Of CommandComplete."""
        return self.body.rstrip(b"\0").decode()

    @property
    def parameter(self):
        """Of ParameterStatus: (name, value)."""
        name, value, _ = self.body.split(b"\0")
        return name.decode(), value.decode()

    @property
    def values(self):
        """Of DataRow: the columns as bytes, None for NULL."""
        (count,), at, out = struct.unpack_from("!h", self.body), 2, []
        for _ in range(count):
            (size,) = struct.unpack_from("!i", self.body, at)
            at += 4
            out.append(None if size < 0 else self.body[at:at + size])
            at += max(size, 0)
        return out

    @property
    def columns(self):
        """Of RowDescription: the names."""
        (count,), at, out = struct.unpack_from("!h", self.body), 2, []
        for _ in range(count):
            end = self.body.index(b"\0", at)
            out.append(self.body[at:end].decode())
            at = end + 19
        return out

    def __str__(self):
        if self.kind in "EN":
            return f"{self.kind} {self.fields}"
        return f"{self.kind} {self.body[:80]!r}"


class Closed(Exception):
    """The peer closed the connection. `messages` is what had come before."""

    def __init__(self, messages=()):
        super().__init__("closed after: " + "; ".join(map(str, messages)))
        self.messages = list(messages)


class Refused(Exception):
    """The server answered the start-up with an ErrorResponse."""

    def __init__(self, error):
        super().__init__(str(error))
        self.error = error


def kinds(messages):
    return "".join(each.kind for each in messages)


def rows(messages):
    return [[None if value is None else value.decode() for value in each.values]
            for each in messages if each.kind == "D"]


def errors(messages):
    return [each for each in messages if each.kind == "E"]


class Connection:
    """A socket to a server, with whatever has been read of the next message."""

    def __init__(self, host, port, timeout=20.0, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pending, self._at = b"", 0  # what has been received, and how much of it has been read
        self.parameters = {}
        self.key = None
        self.startup_messages = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # sending

    def send(self, *chunks):
        self.socket.sendall(b"".join(chunks))

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    # receiving

    def read_exactly(self, count):
        while len(self._pending) - self._at < count:
            try:
                data = self.socket.recv(max(65536, count - len(self._pending) + self._at))
            except (ConnectionResetError, ssl.SSLEOFError, BrokenPipeError):
                data = b""
            if not data:
                raise Closed
            self._pending, self._at = self._pending[self._at:] + data, 0
        out = self._pending[self._at:self._at + count]
        self._at += count
        return out

    def read(self):
        kind = self.read_exactly(1)
        (size,) = struct.unpack("!i", self.read_exactly(4))
        return Message(kind.decode("latin-1"), self.read_exactly(size - 4))

    def read_until(self, stop="Z", count=1):
        """Messages up to the `count`-th of a kind in `stop`, that one included."""
        out = []
        while count:
            try:
                out.append(self.read())
            except Closed as closed:
                raise Closed(out) from closed
            count -= out[-1].kind in stop
        return out

    def read_to_end(self):
        """Whatever comes until the peer closes."""
        out = []
        while True:
            try:
                out.append(self.read())
            except Closed:
                return out

    def is_alive(self):
        return self.ask("select 1 as alive")[1].values == [b"1"]

    def ask(self, sql):
        """A simple query and its whole answer, ReadyForQuery included."""
        self.send(query(sql))
        return self.read_until("Z")

    def ask_extended(self, sql, parameters=(), **options):
        self.send(extended(sql, parameters, **options), sync())
        return self.read_until("Z")

    # start-up

    def start_tls(self, context=None, host="localhost", direct=False):
        """SSLRequest and the handshake, or the handshake at once (`direct`, ALPN postgresql)."""
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if direct:
            context.set_alpn_protocols(["postgresql"])
        else:
            self.send(ssl_request())
            answer = self.read_exactly(1)
            if answer != b"S":
                raise Closed([Message(answer.decode("latin-1"), b"")])
        self.socket = context.wrap_socket(self.socket, server_hostname=host)

    def certificate_hash(self):
        """tls-server-end-point of RFC 5929, for certificates signed with SHA-256."""
        return hashlib.sha256(self.socket.getpeercert(binary_form=True)).digest()

    def log_in(self, user, password, database=None, plus=False, version=PROTOCOL_3_0, **settings):
        self.send(startup(user, database, version, **settings))
        self.authenticate(password, plus)
        return self

    def authenticate(self, password, plus=False):
        """From the first authentication request to ReadyForQuery."""
        exchange = None
        while True:
            got = self.read()
            self.startup_messages.append(got)
            if got.kind == "E":
                raise Refused(got)
            if got.kind == "R":
                (code,) = struct.unpack_from("!i", got.body)
                if code == 10:
                    exchange = scram.Client(password, self.certificate_hash() if plus else None)
                    mechanism = "SCRAM-SHA-256-PLUS" if plus else "SCRAM-SHA-256"
                    assert mechanism.encode() in got.body[4:].split(b"\0"), got
                    first = exchange.first()
                    self.send(message(b"p", cstring(mechanism) + struct.pack("!i", len(first)) + first))
                elif code == 11:
                    self.send(message(b"p", exchange.final(got.body[4:])))
                elif code == 12:
                    exchange.check(got.body[4:])
                elif code == 3:
                    self.send(password_message(password))
                elif code != 0:
                    raise AssertionError(f"unknown authentication request {code}")
            elif got.kind == "S":
                name, value = got.parameter
                self.parameters[name] = value
            elif got.kind == "K":
                self.key = (struct.unpack_from("!I", got.body)[0], got.body[4:])
            elif got.kind == "Z":
                return


def connect(host, port, user, password, database=None, tls=False, plus=False,
            version=PROTOCOL_3_0, timeout=20.0, receive_buffer=None, **settings):
    """A connection that is logged in."""
    connection = Connection(host, port, timeout, receive_buffer)
    try:
        if tls or plus:
            connection.start_tls()
        return connection.log_in(user, password, database, plus, version, **settings)
    except BaseException:
        connection.close()
        raise
