"""A real OpenID provider (tests/e2e/node/provider.mjs) as a process, and tokens from it."""
import json
import os
import subprocess
import urllib.parse
import urllib.request

from . import machine

SCRIPT = machine.ROOT / "tests" / "e2e" / "node" / "provider.mjs"


class Provider:
    """`seconds`: how long its tokens live."""

    def __init__(self, seconds=300):
        self._process = subprocess.Popen(["node", SCRIPT.name], cwd=SCRIPT.parent, text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         env=os.environ | {"TOKEN_SECONDS": str(seconds)})
        line = self._process.stdout.readline()
        assert line, "the provider did not start"
        self.url = json.loads(line)["url"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.communicate(timeout=20)

    def _tell(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline().strip() == command

    def rotate(self):
        """New keys; tokens signed with the old ones are no longer its."""
        self._tell("rotate")

    def down(self):
        self._tell("down")

    def up(self):
        self._tell("up")

    def token(self, account, algorithm="RS256"):
        """By client_credentials; the accounts are in provider.mjs."""
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": f"{account}-{algorithm}",
                                       "client_secret": "secret"}).encode()
        with urllib.request.urlopen(f"{self.url}/token", body, timeout=20) as answer:
            return json.load(answer)["access_token"]
