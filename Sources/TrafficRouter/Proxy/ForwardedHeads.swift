import NIOCore
import NIOHTTP1

/// The client as the instance is told about it.
struct PeerAddress {
    let text: String
    let isLoopback: Bool

    init(_ address: SocketAddress?) {
        text = address?.ipAddress ?? "unknown"
        isLoopback = text == "::1" || text.hasPrefix("127.") || text.hasPrefix("::ffff:127.")
    }
}

extension RequestFacts {
    /// The head that goes to the instance.
    func upstreamHead(_ head: HTTPRequestHead, target: String, peer: PeerAddress, passRelease: Bool) -> HTTPRequestHead
    {
        var fields = passed
        let host = hostCount == 0 ? "localhost" : String(host)
        fields.insert(("host", host), at: 0)
        if isChunked { fields.append(("transfer-encoding", "chunked")) }
        if passRelease, let releaseHeader { fields.append((RouterNames.releaseHeader, String(releaseHeader))) }
        fields.append(("x-forwarded-for", forwardedFor.isEmpty ? peer.text : forwardedFor + ", " + peer.text))
        // Only a proxy on this machine, one that ends TLS for instance, is believed about what it received.
        let believed = peer.isLoopback
        fields.append(("x-forwarded-proto", believed ? forwardedProto ?? "http" : "http"))
        fields.append(("x-forwarded-host", believed ? forwardedHost ?? host : host))
        return HTTPRequestHead(version: .http1_1, method: head.method, uri: target, headers: HTTPHeaders(fields))
    }
}

/// What the router adds to an answer of an instance.
struct ResponseMarks {
    let release: String
    /// A key drawn for this person, to be set as cookie.
    let newKey: String?
}

/// An instance's answer as it goes to the client.
struct ClientHead {
    let head: HTTPResponseHead
    /// The end of the body can be told only by closing.
    let endsWithClose: Bool

    /// - Parameters:
    ///   - keepAlive: whether the client's connection shall stay open.
    ///   - request: head of the client's request.
    init(
        _ response: HTTPResponseHead, request: (method: HTTPMethod, version: HTTPVersion), marks: ResponseMarks,
        keepAlive: Bool
    ) {
        var fields: [(String, String)] = []
        fields.reserveCapacity(response.headers.count + 4)
        var named: [Substring] = []
        var (isChunked, hasLength, setsKey) = (false, false, false)
        for (name, value) in response.headers {
            switch HeaderName(name) {
            case .connection: named += ConnectionOptions.names(value)
            case .hopByHop, .release: continue
            case .transferEncoding: isChunked = true
            case .contentLength:
                hasLength = true
                fields.append((name, value))
            default:
                if HeaderName.equal(name, "set-cookie"), value.hasPrefix(RouterNames.keyCookie + "=") { setsKey = true }
                fields.append((name, value))
            }
        }
        if !named.isEmpty {
            fields.removeAll { name, _ in named.contains { HeaderName.equal($0, name) } && !HeaderName.isEndToEnd(name)
            }
        }
        let code = response.status.code
        let hasBody = request.method != .HEAD && code >= 200 && code != 204 && code != 304
        var endsWithClose = false
        if hasBody, isChunked || !hasLength {
            fields.removeAll { name, _ in HeaderName.equal(name, "content-length") }
            if request.version.isAtLeast11 {
                fields.append(("transfer-encoding", "chunked"))
            } else {
                endsWithClose = true
            }
        }
        if code >= 200 {
            fields.append((RouterNames.releaseHeader, marks.release))
            if let key = marks.newKey, !setsKey {
                fields.append(("set-cookie", RouterNames.keyCookie + "=" + key + RouterNames.keyCookieAttributes))
            }
            if endsWithClose || !keepAlive {
                fields.append(("connection", "close"))
            } else if !request.version.isAtLeast11 {
                fields.append(("connection", "keep-alive"))
            }
        }
        head = HTTPResponseHead(version: .http1_1, status: response.status, headers: HTTPHeaders(fields))
        self.endsWithClose = endsWithClose
    }
}
