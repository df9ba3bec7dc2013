"""Hundreds of real services on this machine, with deploys all the time: what API, memory and queue do then."""

import math
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from control_plane import Api, ControlPlane
from part import Figure, Part
from real_world import Seen, World

TITLE = "Real services"
ORDER = 15
READS, VISITS = 5, 20  # a second
SOAK = 2
QUIET = 5  # seconds between the first deploys and those that count
LIMIT = 300  # seconds until all deploys have ended
ENDS = {"rollout.complete": "live", "rollout.superseded": "superseded", "rollout.undone": "undone", "undo": "undone",
        "rollout.aborted": "undone", "deploy.refused": "failed"}


def options(parser):
    parser.add_argument("--services", type=int, default=450, help="real services")
    parser.add_argument("--deploys-per-minute", type=int, default=100, help="deploys of real services")
    parser.add_argument("--minutes", type=float, default=10, help="how long real services are deployed")
    parser.add_argument("--keep-warm", default="1h", help="rollout.undo.keepWarm of real services")


def quantile(values, part=0.99):
    return sorted(values)[math.ceil(part * len(values)) - 1] if values else math.inf


def memory(pid):
    """Resident megabytes (10^6 bytes): now, and the most by the kernel's own mark."""
    lines = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if line.startswith("Vm"))
    return [int(lines[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM")]


def processor(pid):
    """Seconds of processor time."""
    words = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def supervisors(plane):
    return [pid for pid, words in plane.processes() if "shim" in words]


class Watch(threading.Thread):
    """Reads the control plane's memory every second."""
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.resident, self.over = pid, [], threading.Event()

    def run(self):
        while not self.over.wait(1):
            self.resident.append(memory(self.pid)[0])


def run(options):
    plane, watch = ControlPlane(), None
    try:
        plane.start()
        watch = Watch(plane.process.pid)
        watch.start()
        world = World(plane, options.services, SOAK, options.keep_warm)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: world.deploy(name, 0), world.names))
        world.settle(LIMIT)
        first = time.monotonic() - began
        print(f"  {options.services} services live after {first:.0f} s", flush=True)
        time.sleep(QUIET)
        problems, world.seen = world.seen.refused, Seen()
        used = measure(world, options)
        shims = len(supervisors(plane))
        live, busy = world.settle(LIMIT)
        peak = memory(plane.process.pid)[1]
        begun, ended = fates(world)
    finally:
        if watch:
            watch.over.set()
            watch.join()
        plane.stop()
    seen, newest = world.seen, {}
    for release, deploy in seen.deploys.items():
        newest[deploy.service] = release
    problems += seen.refused + [f"{name} has not come to rest" for name in busy]
    problems += [f"{count} requests by the router: {answer}" for answer, count in not_answered(seen).items()]
    problems += [f"{name} has not its newest release live" for name in newest if live.get(name) != newest[name]]
    fate = {release: ended[release][1] if release in ended else "failed" if deploy.outcome == "failed" else "lost"
            for release, deploy in seen.deploys.items()}
    delays = [begun[release] - deploy.at for release, deploy in seen.deploys.items() if release in begun]
    journeys = [ended[release][0] - seen.deploys[release].at for release, end in fate.items() if end == "live"]
    section = setting(options, first, shims) + requests(seen) + outcomes(seen, fate, delays, journeys) + [
        f"Control plane: {max(watch.resident):.0f} MB resident at most, read every second from its start on (by the "
        f"kernel's own mark {peak:.0f} MB), {used[0] * 100:.0f} % of a core; router {used[1] * 100:.0f} %, shims "
        f"{used[2] * 100:.0f} %. The clients shared the {os.cpu_count()} cores and began a request at most "
        f"{max(seen.late) * 1000:.0f} ms late."]
    if problems:
        section += ["", f"{len(problems)} things went wrong:", "", *[f"- {problem}" for problem in problems[:10]]]
    return Part(section=section, figures=figures(options, seen, fate, delays, max(watch.resident), problems))


def not_answered(seen):
    """How often people got which other answer than 200."""
    return Counter(str(answer) for answer in seen.answers if answer != 200)


def measure(world, options):
    """Deploys, readers and people at once. Cores that control plane, router and living shims used meanwhile.

    Each kind of client is a process of its own: threads of one would wait for each other, not for the control plane.
    """
    pids = [world.plane.process.pid, Api(world.plane).get("/readyz")["routerPid"]]
    seconds, names = options.minutes * 60, world.names
    jobs = [(lambda number: world.deploy(names[number % len(names)], 1 + number // len(names)),
             options.deploys_per_minute * options.minutes),
            (world.read, READS * seconds), (world.visit, VISITS * seconds)]
    began, before = time.monotonic(), {pid: processor(pid) for pid in pids + supervisors(world.plane)}
    for seen in apart(world, jobs, seconds):
        world.seen.add(seen)
    used = [sum(processor(pid) - before.get(pid, 0) for pid in group)
            for group in ([pids[0]], [pids[1]], supervisors(world.plane))]
    return [seconds / (time.monotonic() - began) for seconds in used]


def apart(world, jobs, seconds):
    """What the clients of each job saw."""
    def work(job, count, pipe):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        world.paced(job, round(count), seconds)
        pipe.send(world.seen)

    fork = multiprocessing.get_context("fork")
    ends = [fork.Pipe(duplex=False) for _ in jobs]
    children = [fork.Process(target=work, args=(job, count, end)) for (job, count), (_, end) in zip(jobs, ends)]
    try:
        for child, (_, end) in zip(children, ends):
            child.start()
            end.close()
        return [end.recv() for end, _ in ends]
    finally:
        for child in children:
            if child.pid:
                child.terminate()
                child.join()


def fates(world):
    """When the rollout of each release began, and when and how it ended, by the journal."""
    begun, ended = {}, {}
    for entry in world.journal():
        release, at = entry["data"].get("release"), datetime.fromisoformat(entry["time"]).timestamp()
        if entry["kind"] == "rollout.started":
            begun.setdefault(release, at)
        elif entry["kind"] in ENDS:
            ended[release] = at, ENDS[entry["kind"]]
    return begun, ended


def figures(options, seen, fate, delays, resident, problems):
    what = (f"{options.services} real services, {options.deploys_per_minute} deploys a minute for "
            f"{options.minutes:g} minutes")
    api = quantile([second for seconds in seen.seconds.values() for second in seconds])
    delay, alive = quantile(delays), list(fate.values()).count("live")
    sent = round(options.deploys_per_minute * options.minutes)
    return [
        Figure(f"{what}: API, 99 %", "<= 50 ms", f"{api * 1000:.1f} ms", api <= 0.05),
        Figure("the same: control plane's memory", "<= 150 MB", f"{resident:.0f} MB", resident <= 150),
        Figure("the same: queue delay, 99 %", "<= 2 s", f"{delay:.3f} s", delay <= 2),
        Figure("the same: deploys that became live, and nothing wrong", f"{sent:,}",
               f"{alive:,}, {len(problems)} problems", alive == sent and not problems)]


def setting(options, first, shims):
    return [
        "`nonevent serve` with its router on this machine, without `delivery.yaml`, so without limits. Each service is "
        "one instance of a C program that answers `ok`. The first deploys, eight at a time, were all live after "
        f"{first:.0f} s. After that each deploy is a release of another commit with another program, services in turn, "
        "evenly spaced, sent as `nonevent deploy` does: a connection for each, HEAD and PUT of blobs, POST with an "
        f"`Idempotency-Key`. At the same time {READS} GETs a second on connections that stay open, and {VISITS} "
        "requests a second by the router, over all services; each of the three kinds of clients is a process of its "
        f"own. `rollout: {{ steps: [100%], soak: {SOAK}s }}`: a smaller step waits for requests that hardly come, this "
        f"one ends by itself. `keepWarm: {options.keep_warm}`: {shims} shims ran at the end.", ""]


def requests(seen):
    def together(prefix):
        return [second for kind, seconds in seen.seconds.items() if kind.startswith(prefix) for second in seconds]

    rows = [*sorted(seen.seconds.items()), ("all GET", together("GET")), ("all", together(""))]
    lines = ["| request | count | median | 99 % | most |", "| --- | ---: | ---: | ---: | ---: |"]
    for kind, seconds in rows:
        shown = [f"{quantile(seconds, part) * 1000:.1f} ms" for part in (0.5, 0.99, 1)]
        lines.append(f"| {kind} | {len(seconds):,} | {' | '.join(shown)} |")
    return [*lines, ""]


def outcomes(seen, fate, delays, journeys):
    ends, waits = list(fate.values()), [deploy.outcome for deploy in seen.deploys.values()].count("queued")
    words = ", ".join(f"{ends.count(end)} {end}" for end in ["live", "superseded", "undone", "failed", "lost"])
    return [
        f"Deploys: {len(ends):,} sent, {words}; {waits} were told to wait. Queue delay, from when the POST was sent "
        f"to `rollout.started` in the journal: median {quantile(delays, 0.5) * 1000:.0f} ms, 99 % "
        f"{quantile(delays) * 1000:.0f} ms, most {quantile(delays, 1) * 1000:.0f} ms. From the POST to complete: median "
        f"{quantile(journeys, 0.5):.1f} s, 99 % {quantile(journeys):.1f} s. By the router "
        f"{seen.answers.count(200):,} of {len(seen.answers):,} requests were answered with 200"
        + "".join(f", {count} with {answer}" for answer, count in not_answered(seen).items()) + ".", ""]
