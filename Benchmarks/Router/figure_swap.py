"""Table swaps under load: how long after the command the old release still answers, ours, HAProxy's and Envoy's.

The client sends the command itself between its requests, so that one clock and one process see both. HAProxy changes
the entry of a map by its runtime socket; Envoy's routes come from a file that is moved into place.
"""

import json
import statistics

import backend
import ours
import paced
import peer_configurations as configurations
import peers
import rig

RATE = 10_000
SWAPS = 100
PAUSE_MS = 200
MEDIAN_LIMIT_MS, WORST_LIMIT_MS = 3, 10
LATE_LIMIT = 0.01
SHORT_SECONDS = 5  # of the development runs: fewer swaps

HAPROXY_FRONT = """    http-request set-var(txn.release) str(all),map(<<folder>>/releases.map,one)
    use_backend %[var(txn.release)]
backend one
    server one 127.0.0.1:<<one>>
backend two
    server two 127.0.0.1:<<two>>
"""


def measure(place, instances, certificate, names, options):
    swaps = SWAPS if options.seconds >= SHORT_SECONDS else SWAPS // 5
    targets = (instances.one, instances.two)
    results = {}
    for name, start in [(ours.NAME, start_ours), ("haproxy", start_haproxy), ("envoy", start_envoy)]:
        if name != ours.NAME and name not in names:
            continue
        commands = place.folder("swaps")
        proxy, settings = start(place, targets, certificate, commands, swaps)
        try:
            paced.run(proxy.port, commands, rate=RATE, seconds=1)
            results[name] = paced.run(
                proxy.port, commands, rate=RATE, seconds=2 + swaps * PAUSE_MS / 1000, commands=commands,
                count=swaps, every_ms=PAUSE_MS, **settings).result
        finally:
            proxy.stop()
        print("  " + row(name, results[name]))
    lines = [f"## Table swap under {RATE:,} requests/s, {swaps} swaps", "",
             "Milliseconds from the command's start to the last answer of the old release.", "",
             "| proxy | median ms | worst ms | acknowledged after (median ms) | begun on the old one after that | "
             "failed requests | swaps without effect |", "|---|---:|---:|---:|---:|---:|---:|",
             *(row(name, result) for name, result in results.items()), ""]
    for name, result in results.items():
        if result["late"] > LATE_LIMIT * result["requests"]:
            lines += [f"{name}: {result['late']:,} requests were sent more than 5 ms late: the load was not kept, so "
                      "its times are too long.", ""]
    return lines, goals(results[ours.NAME], swaps)


def figures(result):
    last = [swap["last_old_ms"] for swap in result["swaps"]]
    known = [swap["acknowledged_ms"] for swap in result["swaps"] if swap["acknowledged_ms"] >= 0]
    return (statistics.median(last), max(last), statistics.median(known) if known else None,
            sum(swap["started_after"] for swap in result["swaps"]),
            sum(swap["refused"] or not swap["effective"] for swap in result["swaps"]))


def row(name, result):
    median, worst, known, after, idle = figures(result)
    acknowledged = ("-", "-") if known is None else (f"{known:.2f}", after)
    return (f"| {name} | {median:.2f} | {worst:.2f} | {acknowledged[0]} | {acknowledged[1]} | "
            f"{result['failed']} of {result['requests']:,} | {idle} |")


def goals(result, swaps):
    median, worst, _, after, idle = figures(result)
    # A swap that did nothing has measured nothing.
    done = idle == 0
    title = f"table swap under {RATE:,} requests/s, {swaps} swaps"
    return [
        (f"{title}: only the new release answers, median", f"<= {MEDIAN_LIMIT_MS} ms", f"{median:.2f} ms",
         done and median <= MEDIAN_LIMIT_MS),
        (f"{title}: worst", f"<= {WORST_LIMIT_MS} ms", f"{worst:.2f} ms", done and worst <= WORST_LIMIT_MS),
        (f"{title}: failed requests", "0", f"{result['failed']} of {result['requests']:,}", result["failed"] == 0),
        (f"{title}: requests begun after the acknowledgement that the old release answered", "0", str(after),
         done and after == 0),
    ]


def start_ours(place, targets, certificate, commands, swaps):
    router = ours.Nonevent(place, targets, certificate, share=0)
    for number in range(swaps):
        share = 10_000 if number % 2 == 0 else 0
        body = json.dumps(ours.table(*targets, generation=number + 2, **router.settings | {"share": share}))
        (commands / str(number)).write_text(
            f"PUT /table HTTP/1.1\r\nHost: router\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}")
    (commands / "socket").symlink_to(router.admin)
    return router, {"expected": "HTTP/1.1 200"}


def start_haproxy(place, targets, certificate, commands, swaps):
    folder = place.folder("haproxy")
    port = place.port()
    (folder / "releases.map").write_text("all one\n")
    head, _, _ = configurations.HAPROXY.partition("    default_backend")
    values = {"folder": folder, "port": port, "tls": place.port(), "both": certificate.both,
              "one": targets[0], "two": targets[1]}
    path = peers.configured(folder / "haproxy.cfg", head + HAPROXY_FRONT, values)
    for number in range(swaps):
        (commands / str(number)).write_text(
            f"set map {folder}/releases.map all {'two' if number % 2 == 0 else 'one'}\n")
    (commands / "socket").symlink_to(folder / "admin.sock")
    return Launched("haproxy", ["haproxy", "-db", "-f", path], port, folder), {"expected": "\n"}


def start_envoy(place, targets, certificate, commands, swaps):
    folder = place.folder("envoy")
    values = {"port": place.port(), "tls": place.port(), "one": targets[0], "two": targets[1],
              "chain": certificate.chain, "key": certificate.key}
    kind = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
    file = folder / "routes.json"

    def routes(number, release):
        resource = {"@type": kind} | configurations.envoy_routes({release: 1})
        return json.dumps({"version_info": str(number), "resources": [resource]})

    file.write_text(routes(0, "one"))
    for number in range(swaps):
        (commands / str(number)).write_text(routes(number + 1, "two" if number % 2 == 0 else "one"))
    source = {"resource_api_version": "V3", "path_config_source": {"path": str(file)}}
    dynamic = {"rds": {"route_config_name": "releases", "config_source": source}}
    path = peers.configured(folder / "envoy.json", lambda known: configurations.envoy(known, dynamic), values)
    command = [peers.envoy_binary(), "-c", path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return Launched("envoy", command, values["port"], folder), {"to": file}


class Launched:
    """A peer with a configuration of its own."""

    def __init__(self, name, command, port, folder):
        self.name, self.port = name, port
        self.program = rig.Program(name, command, rig.PROXY_CORE, folder)
        self.program.await_answer(port, backend.HOST)

    def stop(self):
        self.program.stop()
