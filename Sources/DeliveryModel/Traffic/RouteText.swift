/// What single texts of routes must look like, in service files and route tables alike.
public enum RouteText {
    /// Bytes of a regular expression, of a rule's value, and of a name of a header, cookie or parameter.
    public static let longestPattern = 256
    public static let longestValue = 1_024
    public static let longestName = 128
    /// Characters of a commit or digest that name a release.
    public static let selectorLength = 4...71

    /// A token of RFC 9110, 5.6.2: names of headers and cookies.
    public static func isToken(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                isLetterOrDigit(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// The name of a query's parameter after percent-decoding.
    public static func isParameterName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count) && !hasControls(text)
    }

    /// What a field may be compared with.
    public static func isValue(_ text: String) -> Bool { text.utf8.count <= longestValue && !hasControls(text) }

    /// A regular expression in Swift's syntax, which is that of PCRE but for rare cases.
    public static func isPattern(_ text: String) -> Bool {
        (1...longestPattern).contains(text.utf8.count) && (try? Regex(text)) != nil
    }

    /// A path, or the beginning of one: begins with `/`, without query, fragment, spaces and control characters.
    public static func isPath(_ text: String) -> Bool { ServiceFileCheck.isRequestPath(text, query: false) }

    /// A path that may have a query.
    public static func isTarget(_ text: String) -> Bool { ServiceFileCheck.isRequestPath(text, query: true) }

    /// An absolute path of a file.
    public static func isFile(_ text: String) -> Bool { ServiceFileCheck.isAbsolutePath(text) }

    /// RFC 6901: empty, or `/`-separated names in which `~` stands only in `~0` and `~1`.
    public static func isJSONPointer(_ text: String) -> Bool {
        guard text.utf8.count <= longestValue, text.isEmpty || text.hasPrefix("/"), !hasControls(text) else {
            return false
        }
        let bytes = Array(text.utf8)
        return bytes.indices.allSatisfy { index in
            bytes[index] != UInt8(ascii: "~")
                || (index + 1 < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "1")).contains(bytes[index + 1]))
        }
    }

    /// The beginning of a commit or digest.
    public static func isReleaseName(_ text: String) -> Bool {
        selectorLength.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// A host name in lower case; for certificates also `*.` and a host name.
    public static func isHost(_ text: String, wildcard: Bool = false) -> Bool {
        let name = wildcard && text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
        return ServiceFileCheck.isHost(name)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func hasControls(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
