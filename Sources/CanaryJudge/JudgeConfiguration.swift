public import DeliveryModel
import Glibc

/// What the judge of one rollout works to.
public struct JudgeConfiguration: Sendable, Equatable, Codable {
    /// Part of requests that must be good, 0 < x < 1.
    public var availability: Double
    /// Longest times of the service's objective, in seconds, by quantile (`p50`, `p90`, `p99`).
    public var latencyObjectives: [String: Double] = [:]
    /// Seconds after which a rollout without evidence is inconclusive.
    public var limitSeconds: Double
    /// What happens then; the engine carries it out, the judge only names it.
    public var onInconclusive: InconclusivePolicy
    /// With fixed steps the judge proposes no shares.
    public var steps: RolloutSteps
    /// Seconds at each fixed step.
    public var holdSeconds = 120.0
    /// Set by the operator; wins over every measurement.
    public var dispersion: Double?
    /// Chance of undoing a release that is not worse.
    public var alpha = 0.01
    /// Chance of promoting a release that is worse than the tolerance.
    public var beta = 0.05
    /// Rules that are not as they are by default.
    public var rules: [JudgeRuleName: RuleSpecification] = [:]
    /// Business counts and gauges that must be judged before a promotion.
    public var metrics: [String: MetricSpecification] = [:]
    /// Seconds between ticks, as planned.
    public var tickSeconds = 1.0
    /// Seconds of traffic before a promotion; at most half of `limitSeconds` is asked for.
    public var minimumBakeSeconds = 180.0
    /// Seconds at a share before more is proposed.
    public var dwellSeconds = 60.0
    /// The most the computed ramp gives before the promotion.
    public var maximumShare = Share(clamping: 5000)
    /// Seconds from a bad request to traffic gone.
    public var lagSeconds = 2.0
    /// Part of the period's error budget that one rollout may cost.
    public var budgetPart = 0.01
    /// Length of the objective's period: 30 days.
    public var periodSeconds = 2_592_000.0
    /// Requests per second of the whole service, until enough is seen; `nil` when unknown.
    public var requestsPerSecond: Double?
    /// How sentences name the candidate.
    public var candidateName: String

    public init(
        availability: Double = 0.999, limitSeconds: Double = 3600, onInconclusive: InconclusivePolicy = .hold,
        steps: RolloutSteps = .auto, dispersion: Double? = nil, tickSeconds: Double = 1,
        requestsPerSecond: Double? = nil, candidateName: String = "the candidate"
    ) {
        self.availability = availability
        self.limitSeconds = limitSeconds
        self.onInconclusive = onInconclusive
        self.steps = steps
        self.dispersion = dispersion
        self.tickSeconds = tickSeconds
        self.requestsPerSecond = requestsPerSecond
        self.candidateName = candidateName
    }

    /// What a service file says in its parts `slo`, `rollout` and `judge`.
    public init(
        objectives: ObjectiveSpecification, rollout: RolloutSpecification, judge: JudgeSpecification,
        tickSeconds: Double = 1, requestsPerSecond: Double? = nil, candidateName: String = "the candidate"
    ) {
        self.init(
            availability: objectives.availability, limitSeconds: judge.limit.inSeconds,
            onInconclusive: judge.onInconclusive, steps: rollout.steps, dispersion: judge.dispersion,
            tickSeconds: tickSeconds, requestsPerSecond: requestsPerSecond, candidateName: candidateName)
        holdSeconds = rollout.hold.inSeconds
        latencyObjectives = objectives.latency
        alpha = judge.alpha
        beta = judge.beta
        rules = judge.rules
        metrics = judge.metrics
        // A leak takes time to show.
        if metrics.values.contains(where: { $0.kind == .gauge }) { minimumBakeSeconds = 600 }
    }

    /// What a whole service file says.
    public init(
        _ specification: ServiceSpecification, tickSeconds: Double = 1, requestsPerSecond: Double? = nil,
        candidateName: String = "the candidate"
    ) {
        self.init(
            objectives: specification.slo, rollout: specification.rollout, judge: specification.judge,
            tickSeconds: tickSeconds, requestsPerSecond: requestsPerSecond, candidateName: candidateName)
    }

    /// Part of requests that may be bad; never 0, so that it can be divided by.
    var budget: Double { availability.isFinite ? min(1, max(1e-9, 1 - availability)) : 0.001 }
    var restartTicks: Double { max(1, limitSeconds / max(0.01, tickSeconds)) }
    var bakeSeconds: Double { min(minimumBakeSeconds, limitSeconds / 2) }
    /// `ln(1/alpha)`; a nonsensical alpha counts as the default.
    var undoThreshold: Double { -log(alpha > 0 && alpha < 1 ? alpha : 0.01) }
    /// `ln(1/beta)`.
    var promoteThreshold: Double { -log(beta > 0 && beta < 1 ? beta : 0.05) }
}

extension JudgeConfiguration {
    func isOn(_ rule: JudgeRuleName) -> Bool { rules[rule]?.isOn ?? true }
    func isDryRun(_ rule: JudgeRuleName) -> Bool { rules[rule]?.dryRun ?? false }
    /// On, and not only for show.
    func acts(_ rule: JudgeRuleName) -> Bool { isOn(rule) && !isDryRun(rule) }

    /// How much worse than the baseline a rule tolerates, as a fraction.
    func margin(_ rule: JudgeRuleName) -> Double {
        let standard: Double =
            switch rule {
            case .errorsUndo: 0.25
            case .latencyUndo: 0.05
            case .latencyPromote: 0.10
            case .countsUndo: 0.02
            case .gauges: 0.25
            default: 0
            }
        guard let margin = rules[rule]?.margin, margin > 0, margin.isFinite else { return standard }
        return margin
    }

    func metrics(_ kind: MetricSpecification.Kind) -> [String: MetricSpecification] {
        metrics.filter { $0.value.kind == kind }
    }
}
