"""The paced client, tools/paced.c, as a function or as a load that runs meanwhile."""

import json
import subprocess

import backend
import rig
import workloads

KEYS = 1000
BASELINE_MARK, CANDIDATE_MARK = 1, 2


class Load:
    """`with Load(...) as load:` ... then `load.result`, and `load.samples()` if they were asked for."""

    def __init__(self, port, folder, rate, seconds, connections=64, timeout=5, samples=False, **more):
        keys = folder / "keys"
        keys.write_text("\n".join(workloads.keys(KEYS)) + "\n")
        self.file = folder / "samples.csv" if samples else None
        self.seconds, self.timeout = seconds, timeout
        settings = {"port": port, "host": backend.HOST, "rate": rate, "seconds": seconds, "connections": connections,
                    "timeout": timeout, "keys": KEYS, "key-file": keys} | more
        if self.file:
            settings["samples"] = self.file
        self.command = rig.on_load_core(rig.PACED, *(f"--{name.replace('_', '-')}={value}"
                                                     for name, value in settings.items()))

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, kind, *error):
        if kind:
            self.child.kill()
        try:
            output, errors = self.child.communicate(timeout=self.seconds + 2 * self.timeout + 30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise rig.Failed("the paced client did not end")
        if kind is None:
            if self.child.returncode != 0:
                raise rig.Failed(f"the paced client failed: {errors.strip()}")
            self.result = json.loads(output)

    def samples(self):
        """(due, first, end, status, mark, key): microseconds, the two times counted from the first."""
        for line in self.file.read_text().splitlines():
            yield tuple(map(int, line.split(",")))


def run(*arguments, **settings):
    with Load(*arguments, **settings) as load:
        pass
    return load


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else None
