import DeliveryModel
import Glibc

/// Undo by the service's objective alone: the candidate burns ten times the error budget, or misses a latency objective
/// twice as often as it may, while the baseline does not. At full share, where no baseline is left to compare with,
/// what is remembered of it counts.
struct ObjectiveRule: JudgeRule, Equatable {
    static let name = JudgeRuleName.slo.rawValue
    /// Times the error budget.
    static let burn = 10.0
    /// Times as many slow requests as the latency objective allows.
    static let slowness = 2.0

    /// Times as many errors as the baseline has at the same time: what burns both is no fault of the candidate.
    static let distinctness = 3.0

    /// One objective, of both arms.
    struct Objective: Sendable, Equatable, Codable {
        /// `nil`: availability.
        var quantile: String?
        /// Slower than this bucket's upper edge counts as bad.
        var bucket: Int?
        var seconds: Double?
        var candidate: RateProcess
        var baseline: RateProcess
    }

    private(set) var objectives: [Objective]
    private let threshold: Double
    private let budget: Double
    private let restartTicks: Double
    private var isFull = false
    private var lastMinute = LastMinute()

    init(_ configuration: JudgeConfiguration) {
        threshold = configuration.undoThreshold
        budget = configuration.budget
        restartTicks = configuration.restartTicks
        func objective(_ limit: Double, _ quantile: String? = nil, _ seconds: Double? = nil) -> Objective? {
            guard let process = RateProcess(limit: limit, restartTicks: configuration.restartTicks) else { return nil }
            return Objective(
                quantile: quantile, bucket: seconds.map(Self.bucket), seconds: seconds, candidate: process,
                baseline: process)
        }
        objectives = objective(Self.burn * configuration.budget).map { [$0] } ?? []
        for (name, part) in [("p50", 0.5), ("p90", 0.1), ("p99", 0.01)] {
            guard let seconds = configuration.latencyObjectives[name], seconds > 0, seconds.isFinite else { continue }
            objectives += objective(min(0.9, Self.slowness * part), name, seconds).map { [$0] } ?? []
        }
    }

    mutating func observe(_ observation: Observation) {
        if observation.assigned == .all {
            if !isFull { remember(observation) }
        } else {
            isFull = false
        }
        lastMinute.add(observation.candidate, observation.baseline, t: observation.t)
        for index in objectives.indices {
            if let bucket = objectives[index].bucket {
                let (candidate, baseline) = observation.latency
                Self.observe(&objectives[index].candidate, candidate, over: bucket, phi: observation.calmPhi)
                Self.observe(&objectives[index].baseline, baseline, over: bucket, phi: observation.calmPhi)
            } else {
                let (candidate, baseline) = (observation.candidate, observation.baseline)
                objectives[index].candidate.observe(
                    bad: candidate.bad, requests: candidate.requests, phi: observation.phi)
                objectives[index].baseline.observe(bad: baseline.bad, requests: baseline.requests, phi: observation.phi)
            }
        }
    }

    /// Full share begins: the candidate must also stay below twice what the baseline failed at most.
    private mutating func remember(_ observation: Observation) {
        isFull = true
        guard let index = objectives.firstIndex(where: { $0.quantile == nil }) else { return }
        let limit = max(2 * Self.upperRate(observation.baselineTotal, observation.phi), Self.burn * budget)
        guard let process = RateProcess(limit: limit, restartTicks: restartTicks) else { return }
        objectives[index].candidate = process
    }

    private static func observe(
        _ process: inout RateProcess, _ histogram: [Int: Double], over bucket: Int, phi: Double
    ) {
        var (all, slow) = (0.0, 0.0)
        for (index, count) in histogram where count > 0 && count.isFinite {
            all += count
            if index > bucket { slow += count }
        }
        process.observe(bad: slow, requests: all, phi: phi)
    }

    /// The last bucket that is not slower than `seconds`.
    private static func bucket(_ seconds: Double) -> Int {
        Int((log(seconds) / log(LatencyBucket.ratio) + 1e-9).rounded(.down))
    }

    /// The baseline's rate at most, one-sided at about 95 %, wider when errors come in clusters.
    static func upperRate(_ counts: Counts, _ phi: Double) -> Double {
        guard counts.requests > 0 else { return 0 }
        return min(1, (counts.bad + phi + 1.645 * (phi * (counts.bad + phi)).squareRoot()) / counts.requests)
    }

    /// The objective that is missed the most surely, among those that the baseline keeps.
    var worst: Objective? {
        objectives.filter { $0.baseline.logEvidence < threshold && ($0.quantile != nil || isDistinct) }
            .max { $0.candidate.logEvidence < $1.candidate.logEvidence }
    }
    private var isDistinct: Bool {
        let (candidate, baseline) = (lastMinute.candidate, lastMinute.baseline)
        // What it fails at most, at about 95 %: none of a few good requests proves little ("rule of three").
        let baselineRate = (baseline.bad + 3) / (baseline.requests + 1)
        return isFull || candidate.rate >= Self.distinctness * baselineRate
    }
    var evidence: RuleEvidence { RuleEvidence(lnE: worst?.candidate.logEvidence ?? 0, threshold: threshold) }
    var fires: Bool { worst.map { $0.candidate.logEvidence >= threshold } ?? false }
}
