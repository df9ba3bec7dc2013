import Glibc

/// Bounds for a chance that was seen to happen `events` times in `trials` (Clopper and Pearson, 1934).
public enum ClopperPearson {
    /// The one-sided upper bound; 1 without trials.
    ///
    /// - Parameter confidence: 0 < x < 1.
    public static func upperBound(events: Int, trials: Int, confidence: Double = 0.95) -> Double {
        guard trials > 0, events < trials else { return 1 }
        let (a, b) = (Double(events) + 1, Double(trials - events))
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if incompleteBeta(middle, a, b) < confidence { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz; DLMF 8.17.22).
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        // The fraction converges fast on one side of the mean only.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let logFront = a * log(x) + b * log1p(-x) - logBeta(a, b) - log(a)
        return exp(logFront) * continuedFraction(x, a, b)
    }

    private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let least = 1e-300
        func safe(_ value: Double) -> Double { abs(value) < least ? least : value }
        var c = 1.0
        var d = 1 / safe(1 - (a + b) * x / (a + 1))
        var result = d
        for m in 1...500 {
            let k = Double(m)
            let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
            d = 1 / safe(1 + even * d)
            c = safe(1 + even / c)
            result *= d * c
            let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
            d = 1 / safe(1 + odd * d)
            c = safe(1 + odd / c)
            let change = d * c
            result *= change
            if abs(change - 1) < 1e-14 { break }
        }
        return result
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double {
        SplitMix64.logFactorial(a - 1) + SplitMix64.logFactorial(b - 1) - SplitMix64.logFactorial(a + b - 1)
    }
}
