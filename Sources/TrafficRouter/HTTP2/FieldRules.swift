/// What a field's name and value may hold in HTTP/2 (RFC 9113, section 8.2.1), with HTTP/1's rules for names, since all
/// fields go on to HTTP/1.
enum FieldRules {
    /// A token without capital letters.
    @inline(__always)
    static func checkName(_ bytes: Span<UInt8>, _ name: Range<Int>) throws(HTTP2Flaw) {
        guard !name.isEmpty else { throw HTTP2Flaw(.fieldName) }
        for position in name {
            let byte = bytes[position]
            guard ByteSet.token.contains(byte), byte &- 0x41 >= 26 else { throw HTTP2Flaw(.fieldName) }
        }
    }

    /// No control characters, and no blanks at either end.
    @inline(__always)
    static func checkValue(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTP2Flaw) {
        guard !value.isEmpty else { return }
        let text = bytes.extracting(value)
        guard text.controlCharacter(from: 0) == text.count, !text[0].isBlank, !text[text.count - 1].isBlank else {
            throw HTTP2Flaw(.fieldValue)
        }
    }

    /// The fields of a header block behind a body, as trailers; those that may not come there are left out.
    ///
    /// - Throws: for pseudo-headers and malformed fields.
    static func trailers(_ list: borrowing HeaderList) throws(HTTP2Flaw) -> [TrailerField] {
        var trailers: [TrailerField] = []
        let bytes = list.bytes.span
        for entry in list.entries {
            guard !entry.name.isEmpty, bytes[entry.name.lowerBound] != Byte.colon else { throw HTTP2Flaw(.trailers) }
            try checkName(bytes, entry.name)
            try checkValue(bytes, entry.value)
            let id = KnownField.classify(bytes, entry.name.lowerBound, entry.name.count)
            // A name is at most 65,535 bytes long, as the list's limit sees to.
            guard entry.name.count <= 65_535 else { throw HTTP2Flaw(.trailers) }
            let field = HeaderField(name: entry.name, value: entry.value, lineEnd: entry.value.upperBound, id: id)
            guard TrailerRule.allows(bytes, field) else { continue }
            trailers.append(TrailerField(name: list.string(entry.name), value: list.string(entry.value)))
        }
        return trailers
    }
}
