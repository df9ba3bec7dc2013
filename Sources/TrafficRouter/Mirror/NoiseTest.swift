#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether a candidate differs from the baseline more often than the baseline differs from itself.
///
/// Fisher's exact test, one-sided: given how many differences there are in all, the number that falls on the
/// candidate's comparisons is hypergeometric if both arms differ equally often; the probability of as many or more must
/// be below `significance`. Exact at any count, so no approximation has to be chosen, and the same counts always give
/// the same answer. (Fisher, Statistical Methods for Research Workers, section 21.02; Agresti, Categorical Data
/// Analysis, 3.5.)
///
/// Both arms are compared with the same primary answer, which makes them differ together rather than apart: the test
/// then errs on the side of silence. It is made for each place by itself and may be read at any time, so among
/// hundreds of noisy places watched for long one may be named without cause. It informs people; no rollout is decided
/// by it.
enum NoiseTest {
    static let significance = 0.001
    /// Fewer differences of the candidate are never reported.
    static let minDifferences: UInt64 = 5

    /// - Parameters:
    ///   - differences: candidate's answers that differ, of `trials` compared.
    ///   - noise: second answers of the baseline that differ, of `noiseTrials` compared.
    /// - Returns: `false` also when the noise was never measured: not to know it is not to have none.
    static func isAbove(
        differences: UInt64, of trials: UInt64, noise: UInt64, of noiseTrials: UInt64
    ) -> Bool {
        guard differences >= minDifferences, noiseTrials > 0, differences <= trials, noise <= noiseTrials else {
            return false
        }
        let (x, n, y, m) = (Double(differences), Double(trials), Double(noise), Double(noiseTrials))
        guard x * m > y * n else { return false }
        return tail(x, n, y, m) < significance
    }

    /// P(X >= x) for X hypergeometric: x + y differences among n + m comparisons, n of them the candidate's.
    /// - Returns: 1 at least when the probability is above `significance`.
    private static func tail(_ x: Double, _ n: Double, _ y: Double, _ m: Double) -> Double {
        let all = x + y
        var term = exp(logChoose(n, x) + logChoose(m, y) - logChoose(n + m, all))
        var sum = 0.0
        var at = x
        // x is past the mean, so the terms fall from here on.
        while at <= min(n, all) {
            sum += term
            if sum >= significance { return 1 }
            if term <= sum * 1e-12 { return sum }
            term *= (all - at) / (at + 1) * ((n - at) / (m - all + at + 1))
            at += 1
        }
        return sum
    }

    private static func logChoose(_ n: Double, _ k: Double) -> Double {
        logFactorial(n) - logFactorial(k) - logFactorial(n - k)
    }

    /// ln n! by a product up to 20 and Stirling's series past it (relative error below 1e-15; Abramowitz and Stegun,
    /// 6.1.41).
    static func logFactorial(_ n: Double) -> Double {
        if n <= 20 {
            var product = 1.0
            var factor = 2.0
            while factor <= n {
                product *= factor
                factor += 1
            }
            return log(product)
        }
        let inverse = 1 / n
        let square = inverse * inverse
        let series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)))
        return (n + 0.5) * log(n) - n + 0.5 * log(2 * Double.pi) + series
    }
}
