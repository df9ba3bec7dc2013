import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// What happens when an instance or a client fails: nothing is lost that need not be, and nothing is counted twice.
@Suite(.timeLimit(.minutes(2)))
struct FailureTests {
    @Test func aDeadInstanceCostsNoRequest() async throws {
        let (first, second) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [first, second])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<20 { #expect(try await client.get("/").status == 200) }
            #expect(first.requests.withLockedValue { $0 } > 0 && second.requests.withLockedValue { $0 } > 0)
            await first.stop()
            for _ in 0..<50 { #expect(try await client.get("/").text == "two") }
            try await router.quiet("a")
            let counts = try await router.counts("a")
            #expect(counts.requests == 70 && counts.bad == 0)
            await second.stop()
            let response = try await client.get("/")
            #expect(response.status == 502 && response.text.contains("accepted a connection"), "\(response.text)")
            #expect(try await router.counts("a").bad == 1)
            await client.close()
        }
    }

    @Test func aStaleConnectionIsReplacedUnseen() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<20 {
                #expect(try await client.get("/").status == 200)
                await instance.dropConnections()
            }
            #expect(try await router.counts("a").bad == 0)
            await client.close()
        }
        await instance.stop()
    }

    @Test func failuresOfTheInstanceCountAsBadOnce() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            #expect(try await client.get("/die").status == 502)
            #expect(try await client.get("/fail").status == 500)
            try await client.send("GET /partial HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the close") { client.isClosed }
            try await router.quiet("a")
            let counts = try await router.counts("a")
            #expect(counts.requests == 3 && counts.bad == 3 && counts.statusClasses == [0, 1, 0, 0, 2])
            #expect(counts.latency.values.reduce(0, +) == 3)
        }
        await instance.stop()
    }

    @Test func silenceIsAnswered504() async throws {
        let instance = try await TestInstance.start("one")
        var limits = RouterLimits()
        limits.upstreamResponseTimeout = .seconds(3)
        let table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
        try await withRouter(table, limits: limits) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let response = try await client.get("/hold")
            #expect(response.status == 504 && response.text.contains("3000 ms"))
            try await eventually("the instance to be let go") { instance.held.withLockedValue { $0 } == 0 }
            #expect(try await router.counts("a").bad == 1)
            #expect(try await client.get("/").text == "one")
            await client.close()
        }
        await instance.stop()
    }

    @Test func aClientThatLeavesCountsNothingAndFreesTheInstance() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            var clients: [TestClient] = []
            for index in 0..<30 {
                let client = try await TestClient.connect(port: router.trafficPort)
                // Some leave within their body, some with requests waiting behind the first.
                switch index % 3 {
                case 0: try await client.send("GET /hold HTTP/1.1\r\nHost: t\r\n\r\n")
                case 1: try await client.send("POST /hold HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc")
                default:
                    try await client.send(
                        String(repeating: "GET /hold HTTP/1.1\r\nHost: t\r\n\r\n", count: 3))
                }
                clients.append(client)
            }
            try await eventually("30 requests under way") { try await router.counts("a").inFlight["one"] == 30 }
            try await eventually("the instance to have them") { instance.held.withLockedValue { $0 } == 30 }
            for client in clients { await client.close() }
            try await router.quiet("a")
            try await eventually("the instance to be let go") { instance.held.withLockedValue { $0 } == 0 }
            let counts = try await router.counts("a")
            #expect(counts.requests == 0 && counts.bad == 0 && counts.inFlight == ["one": 0])
            let client = try await TestClient.connect(port: router.trafficPort)
            #expect(try await client.get("/").text == "one")
            await client.close()
        }
        await instance.stop()
    }

    @Test func unhealthyInstancesArePassedOver() async throws {
        let (first, second) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        var limits = RouterLimits()
        limits.healthInterval = .milliseconds(20)
        let table = try Sample.table([
            try Sample.release("a", share: 10_000, healthPath: "/healthz", [first, second])
        ])
        try await withRouter(table, limits: limits) { router in
            first.isHealthy.withLockedValue { $0 = false }
            let client = try await TestClient.connect(port: router.trafficPort)
            try await allFrom(client, ["two"])
            first.isHealthy.withLockedValue { $0 = true }
            try await allFrom(client, ["one", "two"])
            first.isHealthy.withLockedValue { $0 = false }
            second.isHealthy.withLockedValue { $0 = false }
            // Checks may be wrong: with nobody left that looks well, everybody is tried.
            for _ in 0..<300 { #expect(try await client.get("/").status == 200) }
            await client.close()
        }
        await first.stop()
        await second.stop()
    }

    /// Waits until ten requests in a row come from just these instances.
    private func allFrom(_ client: TestClient, _ names: Set<String>) async throws {
        try await eventually("answers from \(names)") {
            var seen = Set<String>()
            for _ in 0..<10 { seen.insert(try await client.get("/").text) }
            return seen == names
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
        "GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
        "garbage\r\n\r\n",
    ])
    func malformedRequestsAreRefused(bytes: String) async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send(bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 400)
            try await eventually("the close") { client.isClosed }
            try await router.quiet("a")
            #expect(try await router.counts("a").bad == 0)
            // The one request that may have reached the instance is the one whose body turned out malformed.
            #expect(instance.requests.withLockedValue { $0 } <= (bytes.contains("zz") ? 1 : 0))
        }
        await instance.stop()
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ])
    func whatIsNotOfferedSaysSo(bytes: String, status: Int) async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send(bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == status)
            try await eventually("the close") { client.isClosed }
            #expect(instance.requests.withLockedValue { $0 } == 0)
            #expect(await router.counters().flaws.values.reduce(0, +) == 1)
        }
        await instance.stop()
    }

    @Test func aHeadThatIsTooLargeIsRefused() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let filler = String(repeating: "x", count: 70_000)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Filler: \(filler)\r\n\r\n")
            #expect(try await client.response().status == 431)
        }
        await instance.stop()
    }
}
