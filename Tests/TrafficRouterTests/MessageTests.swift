import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// The parts of HTTP/1.1 that are easy to get wrong, byte by byte on both sides.
@Suite(.timeLimit(.minutes(2)))
struct MessageTests {
    private func withPair(
        _ body: (Router, TestClient, RawInstance) async throws -> Void
    ) async throws {
        let instance = try await RawInstance.start()
        try await withRouter(try instance.table(), workers: 1) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await body(router, client, instance)
            await client.close()
        }
        await instance.stop()
    }

    @Test func aProtocolIsSwitchedEndToEnd() async throws {
        try await withPair { router, client, instance in
            try await client.send(
                "GET /chat HTTP/1.1\r\nHost: t\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: k\r\n\r\n")
            let peer = try await instance.peer()
            #expect(peer.text.contains("\r\nconnection: upgrade\r\nupgrade: websocket\r\n"))
            #expect(peer.text.contains("\r\nSec-WebSocket-Key: k\r\n"))
            try await peer.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: a\r\n\r\nfirst")
            try await client.received("\r\n\r\nfirst")
            let head = client.received
            #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(head.contains("\r\nconnection: upgrade\r\nupgrade: websocket\r\n"))
            #expect(head.contains("\r\nSec-WebSocket-Accept: a\r\n"))
            try await client.send("from the client")
            _ = try await instance.peer(after: "from the client")
            try await peer.send("from the instance")
            try await client.received("from the instance")
            #expect(try await router.counts("a").inFlight["raw"] == 1)
            #expect(try await router.counts("a").statusClasses == [1, 0, 0, 0, 0])
            await peer.close()
            try await eventually("the close") { client.isClosed }
            try await router.quiet("a")
        }
    }

    @Test func aClientThatLeavesEndsTheTunnel() async throws {
        try await withPair { router, client, instance in
            try await client.send("GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
            let peer = try await instance.peer()
            try await peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
            try await client.received("\r\n\r\n")
            await client.close()
            try await eventually("the instance to be let go") { peer.isClosed.withLockedValue { $0 } }
            try await router.quiet("a")
        }
    }

    @Test func aSwitchThatNobodyAskedForIsRefused() async throws {
        try await withPair { router, client, instance in
            try await client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try await instance.peer().send("HTTP/1.1 101 Switching Protocols\r\n\r\n")
            #expect(try await client.response().status == 502)
            #expect(try await router.counts("a").bad == 1)
        }
    }

    @Test func continueIsPassedOn() async throws {
        try await withPair { _, client, instance in
            try await client.send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
            let peer = try await instance.peer()
            #expect(peer.text.contains("\r\nExpect: 100-continue\r\n"))
            try await peer.send("HTTP/1.1 100 Continue\r\n\r\n")
            try await client.received("\r\n\r\n")
            #expect(client.received == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("body")
            try await instance.peer(after: "body").send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            try await client.received("\r\n\r\nok")
        }
    }

    @Test func chunksAndTrailersGoThrough() async throws {
        try await withPair { _, client, instance in
            try await client.send(
                "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0\r\n"
                    + "X-Sum: 6\r\nContent-Length: 9\r\n\r\n")
            let peer = try await instance.peer(after: "X-Sum: 6\r\n\r\n")
            #expect(peer.text.contains("\r\ntransfer-encoding: chunked\r\n"))
            #expect(peer.text.hasSuffix("\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n"))
            try await peer.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b\"\r\nhi\r\n00\r\nX-End: 1\r\n\r\n")
            try await client.received("X-End: 1\r\n\r\n")
            #expect(client.received.hasSuffix("\r\n\r\n2\r\nhi\r\n0\r\nX-End: 1\r\n\r\n"))
            #expect(client.received.contains("\r\ntransfer-encoding: chunked\r\n"))
        }
    }

    @Test func anAnswerThatEndsWithTheConnectionIsSentInChunks() async throws {
        try await withPair { _, client, instance in
            try await client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            let peer = try await instance.peer()
            try await peer.send("HTTP/1.0 200 OK\r\n\r\nall of it")
            await peer.close()
            let response = try await client.response()
            #expect(response.text == "all of it" && response["transfer-encoding"] == "chunked")
            try await client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try await instance.peer(1).send("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
            let none = try await client.response()
            #expect(none.status == 204 && none["content-length"] == nil)
        }
    }

    @Test func answersBeforeTheBodyEndsReachTheClient() async throws {
        try await withPair { _, client, instance in
            try await client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n12345")
            let peer = try await instance.peer(after: "12345")
            try await peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            #expect(try await client.response().status == 413)
            try await client.send("67890GET /next HTTP/1.1\r\nHost: t\r\n\r\n")
            // The first connection still waits for a body: it is not used again.
            try await instance.peer(1).send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext")
            #expect(try await client.response().text == "next")
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    ])
    func aMalformedAnswerIsABadOne(answer: String) async throws {
        try await withPair { router, client, instance in
            try await client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try await instance.peer().send(answer)
            #expect(try await client.response().status == 502)
            #expect(try await router.counts("a").bad == 1)
        }
    }

    @Test func whatAnInstanceSaysUnaskedIsNobodysAnswer() async throws {
        try await withPair { _, client, instance in
            try await client.send("GET /1 HTTP/1.1\r\nHost: t\r\n\r\n")
            let peer = try await instance.peer()
            try await peer.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake")
            #expect(try await client.response().text == "one")
            try await client.send("GET /2 HTTP/1.1\r\nHost: t\r\n\r\n")
            try await instance.peer(1).send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo")
            #expect(try await client.response().text == "two")
        }
    }

    @Test func aHeadThatComesTooSlowlyIsRefused() async throws {
        let instance = try await RawInstance.start()
        var limits = RouterLimits()
        limits.headTimeout = .seconds(3)
        try await withRouter(try instance.table(), limits: limits) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("GET / HTTP/1.1\r\nHost:")
            #expect(try await client.response().status == 408)
            try await eventually("the close") { client.isClosed }
            #expect(await router.counters().limits["head_timeout"] == 1)
        }
        await instance.stop()
    }

    @Test func aBodyThatTricklesIsRefused() async throws {
        let instance = try await RawInstance.start()
        var limits = RouterLimits()
        limits.bodyGrace = .milliseconds(300)
        limits.discardTimeout = .milliseconds(400)
        try await withRouter(try instance.table(), limits: limits) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\na")
            _ = try await instance.peer(after: "a")
            #expect(try await client.response().status == 408)
            #expect(await router.counters().limits["body_rate"] == 1)
            // A client's slowness is not the release's fault.
            #expect(try await router.counts("a").bad == 0)
        }
        await instance.stop()
    }
}
