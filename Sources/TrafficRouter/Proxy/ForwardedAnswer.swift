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
        let isChunked = isChunked
        buffer.writeHead(room: head.bytes.count + marks.room + Self.ownBytes) { writer in
            let setsKey = Self.writeFields(head, isOpenEnded: isOpenEnded, to: &writer)
            if isChunked { writer.text("transfer-encoding: chunked\r\n") }
            marks.write(setsKey: setsKey, to: &writer)
            if closes {
                writer.text("connection: close\r\n\r\n")
            } else if request.isHTTP10 {
                writer.text("connection: keep-alive\r\n\r\n")
            } else {
                writer.text("\r\n")
            }
        }
    }

    /// Bytes of all that the router adds besides the marks.
    private static let ownBytes = 128

    /// `100 Continue` and its like.
    static func writeInformational(_ head: ResponseHead, to buffer: inout ByteBuffer) {
        buffer.writeHead(room: head.bytes.count + ownBytes) { writer in
            _ = writeFields(head, isOpenEnded: false, to: &writer)
            writer.text("\r\n")
        }
    }

    /// `101 Switching Protocols`.
    static func writeUpgrade(_ head: ResponseHead, _ marks: AnswerMarks, to buffer: inout ByteBuffer) {
        buffer.writeHead(room: head.bytes.count + marks.room + ownBytes) { writer in
            let setsKey = writeFields(head, isOpenEnded: false, to: &writer)
            writer.text("connection: upgrade\r\n")
            if let value = head.first(.upgrade) {
                writer.text("upgrade: ")
                head.bytes.withUnsafeBytes { writer.bytes($0, value) }
                writer.text("\r\n")
            }
            marks.write(setsKey: setsKey, to: &writer)
            writer.text("\r\n")
        }
    }

    /// Status line and the fields that pass, in runs.
    ///
    /// - Returns: whether the instance sets the person's cookie itself.
    private static func writeFields(_ head: ResponseHead, isOpenEnded: Bool, to writer: inout HeadWriter) -> Bool {
        head.bytes.withUnsafeBytes { bytes in
            var setsKey = false
            writer.text("HTTP/1.1 ")
            writer.word(statusDigits(head.status))
            writer.bytes(bytes, head.reason)
            writer.text("\r\n")
            var runStart = head.fields.first?.line.lowerBound ?? 0
            for field in head.fields {
                if field.id == .setCookie, !setsKey { setsKey = bytes[field.value].starts(with: keyCookiePrefix) }
                guard isDropped(field, head, isOpenEnded: isOpenEnded) else { continue }
                if runStart < field.line.lowerBound { writer.bytes(bytes, runStart..<field.line.lowerBound) }
                runStart = field.line.upperBound
            }
            if let end = head.fields.last?.line.upperBound, runStart < end { writer.bytes(bytes, runStart..<end) }
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
    /// Bytes that they take at most.
    var room: Int {
        let ownBytes = 96
        let cookie = newCookie == nil ? 0 : RouterNames.keyCookieAttributes.utf8.count + StickyCookie.maximumLength
        return ownBytes + release.utf8.count + RequestID.maximumLength + cookie
    }

    /// - Parameter setsKey: the instance sets the person's cookie itself.
    func write(setsKey: Bool, to writer: inout HeadWriter) {
        writer.text("x-nonevent-release: ")
        writer.text(release)
        writer.text("\r\n")
        if let requestID {
            writer.text("x-request-id: ")
            requestID.write(to: &writer)
            writer.text("\r\n")
        }
        if let newCookie, !setsKey {
            writer.text("set-cookie: ")
            writer.text(RouterNames.keyCookie)
            writer.text("=")
            newCookie.write(to: &writer)
            writer.text(RouterNames.keyCookieAttributes)
            writer.text("\r\n")
        }
    }
}
