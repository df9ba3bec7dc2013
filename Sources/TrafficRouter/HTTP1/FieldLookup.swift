/// Looking up fields of a head that has been parsed. All ranges are offsets into `bytes`.
protocol FieldLookup: AnyObject {
    var bytes: [UInt8] { get }
    var fields: [HeaderField] { get }
    var connectionNames: [Range<Int>] { get }
    /// Whether there is such a field; not for `.other`.
    func has(_ id: KnownField) -> Bool
}

extension FieldLookup {
    /// The value of the first field `id`; `nil` if there is none. `id` must not be `.other`.
    func first(_ id: KnownField) -> Range<Int>? {
        guard has(id) else { return nil }
        for field in fields where field.id == id { return field.value }
        return nil
    }

    /// The value of the first field with this name in small letters; `nil` if there is none.
    func value(named lowercasedName: [UInt8]) -> Range<Int>? {
        for field in fields where isEqual(field.name, lowercased: lowercasedName) { return field.value }
        return nil
    }

    /// The value of the first field with this name in small letters; `nil` if there is none.
    func value(named lowercasedName: StaticString) -> Range<Int>? {
        for field in fields where bytes.span.holds(field.name, lowercasedName) { return field.value }
        return nil
    }

    /// Whether `range` holds these letters but for the case of those in `range`.
    func isEqual(_ range: Range<Int>, lowercased: [UInt8]) -> Bool {
        guard range.count == lowercased.count else { return false }
        for index in 0..<lowercased.count where bytes[range.lowerBound + index].lowercased != lowercased[index] {
            return false
        }
        return true
    }

    /// Whether a Connection field names this one, so that it ends at this hop (RFC 9110, section 7.6.1). Never for
    /// fields on which framing and routing rest.
    func isConnectionOption(_ field: HeaderField) -> Bool {
        guard !connectionNames.isEmpty, field.id.canBeConnectionOption else { return false }
        return connectionNames.contains { option in
            option.count == field.name.count
                && zip(option, field.name).allSatisfy { bytes[$0].lowercased == bytes[$1].lowercased }
        }
    }

    /// The bytes of `range` as text; bytes that are no UTF-8 become U+FFFD.
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
