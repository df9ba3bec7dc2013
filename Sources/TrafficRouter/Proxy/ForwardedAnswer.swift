import NIOCore

/// An instance's head as it goes to a client by HTTP/1: the instance's own bytes, but for what must change.
struct ForwardedAnswer {
    /// The body is sent in chunks.
    let isChunked: Bool
    /// The end of the body can be told only by closing.
    let endsWithClose: Bool

    /// Writes the head to `buffer`.
    ///
    /// - Parameters:
    ///   - request: the client's.
    ///   - keepAlive: whether the client's connection shall stay open.
    init(
        _ head: ResponseHead, to request: RequestHead, _ marks: AnswerMarks, keepAlive: Bool,
        into buffer: inout ByteBuffer
    ) {
        let isOpenEnded: Bool =
            switch head.framing {
            case .chunked, .untilClose: true
            case .none, .length: false
            }
        isChunked = isOpenEnded && !request.isHTTP10
        endsWithClose = isOpenEnded && request.isHTTP10
        let closes = endsWithClose || !keepAlive
        buffer.reserveCapacity(minimumWritableBytes: head.bytes.count + 256)
        let setsKey = Self.writeFields(head, isOpenEnded: isOpenEnded, to: &buffer)
        if isChunked { buffer.writeStaticString("transfer-encoding: chunked\r\n") }
        marks.write(setsKey: setsKey, to: &buffer)
        if closes {
            buffer.writeStaticString("connection: close\r\n\r\n")
        } else if request.isHTTP10 {
            buffer.writeStaticString("connection: keep-alive\r\n\r\n")
        } else {
            buffer.writeStaticString("\r\n")
        }
    }

    /// `100 Continue` and its like.
    static func writeInformational(_ head: ResponseHead, to buffer: inout ByteBuffer) {
        _ = writeFields(head, isOpenEnded: false, to: &buffer)
        buffer.writeStaticString("\r\n")
    }

    /// `101 Switching Protocols`.
    static func writeUpgrade(_ head: ResponseHead, _ marks: AnswerMarks, to buffer: inout ByteBuffer) {
        let setsKey = writeFields(head, isOpenEnded: false, to: &buffer)
        buffer.writeStaticString("connection: upgrade\r\n")
        if let value = head.first(.upgrade) {
            buffer.writeStaticString("upgrade: ")
            head.bytes.withUnsafeBytes { _ = buffer.writeBytes($0[value]) }
            buffer.writeStaticString("\r\n")
        }
        marks.write(setsKey: setsKey, to: &buffer)
        buffer.writeStaticString("\r\n")
    }

    /// Status line and the fields that pass, in runs.
    ///
    /// - Returns: whether the instance sets the person's cookie itself.
    private static func writeFields(_ head: ResponseHead, isOpenEnded: Bool, to buffer: inout ByteBuffer) -> Bool {
        head.bytes.withUnsafeBytes { bytes in
            var setsKey = false
            buffer.writeStaticString("HTTP/1.1 ")
            buffer.writeInteger(statusDigits(head.status))
            buffer.writeBytes(bytes[head.reason])
            buffer.writeStaticString("\r\n")
            var runStart = head.fields.first?.line.lowerBound ?? 0
            for field in head.fields {
                if field.id == .setCookie, !setsKey { setsKey = bytes[field.value].starts(with: keyCookiePrefix) }
                guard isDropped(field, head, isOpenEnded: isOpenEnded) else { continue }
                if runStart < field.line.lowerBound { buffer.writeBytes(bytes[runStart..<field.line.lowerBound]) }
                runStart = field.line.upperBound
            }
            if let end = head.fields.last?.line.upperBound, runStart < end { buffer.writeBytes(bytes[runStart..<end]) }
            return setsKey
        }
    }

    /// Three digits and a space, as the bytes of one word.
    private static func statusDigits(_ status: Int) -> UInt32 {
        UInt32(48 + status / 100) << 24 | UInt32(48 + status / 10 % 10) << 16 | UInt32(48 + status % 10) << 8 | 32
    }

    private static let keyCookiePrefix = Array((RouterNames.keyCookie + "=").utf8)

    private static func isDropped(
        _ field: HeaderField, _ head: ResponseHead, isOpenEnded: Bool
    ) -> Bool {
        switch field.id {
        case .contentLength: isOpenEnded || head.status == 204 || head.status < 200
        case .nonEventRelease, .upgrade, .xRequestID: true
        case .other: head.isConnectionOption(field)
        case .setCookie, .cookie: false
        default: field.id.isHopByHop || head.isConnectionOption(field)
        }
    }
}

extension AnswerMarks {
    /// - Parameter setsKey: the instance sets the person's cookie itself.
    func write(setsKey: Bool, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("x-nonevent-release: ")
        buffer.writeString(release)
        buffer.writeStaticString("\r\n")
        if let requestID {
            buffer.writeStaticString("x-request-id: ")
            requestID.write(to: &buffer)
            buffer.writeStaticString("\r\n")
        }
        if let newCookie, !setsKey {
            buffer.writeStaticString("set-cookie: ")
            buffer.writeString(RouterNames.keyCookie)
            buffer.writeStaticString("=")
            buffer.writeString(newCookie.text)
            buffer.writeString(RouterNames.keyCookieAttributes)
            buffer.writeStaticString("\r\n")
        }
    }
}
