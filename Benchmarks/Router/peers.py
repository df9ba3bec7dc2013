"""The peers, each set up for the same job: one worker, two releases 9 to 1, kept connections to both, forwarded-for, no
access log, TLS and HTTP/2."""

import json
import os
import pathlib
import subprocess
import sys

import backend
import peer_configurations as configurations
import rig

VENV = pathlib.Path(sys.prefix)


class Peer:
    """A running peer: its plain and TLS ports, and the program with its costs."""

    def __init__(self, name, place, targets, certificate):
        self.name, self.folder = name, place.folder(name)
        self.port, self.tls_port = place.port(), place.port()
        values = {"folder": self.folder, "port": self.port, "tls": self.tls_port, "one": targets[0], "two": targets[1],
                  "chain": certificate.chain, "key": certificate.key, "both": certificate.both, "host": backend.HOST}
        command, environment = SETUPS[name](self.folder, values)
        self.program = rig.Program(name, command, rig.PROXY_CORE, self.folder, environment)
        self.program.await_answer(self.port, backend.HOST)
        self.program.await_answer(self.tls_port, backend.HOST, tls=True)

    def stop(self):
        self.program.stop()


def haproxy(folder, values):
    return ["haproxy", "-db", "-f", configured(folder / "haproxy.cfg", configurations.HAPROXY, values)], {}


def nginx(folder, values):
    path = configured(folder / "nginx.conf", configurations.NGINX, values)
    return ["nginx", "-c", path, "-e", folder / "log"], {}


def envoy(folder, values):
    path = configured(folder / "envoy.json", configurations.envoy, values)
    return [envoy_binary(), "-c", path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"], {}


def traefik(folder, values):
    configured(folder / "routes.json", configurations.traefik_routes, values)
    path = configured(folder / "traefik.json", configurations.traefik, values)
    return [VENV / "bin/traefik", f"--configFile={path}"], {"GOMAXPROCS": "1"}


def caddy(folder, values):
    path = configured(folder / "Caddyfile", configurations.CADDY, values)
    home = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    return [VENV / "bin/caddy", "run", "--config", path, "--adapter", "caddyfile"], home | {"GOMAXPROCS": "1"}


SETUPS = {"haproxy": haproxy, "nginx": nginx, "envoy": envoy, "traefik": traefik, "caddy": caddy}


def configured(path, template, values):
    """Writes a configuration: text with names in << >>, or what a function answers, as JSON."""
    if callable(template):
        text = json.dumps(template(values), indent=1)
    else:
        text = template
        for name, value in values.items():
            text = text.replace(f"<<{name}>>", str(value))
    path.write_text(text)
    return path


def envoy_binary():
    return next(VENV.glob("lib/python*/site-packages/envoy/_bin/envoy"))


def versions(names):
    """The first line in which each of them names its version."""
    commands = {"haproxy": ["haproxy", "-v"], "nginx": ["nginx", "-v"], "envoy": [envoy_binary(), "--version"],
                "traefik": [VENV / "bin/traefik", "version"], "caddy": [VENV / "bin/caddy", "version"],
                "wrk": ["wrk", "-v"], "h2load": ["h2load", "--version"], "openssl": ["openssl", "version"]}
    found = {}
    for name in names:
        command = commands[name]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        # Envoy begins with its path, others end with when and by whom they were built.
        line = lines[0].removeprefix(str(command[0])).removeprefix(f"{name} ") if lines else "unknown"
        found[name] = " ".join(line.split()[:3])
    return found
