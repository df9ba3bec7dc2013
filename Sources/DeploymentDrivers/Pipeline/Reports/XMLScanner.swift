/// Reads the part of XML that reports are written in: elements, attributes, text, CDATA, comments, the five named
/// entities and numbers. No document type, so no entities of its own; UTF-8 alone. (W3C, XML 1.0, fifth edition.)
struct XMLScanner {
    enum Token: Equatable {
        case start(name: String, attributes: [String: String])
        case end(name: String)
        case text(String)
    }

    struct Mistake: Error, Equatable, CustomStringConvertible {
        var line: Int
        var words: String
        var description: String { "line \(line): \(words)" }
    }

    static let depthLimit = 64
    static let attributeLimit = 64
    /// Most bytes of a name, and of an attribute's value or a text that are kept; what is longer is cut.
    static let nameLimit = 200
    static let textLimit = 4096

    private let bytes: [UInt8]
    private var at = 0
    private var open: [String] = []
    private var pendingEnd: String?
    private var hasRoot = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { at = 3 }
    }

    /// The next token; `nil` at the end of the document.
    mutating func next() throws(Mistake) -> Token? {
        if let name = pendingEnd {
            pendingEnd = nil
            open.removeLast()
            return .end(name: name)
        }
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "<") {
                let text = try text()
                if open.isEmpty {
                    guard text.allSatisfy(\.isWhitespace) else { throw mistake("text outside the root element") }
                    continue
                }
                if !text.allSatisfy(\.isWhitespace) { return .text(text) }
            } else if follows("<!--") {
                try skip(past: "-->", what: "comment")
            } else if follows("<![CDATA[") {
                guard !open.isEmpty else { throw mistake("CDATA outside the root element") }
                let start = at + 9
                try skip(past: "]]>", what: "CDATA section")
                return .text(cut(bytes[start..<(at - 3)]))
            } else if follows("<?") {
                let start = at
                try skip(past: "?>", what: "processing instruction")
                try checkEncoding(bytes[start..<at])
            } else if follows("<!") {
                throw mistake("a document type is not allowed in a report")
            } else if follows("</") {
                return try endTag()
            } else {
                return try startTag()
            }
        }
        if let name = open.last { throw mistake("the end of the file, where </\(name)> is expected") }
        guard hasRoot else { throw mistake("no element at all") }
        return nil
    }

    private mutating func startTag() throws(Mistake) -> Token {
        guard !hasRoot || !open.isEmpty else { throw mistake("a second root element") }
        guard open.count < Self.depthLimit else { throw mistake("elements nested deeper than \(Self.depthLimit)") }
        at += 1
        let name = try name()
        var attributes: [String: String] = [:]
        while true {
            let spaced = skipSpace()
            guard at < bytes.count else { throw mistake("the end of the file within <\(name)") }
            if bytes[at] == UInt8(ascii: ">") {
                at += 1
                break
            }
            if follows("/>") {
                at += 2
                pendingEnd = name
                break
            }
            guard spaced else { throw mistake("'\(shown(bytes[at]))' within <\(name)") }
            let key = try self.name()
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { throw mistake("no '=' after \(key)") }
            at += 1
            skipSpace()
            let value = try value(of: key)
            guard attributes.updateValue(value, forKey: key) == nil else { throw mistake("\(key) twice in <\(name)") }
            guard attributes.count <= Self.attributeLimit else { throw mistake("too many attributes in <\(name)") }
        }
        hasRoot = true
        open.append(name)
        return .start(name: name, attributes: attributes)
    }

    private mutating func endTag() throws(Mistake) -> Token {
        at += 2
        let name = try name()
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: ">") else { throw mistake("no '>' after </\(name)") }
        guard open.last == name else {
            throw mistake("</\(name)>, where \(open.last.map { "</\($0)>" } ?? "no end") is expected")
        }
        at += 1
        open.removeLast()
        return .end(name: name)
    }

    private mutating func name() throws(Mistake) -> String {
        let start = at
        while at < bytes.count, Self.isNameByte(bytes[at], first: at == start) { at += 1 }
        guard at > start else { throw mistake(at < bytes.count ? "'\(shown(bytes[at]))' for a name" : "no name") }
        guard at - start <= Self.nameLimit else { throw mistake("a name of more than \(Self.nameLimit) bytes") }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func value(of key: String) throws(Mistake) -> String {
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else {
            throw mistake("no quoted value for \(key)")
        }
        let quote = bytes[at]
        at += 1
        var value: [UInt8] = []
        while at < bytes.count, bytes[at] != quote {
            guard bytes[at] != UInt8(ascii: "<") else { throw mistake("'<' in the value of \(key)") }
            try takeCharacter(into: &value)
        }
        guard at < bytes.count else { throw mistake("the end of the file within the value of \(key)") }
        at += 1
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func text() throws(Mistake) -> String {
        var value: [UInt8] = []
        while at < bytes.count, bytes[at] != UInt8(ascii: "<") { try takeCharacter(into: &value) }
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func takeCharacter(into value: inout [UInt8]) throws(Mistake) {
        var taken: [UInt8] = [bytes[at]]
        if bytes[at] == UInt8(ascii: "&") {
            guard let end = bytes[at...].prefix(16).firstIndex(of: UInt8(ascii: ";")) else {
                throw mistake("'&' without an entity's end")
            }
            taken = try entity(String(decoding: bytes[(at + 1)..<end], as: UTF8.self))
            at = end
        }
        at += 1
        if value.count < Self.textLimit { value += taken }
    }

    private func entity(_ name: String) throws(Mistake) -> [UInt8] {
        switch name {
        case "lt": return Array("<".utf8)
        case "gt": return Array(">".utf8)
        case "amp": return Array("&".utf8)
        case "quot": return Array("\"".utf8)
        case "apos": return Array("'".utf8)
        default: break
        }
        let number =
            name.hasPrefix("#x")
            ? UInt32(name.dropFirst(2), radix: 16)
            : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let number, let scalar = Unicode.Scalar(number) else { throw mistake("the unknown entity &\(name);") }
        return Array(String(Character(scalar)).utf8)
    }

    private func checkEncoding(_ instruction: ArraySlice<UInt8>) throws(Mistake) {
        let text = String(decoding: instruction.prefix(200), as: UTF8.self).lowercased()
        guard text.hasPrefix("<?xml "), let found = text.firstRange(of: "encoding=") else { return }
        let value = text[found.upperBound...].dropFirst().prefix { $0 != "\"" && $0 != "'" }
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(value) else {
            throw mistake("the encoding \(value), where UTF-8 is expected")
        }
    }

    private mutating func skip(past mark: String, what: String) throws(Mistake) {
        let wanted = Array(mark.utf8)
        var here = at
        while here + wanted.count <= bytes.count {
            if bytes[here] == wanted[0], bytes[here..<(here + wanted.count)].elementsEqual(wanted) {
                at = here + wanted.count
                return
            }
            here += 1
        }
        throw mistake("a \(what) without an end")
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = at
        while at < bytes.count, [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
        return at > start
    }

    private func follows(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in bytes[at...].starts(with: wanted) }
    }

    private func cut(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(Self.textLimit), as: UTF8.self)
    }

    private func shown(_ byte: UInt8) -> String {
        (33...126).contains(byte) ? String(UnicodeScalar(byte)) : "byte \(byte)"
    }

    private func mistake(_ words: String) -> Mistake {
        Mistake(line: bytes[..<min(at, bytes.count)].count { $0 == 10 } + 1, words: words)
    }

    private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: ":"), 128...: true
        case 48...57, UInt8(ascii: "-"), UInt8(ascii: "."): !first
        default: false
        }
    }
}
