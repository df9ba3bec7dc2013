import DeliveryModel
import NIOConcurrencyHelpers
import Testing

@testable import TrafficRouter

/// A service that is paused or stopped.
@Suite(.timeLimit(.minutes(2)))
struct HoldTests {
    private func table(_ generation: UInt64, _ instance: TestInstance, _ hold: TrafficHold?) throws -> RouteTable {
        var table = try Sample.table(generation, [try Sample.release("a", share: 10_000, [instance])])
        table.services[0].hold = hold
        return table
    }

    private func holds(_ router: Router) async throws -> HoldCounters {
        await router.counters().holds[try Sample.name()] ?? .init()
    }

    @Test func requestsWaitAndGoOn() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try table(1, instance, TrafficHold(mode: .pause))) { router in
            var clients: [TestClient] = []
            for _ in 0..<20 {
                let client = try await TestClient.connect(port: router.trafficPort)
                try await client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbody")
                clients.append(client)
            }
            try await eventually("20 to wait") { try await self.holds(router).waiting == 20 }
            #expect(instance.requests.withLockedValue { $0 } == 0)
            // Another table that still pauses keeps them.
            try await router.apply(try table(2, instance, TrafficHold(mode: .pause, reason: "longer")))
            #expect(try await holds(router).waiting == 20)
            try await router.apply(try table(3, instance, nil))
            for client in clients { #expect(try await client.response().text == "body") }
            let counters = try await holds(router)
            #expect(counters.held == 20 && counters.resumed == 20 && counters.waiting == 0 && counters.refused.isEmpty)
            for client in clients { await client.close() }
        }
        await instance.stop()
    }

    @Test func waitingIsBoundedInTimeAndCount() async throws {
        let instance = try await TestInstance.start("one")
        let hold = TrafficHold(mode: .pause, maxRequests: 1, maxWait: .seconds(3), retryAfter: .seconds(7))
        try await withRouter(try table(1, instance, hold), workers: 1) { router in
            let first = try await TestClient.connect(port: router.trafficPort)
            try await first.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the first to wait") { try await self.holds(router).waiting == 1 }
            let second = try await TestClient.connect(port: router.trafficPort)
            let refused = try await second.get("/")
            #expect(refused.status == 503 && refused["retry-after"] == "7")
            let late = try await first.response()
            #expect(late.status == 503 && late["retry-after"] == "7")
            #expect(try await holds(router).refused == ["too_many": 1, "timeout": 1])
            // Nothing that the service has to answer for.
            #expect(try await router.counts("a").requests == 0)
            await first.close()
            await second.close()
        }
        await instance.stop()
    }

    @Test func aStoppedServiceShowsItsPage() async throws {
        let instance = try await TestInstance.start("one")
        let hold = TrafficHold(mode: .stop, page: "<h1>back at noon</h1>")
        try await withRouter(try table(1, instance, hold)) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let response = try await client.get("/")
            #expect(response.status == 503 && response.text.contains("back at noon"))
            #expect(response["content-type"] == "text/html; charset=utf-8")
            try await router.apply(try table(2, instance, nil))
            #expect(try await client.get("/").text == "one")
            await client.close()
        }
        await instance.stop()
    }

    @Test func whoLeavesNoLongerWaits() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try table(1, instance, TrafficHold(mode: .pause))) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("it to wait") { try await self.holds(router).waiting == 1 }
            await client.close()
            try await eventually("it to be forgotten") { try await self.holds(router).waiting == 0 }
            try await router.apply(try table(2, instance, nil))
            #expect(instance.requests.withLockedValue { $0 } == 0)
        }
        await instance.stop()
    }
}
