public import DeliveryModel

/// Answer of `GET /api/v1/queue`.
public struct QueueStatus: Sendable, Equatable, Codable {
    public var running: [RunningDeployStatus]
    public var waiting: [WaitingDeployStatus]
    public var holds: [DeployHoldStatus]
    /// What is wrong with `delivery.yaml`, if anything.
    public var warnings: [String]

    public init(
        running: [RunningDeployStatus], waiting: [WaitingDeployStatus], holds: [DeployHoldStatus],
        warnings: [String] = []
    ) {
        self.running = running
        self.waiting = waiting
        self.holds = holds
        self.warnings = warnings
    }
}

/// A deploy whose rollout is under way.
public struct RunningDeployStatus: Sendable, Equatable, Codable {
    public var service: ServiceName
    public var release: ReleaseDigest
    public var commit: String
    public var since: Timestamp

    public init(service: ServiceName, release: ReleaseDigest, commit: String, since: Timestamp) {
        self.service = service
        self.release = release
        self.commit = commit
        self.since = since
    }
}

/// A deploy in the queue.
public struct WaitingDeployStatus: Sendable, Equatable, Codable {
    /// From 1.
    public var position: Int
    public var service: ServiceName
    public var release: ReleaseDigest
    public var commit: String
    /// Every commit that ships with it, the newest first.
    public var commits: [PipelineCommit]
    /// `fix` or `normal`.
    public var priority: String
    /// The pipeline run that made it, if one did.
    public var run: String?
    public var actor: String
    public var since: Timestamp
    /// What it waits for, in sentences; empty: its turn comes next.
    public var waitsFor: [String]
    /// Seconds until it begins, as past rollouts went; `nil` when nothing tells, as with a hold.
    public var forecastSeconds: Double?

    public init(
        position: Int, service: ServiceName, release: ReleaseDigest, commit: String, commits: [PipelineCommit],
        priority: String, run: String?, actor: String, since: Timestamp, waitsFor: [String],
        forecastSeconds: Double?
    ) {
        self.position = position
        self.service = service
        self.release = release
        self.commit = commit
        self.commits = commits
        self.priority = priority
        self.run = run
        self.actor = actor
        self.since = since
        self.waitsFor = waitsFor
        self.forecastSeconds = forecastSeconds
    }
}

/// Deploys wait, of one service or of all.
public struct DeployHoldStatus: Sendable, Equatable, Codable {
    /// `nil`: all services.
    public var service: ServiceName?
    public var reason: String
    public var by: String
    public var since: Timestamp

    public init(service: ServiceName?, reason: String, by: String, since: Timestamp) {
        self.service = service
        self.reason = reason
        self.by = by
        self.since = since
    }
}

/// Body of `POST /api/v1/queue/{service}/move`.
public struct QueueMoveRequest: Sendable, Equatable, Codable {
    /// From 1, the front.
    public var to: Int
    public init(to: Int) { self.to = to }
}

/// Answer of `POST /api/v1/queue/{service}/move` and `/drop`.
public struct QueueActionResult: Sendable, Equatable, Codable {
    public var changed: Bool
    public var queue: QueueStatus
    public init(changed: Bool, queue: QueueStatus) {
        self.changed = changed
        self.queue = queue
    }
}

/// Body of `POST /api/v1/holds`, and of `POST /api/v1/holds/release`, where the reason plays no part.
public struct DeployHoldRequest: Sendable, Equatable, Codable {
    /// Longest reason, in bytes.
    public static let reasonBytes = 1_000

    /// `nil`: all services.
    public var service: ServiceName?
    public var reason: String?
    public init(service: ServiceName?, reason: String? = nil) {
        self.service = service
        self.reason = reason
    }
}

/// Answer to both.
public struct DeployHoldResult: Sendable, Equatable, Codable {
    public var changed: Bool
    public var holds: [DeployHoldStatus]
    public init(changed: Bool, holds: [DeployHoldStatus]) {
        self.changed = changed
        self.holds = holds
    }
}
