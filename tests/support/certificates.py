"""A certification authority for one run, made with the openssl program."""
import subprocess

from . import machine


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """Certificates of one authority in one folder: ca.crt beside the certificates it issued."""

    def __init__(self, directory):
        self.directory = directory
        self.certificate = directory / "ca.crt"
        self._key = directory / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-days", 30, "-subj", "/CN=tracegate test authority",
                 "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-keyout", self._key, "-out", self.certificate)
        machine.give(self.certificate, 0o644)

    def issue(self, name, hosts=("localhost",), addresses=("127.0.0.1",)):
        """(certificate, key) for a server. Both belong to the account, the key to it alone."""
        key = self.directory / f"{name}.key"
        certificate = self.directory / f"{name}.crt"
        request = self.directory / f"{name}.csr"
        extensions = self.directory / f"{name}.ext"
        names = [f"DNS:{host}" for host in hosts] + [f"IP:{address}" for address in addresses]
        extensions.write_text("basicConstraints=CA:FALSE\n"
                              "keyUsage=critical,digitalSignature\n"
                              "extendedKeyUsage=serverAuth\n"
                              f"subjectAltName={','.join(names)}\n")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", f"/CN={hosts[0]}", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                 "-CAcreateserial", "-days", 30, "-extfile", extensions, "-out", certificate)
        machine.give(key, 0o600)
        machine.give(certificate, 0o644)
        return certificate, key
