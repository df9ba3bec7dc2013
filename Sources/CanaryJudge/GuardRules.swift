import DeliveryModel
import Glibc

/// Undo without statistics: the candidate's errors beyond the baseline's have cost the budget of one rollout.
struct HardStopRule: JudgeRule, Equatable {
    static let name = JudgeRuleName.hardStop.rawValue
    /// So that a service with hardly any traffic is not undone for one error.
    static let leastErrors = 3.0
    /// Nor for a difference that equal arms show by chance: so many standard deviations of it, should errors come
    /// singly.
    static let leastDeviations = 3.0

    private(set) var excess = 0.0
    private(set) var allowed = Double.infinity
    /// The budget is smaller than what chance alone may cost.
    private(set) var isAtFloor = false
    private let budgetOfSecond: Double

    init(_ configuration: JudgeConfiguration) {
        budgetOfSecond = configuration.budgetPart * configuration.budget * configuration.periodSeconds
    }

    mutating func observe(_ observation: Observation) {
        let reference =
            observation.baseline.requests > 0 ? observation.baseline.rate : observation.baselineTotal.rate
        excess += observation.candidate.bad - observation.candidate.requests * reference
        let (candidate, baseline) = (observation.candidateTotal, observation.baselineTotal)
        let ratio = baseline.requests > 0 ? candidate.requests / baseline.requests : 0
        let deviation = (candidate.bad + ratio * ratio * baseline.bad).squareRoot()
        let floor = max(Self.leastErrors, Self.leastDeviations * deviation)
        isAtFloor = floor > budgetOfSecond * observation.rate
        allowed = max(floor, budgetOfSecond * observation.rate)
    }

    /// Logarithms of errors: what it cost against what it may cost.
    var evidence: RuleEvidence {
        RuleEvidence(lnE: log(max(1, excess)), threshold: log(max(1, min(allowed, EvidenceMixture.bound))))
    }
    var fires: Bool { excess >= allowed }
}

extension HardStopRule {
    private enum CodingKeys: String, CodingKey { case excess, allowed, isAtFloor, budgetOfSecond }

    // JSON has no infinity, which `allowed` is before the first tick.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        excess = try container.decode(Double.self, forKey: .excess)
        allowed = try container.decodeIfPresent(Double.self, forKey: .allowed) ?? .infinity
        isAtFloor = try container.decode(Bool.self, forKey: .isAtFloor)
        budgetOfSecond = try container.decode(Double.self, forKey: .budgetOfSecond)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(excess, forKey: .excess)
        try container.encodeIfPresent(allowed.isFinite ? allowed : nil, forKey: .allowed)
        try container.encode(isAtFloor, forKey: .isAtFloor)
        try container.encode(budgetOfSecond, forKey: .budgetOfSecond)
    }
}

/// Undo when the candidate is silent although requests were due to it.
struct SilenceRule: JudgeRule, Equatable {
    static let name = JudgeRuleName.noData.rawValue
    /// Silence is chance with `e^-7` when 7 requests are due.
    static let leastExpected = 7.0

    /// Requests due to the candidate since its last one.
    private(set) var expected = 0.0
    private(set) var needed = leastExpected

    mutating func observe(_ observation: Observation) {
        guard observation.candidate.requests == 0, observation.share < .all else {
            expected = 0
            return
        }
        expected += observation.baseline.requests * observation.share.fraction / observation.share.rest.fraction
        // Each request begins a new chance of silence: over all of them together it must stay rare.
        needed = Self.leastExpected + 2 * log1p(observation.candidateTotal.requests)
    }

    /// The chance of this silence is `e^-expected`.
    var evidence: RuleEvidence { RuleEvidence(lnE: expected, threshold: needed) }
    var fires: Bool { expected >= needed }
}

/// Hold while the baseline itself burns its budget: then comparing says little, and the cause is elsewhere.
struct BaselineBurnRule: JudgeRule, Equatable {
    static let name = "both-burning"
    /// Times the budget; the factor that pages in the multi-window alert of the SRE workbook.
    static let factor = 14.4
    static let leastBad = 20.0

    private(set) var lastMinute = LastMinute()
    private let budget: Double

    init(_ configuration: JudgeConfiguration) { budget = configuration.budget }

    mutating func observe(_ observation: Observation) {
        lastMinute.add(observation.candidate, observation.baseline, t: observation.t)
    }

    var burn: Double { lastMinute.baseline.rate / budget }
    var fires: Bool { lastMinute.baseline.bad >= Self.leastBad && burn > Self.factor }
}
