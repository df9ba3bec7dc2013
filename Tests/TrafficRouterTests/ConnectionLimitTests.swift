import DeliveryModel
import Testing

@testable import TrafficRouter

/// Too many connections, at all or from one address.
@Suite(.timeLimit(.minutes(3)))
struct ConnectionLimitTests {
    private func refused(_ router: Router) async -> [String: UInt64] { await router.counters().connections.refused }

    @Test func oneAddressGetsNoMoreThanItsPart() async throws {
        let instance = try await TestInstance.start("one")
        var table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
        table.limits.maxConnectionsPerAddress = 3
        try await withRouter(table, workers: 1) { router in
            var clients: [TestClient] = []
            for _ in 0..<3 {
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").text == "one")
                clients.append(client)
            }
            let fourth = try await TestClient.connect(port: router.trafficPort)
            try? await fourth.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the fourth to be closed") { fourth.isClosed }
            #expect(await refused(router) == ["too_many_per_address": 1])
            // One that leaves makes room, and so does a table without the limit.
            await clients.removeLast().close()
            try await eventually("room for one more") {
                let next = try await TestClient.connect(port: router.trafficPort)
                let isServed = (try? await next.get("/").text) == "one"
                await next.close()
                return isServed
            }
            table.generation = 2
            table.limits.maxConnectionsPerAddress = nil
            try await router.apply(table)
            for _ in 0..<5 {
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").text == "one")
                clients.append(client)
            }
            for client in clients { await client.close() }
        }
        await instance.stop()
    }

    @Test func aLoopTakesNoMoreThanItsLimit() async throws {
        let instance = try await TestInstance.start("one")
        var table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
        table.limits.maxClientConnections = 2
        try await withRouter(table, workers: 1) { router in
            var clients: [TestClient] = []
            for _ in 0..<2 {
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").text == "one")
                clients.append(client)
            }
            let third = try await TestClient.connect(port: router.trafficPort)
            try await eventually("the third to be closed") { third.isClosed }
            #expect(await refused(router) == ["too_many": 1])
            for client in clients { await client.close() }
        }
        await instance.stop()
    }
}
