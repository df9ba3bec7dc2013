public import DeliveryModel

/// The journey of one commit of one service through its stages. A value: the same run and event give the same next run.
public struct PipelineRun: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// Every stage passed, and the release is packed if one was wanted.
        case passed
        case failed, cancelled
    }

    /// `<service>-p<number>`, unique in the installation.
    public var id: String
    public var service: ServiceName
    public var origin: PipelineOrigin
    /// In the order of the service file.
    public var stages: [StageRun]
    /// Stages that may run at once, at least 1.
    public var parallel: Int
    /// Whether a release is packed when all stages have passed.
    public var packs: Bool
    /// Set while the release is being packed.
    public var isPacking: Bool
    /// The release that was packed.
    public var release: ReleaseDigest?
    /// Decided already, while attempts under way are still being stopped.
    public var verdict: Outcome?
    /// Set when nothing is left to do.
    public var outcome: Outcome?
    public var why: String
    public var createdAt: Timestamp
    /// When it began; `nil` while it waits for its turn.
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?

    /// A run with every stage waiting; the event ``PipelineEvent/begin`` starts it.
    public init(
        id: String, service: ServiceName, origin: PipelineOrigin, pipeline: PipelineSpecification, parallel: Int = 2,
        packs: Bool, at now: Timestamp
    ) {
        self.id = id
        self.service = service
        self.origin = origin
        stages = pipeline.stages.map(StageRun.init(_:))
        self.parallel = max(1, parallel)
        self.packs = packs
        isPacking = false
        why = "waits to begin"
        createdAt = now
    }

    public subscript(stage: String) -> StageRun? { stages.first { $0.name == stage } }

    /// Attempts that a driver is to be at work on.
    public var underWay: [StageAttempt] { stages.compactMap(\.current) }
}

/// Where a pipeline run comes from.
public struct PipelineOrigin: Sendable, Equatable, Codable {
    public var repository: String
    public var branch: String
    public var commit: String
    /// Every commit since the last one looked at on that branch, oldest first, `commit` the last.
    public var commits: [String]
    /// Who or what asked for it.
    public var actor: String

    public init(repository: String, branch: String, commit: String, commits: [String] = [], actor: String) {
        self.repository = repository
        self.branch = branch
        self.commit = commit
        self.commits = commits.isEmpty ? [commit] : commits
        self.actor = actor
    }
}

/// One stage of a run.
public struct StageRun: Sendable, Equatable, Codable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        case waiting, running, passed
        /// Passed without running: nothing that it depends on has changed.
        case cached
        case failed
        /// Not run, since another stage failed or the run was cancelled.
        case skipped
        /// Stopped while it ran.
        case stopped
    }

    public var name: String
    public var needs: [String]
    public var retries: Int
    public var status: Status
    /// Oldest first.
    public var attempts: [StageAttempt]

    public init(_ stage: StageSpecification) {
        name = stage.name
        needs = stage.needs
        retries = stage.retries
        status = .waiting
        attempts = []
    }

    /// The attempt under way.
    public var current: StageAttempt? { attempts.last.flatMap { $0.ending == nil ? $0 : nil } }
    public var hasPassed: Bool { status == .passed || status == .cached }
}

/// One try of a stage.
public struct StageAttempt: Sendable, Equatable, Codable {
    /// `<run>.<stage>.<number>`; never used twice.
    public var id: String
    public var stage: String
    /// From 1.
    public var number: Int
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    public var ending: StageEnding?
    /// Set when it was told to stop.
    public var isStopping: Bool

    public init(id: String, stage: String, number: Int, startedAt: Timestamp) {
        self.id = id
        self.stage = stage
        self.number = number
        self.startedAt = startedAt
        isStopping = false
    }
}

/// How an attempt ended, as the driver saw it.
public struct StageEnding: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case passed
        /// Taken from the cache.
        case cached
        /// Ended with another status than 0, or by a signal.
        case failed
        case timedOut
        /// Could not start for a reason that another try would not change: a missing secret, no such program.
        case unable
        /// Stopped because it was told to.
        case stopped
        /// Under way when the control plane died; it is run again.
        case lost
    }

    public var kind: Kind
    /// A sentence.
    public var why: String

    public init(_ kind: Kind, why: String = "") {
        self.kind = kind
        self.why = why
    }
}
