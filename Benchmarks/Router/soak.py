"""The router alone for a long time under tables that change: not one request may be lost, and memory must not grow.

The paced client counts every answer; beside it people come with new connections, with posts, with long and with
chunked answers. Tables change in what a rollout changes: shares, instances, ids, draining, the candidate's release.
"""

import json
import random
import re
import subprocess
import time

import backend
import ours
import paced
import rig
import workloads

RATE = 500
TABLE_SECONDS = 0.25
CHUNK_SECONDS = 10
# Memory counts from here on, and when each kind of load has come once: pools and arenas have their size by then.
SETTLED_PART = 0.2
GROWTH_LIMIT_MB = 8
BESIDE_CONNECTIONS = 8


def run(place, instances, certificate, minutes):
    folder, chance = place.folder("soak"), random.Random(7)
    router = ours.Nonevent(place, (instances.one, instances.two), certificate)
    end = time.monotonic() + minutes * 60
    began, tables, requests, beside, settled = time.monotonic(), 0, 0, 0, None
    lost = []
    workload = 0
    kinds = [one for one in workloads.WORKLOADS if not one.http2 and (router.tls_port or not one.tls)]
    while time.monotonic() < end and not lost:
        seconds = min(CHUNK_SECONDS, max(1, round(end - time.monotonic())))
        kind = kinds[workload % len(kinds)]
        workload += 1
        with paced.Load(router.port, folder, rate=RATE, seconds=seconds, connections=64, timeout=10) as load:
            with Beside(router, kind, seconds, folder) as other:
                while load.child.poll() is None and other.child.poll() is None:
                    put(router, instances, chance)
                    tables += 1
                    time.sleep(TABLE_SECONDS)
        requests += load.result["requests"]
        beside += other.requests
        if load.result["failed"]:
            lost.append(f"{load.result['failed']} of {load.result['requests']} paced requests beside '{kind.title}', by "
                        f"status (0: no answer): {load.result['failures']}; slowest 1 %: {load.result['p99_ms']} ms")
            lost += [f"the router counted: {line}" for line in counted(router)]
        if other.failure:
            lost.append(f"'{kind.title}': {other.failure}")
        memory = router.program.own_memory()
        passed = time.monotonic() - began
        if settled is None and passed >= SETTLED_PART * minutes * 60 and workload >= len(kinds):
            settled = memory
        print(f"soak: {passed / 60:.1f} min, {tables} tables, {requests + beside:,} requests, {memory:.1f} MB "
              f"({kind.name})")
    memory = router.program.own_memory()
    growth = memory - (settled if settled is not None else memory)
    alive = router.program.child.poll() is None
    router.stop()
    if growth > GROWTH_LIMIT_MB:
        lost.append(f"memory grew by {growth:.1f} MB, from {settled:.1f} MB; {GROWTH_LIMIT_MB} MB are allowed")
    if not alive:
        lost.append(f"the router has ended: {router.program.tail()}")
    print()
    print("soak: " + ("FAILED" if lost else "passed"))
    for what in lost:
        print(f"  {what}")
    print(f"  {(time.monotonic() - began) / 60:.1f} minutes, {requests + beside:,} requests, {tables} tables; "
          + ("none lost" if not lost else "see above"))
    print(f"  memory {memory:.1f} MB at the end, grown by {growth:.1f} MB")
    return 1 if lost else 0


def counted(router):
    """What the router's counters say of failures."""
    return [line for line in router.ask("GET", "/metrics").splitlines()
            if not line.startswith("#") and not line.endswith(" 0")
            and re.search(r'class="5xx"|refused|failure|failed|reject|unhealthy|ejected|timeout|retr|rescue', line)]


def put(router, instances, chance):
    """A table as a rollout may make it: one more generation, with other shares and other instances of both releases."""
    router.generation += 1
    share = chance.choice([0, 100, 1000, 5000, 9000, 10_000])
    whole = ours.table(instances.one, instances.two, generation=router.generation, **router.settings | {"share": share})
    for release, port in zip(whole["services"][0]["releases"], (instances.one, instances.two)):
        count = chance.randint(1, 4)
        release["instances"] = [
            {"id": f"{release['commit']}-{chance.randint(0, 9)}-{number}", "host": "127.0.0.1", "port": port,
             # The first takes requests, whatever the others do.
             "draining": number > 0 and chance.random() < 0.3} for number in range(count)]
    if chance.random() < 0.2:
        whole["services"][0]["releases"][1]["digest"] = f"sha256:{chance.getrandbits(256):064x}"
    router.ask("PUT", "/table", json.dumps(whole))


class Beside:
    """wrk with few connections and one kind of request, gently: it leaves room for the paced client."""

    def __init__(self, router, workload, seconds, folder):
        self.router, self.workload, self.seconds, self.folder = router, workload, seconds, folder
        self.requests, self.failure = 0, ""

    def __enter__(self):
        script = workloads.wrk_script(self.workload, self.folder)
        self.child = subprocess.Popen(
            workloads.wrk_command(self.router, self.workload, self.seconds, script, BESIDE_CONNECTIONS),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return self

    def __exit__(self, kind, *error):
        if kind:
            self.child.kill()
        output, _ = self.child.communicate(timeout=self.seconds + 30)
        if kind is None:
            self.requests, _, _, self.failure = workloads.wrk_result(output)
