import Testing

@testable import TrafficRouter

@Suite struct RequestHeadTests {
    @Test(arguments: RefusedRequest.all) func isRefused(_ request: RefusedRequest) {
        #expect(Verdict.of(request.bytes, request.limits) == .refused(request.code, request.status))
    }

    @Test(arguments: AcceptedRequests.all) func isAccepted(_ request: AcceptedRequest) {
        guard case .accepted(let meaning, _) = Verdict.of(request.bytes) else {
            Issue.record("\(Verdict.of(request.bytes))")
            return
        }
        #expect(meaning == request.meaning)
    }

    @Test(arguments: AcceptedRequests.all) func isRebuiltFromItsRanges(_ request: AcceptedRequest) throws {
        let (head, received) = try parsed(request.bytes)
        #expect(Rebuilt.bytes(head) == received)
    }

    @Test func thereAreEnoughCases() {
        #expect(RefusedRequest.all.count >= 170 && AcceptedRequests.all.count >= 60)
        // What only answers or chunked bodies, or a call with half a head, can show.
        let elsewhere: Set<HeadFlaw.Code> = [
            .headNotWhole, .statusLineMalformed, .statusMalformed, .chunkSizeMalformed, .chunkSizeOverflow,
            .chunkExtensionMalformed, .chunkLineTooLong, .chunkEndMalformed, .trailersTooLarge, .tooManyTrailers,
        ]
        let met = Set(RefusedRequest.all.map(\.code))
        #expect(Set(HeadFlaw.Code.allCases).subtracting(elsewhere) == met)
    }

    /// The limits themselves are still within the limits.
    @Test func isAcceptedAtTheLimits() throws {
        let limits = RefusedLimits.limits
        let head = latin(RefusedLimits.exactly(limits.maxHeadBytes))
        #expect(head.count == limits.maxHeadBytes)
        guard case .accepted(let meaning, _) = Verdict.of(head, limits) else {
            Issue.record("\(Verdict.of(head, limits))")
            return
        }
        #expect(meaning.fieldCount == limits.maxFields)
    }

    @Test(arguments: ["", "\r", "\r\n", "\r\n\r\n", "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"])
    func halfAHeadIsRefused(_ text: String) {
        let head = RequestHead()
        #expect(throws: HeadFlaw.self) { try head.parse(latin(text).span, limits: HeadLimits()) }
    }

    @Test func bytesBehindTheEmptyLineAreRefused() {
        let head = RequestHead()
        #expect(throws: HeadFlaw(.headNotWhole)) {
            try head.parse(latin("GET / HTTP/1.1\r\nHost: a\r\n\r\nx").span, limits: HeadLimits())
        }
    }

    /// Nothing of an earlier request may be left when an object is used again.
    @Test func anObjectIsUsedAgain() throws {
        let head = RequestHead()
        for request in AcceptedRequests.all + AcceptedRequests.all.reversed() {
            let (_, received) = try parsed(request.bytes)
            try head.parse(received.span, limits: HeadLimits())
            #expect(head.meaning == request.meaning, "\(request.name)")
            #expect(head.bytes == received)
            #expect(throws: HeadFlaw.self) {
                try head.parse(
                    latin("GET /old HTTP/1.1\r\nHost: a\r\nConnection: x\r\nY\r\n\r\n").span, limits: HeadLimits())
            }
        }
    }

    @Test func theEmptyLineBeforeIsLeftOut() throws {
        let (head, _) = try parsed(latin("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.methodRange == 0..<3 && head.string(head.target) == "/x")
        #expect(head.bytes == latin("GET /x HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    @Test func targetsAndAuthoritiesKeepTheirPlaces() throws {
        let (head, _) = try parsed(latin("GET http://A:80/b?c=d HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.string(head.target) == "http://A:80/b?c=d")
        #expect(head.authority.map { head.string($0) } == "A:80")
        #expect(head.string(head.pathAndQuery) == "/b?c=d")
    }
}

/// A head read from `bytes`, and what it must keep of them: without an empty line before and what stands behind.
func parsed(_ bytes: [UInt8]) throws -> (RequestHead, [UInt8]) {
    var scannedTo = 0
    let length = try RequestHead.length(of: bytes.span, scannedTo: &scannedTo, limits: HeadLimits())
    let end = try #require(length)
    let head = RequestHead()
    try head.parse(bytes.span.extracting(0..<end), limits: HeadLimits())
    let start = bytes.starts(with: latin("\r\n")) ? 2 : 0
    return (head, Array(bytes[start..<end]))
}
