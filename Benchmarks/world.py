"""A control plane, a repository of the example shop and a load, for one benchmark."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
NONEVENT = os.environ.get("NONEVENT", str(ROOT / ".build-release/release/nonevent"))
WAIT_SECONDS = 30
DEPLOY_SECONDS = 120


def nonevent(*arguments, check=True):
    done = subprocess.run([NONEVENT, *arguments], capture_output=True, text=True, timeout=DEPLOY_SECONDS)
    if check and done.returncode != 0:
        raise SystemExit(f"nonevent {' '.join(arguments)} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done


class World:
    """`with World(steps) as world:`; everything is stopped and removed at the end."""

    def __init__(self, steps="[50%, 100%]", hold="1s", soak="1s", instances=1, dispersion=1):
        self.judge = "" if dispersion is None else f"judge: {{ dispersion: {dispersion} }}\n"
        self.steps, self.hold, self.soak, self.instances = steps, hold, soak, instances

    def __enter__(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="nonevent-bench-"))
        self.data, self.shop = self.place / "data", self.place / "shop"
        shutil.copytree(ROOT / "Examples/shop", self.shop)
        (self.shop / "nonevent.yaml").write_text(
            f"""service: shop
run:
  command: ["./bin/shop"]
  instances: {self.instances}
  ready: {{ path: /healthz, within: 8s }}
artifact: {{ include: ["bin/"], config: ["config/production.conf"] }}
route: {{ hosts: ["shop.localhost"] }}
rollout: {{ steps: {self.steps}, hold: {self.hold}, soak: {self.soak} }}
slo: {{ availability: 99.9% }}
{self.judge}"""
        )
        self.git("init", "--quiet")
        log = open(self.place / "serve.log", "w")
        self.server = subprocess.Popen(
            [NONEVENT, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:0"],
            stdout=log, stderr=log, start_new_session=True)
        self.await_ready()
        return self

    def __exit__(self, *error):
        nonevent("serve", "--stop", "--data", str(self.data), check=False)
        try:
            self.server.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.server.kill()
        if error[0] is None:
            shutil.rmtree(self.place, ignore_errors=True)
        else:
            print(f"left for you to look at: {self.place}")

    def await_ready(self):
        deadline = time.time() + WAIT_SECONDS
        while True:
            try:
                self.traffic = (self.data / "traffic").read_text().strip()
                self.url = urllib.parse.urlparse((self.data / "url").read_text().strip())
                self.token = (self.data / "token").read_text().strip()
                self.control = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=WAIT_SECONDS)
                self.ready = self.ask("GET", "/readyz")
                return
            except (OSError, ValueError, RuntimeError):
                if time.time() > deadline:
                    raise SystemExit("serve is not ready: " + (self.place / "serve.log").read_text()[-2000:])
                time.sleep(0.05)

    def ask(self, method, path, body=None):
        """One call of the API on a kept connection; answers the JSON body."""
        content = json.dumps(body) if body is not None else None
        headers = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}
        self.control.request(method, path, content, headers)
        answer = self.control.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)

    def git(self, *arguments):
        settings = ["-c", "user.name=Bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false",
                    "-c", "core.hooksPath=/dev/null"]
        return subprocess.run(["git", "-C", self.shop, *settings, *arguments], check=True, capture_output=True,
                              text=True).stdout.strip()

    def commit(self, **changes):
        path = self.shop / "config/production.conf"
        values = {"greeting": "Welcome", "failPercent": "0", "readyAfter": "0", "delay": "0"} | changes
        path.write_text("".join(f"{key} = {value}\n" for key, value in values.items()))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change the shop")
        return self.git("rev-parse", "HEAD")

    def deploy(self, **changes):
        """Commits and deploys; answers the finished rollout."""
        commit = self.commit(**changes)
        done = nonevent("deploy", "--wait", "--file", str(self.shop / "nonevent.yaml"), "--data", str(self.data),
                        check=False)
        for rollout in self.ask("GET", "/api/v1/services/shop/history?limit=5")["rollouts"]:
            if rollout["commit"] == commit:
                return rollout
        raise SystemExit(f"the deploy of {commit} made no rollout: {done.stderr}{done.stdout}")

    def load(self, rate, seconds=3600):
        return Load(self, rate, seconds)

    def memory(self):
        """Resident megabytes: control plane, router, and the largest shim."""
        shims = [pid for pid in processes() if "shim" in command(pid)[1:2] and str(self.data) in " ".join(command(pid))]
        return {"control plane": resident(self.server.pid), "router": resident(self.ask("GET", "/readyz")["routerPid"]),
                "shim": max((resident(pid) for pid in shims), default=0.0), "shims": len(shims)}


class Load:
    """`with world.load(500) as load:`; afterwards `load.samples` has what people saw."""

    def __init__(self, world, rate, seconds):
        self.file = world.place / "samples.csv"
        self.arguments = [NONEVENT, "bench-load", "--url", world.traffic + "/", "--host", "shop.localhost", "--rate",
                          str(rate), "--seconds", str(seconds), "--samples", str(self.file), "--json"]

    def __enter__(self):
        self.child = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        return self

    def __exit__(self, *error):
        self.child.send_signal(signal.SIGTERM)
        output, _ = self.child.communicate(timeout=WAIT_SECONDS)
        self.summary = json.loads(output) if output else {}
        self.samples = []
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                due, began, ended, status, release = line.split(",")
                self.samples.append((int(due), int(began), int(ended), int(status), release))

    @property
    def failed(self):
        return [sample for sample in self.samples if sample[3] == 0 or sample[3] >= 500]


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def command(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
