/// A number from 0 to 9,999, drawn by hashing: the same for the same seed and input.
enum BasisPointHash {
    static func bucket(seed: UInt64, _ counter: UInt64) -> Int {
        Int(mixed(mixed(seed) ^ counter) % 10_000)
    }

    /// FNV-1a over the bytes, mixed.
    static func bucket(seed: UInt64, _ bytes: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return Int(mixed(hash) % 10_000)
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
