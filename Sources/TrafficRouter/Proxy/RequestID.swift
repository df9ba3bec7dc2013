import NIOCore

/// The name of one request, for logs: the one that a trusted proxy gave, else 128 bits in hexadecimal.
enum RequestID: Equatable, Sendable {
    case given([UInt8])
    case drawn(high: UInt64, low: UInt64)

    /// Longest name taken over from a proxy.
    static let maximumLength = 128

    /// - Returns: `nil` for what is empty, too long, or has other characters than letters, digits and `-_.:+/=`.
    init?(given bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength, bytes.allSatisfy(Self.isAllowed) else { return nil }
        self = .given(Array(bytes))
    }

    var bytes: [UInt8] {
        if case .given(let bytes) = self { return bytes }
        var buffer = ByteBuffer()
        buffer.writeHead(room: Self.maximumLength) { write(to: &$0) }
        return Array(buffer.readableBytesView)
    }

    /// At most ``maximumLength`` bytes.
    @inline(__always)
    func write(to writer: inout HeadWriter) {
        switch self {
        case .given(let bytes): writer.bytes(bytes)
        case .drawn(let high, let low):
            writer.word(Self.digits(UInt32(truncatingIfNeeded: high >> 32)))
            writer.word(Self.digits(UInt32(truncatingIfNeeded: high)))
            writer.word(Self.digits(UInt32(truncatingIfNeeded: low >> 32)))
            writer.word(Self.digits(UInt32(truncatingIfNeeded: low)))
        }
    }

    /// Eight hexadecimal digits as the bytes of one word: each nibble spread to a byte, then made a character.
    private static func digits(_ value: UInt32) -> UInt64 {
        var word = UInt64(value)
        word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
        word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
        word = (word | word << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // 6 more than a digit carries into the next bit exactly for ten and above.
        let letters = ((word &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return word &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "+"),
            UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}

/// Draws request ids: splitmix64 from a random start, since they need be different, not secret.
struct RequestIDSource {
    private let high: UInt64
    private var state: UInt64

    init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        state = random.next()
    }

    mutating func next() -> RequestID {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return .drawn(high: high, low: mixed ^ (mixed >> 31))
    }
}
