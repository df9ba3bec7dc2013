"""RESULTS.md: the machine, one table for each workload, and every goal with what was reached."""

import datetime
import os
import pathlib
import platform

import ours
import peers
import rig
import workloads

# Of the machine's processor time, used by what has no part in the measurement.
OTHERS_LIMIT = 0.03
GOAL_PEERS = ("envoy", "traefik", "caddy")


def machine(rounds, seconds, running):
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    memory = int(open("/proc/meminfo").readline().split()[1]) / 1024 / 1024
    release = next((line.split("=", 1)[1].strip().strip('"') for line in open("/etc/os-release")
                    if line.startswith("PRETTY_NAME")), "Linux")
    found = peers.versions([name for name in running if name in peers.SETUPS] + ["wrk", "h2load", "openssl"])
    features = [f"{name} {'on' if has else 'NOT OFFERED'}" for name, has in running.get(ours.NAME, {}).items()]
    return [
        f"- Processor: {os.cpu_count()} x {model}; memory {memory:.0f} GiB; {release}, Linux {platform.release()}",
        f"- {rig.pinning()}",
        f"- {rounds} rounds of {seconds} s of each workload, the proxies in turn, medians. A round with any failed "
        f"request does not count and is repeated; {workloads.CONNECTIONS} connections by wrk for HTTP/1.1, h2load for "
        "HTTP/2, one worker each; two releases 9 to 1 on one nginx worker.",
        f"- nonevent router: {ours.version()}; {', '.join(features)}",
        *(f"- {name}: {text}" for name, text in found.items()),
    ]


def number(value, form="{:.2f}"):
    return "-" if value is None else form.format(value)


def ratio(one, other):
    return one / other if one and other else None


def workload_lines(workload, series):
    """The table of one workload."""
    mine, base = series[ours.NAME], series.get("haproxy")
    lines = [f"## {workload.title}", "",
             "| proxy | requests/s | against HAProxy | nonevent against it | p99 ms | CPU us/request | "
             "proxy core busy | load core busy | failed rounds |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for name, one in series.items():
        if one.not_offered:
            lines.append(f"| {name} | {one.not_offered} | | | | | | | |")
            continue
        rate = one.median("rate")
        lines.append(
            f"| {name} | {number(rate, '{:,.0f}')} | {number(ratio(rate, base and base.median('rate')))} | "
            f"{number(ratio(mine.median('rate'), rate))} | {number(one.median('p99'))} | "
            f"{number(one.median('cpu'), '{:.1f}')} | {number(one.median('busy'), '{:.0%}')} | "
            f"{number(one.median('load'), '{:.0%}')} | {len(one.failures)} |")
    others = [one.median("others") for one in series.values() if one.rounds]
    if others and max(others) > OTHERS_LIMIT:
        lines.append(f"\nOther processes used up to {max(others):.0%} of the machine meanwhile (median of a proxy's "
                     "rounds): not a quiet machine, so compare processor times rather than requests/s.")
    for name, one in series.items():
        for reason in sorted({failed.failure for failed in one.failures}):
            lines.append(f"\nFailed round of {name}: {' '.join(reason.split())[:300]}")
    return [*lines, ""]


def workload_goals(workload, series):
    """(what, goal, measured, reached) of one workload; reached is `None` when it could not be measured."""
    mine = series[ours.NAME]
    goals = []

    def goal(what, wanted, value, reached, form="{:.2f}"):
        measured = mine.not_offered or number(value, form)
        goals.append((f"{workload.title}: {what}", wanted, measured, None if value is None else reached(value)))

    def against(name, field):
        return ratio(mine.median(field), series[name].median(field)) if name in series else None

    if "haproxy" in series:
        goal("requests/s against HAProxy", f">= {workload.haproxy}", against("haproxy", "rate"),
             lambda value: round(value, 2) >= workload.haproxy)
    for name in GOAL_PEERS:
        if name in series:
            goal(f"requests/s against {name.capitalize()}", f">= {workload.others}", against(name, "rate"),
                 lambda value: round(value, 2) >= workload.others)
    if "haproxy" in series:
        goal("p99 against HAProxy's", f"<= {workloads.P99_LIMIT}", against("haproxy", "p99"),
             lambda value: round(value, 2) <= workloads.P99_LIMIT)
        goal("processor time per request against HAProxy's", f"<= {workloads.CPU_LIMIT}", against("haproxy", "cpu"),
             lambda value: round(value, 2) <= workloads.CPU_LIMIT)
    return goals


def goal_lines(goals):
    lines = ["## Goals", "", "| what | goal | measured | |", "|---|---|---|---|"]
    for what, wanted, measured, reached in goals:
        word = {True: "reached", False: "**NOT reached**", None: "**NOT measured**"}[reached]
        lines.append(f"| {what} | {wanted} | {measured} | {word} |")
    count = sum(reached is True for *_, reached in goals)
    return [*lines, "", f"{count} of {len(goals)} goals reached.", ""]


def write(out, began, about, sections, goals):
    """Prints the results, and writes them to `out` if that is set."""
    text = "\n".join(["# The router against its peers", "",
                      f"Measured by `make bench-router` on {began:%Y-%m-%d %H:%M} UTC, in "
                      f"{(datetime.datetime.now(datetime.timezone.utc) - began).total_seconds() / 60:.0f} minutes.", "",
                      *about, "", *goal_lines(goals), *sections]).rstrip() + "\n"
    print("\n" + text)
    if out:
        path = pathlib.Path(out)
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").replace(path)
