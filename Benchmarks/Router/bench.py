"""One command for all figures of the router; see run.sh, which installs what is needed and starts this."""

import argparse
import datetime
import os
import signal
import subprocess
import sys

import backend
import figure_memory
import figure_rescue
import figure_swap
import ours
import peers
import report
import rig
import rounds
import soak
import symbols
import workloads

FIGURES = {"memory": figure_memory.measure, "rescue": figure_rescue.measure, "swap": figure_swap.measure}
# Below these a run is a try, and RESULTS.md stays as it is.
LEAST_ROUNDS, LEAST_SECONDS = 5, 5
NAMES = [workload.name for workload in workloads.WORKLOADS]


def chosen(possible):
    def parse(text):
        names = [name for name in text.split(",") if name]
        for name in names:
            if name not in possible:
                raise argparse.ArgumentTypeError(f"'{name}' is not there; there are: {', '.join(possible)}")
        return names
    return parse


def arguments():
    parser = argparse.ArgumentParser(
        prog="run.sh", description="Measures `nonevent router` against its peers.",
        epilog="Without --only and --peers, and with at least 5 rounds of 5 seconds, the results go to "
               "Benchmarks/Router/RESULTS.md, else only to --out.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count, of each workload and proxy (5)")
    parser.add_argument("--seconds", type=int, default=5, help="length of a round (5)")
    parser.add_argument("--only", type=chosen(NAMES + list(FIGURES)), metavar="WORKLOAD[,..]",
                        help=f"of {', '.join(NAMES)}, and {', '.join(FIGURES)}")
    parser.add_argument("--peers", type=chosen(peers.SETUPS), metavar="PEER[,..]",
                        help=f"of {', '.join(peers.SETUPS)}; the router itself is always there")
    parser.add_argument("--out", metavar="FILE", help="where the results go")
    parser.add_argument("--profile", choices=NAMES, metavar="WORKLOAD", help="profile the router under a workload")
    parser.add_argument("--soak", action="store_true", help="the router alone under changing tables")
    parser.add_argument("--minutes", type=float, default=30, help="length of the soak (30)")
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds must be 1 or more")
    return options


def measure(options, place, instances, certificate):
    """Everything that was asked for: the lines about the machine, the sections, the goals."""
    wanted = options.only or NAMES + list(FIGURES)
    names = list(peers.SETUPS) if options.peers is None else options.peers
    sections, goals = [], []
    targets = (instances.one, instances.two)
    probe = ours.Nonevent(place, targets, certificate)
    running = {ours.NAME: probe.features()} | {name: {} for name in names}
    probe.stop()
    for workload in workloads.WORKLOADS:
        if workload.name not in wanted:
            continue
        print(f"{workload.title}:")
        proxies = []
        try:
            proxies.append(ours.Nonevent(place, targets, certificate))
            for name in names:
                proxies.append(peers.Peer(name, place, targets, certificate))
            series = rounds.measure(workload, proxies, options.rounds, options.seconds, place.folder(workload.name),
                                    instances)
        finally:
            for proxy in proxies:
                proxy.stop()
        sections += report.workload_lines(workload, series)
        goals += report.workload_goals(workload, series)
    for name, figure in FIGURES.items():
        if name in wanted:
            print(f"{name}:")
            try:
                lines, reached = figure(place, instances, certificate, names, options)
            except (rig.Failed, subprocess.TimeoutExpired) as error:
                lines, reached = [f"## {name}", "", f"Not measured: {error}", ""], [(name, "", "failed", None)]
            sections += lines
            goals += reached
    return running, sections, goals


def main():
    options = arguments()
    os.sched_setaffinity(0, {rig.LOAD_CORE})
    # Ends as usual, so that nothing it started is left.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = datetime.datetime.now(datetime.timezone.utc)
    whole = (options.only is None and options.peers is None
             and options.rounds >= LEAST_ROUNDS and options.seconds >= LEAST_SECONDS)
    out = options.out or (rig.HERE / "RESULTS.md" if whole else None)
    place = rig.Place()
    instances, certificate = backend.Backend(place), backend.Certificate(place)
    if options.profile:
        return symbols.profile(options.profile, place, instances, certificate, options.seconds)
    if options.soak:
        return soak.run(place, instances, certificate, options.minutes)
    about_load = f"- Load average when it began: {os.getloadavg()[0]:.2f}"
    running, sections, goals = measure(options, place, instances, certificate)
    about = report.machine(options.rounds, options.seconds, running)
    report.write(out, began, [*about, about_load], sections, goals)
    return 0 if all(reached for *_, reached in goals) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except rig.Failed as error:
        sys.exit(f"run.sh: {error}")
