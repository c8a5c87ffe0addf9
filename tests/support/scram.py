"""SCRAM-SHA-256 (RFC 5802, RFC 7677) from the client's side, and the verifier that a server keeps."""
import base64
import hashlib
import hmac
import os


def _hmac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def _b64(data):
    return base64.b64encode(data).decode()


def verifier(password, iterations=4096, salt=None):
    """As PostgreSQL stores it: SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>."""
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    return (f"SCRAM-SHA-256${iterations}:{_b64(salt)}${_b64(stored)}:"
            f"{_b64(_hmac(salted, b'Server Key'))}")


class Client:
    """One exchange. `channel_binding` is tls-server-end-point data for SCRAM-SHA-256-PLUS."""

    def __init__(self, password, channel_binding=None, nonce=None):
        self._password = password
        self._binding = channel_binding
        self._nonce = nonce or _b64(os.urandom(18))
        self._header = "p=tls-server-end-point,," if channel_binding else "n,,"
        self._first_bare = f"n=,r={self._nonce}"
        self._server_signature = None

    def first(self):
        return (self._header + self._first_bare).encode()

    def final(self, server_first):
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        if not fields["r"].startswith(self._nonce):
            raise ValueError("the server's nonce does not extend ours")
        salted = hashlib.pbkdf2_hmac("sha256", self._password.encode(),
                                     base64.b64decode(fields["s"]), int(fields["i"]))
        binding = self._header.encode() + (self._binding or b"")
        without_proof = f"c={_b64(binding)},r={fields['r']}"
        auth_message = ",".join([self._first_bare, server_first.decode(), without_proof]).encode()
        client_key = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(client_key).digest(), auth_message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self._server_signature = _hmac(_hmac(salted, b"Server Key"), auth_message)
        return f"{without_proof},p={_b64(proof)}".encode()

    def check(self, server_final):
        if server_final.decode() != "v=" + _b64(self._server_signature):
            raise ValueError("the server does not know the password")
