/// What one arm did during one tick.
public struct ArmCounts: Sendable, Equatable, Codable {
    public var requests: Double
    public var bad: Double
    /// Requests by bucket `ceil(ln(seconds) / ln 1.025)`.
    public var latency: [Int: Double]

    public init(requests: Double = 0, bad: Double = 0, latency: [Int: Double] = [:]) {
        self.requests = requests
        self.bad = bad
        self.latency = latency
    }
}

/// The judge's input: everything seen since the last tick.
public struct JudgeTick: Sendable, Equatable, Codable {
    /// Seconds since the rollout began to shift traffic.
    public var t: Double
    public var candidate: ArmCounts?
    public var baseline: ArmCounts?

    public init(t: Double, candidate: ArmCounts?, baseline: ArmCounts?) {
        self.t = t
        self.candidate = candidate
        self.baseline = baseline
    }
}

/// What one rule says, kept with every verdict.
public struct RuleEvidence: Sendable, Equatable, Codable {
    /// Natural logarithm of the e-value.
    public var lnE: Double
    /// Natural logarithm it must reach.
    public var threshold: Double
    public init(lnE: Double, threshold: Double) {
        self.lnE = lnE
        self.threshold = threshold
    }
}

public enum VerdictKind: String, Sendable, Codable, CaseIterable {
    case promote, hold, undo, inconclusive
}

/// The judge's answer at one tick, with its evidence and one sentence for a person.
public struct Verdict: Sendable, Equatable, Codable {
    public var t: Double
    public var verdict: VerdictKind
    /// The rule that decided: `errors-undo`, `errors-promote`, `hard-stop`, `no-data`, ...; empty when none did.
    public var rule: String
    public var evidence: [String: RuleEvidence]
    /// Dispersion used.
    public var phi: Double
    /// Share the judge proposes next (same as now when it proposes no change).
    public var share: Share
    public var candidateRate: Double
    public var baselineRate: Double
    public var candidateRequests: Double
    public var baselineRequests: Double
    public var candidateBad: Double
    public var baselineBad: Double
    public var why: String

    public init(
        t: Double, verdict: VerdictKind, rule: String, evidence: [String: RuleEvidence], phi: Double, share: Share,
        candidate: ArmCounts, baseline: ArmCounts, why: String
    ) {
        self.t = t
        self.verdict = verdict
        self.rule = rule
        self.evidence = evidence
        self.phi = phi
        self.share = share
        candidateRequests = candidate.requests
        baselineRequests = baseline.requests
        candidateBad = candidate.bad
        baselineBad = baseline.bad
        candidateRate = candidate.requests > 0 ? candidate.bad / candidate.requests : 0
        baselineRate = baseline.requests > 0 ? baseline.bad / baseline.requests : 0
        self.why = why
    }
}
