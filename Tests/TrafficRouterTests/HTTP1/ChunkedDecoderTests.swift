import Testing

@testable import TrafficRouter

@Suite struct ChunkedDecoderTests {
    @Test(arguments: RefusedChunks.all) func isRefused(_ body: ChunkCase) {
        #expect(ChunkReading.of(body.bytes, body.limits).flaw == body.flaw)
    }

    @Test(arguments: ChunkCases.accepted) func isAccepted(_ body: ChunkCase) {
        let reading = ChunkReading.of(body.bytes, body.limits)
        #expect(reading.flaw == nil && reading.length != nil)
        #expect(reading.data == latin(body.data))
        #expect(reading.steps.filter { $0.hasPrefix("trailer") || $0.hasPrefix("dropped") } == body.trailers)
    }

    @Test func stepsComeInOrder() {
        let reading = ChunkReading.of(latin("2;a=b\r\nxy\r\n1\r\nz\r\n0\r\nA: b\r\n\r\nnext"), HeadLimits())
        #expect(
            reading.steps == [
                "line 2 extension", "data end", "line 1", "data end", "line 0", "trailer A=b", "end",
            ])
        #expect(reading.length == 28)
    }

    /// 2^63 - 1 bytes are announced, and far more bytes than are there are never asked for.
    @Test func theLargestSizeIsTaken() throws {
        let bytes = latin("7fffffffffffffff\r\nabc")
        var decoder = ChunkedDecoder()
        #expect(try decoder.next(bytes, from: 0) == .line(0..<18, hasExtension: false, size: .max / 2))
        #expect(try decoder.next(bytes, from: 18) == .data(18..<21))
        #expect(try decoder.next(bytes, from: 21) == .needMore)
        #expect(!decoder.isAtEnd)
    }

    @Test func theEndIsTheEnd() throws {
        let bytes = latin("0\r\n\r\n")
        var decoder = ChunkedDecoder()
        #expect(try decoder.next(bytes, from: 0) == .line(0..<3, hasExtension: false, size: 0))
        #expect(try decoder.next(bytes, from: 3) == .end(3..<5))
        #expect(decoder.isAtEnd)
        #expect(try decoder.next(bytes, from: 5) == .end(5..<5))
    }

    @Test func consumedBytesMayBeGivenUp() throws {
        var decoder = ChunkedDecoder()
        #expect(try decoder.next(latin("1;a"), from: 0) == .needMore)
        #expect(try decoder.next(latin("1;a\r\n"), from: 0) == .line(0..<5, hasExtension: true, size: 1))
        #expect(try decoder.next(latin("x\r"), from: 0) == .data(0..<1))
        #expect(try decoder.next(latin("\r"), from: 0) == .needMore)
        #expect(try decoder.next(latin("\r\n0\r"), from: 0) == .dataEnd(0..<2))
        #expect(try decoder.next(latin("0\r"), from: 0) == .needMore)
        #expect(try decoder.next(latin("0\r\n\r\n"), from: 0) == .line(0..<3, hasExtension: false, size: 0))
    }

    @Test func limitsThemselvesAreWithin() {
        let size = repeating("0", 30)
        #expect(ChunkReading.of(latin(size + "\r\n\r\n"), RefusedLimits.limits).length == 34)
        let trailers = "0\r\nA: \(repeating("a", 40))\r\nB: 012345678901\r\n\r\n"
        #expect(trailers.utf8.count - 3 == RefusedLimits.limits.maxTrailerBytes)
        #expect(ChunkReading.of(latin(trailers), RefusedLimits.limits).length != nil)
    }

    @Test(arguments: [
        "content-length", "Transfer-Encoding", "HOST", "trailer", "Connection", "keep-alive", "te", "upgrade",
        "proxy-connection", "proxy-authenticate", "proxy-authorization", "http2-settings", "cookie", "Set-Cookie",
        "authorization", "www-authenticate", "content-type", "content-encoding", "content-range", "content-location",
        "cache-control", "expect", "max-forwards", "pragma", "range", "if-match", "If-None-Match", "if-range", "age",
        "date", "expires", "location", "retry-after", "vary", "warning", "server", "forwarded", "x-forwarded-for",
        "X-Forwarded-Anything", "x-real-ip", "x-request-id", "traceparent", "x-nonevent-release", "idempotency-key",
    ])
    func isNoTrailer(_ name: String) {
        let reading = ChunkReading.of(latin("0\r\n\(name): a\r\n\r\n"), HeadLimits())
        #expect(reading.steps == ["line 0", "dropped \(name)=a", "end"])
    }

    @Test(arguments: ["grpc-status", "grpc-message", "etag", "digest", "server-timing", "x-a", "i", "if", "cookies"])
    func isATrailer(_ name: String) {
        let reading = ChunkReading.of(latin("0\r\n\(name): a\r\n\r\n"), HeadLimits())
        #expect(reading.steps == ["line 0", "trailer \(name)=a", "end"])
    }
}

extension ChunkedDecoder {
    fileprivate mutating func next(_ bytes: [UInt8], from: Int) throws(HeadFlaw) -> Step {
        try next(bytes.span, from: from)
    }
}
