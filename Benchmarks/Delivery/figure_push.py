"""From a push to the first request that the new release answers."""

import http.client
import os
import statistics
import subprocess
import time

from control_plane import ControlPlane
from part import Figure, Part

TITLE = "From push to first request"
ORDER = 20
LIMIT = 120

SERVICE_FILE = """\
service: pushed
run:
  command: ["python3", "server.py"]
  instances: 1
  ready: { path: /, within: 20s }
  stop: { grace: 1s }
artifact: { include: ["server.py", "version"] }
route: { hosts: ["pushed.localhost"] }
rollout: { steps: [100%] }
pipeline:
  stages:
    - { name: test, run: "test -s version" }
"""
SERVER = """\
import http.server, os
version = open("version").read().strip().encode()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", str(len(version))); self.end_headers()
        self.wfile.write(version)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def options(parser):
    parser.add_argument("--pushes", type=int, default=20, help="pushes that are measured")


def git(folder, *words):
    identity = {"GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@example", "GIT_COMMITTER_NAME": "bench",
                "GIT_COMMITTER_EMAIL": "bench@example", "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, env=os.environ | identity)


def serving(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/", headers={"Host": "pushed.localhost"})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return body if answer.status == 200 else ""
    except OSError:
        return ""


def run(options):
    plane = ControlPlane()
    try:
        plane.start()
        bare, work = os.path.join(plane.folder, "pushed.git"), os.path.join(plane.folder, "work")
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", bare], check=True)
        os.makedirs(work)
        git(work, "init", "-q", "-b", "main")
        for name, content in [("nonevent.yaml", SERVICE_FILE), ("server.py", SERVER)]:
            with open(os.path.join(work, name), "w") as file:
                file.write(content)
        plane.command("init", "--git", bare)
        times = []
        for count in range(options.pushes + 1):
            with open(os.path.join(work, "version"), "w") as file:
                file.write(f"version {count}\n")
            git(work, "add", "-A")
            git(work, "commit", "-q", "-m", f"Version {count}")
            began = time.monotonic()
            git(work, "push", "-q", bare, "main")
            while serving(plane.traffic) != f"version {count}":
                if time.monotonic() - began > LIMIT:
                    raise SystemExit(f"push {count} was not served within {LIMIT} s: "
                                     + plane.command("pipeline", "list", check=False).stdout)
                time.sleep(0.005)
            # The first one makes the mirror and has no release before it.
            if count:
                times.append(time.monotonic() - began)
            settle(plane)
        median = statistics.median(times)
        return Part(
            figures=[Figure("push to first request, median", "<= 3 s", f"{median:.2f} s", median <= 3)],
            section=[f"{len(times)} pushes to a bare repository on this machine, one stage that looks at a file, a Python "
                     f"program as service: {min(times):.2f} to {max(times):.2f} s, median {median:.2f} s. The request is "
                     "asked for every 5 ms; rollout in one step of 100 %."])
    finally:
        plane.stop()


def settle(plane):
    """Ends the rollout by hand, so that the next push waits for none."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        if '"rollout":{' not in plane.command("status", "--json", check=False).stdout.replace(" ", ""):
            return
        plane.command("rollout", "promote", "pushed", check=False)
        time.sleep(0.1)
    raise SystemExit("a rollout does not end")
