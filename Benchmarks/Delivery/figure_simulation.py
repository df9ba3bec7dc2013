"""Weeks of deliveries in the simulator: promises kept, and what it costs."""

import json
import math
import os
import statistics
import subprocess
from concurrent.futures import ThreadPoolExecutor

from part import Figure, Part, number

TITLE = "Simulated weeks"
ORDER = 10
SERVICES, LARGE, DEPLOYS, DAYS = 450, 5000, 10_000, 7
MOST_SECONDS = 600


def options(parser):
    parser.add_argument("--seeds", type=int, default=20, help="seeds of the simulation with 450 services")
    parser.add_argument("--large-seeds", type=int, default=1, help="seeds of the simulation with 5,000 services")
    parser.add_argument("--jobs", type=int, default=1, help="simulations at once, each on one core")


def simulate(services, seed):
    """One run; its processor time is that of one core, since it has one thread at work."""
    command = [
        os.environ["NONEVENT"], "simulate", "--services", str(services), "--deploys-per-day", str(DEPLOYS),
        "--days", str(DAYS), "--seed", str(seed), "--json",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout.strip():
        raise SystemExit(f"figure_simulation.py: {' '.join(command)} said nothing and ended with {done.returncode}")
    result = json.loads(done.stdout)
    print(f"  {services} services, seed {seed}: {result['processorSeconds']:.0f} s, {verdict(result)}", flush=True)
    return result


def verdict(result):
    broken = result.get("violation")
    return f"{broken['promise']} broken at step {broken['step']}" if broken else "all promises held"


def run(options):
    with ThreadPoolExecutor(options.jobs) as pool:
        small = list(pool.map(lambda seed: simulate(SERVICES, seed), range(1, options.seeds + 1)))
        large = list(pool.map(lambda seed: simulate(LARGE, seed), range(1, options.large_seeds + 1)))
    return Part(figures=figures(small, large), section=section(small, large))


def cost(results):
    """Milliseconds of processor time for each accepted deploy, at the median."""
    return statistics.median(1000 * r["processorSeconds"] / max(1, r["report"]["accepted"]) for r in results)


def figures(small, large):
    slowest = max(r["processorSeconds"] for r in small)
    broken = [r for r in small if r.get("violation")]
    deploys = min(r["report"]["accepted"] for r in small) / DAYS
    growth = cost(large) / cost(small)
    allowed = math.log(LARGE) / math.log(SERVICES)
    return [
        Figure(f"{SERVICES} services, {DAYS} days: deploys a day", "about 10,000", number(deploys), deploys > 9500),
        Figure(
            "the same, slowest seed, on one core", f"<= {MOST_SECONDS} s", f"{number(slowest)} s",
            slowest <= MOST_SECONDS),
        Figure(f"violations over {len(small)} seeds", "0", str(len(broken)), not broken),
        Figure(
            f"{LARGE:,} services: completes without violation", "yes",
            ", ".join(sorted({verdict(r) for r in large})), not any(r.get("violation") for r in large)),
        Figure(
            f"cost a deploy, {LARGE:,} services against {SERVICES}", f"<= {allowed:.2f} times (log n)",
            f"{growth:.2f} times ({cost(large):.2f} ms against {cost(small):.2f} ms)", growth <= allowed),
    ]


def section(small, large):
    lines = [
        f"`nonevent simulate --deploys-per-day {DEPLOYS} --days {DAYS}`: the real engine, pipelines, queue, judge and "
        "store under a simulated clock; what is checked stands in `Docs/ARCHITECTURE.md`. Seconds are processor time. "
        "The queue's delay counts from when nothing of the service itself keeps a deploy back.", "",
        "| services | seed | steps | accepted | live | superseded | undone | crashes | delay, median, 99 %, most | "
        "seconds | promises |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for result in small + large:
        r = result["report"]
        crashes = f"{r['controlPlaneCrashes']}, {r['routerCrashes']}, {r['instanceDeaths']}"
        delay = ", ".join(f"{r[key]:.0f} s" for key in ("queueDelayMedian", "queueDelayP99", "queueDelayMost"))
        lines.append(
            f"| {r['services']} | {r['seed']} | {r['steps']:,} | {r['accepted']:,} | {r['live']:,} | "
            f"{r['superseded']:,} | {r['undone']:,} | {crashes} | {delay} | {result['processorSeconds']:.0f} | "
            f"{verdict(result)} |")
    lines += ["", "Crashes are those of the control plane, of the router and of instances."]
    for result in small + large:
        if broken := result.get("violation"):
            r = result["report"]
            lines += ["", f"Seed {r['seed']}, step {broken['step']}, {broken['service']}: {broken['detail']}"]
    return lines
