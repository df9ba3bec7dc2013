import Testing

@testable import TrafficRouter

/// The search for a head's end by itself.
@Suite struct HeadScanTests {
    private func length(_ text: String, from scannedTo: Int = 0, _ limits: HeadLimits = HeadLimits()) throws -> Int? {
        var scannedTo = scannedTo
        let bytes = latin(text)
        return try RequestHead.length(of: bytes.span, scannedTo: &scannedTo, limits: limits)
    }

    @Test(arguments: [
        ("", nil), ("\r", nil), ("\r\n", nil), ("G", nil), ("GET / HTTP/1.1\r\n", nil), ("a\r\nb\r\n\r", nil),
        ("a\r\n\r\n", 5), ("a\r\nb\r\n\r\n", 8), ("\r\na\r\n\r\n", 7), ("a\r\n\r\nb\r\n\r\n", 5), ("a\r\n\r\n\n", 5),
    ])
    func ends(_ text: String, _ expected: Int?) throws {
        #expect(try length(text) == expected)
    }

    @Test(arguments: [
        ("\n", HeadFlaw.Code.bareLineFeed), ("a\n", .bareLineFeed), ("a\r\nb\n", .bareLineFeed),
        ("a\r\n\n", .bareLineFeed), ("\r\n\n", .bareLineFeed), ("\r\n\r\n", .leadingEmptyLines),
    ])
    func flaws(_ text: String, _ code: HeadFlaw.Code) {
        #expect(throws: HeadFlaw(code)) { try length(text) }
    }

    /// What has been looked at once is not looked at again, not even when it was wrong.
    @Test func nothingIsScannedTwice() throws {
        #expect(try length("\na\r\n\r\n", from: 1) == 6)
        var scannedTo = 0
        let bytes = latin("abc\r\n\r")
        #expect(try RequestHead.length(of: bytes.span, scannedTo: &scannedTo, limits: HeadLimits()) == nil)
        #expect(scannedTo == 6)
    }

    @Test func theLimitIsTheLargestHead() throws {
        let limits = HeadLimits(maxHeadBytes: 10, maxLineBytes: 4)
        #expect(try length("a\r\nbcd\r\n\r\n", limits) == 10)
        #expect(try length("a\r\nbcde\r\n", limits) == nil)
        #expect(throws: HeadFlaw(.headTooLarge)) { try length("a\r\nbcde\r\n\r", limits) }
        #expect(throws: HeadFlaw(.headTooLarge)) { try length("a\r\nbcde\r\n\r\n", limits) }
        #expect(throws: HeadFlaw(.requestLineTooLong)) { try length("abcdefghij", limits) }
        #expect(throws: HeadFlaw(.requestLineTooLong)) { try length("abcdefgh\r\n", limits) }
    }

    @Test func noEmptyLineMayStandBeforeAnAnswer() {
        #expect(throws: HeadFlaw(.leadingEmptyLines).inResponse) {
            var scannedTo = 0
            let bytes = latin("\r\n")
            _ = try ResponseHead.length(of: bytes.span, scannedTo: &scannedTo, limits: HeadLimits())
        }
    }

    private func length(_ text: String, _ limits: HeadLimits) throws -> Int? { try length(text, from: 0, limits) }
}
