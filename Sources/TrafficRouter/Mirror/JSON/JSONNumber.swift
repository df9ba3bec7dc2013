/// The exact value of a JSON number: its sign, and its digits without the zeros around them times a power of ten.
///
/// Not `Double`: 0.1 and 0.10000000000000001 would be equal, and 1e400 would not be a number.
struct JSONNumber: Equatable {
    private let isNegative: Bool
    /// The significant digits as a number, modulo 2 to the 64th, and how many there are.
    private let mantissa: UInt64
    private let count: Int
    /// The digits themselves when they do not fit in `mantissa`; else empty, so that nothing is allocated.
    private let digits: [UInt8]
    /// Of the last digit; 0 for zero.
    private let exponent: Int

    /// Exponents written with more digits than this are not read as numbers.
    private static let maxExponentDigits = 15
    /// So many digits always fit in 64 bits.
    private static let maxMantissaDigits = 19

    /// - Parameter range: a number that `JSONParser` accepted.
    /// - Returns: `nil` when the exponent is too long to calculate with; such numbers are equal when written alike.
    init?(_ input: Span<UInt8>, _ range: Range<Int>) {
        var at = range.lowerBound
        let negative = input[at] == UInt8(ascii: "-")
        if negative { at += 1 }
        let start = at
        var (mantissa, count, zeros, exponent, isFraction) = (UInt64(0), 0, 0, 0, false)
        while at < range.upperBound, input[at] | 0x20 != UInt8(ascii: "e") {
            let digit = UInt64(input[at] &- UInt8(ascii: "0"))
            switch digit {
            case 0:
                // Zeros count only when another digit follows.
                if count > 0 { zeros += 1 }
                if isFraction { exponent -= 1 }
            case 1...9:
                while zeros > 0 {
                    mantissa = mantissa &* 10
                    count += 1
                    zeros -= 1
                }
                mantissa = mantissa &* 10 &+ digit
                count += 1
                if isFraction { exponent -= 1 }
            default: isFraction = true
            }
            at += 1
        }
        let end = at
        if at < range.upperBound {
            guard let written = Self.exponent(input, at + 1..<range.upperBound) else { return nil }
            exponent += written
        }
        self.mantissa = mantissa
        self.count = count
        digits = count > Self.maxMantissaDigits ? Self.digits(input, start..<end, count) : []
        // Minus zero equals zero, whatever the exponent.
        isNegative = negative && count > 0
        self.exponent = count > 0 ? exponent + zeros : 0
    }

    private static func digits(_ input: Span<UInt8>, _ range: Range<Int>, _ count: Int) -> [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(count)
        for at in range where digits.count < count && input[at] != UInt8(ascii: ".") {
            if !digits.isEmpty || input[at] != UInt8(ascii: "0") { digits.append(input[at]) }
        }
        return digits
    }

    private static func exponent(_ input: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var at = range.lowerBound
        let negative = input[at] == UInt8(ascii: "-")
        if negative || input[at] == UInt8(ascii: "+") { at += 1 }
        while at < range.upperBound, input[at] == UInt8(ascii: "0") { at += 1 }
        guard range.upperBound - at <= maxExponentDigits else { return nil }
        var value = 0
        while at < range.upperBound {
            value = value * 10 + Int(input[at] - UInt8(ascii: "0"))
            at += 1
        }
        return negative ? -value : value
    }

    /// The same for equal values, however they are written.
    func hash(into hash: inout JSONHash) {
        hash.mix(isNegative ? 1 : 0)
        hash.mix(UInt64(truncatingIfNeeded: exponent))
        hash.mix(UInt64(count))
        hash.mix(mantissa)
    }
}
