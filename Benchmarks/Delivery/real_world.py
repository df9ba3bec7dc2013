"""Clients of a control plane with many real services: deploys as `nonevent deploy` sends them, readers, people."""

import hashlib
import http.client
import io
import json
import os
import subprocess
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from control_plane import Api

SERVICE_FILE = """\
service: {name}
run:
  command: ["./server"]
  ready: {{ path: / }}
  stop: {{ grace: 1s }}
artifact: {{ include: ["server", "version"] }}
route: {{ hosts: ["{name}.localhost"] }}
rollout: {{ steps: [100%], soak: {soak}s, undo: {{ keepWarm: {warm} }} }}
"""
LAYER = "application/vnd.oci.image.layer.v1.tar"
PARTS = [(None, "application/vnd.oci.empty.v1+json"), ("nonevent.yaml", "application/vnd.nonevent.service.v1+yaml"),
         ("program.tar", LAYER), ("config.tar", LAYER)]
NOTE = "org.opencontainers.image."


@dataclass
class Deploy:
    service: str
    at: float  # when the POST was sent, by the wall's clock
    outcome: str


@dataclass
class Seen:
    """What the clients saw; a fresh one begins a measurement."""
    seconds: dict = field(default_factory=dict)  # of each request, by its kind
    deploys: dict = field(default_factory=dict)  # by release
    refused: list = field(default_factory=list)
    late: list = field(default_factory=list)  # seconds that a request began after its time
    answers: list = field(default_factory=list)  # what people got: statuses, or errors

    def add(self, other):
        for kind, seconds in other.seconds.items():
            self.seconds.setdefault(kind, []).extend(seconds)
        self.deploys.update(other.deploys)
        self.refused += other.refused
        self.late += other.late
        self.answers += other.answers


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def tar(files):
    """A program as a release has it: name, content and mode of each file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content, mode in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class World:
    def __init__(self, plane, services, soak, warm):
        self.plane, self.soak, self.warm = plane, soak, warm
        self.names = [f"real-{number:03}" for number in range(services)]
        self.seen, self.lock, self.local = Seen(), threading.Lock(), threading.local()
        program, source = os.path.join(plane.folder, "server"), os.path.join(os.path.dirname(__file__), "real_server.c")
        subprocess.run(["cc", "-Os", "-s", "-o", program, source], check=True)
        with open(program, "rb") as file:
            self.program = file.read()

    def timed(self, kind, api, *request, **headers):
        began = time.monotonic()
        try:
            status, body = api.ask(*request, **headers)
        except (OSError, http.client.HTTPException) as error:
            api.close()
            status, body = 0, repr(error).encode()
        seconds = time.monotonic() - began
        with self.lock:
            self.seen.seconds.setdefault(kind, []).append(seconds)
            if status not in (200, 201, 202) and (kind, status) != ("HEAD blob", 404):
                self.seen.refused.append(f"{kind} {request[1]}: {status} {body[:200].decode(errors='replace')}")
        return status, body

    def deploy(self, service, number):
        """A connection of its own, as one command has: blobs that are missing, the manifest, the deploy."""
        version = f"{service} {number}".encode()
        text = SERVICE_FILE.format(name=service, soak=self.soak, warm=self.warm).encode()
        blobs = [b"{}", text, tar([("server", self.program, 0o755), ("version", version, 0o644)]), bytes(1024)]
        parts = [{"mediaType": kind, "digest": digest(blob), "size": len(blob)}
                 for (_, kind), blob in zip(PARTS, blobs)]
        for part, (name, _) in zip(parts[1:], PARTS[1:]):
            part["annotations"] = {NOTE + "title": name}
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/vnd.nonevent.release.v1", "config": parts[0], "layers": parts[1:],
            "annotations": {NOTE + "title": service, NOTE + "revision": hashlib.sha1(version).hexdigest(),
                            NOTE + "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}}).encode()
        release, api = digest(manifest), Api(self.plane)
        for blob in [*blobs, manifest]:
            path = "/api/v1/blobs/" + digest(blob)
            if self.timed("HEAD blob", api, "HEAD", path)[0] == 404:
                self.timed("PUT blob", api, "PUT", path, blob)
        began = time.time()
        status, body = self.timed("POST deploy", api, "POST", f"/api/v1/services/{service}/deploys",
                                  json.dumps({"release": release}), idempotency_key=release)
        outcome = json.loads(body)["outcome"] if status == 202 else "failed"
        with self.lock:
            self.seen.deploys[release] = Deploy(service, began, outcome)
        api.close()

    def read(self, number):
        """What people and dashboards ask; their connections stay open."""
        if not hasattr(self.local, "api"):
            self.local.api = Api(self.plane)
        name = self.names[number * 7 % len(self.names)]
        kind, path = [("service", f"services/{name}"), ("queue", "queue"), ("services", "services"),
                      ("history", f"services/{name}/history"), ("journal", f"journal?service={name}&limit=50"),
                      ][number % 5]
        self.timed("GET " + kind, self.local.api, "GET", "/api/v1/" + path)

    def visit(self, number):
        """A person's request, by the router."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plane.traffic, timeout=10)
        try:
            connection.request("GET", "/", headers={"Host": self.names[number % len(self.names)] + ".localhost"})
            self.seen.answers.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            self.seen.answers.append(repr(error))
        connection.close()

    def paced(self, job, count, seconds):
        """Begins each at its time, evenly over so many seconds, also when those before have not ended."""
        begin = time.monotonic()

        def run(number, due):
            self.seen.late.append(time.monotonic() - due)
            job(number)

        with ThreadPoolExecutor(16) as pool:
            runs = []
            for number in range(count):
                due = begin + number * seconds / count
                time.sleep(max(0, due - time.monotonic()))
                runs.append(pool.submit(run, number, due))
        for done in runs:
            done.result()

    def settle(self, limit):
        """Waits until no rollout is under way: the release that each service has live then, and who is not done."""
        until, api = time.monotonic() + limit, Api(self.plane)
        while True:
            services = api.get("/api/v1/services")["services"]
            busy = [s["service"] for s in services if s.get("rollout") or s.get("queued") or not s.get("live")]
            if not busy or time.monotonic() > until:
                return {s["service"]: s["live"]["release"] for s in services if s.get("live")}, busy
            time.sleep(2)

    def journal(self):
        entries, api, after = [], Api(self.plane), 0
        while page := api.get(f"/api/v1/journal?limit=1000&after={after}")["entries"]:
            entries += page
            after = page[-1]["sequence"]
        return entries
