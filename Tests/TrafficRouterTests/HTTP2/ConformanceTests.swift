import NIOCore
import Testing

@testable import TrafficRouter

/// Frames by hand, as h2spec sends them, and what RFC 9113 says must come of each.
struct ConformanceTests {
    enum Answer: Equatable, Sendable {
        case goAway(HTTP2ErrorCode)
        case reset(UInt32, HTTP2ErrorCode)
        case status(UInt32, String)
        case pingAcknowledged
        case closed
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let answer: Answer
        var testDescription: String { name }

        init(_ name: String, _ frames: [[UInt8]], _ answer: Answer) {
            (self.name, bytes, self.answer) = (name, frames.flatMap { $0 }, answer)
        }
    }

    @Test("what comes of frames", arguments: frameCases + streamCases + blockCases + requestCases)
    func frames(_ test: Case) async throws {
        try await withEntrance { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(test.bytes)
            try await check(client, test.answer)
            await client.close()
        }
    }

    private func check(_ client: FrameClient, _ answer: Answer) async throws {
        switch answer {
        case .goAway(let code):
            let frame = try await client.first { $0.type == FrameType.goAway }
            #expect(frame?.code == code.rawValue)
            #expect(try await eventually { client.isClosed })
        case .reset(let stream, let code):
            let frame = try await client.first { $0.type == FrameType.reset && $0.stream == stream }
            #expect(frame?.code == code.rawValue, "\(client.frames)")
            #expect(!client.frames.contains { $0.type == FrameType.goAway })
        case .status(let stream, let status):
            #expect(try FrameClient.fields(try await client.headers(stream))[":status"] == status)
            #expect(!client.frames.contains { $0.type == FrameType.goAway })
        case .pingAcknowledged:
            #expect(try await client.first { $0.type == FrameType.ping && $0.flags == 1 } != nil)
            #expect(!client.frames.contains { $0.type == FrameType.goAway || $0.type == FrameType.reset })
        case .closed:
            #expect(try await eventually { client.isClosed })
        }
    }

    @Test("what is no preface, and what must follow it")
    func preface() async throws {
        try await withEntrance { entrance in
            let wrong = try await FrameClient(port: entrance.port)
            try await wrong.send(Array("PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n".utf8))
            try await check(wrong, .goAway(.protocolError))
            let first = try await FrameClient(port: entrance.port)
            try await first.send(FrameClient.preface + FrameClient.frame(FrameType.ping, 0, 0, Self.zeros(8)))
            try await check(first, .goAway(.protocolError))
            // Byte by byte it is still the preface.
            let slow = try await FrameClient(port: entrance.port)
            for byte in FrameClient.preface { try await slow.send([byte]) }
            for byte in FrameClient.frame(FrameType.settings, 0, 0, []) { try await slow.send([byte]) }
            for byte in FrameClient.frame(FrameType.headers, 5, 1, Block.request()) { try await slow.send([byte]) }
            try await check(slow, .status(1, "200"))
            for client in [wrong, first, slow] { await client.close() }
        }
    }

    static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    static func window(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
        FrameClient.frame(FrameType.windowUpdate, 0, stream, word(increment))
    }

    static func word(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    static func setting(_ parameter: UInt8, _ value: UInt32) -> [UInt8] {
        FrameClient.frame(FrameType.settings, 0, 0, [0, parameter] + word(value))
    }

    static func headers(_ stream: UInt32, _ block: [UInt8] = Block.request(), flags: UInt8 = 0x5) -> [UInt8] {
        FrameClient.frame(FrameType.headers, flags, stream, block)
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        FrameClient.frame(FrameType.data, flags, stream, bytes)
    }

    static let ping = FrameClient.frame(FrameType.ping, 0, 0, Array(1...8))
    static let post = Block.request("POST")
    static let reset = FrameClient.frame(FrameType.reset, 0, 1, word(8))
}
