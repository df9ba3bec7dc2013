import Glibc

/// Mann and Whitney's rank-sum test with a confidence interval for the shift between two samples, in the normal
/// approximation with ties and continuity correction (Hollander and Wolfe, "Nonparametric Statistical Methods"; Bauer,
/// "Constructing confidence sets using rank statistics", 1972): what R's `wilcox.test(exact = FALSE)` gives.
struct RankSum {
    private let x: [Double]
    private let y: [Double]
    private let sizes: Double

    /// `nil` when a sample is empty.
    init?(_ x: [Double], _ y: [Double]) {
        guard !x.isEmpty, !y.isEmpty else { return nil }
        self.x = x.sorted()
        self.y = y.sorted()
        sizes = Double(x.count * y.count)
    }

    /// How many standard deviations the rank sum of `x - shift` lies above its mean.
    func statistic(shift: Double, isCorrected: Bool) -> Double {
        var (below, ties, cubes) = (0.0, 0.0, 0.0)
        var (i, j) = (0, 0)
        while i < x.count || j < y.count {
            let value = min(i < x.count ? x[i] - shift : .infinity, j < y.count ? y[j] : .infinity)
            let (startI, startJ) = (i, j)
            while i < x.count, x[i] - shift <= value { i += 1 }
            while j < y.count, y[j] <= value { j += 1 }
            let (fromX, fromY) = (Double(i - startI), Double(j - startJ))
            below += fromX * Double(startJ)
            ties += fromX * fromY
            let tied = fromX + fromY
            cubes += tied * tied * tied - tied
        }
        let distance = below + ties / 2 - sizes / 2
        let all = Double(x.count + y.count)
        let variance = sizes / 12 * (all + 1 - cubes / (all * (all - 1)))
        guard variance > 0 else { return 0 }
        let correction = isCorrected && distance != 0 ? (distance > 0 ? 0.5 : -0.5) : 0
        return (distance - correction) / variance.squareRoot()
    }

    /// The shift at which the statistic falls to `z`; it falls as the shift grows.
    private func shift(at z: Double, isCorrected: Bool) -> Double {
        var low = x[0] - y[y.count - 1]
        var high = x[x.count - 1] - y[0]
        if statistic(shift: low, isCorrected: isCorrected) <= z { return low }
        if statistic(shift: high, isCorrected: isCorrected) >= z { return high }
        for _ in 0..<40 where high - low > 1e-9 * max(abs(low), abs(high)) {
            let middle = (low + high) / 2
            if statistic(shift: middle, isCorrected: isCorrected) > z { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// By how much `x` is larger than `y`, after Hodges and Lehmann.
    var estimate: Double { shift(at: 0, isCorrected: false) }

    /// Two-sided interval of the shift; `z` is the normal quantile of its upper end.
    func interval(z: Double) -> (low: Double, high: Double) {
        (shift(at: z, isCorrected: true), shift(at: -z, isCorrected: true))
    }
}
