import DeliveryModel
import Glibc

/// How many times as often the candidate fails as the baseline, with an interval that holds the true ratio at all looks
/// together with a chance of 95 %.
///
/// Given how many bad events both arms have in a tick, each is the candidate's with the chance
/// `pi = r*n_c / (r*n_c + n_b)`, so the likelihood of `r` does not depend on the (changing) rate itself. Against each
/// `r` stands the likelihood averaged over a prior of all ratios, an e-process: the interval is what it has not
/// rejected at 20 (Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; Howard et al.,
/// arXiv:1810.08240). Dispersion tempers the likelihood as in ``CountsProcess``.
///
/// The likelihood is kept on a fixed grid of `ln r` and interpolated by cubics through the four nearest points. The
/// prior is a Cauchy density of `ln r` with scale 1/2: half of it between ratios 0.6 and 1.65, and tails heavy enough
/// that a ratio of 1,000 costs only a few factors of e more.
struct RatioSequence: Sendable, Equatable, Codable {
    private static let logLevel = log(20.0)
    private static let scale = 0.5
    private static let largestCount = 1e15

    /// `ln r`: steps of 0.06 within 0.3...3.3, of about 0.25 out to e^-7 and e^9.
    private static let grid: [Double] =
        steps(23, from: -7, by: 5.8 / 23) + steps(40, from: -1.2, by: 0.06) + steps(32, from: 1.2, by: 7.8 / 31)
    private static let ratios: [Double] = grid.map { exp($0) }
    /// `ln` of the prior's part of each grid point's cell; they sum to 1.
    private static let logWeights: [Double] = {
        let parts = grid.indices.map { index in
            let low = index > 0 ? (grid[index - 1] + grid[index]) / 2 : grid[index]
            let high = index + 1 < grid.count ? (grid[index + 1] + grid[index]) / 2 : grid[index]
            return atan(high / scale) - atan(low / scale)
        }
        let whole = parts.reduce(0, +)
        return parts.map { log($0 / whole) }
    }()

    private static func steps(_ count: Int, from start: Double, by step: Double) -> [Double] {
        (0..<count).map { start + Double($0) * step }
    }

    /// Logarithms of the likelihood at the grid's ratios, that at 1 being 0.
    private var logs = [Double](repeating: 0, count: grid.count)
    private var candidateBad = 0.0
    private var baselineBad = 0.0

    /// Takes in one tick; without bad events, or without requests on a side, it says nothing of the ratio.
    mutating func observe(
        candidateBad: Double, baselineBad: Double, candidate: Double, baseline: Double, phi: Double
    ) {
        guard candidate > 0, baseline > 0, candidate.isFinite, baseline.isFinite, candidateBad >= 0, baselineBad >= 0,
            candidateBad + baselineBad > 0
        else { return }
        let (mine, others) = (min(Self.largestCount, candidateBad), min(Self.largestCount, baselineBad))
        let tempering = phi >= 1 && phi.isFinite ? phi : 1
        let all = candidate / 2 + baseline / 2
        let (part, rest) = (candidate / 2 / all, baseline / 2 / all)
        let (first, both) = (mine / tempering, (mine + others) / tempering)
        let (grid, ratios) = (Self.grid, Self.ratios)
        for index in logs.indices where index < grid.count {
            logs[index] += first * grid[index] - both * log(part * ratios[index] + rest)
        }
        self.candidateBad += mine
        self.baselineBad += others
    }

    /// `nil` before the first bad event. The low end is 0 and the high end the grid's, about 8,100, where nothing is
    /// known of them; the estimate likewise when only one arm has bad events.
    var interval: RatioInterval? {
        guard candidateBad + baselineBad > 0, let last = Self.grid.last, logs.count == Self.grid.count else {
            return nil
        }
        let peak = self.peak
        let cut = logMixture(peak) - Self.logLevel
        let low = logs[0] > cut ? 0 : exp(crossing(from: peak.u, cut: cut, step: -1))
        let high = logs[logs.count - 1] > cut ? exp(last) : exp(crossing(from: peak.u, cut: cut, step: 1))
        let likeliest = candidateBad == 0 ? 0 : baselineBad == 0 ? exp(last) : exp(peak.u)
        return RatioInterval(estimate: min(high, max(low, likeliest)), low: low, high: high)
    }

    /// Where the likelihood is largest, its logarithm there, and its width as a normal density's deviation (infinite at
    /// the grid's ends).
    private var peak: (u: Double, log: Double, deviation: Double) {
        var top = 0
        for index in logs.indices where logs[index] > logs[top] { top = index }
        let grid = Self.grid
        guard top > 0, top < logs.count - 1 else { return (grid[top], logs[top], .infinity) }
        let before = (logs[top] - logs[top - 1]) / (grid[top] - grid[top - 1])
        let after = (logs[top + 1] - logs[top]) / (grid[top + 1] - grid[top])
        let curvature = 2 * (after - before) / (grid[top + 1] - grid[top - 1])
        guard curvature < 0 else { return (grid[top], logs[top], .infinity) }
        let vertex = (grid[top] + grid[top - 1]) / 2 - before / curvature
        let cubic = Cubic(logs, grid, from: vertex < grid[top] ? top - 2 : top - 1)
        var (low, high) = (grid[top - 1], grid[top + 1])
        for _ in 0..<40 {
            let third = (high - low) / 3
            if cubic.value(low + third) < cubic.value(high - third) { low += third } else { high -= third }
        }
        let u = (low + high) / 2
        return (u, max(logs[top], cubic.value(u)), 1 / (-curvature).squareRoot())
    }

    /// `ln` of the likelihood averaged over the prior: by sum over the grid or, when the likelihood is narrower than
    /// the grid's step, by Laplace's approximation of the same integral.
    private func logMixture(_ peak: (u: Double, log: Double, deviation: Double)) -> Double {
        let step = abs(peak.u) < 1.2 ? 0.06 : 0.25
        if peak.deviation < step {
            let density = 1 / (Double.pi * Self.scale * (1 + (peak.u / Self.scale) * (peak.u / Self.scale)))
            return peak.log + log(density * peak.deviation * (2 * Double.pi).squareRoot())
        }
        let weights = Self.logWeights
        var largest = -Double.infinity
        for index in logs.indices { largest = max(largest, logs[index] + weights[index]) }
        var sum = 0.0
        for index in logs.indices where logs[index] + weights[index] > largest - 40 {
            sum += exp(logs[index] + weights[index] - largest)
        }
        return largest + log(sum)
    }

    /// Where the likelihood falls to `cut`, going from its peak in one direction.
    private func crossing(from peak: Double, cut: Double, step: Int) -> Double {
        let grid = Self.grid
        let isPast: (Int) -> Bool = { step < 0 ? grid[$0] < peak : grid[$0] > peak }
        var outer = step < 0 ? grid.count - 1 : 0
        while !isPast(outer) || logs[outer] > cut {
            let next = outer + step
            guard grid.indices.contains(next) else { return grid[outer] }
            outer = next
        }
        let inner = grid.indices.contains(outer - step) && isPast(outer - step) ? grid[outer - step] : peak
        let cubic = Cubic(logs, grid, from: step < 0 ? outer - 1 : outer - 2)
        var (outside, inside) = (grid[outer], inner)
        for _ in 0..<30 {
            let middle = (outside + inside) / 2
            if cubic.value(middle) > cut { inside = middle } else { outside = middle }
        }
        return (outside + inside) / 2
    }
}

/// The cubic through four neighbouring grid points, in Newton's form.
private struct Cubic {
    private let (x0, x1, x2): (Double, Double, Double)
    private let (c0, c1, c2, c3): (Double, Double, Double, Double)

    /// - Parameter from: index of the first point; brought into the grid.
    init(_ values: [Double], _ grid: [Double], from: Int) {
        let first = min(grid.count - 4, max(0, from))
        let x3 = grid[first + 3]
        (x0, x1, x2) = (grid[first], grid[first + 1], grid[first + 2])
        let d01 = (values[first + 1] - values[first]) / (x1 - x0)
        let d12 = (values[first + 2] - values[first + 1]) / (x2 - x1)
        let d23 = (values[first + 3] - values[first + 2]) / (x3 - x2)
        let (d012, d123) = ((d12 - d01) / (x2 - x0), (d23 - d12) / (x3 - x1))
        (c0, c1, c2, c3) = (values[first], d01, d012, (d123 - d012) / (x3 - x0))
    }

    func value(_ x: Double) -> Double { c0 + (x - x0) * (c1 + (x - x1) * (c2 + (x - x2) * c3)) }
}
