#!/bin/sh
# Starts nginx in the foreground on $PORT, which its configuration language cannot read by itself.
set -eu
PATH="$PATH:/usr/sbin"
if ! command -v nginx >/dev/null 2>&1; then
    echo "start.sh: expected nginx in PATH, found none; install it with: apt-get install nginx-light" >&2
    exit 69
fi
# nginx becomes this very process, so the directory's name says who uses it: those of processes that are gone are removed.
place="${TMPDIR:-/tmp}/nonevent-nginx"
for left in "$place".*; do
    if [ -d "$left" ] && ! kill -0 "${left##*.}" 2>/dev/null; then rm -rf "$left"; fi
done
work="$place.$$"
(umask 077 && mkdir "$work")
sed -e "s|@PORT@|$PORT|g" -e "s|@ROOT@|$(pwd)|g" -e "s|@WORK@|$work|g" -e "s|@CONFIG@|$NONEVENT_CONFIG|g" \
    -e "s|@USER@|$(id -un) $(id -gn)|g" nginx.conf.template > "$work/nginx.conf"
exec nginx -p "$work" -c "$work/nginx.conf" -e stderr -g 'daemon off;'
