#!/bin/bash
# Measures the four figures that Nonevent promises and writes Benchmarks/RESULTS.md.
#   Benchmarks/run.sh [--quick] [undo|deploys|errors|memory ...]     --quick: a tenth of the rounds, nothing is written
# Expects the release binary (`make build`); NONEVENT names another one.
set -eu
cd "$(dirname "$0")/.."
export NONEVENT="${NONEVENT:-$PWD/.build-release/release/nonevent}"
if [ ! -x "$NONEVENT" ]; then
    echo "run.sh: expected the release binary at $NONEVENT, found none; make it with: make build" >&2
    exit 69
fi
Examples/shop/build.sh
exec python3 -B -u Benchmarks/figures.py "$@"
