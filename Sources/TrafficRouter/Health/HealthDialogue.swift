/// What an active check says on its connection, and how it judges the reply.
struct HealthDialogue: Sendable, Equatable {
    /// Sent as soon as the connection stands.
    let request: [UInt8]
    /// Whether the instance was asked to close when it has answered.
    let endsWithClose: Bool
    private var listener: Listener

    private enum Listener: Sendable, Equatable {
        case answer(HealthAnswer)
        case greeting(HTTP2Greeting)
    }

    /// A GET of `path`; the instance is well when its final status is 200 to 299.
    static func http1(path: String, host: String, port: Int) -> HealthDialogue {
        HealthDialogue(
            request: HealthRequest.bytes(path: path, host: host, port: port), endsWithClose: true,
            listener: .answer(HealthAnswer()))
    }

    /// The beginning of HTTP/2 with prior knowledge; the instance is well when it answers as a server of HTTP/2 must.
    static func http2() -> HealthDialogue {
        HealthDialogue(request: HTTP2Greeting.client, endsWithClose: false, listener: .greeting(HTTP2Greeting()))
    }

    /// - Returns: whether the instance is well; `nil`: more bytes are needed.
    mutating func read(_ bytes: some Sequence<UInt8>) -> Bool? {
        switch listener {
        case .answer(var answer):
            defer { listener = .answer(answer) }
            return switch answer.read(bytes) {
            case .needMore: nil
            case .status(let status): (200..<300).contains(status)
            case .malformed: false
            }
        case .greeting(var greeting):
            defer { listener = .greeting(greeting) }
            return greeting.read(bytes)
        }
    }
}

/// The first bytes of an HTTP/2 connection without TLS (RFC 9113, section 3.4).
struct HTTP2Greeting: Sendable, Equatable {
    /// The client's preface and a SETTINGS frame without settings.
    static let client = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    /// A server that never got larger frames allowed may not send them.
    static let maxFrameBytes = 16_384

    /// Of the server's first frame.
    private var header: [UInt8] = []

    init() {}

    /// - Returns: whether the first frame is a server's SETTINGS: on no stream, no acknowledgement, of 6 bytes a
    ///   setting; `nil`: fewer than its 9 bytes of header came so far.
    mutating func read(_ bytes: some Sequence<UInt8>) -> Bool? {
        for byte in bytes where header.count < 9 { header.append(byte) }
        guard header.count == 9 else { return nil }
        let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        let stream = (header[5] & 0x7F) | header[6] | header[7] | header[8]
        return length <= Self.maxFrameBytes && length % 6 == 0 && header[3] == 4 && header[4] & 1 == 0 && stream == 0
    }
}
