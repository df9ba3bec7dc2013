"""Resident memory of each proxy: idle, and with 10,000 open connections that each had one answer and then wait."""

import time

import idle
import ours
import peers

CONNECTIONS = 10_000
SETTLE_SECONDS = 3
IDLE_LIMIT_MB, OPEN_LIMIT_MB = 20, 60


def measure(place, instances, certificate, names, options):
    lines = [f"## Memory, idle and with {CONNECTIONS:,} open idle connections", "",
             "Resident, all processes of the proxy; each connection has had one answer.", "",
             "| proxy | idle MB | open MB | connections held |", "|---|---:|---:|---:|"]
    targets = (instances.one, instances.two)
    reached = []
    for name in [ours.NAME, *names]:
        proxy = (ours.Nonevent(place, targets, certificate) if name == ours.NAME
                 else peers.Peer(name, place, targets, certificate))
        try:
            idle.open_connections(proxy.port, 1)[0].close()
            time.sleep(SETTLE_SECONDS)
            empty = proxy.program.memory()
            held = idle.open_connections(proxy.port, CONNECTIONS)
            time.sleep(SETTLE_SECONDS)
            full = proxy.program.memory()
            alive = idle.close_all(held)
        finally:
            proxy.stop()
        lines.append(f"| {name} | {empty:.1f} | {full:.1f} | {alive:,} |")
        print("  " + lines[-1])
        if name == ours.NAME:
            reached = [("memory, idle", f"<= {IDLE_LIMIT_MB} MB", f"{empty:.1f} MB", empty <= IDLE_LIMIT_MB),
                       (f"memory, {CONNECTIONS:,} open connections", f"<= {OPEN_LIMIT_MB} MB",
                        f"{full:.1f} MB, {alive:,} held", full <= OPEN_LIMIT_MB and alive == CONNECTIONS)]
    return [*lines, ""], reached
