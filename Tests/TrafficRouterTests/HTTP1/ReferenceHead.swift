@testable import TrafficRouter

/// A request head read once more, slowly and by other means, to compare the parser with.
///
/// It knows lines, fields and framing. Of targets it knows the origin form, of hosts those made of letters and digits:
/// `isPlain` says whether a head has nothing else, and only then does `isSound` say all.
struct ReferenceHead {
    private(set) var isSound = false
    private(set) var isPlain = false
    private(set) var framing = BodyFraming.none
    private(set) var fieldCount = 0

    private static let tokens = Set(
        latin("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    private static let methods = Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])

    /// - Parameter bytes: one head with its empty line, and nothing before it.
    init(_ bytes: [UInt8]) {
        guard bytes.suffix(4).elementsEqual(latin("\r\n\r\n")), let lines = Self.lines(Array(bytes.dropLast(4))) else {
            return
        }
        let words = Self.split(lines[0], 0x20)
        guard words.count == 3, words.allSatisfy({ !$0.isEmpty }), Self.isToken(words[0]), words[0].count <= 32 else {
            return
        }
        let method = String(decoding: words[0], as: UTF8.self)
        if method == "CONNECT" || method != method.uppercased() && Self.isMethod(method.uppercased()) { return }
        let version = String(decoding: words[2], as: UTF8.self)
        guard ["HTTP/1.1", "HTTP/1.0"].contains(version) else { return }
        let target = words[1]
        let forbidden = Set(latin("#<>"))
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !forbidden.contains($0) }) else { return }

        fieldCount = lines.count - 1
        var values: [String: [[UInt8]]] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isToken(Array(line[..<colon])) else {
                return
            }
            let value = Self.trimmed(Array(line[(colon + 1)...]))
            guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 9 }) else { return }
            values[String(decoding: line[..<colon], as: UTF8.self).lowercased(), default: []].append(value)
        }
        isPlain = target[0] == UInt8(ascii: "/") && !target.contains(UInt8(ascii: "\\"))
        guard readHost(values["host"] ?? [], isHTTP10: version == "HTTP/1.0") else { return }
        for value in values["connection"] ?? [] {
            let options = Self.split(value, UInt8(ascii: ",")).map(Self.trimmed).filter { !$0.isEmpty }
            guard options.allSatisfy(Self.isToken) else { return }
        }
        isSound = readFraming(
            values["content-length"] ?? [], values["transfer-encoding"] ?? [], isHTTP10: version == "HTTP/1.0")
    }

    private mutating func readHost(_ hosts: [[UInt8]], isHTTP10: Bool) -> Bool {
        guard hosts.count == 1 || hosts.isEmpty && isHTTP10 else { return false }
        for host in hosts {
            guard !host.isEmpty else { return false }
            let isAlphanumeric = host.allSatisfy { Self.tokens.contains($0) && Character(Unicode.Scalar($0)).isLetter }
            isPlain = isPlain && isAlphanumeric
        }
        return true
    }

    private mutating func readFraming(_ lengths: [[UInt8]], _ codings: [[UInt8]], isHTTP10: Bool) -> Bool {
        if codings.isEmpty, lengths.isEmpty { return true }
        guard codings.count + lengths.count == 1 else { return false }
        if let coding = codings.first {
            framing = .chunked
            return !isHTTP10 && String(decoding: coding, as: UTF8.self).lowercased() == "chunked"
        }
        let digits = lengths[0]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        guard let length = Int64(String(decoding: digits, as: UTF8.self)) else { return false }
        framing = .length(UInt64(length))
        return true
    }

    private static func isMethod(_ name: String) -> Bool { methods.contains(name) || name == "CONNECT" }

    /// `nil` if a carriage return or a line feed stands alone.
    private static func lines(_ bytes: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = [[]]
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == 10 { return nil }
            guard byte == 13 else {
                lines[lines.count - 1].append(byte)
                continue
            }
            guard rest.popFirst() == 10 else { return nil }
            lines.append([])
        }
        return lines
    }

    private static func isToken(_ bytes: [UInt8]) -> Bool { !bytes.isEmpty && bytes.allSatisfy(tokens.contains) }

    private static func split(_ bytes: [UInt8], _ separator: UInt8) -> [[UInt8]] {
        bytes.split(separator: separator, omittingEmptySubsequences: false).map { Array($0) }
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed())
    }
}
