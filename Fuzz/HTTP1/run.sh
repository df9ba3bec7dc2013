#!/bin/bash
# Fuzzes the HTTP/1 parser: run.sh SECONDS [libFuzzer options]
#
# Builds the harness with libFuzzer and AddressSanitizer, runs it over Corpus for so many seconds, and keeps in Corpus
# the smallest set of inputs that covers as much. What breaks a rule is written to Findings: mend it, and add it to the
# tests.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?usage: run.sh SECONDS [libFuzzer options]}
shift
export PATH="$PATH:/opt/swift/usr/bin"

swift build -c release --scratch-path "${FUZZ_BUILD:-.build}"
fuzz="${FUZZ_BUILD:-.build}/release/HTTP1Fuzz"
# Swift's own allocations stay reachable; looking for leaks costs time and finds nothing.
export ASAN_OPTIONS=detect_leaks=0
found=$(mktemp -d)
kept=$(mktemp -d)
list=$(mktemp)
trap 'rm -rf "$found" "$kept" "$list"' EXIT
mkdir -p Findings

"$fuzz" -max_total_time="$seconds" -max_len=1024 -dict=http1.dict -artifact_prefix=Findings/ -print_final_stats=1 \
    "$@" "$found" Corpus
# A cover of few files: by edges alone, not by how often each is passed.
"$fuzz" -set_cover_merge=1 -use_counters=0 -max_len=1024 "$kept" Corpus "$found"
# The smallest ones, should there be too many to keep.
find "$kept" -type f -printf '%s %p\n' | sort -n | cut -d ' ' -f 2 | sed -n 1,290p >"$list"
find Corpus -type f -delete
xargs -a "$list" cp -t Corpus
rmdir --ignore-fail-on-non-empty Findings
echo "Corpus has $(find Corpus -type f | wc -l) files"
