/// The fields that the router treats apart; all others are `other`.
enum KnownField: UInt8, CaseIterable, Sendable {
    case other
    // Framing and routing.
    case host, contentLength, transferEncoding, expect
    // Of one connection only (RFC 9110, section 7.6.1).
    case connection, keepAlive, te, trailer, upgrade, proxyConnection, proxyAuthenticate, proxyAuthorization
    case proxyAuthenticationInfo, http2Settings
    // Read or written by the router.
    case cookie, setCookie, authorization, date, server, forwarded, xForwardedFor, xForwardedProto, xForwardedHost
    case xForwardedPort, xRequestID, traceparent, tracestate, idempotencyKey, nonEventRelease
    case nonEventMirror

    /// The field called `name`, whatever its letters' case. `name` must be a token; an empty name is `other`.
    @inline(__always)
    static func classify(_ name: Span<UInt8>) -> KnownField { classify(name, 0, name.count) }

    /// The field whose name has `length` bytes from `start` on.
    ///
    /// The length and the first letter leave one or two candidates, so that most names cost no comparison.
    @inline(__always)
    static func classify(_ input: Span<UInt8>, _ start: Int, _ length: Int) -> KnownField {
        guard length >= 2, length <= 25 else { return .other }
        let first = input[start] | 0x20

        @inline(__always)
        func one(_ letter: Unicode.Scalar, _ name: StaticString, _ field: KnownField) -> KnownField? {
            first == UInt8(truncatingIfNeeded: letter.value) && input.hasLetters(of: name, at: start) ? field : nil
        }

        switch length {
        case 2: return one("t", "te", .te) ?? .other
        case 4: return one("h", "host", .host) ?? one("d", "date", .date) ?? .other
        case 6:
            return one("c", "cookie", .cookie) ?? one("e", "expect", .expect) ?? one("s", "server", .server) ?? .other
        case 7: return one("t", "trailer", .trailer) ?? one("u", "upgrade", .upgrade) ?? .other
        case 9: return one("f", "forwarded", .forwarded) ?? .other
        case 10:
            return one("c", "connection", .connection) ?? one("k", "keep-alive", .keepAlive)
                ?? one("s", "set-cookie", .setCookie) ?? one("t", "tracestate", .tracestate) ?? .other
        case 11: return one("t", "traceparent", .traceparent) ?? .other
        case 12: return one("x", "x-request-id", .xRequestID) ?? .other
        case 13: return one("a", "authorization", .authorization) ?? .other
        case 14:
            return one("c", "content-length", .contentLength) ?? one("h", "http2-settings", .http2Settings) ?? .other
        case 15:
            return one("x", "x-forwarded-for", .xForwardedFor) ?? one("i", "idempotency-key", .idempotencyKey) ?? .other
        case 16:
            return one("x", "x-forwarded-host", .xForwardedHost) ?? one("x", "x-forwarded-port", .xForwardedPort)
                ?? one("p", "proxy-connection", .proxyConnection) ?? .other
        case 17:
            return one("t", "transfer-encoding", .transferEncoding)
                ?? one("x", "x-forwarded-proto", .xForwardedProto)
                ?? one("x", "x-nonevent-mirror", .nonEventMirror) ?? .other
        case 18:
            return one("x", "x-nonevent-release", .nonEventRelease)
                ?? one("p", "proxy-authenticate", .proxyAuthenticate) ?? .other
        case 19: return one("p", "proxy-authorization", .proxyAuthorization) ?? .other
        case 25: return one("p", "proxy-authentication-info", .proxyAuthenticationInfo) ?? .other
        default: return .other
        }
    }

    /// Whether the field is for the next hop only and never passed on, `Transfer-Encoding` included.
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .te, .trailer, .transferEncoding, .upgrade, .proxyConnection, .proxyAuthenticate,
            .proxyAuthorization, .proxyAuthenticationInfo, .http2Settings:
            true
        default: false
        }
    }

    /// Whether a `Connection` field may name it as one to be dropped: not so if framing or routing rests on it.
    var canBeConnectionOption: Bool { self != .host && self != .contentLength }
}
