"""The four figures. Each function prints what it saw and answers (what, figure, measured, whether it is reached)."""

import collections
import datetime
import os
import pathlib
import platform
import subprocess
import sys
import time

from world import ROOT, World


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def undo(rounds):
    """From the command sent to the last answer of the bad release that began after it, 2,000 requests/s."""
    with World() as world:
        world.deploy(greeting="one")
        moments = []
        with world.load(2000) as load:
            # Under load, as nothing moves where nothing can be judged.
            second = world.deploy(greeting="two")
            release = second["candidate"].removeprefix("sha256:")
            if second["phase"] != "complete":
                raise SystemExit(f"the release to undo ended {second['phase']}: {second['why']}")
            time.sleep(2)
            for _ in range(rounds):
                # Taken before the request leaves: the way to the control plane counts, too.
                sent = time.time_ns() // 1000
                result = world.ask("POST", "/api/v1/services/shop/undo", {})
                time.sleep(0.3)
                moments.append((sent, time.time_ns() // 1000, result["changed"]))
                world.ask("POST", "/api/v1/services/shop/redo", {})
                time.sleep(0.3)
        times = []
        for index, (sent, redone, changed) in enumerate(moments):
            # Answers after the redo belong to no undo.
            late = [began - sent for _, began, _, _, by in load.samples
                    if by and release.startswith(by) and sent < began < redone]
            before = [began for _, began, _, _, by in load.samples
                      if by and release.startswith(by) and sent - 100_000 < began < sent]
            if not changed or not before:
                raise SystemExit(f"undo {index + 1} changed nothing: there was nothing to measure")
            times.append(max(late, default=0) / 1000)
    p50, p99, most, failed = quantile(times, 0.5), quantile(times, 0.99), max(times), len(load.failed)
    rate = len(load.samples) / ((load.samples[-1][0] - load.samples[0][0]) / 1e6)
    print(f"undo: {rounds} undos at {rate:.0f} requests/s ({len(load.samples)} requests): p50 {p50:.1f} ms, "
          f"p99 {p99:.1f} ms, most {most:.1f} ms; {failed} failed requests "
          f"{dict(collections.Counter(sample[3] for sample in load.failed))}")
    return [(f"undo under 2,000 requests/s, command to last answer of the bad release, {rounds} undos",
             "p99 <= 50 ms", f"p99 {p99:.1f} ms (p50 {p50:.1f}, most {most:.1f}; {rate:.0f} requests/s)", p99 <= 50),
            ("requests failed meanwhile", "0", f"{failed} of {len(load.samples)}", failed == 0)]


def deploys_and_memory(rounds):
    """Good deploys in a row under load; memory before and after."""
    with World(steps="[50%, 100%]", hold="1s", soak="1s") as world:
        world.deploy(greeting="zero")
        with world.load(500) as load:
            world.deploy(greeting="first")
            time.sleep(3)
            before = world.memory()
            ended = collections.Counter()
            for number in range(rounds):
                rollout = world.deploy(greeting=f"number {number}")
                ended[rollout["phase"]] += 1
                if rollout["phase"] != "complete":
                    print(f"  deploy {number + 1} ended {rollout['phase']}: {rollout['why']}")
            time.sleep(3)
            after = world.memory()
    failed = len(load.failed)
    print(f"deploys: {dict(ended)}; {len(load.samples)} requests, {failed} failed "
          f"{dict(collections.Counter(sample[3] for sample in load.failed))}")
    rows = [(f"{rounds} good deploys in a row under 500 requests/s: requests failed", "0",
             f"{failed} of {len(load.samples)}; {ended['complete']} complete",
             failed == 0 and ended["complete"] == rounds)]
    for what, limit in [("control plane", 60), ("router", 25), ("shim", 10)]:
        old, new = before[what], after[what]
        growth = (new / old - 1) * 100 if old else 0
        print(f"memory of the {what}: {old:.1f} MB, after {rounds} deploys {new:.1f} MB ({growth:+.0f} %)")
        rows.append((f"memory of the {what}, resident, after {rounds} deploys", f"<= {limit} MB, growth <= 10 %",
                     f"{new:.1f} MB ({old:.1f} MB before, {growth:+.0f} %)", 0 < new <= limit and growth <= 10))
    return rows


def errors(rounds):
    """A release that fails every request, 1 % first, 500 requests/s; with the judge as it is, and told of no clusters."""
    return total_failure(rounds, None, "no setting") + total_failure(rounds, 1, "judge.dispersion 1")


def total_failure(rounds, dispersion, setting):
    seen = []
    others = 0
    for number in range(rounds):
        with World(steps="[1%, 10%, 50%, 100%]", hold="10s", dispersion=dispersion) as world:
            world.deploy(greeting="good")
            with world.load(500) as load:
                time.sleep(1)
                rollout = world.deploy(failPercent="100")
                time.sleep(1)
            release = rollout["candidate"].removeprefix("sha256:")
            own = [sample for sample in load.failed if sample[4] and release.startswith(sample[4])]
            seen.append(len(load.failed))
            others += len(load.failed) - len(own)
            print(f"errors ({setting}), round {number + 1}: {rollout['phase']}, {len(load.failed)} people saw an error "
                  f"({len(load.failed) - len(own)} not from the candidate): {rollout['why']}")
            if rollout["phase"] != "undone":
                seen[-1] = max(seen[-1], 1_000_000)
    return [(f"a release that fails all, 1 % first, 500 requests/s, {setting}, {rounds} times: errors people saw",
             "<= 10", f"most {max(seen)}, each {sorted(seen)}; {others} not from the candidate", max(seen) <= 10)]


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    memory = int(open("/proc/meminfo").readline().split()[1]) / 1024 / 1024
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True)
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    release = next((line.split("=", 1)[1].strip().strip('"') for line in open("/etc/os-release")
                    if line.startswith("PRETTY_NAME")), "Linux")
    return [f"- Processor: {os.cpu_count()} x {model}; memory {memory:.0f} GiB",
            f"- System: {release}, Linux {platform.release()}",
            f"- Compiler: {(swift.stdout.splitlines() or ['unknown'])[0]}; release build, commit {commit.stdout.strip()}",
            "- Load, router, control plane and service share these processors; traffic goes over loopback.",
            f"- Load average when it began: {os.getloadavg()[0]:.1f}"]


def main():
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    wanted = [name for name in arguments if not name.startswith("-")] or ["undo", "deploys", "errors"]
    scale = 10 if quick else 1
    began = datetime.datetime.now(datetime.timezone.utc)
    about = machine()
    rows = []
    for name in wanted:
        if name == "undo":
            rows += undo(100 // scale)
        elif name in ("deploys", "memory"):
            rows += deploys_and_memory(100 // scale)
        elif name == "errors":
            rows += errors(10 // min(scale, 5))
        else:
            raise SystemExit(f"unknown benchmark '{name}'; there are: undo, deploys (with memory), errors")
    lines = ["# Figures", "", f"Measured by `make bench` on {began:%Y-%m-%d %H:%M} UTC.", "", *about, "",
             "| what | figure to reach | measured | |", "|---|---|---|---|"]
    for what, figure, measured, reached in rows:
        lines.append(f"| {what} | {figure} | {measured} | {'PASS' if reached else 'FAIL'} |")
    text = "\n".join(lines) + "\n"
    print("\n" + text)
    if not quick and len(wanted) == 3:
        pathlib.Path(ROOT / "Benchmarks/RESULTS.md").write_text(text)
    sys.exit(0 if all(row[3] for row in rows) else 1)


if __name__ == "__main__":
    main()
