/// Reads field lines: `field-name ":" OWS field-value OWS CRLF` (RFC 9112, section 5).
enum FieldLine {
    /// Reads the field line that begins at `start`; it must not be the empty line.
    ///
    /// - Throws: `headNotWhole` if `input` ends before the line does.
    @inline(__always)
    static func parse(_ input: Span<UInt8>, at start: Int, _ limits: HeadLimits) throws(HeadFlaw) -> HeaderField {
        var position = start
        while position < input.count, ByteSet.token.contains(input[position]) { position &+= 1 }
        let name = start..<position
        guard position < input.count, input[position] == Byte.colon, position > start else {
            throw nameFlaw(input, start, position)
        }
        position &+= 1
        while position < input.count, input[position].isBlank { position &+= 1 }
        let valueStart = position
        position = input.controlCharacter(from: position)
        guard position &+ 1 < input.count, input[position] == Byte.carriageReturn,
            input[position &+ 1] == Byte.lineFeed
        else {
            throw valueFlaw(input, position)
        }
        // The offsets of a name are kept in 16 bits.
        guard position &- start <= min(limits.maxFieldBytes, 65_535) else { throw HeadFlaw(.fieldTooLong) }
        var valueEnd = position
        while valueEnd > valueStart, input[valueEnd &- 1].isBlank { valueEnd &-= 1 }
        return HeaderField(
            name: name, value: valueStart..<valueEnd, lineEnd: position &+ 2,
            id: KnownField.classify(input, start, name.count))
    }

    /// Why no name and colon begin at `start`; `position` is the first byte that is no token's.
    private static func nameFlaw(_ input: Span<UInt8>, _ start: Int, _ position: Int) -> HeadFlaw {
        guard position < input.count else { return HeadFlaw(.headNotWhole) }
        switch input[position] {
        case Byte.colon: return HeadFlaw(.fieldNameMissing)
        case Byte.lineFeed: return HeadFlaw(.bareLineFeed)
        case Byte.carriageReturn: return RequestLine.lineEndFlaw(input, position, .colonMissing)
        case Byte.space, Byte.tab:
            if position == start { return HeadFlaw(.obsoleteFolding) }
            var next = position
            while next < input.count, input[next].isBlank { next &+= 1 }
            let isColon = next < input.count && input[next] == Byte.colon
            return HeadFlaw(isColon ? .spaceBeforeColon : .fieldNameMalformed)
        default: return HeadFlaw(.fieldNameMalformed)
        }
    }

    /// Why no CRLF is at `position`, which is a control character or the end.
    private static func valueFlaw(_ input: Span<UInt8>, _ position: Int) -> HeadFlaw {
        guard position < input.count else { return HeadFlaw(.headNotWhole) }
        switch input[position] {
        case 0: return HeadFlaw(.valueNull)
        case Byte.lineFeed: return HeadFlaw(.bareLineFeed)
        case Byte.carriageReturn: return RequestLine.lineEndFlaw(input, position, .bareCarriageReturn)
        default: return HeadFlaw(.valueControl)
        }
    }
}
