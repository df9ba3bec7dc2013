import DeliveryModel

/// Requests and bad ones among them.
struct Counts: Sendable, Equatable, Codable {
    var requests = 0.0
    var bad = 0.0

    init() {}

    /// Beyond this a count says nothing more, and sums and products stay finite.
    static let largest = 1e100

    /// Counts that cannot be (negative, not finite, more bad ones than requests) are brought to the nearest that can.
    init(_ arm: ArmCounts?) {
        guard let arm else { return }
        requests = arm.requests.isFinite ? min(Self.largest, max(0, arm.requests)) : 0
        bad = arm.bad.isFinite ? min(requests, max(0, arm.bad)) : 0
    }

    var rate: Double { requests > 0 ? bad / requests : 0 }
    static func += (left: inout Self, right: Self) {
        left.requests += right.requests
        left.bad += right.bad
    }
}

/// What every rule sees at one tick.
struct Observation: Sendable {
    var t: Double
    /// What the candidate gets: assigned, or as received so far when nobody says.
    var share: Share
    /// `nil` when nobody says.
    var assigned: Share?
    /// The share is the same as at the tick before: requests of both arms belong to it.
    var isSteady = true
    /// This tick's counts.
    var candidate: Counts
    var baseline: Counts
    /// Counts since the rollout began, this tick included.
    var candidateTotal: Counts
    var baselineTotal: Counts
    /// Counts of the last tick or ticks, joined until both arms have requests; `nil` while one has none.
    var pair: (candidate: Counts, baseline: Counts)?
    /// Requests per second of the whole service.
    var rate: Double
    var phi: Double
    /// Counts by latency bucket; empty where nothing was measured.
    var latency: (candidate: [Int: Double], baseline: [Int: Double]) = ([:], [:])
    var business: [String: BusinessCounts] = [:]
    var gauges: [String: GaugeSamples] = [:]
    var failures: [String: String] = [:]

    /// For latency and business counts. Their events are no rare ones that come in bursts as errors do, and slow
    /// moments of the whole service fall on both arms; what is left for chance is the caution for short histories.
    var calmPhi: Double { min(phi, Dispersion.caution) }
}

/// One reason to move traffic or not. A new rule is one more type and its lines in ``RuleSet``.
protocol JudgeRule: Sendable, Codable {
    mutating func observe(_ observation: Observation)
}

/// Joins short ticks until both arms have requests: at low traffic hardly any tick has both. Which ticks are joined
/// depends on
/// requests alone, never on how they ended, so the processes stay valid.
struct TickPairing: Sendable, Equatable, Codable {
    /// Older counts are dropped: the arms would no longer be comparable.
    static let longestSeconds = 5.0

    private var candidate = Counts()
    private var baseline = Counts()
    private var since = 0.0
    private var share = Share.none

    mutating func add(_ candidate: Counts, _ baseline: Counts, t: Double, share: Share) -> (Counts, Counts)? {
        if share != self.share || t - since > Self.longestSeconds {
            (self.candidate, self.baseline, self.share, since) = (Counts(), Counts(), share, t)
        }
        self.candidate += candidate
        self.baseline += baseline
        guard self.candidate.requests > 0, self.baseline.requests > 0 else { return nil }
        let pair = (self.candidate, self.baseline)
        (self.candidate, self.baseline, since) = (Counts(), Counts(), t)
        return pair
    }
}

/// Counts of the last minute, by second.
struct LastMinute: Sendable, Equatable, Codable {
    private struct Slot: Sendable, Equatable, Codable {
        var second: Double
        var candidate: Counts
        var baseline: Counts
    }

    static let seconds = 60.0
    private var slots: [Slot] = []

    mutating func add(_ candidate: Counts, _ baseline: Counts, t: Double) {
        let second = t.rounded(.down)
        slots.removeAll { $0.second <= second - Self.seconds }
        if let last = slots.indices.last, slots[last].second >= second {
            slots[last].candidate += candidate
            slots[last].baseline += baseline
        } else {
            slots.append(Slot(second: second, candidate: candidate, baseline: baseline))
        }
    }

    var candidate: Counts { slots.reduce(into: Counts()) { $0 += $1.candidate } }
    var baseline: Counts { slots.reduce(into: Counts()) { $0 += $1.baseline } }
}
