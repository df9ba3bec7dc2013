/// Why a stream or a connection ends (RFC 9113, section 7).
struct HTTP2ErrorCode: Equatable, Sendable {
    /// As on the wire; values that nobody has defined are possible.
    let rawValue: UInt32

    static var noError: Self { .init(rawValue: 0x0) }
    static var protocolError: Self { .init(rawValue: 0x1) }
    static var internalError: Self { .init(rawValue: 0x2) }
    static var flowControlError: Self { .init(rawValue: 0x3) }
    static var settingsTimeout: Self { .init(rawValue: 0x4) }
    static var streamClosed: Self { .init(rawValue: 0x5) }
    static var frameSizeError: Self { .init(rawValue: 0x6) }
    static var refusedStream: Self { .init(rawValue: 0x7) }
    static var cancel: Self { .init(rawValue: 0x8) }
    static var compressionError: Self { .init(rawValue: 0x9) }
    static var enhanceYourCalm: Self { .init(rawValue: 0xB) }
}
