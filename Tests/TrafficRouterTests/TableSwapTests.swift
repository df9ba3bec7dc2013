import DeliveryModel
import NIOConcurrencyHelpers
import Testing

@testable import TrafficRouter

/// Tables change under load, and no request notices.
@Suite(.timeLimit(.minutes(3)))
struct TableSwapTests {
    @Test func swappingUnderLoadLosesNoRequest() async throws {
        let pairs = [
            [try await TestInstance.start("a1"), try await TestInstance.start("a2")],
            [try await TestInstance.start("b1"), try await TestInstance.start("b2")],
        ]
        func table(_ generation: UInt64) throws -> RouteTable {
            // Shares move, releases come and go, and each release changes its instances.
            let share = Int(generation * 2_500 % 12_500)
            let instances = generation % 3 == 0 ? [pairs[1][0]] : generation % 3 == 1 ? [pairs[1][1]] : pairs[1]
            return try Sample.table(
                generation,
                share == 0 || share > 10_000
                    ? [try Sample.release("a", share: 10_000, pairs[0])]
                    : [
                        try Sample.release("a", share: 10_000 - share, Array(pairs[0].prefix(Int(generation % 2) + 1))),
                        try Sample.release("b", share: share, salt: "s", instances),
                    ])
        }
        try await withRouter(try table(1)) { router in
            let done = Flag()
            let port = router.trafficPort
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        let client = try await TestClient.connect(port: port)
                        var count = 0
                        while !done.isSet || count < 3 {
                            let isPost = (index + count) % 4 == 0
                            if isPost {
                                try await client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbody")
                            } else {
                                let path = (index + count) % 10 == 1 ? "/slow" : "/"
                                try await client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                            }
                            let response = try await client.response()
                            let refused = response.status == 200 ? nil : response.text
                            #expect(refused == nil)
                            count += 1
                        }
                        await client.close()
                        return count
                    }
                }
                for generation in UInt64(2)...51 {
                    try await router.apply(try table(generation))
                    try await Task.sleep(for: .milliseconds(20))
                }
                done.set()
                var total = 0
                for try await count in group { total += count }
                try await router.quiet("a")
                try await router.quiet("b")
                let (a, b) = (try await router.counts("a"), try await router.counts("b"))
                #expect(a.requests + b.requests == UInt64(total))
                #expect(a.bad + b.bad == 0)
                #expect(a.statusClasses[1] + b.statusClasses[1] == UInt64(total))
            }
        }
        for instance in pairs.joined() { await instance.stop() }
    }

    @Test func aDrainingInstanceGetsNothingNewAndFinishesItsWork() async throws {
        let (first, second) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        var release = try Sample.release("a", share: 10_000, [first])
        try await withRouter(try Sample.table([release])) { router in
            let busy = try await TestClient.connect(port: router.trafficPort)
            try await busy.send("GET /gated HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the request under way") { try await router.counts("a").inFlight["one"] == 1 }
            release.instances = [
                RoutedInstance(id: "one", port: first.port, draining: true),
                RoutedInstance(id: "two", port: second.port),
            ]
            try await router.apply(try Sample.table(2, [release]))
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<10 { #expect(try await client.get("/").text == "two") }
            first.gate.withLockedValue { $0 = true }
            #expect(try await busy.response().text == "one")
            release.instances.removeFirst()
            try await router.apply(try Sample.table(3, [release]))
            try await eventually("idle connections to be closed") { first.connections.withLockedValue { $0 } == 0 }
            #expect(try await router.counts("a").inFlight == ["two": 0])
            await client.close()
            await busy.close()
        }
        await first.stop()
        await second.stop()
    }

    @Test func anInstanceThatLeavesTheTableIsWatchedUntilItIsDone() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("GET /gated HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the request under way") { try await router.counts("a").inFlight["one"] == 1 }
            try await router.apply(RouteTable(generation: 2))
            #expect(try await router.counts("a").inFlight == ["one": 1])
            instance.gate.withLockedValue { $0 = true }
            #expect(try await client.response().text == "one")
            try await eventually("the instance to be forgotten") { try await router.counts("a").inFlight.isEmpty }
            #expect(try await router.counts("a").requests == 1)
            #expect(try await client.get("/").status == 404)
            await client.close()
        }
        await instance.stop()
    }

    @Test func olderAndContradictingTablesAreRefused() async throws {
        try await withRouter(RouteTable(generation: 5)) { router in
            try await router.apply(RouteTable(generation: 5))
            let older = await #expect(throws: RouterError.self) { try await router.apply(RouteTable(generation: 4)) }
            #expect(older?.code == .olderGeneration)
            let other = try Sample.table(5, [])
            let conflict = await #expect(throws: RouterError.self) { try await router.apply(other) }
            #expect(conflict?.code == .conflictingTable)
            let half = try Sample.table(
                6, [RoutedRelease(digest: try Sample.digest("a"), shareBasisPoints: Share(clamping: 5), instances: [])])
            let malformed = await #expect(throws: RouterError.self) { try await router.apply(half) }
            #expect(malformed?.message.contains("add up to 5 basis points") == true)
            #expect(await router.measures().generation == 5)
        }
    }

    @Test func shutdownLetsRequestsUnderWayEnd() async throws {
        let instance = try await TestInstance.start("one")
        let table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
        let router = Router(
            configuration: RouterConfiguration(listenHost: "127.0.0.1", listenPort: 0), initialTable: table)
        try await router.start()
        let idle = try await TestClient.connect(port: router.trafficPort)
        #expect(try await idle.get("/").status == 200)
        let client = try await TestClient.connect(port: router.trafficPort)
        try await client.send("GET /gated HTTP/1.1\r\nHost: t\r\n\r\n")
        try await eventually("the request under way") { try await router.counts("a").inFlight["one"] == 1 }
        async let ended: Void = router.shutdown()
        try await eventually("the idle client's end") { idle.isClosed }
        instance.gate.withLockedValue { $0 = true }
        let response = try await client.response()
        #expect(response.text == "one" && response["connection"] == "close")
        await ended
        await instance.stop()
    }
}

/// Set once, read by many tasks.
final class Flag: Sendable {
    private let value = NIOLockedValueBox(false)
    var isSet: Bool { value.withLockedValue { $0 } }
    func set() { value.withLockedValue { $0 = true } }
}
