public import DeliveryModel

/// The journey of one candidate.
public struct Rollout: Sendable, Equatable, Codable {
    public enum Phase: String, Sendable, Codable, CaseIterable {
        /// Instances start.
        case prepare
        /// Smoke checks in the dark.
        case verify
        /// Shares rise.
        case shift
        /// Everybody is served by the candidate; the baseline stands by at full size.
        case soak
    }

    public enum Outcome: String, Sendable, Codable {
        case complete, undone, superseded
    }

    /// Unique in the service: `<service>-<number>`.
    public var id: String
    public var candidate: ReleaseDigest
    public var baseline: ReleaseDigest?
    public var phase: Phase
    public var isPaused: Bool
    public var share: Share
    public var reached: Share
    /// Index into fixed steps.
    public var step: Int
    public var startedAt: Timestamp
    /// When traffic first moved: the judge's zero.
    public var shiftedAt: Timestamp?
    public var stepStartedAt: Timestamp
    public var verdict: Verdict?
    public var why: String
    public var outcome: Outcome?
    public var endedAt: Timestamp?

    public init(id: String, candidate: ReleaseDigest, baseline: ReleaseDigest?, at now: Timestamp, why: String) {
        self.id = id
        self.candidate = candidate
        self.baseline = baseline
        phase = .prepare
        isPaused = false
        share = .none
        reached = .none
        step = 0
        startedAt = now
        stepStartedAt = now
        self.why = why
    }
}
