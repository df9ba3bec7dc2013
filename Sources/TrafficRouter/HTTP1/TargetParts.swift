/// The target of a request (RFC 9112, section 3.2): offsets into the head.
struct TargetParts {
    /// As written, up to the space.
    var whole: Range<Int>
    /// Empty only in an absolute form without a path; `*` in the asterisk form.
    var path: Range<Int>
    /// Without its `?`; `nil` if there is none.
    var query: Range<Int>?
    /// In an absolute form only.
    var authority: Range<Int>?
    var authorityParts: Authority?
    /// 80 or 443 in an absolute form.
    var defaultPort: UInt16 = 0

    /// Reads the target that begins at `start`, up to its space.
    @inline(__always)
    static func parse(
        _ input: Span<UInt8>, from start: Int, _ method: RequestMethod, _ limits: HeadLimits
    ) throws(HeadFlaw) -> TargetParts {
        guard start < input.count else { throw HeadFlaw(.headNotWhole) }
        if input[start] == Byte.slash { return try parsePath(input, start, start, limits) }
        return try parseOther(input, start, method, limits)
    }

    /// Path and query, from `start` on, of the target that begins at `whole`.
    @inline(__always)
    private static func parsePath(
        _ input: Span<UInt8>, _ whole: Int, _ start: Int, _ limits: HeadLimits
    ) throws(HeadFlaw) -> TargetParts {
        var position = start
        while position < input.count, ByteSet.path.contains(input[position]) { position &+= 1 }
        let path = start..<position
        var query: Range<Int>?
        if position < input.count, input[position] == Byte.question {
            position &+= 1
            let start = position
            while position < input.count, ByteSet.query.contains(input[position]) { position &+= 1 }
            query = start..<position
        }
        guard position < input.count, input[position] == Byte.space else { throw flaw(input, position, limits) }
        return TargetParts(whole: whole..<position, path: path, query: query)
    }

    private static func parseOther(
        _ input: Span<UInt8>, _ start: Int, _ method: RequestMethod, _ limits: HeadLimits
    ) throws(HeadFlaw) -> TargetParts {
        if input[start] == Byte.space { throw HeadFlaw(.requestLineSpaces) }
        if let defaultPort = schemePort(input, start) {
            return try parseAbsolute(input, start, defaultPort, limits)
        }
        let target = try parsePath(input, start, start, limits)
        if target.whole.count == 1, input[start] == Byte.asterisk {
            if method == .options { return target }
            throw HeadFlaw(.targetAsterisk)
        }
        throw HeadFlaw(hasScheme(input, target.path) ? .targetScheme : .targetForm)
    }

    private static func parseAbsolute(
        _ input: Span<UInt8>, _ start: Int, _ defaultPort: UInt16, _ limits: HeadLimits
    ) throws(HeadFlaw) -> TargetParts {
        let authority = start &+ (defaultPort == 80 ? 7 : 8)
        var end = authority
        while end < input.count, input[end] != Byte.slash, ByteSet.path.contains(input[end]) { end &+= 1 }
        var target = try parsePath(input, start, end, limits)
        target.authority = authority..<end
        target.defaultPort = defaultPort
        do throws(Authority.Flaw) {
            target.authorityParts = try Authority.parse(input, authority..<end)
        } catch {
            throw HeadFlaw(error == .userInformation ? .targetUserInformation : .targetAuthority)
        }
        return target
    }

    /// 80 or 443 if `http://` or `https://` stands at `start`, in letters of any case.
    private static func schemePort(_ input: Span<UInt8>, _ start: Int) -> UInt16? {
        if input.hasLetters(of: "http://", at: start) { return 80 }
        return input.hasLetters(of: "https://", at: start) ? 443 : nil
    }

    /// Whether `://` follows a first run of letters, digits, `+`, `-` and `.` in `range`.
    private static func hasScheme(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range where input[position] == Byte.colon {
            return position > range.lowerBound && input.hasBytes(of: "://", at: position)
        }
        return false
    }

    /// Why the target cannot go on at `position`.
    private static func flaw(_ input: Span<UInt8>, _ position: Int, _ limits: HeadLimits) -> HeadFlaw {
        guard position < input.count else { return HeadFlaw(.headNotWhole) }
        if position > limits.maxLineBytes { return HeadFlaw(.requestLineTooLong) }
        switch input[position] {
        case Byte.hash: return HeadFlaw(.targetFragment)
        case Byte.lineFeed: return HeadFlaw(.bareLineFeed)
        case Byte.carriageReturn: return RequestLine.lineEndFlaw(input, position, .requestLineIncomplete)
        default: return HeadFlaw(.targetCharacter)
        }
    }
}
