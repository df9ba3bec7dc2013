/// The nine bytes before each frame's payload (RFC 9113, section 4.1).
struct FrameHeader: Equatable, Sendable {
    static var length: Int { 9 }
    /// Largest payload taken here, and the least that every peer takes (section 4.2).
    static var maxPayload: Int { 16_384 }

    let length: Int
    /// A raw value of `FrameType`, or of a type that is not known here.
    let type: UInt8
    let flags: UInt8
    /// 0 for the connection; its reserved bit is left out.
    let stream: UInt32

    @inline(__always)
    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

extension FrameHeader {
    /// - Parameter input: at least nine bytes.
    @inline(__always)
    init(_ input: Span<UInt8>) {
        length = Int(input[0]) &<< 16 | Int(input[1]) &<< 8 | Int(input[2])
        type = input[3]
        flags = input[4]
        stream = Self.word(input, at: 5) & 0x7FFF_FFFF
    }

    /// Four bytes, the highest first.
    @inline(__always)
    static func word(_ input: Span<UInt8>, at start: Int) -> UInt32 {
        UInt32(input[start]) &<< 24 | UInt32(input[start &+ 1]) &<< 16 | UInt32(input[start &+ 2]) &<< 8
            | UInt32(input[start &+ 3])
    }
}

/// The frame types of RFC 9113, section 6.
enum FrameType {
    static var data: UInt8 { 0x0 }
    static var headers: UInt8 { 0x1 }
    static var priority: UInt8 { 0x2 }
    static var reset: UInt8 { 0x3 }
    static var settings: UInt8 { 0x4 }
    static var pushPromise: UInt8 { 0x5 }
    static var ping: UInt8 { 0x6 }
    static var goAway: UInt8 { 0x7 }
    static var windowUpdate: UInt8 { 0x8 }
    static var continuation: UInt8 { 0x9 }
}

/// The flags of all frame types; one bit may mean different things in different types.
enum FrameFlag {
    static var acknowledge: UInt8 { 0x1 }
    static var endStream: UInt8 { 0x1 }
    static var endHeaders: UInt8 { 0x4 }
    static var padded: UInt8 { 0x8 }
    static var priority: UInt8 { 0x20 }
}
