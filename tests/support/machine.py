"""Processes, ports and the account that the servers run under.

PostgreSQL refuses to run as root, and the gateway has no reason to. When the caller is root, a
system account is made once and the servers run under it; otherwise they run as the caller.
Processes are ended by their id, and also by the kernel if this process dies before it could.
"""
import ctypes
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ACCOUNT = "tracegate"
ROOT = pathlib.Path(__file__).resolve().parents[2]

# The account reads what the caller makes; what it must not read is given a mode of its own.
os.umask(0o022)

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def account():
    """The passwd entry of the account that servers run under."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        # Parallel test workers may both get here: the loser finds the account made.
        subprocess.run(["useradd", "--system", "--user-group", "--shell", "/usr/sbin/nologin",
                        "--home-dir", "/nonexistent", ACCOUNT], capture_output=True)
        return pwd.getpwnam(ACCOUNT)


def _die_with_parent(how):
    def in_child():
        _libc.prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0)
    return in_child


def _identity():
    if os.geteuid() != 0:
        return {}
    who = account()
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def spawn(command, *, orphan_signal=signal.SIGTERM, **options):
    """A server process under the account, in a process group of its own."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([str(word) for word in command], start_new_session=True,
                            preexec_fn=_die_with_parent(orphan_signal), **_identity(), **options)


def run_as_account(command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True, **_identity(), **options)


def end(process, how=signal.SIGTERM, seconds=20):
    """Ends a process and returns its exit status. One that ignores the signal is killed, and that
    is an error: a server has to stop when it is told to."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{process.args[0]} did not stop within {seconds} s of "
                                 f"{signal.Signals(how).name}") from None
    return process.returncode


def work_directory(label):
    """A new directory that the account owns."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"tracegate-{label}-"))
    give(path, 0o755)
    return path


def give(path, mode=None):
    if os.geteuid() == 0:
        who = account()
        os.chown(path, who.pw_uid, who.pw_gid)
    if mode is not None:
        os.chmod(path, mode)


def write(path, text, mode=0o600):
    """A file that the account owns, replaced whole."""
    path = pathlib.Path(path)
    partial = path.with_name(path.name + ".part")
    partial.write_text(text)
    give(partial, mode)
    partial.rename(path)
    return path


def remove(path):
    shutil.rmtree(path, ignore_errors=True)


def free_port():
    """A port that nobody listens on, below the range from which the kernel takes client ports, so
    that it is still free a moment later."""
    chooser = random.SystemRandom()
    for _ in range(1000):
        port = chooser.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


def port_or_free(port):
    """This port if nobody listens on it, else another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return port
        except OSError:
            return free_port()


def wait_until(condition, what, seconds=30.0, every=0.02):
    """Polls until `condition()` is true and returns its value; after `seconds` it is an error that
    says `what` was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(every)
