/// A range of IP addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address without `/`. JSON form: the text.
public struct AddressRange: Sendable, Hashable {
    /// The first address of the range.
    public let first: IPAddress
    /// Leading bits that all of the range share: 0 to 32 for IPv4, 0 to 128 for IPv6.
    public let prefixLength: Int

    /// This machine: `127.0.0.0/8` and `::1/128`.
    public static let loopback = [
        AddressRange(covering: IPAddress(ipv4: 0x7F00_0000), prefixLength: 8),
        AddressRange(covering: IPAddress(high: 0, low: 1), prefixLength: 128),
    ]

    /// The range of that size around `address`.
    /// - Parameter prefixLength: brought into the range that the address allows.
    public init(covering address: IPAddress, prefixLength: Int) {
        let length = min(address.width, max(0, prefixLength))
        self.prefixLength = length
        first =
            address.isIPv4
            ? IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low & Self.mask(bits: length + 32)))
            : IPAddress(
                high: address.high & Self.mask(bits: min(64, length)),
                low: address.low & Self.mask(bits: max(0, length - 64)))
    }

    /// - Parameter text: an address, and `/` with a prefix length if it stands for more than one.
    /// - Returns: `nil` for anything else, and where bits after the prefix are set (`10.0.0.1/8`): what is meant is
    ///   unclear then, see ``around(_:)``.
    public init?(_ text: String) {
        guard let range = Self.around(text), let slash = text.split(separator: "/").first,
            IPAddress(slash) == range.first
        else { return nil }
        self = range
    }

    /// The range that `text` names when bits after the prefix are ignored: `10.0.0.0/8` for `10.0.0.1/8`.
    public static func around(_ text: String) -> AddressRange? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else { return AddressRange(covering: address, prefixLength: address.width) }
        let digits = parts[1]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            digits == "0" || !digits.hasPrefix("0"), var length = Int(digits)
        else { return nil }
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        if address.isIPv4, first.utf8.contains(UInt8(ascii: ":")) { length -= 96 }
        guard (0...address.width).contains(length) else { return nil }
        return AddressRange(covering: address, prefixLength: length)
    }

    public func contains(_ address: IPAddress) -> Bool {
        guard address.isIPv4 == first.isIPv4 else { return false }
        if first.isIPv4 { return (address.low ^ first.low) & Self.mask(bits: prefixLength + 32) == 0 }
        return (address.high ^ first.high) & Self.mask(bits: min(64, prefixLength)) == 0
            && (address.low ^ first.low) & Self.mask(bits: max(0, prefixLength - 64)) == 0
    }

    /// - Parameter bytes: 4 or 16 in network order; any other number is in no range.
    public func contains(_ bytes: some Collection<UInt8>) -> Bool { IPAddress(bytes: bytes).map(contains) ?? false }

    /// The upper `bits` of 64 are set.
    private static func mask(bits: Int) -> UInt64 { bits == 0 ? 0 : UInt64.max << UInt64(64 - bits) }
}

extension [AddressRange] {
    /// Whether any of the ranges holds `address`; without allocation.
    public func contains(_ address: IPAddress) -> Bool {
        for range in self where range.contains(address) { return true }
        return false
    }
}

extension AddressRange: CustomStringConvertible, Codable {
    public var description: String { "\(first)/\(prefixLength)" }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let range = AddressRange(text) else {
            let meant = AddressRange.around(text).map { "; write \($0)" } ?? ""
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "'\(text.prefix(60))' is not an address range such as 10.0.0.0/8, "
                        + "2001:db8::/32 or 192.0.2.1\(meant)"))
        }
        self = range
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
