public import DeliveryModel

/// What the judge of one rollout works to.
public struct JudgeConfiguration: Sendable, Equatable, Codable {
    /// Part of requests that must be good, 0 < x < 1.
    public var availability: Double
    /// Seconds after which a rollout without evidence is inconclusive.
    public var limitSeconds: Double
    /// What happens then; the engine carries it out, the judge only names it.
    public var onInconclusive: InconclusivePolicy
    /// With fixed steps the judge proposes no shares.
    public var steps: RolloutSteps
    /// Set by the operator; wins over every measurement.
    public var dispersion: Double?
    /// Chance of undoing a release that is not worse.
    public var alpha = 0.01
    /// Chance of promoting a release that is worse than the tolerance.
    public var beta = 0.05
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

    /// What a service file says.
    public init(
        _ specification: ServiceSpecification, tickSeconds: Double = 1, requestsPerSecond: Double? = nil,
        candidateName: String = "the candidate"
    ) {
        self.init(
            availability: specification.slo.availability, limitSeconds: specification.judge.limit.inSeconds,
            onInconclusive: specification.judge.onInconclusive, steps: specification.rollout.steps,
            dispersion: specification.judge.dispersion, tickSeconds: tickSeconds,
            requestsPerSecond: requestsPerSecond, candidateName: candidateName)
    }

    /// Part of requests that may be bad; never 0, so that it can be divided by.
    var budget: Double { availability.isFinite ? min(1, max(1e-9, 1 - availability)) : 0.001 }
    var restartTicks: Double { max(1, limitSeconds / max(0.01, tickSeconds)) }
    var bakeSeconds: Double { min(minimumBakeSeconds, limitSeconds / 2) }
}
