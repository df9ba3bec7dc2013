"""Runs the parts of the delivery benchmark and writes their results.

A part is a module figure_<name>.py beside this file with

    TITLE             heading of its section
    ORDER             number by which sections are sorted
    def options(parser)      adds its command-line options
    def run(options) -> Part what was measured

and a Part is figures for the table at the top, and a section of Markdown.
"""

import argparse
import importlib
import os
import platform
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from part import Part  # noqa: E402


def parts(only):
    names = sorted(path.stem.removeprefix("figure_") for path in HERE.glob("figure_*.py"))
    unknown = [name for name in only if name not in names]
    if unknown:
        sys.exit(f"bench.py: expected one of {', '.join(names)} after --only, found {', '.join(unknown)}")
    chosen = [name for name in names if not only or name in only]
    modules = [importlib.import_module(f"figure_{name}") for name in chosen]
    return sorted(modules, key=lambda module: module.ORDER)


def machine():
    cpu = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    system = "unknown"
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            system = line.split("=", 1)[1].strip('"')
    return [
        f"- Processor: {os.cpu_count()} x {cpu}",
        f"- System: {system}, Linux {platform.release()}",
        f"- Measured {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
    ]


def page(measured):
    lines = ["# Deliveries at size", "", "Written by `make bench-delivery`.", "", *machine(), "", "## Figures", ""]
    lines += ["| what | must reach | seen | reached |", "| --- | --- | --- | --- |"]
    for _, result in measured:
        for figure in result.figures:
            reached = "yes" if figure.reached else "**NO**"
            lines.append(f"| {figure.what} | {figure.wanted} | {figure.seen} | {reached} |")
    for module, result in measured:
        lines += ["", f"## {module.TITLE}", "", *result.section]
    return "\n".join(lines) + "\n"


def main():
    only = []
    for index, word in enumerate(sys.argv):
        if word == "--only" and index + 1 < len(sys.argv):
            only = sys.argv[index + 1].split(",")
    modules = parts(only)
    parser = argparse.ArgumentParser(prog="run.sh", description="Measures deliveries at size.")
    parser.add_argument("--only", help="parts to run, with commas between; default all")
    parser.add_argument("--out", default=str(HERE / "RESULTS.md"), help="file to write")
    for module in modules:
        module.options(parser)
    options = parser.parse_args()
    measured = []
    for module in modules:
        print(f"{module.TITLE} ...", flush=True)
        result = module.run(options)
        assert isinstance(result, Part)
        measured.append((module, result))
    Path(options.out).write_text(page(measured))
    print(f"wrote {options.out}")
    if not all(figure.reached for _, result in measured for figure in result.figures):
        sys.exit(1)


if __name__ == "__main__":
    main()
