import Testing

@testable import TrafficRouter

@Suite struct ResponseHeadTests {
    @Test(arguments: ResponseCases.all) func isRead(_ answer: ResponseCase) {
        #expect(ResponseReading.of(answer.bytes, answer.method) == answer.reading)
    }

    @Test(arguments: ResponseCases.accepted) func isRebuiltFromItsRanges(_ answer: ResponseCase) throws {
        let head = ResponseHead()
        try head.parse(answer.bytes.span, limits: HeadLimits(), answering: answer.method)
        #expect(Rebuilt.bytes(head) == answer.bytes)
        #expect(head.bytes == answer.bytes)
    }

    @Test func announcedLengthsAreKept() throws {
        let head = ResponseHead()
        try head.parse(
            latin("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").span, limits: HeadLimits(), answering: .head)
        #expect(head.framing == .none && head.announcedLength == 5)
        try head.parse(latin("HTTP/1.1 304 x\r\n\r\n").span, limits: HeadLimits(), answering: .get)
        #expect(head.announcedLength == nil)
    }

    @Test(arguments: [(100, true), (101, false), (103, true), (199, true), (200, false), (999, false)])
    func informational(_ status: Int, _ isInformational: Bool) throws {
        let head = ResponseHead()
        try head.parse(latin("HTTP/1.1 \(status) x\r\n\r\n").span, limits: HeadLimits(), answering: .get)
        #expect(head.isInformational == isInformational)
    }

    @Test func whatIsNoTokenIsLeftOutOfConnection() throws {
        let head = ResponseHead()
        try head.parse(
            latin("HTTP/1.1 200 x\r\nConnection: A, b c, \"d\"\r\nConnection: E\r\n\r\n").span, limits: HeadLimits(),
            answering: .get)
        #expect(head.connectionNames.map { head.string($0) } == ["A", "E"])
    }
}
