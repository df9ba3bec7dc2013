/// How the judge works for this service. Everything has a default.
public struct JudgeSpecification: Sendable, Equatable, Codable {
    /// Longest time a rollout may take to find its evidence.
    @InSeconds public var limit: Duration
    public var onInconclusive: InconclusivePolicy
    /// How clustered errors are, 1 for independent ones; `nil`: measured.
    public var dispersion: Double?
    /// Chance of undoing a release that is not worse, 0 < x < 1.
    public var alpha: Double
    /// Chance of promoting a release that is worse than tolerated, 0 < x < 1.
    public var beta: Double
    /// Rules that are not as they are by default, by name.
    public var rules: [JudgeRuleName: RuleSpecification]
    /// Business counts and gauges, by name.
    public var metrics: [String: MetricSpecification]
    /// The Prometheus server that metrics are asked of, if any.
    public var prometheus: PrometheusSpecification?

    public init(
        limit: Duration = .seconds(3600), onInconclusive: InconclusivePolicy = .hold, dispersion: Double? = nil,
        alpha: Double = 0.01, beta: Double = 0.05, rules: [JudgeRuleName: RuleSpecification] = [:],
        metrics: [String: MetricSpecification] = [:], prometheus: PrometheusSpecification? = nil
    ) {
        self.limit = limit
        self.onInconclusive = onInconclusive
        self.dispersion = dispersion
        self.alpha = alpha
        self.beta = beta
        self.rules = rules
        self.metrics = metrics
        self.prometheus = prometheus
    }

    private enum CodingKeys: String, CodingKey {
        case limit, onInconclusive, dispersion, alpha, beta, rules, metrics, prometheus
    }

    // Specifications stored by earlier versions lack the newer keys.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        _limit = try values.decode(InSeconds.self, forKey: .limit)
        onInconclusive = try values.decode(InconclusivePolicy.self, forKey: .onInconclusive)
        dispersion = try values.decodeIfPresent(Double.self, forKey: .dispersion)
        alpha = try values.decodeIfPresent(Double.self, forKey: .alpha) ?? alpha
        beta = try values.decodeIfPresent(Double.self, forKey: .beta) ?? beta
        rules = try values.decodeIfPresent([JudgeRuleName: RuleSpecification].self, forKey: .rules) ?? rules
        metrics = try values.decodeIfPresent([String: MetricSpecification].self, forKey: .metrics) ?? metrics
        prometheus = try values.decodeIfPresent(PrometheusSpecification.self, forKey: .prometheus)
    }
}

public enum InconclusivePolicy: String, Sendable, Codable, CaseIterable {
    case hold, undo, promote
}

/// The judge's rules, by the names that verdicts, service files and `nonevent judge --rule` use.
public enum JudgeRuleName: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case errorsUndo = "errors-undo"
    case errorsPromote = "errors-promote"
    case latencyUndo = "latency-undo"
    case latencyPromote = "latency-promote"
    case countsUndo = "counts-undo"
    case slo
    case hardStop = "hard-stop"
    case deadOnArrival = "dead-on-arrival"
    case burnRate = "burn-rate"
    case gauges
    case noData = "no-data"
    case split
}

extension JudgeRuleName {
    /// Whether the rule shares the allowed chance of a false undo with others.
    public var takesWeight: Bool {
        switch self {
        case .errorsUndo, .latencyUndo, .countsUndo: true
        default: false
        }
    }

    /// Whether the rule has a tolerance of its own against the baseline.
    public var takesMargin: Bool {
        switch self {
        case .errorsUndo, .latencyUndo, .latencyPromote, .countsUndo, .gauges: true
        default: false
        }
    }

    /// Whether the rule can be judged and shown without being acted on: all but those that a promotion waits for.
    public var takesDryRun: Bool {
        switch self {
        case .errorsPromote, .latencyPromote: false
        default: true
        }
    }
}

/// What a service file changes about one rule; `nil` leaves the default.
public struct RuleSpecification: Sendable, Equatable, Codable {
    /// `false`: the rule is not judged at all.
    public var isOn: Bool
    /// Its part of the allowed chance of a false undo, before all parts are brought to a sum of 1; above 0.
    public var weight: Double?
    /// How much worse than the baseline is tolerated, as a fraction: 0.05 for 5 %.
    public var margin: Double?
    /// Judged and shown, not acted on.
    public var dryRun: Bool

    public init(isOn: Bool = true, weight: Double? = nil, margin: Double? = nil, dryRun: Bool = false) {
        self.isOn = isOn
        self.weight = weight
        self.margin = margin
        self.dryRun = dryRun
    }
}
