/// The escapes inside JSON strings (RFC 8259, section 7).
enum JSONEscapes {
    /// - Returns: bytes of the escape at `at`, 2 or 6; `nil` when it is none.
    static func length(_ input: Span<UInt8>, at: Int) -> Int? {
        guard at + 1 < input.count else { return nil }
        switch input[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            return unit(input, at: at) == nil ? nil : 6
        default: return nil
        }
    }

    /// The text of a string that `JSONParser` accepted, as UTF-8.
    ///
    /// A surrogate without its other half, which the grammar allows, becomes the three bytes that UTF-8 would have for
    /// it (https://simonsapin.github.io/wtf-8/): no other text has them, so different ones stay different.
    static func decode(_ input: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var at = range.lowerBound
        while at < range.upperBound {
            guard input[at] == UInt8(ascii: "\\") else {
                text.append(input[at])
                at += 1
                continue
            }
            switch input[at + 1] {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(input, at: at) ?? 0xFFFD
                if (0xD800..<0xDC00).contains(scalar), at + 12 <= range.upperBound,
                    let low = unit(input, at: at + 6), (0xDC00..<0xE000).contains(low)
                {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                    at += 6
                }
                append(scalar, to: &text)
                at += 4
            default: text.append(input[at + 1])
            }
            at += 2
        }
        return text
    }

    /// The number in `\uXXXX` at `at`.
    private static func unit(_ input: Span<UInt8>, at: Int) -> UInt32? {
        guard at + 6 <= input.count, input[at] == UInt8(ascii: "\\"), input[at + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt32 = 0
        for offset in 2..<6 {
            let byte = input[at + offset]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }

    private static func append(_ scalar: UInt32, to text: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: text.append(UInt8(scalar))
        case 0x80..<0x800:
            text.append(UInt8(0xC0 | scalar >> 6))
            text.append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            text.append(UInt8(0xE0 | scalar >> 12))
            text.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            text.append(UInt8(0x80 | scalar & 0x3F))
        default:
            text.append(UInt8(0xF0 | scalar >> 18))
            text.append(UInt8(0x80 | scalar >> 12 & 0x3F))
            text.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            text.append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
