extension RequestHead {
    /// The raw value of the first cookie called `name`, over all Cookie fields; `nil` if there is none.
    ///
    /// Pairs are split at `;` and blanks around them are left out (RFC 6265, section 5.4); the value's quotes stay. A
    /// name is compared letter for letter. A pair without `=` is no cookie.
    func cookie(named name: [UInt8]) -> Range<Int>? {
        guard has(.cookie) else { return nil }
        let bytes = bytes
        for field in fields where field.id == .cookie {
            var position = field.value.lowerBound
            while position < field.value.upperBound {
                let end = index(of: Byte.semicolon, in: position..<field.value.upperBound)
                let pair = bytes.span.trimmed(position..<end)
                if let value = value(of: name, in: pair) { return value }
                position = end + 1
            }
        }
        return nil
    }

    /// The raw value of the first parameter called `name` in the query, not percent-decoded; empty if the parameter has
    /// no `=`, `nil` if there is none.
    ///
    /// The name is compared letter for letter as it is written.
    func queryValue(named name: [UInt8]) -> Range<Int>? {
        guard let query else { return nil }
        var position = query.lowerBound
        while position < query.upperBound {
            let end = index(of: Byte.ampersand, in: position..<query.upperBound)
            if let value = value(of: name, in: position..<end) { return value }
            if end - position == name.count, bytes[position..<end].elementsEqual(name) { return end..<end }
            position = end + 1
        }
        return nil
    }

    /// Whether the host without its port is `lowercased`, whatever the case of its letters.
    func isHost(_ lowercased: [UInt8]) -> Bool { isEqual(hostName, lowercased: lowercased) }

    /// What follows `name=` in `pair`; `nil` if it does not begin so.
    private func value(of name: [UInt8], in pair: Range<Int>) -> Range<Int>? {
        let equals = pair.lowerBound + name.count
        guard equals < pair.upperBound, bytes[equals] == Byte.equals,
            bytes[pair.lowerBound..<equals].elementsEqual(name)
        else { return nil }
        return equals + 1..<pair.upperBound
    }

    private func index(of byte: UInt8, in range: Range<Int>) -> Int {
        for position in range where bytes[position] == byte { return position }
        return range.upperBound
    }
}
