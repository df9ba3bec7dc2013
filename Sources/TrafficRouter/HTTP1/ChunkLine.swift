/// A chunk's first line: its size and extensions (RFC 9112, sections 7.1 and 7.1.1).
struct ChunkLine {
    /// Below 2^63.
    var size: UInt64
    var hasExtension: Bool

    /// Reads the line in `range`, which does not hold its CRLF.
    static func parse(_ input: Span<UInt8>, _ range: Range<Int>) throws(HeadFlaw) -> ChunkLine {
        var position = range.lowerBound
        var size: UInt64 = 0
        while position < range.upperBound, let digit = input[position].hexValue {
            // Leading zeros do no harm, however many the line has room for.
            guard size < 1 << 59 else { throw HeadFlaw(.chunkSizeOverflow) }
            size = size << 4 | UInt64(digit)
            position &+= 1
        }
        guard position > range.lowerBound else { throw HeadFlaw(.chunkSizeMalformed) }
        if position == range.upperBound { return ChunkLine(size: size, hasExtension: false) }
        try skipExtensions(input, position..<range.upperBound)
        return ChunkLine(size: size, hasExtension: true)
    }

    /// `*( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )`, and nothing behind.
    private static func skipExtensions(_ input: Span<UInt8>, _ range: Range<Int>) throws(HeadFlaw) {
        let end = range.upperBound
        var position = skipBlanks(input, range.lowerBound, end)
        // Not even the beginning of an extension: the size itself is malformed.
        guard position < end, input[position] == Byte.semicolon else {
            throw flaw(input, range.lowerBound..<end, .chunkSizeMalformed)
        }
        while position < end {
            guard input[position] == Byte.semicolon else { throw flaw(input, range, .chunkExtensionMalformed) }
            position = skipBlanks(input, position &+ 1, end)
            position = try skipToken(input, position..<end)
            position = skipBlanks(input, position, end)
            guard position < end, input[position] == Byte.equals else { continue }
            position = skipBlanks(input, position &+ 1, end)
            if position < end, input[position] == Byte.quote {
                position = try skipQuoted(input, position..<end)
            } else {
                position = try skipToken(input, position..<end)
            }
            position = skipBlanks(input, position, end)
        }
        // The grammar has no blanks at the line's end.
        if input[end &- 1].isBlank { throw HeadFlaw(.chunkExtensionMalformed) }
    }

    private static func skipBlanks(_ input: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var position = start
        while position < end, input[position].isBlank { position &+= 1 }
        return position
    }

    private static func skipToken(_ input: Span<UInt8>, _ range: Range<Int>) throws(HeadFlaw) -> Int {
        var position = range.lowerBound
        while position < range.upperBound, ByteSet.token.contains(input[position]) { position &+= 1 }
        guard position > range.lowerBound else { throw flaw(input, range, .chunkExtensionMalformed) }
        return position
    }

    /// `quoted-string` of RFC 9110, section 5.6.4; the first byte is its quote.
    private static func skipQuoted(_ input: Span<UInt8>, _ range: Range<Int>) throws(HeadFlaw) -> Int {
        var position = range.lowerBound &+ 1
        while position < range.upperBound {
            var byte = input[position]
            if byte == Byte.quote { return position &+ 1 }
            if byte == Byte.backslash, position &+ 1 < range.upperBound {
                position &+= 1
                byte = input[position]
                guard byte.isBlank || byte > Byte.space && byte != Byte.delete else { break }
            } else if !ByteSet.quotedText.contains(byte), byte < 0x80 {
                break
            }
            position &+= 1
        }
        throw flaw(input, range, .chunkExtensionMalformed)
    }

    /// `other`, unless a carriage return is in `range`.
    private static func flaw(_ input: Span<UInt8>, _ range: Range<Int>, _ other: HeadFlaw.Code) -> HeadFlaw {
        for position in range where input[position] == Byte.carriageReturn { return HeadFlaw(.bareCarriageReturn) }
        return HeadFlaw(other)
    }
}
