import Testing

@testable import TrafficRouter

/// HTTP/2 towards instances: against the router's own front, and against frames by hand.
struct HTTP2UpstreamTests {
    private typealias Cases = ConformanceTests

    /// HEADERS with status 200 and the end, on a stream.
    private static func ok(_ stream: UInt32) -> [UInt8] { FrameClient.frame(FrameType.headers, 5, stream, [0x88]) }

    /// Sends a GET and waits for its answer.
    private func get(
        _ script: @escaping FrameInstance.Script, greeting: [UInt8] = FrameClient.frame(FrameType.settings, 0, 0, []),
        _ check: (FrameClient) async throws -> Void
    ) async throws {
        try await withEntrance(.init(), instance: .frames(FrameInstance(greeting: greeting, script))) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            try await check(client)
            await client.close()
        }
    }

    private func status(_ client: FrameClient, _ stream: UInt32 = 1) async throws -> String? {
        try FrameClient.fields(try await client.headers(stream))[":status"]
    }

    @Test("bodies and trailers pass in both directions")
    func chain() async throws {
        try await withEntrance { inner in
            try await withEntrance(.init(), instance: .http2(port: inner.port)) { entrance in
                let client = try await FrameClient.open(entrance.port, settings: [(4, 5_000_000)])
                try await client.send(Cases.window(0, 5_000_000))
                for index in 0..<50 as Range<UInt32> {
                    let head = Block.request("POST", "/trailers") + Block.fields([("te", "trailers")])
                    let stream = 2 * index + 1
                    try await client.send(
                        Cases.headers(stream, head, flags: 4) + Cases.data(stream, Array(repeating: 5, count: 900))
                            + Cases.headers(stream, Block.fields([("x-sum", "\(index)")])))
                }
                for index in 0..<50 as Range<UInt32> {
                    let stream = 2 * index + 1
                    #expect(try await client.body(stream) == Array(repeating: 5, count: 900))
                    let blocks = client.frames.filter { $0.type == FrameType.headers && $0.stream == stream }
                    #expect(try FrameClient.fields(blocks.first)["x-trailers"] == "x-sum=\(index)")
                    #expect(try FrameClient.fields(blocks.last) == ["x-checksum": "7"])
                }
                try await client.send(Cases.headers(101, Block.request("GET", "/bytes/3000000")))
                #expect(try await client.body(101).count == 3_000_000)
                await client.close()
            }
        }
    }

    @Test("a refused stream is sent again")
    func refused() async throws {
        try await get({ frame, request in
            guard frame.type == FrameType.headers else { return nil }
            if request.number > 1 { return Self.ok(request.stream) }
            return FrameClient.frame(FrameType.reset, 0, request.stream, Cases.word(7))
        }) {
            let answered = try await status($0)
            #expect(answered == "200")
        }
    }

    @Test("a request above the last stream of a going-away instance is sent again, on another connection")
    func goAway() async throws {
        try await get({ frame, request in
            guard frame.type == FrameType.headers else { return nil }
            if request.connection > 1 { return Self.ok(request.stream) }
            return FrameClient.frame(FrameType.goAway, 0, 0, Cases.word(0) + Cases.word(0))
        }) {
            let answered = try await status($0)
            #expect(answered == "200")
        }
    }

    @Test("an answer that ends amid its body is broken off for the client too")
    func brokenOff() async throws {
        try await get({ frame, request in
            guard frame.type == FrameType.headers else { return nil }
            return FrameClient.frame(FrameType.headers, 4, request.stream, [0x88])
                + Cases.data(request.stream, [1, 2, 3])
                + FrameClient.frame(FrameType.reset, 0, request.stream, Cases.word(2))
        }) { client in
            let reset = try await client.first { $0.type == FrameType.reset }
            #expect(reset?.code == HTTP2ErrorCode.internalError.rawValue)
        }
    }

    @Test(
        "what is no answer is a bad gateway",
        arguments: [
            Block.fields([("a", "b")]), Block.fields([(":status", "20")]), Block.fields([(":status", "101")]),
            [0x88] + Block.fields([("A", "b")]), [0x88] + Block.fields([("connection", "close")]),
            [0x88] + Block.fields([("a", "b\r\nc: d")]), [0x88] + Block.fields([("content-length", "5")]),
            [0xFE],
        ])
    func malformed(_ block: [UInt8]) async throws {
        try await get({ frame, request in
            frame.type == FrameType.headers ? FrameClient.frame(FrameType.headers, 5, request.stream, block) : nil
        }) {
            let answered = try await status($0)
            #expect(answered == "502")
        }
    }

    @Test("an answer of trailers only, as gRPC sends it for errors")
    func trailersOnly() async throws {
        try await get({ frame, request in
            guard frame.type == FrameType.headers else { return nil }
            let block = [0x88] + Block.fields([("content-type", "application/grpc"), ("grpc-status", "12")])
            return FrameClient.frame(FrameType.headers, 5, request.stream, block)
        }) { client in
            let head = try await client.headers(1)
            #expect(head?.endsStream == true)
            #expect(try FrameClient.fields(head)["grpc-status"] == "12")
        }
    }

    @Test("an interim answer passes before the final one")
    func interim() async throws {
        try await get({ frame, request in
            guard frame.type == FrameType.headers else { return nil }
            return FrameClient.frame(FrameType.headers, 4, request.stream, Block.fields([(":status", "103")]))
                + Self.ok(request.stream)
        }) { client in
            _ = try await client.body(1)
            let heads = client.frames.filter { $0.type == FrameType.headers }
            #expect(try heads.map { try FrameClient.fields($0)[":status"] } == ["103", "200"])
        }
    }

    @Test("an instance that takes one request at a time gets the next on another connection")
    func concurrency() async throws {
        let instance = FrameInstance(greeting: Cases.setting(3, 1)) { frame, request in
            guard frame.type == FrameType.headers else { return nil }
            return FrameClient.frame(
                FrameType.headers, 4, request.stream, [0x88] + Block.fields([("x-connection", "\(request.connection)")])
            )
        }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            #expect(try FrameClient.fields(try await client.headers(1))["x-connection"] == "1")
            try await client.send(Cases.headers(3))
            #expect(try FrameClient.fields(try await client.headers(3))["x-connection"] == "2")
            await client.close()
        }
    }

    @Test("a request's body goes no further than the instance's window")
    func window() async throws {
        let instance = FrameInstance(greeting: Cases.setting(4, 10)) { frame, request in
            guard frame.type == FrameType.data else { return nil }
            if frame.endsStream { return Self.ok(request.stream) }
            // As many as came, and never more than the window.
            guard frame.payload.count <= 10 else { return [] }
            return frame.payload.isEmpty ? nil : Cases.window(request.stream, UInt32(frame.payload.count))
        }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(
                Cases.headers(1, Block.request("POST", "/"), flags: 4) + Cases.data(1, Cases.zeros(95), flags: 1))
            #expect(try await status(client) == "200")
            await client.close()
        }
    }

    @Test("a client's cancelling reaches the instance")
    func cancelled() async throws {
        let instance = FrameInstance { _, _ in nil }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            // One that was cancelled before never gets there.
            #expect(try await eventually { instance.frames.contains { $0.type == FrameType.headers } })
            try await client.send(Cases.reset)
            #expect(try await eventually { instance.frames.contains { $0.type == FrameType.reset } })
            let reset = instance.frames.first { $0.type == FrameType.reset }
            #expect(reset?.code == HTTP2ErrorCode.cancel.rawValue)
            await client.close()
        }
    }
}
