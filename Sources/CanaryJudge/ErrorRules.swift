import DeliveryModel
import Glibc

/// Undo: the candidate fails more often than 1.25 times as often as the baseline.
struct ErrorsUndoRule: JudgeRule, Equatable {
    static let name = JudgeRuleName.errorsUndo.rawValue
    private var process: CountsProcess

    init(_ configuration: JudgeConfiguration) {
        process = CountsProcess(
            ratio: 1 + configuration.margin(.errorsUndo), grid: CountsProcess.worse,
            restartTicks: configuration.restartTicks)
    }

    mutating func observe(_ observation: Observation) {
        guard let pair = observation.pair else { return }
        process.setDispersion(observation.phi)
        process.observe(
            candidateBad: pair.candidate.bad, baselineBad: pair.baseline.bad, candidate: pair.candidate.requests,
            baseline: pair.baseline.requests)
    }

    var logEvidence: Double { process.logEvidence }
}

/// Promote: the candidate is shown not to fail more often than `max(2 * p_b, p_b + 0.002)`; and the bound on its harm
/// for the ramp.
struct ErrorsPromoteRule: JudgeRule, Equatable {
    static let name = JudgeRuleName.errorsPromote.rawValue
    /// Excess rates for which the ramp asks, from harmless to total; the last resort is 1.
    static let excesses: [Double] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    static let tolerance = 0.002

    private var twice: CountsProcess
    private var bounds: ExcessProcesses
    private let threshold: Double

    init(_ configuration: JudgeConfiguration) {
        twice = CountsProcess(ratio: 2, grid: CountsProcess.notWorse)
        bounds = ExcessProcesses(excesses: Self.excesses, grid: CountsProcess.notWorse)
        threshold = configuration.promoteThreshold
    }

    mutating func observe(_ observation: Observation) {
        guard let pair = observation.pair else { return }
        twice.setDispersion(observation.phi)
        twice.observe(
            candidateBad: pair.candidate.bad, baselineBad: pair.baseline.bad, candidate: pair.candidate.requests,
            baseline: pair.baseline.requests)
        bounds.observe(pair.candidate, pair.baseline, phi: observation.phi)
    }

    /// Mean of `E(r0 = 2, d = 0)` and `E(r0 = 1, d = 0.002)`.
    var logEvidence: Double {
        EvidenceMixture.logOfSum(twice.logEvidence, bounds.logEvidence(excess: Self.tolerance)) - log(2)
    }

    /// `U`: the smallest excess rate of errors that is ruled out, 1 when none is.
    var excessRuledOut: Double {
        Self.excesses.indices.first { bounds.logEvidence(at: $0) >= threshold }.map { Self.excesses[$0] } ?? 1
    }
}

/// The processes `E(r0 = 1, d)` for several `d`: they differ by one term only, so the logarithms are taken once.
struct ExcessProcesses: Sendable, Equatable, Codable {
    private let excesses: [Double]
    private let grid: [Double]
    private var mixtures: [EvidenceMixture]

    init(excesses: [Double], grid: [Double]) {
        self.excesses = excesses
        self.grid = grid
        mixtures = excesses.map { _ in EvidenceMixture(alternatives: grid.count, restartTicks: nil) }
    }

    mutating func observe(_ candidate: Counts, _ baseline: Counts, phi: Double) {
        guard candidate.requests > 0, baseline.requests > 0 else { return }
        let total = candidate.requests + baseline.requests
        for (index, alternative) in grid.enumerated() {
            var common = 0.0
            if candidate.bad > 0 || baseline.bad > 0 {
                let logB = -log1p(candidate.requests * (alternative - 1) / total)
                common = candidate.bad * (log(alternative) + logB) + baseline.bad * logB
            }
            let loss =
                candidate.requests * baseline.requests * (alternative - 1)
                / (candidate.requests * alternative + baseline.requests)
            for bound in mixtures.indices {
                mixtures[bound].add((common - loss * excesses[bound]) / phi, to: index)
            }
        }
        for bound in mixtures.indices { mixtures[bound].endTick() }
    }

    func logEvidence(at index: Int) -> Double { mixtures[index].logEvidence }
    func logEvidence(excess: Double) -> Double {
        excesses.firstIndex(of: excess).map { mixtures[$0].logEvidence } ?? -EvidenceMixture.bound
    }
}
