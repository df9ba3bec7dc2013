import DeliveryModel
import Glibc

/// Undo when the candidate has never given a good answer, although the baseline hardly ever gives a bad one.
///
/// Needs no assumption on clusters: all first requests are bad only if the very first is, and that has a chance of at
/// most `1.25 * p_b` under the null hypothesis of the errors rule. With `1.25 * p_b <= alpha` the false alarm rate
/// stays
/// below `alpha` for any dependence; ``leastErrors`` in a row make it far rarer. So a release that fails everything is
/// gone before the tempered evidence of ``ErrorsUndoRule`` has gathered.
struct DeadOnArrivalRule: JudgeRule, Equatable {
    static let name = JudgeRuleName.deadOnArrival.rawValue
    static let leastErrors = 5.0

    private let largestBaselineRate: Double
    private(set) var fires = false

    init(_ configuration: JudgeConfiguration) {
        largestBaselineRate = exp(-configuration.undoThreshold) / (1 + configuration.margin(.errorsUndo))
    }

    mutating func observe(_ observation: Observation) {
        let (candidate, baseline) = (observation.candidateTotal, observation.baselineTotal)
        // One bad request more than seen: a short look at the baseline proves little.
        let isBaselineGood = baseline.bad + 1 <= largestBaselineRate * baseline.requests
        fires = candidate.bad >= Self.leastErrors && candidate.bad == candidate.requests && isBaselineGood
    }
}
