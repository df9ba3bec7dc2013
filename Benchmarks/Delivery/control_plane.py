"""A control plane of its own for a figure: in a temporary directory, on free ports, ended by its pid."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class ControlPlane:
    def __init__(self, start_limit=60):
        self.binary = os.environ["NONEVENT"]
        self.folder = tempfile.mkdtemp(prefix="nv-")
        self.data = os.path.join(self.folder, "data")
        self.start_limit = start_limit
        self.process = None
        # So that a figure that is told to end still stops what it has started.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))

    def start(self):
        """Seconds until it says that it serves."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.binary, "serve", "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:0", "--data", self.data],
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.folder, "log"), "ab"), text=True)
        line = self.process.stdout.readline()
        seconds = time.monotonic() - began
        found = re.search(r"control plane on http://127\.0\.0\.1:(\d+), traffic on http://127\.0\.0\.1:(\d+)", line)
        if not found:
            raise SystemExit(f"serve said '{line.strip()}'; its log: {open(os.path.join(self.folder, 'log')).read()[-2000:]}")
        self.port, self.traffic = int(found.group(1)), int(found.group(2))
        return seconds

    def end(self):
        """Ends the control plane alone; router and instances go on."""
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None

    def command(self, *words, check=True):
        return subprocess.run(
            [self.binary, *words, "--data", self.data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=check)

    def stop(self):
        try:
            subprocess.run(
                [self.binary, "serve", "--stop", "--data", self.data], check=False, capture_output=True, timeout=300)
            if self.process:
                self.process.wait(timeout=30)
        except subprocess.TimeoutExpired as error:
            print(f"  {error}", flush=True)
        finally:
            self.end_leftovers()
            shutil.rmtree(self.folder, ignore_errors=True)

    def end_leftovers(self):
        """Kills by pid what still works in the folder after a stop that failed; shims first, as they start programs."""
        for _ in range(10):
            left = self.processes()
            for pid in [pid for pid, words in left if "shim" in words] or [pid for pid, _ in left]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if not left:
                return
            print(f"  {len(left)} processes were left and are killed", flush=True)
            time.sleep(0.2)

    def processes(self):
        """Pid and words of everything of this control plane's: it names its folder, or works in it."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = open(f"/proc/{pid}/cmdline", "rb").read().decode(errors="replace").split("\0")
                place = os.readlink(f"/proc/{pid}/cwd")
            except OSError:
                continue
            if any(text == self.folder or text.startswith(self.folder + "/") for text in [*words, place]):
                found.append((int(pid), words))
        return found


class Api:
    """One connection to the control plane, kept from request to request as its own clients do."""

    def __init__(self, plane):
        with open(os.path.join(plane.data, "token")) as file:
            self.headers = {"authorization": "Bearer " + file.read().strip()}
        self.connection = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=60)

    def ask(self, method, path, body=None, **headers):
        """Status and body."""
        self.connection.request(
            method, path, body, self.headers | {name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def get(self, path):
        status, body = self.ask("GET", path)
        if status != 200:
            raise SystemExit(f"GET {path} gave {status}: {body[:300]}")
        return json.loads(body)

    def close(self):
        self.connection.close()
