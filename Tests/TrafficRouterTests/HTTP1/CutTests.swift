import Testing

@testable import TrafficRouter

/// Wherever the bytes are cut on their way, the verdict is the same.
@Suite struct CutTests {
    @Test(arguments: RefusedRequest.all) func refusedRequests(_ request: RefusedRequest) {
        check(request.bytes) { Verdict.of(request.bytes, cuts: $0, request.limits) }
    }

    @Test(arguments: AcceptedRequests.all) func acceptedRequests(_ request: AcceptedRequest) {
        check(request.bytes) { Verdict.of(request.bytes, cuts: $0) }
    }

    @Test(arguments: ChunkCases.all) func chunkedBodies(_ body: ChunkCase) {
        check(body.bytes) { ChunkReading.of(body.bytes, cuts: $0, body.limits) }
    }

    @Test(arguments: ResponseCases.all) func responses(_ answer: ResponseCase) {
        check(answer.bytes) { ResponseReading.of(answer.bytes, cuts: $0, answer.method) }
    }

    /// Cuts once, everywhere, and then byte by byte.
    private func check<Reading: Equatable>(_ bytes: [UInt8], _ read: ([Int]) -> Reading) {
        let whole = read([])
        // The few long ones are all alike in the middle.
        let places = bytes.count < 2_000 ? Array(0...bytes.count) : Array(stride(from: 0, to: bytes.count, by: 4_093))
        for cut in places where read([cut]) != whole { Issue.record("cut at \(cut)") }
        #expect(read(places) == whole)
    }
}
