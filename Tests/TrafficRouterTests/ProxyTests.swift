import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// Requests through a router to real instances over real sockets.
@Suite(.timeLimit(.minutes(2)))
struct ProxyTests {
    @Test func requestsAreForwardedOnKeptConnections() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])]), workers: 1) {
            router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<20 {
                let response = try await client.get("/")
                #expect(response.status == 200 && response.text == "one")
                #expect(response["x-nonevent-release"] == String(repeating: "a", count: 12))
                #expect(response.key == nil)
            }
            #expect(instance.connections.withLockedValue { $0 } == 1)
            try await router.quiet("a")
            let counts = try await router.counts("a")
            #expect(counts.requests == 20 && counts.bad == 0 && counts.statusClasses == [0, 20, 0, 0, 0])
            #expect(counts.latency.values.reduce(0, +) == 20)
            #expect(counts.inFlight == ["one": 0])
            await client.close()
        }
        await instance.stop()
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let paths = ["/slow", "/fail", "/", "/headers", "/slow", "/"]
            try await client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: t\r\n\r\n" }.joined())
            let statuses = [200, 500, 200, 200, 200, 200]
            for (path, status) in zip(paths, statuses) {
                let response = try await client.response()
                #expect(response.status == status, "\(path)")
                #expect(response.text.contains("host: t") == (path == "/headers"))
            }
            await client.close()
        }
        await instance.stop()
    }

    @Test func hopByHopFieldsStayBehind() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let response = try await client.get(
                "/headers", host: "Shop.test:80",
                headers: [
                    "Connection: X-Private, Host", "X-Private: 1", "Keep-Alive: 5", "TE: gzip", "Upgrade: h2c",
                    "Proxy-Authorization: x", "Trailer: y", "X-Forwarded-For: 10.1.1.1", "X-Kept: yes",
                ])
            let lines = Set(response.text.split(separator: "\n").map(String.init))
            let id = try #require(response["x-request-id"])
            #expect(id.utf8.count == 32)
            #expect(
                lines == [
                    "host: Shop.test:80", "x-kept: yes", "x-forwarded-for: 10.1.1.1, 127.0.0.1",
                    "x-forwarded-proto: http", "x-forwarded-host: Shop.test:80",
                    "forwarded: for=127.0.0.1;host=\"Shop.test:80\";proto=http", "x-request-id: \(id)",
                ])
            await client.close()
        }
        await instance.stop()
    }

    @Test func instancesCannotForgeTheReleaseButMaySetTheKey() async throws {
        let instance = try await TestInstance.start("one")
        let table = try Sample.table([
            try Sample.release("a", share: 5_000, [instance]), try Sample.release("b", share: 5_000, [instance]),
        ])
        try await withRouter(table) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let response = try await client.get("/marked")
            #expect(response.headers.filter { $0.name == "x-nonevent-release" }.map(\.value) != ["forged"])
            #expect(response.headers.count { $0.name == "x-nonevent-release" } == 1)
            #expect(response.headers.filter { $0.name == "set-cookie" }.map(\.value) == ["nonevent-key=mine"])
            await client.close()
        }
        await instance.stop()
    }

    @Test(arguments: [true, false])
    func tenMegabytesBothWays(chunked: Bool) async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let size = 10 * 1_048_576
            let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(size)"
            try await client.send("POST /echo HTTP/1.1\r\nHost: t\r\n\(framing)\r\n\r\n")
            let piece = ByteBuffer(bytes: (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            for _ in 0..<(size / 65_536) {
                if chunked { try await client.send("10000\r\n") }
                try await client.send(piece)
                if chunked { try await client.send("\r\n") }
            }
            if chunked { try await client.send("0\r\n\r\n") }
            let response = try await client.response()
            #expect(response.status == 200 && response.body.count == size)
            #expect(response.body.prefix(65_536).elementsEqual(piece.readableBytesView))
            #expect(response.body.suffix(65_536).elementsEqual(piece.readableBytesView))
            let next = try await client.get("/")
            #expect(next.text == "one")
            await client.close()
        }
        await instance.stop()
    }

    @Test func aSlowReaderHoldsTheInstanceBack() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.pauseReading()
            try await client.send("GET /big HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the request under way") { try await router.counts("a").inFlight["one"] == 1 }
            try await client.resumeReading()
            let response = try await client.response()
            #expect(response.body.count == 10 * 1_048_576)
            try await router.quiet("a")
            #expect(try await router.counts("a").requests == 1)
            await client.close()
        }
        await instance.stop()
    }

    @Test func anAnswerBeforeTheBodyEndsLeavesTheConnectionUsable() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("POST /early HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n12345")
            #expect(try await client.response().text == "early")
            try await client.send("67890")
            #expect(try await client.get("/").text == "one")
            try await router.quiet("a")
            #expect(try await router.counts("a").requests == 2)
            await client.close()
        }
        await instance.stop()
    }

    @Test func headAndOldClients() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try Sample.table([try Sample.release("a", share: 10_000, [instance])])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n")
            let head = try await client.response(isHead: true)
            #expect(head["content-length"] == "3" && head["transfer-encoding"] == nil)
            try await client.send("HEAD /echo HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(try await client.response(isHead: true)["transfer-encoding"] == nil)
            #expect(try await client.get("/").text == "one")
            await client.close()
            let old = try await TestClient.connect(port: router.trafficPort)
            try await old.send("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nok")
            let answer = try await old.response()
            #expect(answer.text == "ok" && answer["transfer-encoding"] == nil && answer["connection"] == "close")
            try await eventually("the close") { old.isClosed }
        }
        await instance.stop()
    }

    @Test func routerMadeAnswers() async throws {
        let table = RouteTable(
            generation: 1,
            services: [
                RoutedService(
                    name: try Sample.name(), hosts: ["shop.test"],
                    releases: [RoutedRelease(digest: try Sample.digest("a"), shareBasisPoints: .all, instances: [])]),
                RoutedService(name: try Sample.name("dark"), hosts: ["dark.test"], releases: []),
            ])
        try await withRouter(table) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let unmatched = try await client.get("/nowhere", host: "other.test")
            #expect(unmatched.status == 404 && unmatched.text.contains("other.test/nowhere"))
            let empty = try await client.get("/", host: "shop.test")
            #expect(empty.status == 503 && empty["retry-after"] == "1" && empty["x-nonevent-release"] != nil)
            let dark = try await client.get("/", host: "dark.test")
            #expect(dark.status == 503 && dark["retry-after"] == "1")
            let measures = await router.measures()
            #expect(measures.unmatched == 1)
            let counts = try await router.counts("a")
            #expect(counts.requests == 1 && counts.bad == 1 && counts.statusClasses == [0, 0, 0, 0, 1])
            await client.close()
        }
    }
}
