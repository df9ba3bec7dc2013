public import DeliveryModel

/// The judge of one rollout: counts in, verdict out, right at every look.
///
/// Feed it one tick at a time, in order. `Codable`: it goes on after a crash where it was. Once it says undo it stays
/// with it.
public struct SequentialJudge: RolloutJudge, Equatable {
    public let configuration: JudgeConfiguration
    /// Dispersion in use.
    public private(set) var phi: Double
    var candidate = Counts()
    var baseline = Counts()
    var errorsUndo: ErrorsUndoRule
    var errorsPromote: ErrorsPromoteRule
    var fullShare: FullShareRule
    var hardStop: HardStopRule
    var deadOnArrival: DeadOnArrivalRule
    var silence = SilenceRule()
    var baselineBurn: BaselineBurnRule
    private var pairing = TickPairing()
    private var dwell = Dwell()
    private var undone: Finding?

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
        var requests = 0.0
    }

    public init(configuration: JudgeConfiguration) {
        self.configuration = configuration
        phi = Self.usable(configuration.dispersion) ?? Dispersion.withoutHistory
        errorsUndo = ErrorsUndoRule(configuration)
        errorsPromote = ErrorsPromoteRule(configuration)
        fullShare = FullShareRule(configuration)
        hardStop = HardStopRule(configuration)
        deadOnArrival = DeadOnArrivalRule(configuration)
        baselineBurn = BaselineBurnRule(configuration)
    }

    /// Share to begin a computed rollout with.
    public static func firstShare(_ configuration: JudgeConfiguration) -> Share { Ramp.firstShare(configuration) }

    /// Uses a measured dispersion from the next tick on; `nil`: there is no history. The operator's own value wins over
    /// both.
    public mutating func setDispersion(_ estimate: Dispersion.Estimate?) {
        phi = Self.usable(configuration.dispersion) ?? estimate?.cautious ?? Dispersion.withoutHistory
    }

    private static func usable(_ phi: Double?) -> Double? {
        phi.flatMap { $0.isFinite ? min(Dispersion.largest, max(1, $0)) : nil }
    }

    /// - Parameters:
    ///   - tick: counts since the last call. With both arms `nil` nothing was measured; one arm `nil` had no requests.
    ///   - share: share of the candidate during the tick.
    /// - Returns: for a computed ramp `share` is what to give next (`promote`: everything); with fixed steps it stays
    ///   as it is.
    public mutating func judge(_ tick: JudgeTick, share: Share) -> Verdict {
        let observation = take(tick, share)
        let measured = tick.candidate != nil || tick.baseline != nil
        let finding = undone ?? undoFinding(observation) ?? calmFinding(observation, measured: measured)
        if finding.verdict == .undo { undone = finding }
        let evidence = [errorsUndo.evidence, errorsPromote.evidence, fullShare.evidence]
            .reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }
        return Verdict(
            t: observation.t, verdict: finding.verdict, rule: finding.rule, evidence: evidence, phi: phi,
            share: finding.share, candidate: ArmCounts(requests: candidate.requests, bad: candidate.bad),
            baseline: ArmCounts(requests: baseline.requests, bad: baseline.bad), why: finding.why)
    }

    private mutating func take(_ tick: JudgeTick, _ share: Share) -> Observation {
        let t = tick.t.isFinite ? max(0, tick.t) : dwell.since
        let (tickCandidate, tickBaseline) = (Counts(tick.candidate), Counts(tick.baseline))
        candidate += tickCandidate
        baseline += tickBaseline
        if share != dwell.share { dwell = Dwell(share: share, since: t) }
        dwell.requests += tickCandidate.requests + tickBaseline.requests
        let pair = pairing.add(tickCandidate, tickBaseline, t: t, share: share)
        let observation = Observation(
            t: t, share: share, candidate: tickCandidate, baseline: tickBaseline, candidateTotal: candidate,
            baselineTotal: baseline, pair: pair.map { (candidate: $0.0, baseline: $0.1) }, rate: requestRate(t),
            phi: phi)
        errorsUndo.observe(observation)
        errorsPromote.observe(observation)
        fullShare.observe(observation)
        hardStop.observe(observation)
        deadOnArrival.observe(observation)
        silence.observe(observation)
        baselineBurn.observe(observation)
        return observation
    }

    /// Observed once ten seconds are seen, the configured estimate before.
    private func requestRate(_ t: Double) -> Double {
        let observed = (candidate.requests + baseline.requests) / max(1, t)
        guard t < 10, let estimate = configuration.requestsPerSecond, estimate.isFinite else { return observed }
        return max(observed, estimate)
    }

    private func undoFinding(_ observation: Observation) -> Finding? {
        func undo(_ rule: String, _ why: String) -> Finding {
            Finding(verdict: .undo, rule: rule, share: .none, why: why)
        }
        if errorsUndo.fires { return undo(ErrorsUndoRule.name, errorsWords(observation)) }
        if deadOnArrival.fires { return undo(DeadOnArrivalRule.name, deadOnArrivalWords) }
        if hardStop.fires { return undo(HardStopRule.name, hardStopWords) }
        if fullShare.fires { return undo(FullShareRule.name, fullShareWords(observation)) }
        if silence.fires { return undo(SilenceRule.name, silenceWords) }
        return nil
    }

    /// What there is to say when nothing speaks for an undo.
    private func calmFinding(_ observation: Observation, measured: Bool) -> Finding {
        func hold(_ rule: String, _ why: String, _ next: Share? = nil) -> Finding {
            Finding(verdict: .hold, rule: rule, share: next ?? observation.share, why: why)
        }
        if observation.share == .all { return hold("", fullShareCalmWords(observation)) }
        let needed = errorsPromote.found
        let proven = needed.lnE >= needed.threshold
        let late = observation.t >= configuration.limitSeconds
        if !late {
            if !measured { return hold(SilenceRule.name, "Nothing could be measured at this tick; waiting.") }
            if baselineBurn.fires { return hold(BaselineBurnRule.name, burningWords) }
        }
        if proven, !baselineBurn.fires, !errorsUndo.isSuspicious, mayPromote(observation) {
            let next = configuration.steps == .auto ? Share.all : observation.share
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
        if errorsUndo.isSuspicious { return hold(ErrorsUndoRule.name, waitingWords(proven: proven)) }
        let next = proposedShare(observation)
        return hold("", next > observation.share ? rampWords(next) : waitingWords(proven: proven), next)
    }

    private func mayPromote(_ observation: Observation) -> Bool {
        guard configuration.steps == .auto else { return true }
        return observation.share >= configuration.maximumShare && observation.t >= configuration.bakeSeconds
    }

    private func proposedShare(_ observation: Observation) -> Share {
        guard configuration.steps == .auto, observation.share > .none, !errorsUndo.isSuspicious, dwell.requests > 0,
            observation.t - dwell.since >= configuration.dwellSeconds
        else { return observation.share }
        return Ramp.nextShare(
            after: observation.share, excessRuledOut: errorsPromote.excessRuledOut, configuration)
    }
}
