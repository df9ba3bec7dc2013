import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import TrafficRouter

/// The router's own checks of instances, over real sockets and on several event loops.
@Suite(.timeLimit(.minutes(2)))
struct ActiveHealthRoutingTests {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    static func policy() -> HealthPolicy {
        HealthBench.policy {
            $0.active.path = "/healthz"
            $0.active.interval = .milliseconds(100)
            $0.active.timeout = .seconds(20)
        }
    }

    /// The shortest interval that a table may have, and a timeout that a busy machine keeps.
    static func table(_ servers: [ScriptedServer]) throws -> RouteTable {
        var table = try HealthChecksTests.table(servers.map(\.port), timeout: .seconds(20))
        table.services[0].health.active.interval = .milliseconds(100)
        return table
    }

    @Test func aFailingPathTakesAnInstanceOutUntilItIsGood() async throws {
        var policy = Self.policy()
        policy.active.healthyAfter = 3
        policy.active.unhealthyAfter = 3
        try await HealthBench.run(["one", "two"], policy, workers: 2) { router, client, instances in
            instances[0].isWell(false)
            try await eventually("the ill one") { try await router.health().conditions["one"] == .unhealthy }
            #expect(try await client.answers(20) == ["two": 20])
            var health = try await router.health()
            #expect(health.ejected == ["checks": 1] && health.instancesOut == 1)
            #expect(health.checks["failed", default: 0] >= 3)
            instances[0].isWell(true)
            try await eventually("the well one") { try await router.health().conditions["one"] == .healthy }
            health = try await router.health()
            #expect(health.returned == 1 && health.checks["passed", default: 0] >= 3)
            // It is its turn first, as it was served less.
            let answers = try await client.answers(20)
            #expect((10...11).contains(answers["one", default: 0]), "\(answers)")
        }
    }

    @Test func theAdminSocketTellsHowInstancesAre() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let socket = directory + "/admin.sock"
            try await withRouter(try HealthBench.table(1, Self.policy(), [instance]), admin: socket) { _ in
                let admin = try await TestClient.connect(unix: socket)
                let digest = String(repeating: "a", count: 64)
                #expect(try await admin.get("/health").text.contains("\(digest)\":{\"one\":\"healthy\"}"))
                instance.isWell(false)
                try await eventually("the ill one") {
                    try await admin.get("/health").text.contains("\"one\":\"unhealthy\"")
                }
                await admin.close()
            }
        }
        await instance.stop()
    }

    @Test func allLoopsFollowTheOneThatChecks() async throws {
        try await HealthBench.run(["one", "two"], Self.policy(), workers: 3) { router, _, instances in
            instances[0].isWell(false)
            try await eventually("the ill one") { try await router.health().ejected["checks"] == 1 }
            // The news went to every loop before the measures did.
            for _ in 0..<6 {
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.answers(10) == ["two": 10])
                await client.close()
            }
        }
    }

    @Test func aNewInstanceBesideOthersStartsSlowly() async throws {
        let (one, two) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        let policy = HealthBench.policy { $0.slowStart = .seconds(3_600) }
        try await withRouter(try HealthBench.table(1, policy, [one]), workers: 1) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            #expect(try await client.answers(5) == ["one": 5])
            try await router.apply(try HealthBench.table(2, policy, [one, two]))
            #expect(try await router.health().conditions == ["one": .healthy, "two": .slowStart])
            let answers = try await client.answers(110)
            #expect((5...20).contains(answers["two", default: 0]), "\(answers)")
            // What is known stays with another table.
            try await router.apply(try HealthBench.table(3, policy, [one, two]))
            #expect(try await router.health().conditions == ["one": .healthy, "two": .slowStart])
            await client.close()
        }
        await one.stop()
        await two.stop()
    }

    @Test func instancesThatComeTogetherStartAtOnce() async throws {
        let policy = HealthBench.policy { $0.slowStart = .seconds(3_600) }
        try await HealthBench.run(["one", "two"], policy) { router, client, _ in
            let (health, answers) = (try await router.health(), try await client.answers(40))
            #expect(health.conditions == ["one": .healthy, "two": .healthy])
            #expect(answers == ["one": 20, "two": 20])
        }
    }

    @Test func withFewWellOnesAllServe() async throws {
        try await HealthBench.run(["1", "2", "3", "4"], Self.policy()) { router, client, instances in
            for instance in instances.dropLast(2) { instance.isWell(false) }
            try await eventually("two ill ones") { try await router.health().instancesOut == 2 }
            #expect(try await router.health().isInPanic == 0)
            #expect(try await client.answers(20) == ["3": 10, "4": 10])
            instances[2].isWell(false)
            try await eventually("three ill ones") { try await router.health().instancesOut == 3 }
            #expect(try await router.health().isInPanic == 1)
            #expect(try await client.answers(40).keys.sorted() == ["1", "2", "3", "4"])
        }
    }

    @Test func aHundredInstancesAreEachCheckedByOneLoop() async throws {
        var servers: [ScriptedServer] = []
        for _ in 0..<100 { servers.append(try await ScriptedServer.start(HealthChecksTests.well, on: Self.group)) }
        var table = try Self.table(servers)
        table.services[0].health.active.interval = .seconds(1)
        let begun = NIODeadline.now()
        try await withRouter(table, workers: 4) { router in
            try await eventually("three checks of each") {
                servers.allSatisfy { $0.seen.withLockedValue { $0.connections } >= 3 }
            }
            let elapsed = NIODeadline.now() - begun
            // The first may come at once, each later one after 0.9 s at the soonest.
            let most = 1 + Int(elapsed.nanoseconds / 900_000_000)
            for server in servers { #expect(server.seen.withLockedValue { $0.connections } <= most) }
            let firsts = servers.compactMap { $0.seen.withLockedValue { $0.times.first } }.sorted()
            let (first, last) = (try #require(firsts.first), try #require(firsts.last))
            #expect(last - first > .milliseconds(500), "the first checks are spread over the interval")
            #expect(try await router.health().checks["passed", default: 0] >= 300)
            #expect(try await router.health().checks["failed"] == nil)
        }
        for server in servers { await server.stop() }
    }

    @Test func checksEndWhenAnInstanceLeavesTheTable() async throws {
        let servers = try await [
            ScriptedServer.start(HealthChecksTests.well, on: Self.group),
            ScriptedServer.start(HealthChecksTests.well, on: Self.group),
        ]
        let table = try Self.table(servers)
        try await withRouter(table) { router in
            try await eventually("the checks") { servers.allSatisfy { $0.seen.withLockedValue { $0.connections } > 2 } }
            var next = try Self.table([servers[0]])
            next.generation = 2
            try await router.apply(next)
            try await eventually("the end of the connections") { servers[1].seen.withLockedValue { $0.open } == 0 }
            let counts = servers.map { $0.seen.withLockedValue { $0.connections } }
            try await eventually("the checks") { servers[0].seen.withLockedValue { $0.connections } > counts[0] + 5 }
            // One may have been connecting.
            #expect(servers[1].seen.withLockedValue { $0.connections } <= counts[1] + 1)
        }
        for server in servers { await server.stop() }
    }

    @Test func intervalsAreNeverShorterThanTheirJitterAllows() async throws {
        let server = try await ScriptedServer.start(HealthChecksTests.well, on: Self.group)
        var table = try Self.table([server])
        table.services[0].health.active.interval = .milliseconds(200)
        table.services[0].health.active.jitterBasisPoints = Share(clamping: 5_000)
        try await withRouter(table) { _ in
            try await eventually("checks") { server.seen.withLockedValue { $0.connections } >= 12 }
        }
        let times = server.seen.withLockedValue { $0.times }
        // A check that comes late does not put off the next, so only the whole is told, and a little is left for it.
        #expect(times[11] - times[0] >= .milliseconds(11 * 100 - 50))
        await server.stop()
    }

    @Test func h2cInstancesMustGreet() async throws {
        let settings = ScriptedServer.Script(pieces: ["\0\0\0\u{4}\0\0\0\0\0"], closes: false)
        let servers = try await [
            ScriptedServer.start(settings, on: Self.group),
            ScriptedServer.start(.init(pieces: ["HTTP/1.1 400 Bad Request\r\n\r\n"]), on: Self.group),
        ]
        var table = try Self.table(servers)
        table.services[0].releases[0].instanceProtocol = .h2c
        try await withRouter(table) { router in
            try await eventually("the check") {
                try await router.health().conditions == ["i0": .healthy, "i1": .unhealthy]
            }
        }
        for server in servers { await server.stop() }
    }
}
