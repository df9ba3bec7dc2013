import DeliveryModel
import Glibc

/// Is one gauge (memory, processor time) worse in the candidate by more than a margin? Mann-Whitney at planned looks,
/// with the error chance spent over them (Bonferroni; after the planned looks each epoch of twice as many gets half of
/// what is left, so that the sum stays within `alpha` for ever).
///
/// Each look takes only what came since the last one: memory stays bounded, and a slow leak is not diluted by the hours
/// before it. Successive samples of a gauge resemble each other, which a test for independent ones takes for more
/// evidence than it is; the margin guards against that: noise must move the whole sample by it, not only be
/// significant.
struct GaugeRule: Sendable, Equatable, Codable {
    /// New samples in each arm before a look.
    static let leastSamples = 10
    static let largestSample = MannWhitney.largestSample
    private static let largestEpoch = 60

    /// One look, in the gauge's own unit.
    struct Look: Sendable, Equatable, Codable {
        /// From 1.
        var number: Int
        var candidateMedian: Double
        var baselineMedian: Double
        /// Hodges-Lehmann estimate of candidate - baseline.
        var shift: Double
        /// Its 95 % interval.
        var low: Double
        var high: Double
        /// Shift in the worse direction that is tolerated, 0 or more.
        var tolerated: Double
    }

    let worseIsHigher: Bool
    /// Tolerated shift as a part of the baseline's median.
    let margin: Double
    private let alpha: Double
    private let plannedLooks: Int
    private var candidate: [Double] = []
    private var baseline: [Double] = []
    private var needed = leastSamples
    private(set) var last: Look?
    /// Of the last look; `nil` before the first.
    private(set) var evidence: RuleEvidence?
    /// Whether the last look found the candidate worse by more than the margin.
    private(set) var fires = false
    /// Whether the last look ruled out at 95 % that it is.
    private(set) var isProvenHarmless = false

    init(worseIsHigher: Bool, margin: Double = 0.25, alpha: Double = 0.02, plannedLooks: Int = 60) {
        self.worseIsHigher = worseIsHigher
        self.margin = margin.isFinite ? max(0, margin) : 0.25
        self.alpha = alpha > 0 && alpha < 1 ? alpha : 0.02
        self.plannedLooks = max(1, min(1_000_000, plannedLooks))
        needed = Self.samplesNeeded(alphaOfLook(1))
    }

    /// Takes in new samples, oldest first, and looks when both arms have enough. Numbers that are not finite are left
    /// out.
    mutating func observe(_ samples: GaugeSamples) {
        guard !samples.candidate.isEmpty || !samples.baseline.isEmpty else { return }
        Self.gather(samples.candidate, into: &candidate)
        Self.gather(samples.baseline, into: &baseline)
        guard candidate.count >= needed, baseline.count >= needed else { return }
        look()
        candidate.removeAll(keepingCapacity: true)
        baseline.removeAll(keepingCapacity: true)
    }

    private static func gather(_ new: [Double], into kept: inout [Double]) {
        for value in new where value.isFinite { kept.append(min(1e150, max(-1e150, value))) }
        if kept.count > largestSample { kept.removeFirst(kept.count - largestSample) }
    }

    private mutating func look() {
        let sign = worseIsHigher ? 1.0 : -1.0
        let number = (last?.number ?? 0) + 1
        guard
            let test = MannWhitney.compare(
                candidate: candidate.map { $0 * sign }, baseline: baseline.map { $0 * sign })
        else { return }
        let baselineMedian = MannWhitney.median(sorted: baseline.sorted())
        let tolerated = margin * abs(baselineMedian)
        let spent = alphaOfLook(number)
        let interval = test.interval(confidence: 0.95) ?? (test.shift, test.shift)
        evidence = RuleEvidence(lnE: -log(max(1e-300, test.p(shiftAbove: tolerated))), threshold: -log(spent))
        fires = test.lowerBound(alpha: spent).map { $0 > tolerated } ?? false
        isProvenHarmless = test.upperBound(alpha: 0.05).map { $0 <= tolerated } ?? false
        last = Look(
            number: number, candidateMedian: MannWhitney.median(sorted: candidate.sorted()),
            baselineMedian: baselineMedian, shift: sign * test.shift,
            low: worseIsHigher ? interval.low : -interval.high, high: worseIsHigher ? interval.high : -interval.low,
            tolerated: tolerated)
        needed = Self.samplesNeeded(alphaOfLook(number + 1))
    }

    /// Error chance that look `number`, from 1, may spend: half of `alpha` over the planned looks, then over epochs
    /// `j = 1, 2, ...` of `planned * 2^j` looks `alpha / 2^(j + 1)` each.
    func alphaOfLook(_ number: Int) -> Double {
        var (epoch, left) = (0, Double(number) - Double(plannedLooks))
        while left > 0, epoch < Self.largestEpoch {
            epoch += 1
            left -= Double(plannedLooks) * exp2(Double(epoch))
        }
        return alpha / (exp2(Double(2 * epoch + 1)) * Double(plannedLooks))
    }

    /// Samples an arm with which entirely different arms are significant at `alpha`, even by the normal approximation:
    /// as looks get stricter they need more samples, or the rule would fall blind.
    static func samplesNeeded(_ alpha: Double) -> Int {
        let target = 0.1 - MannWhitney.normalQuantile(alpha)
        var count = leastSamples
        while count < largestSample {
            let size = Double(count)
            let largest = (size * size / 2 - 0.5) / (size * size * (2 * size + 1) / 12).squareRoot()
            if largest >= target { break }
            count += 1
        }
        return count
    }
}
