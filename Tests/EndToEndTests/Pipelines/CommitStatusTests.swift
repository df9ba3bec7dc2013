import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct CommitStatusTests {
        /// Answers as GitHub does, and writes down what it was told.
        private static let forge = """
            import http.server, json, sys
            class Forge(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["content-length"])).decode()
                    with open(sys.argv[1] + "/told", "a") as file:
                        file.write(self.path + " " + self.headers["authorization"] + " " + body + "\\n")
                    self.send_response(201)
                    self.send_header("content-length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")
                def log_message(self, *arguments): pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forge)
            with open(sys.argv[1] + "/port", "w") as file: file.write(str(server.server_port) + "\\n")
            server.serve_forever()
            """

        @Test func theForgeIsToldOfEachRun() throws {
            try World.with { world in
                try Self.forge.write(toFile: world.root + "/forge.py", atomically: true, encoding: .utf8)
                let forge = try world.program(["python3", world.root + "/forge.py", world.root])
                defer { forge.signal(SIGKILL) }
                let port = try #require(
                    Poll.value(within: .seconds(20)) {
                        (try? String(contentsOfFile: world.root + "/port", encoding: .utf8)).flatMap {
                            $0.hasSuffix("\n") ? $0.dropLast() : nil
                        }
                    })
                try world.secret("FORGE_TOKEN", "token-of-the-forge")
                let bare = try world.bare()
                let added = try world.run(
                    "pipeline", "repositories", "add", "shop", bare, "--poll", "1", "--status", "github",
                    "--status-url", "http://127.0.0.1:\(port)", "--status-project", "team/shop", "--status-token",
                    "FORGE_TOKEN")
                #expect(added.code == 0, "\(added)")
                let failing = #"{ stages: [ { name: unit, run: "exit 3" } ] }"#
                let red = try world.commit(Behaviour(version: "one"), .quick(pipeline: failing))
                try world.push(to: bare)
                func told(_ commit: String, _ state: String) -> Bool {
                    let lines = (try? String(contentsOfFile: world.root + "/told", encoding: .utf8)) ?? ""
                    return lines.split(separator: "\n").contains { line in
                        line.hasPrefix("/repos/team/shop/statuses/\(commit) Bearer token-of-the-forge ")
                            && line.contains("\"state\":\"\(state)\"") && line.contains("nonevent/shop")
                    }
                }
                #expect(Poll.until(.seconds(60)) { told(red, "failure") })
                #expect(told(red, "pending"))
                // Without a run there is nobody else to say it.
                try "service: shop\nrun: [".write(
                    toFile: world.tree + "/nonevent.yaml", atomically: true, encoding: .utf8)
                let broken = try world.commitAll("a mistake")
                try world.push(to: bare)
                func toldOfMistake() -> Bool {
                    let lines = (try? String(contentsOfFile: world.root + "/told", encoding: .utf8)) ?? ""
                    return lines.split(separator: "\n").contains { line in
                        line.hasPrefix("/repos/team/shop/statuses/\(broken) ") && line.contains("\"state\":\"error\"")
                            && line.contains("nonevent.yaml")
                    }
                }
                #expect(Poll.until(.seconds(60), toldOfMistake))
                let green = try world.commit(Behaviour(version: "two"), .quick())
                try world.push(to: bare)
                #expect(Poll.until(.seconds(60)) { told(green, "success") })
            }
        }
    }
}
