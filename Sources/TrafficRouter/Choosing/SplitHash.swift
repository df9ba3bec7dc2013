/// The hash of the split; fixed for ever, since a change would move people between releases.
///
/// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), over the UTF-8 bytes of the salt and then of the key,
/// followed by the finaliser `fmix64` of MurmurHash3, because the low bits of FNV-1a alone are poorly mixed for short,
/// similar keys.
struct SplitHash: Sendable, Equatable {
    static let buckets: UInt64 = 10_000

    /// FNV-1a behind the salt.
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    init(salt: String) {
        for byte in salt.utf8 { add(byte) }
    }

    /// 0 to 9,999.
    func bucket(of key: Span<UInt8>) -> Int { Int(hash(of: key) % Self.buckets) }

    /// 0 to 9,999: that of the key as it is written.
    func bucket(of key: PersonKey) -> Int {
        let words = key.words
        var copy = self
        copy.add(word: words.0)
        copy.add(word: words.1)
        copy.add(word: words.2)
        copy.add(word: words.3)
        return Int(copy.finished % Self.buckets)
    }

    func hash(of key: Span<UInt8>) -> UInt64 {
        var copy = self
        for index in 0..<key.count { copy.add(key[index]) }
        return copy.finished
    }

    @inline(__always)
    private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// Eight bytes, the lowest first.
    @inline(__always)
    private mutating func add(word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
    }

    private var finished: UInt64 {
        var hash = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
