public import DeliveryModel

/// Answer of `GET /api/v1/services/{service}`; `GET /api/v1/services` answers `{"services": [...]}` of these.
public struct ServiceStatus: Sendable, Equatable, Codable {
    public var service: ServiceName
    /// The release that serves, or the baseline while a rollout runs.
    public var live: ReleaseStatus?
    public var rollout: RolloutStatus?
    public var queued: QueuedDeploy?
    /// What the newest finished rollout came to.
    public var last: RolloutStatus?
    /// Every release with instances: live, candidate and the warm ones.
    public var releases: [ReleaseStatus]
    /// What is wrong now and what to do, in sentences; empty when all is well.
    public var warnings: [String]
    /// Why requests do not go on, if they do not.
    public var hold: TrafficHold?
    /// What copies of requests have shown of the candidate, or of the last one.
    public var mirrors: [MirrorReport]

    public init(
        service: ServiceName, live: ReleaseStatus? = nil, rollout: RolloutStatus? = nil, queued: QueuedDeploy? = nil,
        last: RolloutStatus? = nil, releases: [ReleaseStatus] = [], warnings: [String] = [], hold: TrafficHold? = nil,
        mirrors: [MirrorReport] = []
    ) {
        self.service = service
        self.live = live
        self.rollout = rollout
        self.queued = queued
        self.last = last
        self.releases = releases
        self.warnings = warnings
        self.hold = hold
        self.mirrors = mirrors
    }
}

public struct ServiceList: Sendable, Equatable, Codable {
    public var services: [ServiceStatus]
    public init(services: [ServiceStatus]) { self.services = services }
}

/// One release as it runs now.
public struct ReleaseStatus: Sendable, Equatable, Codable {
    public var release: ReleaseDigest
    public var commit: String
    public var shareBasisPoints: Share
    /// `live`, `candidate`, `warm`, `undone` or `cold`.
    public var state: String
    public var createdAt: Timestamp
    public var instances: [InstanceStatus]
    /// Requests, and bad ones, counted by the router since it started.
    public var requests: UInt64
    public var bad: UInt64

    public init(
        release: ReleaseDigest, commit: String, shareBasisPoints: Share, state: String, createdAt: Timestamp,
        instances: [InstanceStatus] = [], requests: UInt64 = 0, bad: UInt64 = 0
    ) {
        self.release = release
        self.commit = commit
        self.shareBasisPoints = shareBasisPoints
        self.state = state
        self.createdAt = createdAt
        self.instances = instances
        self.requests = requests
        self.bad = bad
    }
}

public struct QueuedDeploy: Sendable, Equatable, Codable {
    public var release: ReleaseDigest
    public var commit: String
    public var since: Timestamp
    public init(release: ReleaseDigest, commit: String, since: Timestamp) {
        self.release = release
        self.commit = commit
        self.since = since
    }
}
