/// An IPv4 or IPv6 address as a number. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291, 2.5.5.2) is the
/// IPv4 address, so that rules written for one hold for both.
public struct IPAddress: Sendable, Hashable {
    /// The upper 64 bits of an IPv6 address; 0 for IPv4.
    public let high: UInt64
    /// The lower 64 bits of an IPv6 address; an IPv4 address in its lower 32 bits.
    public let low: UInt64
    public let isIPv4: Bool

    /// - Parameter ipv4: in the order of people: `127.0.0.1` is `0x7F00_0001`.
    public init(ipv4: UInt32) { (high, low, isIPv4) = (0, UInt64(ipv4), true) }

    public init(high: UInt64, low: UInt64) {
        isIPv4 = high == 0 && low >> 32 == 0xFFFF
        self.high = high
        self.low = isIPv4 ? low & 0xFFFF_FFFF : low
    }

    /// - Parameter bytes: 4 or 16 in network order.
    /// - Returns: `nil` for any other number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        if bytes.count == 4 {
            self.init(ipv4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(high: high, low: low)
        }
    }

    /// The number of bits: 32 or 128.
    public var width: Int { isIPv4 ? 32 : 128 }
    /// `127.0.0.0/8` or `::1`: this machine.
    public var isLoopback: Bool { isIPv4 ? low >> 24 == 127 : high == 0 && low == 1 }
}

extension IPAddress: CustomStringConvertible {
    /// - Parameter text: `192.0.2.1` in four decimal numbers without leading zeros, or IPv6 as in RFC 4291, 2.2,
    ///   without zone and brackets.
    /// - Returns: `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = Self.ipv6(Substring(text)) else { return nil }
            var (high, low): (UInt64, UInt64) = (0, 0)
            for group in groups {
                high = high << 16 | low >> 48
                low = low << 16 | UInt64(group)
            }
            self.init(high: high, low: low)
        } else {
            guard let number = Self.ipv4(Substring(text)) else { return nil }
            self.init(ipv4: number)
        }
    }

    /// As RFC 5952 recommends: lower case, the longest run of zeros shortened.
    public var description: String {
        guard !isIPv4 else {
            return stride(from: 24, through: 0, by: -8).map { "\(low >> $0 & 0xFF)" }.joined(separator: ".")
        }
        let groups = [high, low].flatMap { half in stride(from: 48, through: 0, by: -16).map { half >> $0 & 0xFFFF } }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        func text(_ part: ArraySlice<UInt64>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !longest.isEmpty else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }

    private static func ipv4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            // A leading zero means octal to some readers, decimal to others.
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part == "0" || !part.hasPrefix("0"), let byte = UInt8(part)
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    /// - Returns: eight groups of 16 bits.
    private static func ipv6(_ text: Substring) -> [UInt16]? {
        var (before, after): ([UInt16], [UInt16]?) = ([], nil)
        var rest = text
        if rest.hasPrefix("::") { (after, rest) = ([], rest.dropFirst(2)) }
        while !rest.isEmpty {
            let piece = rest.prefix { $0 != ":" }
            let isLast = piece.endIndex == rest.endIndex
            var groups: [UInt16] = []
            if isLast, piece.utf8.contains(UInt8(ascii: ".")) {
                guard let number = ipv4(piece) else { return nil }
                groups = [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard (1...4).contains(piece.utf8.count), piece.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                    let group = UInt16(piece, radix: 16)
                else { return nil }
                groups = [group]
            }
            if after == nil { before += groups } else { after? += groups }
            rest = rest[piece.endIndex...]
            if isLast { break }
            if rest.hasPrefix("::") {
                guard after == nil else { return nil }
                (after, rest) = ([], rest.dropFirst(2))
            } else {
                rest = rest.dropFirst()
                // A single colon must have a group after it.
                guard !rest.isEmpty else { return nil }
            }
        }
        guard let after else { return before.count == 8 ? before : nil }
        guard before.count + after.count <= 7 else { return nil }
        return before + [UInt16](repeating: 0, count: 8 - before.count - after.count) + after
    }
}
