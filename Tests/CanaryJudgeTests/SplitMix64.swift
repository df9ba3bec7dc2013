import Glibc

/// Seeded numbers for simulations (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Knuth's method for small means, the normal approximation beyond 50.
    mutating func poisson(_ mean: Double) -> Double {
        guard mean < 50 else {
            let normal = (-2 * log(max(1e-300, unit()))).squareRoot() * cos(2 * .pi * unit())
            return max(0, (mean + mean.squareRoot() * normal).rounded())
        }
        let limit = exp(-mean)
        var product = unit()
        var count = 0.0
        while product > limit {
            product *= unit()
            count += 1
        }
        return count
    }
}
