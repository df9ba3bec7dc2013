public import DeliveryModel

/// The judge of one rollout: counts in, verdict out, right at every look.
///
/// Feed it one tick at a time, in order; after a crash, all recorded ones again. `Codable`: a copy goes on where it
/// was. Once it says undo it stays with it.
public struct SequentialJudge: Sendable, Equatable, Codable {
    public let configuration: JudgeConfiguration
    /// Dispersion in use, and where it comes from.
    public private(set) var phi: Double
    public private(set) var phiSource: DispersionSource
    var candidate = Counts()
    var baseline = Counts()
    var rules: RuleSet
    private var pairing = TickPairing()
    private var dwell = Dwell()
    private var decided: Finding?
    private var origin: Double?

    /// A decision and why.
    struct Finding: Sendable, Equatable, Codable {
        var verdict: VerdictKind
        var rule: String
        var share: Share
        var why: String
    }

    /// Since when the share is what it is, and whether any request came since.
    private struct Dwell: Sendable, Equatable, Codable {
        var share = Share.none
        var since = 0.0
        /// Time of the tick before: the share holds from there on.
        var last = 0.0
        var requests = 0.0
    }

    public init(configuration: JudgeConfiguration) {
        self.configuration = configuration
        let set = Self.usable(configuration.dispersion)
        phi = set ?? Dispersion.withoutHistory
        phiSource = set == nil ? .assumed : .set
        rules = RuleSet(configuration)
    }

    /// Share to begin a computed rollout with.
    public static func firstShare(_ configuration: JudgeConfiguration) -> Share { Ramp.firstShare(configuration) }

    /// Uses a measured dispersion from the next tick on; `nil`: there is no history. The operator's own value wins over
    /// both.
    public mutating func setDispersion(_ estimate: Dispersion.Estimate?) {
        guard Self.usable(configuration.dispersion) == nil else { return }
        phi = estimate?.cautious ?? Dispersion.withoutHistory
        phiSource = estimate.map { $0.isEnough ? .measured : .measuredBriefly } ?? .assumed
    }

    private static func usable(_ phi: Double?) -> Double? {
        phi.flatMap { $0.isFinite ? min(Dispersion.largest, max(1, $0)) : nil }
    }

    /// - Parameter tick: counts since the last call. With both arms `nil` nothing was measured; one arm `nil` had no
    ///   requests. Without a share the judge proposes none, and promotes when all guardrails agree.
    /// - Returns: for a computed ramp `share` is what to give next (`promote`: everything); with fixed steps it stays
    ///   as it is.
    public mutating func judge(_ tick: JudgeTick) -> Verdict {
        if let told = Self.usable(tick.phi), configuration.dispersion == nil {
            (phi, phiSource) = (told, tick.phiSource ?? .measured)
        }
        let observation = take(tick)
        let measured = tick.candidate != nil || tick.baseline != nil
        let finding = find(observation, measured: measured)
        let settles = finding.verdict == .undo || finding.verdict == .promote && tick.share == nil
        if settles { decided = finding }
        return Verdict(
            t: tick.t.isFinite ? tick.t : observation.t, verdict: finding.verdict, rule: finding.rule,
            evidence: rules.evidence, phi: phi,
            phiSource: phiSource, share: finding.share,
            candidate: ArmCounts(requests: candidate.requests, bad: candidate.bad),
            baseline: ArmCounts(requests: baseline.requests, bad: baseline.bad), ratio: rules.ratio.interval,
            secondsLeft: max(0, configuration.limitSeconds - observation.t), why: finding.why)
    }

    private mutating func take(_ tick: JudgeTick) -> Observation {
        let t = time(tick)
        let (tickCandidate, tickBaseline) = (Counts(tick.candidate), Counts(tick.baseline))
        let share = tick.share ?? assumedShare(tick)
        candidate += tickCandidate
        baseline += tickBaseline
        let isSteady = tick.share == nil || share == dwell.share
        if !isSteady { dwell = Dwell(share: share, since: dwell.last) }
        dwell.last = t
        dwell.requests += tickCandidate.requests + tickBaseline.requests
        let pair = pairing.add(tickCandidate, tickBaseline, t: t, share: tick.share ?? .none)
        let observation = Observation(
            t: t, share: share, assigned: tick.share, isSteady: isSteady, candidate: tickCandidate,
            baseline: tickBaseline, candidateTotal: candidate, baselineTotal: baseline,
            pair: pair.map { (candidate: $0.0, baseline: $0.1) }, rate: requestRate(t), phi: phi,
            latency: (tick.candidate?.latency ?? [:], tick.baseline?.latency ?? [:]), business: tick.counts,
            gauges: tick.gauges, failures: tick.failures)
        rules.observe(observation)
        return observation
    }

    /// Seconds since the rollout began. A clock that shows more than the limit at once began elsewhere: then they count
    /// from the first tick.
    private mutating func time(_ tick: JudgeTick) -> Double {
        guard tick.t.isFinite else { return dwell.last }
        let zero = origin ?? (tick.t > configuration.limitSeconds ? tick.t - configuration.tickSeconds : 0)
        origin = zero
        return max(0, tick.t - zero)
    }

    /// When nobody says: what was received, else what business counts say, else the least that a ramp begins with.
    private func assumedShare(_ tick: JudgeTick) -> Share {
        if candidate.requests > 0 { return received }
        let told = tick.counts.values.compactMap(\.share).max().flatMap { Share(fraction: $0) }
        return told ?? Share(fraction: Ramp.smallestFirst) ?? .none
    }

    /// The candidate's part of all requests so far.
    private var received: Share {
        let all = candidate.requests + baseline.requests
        return all > 0 && all.isFinite ? Share(fraction: candidate.requests / all) ?? .none : .none
    }

    /// Observed once ten seconds are seen, the configured estimate before.
    private func requestRate(_ t: Double) -> Double {
        let observed = (candidate.requests + baseline.requests) / max(1, t)
        guard t < 10, let estimate = configuration.requestsPerSecond, estimate.isFinite else { return observed }
        return max(observed, estimate)
    }

    private func find(_ observation: Observation, measured: Bool) -> Finding {
        if let decided, decided.verdict == .undo { return decided }
        return undoFinding(observation) ?? decided ?? calmFinding(observation, measured: measured)
    }

    private func undoFinding(_ observation: Observation) -> Finding? {
        func undo(_ rule: String, _ why: String) -> Finding {
            Finding(verdict: .undo, rule: rule, share: .none, why: why)
        }
        if rules.combined >= configuration.undoThreshold {
            let strongest = rules.strongest
            return undo(strongest.rawValue, evidenceWords(strongest, observation))
        }
        if acts(.deadOnArrival, rules.deadOnArrival.fires) { return undo(DeadOnArrivalRule.name, deadOnArrivalWords) }
        if acts(.hardStop, rules.hardStop.fires) { return undo(HardStopRule.name, hardStopWords) }
        if acts(.slo, rules.objective.fires) { return undo(ObjectiveRule.name, objectiveWords(observation)) }
        if acts(.burnRate, burns(page: true, observation)) {
            return undo(JudgeRuleName.burnRate.rawValue, burnRateWords(undoes: true))
        }
        if acts(.noData, rules.silence.fires) { return undo(SilenceRule.name, silenceWords) }
        if acts(.noData, rules.failure.fires) { return undo(SilenceRule.name, failureWords) }
        if acts(.gauges, rules.worstGauge != nil) { return undo(JudgeRuleName.gauges.rawValue, gaugeWords) }
        return nil
    }

    private func acts(_ rule: JudgeRuleName, _ fires: Bool) -> Bool { fires && configuration.acts(rule) }

    /// A page undoes if the baseline does not burn; anything else that fires is a reason to wait.
    private func burns(page: Bool, _ observation: Observation) -> Bool {
        guard let pair = rules.burnRate.firing else { return false }
        let isCandidates = !rules.burnRate.baselineBurns(isFull: observation.assigned == .all)
        return page == (pair.isPage && isCandidates)
    }

    /// What there is to say when nothing speaks for an undo.
    private func calmFinding(_ observation: Observation, measured: Bool) -> Finding {
        func hold(_ rule: String, _ why: String, _ next: Share? = nil) -> Finding {
            Finding(verdict: .hold, rule: rule, share: next ?? observation.assigned ?? received, why: why)
        }
        if observation.assigned == .all {
            return Finding(verdict: .promote, rule: "", share: .all, why: fullShareCalmWords)
        }
        let late = observation.t >= configuration.limitSeconds
        if !late, !measured { return hold(SilenceRule.name, "Nothing could be measured at this tick; waiting.") }
        let reason = reasonToWait(observation)
        if !late, let reason { return hold(reason.rule, reason.why) }
        let unproven = rules.unproven
        if unproven.isEmpty, reason == nil, !isSuspicious, mayPromote(observation) {
            let next = configuration.steps == .auto || observation.assigned == nil ? Share.all : observation.share
            return Finding(verdict: .promote, rule: ErrorsPromoteRule.name, share: next, why: promoteWords)
        }
        if late {
            return Finding(
                verdict: .inconclusive, rule: "limit", share: observation.share, why: limitWords(observation))
        }
        if observation.candidate.requests == 0, observation.baseline.requests == 0 {
            return hold(SilenceRule.name, silentWords)
        }
        // Named, so that fixed steps wait too: no time to send more traffic.
        if isSuspicious { return hold(rules.strongest.rawValue, waitingWords(unproven: unproven)) }
        let (share, next) = (observation.assigned ?? received, proposedShare(observation))
        return hold("", next > share ? rampWords(next) : waitingWords(unproven: unproven), next)
    }

    /// A rule that neither undoes nor lets go on.
    private func reasonToWait(_ observation: Observation) -> (rule: String, why: String)? {
        if rules.baselineBurn.fires { return (BaselineBurnRule.name, burningWords) }
        if (candidate.requests == 0) != (baseline.requests == 0) { return (SilenceRule.name, oneArmWords) }
        if acts(.burnRate, burns(page: false, observation)) {
            return (JudgeRuleName.burnRate.rawValue, burnRateWords(undoes: false))
        }
        if acts(.split, rules.split.fires) { return (JudgeRuleName.split.rawValue, splitWords) }
        return nil
    }

    /// Half of the evidence for an undo is there: no time to send more traffic.
    var isSuspicious: Bool { rules.combined >= configuration.undoThreshold / 2 }

    private func mayPromote(_ observation: Observation) -> Bool {
        guard let assigned = observation.assigned else { return observation.t >= configuration.bakeSeconds }
        guard configuration.steps == .auto else { return true }
        // At the limit proof is enough, though somebody kept the share small.
        return (assigned >= configuration.maximumShare || observation.t >= configuration.limitSeconds)
            && observation.t >= configuration.bakeSeconds
    }

    private func proposedShare(_ observation: Observation) -> Share {
        let share = observation.assigned ?? received
        guard configuration.steps == .auto, share > .none, share < configuration.maximumShare, dwell.requests > 0,
            observation.t - dwell.since >= configuration.dwellSeconds
        else { return share }
        return Ramp.nextShare(
            after: share, excessRuledOut: rules.errorsPromote.excessRuledOut, configuration)
    }
}
