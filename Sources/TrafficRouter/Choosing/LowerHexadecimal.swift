/// Eight hexadecimal digits in small letters as the bytes of one word, the first digit lowest.
enum LowerHexadecimal {
    /// - Returns: `nil` if a byte is none of `0` to `9` and `a` to `f`.
    @inline(__always)
    static func value(of digits: UInt64) -> UInt32? {
        // Only letters have bit 6.
        let letters = (digits >> 6) & 0x0101_0101_0101_0101
        let values = (digits & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9
        // `g` to `o` have more than four bits now; whatever else is no digit is written differently.
        guard values & 0xF0F0_F0F0_F0F0_F0F0 == 0, written(values) == digits else { return nil }
        var word = values.byteSwapped
        word = (word | word >> 4) & 0x00FF_00FF_00FF_00FF
        word = (word | word >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: word | word >> 16)
    }

    @inline(__always)
    static func digits(_ value: UInt32) -> UInt64 {
        var word = UInt64(value)
        word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
        word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
        word = (word | word << 4) & 0x0F0F_0F0F_0F0F_0F0F
        return written(word.byteSwapped)
    }

    /// - Parameter values: 0 to 15 in each byte.
    @inline(__always)
    private static func written(_ values: UInt64) -> UInt64 {
        // 6 more than a digit carries into the next bit exactly for ten and above.
        let letters = ((values &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return values &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }
}
