/// Seeded numbers for simulations (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
///
/// The same seed gives the same numbers on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A generator of its own for one purpose (`stream`) of one run (`index`), so that leaving out one purpose changes
    /// no other.
    public init(seed: UInt64, index: Int, stream: UInt64) {
        var mixer = SplitMix64(seed: seed &+ Self.golden &* UInt64(truncatingIfNeeded: index))
        let first = mixer.next()
        state = Self.mix(first ^ (stream &* 0xD6E8_FEB8_6659_FD93))
    }

    public mutating func next() -> UInt64 {
        state &+= Self.golden
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Evenly from 0 (included) to 1 (excluded), in steps of 2^-53.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
