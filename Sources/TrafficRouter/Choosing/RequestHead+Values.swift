/// Going through all values of one name. All ranges are offsets into `bytes`.
extension RequestHead {
    /// The first value of a field with this name in small letters for which `test` says something.
    @inline(__always)
    func firstField<Found>(named lowercased: [UInt8], _ test: (Span<UInt8>, Range<Int>) -> Found?) -> Found? {
        let bytes = bytes
        for field in fields where isEqual(field.name, lowercased: lowercased) {
            if let found = test(bytes.span, field.value) { return found }
        }
        return nil
    }

    /// The same for cookies, over all Cookie fields. As in `cookie(named:)` values are raw and names compared letter
    /// for letter.
    @inline(__always)
    func firstCookie<Found>(named name: [UInt8], _ test: (Span<UInt8>, Range<Int>) -> Found?) -> Found? {
        guard has(.cookie) else { return nil }
        let bytes = bytes
        for field in fields where field.id == .cookie {
            var position = field.value.lowerBound
            while position < field.value.upperBound {
                let end = bytes.span.index(of: Byte.semicolon, from: position, to: field.value.upperBound)
                while position < end, bytes[position].isBlank { position &+= 1 }
                let equals = position &+ name.count
                if equals < end, bytes[equals] == Byte.equals, bytes.span.hasBytes(name.span, at: position) {
                    var last = end
                    while last > equals &+ 1, bytes[last &- 1].isBlank { last &-= 1 }
                    if let found = test(bytes.span, equals &+ 1..<last) { return found }
                }
                position = end &+ 1
            }
        }
        return nil
    }

    /// The same for parameters of the query. Names are percent-decoded before they are compared, values are raw; that
    /// of a parameter without `=` is empty.
    @inline(__always)
    func firstParameter<Found>(named name: [UInt8], _ test: (Span<UInt8>, Range<Int>) -> Found?) -> Found? {
        guard let query else { return nil }
        let bytes = bytes
        var position = query.lowerBound
        while position < query.upperBound {
            let end = bytes.span.index(of: Byte.ampersand, from: position, to: query.upperBound)
            let equals = bytes.span.index(of: Byte.equals, from: position, to: end)
            if PercentDecoding.isEqual(bytes.span, position..<equals, to: name.span),
                let found = test(bytes.span, min(equals &+ 1, end)..<end)
            {
                return found
            }
            position = end &+ 1
        }
        return nil
    }
}

extension Span<UInt8> {
    /// The first `byte` at or after `start` and before `end`; `end` if there is none.
    @inline(__always)
    func index(of byte: UInt8, from start: Int, to end: Int) -> Int {
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var position = start
        while position &+ 8 <= end {
            let flipped = word(at: position) ^ pattern
            // As in `lineFeed`: the lowest mark is right.
            let found = (flipped &- 0x0101_0101_0101_0101) & ~flipped & 0x8080_8080_8080_8080
            if found != 0 { return position &+ found.trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        while position < end, self[position] != byte { position &+= 1 }
        return position
    }

    /// Whether the bytes from `start` on are `other`, letter for letter.
    @inline(__always)
    func hasBytes(_ other: Span<UInt8>, at start: Int) -> Bool {
        guard other.count <= count &- start else { return false }
        var index = 0
        while index < other.count {
            if self[start &+ index] != other[index] { return false }
            index &+= 1
        }
        return true
    }
}
