import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from greeting import greeting

with open(os.path.join(os.environ["NONEVENT_CONFIG"], "greeting.txt"), encoding="utf-8") as file:
    TEXT = file.read()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = "" if self.path == "/healthz" else self.path.lstrip("/")
        body = greeting(TEXT, name).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
