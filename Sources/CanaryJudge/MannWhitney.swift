import Glibc

/// Mann and Whitney's test of two samples (1947), with Hodges and Lehmann's estimate (1963) of the shift between them
/// and its confidence interval.
///
/// With at most 20 values an arm and no ties the distribution of `U` is exact; otherwise it is approximated by a normal
/// one, with corrections for ties and continuity. (SciPy's `mannwhitneyu` is exact when the smaller arm has at most 8,
/// R's `wilcox.test` when both have fewer than 50; 20 is cheap at every look, and beyond it the approximation is good.)
/// The interval holds the shifts that the test itself would not reject, as with R's `conf.int = TRUE`.
///
/// More than ``largestSample`` values of an arm are thinned to that many, evenly over their order in time. Values are
/// brought to -1e150...1e150.
public struct MannWhitney: Sendable, Equatable, Codable {
    public enum Alternative: String, Sendable, Codable, CaseIterable {
        case twoSided, greater, less
    }

    public static let largestSample = 200
    public static let largestExactSample = 20

    /// Pairs in which the candidate's value is the larger one; equal ones count half. 0...(candidates * baselines).
    public let u: Double
    /// Values compared, after thinning.
    public let candidateCount: Int
    public let baselineCount: Int
    /// Whether p-values and intervals come from the exact distribution.
    public let isExact: Bool
    /// All differences candidate - baseline, ascending.
    private let differences: [Double]
    /// `P(U <= u)` for whole `u`; empty unless exact.
    private let cumulative: [Double]
    /// Standard deviation of `U` given the ties seen.
    private let deviation: Double
    /// The same when the candidate is shifted by any amount: ties between the arms come apart, those within stay.
    private let shiftedDeviation: Double

    /// Compares two samples.
    ///
    /// - Parameter exact: `false` approximates where it would be exact.
    /// - Returns: `nil` when a sample is empty or holds a number that is not finite.
    public static func compare(candidate: [Double], baseline: [Double], exact: Bool = true) -> MannWhitney? {
        guard !candidate.isEmpty, !baseline.isEmpty, candidate.allSatisfy(\.isFinite), baseline.allSatisfy(\.isFinite)
        else { return nil }
        return MannWhitney(thinned(candidate), thinned(baseline), exact: exact)
    }

    private init(_ candidate: [Double], _ baseline: [Double], exact: Bool) {
        let (m, n) = (candidate.count, baseline.count)
        var differences: [Double] = []
        differences.reserveCapacity(m * n)
        for left in candidate { for right in baseline { differences.append(left - right) } }
        differences.sort()
        let below = Self.firstIndex(in: differences) { $0 >= 0 }
        let notAbove = Self.firstIndex(in: differences) { $0 > 0 }
        let all = Double(m + n)
        func deviation(_ ties: Double) -> Double {
            (Double(m * n) / 12 * max(0, all + 1 - ties / max(1, all * (all - 1)))).squareRoot()
        }
        let ties = Self.ties(candidate + baseline)
        u = Double(m * n - notAbove) + Double(notAbove - below) / 2
        isExact = ties == 0 && max(m, n) <= Self.largestExactSample && exact
        candidateCount = m
        baselineCount = n
        cumulative = isExact ? Self.distribution(m, n) : []
        self.deviation = deviation(ties)
        shiftedDeviation = deviation(Self.ties(candidate) + Self.ties(baseline))
        self.differences = differences
    }

    /// Chance of a `U` at least as far out, were both arms alike; 0 < p <= 1.
    public func p(_ alternative: Alternative) -> Double {
        switch alternative {
        case .greater: upperTail(u, deviation)
        case .less: upperTail(Double(differences.count) - u, deviation)
        case .twoSided: min(1, 2 * upperTail(max(u, Double(differences.count) - u), deviation))
        }
    }

    /// p-value of the test that the candidate is not larger by more than `shift`; a difference of exactly `shift`
    /// counts for "not larger".
    public func p(shiftAbove shift: Double) -> Double {
        upperTail(Double(differences.count - Self.firstIndex(in: differences) { $0 > shift }), shiftedDeviation)
    }

    /// `P(U >= u)`.
    private func upperTail(_ u: Double, _ deviation: Double) -> Double {
        if isExact { return cumulative[min(differences.count, max(0, differences.count - Int(u.rounded(.up))))] }
        guard deviation > 0 else { return 1 }
        return min(1, Self.normalUpperTail((u - Double(differences.count) / 2 - 0.5) / deviation))
    }

    /// Hodges and Lehmann's estimate of how much larger the candidate's values are: the median of all differences.
    public var shift: Double { Self.median(sorted: differences) }

    /// Lower bound of the shift with an error chance of `alpha`, 0 < alpha < 1; `nil` where so few values give none.
    public func lowerBound(alpha: Double) -> Double? { rank(alpha).map { differences[$0] } }

    /// Upper bound of the shift, as ``lowerBound(alpha:)``.
    public func upperBound(alpha: Double) -> Double? { rank(alpha).map { differences[differences.count - 1 - $0] } }

    /// Both bounds, each with half of the error chance.
    public func interval(confidence: Double) -> (low: Double, high: Double)? {
        let alpha = (1 - confidence) / 2
        guard let low = lowerBound(alpha: alpha), let high = upperBound(alpha: alpha) else { return nil }
        return (low, high)
    }

    /// Index of the lower bound among the differences.
    private func rank(_ alpha: Double) -> Int? {
        guard alpha > 0, alpha < 1 else { return nil }
        if isExact {
            let quantile = Self.firstIndex(in: cumulative) { $0 >= alpha }
            return quantile > 0 ? min(quantile, differences.count) - 1 : nil
        }
        let count = Double(differences.count)
        // So many differences may lie above a shift before it is rejected.
        let above = (count / 2 + 0.5 - Self.normalQuantile(alpha) * shiftedDeviation).rounded(.down)
        return above < count ? min(differences.count - 1, Int(count - max(0, above)) - 1) : nil
    }
}

extension MannWhitney {
    /// `P(U <= u)`: the coefficients of the Gaussian binomial `prod (1 - q^(n+i)) / (1 - q^i)`, whole numbers below
    /// 2^53 for up to 20 values an arm.
    static func distribution(_ m: Int, _ n: Int) -> [Double] {
        var ways = [Double](repeating: 0, count: m * n + 1)
        ways[0] = 1
        for step in 1...m {
            for index in stride(from: m * n, through: n + step, by: -1) { ways[index] -= ways[index - n - step] }
            for index in stride(from: step, through: m * n, by: 1) { ways[index] += ways[index - step] }
        }
        let all = ways.reduce(0, +)
        var sum = 0.0
        for index in ways.indices {
            sum += ways[index]
            ways[index] = min(1, sum / all)
        }
        return ways
    }

    /// `sum t^3 - t` over groups of `t` equal values.
    private static func ties(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        var (sum, start) = (0.0, 0)
        for index in 1...sorted.count where index == sorted.count || sorted[index] != sorted[start] {
            let size = Double(index - start)
            sum += size * size * size - size
            start = index
        }
        return sum
    }

    private static func thinned(_ values: [Double]) -> [Double] {
        let kept = min(values.count, largestSample)
        return (0..<kept).map { min(1e150, max(-1e150, values[$0 * values.count / kept])) }
    }

    static func median(sorted values: [Double]) -> Double {
        guard let last = values.indices.last else { return 0 }
        return values[last / 2] / 2 + values[(last + 1) / 2] / 2
    }

    /// Index of the first value for which `isPast` holds, given that it holds for all after it; the count when none.
    private static func firstIndex(in sorted: [Double], isPast: (Double) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isPast(sorted[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// `P(Z > z)` of the standard normal distribution.
    static func normalUpperTail(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }

    /// The standard normal quantile of `p`, brought to 1e-300...(1 - 1e-16): Abramowitz and Stegun, formula 26.2.23 (to
    /// 4.5e-4), and two steps of Halley's method on `erfc`, each of which triples the digits.
    static func normalQuantile(_ p: Double) -> Double {
        let p = min(1 - 1e-16, max(1e-300, p))
        if p > 0.5 { return -normalQuantile(1 - p) }
        let t = (-2 * log(p)).squareRoot()
        let top = 2.515517 + t * (0.802853 + t * 0.010328)
        var z = top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
        for _ in 0..<2 {
            let error = (normalUpperTail(-z) - p) * (2 * Double.pi).squareRoot() * exp(z * z / 2)
            z -= error / (1 + z * error / 2)
        }
        return z
    }
}
