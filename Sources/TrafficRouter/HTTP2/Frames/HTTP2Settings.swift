/// What the other side has told about itself (RFC 9113, section 6.5.2).
struct HTTP2Settings: Equatable, Sendable {
    enum Parameter {
        static var headerTableSize: UInt16 { 0x1 }
        static var enablePush: UInt16 { 0x2 }
        static var maxConcurrentStreams: UInt16 { 0x3 }
        static var initialWindowSize: UInt16 { 0x4 }
        static var maxFrameSize: UInt16 { 0x5 }
        static var maxHeaderListSize: UInt16 { 0x6 }
    }

    static var defaultWindow: Int { 65_535 }
    /// Largest flow-control window.
    static var maxWindow: Int { 0x7FFF_FFFF }

    var headerTableBytes = 4_096
    /// At first as many as the other side could want.
    var maxConcurrentStreams = Int(UInt32.max)
    /// 0 to 2^31 - 1.
    var initialWindow = defaultWindow
    /// 16,384 to 2^24 - 1. Never made use of: longer frames would only delay other streams.
    var maxFramePayload = 16_384

    /// Reads the payload of a SETTINGS frame; unknown parameters are passed over.
    ///
    /// - Parameter isServer: the frame is a server's, which must not allow pushes to itself.
    mutating func apply(_ payload: Span<UInt8>, isServer: Bool) throws(HTTP2Flaw) {
        guard payload.count % 6 == 0 else { throw HTTP2Flaw(.frameSizeError, .frameLength) }
        var position = 0
        while position < payload.count {
            let parameter = UInt16(payload[position]) &<< 8 | UInt16(payload[position + 1])
            let value = Int(FrameHeader.word(payload, at: position + 2))
            position += 6
            switch parameter {
            case Parameter.headerTableSize: headerTableBytes = value
            case Parameter.enablePush:
                guard value <= (isServer ? 0 : 1) else { throw HTTP2Flaw(.settingsValue) }
            case Parameter.maxConcurrentStreams: maxConcurrentStreams = value
            case Parameter.initialWindowSize:
                guard value <= Self.maxWindow else { throw HTTP2Flaw(.flowControlError, .settingsValue) }
                initialWindow = value
            case Parameter.maxFrameSize:
                guard 16_384...16_777_215 ~= value else { throw HTTP2Flaw(.settingsValue) }
                maxFramePayload = value
            default: break
            }
        }
    }
}
