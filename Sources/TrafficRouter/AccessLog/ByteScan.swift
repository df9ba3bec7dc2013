/// Runs of plain text, eight bytes at a time, and UTF-8 sequences: what reading JSON and writing logs have in common.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The first position from `start` on, at most `end`, whose byte is a control character (below 0x20 or 0x7F), a
    /// quotation mark, a backslash or not ASCII; `end` if there is none.
    @inline(__always)
    static func plainEnd(_ input: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var at = start
        let raw = input.bytes
        while at + 8 <= end {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            // The exact test per byte is `zero(x)`; borrows can only add marks above the lowest true one.
            let marks =
                (word & highs) | ((word &- (ones &* 0x20)) & ~word & highs) | zero(word ^ (ones &* 0x22))
                | zero(word ^ (ones &* 0x5C)) | zero(word ^ (ones &* 0x7F))
            if marks != 0 { return at + marks.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < end, isPlain(input[at]) { at += 1 }
        return at
    }

    @inline(__always)
    private static func zero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    @inline(__always)
    static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Length of the well-formed UTF-8 sequence at `start` (Unicode 15, table 3-7), 0 when there is none before `end`.
    static func sequenceLength(_ input: Span<UInt8>, at start: Int, to end: Int) -> Int {
        let first = input[start]
        if first < 0x80 { return 1 }
        guard first >= 0xC2, first <= 0xF4, start + 1 < end else { return 0 }
        let second = input[start + 1]
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        let lowest: UInt8 = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80
        let highest: UInt8 = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF
        guard second >= lowest, second <= highest, start + length <= end else { return 0 }
        var at = start + 2
        while at < start + length {
            guard input[at] & 0xC0 == 0x80 else { return 0 }
            at += 1
        }
        return length
    }

    @inline(__always)
    static func areEqual(_ left: Span<UInt8>, _ from: Range<Int>, _ right: Span<UInt8>, _ other: Range<Int>) -> Bool {
        guard from.count == other.count else { return false }
        var (a, b) = (from.lowerBound, other.lowerBound)
        let (leftRaw, rightRaw) = (left.bytes, right.bytes)
        while a + 8 <= from.upperBound {
            let one = leftRaw.unsafeLoadUnaligned(fromByteOffset: a, as: UInt64.self)
            guard one == rightRaw.unsafeLoadUnaligned(fromByteOffset: b, as: UInt64.self) else { return false }
            a += 8
            b += 8
        }
        while a < from.upperBound {
            guard left[a] == right[b] else { return false }
            a += 1
            b += 1
        }
        return true
    }
}
