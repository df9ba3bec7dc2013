import DeliveryModel
import Foundation
import NIOCore
import Testing

@testable import TrafficRouter

/// What a router that was replaced still does: it follows tables, and leaves what the next one needs.
@Suite(.timeLimit(.minutes(5)))
struct TakeoverTableTests {
    private func configuration(_ directory: String, takesOver: Bool = false) -> RouterConfiguration {
        var configuration = RouterConfiguration(
            listenHost: "127.0.0.1", listenPort: 0, adminSocketPath: directory + "/admin.sock", workers: 2)
        configuration.takesOver = takesOver
        // Connections that are kept stay until the test ends them.
        configuration.limits.stoppingIdleTime = .minutes(10)
        return configuration
    }

    /// Shuts down as a process does once another router has taken over.
    private func leave(_ router: Router) -> Task<Void, Never> {
        Task {
            await router.handedOver()
            await router.shutdown()
        }
    }

    @Test func aTableReachesEveryRouterBeforeTooBeforeItIsAcknowledged() async throws {
        let (one, two) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        try await withDirectory { directory in
            let table = try Sample.table([try Sample.release("a", share: 10_000, [one])])
            let first = Router(configuration: configuration(directory), initialTable: table)
            try await first.start()
            let ofFirst = try await TestClient.connect(port: first.trafficPort)
            #expect(try await ofFirst.get("/").text == "one")
            let second = Router(configuration: configuration(directory, takesOver: true))
            try await second.start()
            let firstEnds = leave(first)
            try await eventually("the first to leave") { first.isHandedOver }
            let ofSecond = try await kept(second.trafficPort)
            let third = Router(configuration: configuration(directory, takesOver: true))
            try await third.start()
            let secondEnds = leave(second)
            try await eventually("the second to leave") { second.isHandedOver }
            // An undo, say: from here on nothing may go to the first instance.
            try await third.apply(try Sample.table(2, [try Sample.release("b", share: 10_000, [two])]))
            for client in [ofFirst, ofSecond] {
                let answer = try await client.get("/")
                #expect(answer.text == "two" && answer["connection"]?.lowercased() == "close")
                await client.close()
            }
            await firstEnds.value
            await secondEnds.value
            // Nobody is left to be told, and nobody is waited for.
            try await third.apply(try Sample.table(3, [try Sample.release("a", share: 10_000, [one])]))
            let last = try await TestClient.connect(port: third.trafficPort)
            #expect(try await last.get("/").text == "one")
            await last.close()
            await third.shutdown()
        }
        for instance in [one, two] { await instance.stop() }
    }

    @Test func anotherAddressIsTakenAndTheOldOneGivenUp() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            var begun = configuration(directory)
            begun.tls = ("127.0.0.1", 0)
            let table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
            let first = Router(configuration: begun, initialTable: table)
            try await first.start()
            let (old, oldTLS) = (first.trafficPort, first.tlsPort)
            // A port of the system's choosing that is not the old one.
            let probe = try ListeningSocket(host: "127.0.0.1", port: 0)
            #expect(probe.serves(host: "127.0.0.1", port: 0) && !probe.serves(host: "127.0.0.1", port: old))
            #expect(!probe.serves(host: "127.0.0.2", port: 0))
            var other = configuration(directory, takesOver: true)
            other.listenPort = try #require(portNumber(of: probe))
            probe.close()
            let next = Router(configuration: other)
            try await next.start()
            #expect(next.trafficPort == other.listenPort && next.tlsPort == 0)
            await first.handedOver()
            let client = try await TestClient.connect(port: next.trafficPort)
            #expect(try await client.get("/").text == "one")
            await client.close()
            // Else people would wait at a port where nobody accepts.
            for port in [old, oldTLS] {
                await #expect(throws: (any Error).self) { try await TestClient.connect(port: port) }
            }
            await first.shutdown()
            await next.shutdown()
        }
        await instance.stop()
    }

    @Test func theNextStartFindsThePathFreeWhileTheOldOneStillDrains() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
            let first = Router(configuration: configuration(directory), initialTable: table)
            try await first.start()
            let admin = try await TestClient.connect(unix: directory + "/admin.sock")
            #expect(try await admin.get("/status")["connection"] == nil)
            let kept = try await TestClient.connect(port: first.trafficPort)
            #expect(try await kept.get("/").status == 200)
            let second = Router(configuration: configuration(directory, takesOver: true))
            try await second.start()
            await first.handedOver()
            // A connection from before leads to the router that has left: it says so and ends it.
            try await admin.send(
                "PUT /table HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{\"services\":[]}")
            let refusal = try await admin.response()
            #expect(refusal.status == 503 && refusal["connection"] == "close")
            await admin.close()
            // As after a crash of the second one.
            await second.shutdown()
            let third = Router(configuration: configuration(directory), initialTable: table)
            try await third.start()
            await third.shutdown()
            await kept.close()
            await first.shutdown()
        }
        await instance.stop()
    }

    @Test func aLogThatCannotBeOpenedKeepsNoRouterFromServing() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let logs = directory + "/logs"
            try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
            var table = try Sample.table([try Sample.release("a", share: 10_000, [instance])])
            table.accessLog = AccessLog(file: logs + "/access.log")
            var configuration = configuration(directory)
            configuration.tableFile = directory + "/table.json"
            let first = Router(configuration: configuration, initialTable: table)
            try await first.start()
            await first.shutdown()
            try FileManager.default.removeItem(atPath: logs)
            // The one who gives a table is told; a restart serves.
            let refused = Router(configuration: configuration, initialTable: table)
            await #expect(throws: RouterError.self) { try await refused.start() }
            let second = Router(configuration: configuration)
            try await second.start()
            let client = try await TestClient.connect(port: second.trafficPort)
            #expect(try await client.get("/").text == "one")
            await client.close()
            // An undo has the same log.
            table.generation += 1
            try await second.apply(table)
            table.generation += 1
            table.accessLog = AccessLog(file: logs + "/other.log")
            let other = table
            await #expect(throws: RouterError.self) { try await second.apply(other) }
            await second.shutdown()
        }
        await instance.stop()
    }

    /// A connection that has brought a request and is kept: not with a router that leaves and still accepts.
    private func kept(_ port: Int) async throws -> TestClient {
        var found: TestClient?
        try await eventually("a connection that is kept") {
            let client = try await TestClient.connect(port: port)
            let answer = try await client.get("/")
            #expect(answer.text == "one")
            if answer["connection"] == nil { found = client } else { await client.close() }
            return found != nil
        }
        return try #require(found)
    }

    private func portNumber(of socket: ListeningSocket) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket.descriptor, $0, &length) == 0
            }
        }
        return found ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
