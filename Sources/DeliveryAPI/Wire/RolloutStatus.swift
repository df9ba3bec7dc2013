public import DeliveryModel

/// One rollout, running or finished. `GET /api/v1/services/{service}/history` answers `{"rollouts": [...]}`, newest
/// first.
public struct RolloutStatus: Sendable, Equatable, Codable {
    public var id: String
    public var service: ServiceName
    public var candidate: ReleaseDigest
    public var commit: String
    public var baseline: ReleaseDigest?
    /// `prepare`, `verify`, `shift`, `soak`; when finished `complete`, `undone` or `superseded`.
    public var phase: String
    public var paused: Bool
    public var shareBasisPoints: Share
    /// The largest share it reached.
    public var reachedBasisPoints: Share
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// Seconds until the next step at the earliest, when that is known.
    public var nextStepInSeconds: Double?
    public var verdict: Verdict?
    /// Why it is where it is, in a sentence.
    public var why: String

    public init(
        id: String, service: ServiceName, candidate: ReleaseDigest, commit: String, baseline: ReleaseDigest?,
        phase: String,
        paused: Bool, shareBasisPoints: Share, reachedBasisPoints: Share, startedAt: Timestamp,
        endedAt: Timestamp? = nil,
        nextStepInSeconds: Double? = nil, verdict: Verdict? = nil, why: String
    ) {
        self.id = id
        self.service = service
        self.candidate = candidate
        self.commit = commit
        self.baseline = baseline
        self.phase = phase
        self.paused = paused
        self.shareBasisPoints = shareBasisPoints
        self.reachedBasisPoints = reachedBasisPoints
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.nextStepInSeconds = nextStepInSeconds
        self.verdict = verdict
        self.why = why
    }

    public var isFinished: Bool { endedAt != nil }
}

public struct RolloutHistory: Sendable, Equatable, Codable {
    public var rollouts: [RolloutStatus]
    public init(rollouts: [RolloutStatus]) { self.rollouts = rollouts }
}

/// Answer of `POST .../rollout/{pause|resume|promote|abort}`.
public struct RolloutActionResult: Sendable, Equatable, Codable {
    public var changed: Bool
    public var rollout: RolloutStatus
    public init(changed: Bool, rollout: RolloutStatus) {
        self.changed = changed
        self.rollout = rollout
    }
}
