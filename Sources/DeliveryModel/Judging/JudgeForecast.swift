/// What the judge of a service can tell with the traffic that it really gets. Answer of
/// `GET /api/v1/services/{service}/forecast`.
public struct JudgeForecast: Sendable, Equatable, Codable {
    /// What becomes of a release with a certain defect.
    public struct Defect: Sendable, Equatable, Codable {
        public enum Outcome: String, Sendable, Codable {
            case undone, promoted, undecided
        }

        /// Points of the error rate above the baseline's, as a fraction: 0.01 is one in a hundred.
        public var excess: Double
        public var outcome: Outcome
        /// Seconds of traffic until then.
        public var seconds: Double
        /// Failed requests of the candidate until then.
        public var errors: Double

        public init(excess: Double, outcome: Outcome, seconds: Double, errors: Double) {
            self.excess = excess
            self.outcome = outcome
            self.seconds = seconds
            self.errors = errors
        }
    }

    /// A rule that cannot decide within the time limit.
    public struct Undecided: Sendable, Equatable, Codable {
        public var rule: JudgeRuleName
        public var why: String

        public init(rule: JudgeRuleName, why: String) {
            self.rule = rule
            self.why = why
        }
    }

    public var requestsPerSecond: Double
    public var errorRate: Double
    /// Dispersion that the judge would use, and where it comes from.
    public var phi: Double
    public var phiSource: DispersionSource
    public var limitSeconds: Double
    /// How long a healthy release takes to be promoted; `nil`: longer than the limit.
    public var promotedAfterSeconds: Double?
    public var defects: [Defect]
    public var undecided: [Undecided]
    /// What would help, a sentence each.
    public var advice: [String]

    public init(
        requestsPerSecond: Double, errorRate: Double, phi: Double, phiSource: DispersionSource, limitSeconds: Double,
        promotedAfterSeconds: Double? = nil, defects: [Defect] = [], undecided: [Undecided] = [], advice: [String] = []
    ) {
        self.requestsPerSecond = requestsPerSecond
        self.errorRate = errorRate
        self.phi = phi
        self.phiSource = phiSource
        self.limitSeconds = limitSeconds
        self.promotedAfterSeconds = promotedAfterSeconds
        self.defects = defects
        self.undecided = undecided
        self.advice = advice
    }
}
