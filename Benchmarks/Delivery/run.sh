#!/bin/bash
# Measures deliveries at size and writes RESULTS.md beside it.
#   run.sh [--only NAME[,..]] [--seeds 20] [--large-seeds 1] [--jobs 1] [--out FILE]
# Expects the release binary (`make build`); NONEVENT names another one. Every figure_*.py here is a part of the results.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export NONEVENT="${NONEVENT:-$here/../../.build-release/release/nonevent}"
case " $* " in *" --help "* | *" -h "*) exec python3 -B "$here/bench.py" --help ;; esac
if [ ! -x "$NONEVENT" ]; then
    echo "run.sh: expected the release binary at $NONEVENT, found none; make it with: make build" >&2
    exit 69
fi
exec python3 -B "$here/bench.py" "$@"
