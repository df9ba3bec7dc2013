import DeliveryModel
import NIOCore

/// The value of the cookie `nonevent-key`: `<key>`, or `<key>.<12 digits>` when the split has once sent the person to
/// the candidate whose digest begins with these digits.
struct StickyCookie: Equatable, Sendable {
    let key: PersonKey
    let seen: ReleaseMark?

    init(key: PersonKey, seen: ReleaseMark? = nil) { (self.key, self.seen) = (key, seen) }

    /// - Returns: `nil` for anything that the router never writes.
    init?(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        let hasMark = value.count == PersonKey.digits + 1 + ReleaseMark.digits
        guard value.count == PersonKey.digits || hasMark, let key = PersonKey(bytes, at: value.lowerBound) else {
            return nil
        }
        self.key = key
        guard hasMark else {
            seen = nil
            return
        }
        let dot = value.lowerBound + PersonKey.digits
        guard bytes[dot] == Byte.dot, let mark = ReleaseMark(bytes, at: dot + 1) else { return nil }
        seen = mark
    }

    /// Bytes of the longest value.
    static let maximumLength = PersonKey.digits + 1 + ReleaseMark.digits

    /// As it is sent; at most ``maximumLength`` bytes.
    func write(to writer: inout HeadWriter) {
        let words = key.words
        writer.word(words.0.byteSwapped)
        writer.word(words.1.byteSwapped)
        writer.word(words.2.byteSwapped)
        writer.word(words.3.byteSwapped)
        guard let seen else { return }
        let digits = seen.words
        writer.text(".")
        writer.word(digits.0.byteSwapped)
        // Four of its digits are zeros that are not part of the mark.
        writer.word(UInt32(truncatingIfNeeded: digits.1).byteSwapped)
    }

    /// As it is sent.
    var text: String {
        var buffer = ByteBuffer()
        buffer.writeHead(room: Self.maximumLength) { write(to: &$0) }
        return String(buffer: buffer)
    }
}

/// The beginning of a release's digest: 12 hexadecimal digits.
struct ReleaseMark: Equatable, Sendable {
    static let digits = 12
    /// The digits in the lower 48 bits.
    private let bits: UInt64

    /// The mark whose digits begin at `start`.
    ///
    /// - Returns: `nil` if there are fewer than 12, or others than those of small letters.
    init?(_ bytes: Span<UInt8>, at start: Int) {
        guard bytes.count - start >= Self.digits,
            let first = LowerHexadecimal.value(of: bytes.word(at: start)),
            let last = LowerHexadecimal.value(of: bytes.word(at: start + 4))
        else { return nil }
        bits = UInt64(first) << 16 | UInt64(last & 0xFFFF)
    }

    init(_ digest: ReleaseDigest) {
        var bits: UInt64 = 0
        for digit in digest.hex.utf8.prefix(Self.digits) { bits = bits << 4 | UInt64(digit.hexValue ?? 0) }
        self.bits = bits
    }

    /// The digits as two words, the first lowest; the second ends with four zeros that are not part of it.
    fileprivate var words: (UInt64, UInt64) {
        (
            LowerHexadecimal.digits(UInt32(truncatingIfNeeded: bits >> 16)),
            LowerHexadecimal.digits(UInt32(truncatingIfNeeded: bits << 16))
        )
    }
}
