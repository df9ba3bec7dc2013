/// What one rule says, kept with every verdict.
public struct RuleEvidence: Sendable, Equatable, Codable {
    /// Natural logarithm of the e-value; for rules without one, of what they measure.
    public var lnE: Double
    /// What it must reach.
    public var threshold: Double
    /// Judged and shown, not acted on; `nil` counts as `false`.
    public var dryRun: Bool?

    public init(lnE: Double, threshold: Double, dryRun: Bool? = nil) {
        self.lnE = lnE
        self.threshold = threshold
        self.dryRun = dryRun
    }

    public var isReached: Bool { lnE >= threshold }
}

public enum VerdictKind: String, Sendable, Codable, CaseIterable {
    case promote, hold, undo, inconclusive
}

/// How many times as often the candidate fails as the baseline.
public struct RatioInterval: Sendable, Equatable, Codable {
    /// The likeliest ratio.
    public var estimate: Double
    /// Ends of the interval that holds the true ratio at all looks together with a chance of 95 %.
    public var low: Double
    public var high: Double

    public init(estimate: Double, low: Double, high: Double) {
        self.estimate = estimate
        self.low = low
        self.high = high
    }
}

/// Where a dispersion comes from.
public enum DispersionSource: String, Sendable, Codable, CaseIterable {
    /// The operator set it.
    case set
    /// Measured over a day or more and at least four instances.
    case measured
    /// Measured over less, so made larger.
    case measuredBriefly = "measured-briefly"
    /// Nothing was measured: the cautious value.
    case assumed
}

/// The judge's answer at one tick, with its evidence and one sentence for a person.
public struct Verdict: Sendable, Equatable {
    public var t: Double
    public var verdict: VerdictKind
    /// The rule that decided: `errors-undo`, `errors-promote`, `hard-stop`, `no-data`, ...; empty when none did.
    public var rule: String
    public var evidence: [String: RuleEvidence]
    /// Dispersion used.
    public var phi: Double
    public var phiSource: DispersionSource
    /// Share the judge proposes next (same as now when it proposes no change); in JSON a number from 0 to 1.
    @InFraction public var share: Share
    public var candidateRate: Double
    public var baselineRate: Double
    public var candidateRequests: Double
    public var baselineRequests: Double
    public var candidateBad: Double
    public var baselineBad: Double
    /// `nil` while nothing can be said of it.
    public var ratio: RatioInterval?
    /// Seconds until the judge gives up, 0 when that time has come.
    public var secondsLeft: Double
    public var why: String

    public init(
        t: Double, verdict: VerdictKind, rule: String, evidence: [String: RuleEvidence], phi: Double,
        phiSource: DispersionSource = .assumed, share: Share, candidate: ArmCounts, baseline: ArmCounts,
        ratio: RatioInterval? = nil, secondsLeft: Double = 0, why: String
    ) {
        self.t = t
        self.verdict = verdict
        self.rule = rule
        self.evidence = evidence
        self.phi = phi
        self.phiSource = phiSource
        self.share = share
        candidateRequests = candidate.requests
        baselineRequests = baseline.requests
        candidateBad = candidate.bad
        baselineBad = baseline.bad
        candidateRate = candidate.requests > 0 ? candidate.bad / candidate.requests : 0
        baselineRate = baseline.requests > 0 ? baseline.bad / baseline.requests : 0
        self.ratio = ratio
        self.secondsLeft = secondsLeft
        self.why = why
    }
}

extension Verdict: Codable {
    private enum CodingKeys: String, CodingKey {
        case t, verdict, rule, evidence, phi, phiSource, share, candidateRate, baselineRate, candidateRequests
        case baselineRequests, candidateBad, baselineBad, ratio, secondsLeft, why
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double { try values.decodeIfPresent(Double.self, forKey: key) ?? 0 }
        t = try number(.t)
        verdict = try values.decode(VerdictKind.self, forKey: .verdict)
        rule = try values.decodeIfPresent(String.self, forKey: .rule) ?? ""
        evidence = try values.decodeIfPresent([String: RuleEvidence].self, forKey: .evidence) ?? [:]
        phi = try values.decodeIfPresent(Double.self, forKey: .phi) ?? 1
        phiSource = (try? values.decodeIfPresent(DispersionSource.self, forKey: .phiSource)) ?? .assumed
        let next = try number(.share)
        // Verdicts stored by the first versions have basis points.
        share = Share(fraction: next) ?? Share(clamping: Int(max(0, min(10_000, next))))
        (candidateRate, baselineRate) = (try number(.candidateRate), try number(.baselineRate))
        (candidateRequests, baselineRequests) = (try number(.candidateRequests), try number(.baselineRequests))
        (candidateBad, baselineBad) = (try number(.candidateBad), try number(.baselineBad))
        ratio = try values.decodeIfPresent(RatioInterval.self, forKey: .ratio)
        secondsLeft = try number(.secondsLeft)
        why = try values.decodeIfPresent(String.self, forKey: .why) ?? ""
    }
}
