import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// `serve` replaces its own router, and nobody notices.
    @Suite(.serialized) struct ServeTakeoverTests {
        /// The same program, but another build.
        private func otherBinary(_ world: World, _ name: String = "nonevent-next") throws -> String {
            let path = world.root + "/" + name
            try world.tool("cp", World.binary, path)
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data([0]))
            try file.close()
            return path
        }

        private func executable(_ pid: Int32) -> String? {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
        }

        /// One router is left, under one shim, and it is the one that the control plane talks to.
        private func expectOneRouter(_ world: World, _ why: String) {
            let isAlone = Poll.until(.seconds(60)) {
                world.routers().map(\.pid) == [world.routerPid ?? 0] && world.routerShims().count == 1
            }
            #expect(isAlone, "\(why): \((world.routers() + world.routerShims()).map { "\($0.pid) \($0.command)" })")
        }

        private func tlsPort(_ world: World) throws -> Int {
            struct Stats: Decodable {
                struct Status: Decodable { var tlsPort: Int }
                var status: Status
            }
            let stats = try world.run("router", "stats", "--json").out
            return try JSONDecoder().decode(Stats.self, from: Data(stats.utf8)).status.tlsPort
        }

        @Test func otherOptionsAreTakenWithoutALostRequest() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one", slowSmoke: 4))
                let load = try world.load(perSecond: 200, people: 8)
                let port = world.trafficPort
                var pid = try #require(world.routerPid)
                // A request that is under way all the time stays where it is.
                let slow = try Connection(port: try #require(port), timeout: 60)
                try slow.send("GET", "/smoke", headers: ["host": "shop.localhost"])
                world.endControl()
                try world.serve(["--tls", "127.0.0.1:0"])
                #expect(try #require(world.routerPid) != pid && world.trafficPort == port)
                pid = try #require(world.routerPid)
                #expect(try tlsPort(world) > 0)
                #expect(try slow.receive(hasBody: true).status == 200)
                expectOneRouter(world, "TLS")
                // The same options once more: nothing to do.
                world.endControl()
                try world.serve(["--tls", "127.0.0.1:0"])
                #expect(world.routerPid == pid)
                world.endControl()
                try world.serve()
                #expect(try #require(world.routerPid) != pid && tlsPort(world) == 0)
                expectOneRouter(world, "no TLS")
                // The new one's shim keeps it.
                pid = try #require(world.routerPid)
                let before = load.now.requests
                #expect(Poll.until(.seconds(30)) { load.now.requests > before + 100 })
                let seen = load.end()
                #expect(seen.failed == 0 && seen.requests > 300, "\(seen)")
                #expect(kill(pid, SIGKILL) == 0)
                #expect(Poll.until(.seconds(20)) { world.version() == "one" })
                try world.deploy(Behaviour(version: "two"))
                #expect(world.version() == "two", "tables arrive")
            }
        }

        @Test func anotherBinaryTakesOverAndAnUndoReachesTheOldRouterToo() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two", slowSmoke: 6))
                let next = try otherBinary(world)
                let load = try world.load(perSecond: 200, people: 8)
                let old = try #require(world.routerPid)
                let slow = try Connection(port: try #require(world.trafficPort), timeout: 60)
                try slow.send("GET", "/smoke", headers: ["host": "shop.localhost"])
                world.endControl()
                try world.serve(by: next)
                let pid = try #require(world.routerPid)
                #expect(pid != old && executable(pid) == next)
                #expect(world.routers().contains { $0.pid == old }, "it drains: a request is under way")
                #expect(try world.undo().changed)
                // All that began before has been answered once everybody has asked again.
                let begun = load.now.requests
                #expect(Poll.until(.seconds(30)) { load.now.requests > begun + 80 })
                let two = try world.history().first?.candidate ?? ""
                func ofTwo() -> Int {
                    load.now.byRelease.filter { two.contains($0.key) }.values.reduce(0, +)
                }
                let counted = ofTwo()
                #expect(counted > 0, "\(two) \(load.now.byRelease)")
                #expect(Poll.until(.seconds(30)) { load.now.requests > begun + 300 })
                #expect(ofTwo() == counted)
                #expect(try slow.receive(hasBody: true).status == 200)
                let seen = load.end()
                #expect(seen.failed == 0, "\(seen)")
                expectOneRouter(world, "another binary")
                #expect(world.version() == "one")
            }
        }

        /// The control plane is killed at different moments of the handover; the next one brings it to its end.
        @Test func aKillInTheMiddleIsRecovered() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let binaries = [try otherBinary(world), World.binary]
                let load = try world.load(perSecond: 100, people: 4)
                for (round, delay) in [0, 30_000, 120_000, 400_000].enumerated() {
                    let binary = binaries[round % 2]
                    let slots = try self.slots(world)
                    world.endControl()
                    let process = try world.begin(by: binary)
                    #expect(Poll.until(.seconds(30)) { (try? self.slots(world) != slots) ?? false }, "no new router")
                    usleep(UInt32(delay))
                    process.signal(SIGKILL)
                    _ = process.wait(within: .seconds(10))
                    try world.serve(by: binary)
                    let pid = try #require(world.routerPid)
                    #expect(executable(pid) == binary, "round \(round)")
                    expectOneRouter(world, "round \(round)")
                }
                let seen = load.end()
                #expect(seen.failed == 0 && seen.requests > 100, "\(seen)")
                #expect(world.version() == "one")
            }
        }

        /// What a crash costs: answers that were under way. Whoever comes afterwards waits an instant and is served.
        @Test func aCrashRefusesNobody() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let (people, crashes) = (8, 4)
                let load = try world.load(perSecond: 400, people: people, keepsConnections: false)
                func crash() throws {
                    let pid = try #require(world.routerPid)
                    #expect(kill(pid, SIGKILL) == 0)
                    #expect(Poll.until(.seconds(30)) { !world.routers().contains { $0.pid == pid } })
                    // Came while there was no router, or while the next one begins.
                    let begun = load.now.requests
                    #expect(Poll.until(.seconds(30)) { load.now.requests > begun + 200 })
                    #expect(Poll.until(.seconds(30)) { world.routerPid ?? pid != pid })
                }
                for _ in 0..<crashes - 1 { try crash() }
                // One that has taken over, under a shim of its own, is as safe.
                world.endControl()
                try world.serve(["--workers", "1"])
                expectOneRouter(world, "other options")
                try crash()
                let seen = load.end()
                #expect(seen.failures["refused", default: 0] == 0, "\(seen)")
                #expect(seen.failed <= people * crashes && seen.requests > 800, "\(seen)")
                // Stopped on purpose, it holds nobody back.
                let port = try #require(world.trafficPort)
                try world.run("serve", "--stop")
                #expect(throws: Connection.Failure.self) { try Connection(port: port) }
            }
        }

        private func slots(_ world: World) throws -> Set<String> {
            Set(
                try FileManager.default.contentsOfDirectory(atPath: world.data + "/router").filter {
                    FileManager.default.fileExists(atPath: world.data + "/router/\($0)/plan.json")
                })
        }

        @Test func aRouterThatCannotStartLeavesTheOldOneAndIsTold() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load(perSecond: 100, people: 4)
                let pid = try #require(world.routerPid)
                world.endControl()
                // The control API's own port of before is free; this one is the router's.
                let taken = try #require(world.trafficPort)
                try world.serve(["--tls", "127.0.0.1:\(taken)"])
                #expect(world.routerPid == pid)
                let warnings = try world.status().warnings.joined(separator: "\n")
                #expect(warnings.contains("goes on with") && warnings.contains("\(taken)"), "\(warnings)")
                expectOneRouter(world, "the old one")
                try world.deploy(Behaviour(version: "two"))
                world.endControl()
                try world.serve(["--tls", "127.0.0.1:0"])
                #expect(try tlsPort(world) > 0 && world.status().warnings.isEmpty)
                let seen = load.end()
                #expect(seen.failed == 0, "\(seen)")
                expectOneRouter(world, "the new one")
            }
        }

        @Test func stopEndsBothRoutersInTheMiddle() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one", slowSmoke: 20))
                let slow = try Connection(port: try #require(world.trafficPort), timeout: 60)
                try slow.send("GET", "/smoke", headers: ["host": "shop.localhost"])
                world.endControl()
                try world.serve(["--tls", "127.0.0.1:0"])
                #expect(world.routers().count == 2, "the old one still drains")
                let stop = try world.run("serve", "--stop", within: .seconds(60))
                #expect(stop.code == 0, "\(stop)")
                #expect(Poll.until(.seconds(20)) { world.routers().isEmpty && world.routerShims().isEmpty })
            }
        }
    }
}
