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
}

/// A request's head as it goes to an instance by HTTP/1: the client's own bytes, but for what must change.
enum ForwardedRequest {
    /// - Parameter isChunked: the body is sent in chunks.
    static func write(
        _ head: RequestHead, _ origin: RequestOrigin, isChunked: Bool, to buffer: inout ByteBuffer
    ) {
        buffer.reserveCapacity(minimumWritableBytes: head.bytes.count + 384)
        head.bytes.withUnsafeBytes { bytes in
            buffer.writeBytes(bytes[head.methodRange])
            buffer.writeStaticString(" ")
            writeTarget(head, bytes, to: &buffer)
            buffer.writeStaticString(" HTTP/1.1\r\n")
            if head.authority != nil || head.host.isEmpty {
                buffer.writeStaticString("host: ")
                writeHost(head, bytes, to: &buffer)
                buffer.writeStaticString("\r\n")
            }
            // Fields that pass stand in runs, which are copied whole.
            var runStart = head.fields.first?.line.lowerBound ?? 0
            for field in head.fields where isDropped(field, head, origin) {
                if runStart < field.line.lowerBound { buffer.writeBytes(bytes[runStart..<field.line.lowerBound]) }
                runStart = field.line.upperBound
            }
            if let end = head.fields.last?.line.upperBound, runStart < end { buffer.writeBytes(bytes[runStart..<end]) }
            if isChunked { buffer.writeStaticString("transfer-encoding: chunked\r\n") }
            writeUpgrade(head, bytes, to: &buffer)
            writeForwarding(head, origin, bytes, to: &buffer)
        }
        if origin.isCopy { buffer.writeStaticString(RouterNames.copyMark) }
        buffer.writeStaticString("x-request-id: ")
        origin.requestID.write(to: &buffer)
        buffer.writeStaticString("\r\n\r\n")
    }

    private static func writeTarget(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        if head.authority != nil, head.path.isEmpty { buffer.writeStaticString("/") }
        buffer.writeBytes(bytes[head.pathAndQuery])
    }

    /// The host as the client named it; the absolute form overrides the field (RFC 9112, section 3.2.2).
    private static func writeHost(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        let host = head.authority ?? head.host
        if host.isEmpty { buffer.writeStaticString("localhost") } else { buffer.writeBytes(bytes[host]) }
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
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) {
        guard head.wantsUpgrade, let value = head.first(.upgrade) else { return }
        buffer.writeStaticString("connection: upgrade\r\nupgrade: ")
        buffer.writeBytes(bytes[value])
        buffer.writeStaticString("\r\n")
    }

    /// Says where the request comes from, in both ways that instances read. What proxies before said is kept only when
    /// the peer is one that is trusted.
    private static func writeForwarding(
        _ head: RequestHead, _ origin: RequestOrigin, _ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) {
        let trusted = origin.peer.isTrusted
        buffer.writeStaticString("x-forwarded-for: ")
        if trusted { writeAll(.xForwardedFor, head, bytes, to: &buffer) }
        buffer.writeString(origin.peer.text)
        buffer.writeStaticString("\r\nx-forwarded-proto: ")
        if trusted, let proto = head.first(.xForwardedProto) {
            buffer.writeBytes(bytes[proto])
        } else {
            buffer.writeString(origin.scheme.rawValue)
        }
        buffer.writeStaticString("\r\nx-forwarded-host: ")
        if trusted, let host = head.first(.xForwardedHost) {
            buffer.writeBytes(bytes[host])
        } else {
            writeHost(head, bytes, to: &buffer)
        }
        buffer.writeStaticString("\r\nforwarded: ")
        if trusted { writeAll(.forwarded, head, bytes, to: &buffer) }
        buffer.writeStaticString("for=")
        buffer.writeString(origin.peer.forwardedNode)
        buffer.writeStaticString(";host=\"")
        writeHost(head, bytes, to: &buffer)
        buffer.writeStaticString("\";proto=")
        buffer.writeString(origin.scheme.rawValue)
        buffer.writeStaticString("\r\n")
    }

    private static func writeAll(
        _ id: KnownField, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) {
        for field in head.fields where field.id == id && !field.value.isEmpty {
            buffer.writeBytes(bytes[field.value])
            buffer.writeStaticString(", ")
        }
    }
}
