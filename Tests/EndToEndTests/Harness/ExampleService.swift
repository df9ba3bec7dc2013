import Foundation

/// How the example service behaves; its configuration file.
struct Behaviour: Codable {
    var version = "1"
    /// Part of requests that answer 500, per cent.
    var failing = 0
    var ready = true
    /// Seconds before it listens; negative: it never does.
    var late = 0.0
    var exits = false
    var ignoresTerm = false
    var children = 0
    /// Smoke check path answers 500.
    var smokes = true
    /// Seconds until the smoke check answers.
    var slowSmoke = 0.0
}

/// The service file's parts that tests vary.
struct Plan {
    var name = "shop"
    var steps = "[20%, 100%]"
    var hold = "1s"
    var soak = "1s"
    var keepWarm = "1h"
    var instances = 2
    var within = "20s"
    var grace = "3s"
    var command = #"["python3", "./server.py"]"#
    var more = ""

    var yaml: String {
        """
        service: \(name)
        run:
          command: \(command)
          instances: \(instances)
          ready: { path: /healthz, within: \(within) }
          stop: { grace: \(grace) }
        artifact:
          include: ["server.py"]
          config: ["behaviour.json"]
        route:
          hosts: ["\(name).localhost"]
        rollout:
          steps: \(steps)
          hold: \(hold)
          soak: \(soak)
          undo: { keepWarm: \(keepWarm) }
        slo: { availability: 99.9% }
        \(more)
        """ + "\n"
    }
}

extension World {
    /// Writes the service's files and commits them.
    /// - Returns: the commit.
    @discardableResult
    func commit(_ behaviour: Behaviour = .init(), _ plan: Plan = .init()) throws -> String {
        try Self.program.write(toFile: tree + "/server.py", atomically: true, encoding: .utf8)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(behaviour).write(to: URL(filePath: tree + "/behaviour.json"))
        try plan.yaml.write(toFile: tree + "/nonevent.yaml", atomically: true, encoding: .utf8)
        return try commitAll("version \(behaviour.version)")
    }

    @discardableResult
    func commitAll(_ message: String) throws -> String {
        if !FileManager.default.fileExists(atPath: tree + "/.git") {
            try tool("git", "init", "-q", "-b", "main")
        }
        try tool("git", "add", "-A")
        try tool(
            "git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q", "--allow-empty", "-m",
            message)
        return try tool("git", "rev-parse", "HEAD")
    }

    /// Commits and deploys to the end; fails the test if it does not complete.
    @discardableResult
    func deploy(_ behaviour: Behaviour, _ plan: Plan = .init()) throws -> String {
        let commit = try commit(behaviour, plan)
        // Without requests the judge has nothing to judge, and holds.
        let light = try load(plan.name, perSecond: 40)
        defer { light.end() }
        let outcome = try run("deploy", "--wait")
        guard outcome.code == 0 else { throw Trouble(description: "deploy \(behaviour.version): \(outcome)") }
        return commit
    }

    func load(_ name: String = "shop", perSecond: Int = 100) throws -> SteadyLoad {
        guard let port = trafficPort else { throw Trouble(description: "no traffic port") }
        return SteadyLoad(port: port, host: "\(name).localhost", perSecond: perSecond)
    }

    /// What a visitor gets.
    func visit(_ name: String = "shop", _ path: String = "/page", headers: [String: String] = [:]) throws -> Reply {
        guard let port = trafficPort else { throw Trouble(description: "no traffic port") }
        var all = headers
        all["host"] = "\(name).localhost"
        return try Connection(port: port).exchange("GET", path, headers: all)
    }

    /// The version that answers, or what went wrong.
    func version(_ name: String = "shop") -> String {
        do {
            let reply = try visit(name)
            return reply.status == 200 ? reply.text : "status \(reply.status)"
        } catch {
            return "\(error)"
        }
    }

    private static let program = """
        import json, os, signal, subprocess, sys, threading, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        conf = json.load(open(os.environ["NONEVENT_CONFIG"] + "/behaviour.json"))
        print("version", conf["version"], "starts on", os.environ["PORT"], flush=True)
        if conf["exits"]: sys.exit("told to exit at once")
        for _ in range(conf["children"]): subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        state = {"busy": 0, "count": 0, "bad": 0, "ending": False}
        lock = threading.Lock()

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
                else:
                    with lock:
                        state["count"] += 1
                        if state["count"] * conf["failing"] // 100 > state["bad"]:
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
        Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """ + "\n"
}
