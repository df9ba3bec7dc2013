/// The judge's input: everything seen since the last tick. As JSON, one object a line, it is what `nonevent judge`
/// reads and what `nonevent history --ticks` writes; every part but `t` may be left out.
public struct JudgeTick: Sendable, Equatable {
    /// Seconds since the rollout began to shift traffic.
    public var t: Double
    /// `nil`: nothing is known of it; the same as no requests.
    public var candidate: ArmCounts?
    public var baseline: ArmCounts?
    /// The candidate's assigned share during the tick, in JSON a number from 0 to 1; `nil` when nobody says, as in
    /// counts from elsewhere: then no share is proposed either.
    public var share: Share?
    /// Business counts (orders, sign-ups) by the metric's name.
    public var counts: [String: BusinessCounts]
    /// New samples of gauges (memory, CPU) by the metric's name.
    public var gauges: [String: GaugeSamples]
    /// Metrics that could not be asked at this tick, and why.
    public var failures: [String: String]
    /// Dispersion to judge with from this tick on; `nil`: as before.
    public var phi: Double?
    /// Where `phi` comes from.
    public var phiSource: DispersionSource?

    public init(
        t: Double, candidate: ArmCounts?, baseline: ArmCounts?, share: Share? = nil,
        counts: [String: BusinessCounts] = [:], gauges: [String: GaugeSamples] = [:], failures: [String: String] = [:],
        phi: Double? = nil, phiSource: DispersionSource? = nil
    ) {
        self.t = t
        self.candidate = candidate
        self.baseline = baseline
        self.share = share
        self.counts = counts
        self.gauges = gauges
        self.failures = failures
        self.phi = phi
        self.phiSource = phiSource
    }
}

/// What one arm did during one tick.
public struct ArmCounts: Sendable, Equatable {
    /// An instance's first time, in which its latency says nothing about the release: caches are cold.
    public static let warmUp = Duration.seconds(60)

    public var requests: Double
    public var bad: Double
    /// Requests by bucket `ceil(ln(seconds) / ln 1.025)`; empty while any of the release's instances still warms up.
    public var latency: [Int: Double]

    public init(requests: Double = 0, bad: Double = 0, latency: [Int: Double] = [:]) {
        self.requests = requests
        self.bad = bad
        self.latency = latency
    }
}

/// Events of a business metric in both arms during one tick.
public struct BusinessCounts: Sendable, Equatable {
    public var candidate: Double
    public var baseline: Double
    /// Part of people assigned to the candidate, 0 < share < 1; `nil`: the tick's share.
    public var share: Double?

    public init(candidate: Double, baseline: Double, share: Double? = nil) {
        self.candidate = candidate
        self.baseline = baseline
        self.share = share
    }
}

/// New samples of a gauge in both arms.
public struct GaugeSamples: Sendable, Equatable {
    public var candidate: [Double]
    public var baseline: [Double]

    public init(candidate: [Double] = [], baseline: [Double] = []) {
        self.candidate = candidate
        self.baseline = baseline
    }
}

extension JudgeTick {
    /// What is wrong with these numbers, in words; `nil` when they can be judged.
    ///
    /// - Parameter previous: time of the tick before.
    public func problem(after previous: Double?) -> String? {
        if !t.isFinite || t < 0 { return "expected \"t\" in seconds, 0 or more, found \(t)" }
        if let previous, t < previous { return "time goes backwards: \(t) s after \(previous) s" }
        for (name, arm) in [("candidate", candidate), ("baseline", baseline)] {
            if let arm, let problem = arm.problem { return "\(name): \(problem)" }
        }
        if let phi, !(phi >= 1 && phi.isFinite) { return "expected \"phi\" of 1 or more, found \(phi)" }
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            for number in [count.candidate, count.baseline] where !(number >= 0 && number.isFinite) {
                return "counts.\(name): expected a number of events, 0 or more, found \(number)"
            }
            if let share = count.share, !(share > 0 && share < 1) {
                return "counts.\(name): expected a share above 0 and below 1, found \(share)"
            }
        }
        for (name, samples) in gauges.sorted(by: { $0.key < $1.key }) {
            for number in samples.candidate + samples.baseline where !number.isFinite {
                return "gauges.\(name): expected finite numbers, found \(number)"
            }
        }
        return nil
    }
}

extension ArmCounts {
    var problem: String? {
        if !(requests >= 0 && requests.isFinite) { return "expected \"requests\" of 0 or more, found \(requests)" }
        if !(bad >= 0 && bad.isFinite) { return "expected \"bad\" of 0 or more, found \(bad)" }
        if bad > requests { return "\(bad) bad of only \(requests) requests" }
        for (bucket, count) in latency.sorted(by: { $0.key < $1.key }) where !(count >= 0 && count.isFinite) {
            return "expected 0 or more requests in latency bucket \(bucket), found \(count)"
        }
        return nil
    }
}
