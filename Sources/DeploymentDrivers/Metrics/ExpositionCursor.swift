/// Reads the words of metric texts from front to back.
struct ExpositionCursor {
    private(set) var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }
    /// What comes next, short, for a person.
    var shown: String {
        rest.isEmpty ? "the end" : "'" + String(decoding: rest.prefix(20), as: UTF8.self) + "'"
    }

    mutating func take() -> UInt8? { rest.popFirst() }

    /// Goes on only when `text` comes next.
    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest.removeFirst(text.utf8.count)
        return true
    }

    mutating func skip(while isSkipped: (UInt8) -> Bool) { rest = rest.drop(while: isSkipped) }
    mutating func skipBlanks() { skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }

    mutating func word() -> ArraySlice<UInt8> {
        let word = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        rest = rest[word.endIndex...]
        return word
    }

    /// A metric's name, `[a-zA-Z_:][a-zA-Z0-9_:]*`, or without colons a label's; `nil` when none comes next.
    mutating func name(colons: Bool) -> String? {
        let name = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
        guard let first = name.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest = rest[name.endIndex...]
        return String(decoding: name, as: UTF8.self)
    }
}
