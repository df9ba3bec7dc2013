import NIOCore
import Testing

@testable import TrafficRouter

/// Windows in both directions (RFC 9113, section 5.2), bodies and trailers.
struct FlowTests {
    private typealias Cases = ConformanceTests

    private func get(_ path: String) -> [UInt8] { Block.request("GET", path) }

    @Test("an answer stops at the stream's window and goes on with it")
    func streamWindow() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port, settings: [(4, 10)])
            try await client.send(Cases.headers(1, get("/bytes/1000")))
            #expect(try await eventually { bytes(client, 1) == 10 })
            try await client.send(Cases.window(1, 5) + Cases.ping)
            #expect(try await client.first { $0.type == FrameType.ping } != nil)
            #expect(bytes(client, 1) == 15)
            try await client.send(Cases.setting(4, 0))
            try await client.send(Cases.window(1, 12) + Cases.ping)
            // The setting took 10 from a window that was used up, so that 2 are left of 12.
            #expect(try await eventually { client.frames.filter { $0.type == FrameType.ping }.count == 2 })
            #expect(bytes(client, 1) == 17)
            try await client.send(Cases.setting(4, 5_000))
            #expect(try await client.body(1).count == 1_000)
            await client.close()
        }
    }

    @Test("all streams share the connection's window, each in its turn")
    func connectionWindow() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port, settings: [(4, 1_000_000)])
            try await client.send(Cases.headers(1, get("/bytes/60000")) + Cases.headers(3, get("/bytes/60000")))
            #expect(try await eventually { bytes(client, 1) + bytes(client, 3) == 65_535 })
            try await client.send(Cases.window(0, 100_000))
            #expect(try await client.body(1).count == 60_000)
            #expect(try await client.body(3).count == 60_000)
            await client.close()
        }
    }

    @Test("a small answer overtakes one that is blocked")
    func overtaking() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port, settings: [(4, 100)])
            try await client.send(Cases.headers(1, get("/bytes/1000")))
            #expect(try await eventually { bytes(client, 1) == 100 })
            try await client.send(Cases.headers(3, get("/bytes/50")))
            #expect(try await client.body(3).count == 50)
            await client.close()
        }
    }

    @Test("an instance is read no further than its client's window and the buffer's limit")
    func backPressure() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port, settings: [(4, 0)])
            try await client.send(Cases.headers(1, get("/bytes/20000000")))
            #expect(try await client.headers(1) != nil)
            try await Task.sleep(for: .milliseconds(200))
            let queued = try await entrance.connection { $0.flows.flows.map(\.queuedBytes).max() }
            #expect(try #require(queued) >= 65_536)
            #expect(try #require(queued) < 1_000_000)
            try await client.send(Cases.setting(4, 0x7FFF_FFFF) + Cases.window(0, 0x7000_0000))
            #expect(try await client.body(1).count == 20_000_000)
            await client.close()
        }
    }

    @Test("a body larger than all windows goes through, as its client is let on")
    func upload() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("POST", "/"), flags: 4))
            var left = 3_000_000
            var room = (connection: 65_535, stream: 65_535)
            var seen = 0
            while left > 0 {
                for frame in client.frames.dropFirst(seen) {
                    seen += 1
                    if frame.type == FrameType.windowUpdate {
                        let increment = frame.payload.reduce(0) { $0 << 8 | Int($1) }
                        if frame.stream == 0 { room.connection += increment } else { room.stream += increment }
                    } else if frame.type == FrameType.settings, frame.payload.count > 6 {
                        room.stream += HTTP2Limits().streamWindow - 65_535
                    }
                }
                let count = min(left, 16_384, room.connection, room.stream)
                if count > 0 {
                    left -= count
                    room.connection -= count
                    room.stream -= count
                    try await client.send(
                        Cases.data(1, Array(repeating: 7, count: count), flags: left == 0 ? 1 : 0))
                } else {
                    #expect(try await eventually { client.frames.count > seen })
                }
            }
            try await client.send(Cases.window(0, 5_000_000) + Cases.window(1, 5_000_000))
            #expect(try await client.body(1) == Array(repeating: 7, count: 3_000_000))
            await client.close()
        }
    }

    @Test("more data than the windows allow ends the stream or the connection")
    func overrun() async throws {
        var offer = TrafficPipeline.Offer(http2: HTTP2Limits())
        offer.http2?.streamWindow = 20_000
        // An instance that gives no room beyond the 65,535 bytes of the beginning: more than these, what the router
        // keeps for it and the window cannot be taken, however the frames arrive.
        let instance = FrameInstance { _, _ in nil }
        try await withEntrance(offer, instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("POST", "/"), flags: 4))
            try await client.send((0..<20).flatMap { _ in Cases.data(1, Cases.zeros(16_384)) })
            let reset = try await client.first { $0.type == FrameType.reset }
            #expect(reset?.code == HTTP2ErrorCode.flowControlError.rawValue)
            await client.close()
        }
    }

    @Test("trailers pass in both directions, and cookies come to the instance as one field")
    func trailers() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port)
            let head =
                Block.request("POST", "/trailers") + Block.fields([("cookie", "a=1"), ("cookie", "b=2"), ("x", "")])
            try await client.send(
                Cases.headers(1, head, flags: 4) + Cases.data(1, [1, 2, 3])
                    + Cases.headers(1, Block.fields([("x-sum", "6")])))
            #expect(try await client.body(1) == [1, 2, 3])
            let blocks = client.frames.filter { $0.type == FrameType.headers }
            #expect(blocks.count == 2)
            let fields = try FrameClient.fields(blocks.first)
            #expect(fields["x-cookie"] == "a=1; b=2")
            #expect(fields["x-trailers"] == "x-sum=6")
            #expect(fields["x-host"] == "shop.example")
            #expect(fields["transfer-encoding"] == nil)
            #expect(try FrameClient.fields(blocks.last) == ["x-checksum": "7"])
            #expect(blocks.last?.endsStream == true)
            await client.close()
        }
    }

    @Test("an answer without a body ends with its head; one with a length, with its data")
    func endOfStream() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("HEAD", "/bytes/7")))
            let head = try await client.headers(1)
            #expect(head?.endsStream == true)
            #expect(try FrameClient.fields(head)["content-length"] == "7")
            try await client.send(Cases.headers(3, get("/bytes/7")))
            #expect(try await client.body(3).count == 7)
            #expect(client.frames.filter { $0.stream == 3 && $0.type == FrameType.data }.count == 1)
            await client.close()
        }
    }

    @Test("an answer before the end of the body stops the client without an error")
    func earlyAnswer() async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("POST", "/early"), flags: 4))
            #expect(try FrameClient.fields(try await client.headers(1))[":status"] == "200")
            let reset = try await client.first { $0.type == FrameType.reset }
            #expect(reset?.code == HTTP2ErrorCode.noError.rawValue)
            // What was on its way is passed over, and the connection goes on.
            try await client.send(Cases.data(1, [1]) + Cases.data(1, [], flags: 1) + Cases.headers(3))
            #expect(try await client.headers(3) != nil)
            await client.close()
        }
    }

    private func bytes(_ client: FrameClient, _ stream: UInt32) -> Int {
        client.frames.filter { $0.type == FrameType.data && $0.stream == stream }.reduce(0) { $0 + $1.payload.count }
    }
}
