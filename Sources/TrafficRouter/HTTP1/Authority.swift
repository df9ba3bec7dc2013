/// A host and a port as in `Host` fields and absolute targets: `uri-host [":" port]` (RFC 9110, section 7.2; RFC 3986,
/// section 3.2).
struct Authority {
    /// With the brackets of an IPv6 address; never empty.
    var host: Range<Int>
    /// `nil` if there is no port, or nothing behind the colon.
    var port: UInt16?

    enum Flaw: Error {
        case empty, userInformation, malformed, port
    }

    /// Reads the whole of `range`.
    static func parse(_ input: Span<UInt8>, _ range: Range<Int>) throws(Flaw) -> Authority {
        guard !range.isEmpty else { throw .empty }
        var position = range.lowerBound
        if input[position] == Byte.openBracket {
            while position < range.upperBound, input[position] != Byte.closeBracket { position &+= 1 }
            guard position < range.upperBound, isIPv6(input, range.lowerBound &+ 1..<position) else {
                throw flaw(input, range, .malformed)
            }
            position &+= 1
        } else {
            while position < range.upperBound {
                let byte = input[position]
                if ByteSet.hostName.contains(byte) {
                    position &+= 1
                } else if byte == Byte.percent, range.upperBound &- position > 2,
                    ByteSet.hexDigit.contains(input[position &+ 1]), ByteSet.hexDigit.contains(input[position &+ 2])
                {
                    position &+= 3
                } else {
                    break
                }
            }
        }
        let host = range.lowerBound..<position
        if position == range.upperBound { return Authority(host: host, port: nil) }
        guard input[position] == Byte.colon else { throw flaw(input, range, .malformed) }
        guard !host.isEmpty else { throw flaw(input, range, .empty) }
        return Authority(host: host, port: try port(input, position &+ 1..<range.upperBound, in: range))
    }

    private static func port(_ input: Span<UInt8>, _ digits: Range<Int>, in range: Range<Int>) throws(Flaw) -> UInt16? {
        if digits.isEmpty { return nil }
        var value = 0
        for position in digits {
            let byte = input[position]
            guard byte.isDigit, digits.count <= 5 else { throw flaw(input, range, .port) }
            value = value * 10 + Int(byte &- Byte.zero)
        }
        guard let port = UInt16(exactly: value), port > 0 else { throw .port }
        return port
    }

    /// `other`, unless an `@` says that a user was meant.
    private static func flaw(_ input: Span<UInt8>, _ range: Range<Int>, _ other: Flaw) -> Flaw {
        for position in range where input[position] == Byte.at { return .userInformation }
        return other
    }
}

extension Authority {
    /// Whether `range` holds an IPv6 address (RFC 3986, section 3.2.2) without brackets and without a zone.
    static func isIPv6(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var groups = 0
        var isShortened = false
        var position = range.lowerBound
        let end = range.upperBound
        if end &- position >= 2, input[position] == Byte.colon {
            guard input[position &+ 1] == Byte.colon else { return false }
            isShortened = true
            position &+= 2
            if position == end { return true }
        }
        while position < end {
            let start = position
            while position < end, ByteSet.hexDigit.contains(input[position]) { position &+= 1 }
            if position < end, input[position] == Byte.dot {
                // The last two groups may be written as an IPv4 address.
                return isIPv4(input, start..<end) && (isShortened ? groups + 2 < 8 : groups + 2 == 8)
            }
            guard 1...4 ~= position - start else { return false }
            groups += 1
            if position == end { break }
            guard input[position] == Byte.colon, position &+ 1 < end else { return false }
            position &+= 1
            if input[position] == Byte.colon {
                guard !isShortened else { return false }
                isShortened = true
                position &+= 1
            }
        }
        return isShortened ? groups < 8 : groups == 8
    }

    private static func isIPv4(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var numbers = 0
        var digits = 0
        var value = 0
        for position in range {
            let byte = input[position]
            if byte == Byte.dot {
                guard digits > 0, numbers < 3 else { return false }
                numbers += 1
                digits = 0
                value = 0
            } else {
                // No leading zeros: some read them as octal.
                guard byte.isDigit, digits == 0 || value > 0 else { return false }
                value = value * 10 + Int(byte &- Byte.zero)
                digits += 1
                guard value <= 255 else { return false }
            }
        }
        return numbers == 3 && digits > 0
    }
}
