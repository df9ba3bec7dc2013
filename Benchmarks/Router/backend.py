"""The instances behind every proxy: one nginx worker that listens on several ports; and the certificate."""

import subprocess

import rig

# The body says which release answered, so that a client needs no proxy's own marks.
BASELINE, CANDIDATE = "one", "two"
SMALL = "{mark} says that all is well here"
LARGE_BYTES = 64 * 1024
CHUNK_BYTES = 2048
HOST = "bench.localhost"

# Posts: only `mirror` makes nginx read the whole body before it answers, as an application would.
# Chunks: `add_*_body` makes a body of unknown length in three parts, `postpone_output` sends them in one write.
SERVER = """
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {files};
        location = / {{ return 200 "{small}"; }}
        location = /healthz {{ return 200 "{mark}"; }}
        location = /large {{ }}
        location = /chunked {{ add_before_body /part; add_after_body /part; }}
        location = /part {{ internal; }}
        location = /post {{ mirror /drop; error_page 405 =200 /; }}
        location = /drop {{ internal; return 204; }}
    }}"""

# Candidates that are ill for people, though not for a health check.
FAILING = """
    server {{
        listen 127.0.0.1:{port};
        location = /healthz {{ return 200 "{mark}"; }}
        location / {{ return {status} {text}; }}
    }}"""

CONFIGURATION = """
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/log crit;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    default_type text/html;
    keepalive_requests 1000000000;
    keepalive_timeout 3600;
    client_body_buffer_size 64k;
    client_header_buffer_size 4k;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    sendfile on;
    tcp_nopush on;
    open_file_cache max=16;
    postpone_output 8000;
{servers}
}}
"""


class Backend:
    """Ports `one` and `two` for the two releases, `broken` (503) and `rude` (closes without an answer)."""

    def __init__(self, place):
        folder = place.folder("backend")
        files = folder / "files"
        files.mkdir()
        for name, size in [("large", LARGE_BYTES), ("chunked", CHUNK_BYTES), ("part", CHUNK_BYTES), ("post", 1)]:
            (files / name).write_bytes(b"x" * size)
        self.one, self.two, self.broken, self.rude = (place.port() for _ in range(4))
        servers = [SERVER.format(port=port, files=files, mark=mark, small=SMALL.format(mark=mark))
                   for port, mark in [(self.one, BASELINE), (self.two, CANDIDATE)]]
        servers.append(FAILING.format(port=self.broken, mark=CANDIDATE, status=503, text='"broken"'))
        servers.append(FAILING.format(port=self.rude, mark=CANDIDATE, status=444, text=""))
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, servers="".join(servers)))
        self.program = rig.Program("the backend", ["nginx", "-c", configuration, "-e", folder / "log"],
                                   rig.BACKEND_CORE, folder)
        self.program.await_port(self.one)

    def stop(self):
        self.program.stop()


class Certificate:
    """A self-signed one with a P-256 key, as most sites have today."""

    def __init__(self, place):
        folder = place.folder("tls")
        self.chain, self.key, self.both = folder / "chain.pem", folder / "key.pem", folder / "both.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1",
             "-keyout", self.key, "-out", self.chain], check=True, capture_output=True)
        self.both.write_bytes(self.chain.read_bytes() + self.key.read_bytes())
