import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import TrafficRouter

struct HealthChecksTests {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    static let well = ScriptedServer.Script(pieces: ["HTTP/1.1 200 OK\r\n\r\n"])
    static let ill = ScriptedServer.Script(pieces: ["HTTP/1.1 503 x\r\n\r\n"])

    /// The checks of one or more event loops, and what they published.
    final class Bench: Sendable {
        let published = NIOLockedValueBox<[String]>([])
        private let loops: [NIOLoopBoundBox<HealthChecks?>]
        private let workers: Int

        init(workers: Int = 1, on group: MultiThreadedEventLoopGroup = HealthChecksTests.group) async throws {
            self.workers = workers
            var loops: [NIOLoopBoundBox<HealthChecks?>] = []
            for index in 0..<workers {
                let loop = group.next()
                loops.append(
                    try await loop.submit { [published] in
                        let checks = HealthChecks(
                            worker: Worker(eventLoop: loop, limits: .init(), index: index, workerCount: workers)
                        ) {
                            key, isWell in
                            published.withLockedValue { $0.append("\(key.id) \(isWell ? "well" : "ill")") }
                        }
                        return NIOLoopBoundBox(checks, eventLoop: loop)
                    }.get())
            }
            self.loops = loops
        }

        func update(_ table: RouteTable) async throws {
            for box in loops { try await box.eventLoop.submit { box.value?.update(table: table) }.get() }
        }

        func stop() async throws {
            for box in loops {
                try await box.eventLoop.submit {
                    box.value?.stop()
                    box.value = nil
                }.get()
            }
        }
    }

    static func table(
        _ ports: [Int], path: String = "/healthz", timeout: Duration = .seconds(5)
    ) throws -> RouteTable {
        let instances = ports.enumerated().map { RoutedInstance(id: "i\($0)", port: $1) }
        let release = RoutedRelease(
            digest: try Sample.digest("a"), shareBasisPoints: .all, healthPath: path, instances: instances)
        var service = RoutedService(name: try Sample.name(), releases: [release])
        service.health.active.interval = .milliseconds(20)
        service.health.active.timeout = timeout
        return RouteTable(generation: 1, services: [service])
    }

    @Test func tellsWhenAnInstanceFallsIllAndGetsWell() async throws {
        let server = try await ScriptedServer.start(Self.well, on: Self.group)
        let bench = try await Bench()
        try await bench.update(Self.table([server.port]))
        try await eventually("the news") { bench.published.withLockedValue { $0 } == ["i0 well"] }
        server.script.withLockedValue { $0 = Self.ill }
        try await eventually("the news") { bench.published.withLockedValue { $0 } == ["i0 well", "i0 ill"] }
        server.script.withLockedValue { $0 = Self.well }
        try await eventually("the news") { bench.published.withLockedValue { $0 } == ["i0 well", "i0 ill", "i0 well"] }
        try await bench.stop()
        await server.stop()
    }

    @Test func anotherPathKeepsWhatIsKnown() async throws {
        let server = try await ScriptedServer.start(Self.ill, on: Self.group)
        let bench = try await Bench()
        try await bench.update(Self.table([server.port]))
        try await eventually("the news") { bench.published.withLockedValue { $0.last } == "i0 ill" }
        try await bench.update(Self.table([server.port], path: "/other"))
        try await eventually("the checks") {
            server.seen.withLockedValue { $0.requests.last?.hasPrefix("GET /other ") == true }
        }
        #expect(bench.published.withLockedValue { $0.last } == "i0 ill")
        server.script.withLockedValue { $0 = Self.well }
        try await eventually("the news") { bench.published.withLockedValue { $0.last } == "i0 well" }
        try await bench.stop()
        await server.stop()
    }

    @Test func whatLeftTheTableIsCheckedNoMore() async throws {
        let servers = try await [
            ScriptedServer.start(Self.well, on: Self.group), ScriptedServer.start(Self.well, on: Self.group),
        ]
        let bench = try await Bench()
        try await bench.update(Self.table(servers.map(\.port)))
        try await eventually("the checks") { servers.allSatisfy { $0.seen.withLockedValue { $0.connections } > 2 } }
        try await bench.update(Self.table([servers[0].port]))
        try await eventually("the end of the connections") { servers[1].seen.withLockedValue { $0.open } == 0 }
        let counts = servers.map { $0.seen.withLockedValue { $0.connections } }
        try await eventually("the checks") { servers[0].seen.withLockedValue { $0.connections } > counts[0] + 5 }
        #expect(servers[1].seen.withLockedValue { $0.connections } <= counts[1] + 1)
        try await bench.stop()
        for server in servers { await server.stop() }
    }

    @Test func neverTwoChecksOfAnInstanceAtATime() async throws {
        // On one thread, so that the server learns of an end before of what follows it.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await ScriptedServer.start(.init(closes: false), on: group)
        let bench = try await Bench(on: group)
        try await bench.update(Self.table([server.port], timeout: .milliseconds(100)))
        try await eventually("the news") { bench.published.withLockedValue { $0.last } == "i0 ill" }
        // The one that is over may still be closing when the next connects.
        #expect(server.seen.withLockedValue { $0.mostOpen } <= 2)
        try await bench.stop()
        await server.stop()
        try await group.shutdownGracefully()
    }

    @Test func oneLoopIsInChargeOfEachInstance() async throws {
        var servers: [ScriptedServer] = []
        for _ in 0..<8 { servers.append(try await ScriptedServer.start(Self.well, on: Self.group)) }
        let bench = try await Bench(workers: 2)
        try await bench.update(Self.table(servers.map(\.port)))
        try await eventually("the news") { bench.published.withLockedValue { $0.count } >= 8 }
        #expect(bench.published.withLockedValue { $0.sorted() } == (0..<8).map { "i\($0) well" })
        try await bench.stop()
        for server in servers { await server.stop() }
    }

    @Test func nothingIsCheckedAfterTheStop() async throws {
        let server = try await ScriptedServer.start(Self.well, on: Self.group)
        let bench = try await Bench()
        try await bench.update(Self.table([server.port]))
        try await eventually("the checks") { server.seen.withLockedValue { $0.connections } > 1 }
        try await bench.stop()
        try await eventually("the end of the connections") { server.seen.withLockedValue { $0.open } == 0 }
        let count = server.seen.withLockedValue { $0.connections }
        try await Task.sleep(for: .milliseconds(100))
        // One may have been connecting when it stopped; five intervals have passed since.
        #expect(server.seen.withLockedValue { $0.connections } <= count + 1)
        await server.stop()
    }
}
