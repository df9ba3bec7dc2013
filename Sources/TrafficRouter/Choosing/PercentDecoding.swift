/// Reads names and values of a query as `application/x-www-form-urlencoded` writes them
/// (https://url.spec.whatwg.org/#urlencoded-parsing): `%41` is `A`, `+` a space. A `%` without two hexadecimal digits
/// behind it stands for itself.
enum PercentDecoding {
    /// Whether `range` means `decoded`. Without allocation.
    static func isEqual(_ bytes: Span<UInt8>, _ range: Range<Int>, to decoded: Span<UInt8>) -> Bool {
        guard decoded.count <= range.count else { return false }
        var position = range.lowerBound
        var index = 0
        while position < range.upperBound {
            guard index < decoded.count, next(bytes, &position, range.upperBound) == decoded[index] else {
                return false
            }
            index &+= 1
        }
        return index == decoded.count
    }

    /// Whether `range` is written as it is meant.
    static func isPlain(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range where bytes[position] == Byte.percent || bytes[position] == Byte.plus { return false }
        return true
    }

    /// Replaces what is in `decoded` by what `range` means, or by its first `limit` bytes.
    static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>, limit: Int, into decoded: inout [UInt8]) {
        decoded.removeAll(keepingCapacity: true)
        var position = range.lowerBound
        while position < range.upperBound, decoded.count < limit {
            decoded.append(next(bytes, &position, range.upperBound))
        }
    }

    @inline(__always)
    private static func next(_ bytes: Span<UInt8>, _ position: inout Int, _ end: Int) -> UInt8 {
        let byte = bytes[position]
        if byte == Byte.percent, end &- position > 2, let high = bytes[position &+ 1].hexValue,
            let low = bytes[position &+ 2].hexValue
        {
            position &+= 3
            return high << 4 | low
        }
        position &+= 1
        return byte == Byte.plus ? Byte.space : byte
    }
}

extension Byte {
    fileprivate static var plus: UInt8 { 0x2B }
}
