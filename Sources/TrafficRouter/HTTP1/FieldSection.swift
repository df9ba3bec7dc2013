/// What the fields of a head say together; read in one pass over them.
struct FieldSection {
    /// A bit for each `KnownField` that occurred.
    private(set) var seen: UInt64 = 0
    private(set) var host = 0..<0
    private(set) var contentLength: UInt64 = 0
    private(set) var transferEncoding = 0..<0
    private(set) var expectsContinue = false
    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    private(set) var hasUpgradeOption = false

    @inline(__always)
    func has(_ field: KnownField) -> Bool { seen & 1 &<< UInt64(field.rawValue) != 0 }

    /// Reads all field lines from `start` on, and the empty line, which must be the last of `input`.
    ///
    /// - Parameter isLenient: leaves out what is malformed in `Connection` fields instead of refusing it.
    @inline(__always)
    static func parse(
        _ input: Span<UInt8>, from start: Int, _ limits: HeadLimits, isLenient: Bool,
        into fields: inout [HeaderField], names: inout [Range<Int>]
    ) throws(HeadFlaw) -> FieldSection {
        var section = FieldSection()
        var position = start
        while true {
            guard position &+ 1 < input.count else { throw HeadFlaw(.headNotWhole) }
            if input[position] == Byte.carriageReturn {
                guard input[position &+ 1] == Byte.lineFeed else { throw HeadFlaw(.bareCarriageReturn) }
                guard position &+ 2 == input.count else { throw HeadFlaw(.headNotWhole) }
                return section
            }
            let field = try FieldLine.parse(input, at: position, limits)
            guard fields.count < limits.maxFields else { throw HeadFlaw(.tooManyFields) }
            fields.append(field)
            if field.id != .other { try section.note(field, input, isLenient: isLenient, &names) }
            position = field.lineEnd
        }
    }

    private mutating func note(
        _ field: HeaderField, _ input: Span<UInt8>, isLenient: Bool, _ names: inout [Range<Int>]
    ) throws(HeadFlaw) {
        switch field.id {
        case .host:
            if has(.host) { throw HeadFlaw(.hostRepeated) }
            host = field.value
        case .contentLength:
            if has(.contentLength) { throw HeadFlaw(.lengthRepeated) }
            contentLength = try Self.length(input, field.value)
        case .transferEncoding:
            if has(.transferEncoding) { throw HeadFlaw(.transferEncodingRepeated) }
            transferEncoding = field.value
        case .connection:
            try noteOptions(input, field.value, isLenient: isLenient, &names)
        case .expect:
            expectsContinue = input.holds(field.value, "100-continue")
        default:
            break
        }
        seen |= 1 &<< UInt64(field.id.rawValue)
    }

    /// `1*DIGIT` below 2^63 (RFC 9112, section 6.2). Lists of equal lengths are refused too.
    private static func length(_ input: Span<UInt8>, _ range: Range<Int>) throws(HeadFlaw) -> UInt64 {
        guard !range.isEmpty else { throw HeadFlaw(.lengthMalformed) }
        var value: UInt64 = 0
        var overflows = false
        for position in range {
            let byte = input[position]
            guard byte.isDigit else { throw HeadFlaw(.lengthMalformed) }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooLarge) = product.addingReportingOverflow(UInt64(byte &- Byte.zero))
            value = sum
            overflows = overflows || isTooLarge || isStillTooLarge || sum >= 1 << 63
        }
        if overflows { throw HeadFlaw(.lengthOverflow) }
        return value
    }

    /// A list of tokens (RFC 9110, section 7.6.1); empty elements count for nothing (section 5.6.1.2).
    private mutating func noteOptions(
        _ input: Span<UInt8>, _ value: Range<Int>, isLenient: Bool, _ names: inout [Range<Int>]
    ) throws(HeadFlaw) {
        var position = value.lowerBound
        while position < value.upperBound {
            var end = position
            while end < value.upperBound, input[end] != Byte.comma { end &+= 1 }
            let option = input.trimmed(position..<end)
            position = end &+ 1
            if option.isEmpty { continue }
            switch option.count {
            case 5 where input.holds(option, "close"): hasClose = true
            case 7 where input.holds(option, "upgrade"): hasUpgradeOption = true
            case 10 where input.holds(option, "keep-alive"): hasKeepAlive = true
            default:
                if Self.isToken(input, option) {
                    names.append(option)
                } else if !isLenient {
                    throw HeadFlaw(.connectionMalformed)
                }
            }
        }
    }

    static func isToken(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range where !ByteSet.token.contains(input[position]) { return false }
        return !range.isEmpty
    }
}
