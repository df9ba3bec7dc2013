extension World {
    /// The example service's program; its behaviour comes from its configuration file.
    static let program = """
        import json, os, random, signal, subprocess, sys, threading, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        conf = json.load(open(os.environ["NONEVENT_CONFIG"] + "/behaviour.json"))
        print("version", conf["version"], "starts on", os.environ["PORT"], flush=True)
        if conf["exits"]: sys.exit("told to exit at once")
        for _ in range(conf["children"]): subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        state = {"busy": 0, "count": 0, "risky": 0, "bad": 0, "ending": False}
        lock = threading.Lock()

        def metrics():
            label = '{release="%s"}' % os.environ["NONEVENT_RELEASE"]
            return (
                "# TYPE orders_total counter\\norders_total%s %d\\n" % (label, state["count"] * conf["orders"] // 100)
                + "# TYPE memory_bytes gauge\\nmemory_bytes%s %f\\n"
                % (label, conf["memory"] * random.uniform(0.95, 1.05)))

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536
            disable_nagle_algorithm = True
            def log_message(self, *args): pass
            def do_GET(self):
                with lock: state["busy"] += 1
                try: self.answer()
                finally:
                    self.wfile.flush()
                    with lock: state["busy"] -= 1
            def answer(self):
                status, body = 200, conf["version"]
                if self.path == "/healthz":
                    if not conf["ready"]: status, body = 503, "not ready"
                elif self.path == "/smoke":
                    time.sleep(conf["slowSmoke"])
                    if not conf["smokes"]: status, body = 500, "smoke"
                elif self.path == "/metrics": body = metrics()
                else:
                    while conf["hangs"]: time.sleep(1)
                    if conf["delay"]: time.sleep(conf["delay"] / 1000 * random.uniform(0.75, 1.25))
                    if conf["deaf"] and not state["ending"]:
                        state["ending"] = True
                        threading.Thread(target=server.shutdown).start()
                    with lock:
                        state["count"] += 1
                        if not conf["spoiledBy"] or os.path.exists(conf["spoiledBy"]): state["risky"] += 1
                        if state["risky"] * conf["failing"] // 100 > state["bad"]:
                            state["bad"] += 1
                            status, body = 500, "bad"
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                if state["ending"]: self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(body.encode())

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

        def end(*_):
            if conf["ignoresTerm"]: return
            state["ending"] = True
            def finish():
                while state["busy"]: time.sleep(0.01)
                os._exit(0)
            threading.Thread(target=finish).start()

        signal.signal(signal.SIGTERM, end)
        if conf["late"] < 0:
            while not state["ending"]: time.sleep(0.05)
            os._exit(0)
        time.sleep(conf["late"])
        server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
        server.serve_forever()
        server.server_close()
        while True: time.sleep(1)
        """ + "\n"
}
