import DeliveryModel
import Glibc

/// Undo: the candidate fails more than 1.25 times as often as the baseline.
struct ErrorsUndoRule: JudgeRule, Equatable {
    static let name = "errors-undo"
    /// How much more often than the baseline a candidate may fail.
    static let rateRatio = 1.25
    private var process: CountsProcess
    private let threshold: Double

    init(_ configuration: JudgeConfiguration) {
        process = CountsProcess(
            ratio: Self.rateRatio, grid: CountsProcess.worse, restartTicks: configuration.restartTicks)
        threshold = -log(configuration.alpha)
    }

    mutating func observe(_ observation: Observation) {
        guard let pair = observation.pair else { return }
        process.setDispersion(observation.phi)
        process.observe(
            candidateBad: pair.candidate.bad, baselineBad: pair.baseline.bad, candidate: pair.candidate.requests,
            baseline: pair.baseline.requests)
    }

    var found: RuleEvidence { RuleEvidence(lnE: process.logEvidence, threshold: threshold) }
    var evidence: [String: RuleEvidence] { [Self.name: found] }
    var fires: Bool { process.logEvidence >= threshold }
    /// Half of the evidence is there: no time to send more traffic.
    var isSuspicious: Bool { process.logEvidence >= threshold / 2 }
}

/// Promote: the candidate is shown not to fail more often than `max(2 * p_b, p_b + 0.002)`; and the bound on its harm
/// for the ramp.
struct ErrorsPromoteRule: JudgeRule, Equatable {
    static let name = "errors-promote"
    /// Excess rates for which the ramp asks, from harmless to total; the last resort is 1.
    static let excesses: [Double] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    private static let tolerance = 0.002

    private var twice: CountsProcess
    private var bounds: [CountsProcess]
    private let threshold: Double

    init(_ configuration: JudgeConfiguration) {
        twice = CountsProcess(ratio: 2, grid: CountsProcess.notWorse)
        bounds = Self.excesses.map { CountsProcess(ratio: 1, slack: $0, grid: CountsProcess.notWorse) }
        threshold = -log(configuration.beta)
    }

    mutating func observe(_ observation: Observation) {
        guard let pair = observation.pair else { return }
        func take(_ process: inout CountsProcess) {
            process.setDispersion(observation.phi)
            process.observe(
                candidateBad: pair.candidate.bad, baselineBad: pair.baseline.bad, candidate: pair.candidate.requests,
                baseline: pair.baseline.requests)
        }
        take(&twice)
        for index in bounds.indices { take(&bounds[index]) }
    }

    var found: RuleEvidence {
        let additive = bounds.first { $0.slack == Self.tolerance }?.logEvidence ?? -EvidenceMixture.bound
        let mean = EvidenceMixture.logOfSum(twice.logEvidence, additive) - log(2)
        return RuleEvidence(lnE: mean, threshold: threshold)
    }
    var evidence: [String: RuleEvidence] { [Self.name: found] }

    /// `U`: the smallest excess rate of errors that is ruled out, 1 when none is.
    var excessRuledOut: Double { bounds.first { $0.logEvidence >= threshold }?.slack ?? 1 }
}

/// Undo at full share, where no baseline is left to compare with: the candidate fails more often than twice what the
/// baseline is
/// remembered to have failed at most, and burns ten times the budget.
struct FullShareRule: JudgeRule, Equatable {
    static let name = "slo"
    private var process: RateProcess?
    private let threshold: Double
    private let budget: Double
    private let restartTicks: Double

    init(_ configuration: JudgeConfiguration) {
        threshold = -log(configuration.alpha)
        budget = configuration.budget
        restartTicks = configuration.restartTicks
    }

    mutating func observe(_ observation: Observation) {
        guard observation.share == .all else {
            process = nil
            return
        }
        if process == nil {
            let limit = max(2 * Self.upperRate(observation.baselineTotal, observation.phi), 10 * budget)
            process = RateProcess(limit: limit, restartTicks: restartTicks)
        }
        process?.observe(
            bad: observation.candidate.bad, requests: observation.candidate.requests, phi: observation.phi)
    }

    /// The baseline's rate at most, one-sided at about 95 %, wider when errors come in clusters.
    static func upperRate(_ counts: Counts, _ phi: Double) -> Double {
        guard counts.requests > 0 else { return 0 }
        return min(1, (counts.bad + phi + 1.645 * (phi * (counts.bad + phi)).squareRoot()) / counts.requests)
    }

    var limit: Double? { process?.limit }
    var found: RuleEvidence? { process.map { RuleEvidence(lnE: $0.logEvidence, threshold: threshold) } }
    var evidence: [String: RuleEvidence] { found.map { [Self.name: $0] } ?? [:] }
    var fires: Bool { found.map { $0.lnE >= $0.threshold } ?? false }
}
