/// Where a git repository is: a path, or a URL of one of the protocols that are allowed.
///
/// Allowed are absolute paths, `file`, `http`, `https`, `git` and `ssh` URLs, and `user@host:path`. Others, such as
/// `ext::`, run programs and are refused.
public struct GitURL: Hashable, Sendable, CustomStringConvertible {
    public static let protocols = ["file", "http", "https", "git", "ssh"]
    /// Most bytes of a URL.
    public static let lengthLimit = 2048

    /// As given to git; may hold a password.
    public let text: String
    /// `file`, `http`, `https`, `git` or `ssh`.
    public let scheme: String
    /// Empty for files.
    public let host: String
    /// Path on the host, without `.git` and slashes at its ends.
    public let path: String

    /// - Returns: `nil` when it is none of the forms above, or holds characters that no URL has.
    public init?(_ text: String) {
        guard (1...Self.lengthLimit).contains(text.utf8.count), !text.hasPrefix("-"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f || $0 == 0x20 && text.hasPrefix("/") })
        else { return nil }
        self.text = text
        if text.hasPrefix("/") {
            (scheme, host, path) = ("file", "", Self.trimmed(text[...]))
            if path.isEmpty { return nil }
            return
        }
        guard let parts = Self.url(text) ?? Self.shortForm(text) else { return nil }
        (scheme, host) = (parts.scheme, parts.host)
        path = Self.trimmed(parts.path)
        guard scheme == "file" || !host.isEmpty, !path.isEmpty, !host.hasPrefix("-") else { return nil }
    }

    /// The URL without user and password.
    public var description: String {
        guard let parts = Self.url(text), let at = parts.authority.lastIndex(of: "@") else { return text }
        let rest = text.utf8.count - scheme.utf8.count - 3 - parts.authority.utf8.count
        return scheme + "://" + parts.authority[parts.authority.index(after: at)...]
            + String(decoding: Array(text.utf8.suffix(rest)), as: UTF8.self)
    }

    /// What two URLs of the same repository have in common whatever the protocol: `host/path`, in lower case, without
    /// port, user and `.git`. For a file its path.
    public var identity: String {
        guard scheme != "file" else { return "/" + path }
        return (host + "/" + path).lowercased()
    }

    private static func url(_ text: String) -> (scheme: String, host: String, path: Substring, authority: Substring)? {
        for scheme in protocols where text.lowercased().hasPrefix(scheme + "://") {
            let rest = text.dropFirst(scheme.count + 3)
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            let authority = rest[..<slash]
            let named = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
            return (scheme, host(of: named), rest[slash...], authority)
        }
        return nil
    }

    private static func host(of authority: Substring) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }

    /// `user@host:path`, as ssh's own tools write it.
    private static func shortForm(
        _ text: String
    ) -> (scheme: String, host: String, path: Substring, authority: Substring)? {
        guard let colon = text.firstIndex(of: ":"), let at = text[..<colon].firstIndex(of: "@"),
            !text[..<colon].contains("/"), at > text.startIndex, !text[colon...].hasPrefix("::")
        else { return nil }
        let host = text[text.index(after: at)..<colon]
        return ("ssh", String(host), text[text.index(after: colon)...], text[..<colon])
    }

    private static func trimmed(_ path: Substring) -> String {
        var kept = path
        while kept.hasPrefix("/") { kept = kept.dropFirst() }
        while kept.hasSuffix("/") { kept = kept.dropLast() }
        if kept.hasSuffix(".git"), kept.utf8.count > 4, !kept.hasSuffix("/.git") { kept = kept.dropLast(4) }
        return String(kept)
    }
}
