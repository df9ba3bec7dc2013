#!/bin/sh
# Compiles the example service into bin/shop, unless that is newer than its source.
set -eu
cd "$(dirname "$0")"
if [ bin/shop -nt shop.swift ]; then exit 0; fi
if ! command -v swiftc >/dev/null 2>&1; then
    echo "build.sh: expected the Swift compiler (swiftc) in PATH, found none; see https://www.swift.org/install" >&2
    exit 69
fi
mkdir -p bin
# Written beside and renamed, so that a build that is interrupted leaves no half program.
swiftc -O -parse-as-library -static-stdlib shop.swift -o "bin/shop.$$"
strip "bin/shop.$$" 2>/dev/null || true
mv "bin/shop.$$" bin/shop
