import Foundation
import Testing

extension EndToEnd {
    /// The router without a control plane, and what retention leaves.
    @Suite(.serialized) struct RouterAloneTests {
        @Test func aTableFileIsServed() throws {
            try World.with(serving: false) { world in
                let port = try Self.freePort(world)
                let instance = try Spawned(
                    ["python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1"],
                    environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"],
                    directory: world.tree, output: world.root + "/instance")
                defer {
                    instance.signal(SIGKILL)
                    _ = instance.wait(within: .seconds(5))
                }
                try "hello".write(toFile: world.tree + "/page", atomically: true, encoding: .utf8)
                let digest = "sha256:" + String(repeating: "a", count: 64)
                let table = """
                    {"services": [{"name": "site", "releases": [
                        {"digest": "\(digest)", "shareBasisPoints": 10000, "instances": [{"port": \(port)}]}]}]}
                    """
                try table.write(toFile: world.tree + "/table.json", atomically: true, encoding: .utf8)
                let router = try world.start(["router", "--table", "table.json", "--listen", "127.0.0.1:0"])
                #expect(Poll.until { router.output.contains("router on http://127.0.0.1:") }, "\(router.errors)")
                let own = try #require(
                    router.output.split(separator: ":").last.flatMap { UInt16($0.filter(\.isNumber)) })
                #expect(
                    Poll.until {
                        let reply = try? Connection(port: own).exchange("GET", "/page")
                        return reply?.status == 200 && reply?.text == "hello"
                            && reply?.headers["x-nonevent-release"] == String(repeating: "a", count: 12)
                    })
                router.signal(SIGTERM)
                #expect(router.wait(within: .seconds(20)) == 0)
            }
        }

        @Test func aTableFileWithMistakesIsRefused() throws {
            try World.with(serving: false) { world in
                try "{}".write(toFile: world.tree + "/table.json", atomically: true, encoding: .utf8)
                let bad = try world.run(
                    "router", "--table", "table.json", "--listen", "127.0.0.1:0", within: .seconds(20))
                #expect(bad.code == 65, "\(bad)")
                let missing = try world.run("router", "--table", "none.json", within: .seconds(20))
                #expect(missing.code == 65 && missing.err.contains("none.json"), "\(missing)")
            }
        }

        @Test func retentionKeepsWhatUndoNeeds() throws {
            try World.with { world in
                let plan = Plan(
                    steps: "[100%]", hold: "1s", soak: "1s", instances: 1, more: "retention: { releases: 1 }")
                var commits: [String] = []
                for version in 1...6 { commits.append(try world.deploy(Behaviour(version: "\(version)"), plan)) }
                struct Releases: Decodable {
                    struct Release: Decodable { var commit: String }
                    var releases: [Release]
                }
                func kept() throws -> [String] {
                    try world.json(Releases.self, "/api/v1/services/shop/releases").releases.map(\.commit)
                }
                #expect(Poll.until { (try? kept().contains(commits[0])) == false }, "the oldest is gone")
                let left = try kept()
                #expect(left.contains(commits[5]) && left.contains(commits[4]), "\(left)")
                #expect(try world.undo().toCommit == commits[4])
                #expect(world.version() == "5")
            }
        }

        /// A port that was free a moment ago.
        private static func freePort(_ world: World) throws -> Int {
            let script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
            return try #require(Int(try world.tool("python3", "-c", script)))
        }
    }
}
