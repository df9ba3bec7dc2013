public import DeliveryModel

/// How urgent a deploy is. Undo is above all of these and never waits in the queue.
public enum DeployPriority: String, Sendable, Codable, CaseIterable, Comparable {
    case normal
    /// Repairs something; also goes out when the error budget is spent.
    case fix

    public static func < (left: Self, right: Self) -> Bool { left == .normal && right == .fix }
}

/// A green commit that waits for its rollout, with all commits that it takes along.
public struct WaitingDeploy: Sendable, Equatable, Codable {
    public var service: ServiceName
    /// The newest green commit: what is deployed.
    public var commit: String
    public var release: ReleaseDigest?
    /// The pipeline run that made it, if one did.
    public var run: String?
    /// Every commit that goes out with it, oldest first, `commit` the last; at most ``DeployQueue/batchCommits``.
    public var commits: [String]
    /// Older commits of the batch that are only counted.
    public var moreCommits: Int
    public var priority: DeployPriority
    public var team: String
    public var group: String?
    public var supersede: SupersedePolicy
    public var freeze: [FreezeWindow]
    /// Who or what offered it.
    public var actor: String
    /// Since when the oldest commit of the batch waits: a newer commit does not lose the place in the queue.
    public var since: Timestamp
    /// Starts of others that may still go ahead, and one; set by ``DeployQueue/move(_:to:)``.
    public internal(set) var place: Int?

    public init(
        service: ServiceName, commit: String, release: ReleaseDigest? = nil, run: String? = nil,
        commits: [String] = [], priority: DeployPriority = .normal, deploy: DeploySpecification = .init(),
        actor: String, since: Timestamp
    ) {
        self.service = service
        self.commit = commit
        self.release = release
        self.run = run
        self.commits = commits.isEmpty ? [commit] : commits
        moreCommits = 0
        self.priority = priority
        team = deploy.team ?? ""
        group = deploy.group
        supersede = deploy.supersede
        freeze = deploy.freeze
        self.actor = actor
        self.since = since
    }
}

/// A deploy whose rollout is under way.
public struct RunningDeploy: Sendable, Equatable, Codable {
    public var service: ServiceName
    public var commit: String
    public var release: ReleaseDigest?
    public var run: String?
    public var commits: [String]
    public var moreCommits: Int
    public var priority: DeployPriority
    public var team: String
    public var group: String?
    public var actor: String
    public var startedAt: Timestamp
    /// A newer commit has asked for its end.
    public var isAborting: Bool

    /// A rollout of this deploy.
    public init(_ deploy: WaitingDeploy, startedAt: Timestamp) {
        service = deploy.service
        commit = deploy.commit
        release = deploy.release
        run = deploy.run
        commits = deploy.commits
        moreCommits = deploy.moreCommits
        priority = deploy.priority
        team = deploy.team
        group = deploy.group
        actor = deploy.actor
        self.startedAt = startedAt
        isAborting = false
    }
}

/// Nothing is deployed until a person releases it.
public struct DeployHold: Sendable, Equatable, Codable {
    public var by: String
    public var why: String
    public var since: Timestamp

    public init(by: String, why: String, since: Timestamp) {
        self.by = by
        self.why = why
        self.since = since
    }
}

/// Rollouts that may be under way at once.
public struct DeployLimits: Sendable, Equatable, Codable {
    /// At least 1.
    public var total: Int
    /// By group; a group that is not named has no limit of its own.
    public var groups: [String: Int]

    public init(total: Int = 8, groups: [String: Int] = [:]) {
        self.total = total
        self.groups = groups
    }
}

/// What the queue is told from outside whenever it is asked.
public struct DeployConditions: Sendable, Equatable {
    public var limits: DeployLimits
    /// By name; a zone that is not there counts as UTC.
    public var zones: [String: ZoneRules]
    /// Services whose error budget is spent: only fixes go out.
    public var budgetSpent: Set<ServiceName>

    public init(
        limits: DeployLimits = .init(), zones: [String: ZoneRules] = [:], budgetSpent: Set<ServiceName> = []
    ) {
        self.limits = limits
        self.zones = zones
        self.budgetSpent = budgetSpent
    }
}

/// What keeps order among those that could start.
public struct QueuePolicy: Sendable, Equatable, Codable {
    /// A normal deploy that has waited as long is aged.
    @InSeconds public var ageing: Duration
    /// Fixes that start in a row while an aged deploy could; then the aged one comes first.
    public var fixesInARow: Int
    /// Rollouts of a service that newer commits may abort one after another; then one is let through.
    public var supersessionsInARow: Int

    public init(ageing: Duration = .seconds(900), fixesInARow: Int = 3, supersessionsInARow: Int = 3) {
        self.ageing = ageing
        self.fixesInARow = fixesInARow
        self.supersessionsInARow = supersessionsInARow
    }
}
