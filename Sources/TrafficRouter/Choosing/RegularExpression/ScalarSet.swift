/// A set of Unicode scalars: those of ASCII as bits, the others as ranges.
struct ScalarSet: Equatable {
    /// Scalars 0 to 63, the lowest bit first.
    private(set) var low: UInt64 = 0
    /// Scalars 64 to 127, the lowest bit first.
    private(set) var high: UInt64 = 0
    /// From 0x80 on, in any order.
    private(set) var wide: [ClosedRange<UInt32>] = []

    private static let wideScalars: ClosedRange<UInt32> = 0x80...0x10_FFFF

    init() {}

    init(_ ranges: ClosedRange<UInt32>...) {
        for range in ranges { insert(range) }
    }

    mutating func insert(_ range: ClosedRange<UInt32>) {
        var scalar = range.lowerBound
        while scalar < 0x80, scalar <= range.upperBound {
            if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
            scalar += 1
        }
        if range.upperBound >= 0x80 { wide.append(max(0x80, range.lowerBound)...range.upperBound) }
    }

    mutating func formUnion(_ other: ScalarSet) {
        low |= other.low
        high |= other.high
        wide += other.wide
    }

    /// All scalars that are not in this set.
    var inverted: ScalarSet {
        var result = ScalarSet()
        (result.low, result.high) = (~low, ~high)
        var next = Self.wideScalars.lowerBound
        for range in wide.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.wide.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= Self.wideScalars.upperBound { result.wide.append(next...Self.wideScalars.upperBound) }
        return result
    }

    /// With each ASCII letter in both its cases.
    var ignoringCase: ScalarSet {
        let letters: UInt64 = 0x03FF_FFFE
        var result = self
        result.high |= (high & letters) << 32 | (high >> 32) & letters
        return result
    }
}

extension ScalarSet {
    static var digit: ScalarSet { ScalarSet(0x30...0x39) }
    /// Letters, digits and `_`.
    static var word: ScalarSet { ScalarSet(0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A) }
    /// Tab, line feed, vertical tab, form feed, carriage return, space.
    static var space: ScalarSet { ScalarSet(0x09...0x0D, 0x20...0x20) }
    static var allButLineFeed: ScalarSet { ScalarSet(0x0A...0x0A).inverted }

    /// The class `[:name:]`, ASCII only.
    static func posix(_ name: String) -> ScalarSet? {
        switch name {
        case "alpha": ScalarSet(0x41...0x5A, 0x61...0x7A)
        case "digit": digit
        case "alnum": ScalarSet(0x30...0x39, 0x41...0x5A, 0x61...0x7A)
        case "upper": ScalarSet(0x41...0x5A)
        case "lower": ScalarSet(0x61...0x7A)
        case "space": space
        case "punct": ScalarSet(0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E)
        case "xdigit": ScalarSet(0x30...0x39, 0x41...0x46, 0x61...0x66)
        case "word": word
        default: nil
        }
    }
}
