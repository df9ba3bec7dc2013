/// The first line of an answer (RFC 9112, section 4): offsets into the head.
struct StatusLine {
    /// 100 to 999.
    var status: Int
    var reason: Range<Int>
    var isHTTP10: Bool
    /// Just behind the CRLF.
    var end: Int

    /// Reads the line that begins with the first byte. The reason may be missing, and the space before it too: servers
    /// are seen that leave out both.
    @inline(__always)
    static func parse(_ input: Span<UInt8>) throws(HeadFlaw) -> StatusLine {
        if input.hasBytes(of: "\r\n", at: 0) { throw HeadFlaw(.leadingEmptyLines) }
        guard input.count >= 14 else { throw HeadFlaw(.statusLineMalformed) }
        let isHTTP10: Bool
        switch input.word(at: 0) {
        // "HTTP/1.1" and "HTTP/1.0" with the first letter lowest.
        case 0x312E_312F_5054_5448: isHTTP10 = false
        case 0x302E_312F_5054_5448: isHTTP10 = true
        default:
            throw HeadFlaw(RequestLine.isVersion(input, 0..<8) ? .versionUnsupported : .statusLineMalformed)
        }
        guard input[8] == Byte.space else { throw HeadFlaw(.statusLineMalformed) }
        var status = 0
        for position in 9..<12 {
            guard input[position].isDigit else { throw HeadFlaw(.statusMalformed) }
            status = status &* 10 &+ Int(input[position] &- Byte.zero)
        }
        guard status >= 100 else { throw HeadFlaw(.statusMalformed) }
        let hasSpace = input[12] == Byte.space
        guard hasSpace || input[12] == Byte.carriageReturn else { throw HeadFlaw(.statusMalformed) }
        let start = hasSpace ? 13 : 12
        let end = input.controlCharacter(from: start)
        guard end &+ 1 < input.count else { throw HeadFlaw(.headNotWhole) }
        guard input[end] == Byte.carriageReturn else {
            throw HeadFlaw(input[end] == Byte.lineFeed ? .bareLineFeed : .statusLineMalformed)
        }
        guard input[end &+ 1] == Byte.lineFeed else { throw HeadFlaw(.bareCarriageReturn) }
        return StatusLine(status: status, reason: start..<end, isHTTP10: isHTTP10, end: end &+ 2)
    }
}
