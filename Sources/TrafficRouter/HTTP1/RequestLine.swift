/// The first line of a request (RFC 9112, section 3): offsets into the head.
struct RequestLine {
    /// Longest method taken; the longest registered one has 17 letters.
    static var maxMethodBytes: Int { 32 }

    var method: RequestMethod
    var methodRange: Range<Int>
    var target: TargetParts
    var isHTTP10: Bool
    /// Just behind the CRLF.
    var end: Int

    /// Reads the line that begins with the first byte.
    @inline(__always)
    static func parse(_ input: Span<UInt8>, _ limits: HeadLimits) throws(HeadFlaw) -> RequestLine {
        var position = 0
        while position < input.count, ByteSet.token.contains(input[position]) { position &+= 1 }
        let methodRange = 0..<position
        guard position < input.count, input[position] == Byte.space, position > 0, position <= maxMethodBytes else {
            throw methodFlaw(input, position)
        }
        let method = RequestMethod.classify(input, methodRange)
        if method == .connect { throw HeadFlaw(.connectNotOffered) }
        if method == .other, RequestMethod.isMisspelt(input, methodRange) { throw HeadFlaw(.methodCase) }

        let target = try TargetParts.parse(input, from: position &+ 1, method, limits)
        position = target.whole.upperBound &+ 1
        guard input.count &- position >= 10 else { throw versionFlaw(input, position) }
        let isHTTP10: Bool
        switch input.word(at: position) {
        // "HTTP/1.1" and "HTTP/1.0" with the first letter lowest.
        case 0x312E_312F_5054_5448: isHTTP10 = false
        case 0x302E_312F_5054_5448: isHTTP10 = true
        default: throw versionFlaw(input, position)
        }
        guard input[position &+ 8] == Byte.carriageReturn, input[position &+ 9] == Byte.lineFeed else {
            throw versionFlaw(input, position)
        }
        guard position &+ 8 <= limits.maxLineBytes else { throw HeadFlaw(.requestLineTooLong) }
        return RequestLine(
            method: method, methodRange: methodRange, target: target, isHTTP10: isHTTP10, end: position &+ 10)
    }

    /// Why there is no method of a good length before a space at `position`.
    private static func methodFlaw(_ input: Span<UInt8>, _ position: Int) -> HeadFlaw {
        guard position < input.count else { return HeadFlaw(.headNotWhole) }
        if position > maxMethodBytes { return HeadFlaw(.methodTooLong) }
        switch input[position] {
        case Byte.space: return HeadFlaw(.requestLineSpaces)
        case Byte.lineFeed: return HeadFlaw(.bareLineFeed)
        case Byte.carriageReturn: return lineEndFlaw(input, position, .requestLineIncomplete)
        default: return HeadFlaw(.methodMalformed)
        }
    }

    /// Why `HTTP/1.1` or `HTTP/1.0` and a line end are not at `position`.
    private static func versionFlaw(_ input: Span<UInt8>, _ position: Int) -> HeadFlaw {
        var end = position
        while end < input.count {
            switch input[end] {
            case Byte.space: return HeadFlaw(.requestLineSpaces)
            case Byte.lineFeed: return HeadFlaw(.bareLineFeed)
            case Byte.carriageReturn:
                let other: HeadFlaw.Code =
                    end == position
                    ? .requestLineIncomplete
                    : isVersion(input, position..<end) ? .versionUnsupported : .versionMalformed
                return lineEndFlaw(input, end, other)
            default: end &+= 1
            }
        }
        return HeadFlaw(.headNotWhole)
    }

    /// Whether `range` holds `HTTP-version` of RFC 9112, section 2.3, or `HTTP/2`, as some write it.
    static func isVersion(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let start = range.lowerBound
        guard range.count >= 6, input.hasBytes(of: "HTTP/", at: start), input[start &+ 5].isDigit else { return false }
        if range.count == 6 { return true }
        return range.count == 8 && input[start &+ 6] == Byte.dot && input[start &+ 7].isDigit
    }

    /// `other`, unless the carriage return at `position` is a bare one.
    static func lineEndFlaw(_ input: Span<UInt8>, _ position: Int, _ other: HeadFlaw.Code) -> HeadFlaw {
        guard position &+ 1 < input.count else { return HeadFlaw(.headNotWhole) }
        return HeadFlaw(input[position &+ 1] == Byte.lineFeed ? other : .bareCarriageReturn)
    }
}
