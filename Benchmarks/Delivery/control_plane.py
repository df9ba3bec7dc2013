"""A control plane of its own for a figure: in a temporary directory, on free ports, ended by its pid."""

import os
import re
import shutil
import subprocess
import tempfile
import time


class ControlPlane:
    def __init__(self, start_limit=60):
        self.binary = os.environ["NONEVENT"]
        self.folder = tempfile.mkdtemp(prefix="nv-")
        self.data = os.path.join(self.folder, "data")
        self.start_limit = start_limit
        self.process = None

    def start(self):
        """Seconds until it says that it serves."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.binary, "serve", "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:0", "--data", self.data],
            stdout=subprocess.PIPE, stderr=open(os.path.join(self.folder, "log"), "ab"), text=True)
        line = self.process.stdout.readline()
        seconds = time.monotonic() - began
        found = re.search(r"traffic on http://127\.0\.0\.1:(\d+)", line)
        if not found:
            raise SystemExit(f"serve said '{line.strip()}'; its log: {open(os.path.join(self.folder, 'log')).read()[-2000:]}")
        self.traffic = int(found.group(1))
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
        subprocess.run([self.binary, "serve", "--stop", "--data", self.data], check=False, capture_output=True)
        if self.process:
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
