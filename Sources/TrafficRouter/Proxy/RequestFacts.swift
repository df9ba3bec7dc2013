import NIOCore
import NIOHTTP1

/// What the router must know of a request's head, found in one pass over the fields, with the fields that go on to the
/// instance.
struct RequestFacts {
    private(set) var hostCount = 0
    private(set) var host: Substring = ""
    private(set) var lengthCount = 0
    private(set) var isChunked = false
    private(set) var hasTransferEncoding = false
    private(set) var hasBody = false
    private(set) var key: Substring?
    private(set) var releaseHeader: Substring?
    private(set) var releaseCookie: Substring?
    private(set) var forwardedFor = ""
    private(set) var forwardedProto: String?
    private(set) var forwardedHost: String?
    /// Fields for the instance, without hop-by-hop ones, framing, and those the router sets itself.
    private(set) var passed: [(String, String)] = []

    init(_ head: HTTPRequestHead) {
        passed.reserveCapacity(head.headers.count + 5)
        var named: [Substring] = []
        for (name, value) in head.headers { read(name, value, named: &named) }
        hasBody = isChunked || hasBody
        if !named.isEmpty {
            passed.removeAll { name, _ in named.contains { HeaderName.equal($0, name) } && !HeaderName.isEndToEnd(name)
            }
        }
    }

    private mutating func read(_ name: String, _ value: String, named: inout [Substring]) {
        switch HeaderName(name) {
        case .host:
            hostCount += 1
            host = value[...]
        case .contentLength:
            lengthCount += 1
            hasBody = value != "0"
            passed.append((name, value))
        case .transferEncoding:
            hasTransferEncoding = true
            isChunked = HeaderName.equal(value, "chunked")
        case .connection:
            named += ConnectionOptions.names(value)
        case .hopByHop:
            break
        case .cookie:
            if let found = Cookies.value(RouterNames.keyCookie, in: value), RandomKey.isValid(found) { key = found }
            if let found = Cookies.value(RouterNames.releaseHeader, in: value), !found.isEmpty { releaseCookie = found }
            passed.append((name, value))
        case .release:
            releaseHeader = value[...]
        case .forwardedFor:
            forwardedFor += forwardedFor.isEmpty ? value : ", " + value
        case .forwardedProto:
            forwardedProto = value
        case .forwardedHost:
            forwardedHost = value
        case .other:
            passed.append((name, value))
        }
    }

    /// Why the request is refused; `nil` when it is sound. Guards against request smuggling (RFC 9112, sections 3.2 and
    /// 6.3).
    func flaw(_ head: HTTPRequestHead) -> String? {
        guard head.version.major == 1 else { return "only HTTP/1.0 and HTTP/1.1 are spoken here" }
        if hostCount > 1 { return "the request has more than one Host field" }
        if hostCount == 0, head.version.isAtLeast11 { return "an HTTP/1.1 request needs a Host field" }
        if host.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "/") }) {
            return "the Host field is malformed"
        }
        if hasTransferEncoding, lengthCount > 0 {
            return "Transfer-Encoding and Content-Length must not stand together"
        }
        if lengthCount > 1 { return "the request has more than one Content-Length field" }
        if hasTransferEncoding, !isChunked { return "the only Transfer-Encoding understood is 'chunked'" }
        if hasTransferEncoding, !head.version.isAtLeast11 { return "Transfer-Encoding needs HTTP/1.1" }
        if head.method == .CONNECT { return "CONNECT is not offered" }
        return nil
    }
}

/// Names that the router gives to header fields and cookies.
enum RouterNames {
    static let releaseHeader = "x-nonevent-release"
    static let keyCookie = "nonevent-key"
    /// Thirty days: longer than any rollout.
    static let keyCookieAttributes = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"
}

/// The header fields the router treats apart.
enum HeaderName {
    case host, contentLength, transferEncoding, connection, hopByHop, cookie, release
    case forwardedFor, forwardedProto, forwardedHost, other

    init(_ name: String) {
        // The length decides first: most fields are sorted out by one comparison.
        switch name.utf8.count {
        case 2: self = Self.equal(name, "te") ? .hopByHop : .other
        case 4: self = Self.equal(name, "host") ? .host : .other
        case 6: self = Self.equal(name, "cookie") ? .cookie : .other
        case 7: self = Self.equal(name, "trailer") || Self.equal(name, "upgrade") ? .hopByHop : .other
        case 10:
            self = Self.equal(name, "connection") ? .connection : Self.equal(name, "keep-alive") ? .hopByHop : .other
        case 14: self = Self.equal(name, "content-length") ? .contentLength : .other
        case 15: self = Self.equal(name, "x-forwarded-for") ? .forwardedFor : .other
        case 16:
            self =
                Self.equal(name, "x-forwarded-host")
                ? .forwardedHost : Self.equal(name, "proxy-connection") ? .hopByHop : .other
        case 17:
            self =
                Self.equal(name, "transfer-encoding")
                ? .transferEncoding : Self.equal(name, "x-forwarded-proto") ? .forwardedProto : .other
        case 18:
            self =
                Self.equal(name, "x-nonevent-release")
                ? .release : Self.equal(name, "proxy-authenticate") ? .hopByHop : .other
        case 19: self = Self.equal(name, "proxy-authorization") ? .hopByHop : .other
        case 25: self = Self.equal(name, "proxy-authentication-info") ? .hopByHop : .other
        default: self = .other
        }
    }

    /// Equal but for the case of ASCII letters; for names made of token characters.
    static func equal(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8) { $0 | 0x20 == $1 | 0x20 }
    }

    /// Fields that a `Connection` field cannot take away, since framing and routing rest on them.
    static func isEndToEnd(_ name: String) -> Bool {
        switch HeaderName(name) {
        case .host, .contentLength: true
        default: false
        }
    }
}

enum ConnectionOptions {
    /// Field names listed in a `Connection` field, without the two options that are not names.
    static func names(_ value: String) -> [Substring] {
        if HeaderName.equal(value, "keep-alive") || HeaderName.equal(value, "close") { return [] }
        return value.split(separator: ",").map { part in
            part.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        }
    }
}

enum Cookies {
    /// The value of the first cookie called `name` in a `Cookie` field.
    static func value(_ name: String, in field: String) -> Substring? {
        var rest = field[...]
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
            let pair = rest[..<end].drop { $0 == " " }
            if pair.utf8.starts(with: name.utf8) {
                let tail = pair.utf8.dropFirst(name.utf8.count)
                if tail.first == UInt8(ascii: "=") { return Substring(tail.dropFirst()) }
            }
            rest = end == rest.endIndex ? "" : rest[rest.utf8.index(after: end)...]
        }
        return nil
    }
}

extension HTTPVersion {
    /// HTTP/1.1 or later: knows chunks, `100 Continue`, and connections that stay open by default.
    var isAtLeast11: Bool { major > 1 || (major == 1 && minor >= 1) }
}
