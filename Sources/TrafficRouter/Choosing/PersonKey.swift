/// By what a person is told from others: 128 random bits, written as 32 hexadecimal digits in small letters.
struct PersonKey: Equatable, Sendable {
    static let digits = 32

    /// The first 16 digits.
    let high: UInt64
    let low: UInt64

    init(_ drawn: (high: UInt64, low: UInt64)) { (high, low) = drawn }

    /// The key whose digits begin at `start`.
    ///
    /// - Returns: `nil` if there are fewer than 32, or others than those of small letters.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at start: Int) {
        guard bytes.count - start >= Self.digits,
            let first = LowerHexadecimal.value(of: bytes.word(at: start)),
            let second = LowerHexadecimal.value(of: bytes.word(at: start + 8)),
            let third = LowerHexadecimal.value(of: bytes.word(at: start + 16)),
            let fourth = LowerHexadecimal.value(of: bytes.word(at: start + 24))
        else { return nil }
        high = UInt64(first) << 32 | UInt64(second)
        low = UInt64(third) << 32 | UInt64(fourth)
    }

    /// The digits, eight in each word, the first lowest.
    @inline(__always)
    var words: (UInt64, UInt64, UInt64, UInt64) {
        (
            LowerHexadecimal.digits(UInt32(truncatingIfNeeded: high >> 32)),
            LowerHexadecimal.digits(UInt32(truncatingIfNeeded: high)),
            LowerHexadecimal.digits(UInt32(truncatingIfNeeded: low >> 32)),
            LowerHexadecimal.digits(UInt32(truncatingIfNeeded: low))
        )
    }
}
