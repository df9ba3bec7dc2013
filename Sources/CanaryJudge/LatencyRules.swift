import DeliveryModel
import Glibc

/// Is the candidate slower? Whether its requests exceed a quantile of the baseline's latency, with a margin, more often
/// than the baseline's exceed that quantile itself: a comparison of counts, so ``CountsProcess`` applies as it is.
///
/// The limits come from the baseline's *previous* ticks alone, so that they are known before the counts are (a
/// predictable threshold keeps the process valid), and they follow the baseline through the day.
struct LatencyRules: Sendable, Equatable, Codable {
    static let quantiles = [0.5, 0.9, 0.99]
    /// How much more often than the baseline a slower candidate exceeds the limit.
    static let slower: [Double] = [1.1, 1.25, 1.5, 2, 3, 5, 10, 30]
    /// Requests that the reference must stand for before it is compared with.
    static let leastWeight = 100.0
    /// What counts for sentences are worth one tick later: about a minute of 1-s ticks.
    private static let forgetting = exp(-1.0 / 60)
    private static let allRequests = 6

    /// Recent counts at one quantile, older ones counting less.
    struct Seen: Sendable, Equatable, Codable {
        /// The baseline's quantile in seconds, at the latest tick; 0 before the first.
        var tau = 0.0
        /// Requests of the candidate that took longer than `tau` and the margin for an undo.
        var candidateOver = 0.0
        var candidate = 0.0
        /// Requests of the baseline that took longer than `tau`.
        var baselineOver = 0.0
        var baseline = 0.0
    }

    /// How much slower than the baseline is tolerated, as a fraction.
    let undoMargin: Double
    let promoteMargin: Double
    private(set) var seen = [Seen](repeating: Seen(), count: quantiles.count)
    private var undo: [CountsProcess]
    private var promote: [CountsProcess]
    private var reference = LatencyReference()
    private var recent = LatencyReference()
    private let undoSteps: Double
    private let promoteSteps: Double

    /// - Parameter restartTicks: ticks expected over the rollout, for the undo; `nil` for a process without restart.
    init(
        undoMargin: Double = 0.05, promoteMargin: Double = 0.10, ratio: Double = 1, undoGrid: [Double] = slower,
        promoteGrid: [Double] = CountsProcess.notWorse, restartTicks: Double?
    ) {
        self.undoMargin = undoMargin
        self.promoteMargin = promoteMargin
        undoSteps = Self.steps(undoMargin)
        promoteSteps = Self.steps(promoteMargin)
        let undo = CountsProcess(ratio: ratio, grid: undoGrid, restartTicks: restartTicks)
        let promote = CountsProcess(ratio: ratio, grid: promoteGrid)
        self.undo = [CountsProcess](repeating: undo, count: Self.quantiles.count)
        self.promote = [CountsProcess](repeating: promote, count: Self.quantiles.count)
    }

    /// Buckets that a margin spans.
    private static func steps(_ margin: Double) -> Double {
        margin > 0 && margin.isFinite ? (log1p(margin) / log(LatencyBucket.ratio)).rounded() : 0
    }

    /// Takes in one tick: requests by latency bucket of both arms.
    mutating func observe(candidate: [Int: Double], baseline: [Int: Double], phi: Double) {
        let isReady = reference.weight >= Self.leastWeight
        // Lanes 0 to 2 for the undo, 3 to 5 for the promotion, 6 for all requests.
        var baselineLimits = SIMD8<Double>(repeating: -.infinity)
        var candidateLimits = baselineLimits
        for (index, quantile) in Self.quantiles.enumerated() where isReady {
            guard let bucket = reference.quantileBucket(quantile).map(Double.init) else { continue }
            // When many requests take equally long, almost all lie above the one bucket and almost none above the next.
            // A rise can be seen only above the next (nothing exceeds "all"), the lack of one only above the first.
            baselineLimits[index] = bucket + 1
            candidateLimits[index] = bucket + 1 + undoSteps
            baselineLimits[index + 3] = bucket
            candidateLimits[index + 3] = bucket + promoteSteps
        }
        let slow = recent.add(candidate, counting: candidateLimits)
        let usual = reference.add(baseline, counting: baselineLimits)
        guard isReady, slow[Self.allRequests] > 0, usual[Self.allRequests] > 0 else { return }
        for index in undo.indices {
            // A tick without slow requests teaches nothing; a restart's stake alone must not grow into evidence.
            if slow[index] + usual[index] > 0 {
                undo[index].setDispersion(phi)
                undo[index].observe(
                    candidateBad: slow[index], baselineBad: usual[index], candidate: slow[Self.allRequests],
                    baseline: usual[Self.allRequests])
            }
            promote[index].setDispersion(phi)
            promote[index].observe(
                candidateBad: slow[index + 3], baselineBad: usual[index + 3], candidate: slow[Self.allRequests],
                baseline: usual[Self.allRequests])
            remember(index, tau: LatencyReference.upperEdge(of: Int(baselineLimits[index])), slow: slow, usual: usual)
        }
    }

    private mutating func remember(_ index: Int, tau: Double, slow: SIMD8<Double>, usual: SIMD8<Double>) {
        seen[index].tau = tau
        seen[index].candidateOver = seen[index].candidateOver * Self.forgetting + slow[index]
        seen[index].candidate = seen[index].candidate * Self.forgetting + slow[Self.allRequests]
        seen[index].baselineOver = seen[index].baselineOver * Self.forgetting + usual[index]
        seen[index].baseline = seen[index].baseline * Self.forgetting + usual[Self.allRequests]
    }

    /// `ln E` by quantile against "not slower".
    var undoLogEvidence: [Double] { undo.map(\.logEvidence) }
    /// `ln E` by quantile against "slower than tolerated".
    var promoteLogEvidence: [Double] { promote.map(\.logEvidence) }

    /// `ln` of the mean of all E; a mean of e-values is one, however they depend on each other.
    ///
    /// - Parameter weights: by quantile; those missing or not above 0 count as 0, and without any all are alike.
    func undoEvidence(weights: [Double]) -> Double { Self.logMean(undo, weights: weights) }

    /// `ln` of the plain mean of all E.
    var promoteEvidence: Double { Self.logMean(promote, weights: []) }

    private static func logMean(_ processes: [CountsProcess], weights: [Double]) -> Double {
        var sum = 0.0
        for weight in weights.prefix(processes.count) where weight > 0 && weight.isFinite { sum += weight }
        var result = -Double.infinity
        for (index, process) in processes.enumerated() {
            let given = index < weights.count ? weights[index] : 0
            let weight = sum > 0 ? given / sum : 1 / Double(processes.count)
            if weight > 0, weight.isFinite {
                result = EvidenceMixture.logOfSum(result, process.logEvidence + log(weight))
            }
        }
        return result
    }

    /// Both arms' recent median, 90th and 99th percentile in seconds; `nil` while an arm has none.
    func quantiles() -> (candidate: [Double], baseline: [Double])? {
        let candidate = Self.quantiles.compactMap { recent.seconds($0) }
        let baseline = Self.quantiles.compactMap { reference.seconds($0) }
        guard candidate.count == Self.quantiles.count, baseline.count == Self.quantiles.count else { return nil }
        return (candidate, baseline)
    }
}
