/// A set of ASCII bytes as 128 bits. Bytes from 0x80 on are never members.
///
/// Two words instead of a table of 256: a look-up needs no memory and no bounds check. `ByteSetTests` compares every
/// set with its rule in the RFC.
struct ByteSet: Equatable, Sendable {
    /// Bytes 0 to 63, the lowest bit first.
    var low: UInt64
    /// Bytes 64 to 127, the lowest bit first.
    var high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (word &>> UInt64(byte & 0x3F)) & 1 != 0
    }
}

extension ByteSet {
    /// `tchar` of RFC 9110, section 5.6.2: methods, field names, and names of options, codings and chunk extensions.
    static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// What a target may hold before its `?`: every visible character but `#`, `<`, `>`, `\` and `?`.
    ///
    /// RFC 3986 allows less, but clients send the rest raw, and both nginx and HAProxy pass it: `"`, `^`, `` ` ``, `{`,
    /// `|`, `}`, `[`, `]`, and a `%` that no two hexadecimal digits follow. Refused although those two pass them: `<`
    /// and `>`, which no browser sends raw, and `\`, which some servers take for `/`.
    static var path: ByteSet { ByteSet(low: 0x2FFF_FFF6_0000_0000, high: 0x7FFF_FFFF_EFFF_FFFF) }

    /// What a target may hold after its `?`: the same, and `?` and `\`, which browsers send raw there.
    static var query: ByteSet { ByteSet(low: 0xAFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }

    /// `reg-name` of RFC 3986, section 3.2.2, but for `%`, which needs two digits after it, and the comma, which no
    /// name has, but two `Host` fields put together have.
    static var hostName: ByteSet { ByteSet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    static var hexDigit: ByteSet { ByteSet(low: 0x03FF_0000_0000_0000, high: 0x0000_007E_0000_007E) }

    /// `qdtext` of RFC 9110, section 5.6.4, but for its bytes from 0x80 on.
    static var quotedText: ByteSet { ByteSet(low: 0xFFFF_FFFB_0000_0200, high: 0x7FFF_FFFF_EFFF_FFFF) }
}
