/// Names of the bytes that the grammar of HTTP/1 is made of.
enum Byte {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var quote: UInt8 { 0x22 }
    static var hash: UInt8 { 0x23 }
    static var percent: UInt8 { 0x25 }
    static var ampersand: UInt8 { 0x26 }
    static var asterisk: UInt8 { 0x2A }
    static var comma: UInt8 { 0x2C }
    static var dot: UInt8 { 0x2E }
    static var slash: UInt8 { 0x2F }
    static var zero: UInt8 { 0x30 }
    static var nine: UInt8 { 0x39 }
    static var colon: UInt8 { 0x3A }
    static var semicolon: UInt8 { 0x3B }
    static var equals: UInt8 { 0x3D }
    static var question: UInt8 { 0x3F }
    static var at: UInt8 { 0x40 }
    static var openBracket: UInt8 { 0x5B }
    static var backslash: UInt8 { 0x5C }
    static var closeBracket: UInt8 { 0x5D }
    static var delete: UInt8 { 0x7F }
}

extension UInt8 {
    /// Optional white space (`OWS` of RFC 9110, section 5.6.3): a space or a tab.
    @inline(__always) var isBlank: Bool { self == Byte.space || self == Byte.tab }

    @inline(__always) var isDigit: Bool { self >= Byte.zero && self <= Byte.nine }

    /// `self`, or the small letter of a capital one; other bytes stay.
    @inline(__always) var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// 0 to 15, or `nil` if this is no hexadecimal digit.
    @inline(__always) var hexValue: UInt8? {
        if isDigit { return self &- Byte.zero }
        let letter = lowercased &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

extension Span<UInt8> {
    /// Eight bytes as one word, the first byte lowest. Traps if they are not all there.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        // "Unsafe" is about types for which not every bit pattern is a value; an integer has none such, and the bounds
        // are checked.
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The first line feed at or after `start` and before `end`; `end` if there is none.
    @inline(__always)
    func lineFeed(from start: Int, to end: Int) -> Int {
        var position = start
        while position &+ 8 <= end {
            let flipped = word(at: position) ^ 0x0A0A_0A0A_0A0A_0A0A
            let found = (flipped &- 0x0101_0101_0101_0101) & ~flipped & 0x8080_8080_8080_8080
            // Borrows can only mark bytes above the first zero byte wrongly: the lowest mark is right.
            if found != 0 { return position &+ found.trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        while position < end, self[position] != Byte.lineFeed { position &+= 1 }
        return position
    }

    /// The first control character but tab (0x00 to 0x1F, 0x7F) at or after `start`; `count` if there is none.
    @inline(__always)
    func controlCharacter(from start: Int) -> Int {
        var position = start
        while position &+ 8 <= count {
            let word = word(at: position)
            let belowSpace = (word &- 0x2020_2020_2020_2020) & ~word
            let flipped = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let delete = (flipped &- 0x0101_0101_0101_0101) & ~flipped
            let found = (belowSpace | delete) & 0x8080_8080_8080_8080
            if found == 0 {
                position &+= 8
                continue
            }
            // As in `lineFeed`: the lowest mark of each is right, hence also the lowest of both.
            position &+= found.trailingZeroBitCount &>> 3
            if self[position] != Byte.tab { return position }
            position &+= 1
        }
        while position < count {
            let byte = self[position]
            if byte < Byte.space && byte != Byte.tab || byte == Byte.delete { return position }
            position &+= 1
        }
        return position
    }

    /// Whether the bytes from `start` on are those of `text`, letter for letter.
    @inline(__always)
    func hasBytes(of text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= count &- start else { return false }
        // A literal lives as long as the program, and `index` stays below its length.
        let other = text.utf8Start
        var index = 0
        while index < length {
            if self[start &+ index] != other[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes from `start` on are those of `lowercased` but for the case of ASCII letters.
    @inline(__always)
    func hasLetters(of lowercased: StaticString, at start: Int) -> Bool {
        let length = lowercased.utf8CodeUnitCount
        guard length <= count &- start else { return false }
        // As in `hasBytes`.
        let other = lowercased.utf8Start
        var index = 0
        while index < length {
            if self[start &+ index].lowercased != other[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether `range` holds `lowercased` but for the case of ASCII letters.
    @inline(__always)
    func holds(_ range: Range<Int>, _ lowercased: StaticString) -> Bool {
        range.count == lowercased.utf8CodeUnitCount && hasLetters(of: lowercased, at: range.lowerBound)
    }

    /// `range` without the blanks at both its ends.
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start].isBlank { start &+= 1 }
        while end > start, self[end &- 1].isBlank { end &-= 1 }
        return start..<end
    }
}
