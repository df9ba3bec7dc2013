"""A journal of a million entries: start, history, and the check of every hash."""

import hashlib
import json
import os
import sqlite3
import statistics
import struct
import subprocess
import time

from control_plane import ControlPlane
from part import Figure, Part, number

TITLE = "A long journal"
ORDER = 30
SERVICES = 450
TRIES = 5


def options(parser):
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries of the journal")


def text(value):
    value = value.encode()
    return struct.pack(">Q", len(value)) + value


def fill(path, entries):
    """Entries as the control plane writes them, each with the hash of the one before (see JournalEntry)."""
    database = sqlite3.connect(path)
    count, previous = database.execute("SELECT count, hash FROM journalHead").fetchone()
    start = int(time.time() * 1e6) - entries * 1_000_000

    def rows():
        nonlocal previous
        for sequence in range(count + 1, count + entries + 1):
            service = f"service-{sequence % SERVICES:03}"
            moment, kind, actor = start + sequence * 1_000_000, "rollout.shift", "nonevent"
            data = json.dumps(
                {"rollout": f"{service}-{sequence // SERVICES}", "shareBasisPoints": 500,
                 "why": "candidate 0.11 % bad of 4,312, baseline 0.10 % of 81,920: no sign that it is worse"},
                separators=(",", ":"), sort_keys=True)
            digest = hashlib.sha256(
                b"nonevent.journal.v1\0" + struct.pack(">qq", sequence, moment) + b"\1" + text(service) + text(kind)
                + text(actor) + text(data) + text(previous)).hexdigest()
            yield sequence, moment, service, kind, actor, data, previous, digest
            previous = digest

    with database:
        database.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows())
        database.execute("UPDATE journalHead SET count = ?, hash = ?", (count + entries, previous))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def timed(run):
    began = time.monotonic()
    result = run()
    return time.monotonic() - began, result


def run(options):
    plane = ControlPlane()
    try:
        plane.start()
        plane.end()
        fill(os.path.join(plane.data, "nonevent.sqlite"), options.entries)
        starts = []
        for _ in range(TRIES):
            starts.append(plane.start())
            plane.end()
        plane.start()
        reads = [timed(lambda: plane.command("journal", "--service", "service-007", "--limit", "50", "--json"))
                 for _ in range(TRIES)]
        if len(reads[0][1].stdout.splitlines()) != min(50, options.entries // SERVICES):
            raise SystemExit(f"journal --service gave {reads[0][1].stdout[:300]}")
        seconds, verified = timed(lambda: plane.command("journal", "--verify", check=False))
        if verified.returncode != 0:
            raise SystemExit(f"journal --verify refused what was written: {verified.stdout} {verified.stderr}")
        start, read = statistics.median(starts), statistics.median(seconds for seconds, _ in reads)
        entries = f"{options.entries:,} entries"
        return Part(
            figures=[
                Figure(f"{entries}: start", "<= 2 s", f"{start:.2f} s", start <= 2),
                Figure(f"{entries}: the last 50 of one service, the command included", "<= 50 ms",
                       f"{read * 1000:.0f} ms", read <= 0.05),
                Figure(f"{entries}: `journal --verify`", "<= 20 s", f"{seconds:.1f} s", seconds <= 20),
            ],
            section=[f"Medians of {TRIES} starts and reads; one check: {verified.stdout.strip()}."])
    finally:
        plane.stop()
