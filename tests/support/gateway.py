"""The gateway as a process: its policy folder, start, reload, stop, and what it uses of the machine."""
import json
import os
import pathlib
import re
import shutil
import signal
import threading

from . import machine

_LISTENING = re.compile(rb"listening on (\S+):(\d+)")


def binary():
    """The program under test: build/src/cli/tracegate, or what TRACEGATE_BINARY names."""
    return pathlib.Path(os.environ.get("TRACEGATE_BINARY",
                                       machine.ROOT / "build" / "src" / "cli" / "tracegate"))


def to_toml(table, path=()):
    """TOML text of nested dicts: strings, numbers, booleans, lists of those, and lists of tables."""
    lines, below = [], []
    for key, value in table.items():
        if isinstance(value, dict):
            below.append(f"[{'.'.join((*path, key))}]\n" + to_toml(value, (*path, key)))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            below += [f"[[{'.'.join((*path, key))}]]\n" + to_toml(each, (*path, key))
                      for each in value]
        else:
            lines.append(f"{key} = {json.dumps(value)}\n")
    return "".join(lines) + "".join("\n" + each for each in below)


class Gateway:
    """`policies` is a folder that the gateway reads; whoever makes one of these has filled it."""

    def __init__(self, directory, policies):
        self.directory = pathlib.Path(directory)
        self.policies = pathlib.Path(policies)
        self.log = self.directory / "gateway.log"
        self.ports = []
        self._process = None
        # A copy: the account may not be able to reach the build folder, and a rebuild during the
        # run must not pull the program away.
        self._program = self.directory / "tracegate"
        if not self._program.exists():
            shutil.copy2(binary(), self._program)
            self._program.chmod(0o755)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self._process.pid

    @property
    def port(self):
        return self.ports[0]

    @property
    def listeners(self):
        text = "".join(path.read_text() for path in sorted(self.policies.glob("*.toml")))
        return text.count("[[listener]]")

    def start(self, prefix=(), seconds=30, environment=None):
        with open(self.log, "ab") as log:
            self._process = machine.spawn([*prefix, self._program, "serve", "--policies", self.policies],
                                          cwd=self.directory, stdout=-1, stderr=log,
                                          env=os.environ | (environment or {}))
        self.ports = []
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read_output, daemon=True,
                                        args=(self._process.stdout, self.listeners, ready))
        self._reader.start()
        machine.wait_until(lambda: ready.is_set() or self._process.poll() is not None,
                           "the gateway to listen", seconds)
        if not ready.is_set():
            raise AssertionError(f"the gateway ended with {self._process.returncode}:\n"
                                 + self.log.read_text()[-4000:])

    def _read_output(self, pipe, listeners, ready):
        for line in pipe:
            found = _LISTENING.match(line)
            if found:
                self.ports.append(int(found[2]))
                if len(self.ports) == listeners:
                    ready.set()
        pipe.close()

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    def stop(self, seconds=30):
        """SIGTERM; a status other than 0 (also from a sanitizer) is an error."""
        if self._process is None:
            return
        status = machine.end(self._process, signal.SIGTERM, seconds)
        self._reader.join()
        self._process = None
        if status != 0:
            raise AssertionError(f"the gateway ended with {status}:\n" + self.log.read_text()[-4000:])

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process = None

    def signal(self, how):
        self._process.send_signal(how)

    def write_policies(self, **files):
        """Each argument is a file: its name without .toml, and its text or nested dict."""
        for name, content in files.items():
            text = content if isinstance(content, str) else to_toml(content)
            machine.write(self.policies / f"{name}.toml", text)

    def log_text(self):
        return self.log.read_text(errors="replace")

    def resident_bytes(self, peak=False):
        field = "VmHWM" if peak else "VmRSS"
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) * 1024

    def open_sockets(self):
        folder = f"/proc/{self.pid}/fd"
        return sum(os.readlink(f"{folder}/{each}").startswith("socket:") for each in os.listdir(folder))

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def cpu_seconds_by_thread(self):
        """Summed over the threads of one name."""
        totals = {}
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            name = (task / "comm").read_text().strip()
            totals[name] = totals.get(name, 0.0) + _stat_seconds(task / "stat")
        return totals


def cpu_seconds(pid):
    """User and system time of a process, all its threads together."""
    return _stat_seconds(f"/proc/{pid}/stat")


def _stat_seconds(stat_file):
    # Fields 14 and 15 of proc(5); the second field may hold spaces and ends with the last ')'.
    fields = pathlib.Path(stat_file).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
