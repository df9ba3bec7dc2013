import DeliveryModel
import FoundationEssentials
import NIOConcurrencyHelpers
import Testing

@testable import TrafficRouter

/// A second router takes the place of the first under load.
@Suite(.timeLimit(.minutes(5)))
struct TakeoverTests {
    private func router(_ directory: String, takesOver: Bool = false, table: RouteTable? = nil) -> Router {
        var configuration = RouterConfiguration(
            listenHost: "127.0.0.1", listenPort: 0, adminSocketPath: directory + "/admin.sock",
            tableFile: directory + "/table.json", workers: 1)
        configuration.takesOver = takesOver
        return Router(configuration: configuration, initialTable: table)
    }

    /// Asks until it is told to end; makes another connection when the router closes one after an answer.
    private func load(_ port: Int, until done: Flag) async throws -> Int {
        var client = try await TestClient.connect(port: port)
        var count = 0
        while !done.isSet {
            let path = count % 7 == 0 ? "/slow" : "/"
            try await client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.status == 200)
            count += 1
            if answer["connection"]?.lowercased() == "close" {
                await client.close()
                client = try await TestClient.connect(port: port)
            }
        }
        await client.close()
        return count
    }

    @Test func noRequestIsLostWhileRoutersFollowEachOther() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let first = router(directory, table: try Sample.table([try Sample.release("a", share: 10_000, [instance])]))
            try await first.start()
            let port = first.trafficPort
            let done = Flag()
            var current = first
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await load(port, until: done) } }
                for _ in 0..<5 {
                    let next = router(directory, takesOver: true)
                    try await next.start()
                    #expect(next.trafficPort == port)
                    await current.handedOver()
                    await current.shutdown()
                    try await eventually("the new router to answer") { try await next.counts("a").requests > 100 }
                    current = next
                }
                done.set()
                for try await count in group { #expect(count > 0) }
            }
            #expect(try await current.counts("a").bad == 0)
            await current.shutdown()
            #expect(!FileManager.default.fileExists(atPath: directory + "/admin.sock"))
        }
        await instance.stop()
    }

    @Test func theTableGoesOnWithTheNextRouterAndItsAdminSocketAnswers() async throws {
        let (one, two) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        try await withDirectory { directory in
            let first = router(directory, table: try Sample.table(4, [try Sample.release("a", share: 10_000, [one])]))
            try await first.start()
            let next = router(directory, takesOver: true)
            try await next.start()
            await first.handedOver()
            #expect(next.currentTable().generation == 4)
            await #expect(throws: RouterError.self) {
                try await first.apply(try Sample.table(5, [try Sample.release("b", share: 10_000, [two])]))
            }
            await first.shutdown()
            let admin = try await TestClient.connect(unix: directory + "/admin.sock")
            let status = try await admin.get("/status")
            #expect(status.status == 200 && status.text.contains(next.epoch))
            await admin.close()
            try await next.apply(try Sample.table(5, [try Sample.release("b", share: 10_000, [two])]))
            let client = try await TestClient.connect(port: next.trafficPort)
            #expect(try await client.get("/").text == "two")
            await client.close()
            // Nobody else may have the socket meanwhile.
            await #expect(throws: RouterError.self) { try await router(directory).start() }
            await next.shutdown()
        }
        for instance in [one, two] { await instance.stop() }
    }

    @Test func aRouterThatIsNotTakenGoesOn() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let first = router(directory, table: try Sample.table([try Sample.release("a", share: 10_000, [instance])]))
            try await first.start()
            // One who asks and goes away, and one whose own port cannot be had.
            try #require(try HandedSockets.take(from: directory + "/admin.sock")).refuse()
            var configuration = first.configuration
            configuration.takesOver = true
            configuration.tls = ("127.0.0.1", first.trafficPort)
            await #expect(throws: RouterError.self) { try await Router(configuration: configuration).start() }
            try await eventually("tables to be taken again") {
                (try? await first.apply(try Sample.table(2, [try Sample.release("a", share: 10_000, [instance])])))
                    != nil
            }
            let client = try await TestClient.connect(port: first.trafficPort)
            #expect(try await client.get("/").text == "one")
            await client.close()
            let admin = try await TestClient.connect(unix: directory + "/admin.sock")
            #expect(try await admin.get("/status").status == 200)
            await admin.close()
            await first.shutdown()
        }
        await instance.stop()
    }

    @Test func withoutARouterItStartsAnew() async throws {
        try await withDirectory { directory in
            let router = router(directory, takesOver: true)
            try await router.start()
            await router.shutdown()
        }
    }
}
