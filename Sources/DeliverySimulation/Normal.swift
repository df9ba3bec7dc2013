import Glibc

/// The standard normal distribution.
public enum Normal {
    /// Chance of a value of `z` or less.
    public static func distribution(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// The `z` that values stay below with this chance, 0 < `chance` < 1, to 1e-12, by bisection; within ±12.
    public static func quantile(_ chance: Double) -> Double {
        var (low, high) = (-12.0, 12.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if distribution(middle) < chance { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
