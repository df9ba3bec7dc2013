"""Alternating rounds of one workload through all proxies, and their medians."""

import dataclasses
import statistics
import subprocess

import rig
import workloads

WARM_UP_SECONDS = 1
# Failed rounds are repeated, so many times the number of rounds at most.
MOST_TRIES = 2


@dataclasses.dataclass
class Series:
    """What one proxy did in one workload."""

    rounds: list
    failures: list
    not_offered: str = ""

    def median(self, field):
        return statistics.median(getattr(one, field) for one in self.rounds) if self.rounds else None


def measure(workload, proxies, rounds, seconds, folder, instances):
    """One series for each proxy. In each round every proxy has its turn, and another one begins."""
    series = {proxy.name: Series([], []) for proxy in proxies}
    able = []
    for proxy in proxies:
        if workload.tls and proxy.tls_port is None:
            series[proxy.name].not_offered = "TLS is not offered"
        else:
            able.append(proxy)
    for proxy in able:
        attempt(proxy, workload, WARM_UP_SECONDS, folder, instances)
    for number in range(rounds * MOST_TRIES):
        waiting = [proxy for proxy in able if len(series[proxy.name].rounds) < rounds]
        if not waiting:
            break
        turn = number % len(waiting)
        for proxy in waiting[turn:] + waiting[:turn]:
            one = attempt(proxy, workload, seconds, folder, instances)
            mine = series[proxy.name]
            (mine.failures if one.failure else mine.rounds).append(one)
            print(f"  {workload.name} {proxy.name}: {one.rate:.0f}/s, p99 {one.p99:.2f} ms, {one.cpu:.1f} us/request, "
                  f"core {one.busy:.0%}, load's {one.load:.0%}, others {one.others:.0%}"
                  f"{', does not count: ' + one.failure if one.failure else ''}")
    return series


def attempt(proxy, workload, seconds, folder, instances):
    try:
        return workloads.run(proxy, workload, seconds, folder, instances)
    except (rig.Failed, subprocess.TimeoutExpired) as error:
        state = "" if proxy.program.child.poll() is None else f"; {proxy.name} has ended: {proxy.program.tail()}"
        return workloads.Round(0, 0, 0, 0, failure=f"{error}{state}")
