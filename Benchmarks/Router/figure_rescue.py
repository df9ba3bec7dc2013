"""A candidate at 10 % that fails every GET under 1,000 requests/s until it is undone: what people see of it.

Each sticky key keeps its release, so a run with a good candidate tells which keys are the candidate's; what those keys
wait longer while the candidate fails is what being rescued costs.
"""

import socket

import backend
import ours
import paced

RATE = 1_000
# What the client's and the router's timers and a second hop may add to a deadline that was waited for in full.
TIMER_SLACK_MS = 5
BURN_SECONDS = 8
SHORT_SECONDS = 5  # of the development runs: a shorter one
# All of a candidate's requests may be rescued: its first burst of failures must be, before anybody can undo it.
RESCUE = {"budgetBasisPoints": 10_000, "minimumPerSecond": 1_000}


class Silent:
    """Takes connections and never answers: only a deadline ends the wait."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self.listener.getsockname()[1]

    def close(self):
        self.listener.close()


def measure(place, instances, certificate, names, options):
    seconds = BURN_SECONDS if options.seconds >= SHORT_SECONDS else 3
    silent = Silent()
    modes = [("answers 503", instances.broken, RESCUE), ("closes the connection", instances.rude, RESCUE),
             ("never answers", silent.port, RESCUE), ("answers 503, budget as by default", instances.broken, {})]
    lines = [f"## Rescue: a candidate at 10 % fails every GET, {RATE:,} requests/s", "",
             f"The candidate's deadline is {ours.CANDIDATE_DEADLINE_SECONDS * 1000:.0f} ms. Health checks help "
             "nobody: it is its release's only instance. Added p99: of the candidate's people while it fails, less "
             "what they had while it was good.", "",
             "| the candidate | its people's requests | counted as its failures | errors people saw | p99 good ms | "
             "p99 rescued ms | added p99 ms | errors after undo |", "|---|---:|---:|---:|---:|---:|---:|---:|"]
    reached = []
    offered = True
    for title, port, rescue in modes:
        folder = place.folder("rescue")
        router = ours.Nonevent(place, (instances.one, instances.two), certificate, rescue=rescue)
        offered = router.features()["rescue"]
        try:
            one = attempt(router, folder, (instances.one, port), seconds)
        finally:
            router.stop()
        lines.append(f"| {title} | {one['sent']} | {one['counted']} | {one['errors']} | {one['before']:.2f} | "
                     f"{one['after']:.2f} | {one['after'] - one['before']:.2f} | {one['later']} |")
        print("  " + lines[-1])
        if rescue:
            reached += goals(title, one, offered)
    silent.close()
    if not offered:
        lines.append("\nRescue is not offered by this binary.")
    return [*lines, ""], reached


def attempt(router, folder, ill, seconds):
    good = paced.run(router.port, folder, rate=RATE, seconds=2, samples=True)
    candidate, before = set(), []
    for _, _, end, status, mark, key in good.samples():
        if mark == paced.CANDIDATE_MARK and status == 200:
            candidate.add(key)
            before.append(end)
    # The same release, so the same people, with an instance that fails them.
    router.put(targets=ill)
    bad = paced.run(router.port, folder, rate=RATE, seconds=seconds, samples=True, connections=512)
    seen = list(bad.samples())
    counted = failures(router)
    router.put(share=0)
    undone = paced.run(router.port, folder, rate=RATE, seconds=1)
    mine = [sample for sample in seen if sample[5] in candidate]
    rescued = [end for _, _, end, status, _, _ in mine if status == 200]
    return {"sent": len(mine), "counted": counted, "errors": sum(sample[3] != 200 for sample in seen),
            "later": undone.result["failed"], "before": (paced.quantile(before, 0.99) or 0) / 1000,
            "after": (paced.quantile(rescued, 0.99) or 0) / 1000, "measured": bool(before) and bool(rescued)}


def failures(router):
    """What the router counts against the candidate; rescued or not."""
    service = router.ask("GET", "/measures")["services"]["bench"]
    return service.get(ours.DIGESTS[backend.CANDIDATE], {}).get("bad", 0)


def goals(title, one, offered):
    added, limit = one["after"] - one["before"], ours.CANDIDATE_DEADLINE_SECONDS * 1000
    what = f"rescue, the candidate {title}"
    able = offered and one["measured"]
    return [(f"{what}: errors people saw", "0", str(one["errors"]), one["errors"] + one["later"] == 0),
            (f"{what}: failures counted against it", str(one["sent"]), str(one["counted"]),
             one["counted"] >= one["sent"] > 0 if able else None),
            (f"{what}: added p99", f"<= {limit:.0f} ms (and {TIMER_SLACK_MS} of timers)",
             f"{added:.2f} ms" if able else "-", added <= limit + TIMER_SLACK_MS if able else None)]
