public import DeliveryModel
import Glibc

/// One rule run alone, at the whole `alpha` or `beta`, so that it can be checked against the formula: ticks that lack
/// requests in one arm are skipped, not joined.
public struct SingleRule: Sendable {
    public let name: JudgeRuleName
    private let configuration: JudgeConfiguration
    private let parameters: RuleParameters
    private var phi: Double
    private var phiSource: DispersionSource
    private var process: Process
    private var candidate = Counts()
    private var baseline = Counts()
    private var firstT: Double?
    /// When it decided: evidence that was reached once counts, whatever comes later (Ville).
    private var decision: (verdict: VerdictKind, t: Double)?

    private enum Process: Sendable, Equatable {
        case errors(CountsProcess)
        case errorsPromote(ErrorsPromoteRule)
        case latency(LatencyRules)
        case counts([String: CountsRule])
        case rate(RateProcess)
        case guards(RuleSet)
    }

    /// - Throws: ``RuleParameterError`` when `parameters` do not fit the rule.
    public init(
        _ name: JudgeRuleName, configuration: JudgeConfiguration, parameters: RuleParameters = RuleParameters()
    ) throws(RuleParameterError) {
        if let problem = parameters.problem(for: name) { throw RuleParameterError(problem) }
        self.name = name
        self.configuration = configuration
        self.parameters = parameters
        let set = parameters.phi ?? configuration.dispersion
        phi = set ?? Dispersion.withoutHistory
        phiSource = set == nil ? .assumed : .set
        let restart = parameters.restart ? configuration.restartTicks : nil
        switch name {
        case .errorsUndo:
            process = .errors(
                CountsProcess(
                    ratio: parameters.r0 ?? 1 + configuration.margin(name), slack: parameters.slack ?? 0,
                    grid: parameters.grid ?? CountsProcess.worse, restartTicks: restart))
        case .errorsPromote where parameters.r0 == nil && parameters.slack == nil && parameters.grid == nil:
            process = .errorsPromote(ErrorsPromoteRule(configuration))
        case .errorsPromote:
            process = .errors(
                CountsProcess(
                    ratio: parameters.r0 ?? 1, slack: parameters.slack ?? 0,
                    grid: parameters.grid ?? CountsProcess.notWorse))
        case .latencyUndo, .latencyPromote:
            process = .latency(
                LatencyRules(
                    undoMargin: configuration.margin(.latencyUndo),
                    promoteMargin: configuration.margin(.latencyPromote), ratio: parameters.r0 ?? 1,
                    undoGrid: name == .latencyUndo ? parameters.grid ?? LatencyRules.slower : LatencyRules.slower,
                    promoteGrid: name == .latencyPromote
                        ? parameters.grid ?? CountsProcess.notWorse : CountsProcess.notWorse, restartTicks: restart))
        case .countsUndo: process = .counts([:])
        case .slo:
            let limit = (parameters.r0 ?? ObjectiveRule.burn) * configuration.budget
            if let factor = parameters.grid?.first(where: { $0 * limit >= 0.9 }) {
                throw RuleParameterError("\(factor) times the limit \(NumberText.percent(limit)) is no rate below 90 %")
            }
            guard
                let rate = RateProcess(
                    limit: limit, factors: parameters.grid ?? RateProcess.factors, restartTicks: restart)
            else { throw RuleParameterError("a limit of \(NumberText.percent(limit)) leaves no room for a worse rate") }
            process = .rate(rate)
        default: process = .guards(RuleSet(configuration))
        }
    }

    /// - Returns: a verdict in which this rule alone has a say.
    public mutating func judge(_ tick: JudgeTick) -> Verdict {
        if parameters.phi == nil, configuration.dispersion == nil, let told = tick.phi {
            (phi, phiSource) = (max(1, told), tick.phiSource ?? .measured)
        }
        let (tickCandidate, tickBaseline) = (Counts(tick.candidate), Counts(tick.baseline))
        candidate += tickCandidate
        baseline += tickBaseline
        observe(tick, tickCandidate, tickBaseline)
        let found = evidence
        let now = verdict(found)
        if decision == nil, now != .hold { decision = (now, tick.t) }
        let kind = decision?.verdict ?? now
        var told = found.map { Wording.evidence($0.lnE, $0.threshold) } ?? "no evidence yet"
        if let decision, now == .hold { told += ", reached at \(NumberText.duration(decision.t))" }
        return Verdict(
            t: tick.t, verdict: kind, rule: kind == .hold && !isHolding ? "" : name.rawValue,
            evidence: found.map { [name.rawValue: $0] } ?? [:], phi: phi, phiSource: phiSource,
            share: kind == .undo ? .none : kind == .promote ? .all : tick.share ?? .none,
            candidate: ArmCounts(requests: candidate.requests, bad: candidate.bad),
            baseline: ArmCounts(requests: baseline.requests, bad: baseline.bad),
            secondsLeft: max(0, configuration.limitSeconds - tick.t),
            why: "The rule \(name.rawValue) alone: \(told); the candidate failed \(Wording.part(candidate)) requests, "
                + "the baseline \(Wording.part(baseline)).")
    }

    private mutating func observe(_ tick: JudgeTick, _ tickCandidate: Counts, _ tickBaseline: Counts) {
        switch process {
        case .errors(var process):
            process.setDispersion(phi)
            process.observe(
                candidateBad: tickCandidate.bad, baselineBad: tickBaseline.bad, candidate: tickCandidate.requests,
                baseline: tickBaseline.requests)
            self.process = .errors(process)
        case .errorsPromote(var rule):
            rule.observe(observation(tick, tickCandidate, tickBaseline))
            process = .errorsPromote(rule)
        case .latency(var rules):
            rules.observe(
                candidate: tick.candidate?.latency ?? [:], baseline: tick.baseline?.latency ?? [:], phi: phi)
            process = .latency(rules)
        case .counts(var rules):
            for (metric, count) in tick.counts {
                var rule = rules[metric] ?? countsRule
                rule.observe(count, share: tick.share?.fraction ?? 0, phi: phi)
                rules[metric] = rule
            }
            process = .counts(rules)
        case .rate(var rate):
            rate.observe(bad: tickCandidate.bad, requests: tickCandidate.requests, phi: phi)
            process = .rate(rate)
        case .guards(var rules):
            rules.observe(observation(tick, tickCandidate, tickBaseline))
            process = .guards(rules)
        }
    }

    private var countsRule: CountsRule {
        CountsRule(
            margin: parameters.r0.map { 1 - $0 } ?? configuration.margin(.countsUndo),
            grid: parameters.grid ?? CountsRule.drops,
            restartTicks: parameters.restart ? configuration.restartTicks : nil)
    }

    private mutating func observation(_ tick: JudgeTick, _ own: Counts, _ other: Counts) -> Observation {
        let (before, all) = (candidate.requests - own.requests, candidate.requests + baseline.requests)
        let received = Share(fraction: before / max(1, all - own.requests - other.requests)) ?? .none
        firstT = firstT ?? tick.t
        let pair = own.requests > 0 && other.requests > 0 ? (candidate: own, baseline: other) : nil
        return Observation(
            t: tick.t, share: tick.share ?? received, assigned: tick.share, candidate: own, baseline: other,
            candidateTotal: candidate, baselineTotal: baseline, pair: pair,
            rate: all / max(1, tick.t - (firstT ?? 0) + configuration.tickSeconds), phi: phi,
            latency: (tick.candidate?.latency ?? [:], tick.baseline?.latency ?? [:]), business: tick.counts,
            gauges: tick.gauges, failures: tick.failures)
    }

    private var evidence: RuleEvidence? {
        let (undo, promote) = (configuration.undoThreshold, configuration.promoteThreshold)
        switch process {
        case .errors(let process):
            return RuleEvidence(lnE: process.logEvidence, threshold: name == .errorsPromote ? promote : undo)
        case .errorsPromote(let rule): return RuleEvidence(lnE: rule.logEvidence, threshold: promote)
        case .latency(let rules):
            guard name == .latencyUndo else { return RuleEvidence(lnE: rules.promoteEvidence, threshold: promote) }
            return RuleEvidence(lnE: rules.undoEvidence(weights: [1, 1, 1]), threshold: undo)
        case .counts(let rules):
            guard !rules.isEmpty else { return nil }
            return RuleEvidence(lnE: EvidenceMixture.logMean(rules.values.map(\.logEvidence)), threshold: undo)
        case .rate(let rate): return RuleEvidence(lnE: rate.logEvidence, threshold: undo)
        case .guards(let rules): return rules.evidence[name.rawValue]
        }
    }

    /// The rule that only ever holds does so now.
    private var isHolding: Bool {
        guard case .guards(let rules) = process, name == .split else { return false }
        return rules.split.fires
    }

    private func verdict(_ found: RuleEvidence?) -> VerdictKind {
        guard case .guards(let rules) = process else {
            guard found?.isReached == true else { return .hold }
            return name == .errorsPromote || name == .latencyPromote ? .promote : .undo
        }
        let fires: Bool =
            switch name {
            case .hardStop: rules.hardStop.fires
            case .deadOnArrival: rules.deadOnArrival.fires
            case .burnRate: rules.burnRate.firing?.isPage ?? false
            case .gauges: rules.worstGauge != nil
            case .noData: rules.silence.fires || rules.failure.fires
            default: false
            }
        return fires ? .undo : .hold
    }
}
