"""The loads of the table, their goals, and one measured run of wrk or h2load."""

import dataclasses
import random
import re
import resource
import subprocess

import backend
import rig

CONNECTIONS = 64
HTTP2_CONNECTIONS = 16
HTTP2_STREAMS = 10
KEYS = 256
POST_BYTES = 16 * 1024


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    path: str = "/"
    #: Least requests/s in parts of HAProxy's, and of each of Envoy's, Traefik's and Caddy's.
    haproxy: float = 1.0
    others: float = 1.8
    method: str = "GET"
    headers: int = 0
    close: bool = False
    tls: bool = False
    http2: bool = False


WORKLOADS = [
    Workload("small", f"small response, {CONNECTIONS} connections, keep-alive"),
    Workload("headers", "30 request headers", headers=30),
    Workload("post", "16 KiB POST", path="/post", method="POST", others=1.5),
    Workload("large", "64 KiB response", path="/large", others=1.3),
    Workload("chunked", "chunked response (3 chunks of 2 KiB)", path="/chunked", haproxy=0.95, others=1.3),
    Workload("connect", "new connection each request", close=True, haproxy=0.95, others=1.0),
    Workload("tls", "TLS 1.3, HTTP/1.1 keep-alive", tls=True, others=1.5),
    Workload("h2", f"TLS 1.3, HTTP/2, {HTTP2_CONNECTIONS} connections of {HTTP2_STREAMS} streams", tls=True, http2=True,
             haproxy=0.45, others=1.0),
]
#: No worse than HAProxy's; processor time per request at most this part of HAProxy's.
P99_LIMIT, CPU_LIMIT = 1.0, 1.1


@dataclasses.dataclass
class Round:
    rate: float
    p99: float  # milliseconds
    cpu: float  # microseconds of the proxy's processes per request
    busy: float  # part of the proxy's core that they used
    load: float = 0.0  # part of the load's core that load and backend used
    others: float = 0.0  # part of the machine that everything else used
    failure: str = ""  # why the round does not count


def keys(count, seed=1):
    """Sticky keys as the router draws them: 32 hexadecimal digits."""
    chance = random.Random(seed)
    return [f"{chance.getrandbits(128):032x}" for _ in range(count)]


def request_fields(workload):
    """Header fields of a request besides the sticky cookie; with `headers`, as many as that in all."""
    fields = {"Host": backend.HOST, "Accept": "*/*"}
    usual = {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "en-GB,en;q=0.5", "Accept-Encoding": "gzip, deflate, br", "DNT": "1",
        "Referer": f"http://{backend.HOST}/earlier/page?with=query&and=more", "Cache-Control": "no-cache",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }
    if workload.headers:
        fields |= usual
        # The cookie is the last of them.
        for number in range(workload.headers - len(fields) - 1):
            fields[f"X-Application-Field-{number}"] = f"value-{number}-of-an-ordinary-length"
    if workload.close:
        fields["Connection"] = "close"
    return fields


SCRIPT = """
wrk.method = "%(method)s"
%(fields)s
wrk.body = %(body)s
local requests, at = {}, 0
function init(arguments)
  for _, key in ipairs({%(keys)s}) do
    wrk.headers["Cookie"] = "theme=dark; nonevent-key=" .. key
    requests[#requests + 1] = wrk.format(nil, "%(path)s")
  end
end
function request()
  at = at %% #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  print(string.format("DONE %%d %%d %%d %%d %%d %%d %%d %%d", summary.requests, summary.duration,
    latency:percentile(99), e.connect, e.read, e.write, e.timeout, e.status))
end
"""


def wrk_script(workload, folder):
    """Sends requests of many people in turn, and says at the end in one line what came of them."""
    script = folder / f"{workload.name}.lua"
    if not script.exists():
        body = f'string.rep("x", {POST_BYTES})' if workload.method == "POST" else "nil"
        fields = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in request_fields(workload).items())
        script.write_text(SCRIPT % {"method": workload.method, "path": workload.path, "body": body, "fields": fields,
                                    "keys": ", ".join(f'"{key}"' for key in keys(KEYS))})
    return script


def wrk_command(proxy, workload, seconds, script, connections=CONNECTIONS):
    url = f"https://127.0.0.1:{proxy.tls_port}" if workload.tls else f"http://127.0.0.1:{proxy.port}"
    return rig.on_load_core("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script,
                            url + workload.path)


def wrk_result(output):
    """Requests, seconds, p99 in ms and what failed."""
    line = next((line for line in output.splitlines() if line.startswith("DONE ")), None)
    if line is None:
        raise rig.Failed(f"wrk said nothing of use: {output[-500:]}")
    requests, microseconds, p99, *errors = map(int, line.split()[1:])
    names = ["connect", "read", "write", "timeout", "status"]
    return requests, microseconds / 1e6, p99 / 1000, ", ".join(f"{n} {name}" for n, name in zip(errors, names) if n)


def wrk(proxy, workload, seconds, folder):
    done = subprocess.run(wrk_command(proxy, workload, seconds, wrk_script(workload, folder)), capture_output=True,
                          text=True, timeout=seconds + 30)
    return wrk_result(done.stdout + done.stderr)


def h2load(proxy, workload, seconds, folder):
    """Runs h2load once; its own summary has no p99, so that comes from its log of all requests."""
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    fields = [f"--header={name}: {value}" for name, value in request_fields(workload).items() if name != "Host"]
    done = subprocess.run(
        rig.on_load_core("h2load", "-t1", f"-c{HTTP2_CONNECTIONS}", f"-m{HTTP2_STREAMS}", f"-D{seconds}",
                         f"--log-file={log}", f"--header=:authority: {backend.HOST}", *fields,
                         f"--header=cookie: theme=dark; nonevent-key={keys(1)[0]}",
                         f"https://127.0.0.1:{proxy.tls_port}{workload.path}"),
        capture_output=True, text=True, timeout=seconds + 30)
    counts = {name: int(number) for number, name in re.findall(r"(\d+) (\w+)[,\n]", "\n".join(
        line for line in done.stdout.splitlines() if line.startswith("requests:")) + "\n")}
    statuses = {name: int(number) for number, name in re.findall(r"(\d+) (\dxx)", done.stdout)}
    if not counts.get("succeeded") or not log.exists():
        raise rig.Failed(f"h2load: no request succeeded: {(done.stdout + done.stderr)[-500:]}")
    errors = {name: counts.get(name, 0) for name in ("failed", "errored", "timeout")} | {
        name: number for name, number in statuses.items() if name != "2xx"}
    protocol = "" if "Application protocol: h2" in done.stdout else "protocol is not h2"
    times = sorted(int(line.rsplit("\t", 1)[1]) for line in log.read_text().splitlines() if line.count("\t") == 2)
    p99 = times[min(len(times) - 1, int(0.99 * len(times)))] / 1000
    failure = ", ".join([f"{number} {name}" for name, number in errors.items() if number] + [protocol] * bool(protocol))
    return counts["succeeded"], float(seconds), p99, failure


def load_seconds():
    """Of the load generators that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(proxy, workload, seconds, folder, instances):
    """One measured run through a proxy."""
    def costs():
        return (proxy.program.cpu(), instances.program.cpu() + load_seconds(), rig.machine_seconds())

    before = costs()
    requests, lasted, p99, failure = (h2load if workload.http2 else wrk)(proxy, workload, seconds, folder)
    used, load, whole = (after - earlier for after, earlier in zip(costs(), before))
    if requests == 0:
        return Round(0, 0, 0, 0, failure=failure or "no request was answered")
    others = max(0.0, whole - used - load) / lasted / len(rig.cores)
    return Round(requests / lasted, p99, used / requests * 1e6, used / lasted, load / lasted, others, failure)
