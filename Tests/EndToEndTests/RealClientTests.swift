import Foundation
import Testing

extension EndToEnd {
    /// Clients and servers that are not ours, with the router between them.
    @Suite(.serialized) struct RealClientTests {
        private static let scripts = FileManager.default.currentDirectoryPath + "/Tests/Conformance/"

        private func python(_ world: World, _ script: String, _ words: String...) throws -> Spawned {
            try #require(FileManager.default.isExecutableFile(atPath: World.python), "run .ci/setup first")
            return try world.program([World.python, "-u", Self.scripts + script] + words)
        }

        /// Starts a server and a router before it.
        private func with(
            _ script: String, release: String = "", _ body: (World, Spawned, RouterAlone) throws -> Void
        ) throws {
            try World.with(serving: false) { world in
                let server = try python(world, script, "server", "0")
                defer { server.signal(SIGKILL) }
                let port = Poll.value(within: .seconds(60)) {
                    server.output.contains("ready")
                        ? server.output.split(separator: " ").last.flatMap { UInt16($0.filter(\.isNumber)) } : nil
                }
                let own = try #require(port, "\(server.errors)")
                try world.write(RouterAlone.table(own, release: release), to: "table.json")
                let router = try RouterAlone(
                    world,
                    [
                        "--listen", "127.0.0.1:0", "--table", "table.json", "--admin-socket", "admin.sock", "--state",
                        "state.json",
                    ])
                defer { router.end() }
                try body(world, server, router)
            }
        }

        @Test func webSockets() throws {
            try with("websocket_echo.py") { world, _, router in
                let client = try python(world, "websocket_echo.py", "client", "127.0.0.1:\(router.port)")
                #expect(client.wait(within: .seconds(120)) == 0, "\(client.output)\(client.errors)")
                #expect(client.output.contains("50 at once"))
            }
        }

        /// With the few open files that systems allow at first.
        @Test func tenThousandIdleConnections() throws {
            try World.with(serving: false) { world in
                try world.write("hello", to: "page")
                let (files, port) = try world.files()
                defer { files.signal(SIGKILL) }
                try world.write(RouterAlone.table(port), to: "table.json")
                let router = try RouterAlone(
                    world, ["--listen", "127.0.0.1:0", "--table", "table.json"], openFiles: 256)
                defer { router.end() }
                let client = try python(world, "idle_connections.py", "127.0.0.1:\(router.port)", "10000")
                #expect(client.wait(within: .seconds(180)) == 0, "\(client.output)\(client.errors)")
                #expect(client.output.contains("open 10000"))
            }
        }

        @Test func gRPC() throws {
            try with("grpc_echo.py", release: #", "protocol": "h2c""#) { world, _, router in
                let client = try python(world, "grpc_echo.py", "client", "127.0.0.1:\(router.port)")
                #expect(client.wait(within: .seconds(180)) == 0, "\(client.output)\(client.errors)")
                #expect(client.output.split(separator: "\n").count >= 14, "\(client.output)")
            }
        }

        /// From the commit to the client: readiness, checks and traffic by HTTP/2.
        @Test func aServiceOfGRPCIsDeployed() throws {
            try World.with { world in
                let script = Self.scripts + "grpc_echo.py"
                let plan = Plan(command: "[\"\(World.python)\", \"-u\", \"\(script)\", \"server\", \"$PORT\"]")
                try world.commit(Behaviour(), plan)
                let file = world.tree + "/nonevent.yaml"
                let text = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(
                    of: "  hosts: [\"shop.localhost\"]\n", with: "  protocol: h2c\n")
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                try world.commitAll("gRPC")
                let deploy = try world.run("deploy", "--wait", within: .seconds(120))
                #expect(deploy.code == 0, "\(deploy)")
                let port = try #require(world.trafficPort)
                let client = try python(world, "grpc_echo.py", "client", "127.0.0.1:\(port)")
                #expect(client.wait(within: .seconds(180)) == 0, "\(client.output)\(client.errors)")
            }
        }

        /// An open WebSocket goes on through a handover, until its time to end is over; the new router takes the rest.
        @Test func webSocketsAreDrainedAtAHandover() throws {
            try with("websocket_echo.py") { world, _, router in
                let lingering = try python(world, "websocket_echo.py", "linger", "127.0.0.1:\(router.port)")
                #expect(Poll.until(.seconds(60)) { lingering.output.contains("open") })
                let next = try RouterAlone(
                    world,
                    [
                        "--listen", "127.0.0.1:0", "--admin-socket", "admin.sock", "--state", "state.json",
                        "--takeover",
                    ])
                defer { next.end() }
                let began = ContinuousClock.now
                let client = try python(world, "websocket_echo.py", "client", "127.0.0.1:\(next.port)")
                #expect(client.wait(within: .seconds(120)) == 0, "\(client.output)\(client.errors)")
                #expect(router.process.wait(within: .seconds(120)) == 0, "\(router.process.errors)")
                #expect(began.duration(to: .now) > .seconds(15), "the WebSocket had less than its time")
                #expect(Poll.until(.seconds(30)) { lingering.output.contains("ended after") })
                let messages = lingering.output.split(separator: " ").compactMap { Int($0) }.first ?? 0
                #expect(messages > 20, "\(lingering.output)")
            }
        }
    }
}
