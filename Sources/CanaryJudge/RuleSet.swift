import DeliveryModel
import Glibc

/// All rules of one rollout: each sees every tick, and what they say is put together here.
struct RuleSet: Sendable, Equatable, Codable {
    private let configuration: JudgeConfiguration
    let weights: RuleWeights
    private(set) var errorsUndo: ErrorsUndoRule
    private(set) var errorsPromote: ErrorsPromoteRule
    private(set) var latency: LatencyRules
    /// Either arm has shown latencies at some tick.
    private(set) var hasLatency = false
    private(set) var counts: [String: CountsRule] = [:]
    private(set) var gauges: [String: GaugeRule] = [:]
    private(set) var objective: ObjectiveRule
    private(set) var hardStop: HardStopRule
    private(set) var deadOnArrival: DeadOnArrivalRule
    private(set) var burnRate: BurnRateRule
    private(set) var silence = SilenceRule()
    private(set) var failure = FailureRule()
    private(set) var split: SplitRule
    private(set) var baselineBurn: BaselineBurnRule
    private(set) var ratio = RatioSequence()
    /// `ln` of the weighted sum of all e-values for an undo.
    private(set) var combined = 0.0

    init(_ configuration: JudgeConfiguration) {
        self.configuration = configuration
        weights = RuleWeights(configuration)
        errorsUndo = ErrorsUndoRule(configuration)
        errorsPromote = ErrorsPromoteRule(configuration)
        latency = LatencyRules(
            undoMargin: configuration.margin(.latencyUndo), promoteMargin: configuration.margin(.latencyPromote),
            restartTicks: configuration.restartTicks)
        objective = ObjectiveRule(configuration)
        hardStop = HardStopRule(configuration)
        deadOnArrival = DeadOnArrivalRule(configuration)
        burnRate = BurnRateRule(budget: configuration.budget)
        split = SplitRule(restartTicks: configuration.restartTicks)
        baselineBurn = BaselineBurnRule(configuration)
        for (name, metric) in configuration.metrics(.count) { counts[name] = countsRule(metric) }
        for (name, metric) in configuration.metrics(.gauge) { gauges[name] = gaugeRule(metric) }
    }

    mutating func observe(_ observation: Observation) {
        errorsUndo.observe(observation)
        errorsPromote.observe(observation)
        objective.observe(observation)
        hardStop.observe(observation)
        deadOnArrival.observe(observation)
        silence.observe(observation)
        failure.observe(observation)
        baselineBurn.observe(observation)
        burnRate.observe(
            t: observation.t, bad: observation.candidate.bad + observation.baseline.bad,
            requests: observation.candidate.requests + observation.baseline.requests,
            baselineBad: observation.baseline.bad, baselineRequests: observation.baseline.requests)
        let (candidate, baseline) = observation.latency
        if !candidate.isEmpty || !baseline.isEmpty {
            hasLatency = true
            latency.observe(candidate: candidate, baseline: baseline, phi: observation.calmPhi)
        }
        if let assigned = observation.assigned, observation.isSteady, assigned > .none, assigned < .all {
            split.observe(
                candidate: observation.candidate.requests, baseline: observation.baseline.requests, share: assigned)
        }
        if let pair = observation.pair {
            ratio.observe(
                candidateBad: pair.candidate.bad, baselineBad: pair.baseline.bad, candidate: pair.candidate.requests,
                baseline: pair.baseline.requests, phi: observation.phi)
        }
        observeMetrics(observation)
        combined = weights.combined(
            errors: errorsUndo.logEvidence, latency: latencyEvidence, counts: countsEvidence)
    }

    private mutating func observeMetrics(_ observation: Observation) {
        for (name, count) in observation.business {
            var rule = counts[name] ?? countsRule(nil)
            rule.observe(count, share: observation.share.fraction, phi: observation.calmPhi)
            counts[name] = rule
        }
        for (name, samples) in observation.gauges {
            var rule = gauges[name] ?? gaugeRule(nil)
            rule.observe(samples)
            gauges[name] = rule
        }
    }

    private func countsRule(_ metric: MetricSpecification?) -> CountsRule {
        CountsRule(
            margin: metric?.margin ?? configuration.margin(.countsUndo), restartTicks: configuration.restartTicks)
    }

    private func gaugeRule(_ metric: MetricSpecification?) -> GaugeRule {
        GaugeRule(
            worseIsHigher: metric?.worse != .lower, margin: metric?.margin ?? configuration.margin(.gauges),
            alpha: Self.gaugeAlpha / Double(max(1, configuration.metrics(.gauge).count)))
    }

    /// Confidence .98, shared by all gauges of a rollout.
    private static let gaugeAlpha = 0.02
    /// `ln E` of an undo rule above which nobody is promoted.
    private static let doubt = 0.5
}

/// What the rules say together.
extension RuleSet {
    /// `ln` of the mean of the e-values of all business counts.
    var countsEvidence: Double { EvidenceMixture.logMean(counts.values.map(\.logEvidence)) }

    var latencyEvidence: Double { latency.undoEvidence(weights: RuleWeights.quantiles) }

    /// The rule that adds the most to ``combined``.
    var strongest: JudgeRuleName {
        let parts: [(JudgeRuleName, Double)] = [
            (.errorsUndo, log(max(weights.errors, 1e-300)) + errorsUndo.logEvidence),
            (.latencyUndo, log(max(weights.latency, 1e-300)) + latencyEvidence),
            (.countsUndo, log(max(weights.counts, 1e-300)) + countsEvidence),
        ]
        return parts.max { $0.1 < $1.1 }?.0 ?? .errorsUndo
    }

    /// The business count with the most evidence of a drop.
    var worstCount: (name: String, rule: CountsRule)? {
        counts.max { ($0.value.logEvidence, $1.key) < ($1.value.logEvidence, $0.key) }.map { ($0.key, $0.value) }
    }

    /// A gauge that is significantly worse, the first by name.
    var worstGauge: (name: String, rule: GaugeRule)? {
        gauges.filter { $0.value.fires }.min { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Guardrails that do not vouch for the candidate yet; a promotion needs none left.
    var unproven: [JudgeRuleName] {
        var names: [JudgeRuleName] = []
        let needed = configuration.promoteThreshold
        if configuration.isOn(.errorsPromote), errorsPromote.logEvidence < needed { names.append(.errorsPromote) }
        if configuration.isOn(.latencyPromote), hasLatency, latency.promoteEvidence < needed {
            names.append(.latencyPromote)
        }
        if configuration.acts(.countsUndo),
            counts.values.contains(where: { $0.candidateEvents + $0.baselineEvents == 0 })
        {
            names.append(.countsUndo)
        }
        // A guardrail that leans to "worse" does not vouch either, though it has no proof yet.
        if configuration.acts(.latencyUndo), latency.undoLogEvidence.contains(where: { $0 > Self.doubt }) {
            names.append(.latencyUndo)
        }
        if configuration.acts(.countsUndo), counts.values.contains(where: { $0.logEvidence > Self.doubt }) {
            names.append(.countsUndo)
        }
        if configuration.acts(.gauges), gauges.values.contains(where: { !$0.isProvenHarmless }) {
            names.append(.gauges)
        }
        return names
    }

    /// Each rule's evidence against what it needs to decide alone.
    var evidence: [String: RuleEvidence] {
        var all: [String: RuleEvidence] = [:]
        let (undo, promote) = (configuration.undoThreshold, configuration.promoteThreshold)
        func add(_ rule: JudgeRuleName, _ found: RuleEvidence) {
            guard configuration.isOn(rule) else { return }
            var found = found
            if configuration.isDryRun(rule) { found.dryRun = true }
            all[rule.rawValue] = found
        }
        func weighed(_ lnE: Double, _ weight: Double) -> RuleEvidence {
            RuleEvidence(lnE: lnE, threshold: RuleWeights.threshold(undo, weight: weight))
        }
        add(.errorsUndo, weighed(errorsUndo.logEvidence, weights.errors))
        add(.errorsPromote, RuleEvidence(lnE: errorsPromote.logEvidence, threshold: promote))
        if hasLatency {
            add(.latencyUndo, weighed(latencyEvidence, weights.latency))
            add(.latencyPromote, RuleEvidence(lnE: latency.promoteEvidence, threshold: promote))
        }
        if !counts.isEmpty { add(.countsUndo, weighed(countsEvidence, weights.counts)) }
        let gauge = gauges.values.compactMap(\.evidence).max { $0.lnE - $0.threshold < $1.lnE - $1.threshold }
        if let gauge { add(.gauges, gauge) }
        add(.slo, objective.evidence)
        add(.hardStop, hardStop.evidence)
        add(.burnRate, burnRate.evidence)
        add(.noData, silence.evidence)
        add(.split, split.evidence)
        return all
    }
}
