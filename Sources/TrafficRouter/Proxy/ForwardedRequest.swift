import NIOCore

/// What the router knows about a request beyond its head, and tells the instance.
struct RequestOrigin {
    let peer: PeerAddress
    let scheme: URLScheme
    let requestID: RequestID
    /// The client may name releases here, so its wish goes on to the instance.
    var mayName = false
    /// A copy, whose answer nobody gets.
    var isCopy = false
}

enum URLScheme: String, Sendable {
    case http, https

    var text: StaticString {
        switch self {
        case .http: "http"
        case .https: "https"
        }
    }
}

/// A request's head as it goes to an instance by HTTP/1: the client's own bytes, but for what must change.
enum ForwardedRequest {
    /// Bytes of all that the router adds besides addresses, hosts and the request's id.
    private static let ownBytes = 448

    /// - Parameter isChunked: the body is sent in chunks.
    static func write(
        _ head: RequestHead, _ origin: RequestOrigin, isChunked: Bool, to buffer: inout ByteBuffer
    ) {
        // The host may stand in three fields, the peer in two; what trusted proxies said before stands in the head.
        let host = max(head.host.count, head.authority?.count ?? 0)
        let room =
            head.bytes.count + 3 * host + 2 * origin.peer.text.utf8.count + RequestID.maximumLength + Self.ownBytes
        buffer.writeHead(room: room) { writer in
            head.bytes.withUnsafeBytes { write(head, $0, origin, isChunked: isChunked, to: &writer) }
        }
    }

    private static func write(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ origin: RequestOrigin, isChunked: Bool,
        to writer: inout HeadWriter
    ) {
        writer.bytes(bytes, head.methodRange)
        writer.text(" ")
        if head.authority != nil, head.path.isEmpty { writer.text("/") }
        writer.bytes(bytes, head.pathAndQuery)
        writer.text(" HTTP/1.1\r\n")
        if head.authority != nil || head.host.isEmpty {
            writer.text("host: ")
            writeHost(head, bytes, to: &writer)
            writer.text("\r\n")
        }
        // Fields that pass stand in runs, which are copied whole.
        var runStart = head.fields.first?.line.lowerBound ?? 0
        for field in head.fields where isDropped(field, head, origin) {
            if runStart < field.line.lowerBound { writer.bytes(bytes, runStart..<field.line.lowerBound) }
            runStart = field.line.upperBound
        }
        if let end = head.fields.last?.line.upperBound, runStart < end { writer.bytes(bytes, runStart..<end) }
        if isChunked { writer.text("transfer-encoding: chunked\r\n") }
        writeUpgrade(head, bytes, to: &writer)
        writeForwarding(head, origin, bytes, to: &writer)
        if origin.isCopy { writer.text(RouterNames.copyMark) }
        writer.text("x-request-id: ")
        origin.requestID.write(to: &writer)
        writer.text("\r\n\r\n")
    }

    /// The host as the client named it; the absolute form overrides the field (RFC 9112, section 3.2.2).
    private static func writeHost(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to writer: inout HeadWriter) {
        let host = head.authority ?? head.host
        if host.isEmpty { writer.text("localhost") } else { writer.bytes(bytes, host) }
    }

    private static func isDropped(
        _ field: HeaderField, _ head: RequestHead, _ origin: RequestOrigin
    ) -> Bool {
        switch field.id {
        case .other: head.isConnectionOption(field)
        case .host: head.authority != nil
        case .contentLength, .cookie, .expect: false
        case .nonEventRelease: !origin.mayName
        case .xForwardedFor, .xForwardedProto, .xForwardedHost, .xForwardedPort, .forwarded, .xRequestID: true
        // Only the router says of a request that it is a copy.
        case .upgrade, .nonEventMirror: true
        default: field.id.isHopByHop || head.isConnectionOption(field)
        }
    }

    private static func writeUpgrade(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to writer: inout HeadWriter
    ) {
        guard head.wantsUpgrade, let value = head.first(.upgrade) else { return }
        writer.text("connection: upgrade\r\nupgrade: ")
        writer.bytes(bytes, value)
        writer.text("\r\n")
    }

    /// Says where the request comes from, in both ways that instances read. What proxies before said is kept only when
    /// the peer is one that is trusted.
    private static func writeForwarding(
        _ head: RequestHead, _ origin: RequestOrigin, _ bytes: UnsafeRawBufferPointer, to writer: inout HeadWriter
    ) {
        let trusted = origin.peer.isTrusted
        writer.text("x-forwarded-for: ")
        if trusted { writeAll(.xForwardedFor, head, bytes, to: &writer) }
        writer.text(origin.peer.text)
        writer.text("\r\nx-forwarded-proto: ")
        if trusted, let proto = head.first(.xForwardedProto) {
            writer.bytes(bytes, proto)
        } else {
            writer.text(origin.scheme.text)
        }
        writer.text("\r\nx-forwarded-host: ")
        if trusted, let host = head.first(.xForwardedHost) {
            writer.bytes(bytes, host)
        } else {
            writeHost(head, bytes, to: &writer)
        }
        writer.text("\r\nforwarded: ")
        if trusted { writeAll(.forwarded, head, bytes, to: &writer) }
        writer.text("for=")
        origin.peer.writeForwardedNode(to: &writer)
        writer.text(";host=\"")
        writeHost(head, bytes, to: &writer)
        writer.text("\";proto=")
        writer.text(origin.scheme.text)
        writer.text("\r\n")
    }

    private static func writeAll(
        _ id: KnownField, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to writer: inout HeadWriter
    ) {
        guard head.has(id) else { return }
        for field in head.fields where field.id == id && !field.value.isEmpty {
            writer.bytes(bytes, field.value)
            writer.text(", ")
        }
    }
}
