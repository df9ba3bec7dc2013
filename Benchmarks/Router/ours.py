"""`nonevent router` with everything on: two releases, split and sticky by cookie, measures, health checks, rescue."""

import http.client
import json
import os
import socket
import subprocess

import backend
import rig

NAME = "nonevent"
DIGESTS = {backend.BASELINE: "sha256:" + "1" * 64, backend.CANDIDATE: "sha256:" + "2" * 64}
CANDIDATE_DEADLINE_SECONDS = 0.25
ADMIN_SECONDS = 5


def options():
    """The options that this binary knows; a figure that needs another one is 'not offered'."""
    shown = subprocess.run([rig.NONEVENT, "router", "--help"], capture_output=True, text=True, check=True).stdout
    return {word.strip("[],") for word in shown.split() if word.lstrip("[").startswith("--")}


def table(one, two, share=1000, generation=1, certificate=None, rescue=None, limits=None):
    """`one` and `two` are ports of the baseline and the candidate; `share` is the candidate's, in basis points."""
    releases = [
        {"digest": DIGESTS[mark], "commit": mark, "shareBasisPoints": part, "salt": salt, "healthPath": "/healthz",
         "instances": [{"id": mark, "host": "127.0.0.1", "port": port}]}
        for mark, port, part, salt in [(backend.BASELINE, one, 10_000 - share, ""),
                                       (backend.CANDIDATE, two, share, "222222222222")]]
    service = {"name": "bench", "hosts": [backend.HOST], "paths": [], "preview": "loopback",
               "sticky": {"by": "cookie"}, "releases": releases,
               "rescue": {"enabled": True, "deadline": CANDIDATE_DEADLINE_SECONDS} | (rescue or {})}
    whole = {"generation": generation, "services": [service]}
    if certificate:
        whole["certificates"] = [{"hosts": [], "chain": str(certificate.chain), "key": str(certificate.key)}]
    if limits:
        whole["limits"] = limits
    return whole


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("router", timeout=ADMIN_SECONDS)
        self.unix = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.unix))


class Nonevent:
    def __init__(self, place, targets, certificate, **table_settings):
        """`targets`: the ports of the two releases."""
        known = options()
        folder = place.folder(NAME)
        self.name, self.port = NAME, place.port()
        self.tls_port = place.port() if "--tls" in known else None
        self.admin, self.targets = folder / "admin.sock", targets
        self.settings = {"certificate": certificate if self.tls_port else None} | table_settings
        # As every peer's: room for the 10,000 connections of the memory figure.
        self.settings.setdefault("limits", {"maxClientConnections": 12_000})
        self.generation = 1
        (folder / "table.json").write_text(json.dumps(table(*targets, **self.settings)))
        command = [rig.binary(), "router", "--table", folder / "table.json", "--listen", f"127.0.0.1:{self.port}",
                   "--admin-socket", self.admin, "--state", folder / "state.json"]
        if "--workers" in known:
            command += ["--workers", "1"]
        if self.tls_port:
            command += ["--tls", f"127.0.0.1:{self.tls_port}"]
        # As `nonevent serve` starts it: glibc's arenas keep memory.
        self.program = rig.Program(NAME, command, rig.PROXY_CORE, folder,
                                   {"MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2")})
        self.program.await_answer(self.port, backend.HOST)
        if self.tls_port:
            self.program.await_answer(self.tls_port, backend.HOST, tls=True)

    def ask(self, method, path, body=None):
        connection = UnixConnection(self.admin)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise rig.Failed(f"nonevent router answered {method} {path} with {answer.status}: {text.strip()}")
        return json.loads(text) if "json" in answer.getheader("content-type", "") else text

    def put(self, **changes):
        """Puts a new table with one more generation; `targets` and the settings of `table` may change."""
        self.targets = changes.pop("targets", self.targets)
        self.settings |= changes
        self.generation += 1
        whole = table(*self.targets, **self.settings, generation=self.generation)
        return self.ask("PUT", "/table", json.dumps(whole))

    def features(self):
        """What the router kept of the table; unknown keys are ignored, so what is missing is not offered."""
        service = self.ask("GET", "/table")["services"][0]
        return {"split, sticky, measures": True, "rescue": bool(service.get("rescue", {}).get("enabled")),
                "one worker": "--workers" in options(), "TLS": self.tls_port is not None}

    def stop(self):
        self.program.stop()


def version():
    binary = subprocess.run(["git", "-C", rig.HERE, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return f"commit {binary.stdout.strip() or 'unknown'}"
