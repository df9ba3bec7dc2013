"""The bench that everything is fixed on: processor cores, ports, a temporary place, and processes with their costs."""

import atexit
import functools
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
NONEVENT = os.environ.get("NONEVENT", str(HERE.parent.parent / ".build-release/release/nonevent"))
CACHE = pathlib.Path(os.environ.get("NONEVENT_BENCH_CACHE", pathlib.Path.home() / ".cache/nonevent-bench"))
PACED = str(CACHE / "bin/paced")
STOP_SECONDS = 5
READY_SECONDS = 20
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

cores = sorted(os.sched_getaffinity(0))
PROXY_CORE = cores[0]
LOAD_CORE = cores[1 % len(cores)]
BACKEND_CORE = cores[2] if len(cores) > 2 else LOAD_CORE


def pinning():
    """What shares a core with what, as a sentence of the results."""
    if len(cores) == 1:
        return "One core only: proxy, load and backend share it, so requests/s say little."
    if len(cores) == 2:
        return (f"Pinned with taskset: the proxy on core {PROXY_CORE}; load and backend together on core {LOAD_CORE}. "
                "Where that core is full before the proxy's, it bounds the requests/s: see 'proxy core busy'.")
    return f"Pinned with taskset: the proxy on core {PROXY_CORE}, load on {LOAD_CORE}, backend on {BACKEND_CORE}."


class Failed(Exception):
    """Something did not come up or did not do its work; the message says what and shows the end of its log."""


class Place:
    """A temporary folder in memory where there is one, removed at the end."""

    def __init__(self):
        shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        # Short, since a Unix socket's path has at most 107 bytes.
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="nvr-", dir=shared))
        self.path.chmod(0o755)
        atexit.register(shutil.rmtree, self.path, ignore_errors=True)
        self.taken = set()

    def folder(self, name):
        number = 0
        while (path := self.path / f"{name}{number or ''}").exists():
            number += 1
        path.mkdir()
        return path

    def port(self):
        """A port that is free now, and that this run gives to nobody else."""
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in self.taken:
                self.taken.add(port)
                return port


class Program:
    """A process in the foreground on one core, ended by its id, and by the kernel should this script die."""

    def __init__(self, name, command, core, folder, environment=None):
        self.name, self.log = name, folder / "log"
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(core), *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True,
                env=os.environ | (environment or {}))
        atexit.register(self.stop)

    def stop(self):
        atexit.unregister(self.stop)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.child.poll() is None:
                self.child.send_signal(sign)
                try:
                    self.child.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    continue

    def await_port(self, port):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                raise Failed(f"{self.name} ended with {self.child.returncode}: {self.tail()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise Failed(f"{self.name} does not listen on {port} after {READY_SECONDS} s: {self.tail()}")

    def await_answer(self, port, host, tls=False):
        """Waits until a request is answered with 200, over TLS 1.3 if so asked: some listen before they know routes."""
        secure = ssl.create_default_context()
        secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
        secure.minimum_version = ssl.TLSVersion.TLSv1_3
        deadline, seen = time.monotonic() + READY_SECONDS, None
        while time.monotonic() < deadline:
            connection = (http.client.HTTPSConnection("127.0.0.1", port, timeout=READY_SECONDS, context=secure) if tls
                          else http.client.HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS))
            try:
                connection.request("GET", "/", headers={"Host": host})
                seen = connection.getresponse().status
                if seen == 200:
                    return
            except (OSError, http.client.HTTPException) as error:
                seen = error
            finally:
                connection.close()
            if self.child.poll() is not None:
                break
            time.sleep(0.02)
        raise Failed(f"{self.name} answers {seen} on {port}: {self.tail()}")

    def tail(self):
        return self.log.read_text(errors="replace")[-1500:].strip() or "nothing in its log"

    def pids(self):
        return family(self.child.pid)

    def cpu(self):
        """Seconds of processor time, user and system, of all its processes."""
        return sum(cpu_seconds(pid) for pid in self.pids())

    def memory(self):
        """Resident megabytes of all its processes; pages that two of them share count twice."""
        return sum(status_megabytes(pid, "VmRSS:") for pid in self.pids())

    def own_memory(self):
        """Resident megabytes without pages of files, which come and go with what of the program was used last."""
        return sum(status_megabytes(pid, "RssAnon:") for pid in self.pids())


def family(pid):
    """A process and all that descend from it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            found += family(int(child))
    return found


def cpu_seconds(pid):
    try:
        # The name in parentheses may contain blanks; utime and stime are fields 14 and 15 of proc(5).
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def machine_seconds():
    """Processor seconds that all of the machine's processes have used, and what its host took away."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, interrupts, soft, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft + stolen) / TICKS_PER_SECOND


def status_megabytes(pid, key):
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), 0.0)


@functools.cache
def binary():
    """A copy of the binary under test for the time of this run, since a build may replace the original meanwhile."""
    folder = tempfile.mkdtemp(prefix="nvr-binary-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return shutil.copy(NONEVENT, folder)


def on_load_core(*command):
    return ["taskset", "-c", str(LOAD_CORE), *map(str, command)]
