import DeliveryModel
import NIOCore
import Testing

@testable import TrafficRouter

/// HTTP/2 connections to instances in the course of time: how many there are, how long they stay, and how they end.
@Suite(.timeLimit(.minutes(2)))
struct HTTP2UpstreamTimeTests {
    private typealias Cases = ConformanceTests

    private static func ok(_ stream: UInt32) -> [UInt8] { FrameClient.frame(FrameType.headers, 5, stream, [0x88]) }
    private static let settings = FrameClient.frame(FrameType.settings, 0, 0, [])

    private func status(_ client: FrameClient, _ stream: UInt32 = 1) async throws -> String? {
        try FrameClient.fields(try await client.headers(stream))[":status"]
    }

    private func connections(_ entrance: Entrance) async throws -> Int {
        try await entrance.worker.submit { worker in
            worker.instances.values.reduce(0) { $0 + $1.http2.connections.count }
        }.get()
    }

    @Test("an idle connection is closed by the sweep, with a GOAWAY")
    func idle() async throws {
        var limits = RouterLimits.patient
        limits.upstreamIdleTimeout = .milliseconds(100)
        let instance = FrameInstance { frame, request in
            frame.type == FrameType.headers ? Self.ok(request.stream) : nil
        }
        try await withEntrance(.init(), limits: limits, instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            #expect(try await status(client) == "200")
            #expect(try await eventually { instance.closings == 1 })
            #expect(instance.frames.last?.type == FrameType.goAway)
            #expect(try await eventually { try await connections(entrance) == 0 })
            // And the next request gets a new one.
            try await client.send(Cases.headers(3))
            #expect(try await status(client, 3) == "200")
            await client.close()
        }
    }

    @Test("an instance that left the table ends what is under way, and then its connection is closed")
    func drained() async throws {
        let instance = FrameInstance { frame, request in
            guard frame.type == FrameType.data else { return nil }
            return frame.endsStream ? Self.ok(request.stream) : nil
        }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(
                Cases.headers(1, Block.request("POST", "/"), flags: 4) + Cases.data(1, [1]))
            #expect(try await eventually { instance.frames.contains { $0.type == FrameType.data } })
            try await entrance.worker.submit { $0.install(RouteTable(generation: 2, services: [])) }.get()
            #expect(instance.closings == 0)
            try await client.send(Cases.data(1, [2], flags: 1))
            #expect(try await status(client) == "200")
            #expect(try await eventually { instance.closings == 1 })
            #expect(try await entrance.worker.submit { $0.instances.isEmpty }.get())
            await client.close()
        }
    }

    @Test("there are never more connections than the limit; requests without room wait for it")
    func bounded() async throws {
        // Answers only when the test wants it: by the body's end.
        let instance = FrameInstance(greeting: Cases.setting(3, 1)) { frame, request in
            frame.type == FrameType.data && frame.endsStream ? Self.ok(request.stream) : nil
        }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            let streams = (0..<20 as Range<UInt32>).map { 2 * $0 + 1 }
            for stream in streams { try await client.send(Cases.headers(stream, Block.request("POST", "/"), flags: 4)) }
            let limit = HTTP2Limits().maxUpstreamConnections
            #expect(try await eventually { instance.frames.count { $0.type == FrameType.headers } == limit })
            #expect(try await connections(entrance) == limit)
            for stream in streams { try await client.send(Cases.data(stream, [1], flags: 1)) }
            for stream in streams { #expect(try await status(client, stream) == "200") }
            #expect(try await connections(entrance) == limit)
            await client.close()
        }
    }

    @Test("a request that finds no room in time is answered 504")
    func noRoom() async throws {
        var limits = RouterLimits.patient
        limits.upstreamResponseTimeout = .milliseconds(200)
        let instance = FrameInstance(greeting: Cases.setting(3, 0)) { _, _ in nil }
        try await withEntrance(.init(), limits: limits, instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            #expect(try await status(client) == "504")
            await client.close()
        }
    }

    @Test(
        "who sends no settings was not reached, and is answered 502",
        arguments: [Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), FrameClient.frame(FrameType.ping, 0, 0, [1]), []])
    func noSettings(greeting: [UInt8]) async throws {
        var limits = RouterLimits.patient
        limits.connectTimeout = .milliseconds(300)
        let instance = FrameInstance(greeting: greeting) { _, request in Self.ok(request.stream) }
        try await withEntrance(.init(), limits: limits, instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            #expect(try await status(client) == "502")
            #expect(instance.frames.allSatisfy { $0.type != FrameType.headers })
            await client.close()
        }
    }

    @Test(
        "a whole answer reaches a slow client though the instance resets the stream or leaves right after it",
        arguments: [true, false])
    func slowClient(isReset: Bool) async throws {
        let size = 60_000
        let instance = FrameInstance { frame, request in
            // Leaves when more of the request comes.
            if frame.type == FrameType.data { return [] }
            guard frame.type == FrameType.headers else { return nil }
            let whole =
                FrameClient.frame(FrameType.headers, 4, request.stream, [0x88])
                + (0..<6).flatMap { Cases.data(request.stream, Cases.zeros(size / 6), flags: $0 == 5 ? 1 : 0) }
            // NO_ERROR: the rest of the request is not needed (RFC 9113, section 8.1).
            return isReset ? whole + FrameClient.frame(FrameType.reset, 0, request.stream, Cases.word(0)) : whole
        }
        var offer = TrafficPipeline.Offer(http2: HTTP2Limits())
        offer.http2?.maxBufferedStreamBytes = 5_000
        try await withEntrance(offer, instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port, settings: [(4, 1_000)])
            try await client.send(Cases.headers(1, Block.request("POST", "/"), flags: 4))
            #expect(try await eventually { client.frames.contains { $0.type == FrameType.data } })
            if !isReset {
                try await client.send(Cases.data(1, [1]))
                #expect(try await eventually { try await connections(entrance) == 0 })
            }
            try await client.send(Cases.window(1, 100_000))
            #expect(try await client.body(1).count == size)
            #expect(client.frames.last { $0.type == FrameType.data }?.endsStream == true)
            await client.close()
        }
    }

    /// Waits for the answer of an instance that is silent for long, and asked soon whether it still lives.
    private func withSilence(answersPing: Bool, _ body: (FrameClient, FrameInstance) async throws -> Void) async throws
    {
        var limits = RouterLimits.patient
        limits.upstreamIdleTimeout = .milliseconds(100)
        let instance = FrameInstance { frame, _ in
            guard frame.type == FrameType.ping, answersPing else { return nil }
            return FrameClient.frame(FrameType.ping, FrameFlag.acknowledge, 0, frame.payload)
        }
        try await withEntrance(.init(), limits: limits, instance: .frames(instance)) { entrance in
            try await entrance.worker.submit { worker in
                worker.upstreamHTTP2.upstreamProbeInterval = .milliseconds(100)
                worker.upstreamHTTP2.upstreamProbePause = .milliseconds(300)
            }.get()
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            try await body(client, instance)
            await client.close()
        }
    }

    @Test("an instance that gives no sign of life has lost its requests")
    func dead() async throws {
        try await withSilence(answersPing: false) { client, instance in
            let answered = try await status(client)
            #expect(answered == "502")
            let asked = instance.frames.count { $0.type == FrameType.ping }
            #expect(asked == 1)
        }
    }

    @Test("an instance that gives signs of life may be silent for long")
    func alive() async throws {
        try await withSilence(answersPing: true) { client, instance in
            let isAsked = try await eventually { instance.frames.count { $0.type == FrameType.ping } >= 3 }
            #expect(isAsked)
            let answered = client.frames.contains { $0.stream == 1 }
            #expect(!answered)
        }
    }
}
