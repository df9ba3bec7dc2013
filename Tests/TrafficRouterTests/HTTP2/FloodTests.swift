import NIOCore
import Testing

@testable import TrafficRouter

/// The limits on what a client may do, each with its name in the measures.
struct FloodTests {
    private typealias Cases = ConformanceTests

    private func expectCalm(
        _ reason: HTTP2Flaw.Reason, http2: (inout HTTP2Limits) -> Void = { _ in }, _ bytes: [UInt8]
    ) async throws {
        var limits = HTTP2Limits()
        http2(&limits)
        let offer = TrafficPipeline.Offer(http2: limits)
        try await withEntrance(offer) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(bytes)
            let frame = try await client.first { $0.type == FrameType.goAway }
            #expect(frame?.code == HTTP2ErrorCode.enhanceYourCalm.rawValue)
            #expect(try await eventually { client.isClosed })
            #expect(try await entrance.counted(reason.rawValue) == 1)
            await client.close()
        }
    }

    @Test("rapid reset")
    func rapidReset() async throws {
        let bytes = (0..<400).flatMap { index -> [UInt8] in
            let stream = UInt32(2 * index + 1)
            return Cases.headers(stream, Block.request("GET", "/never"))
                + FrameClient.frame(FrameType.reset, 0, stream, Cases.word(8))
        }
        try await expectCalm(.rapidReset, bytes)
    }

    @Test(
        "floods of frames that mean nothing",
        arguments: [
            Cases.ping, Cases.setting(4, 65_535), FrameClient.frame(FrameType.settings, 1, 0, []),
            FrameClient.frame(FrameType.priority, 0, 7, ConformanceTests.zeros(5)),
            FrameClient.frame(0x77, 0, 0, []), Cases.window(0, 1),
        ])
    func controlFlood(_ frame: [UInt8]) async throws {
        try await expectCalm(.controlFlood, (0..<1_500).flatMap { _ in frame })
    }

    @Test("a flood of empty data frames")
    func emptyData() async throws {
        let head = Cases.headers(1, Block.request("POST", "/never"), flags: 4)
        try await expectCalm(.controlFlood, head + (0..<1_500).flatMap { _ in Cases.data(1, []) })
    }

    @Test("a flood of malformed requests")
    func flawFlood() async throws {
        let bytes = (0..<400).flatMap { Cases.headers(UInt32(2 * $0 + 1), Block.request([("A", "b")])) }
        try await expectCalm(.flawFlood, bytes)
    }

    @Test("a download's window updates are no flood")
    func downloadIsNoFlood() async throws {
        var offer = TrafficPipeline.Offer(http2: HTTP2Limits())
        offer.http2?.maxControlFramesPerMinute = 50
        try await withEntrance(offer) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("GET", "/bytes/3000000")))
            var credited = 0
            while credited < 3_000_000 {
                _ = try await eventually { received(client) > credited || client.isClosed }
                let new = received(client) - credited
                guard new > 0 else { break }
                credited += new
                try await client.send(Cases.window(0, UInt32(new)) + Cases.window(1, UInt32(new)))
            }
            #expect(credited == 3_000_000)
            await client.close()
        }
    }

    private func received(_ client: FrameClient) -> Int {
        client.frames.filter { $0.type == FrameType.data }.reduce(0) { $0 + $1.payload.count }
    }

    @Test("one more request than allowed at once is refused, and may be sent again")
    func concurrency() async throws {
        var offer = TrafficPipeline.Offer(http2: HTTP2Limits())
        offer.http2?.maxConcurrentStreams = 3
        try await withEntrance(offer) { entrance in
            let client = try await FrameClient.open(entrance.port)
            for stream in [1, 3, 5] as [UInt32] {
                try await client.send(Cases.headers(stream, Block.request("POST", "/"), flags: 4))
            }
            try await client.send(Cases.headers(7))
            let reset = try await client.first { $0.type == FrameType.reset }
            #expect(reset?.stream == 7)
            #expect(reset?.code == HTTP2ErrorCode.refusedStream.rawValue)
            try await client.send(Cases.data(1, [], flags: 1))
            #expect(try await client.headers(1) != nil)
            try await client.send(Cases.headers(9))
            #expect(try FrameClient.fields(try await client.headers(9))[":status"] == "200")
            #expect(try await entrance.counted(HTTP2Flaw.Reason.tooManyStreams.rawValue) == 1)
            await client.close()
        }
    }

    @Test("a preface, a header block or a body that does not come in time")
    func deadlines() async throws {
        var limits = RouterLimits()
        // Long enough for a busy machine to begin each conversation in.
        limits.headTimeout = .seconds(2)
        limits.bodyGrace = .seconds(2)
        limits.clientIdleTimeout = .seconds(4)
        try await withEntrance(limits: limits) { entrance in
            let silent = try await FrameClient(port: entrance.port)
            #expect(try await eventually { silent.isClosed })
            let half = try await FrameClient(port: entrance.port)
            try await half.send(FrameClient.preface)
            #expect(
                try await half.first { $0.type == FrameType.goAway }?.code == HTTP2ErrorCode.settingsTimeout.rawValue)
            let block = try await FrameClient.open(entrance.port)
            try await block.send(Cases.headers(1, flags: 1))
            #expect(
                try await block.first { $0.type == FrameType.goAway }?.code == HTTP2ErrorCode.enhanceYourCalm.rawValue)
            let body = try await FrameClient.open(entrance.port)
            try await body.send(Cases.headers(1, Block.request("POST", "/"), flags: 4))
            #expect(try FrameClient.fields(try await body.headers(1))[":status"] == "408")
            let idle = try await FrameClient.open(entrance.port)
            #expect(try await idle.first { $0.type == FrameType.goAway }?.code == HTTP2ErrorCode.noError.rawValue)
            #expect(try await eventually { idle.isClosed })
        }
    }

    @Test("a client that takes nothing of its answer")
    func stalled() async throws {
        var limits = RouterLimits()
        limits.clientStallTimeout = .milliseconds(300)
        try await withEntrance(limits: limits) { entrance in
            let client = try await FrameClient.open(entrance.port, settings: [(4, 0)])
            try await client.send(Cases.headers(1, Block.request("GET", "/bytes/100")))
            let reset = try await client.first { $0.type == FrameType.reset }
            #expect(reset?.code == HTTP2ErrorCode.cancel.rawValue)
            #expect(try await entrance.counted("stream_stall") == 1)
            await client.close()
        }
    }

    @Test("shutdown in two steps loses no request")
    func graceful() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("POST", "/"), flags: 4) + Cases.ping)
            #expect(try await client.first { $0.type == FrameType.ping } != nil)
            _ = try await entrance.worker.submit { $0.beginStopping() }.get()
            let first = try await client.first { $0.type == FrameType.goAway }
            #expect(first?.payload == Cases.word(0x7FFF_FFFF) + Cases.word(0))
            // One that was on its way when the first word came.
            try await client.send(Cases.headers(3))
            #expect(try FrameClient.fields(try await client.headers(3))[":status"] == "200")
            try await client.send(FrameClient.frame(FrameType.ping, 1, 0, Cases.zeros(8)))
            #expect(try await eventually { client.frames.contains { $0.payload == Cases.word(3) + Cases.word(0) } })
            try await client.send(Cases.headers(5))
            #expect(
                try await client.first { $0.type == FrameType.reset && $0.stream == 5 }?.code
                    == HTTP2ErrorCode.refusedStream.rawValue)
            #expect(!client.isClosed)
            try await client.send(Cases.data(1, [9], flags: 1))
            #expect(try await client.body(1) == [9])
            #expect(try await eventually { client.isClosed })
            await client.close()
        }
    }
}
