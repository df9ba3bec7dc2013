public import DeliveryModel

/// One pipeline run, from `GET /api/v1/pipelines/{run}`.
public struct PipelineRunStatus: Sendable, Equatable, Codable {
    /// `<service>-p<number>`.
    public var id: String
    public var service: ServiceName
    public var repository: String
    public var branch: String
    public var commit: String
    /// `waiting`, `running`, `packing`, `passed`, `failed` or `cancelled`.
    public var state: String
    /// When it has passed, it goes to production by itself.
    public var deploys: Bool
    public var actor: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// Made of it when it has passed, if one was wanted.
    public var release: ReleaseDigest?
    /// The stage that made it fail.
    public var failedStage: String?
    /// In a sentence.
    public var why: String
    public var stages: [PipelineStageStatus]
    /// Commits since the last run of the service on that branch, the newest first.
    public var commits: [PipelineCommit]

    public init(
        id: String, service: ServiceName, repository: String, branch: String, commit: String, state: String,
        deploys: Bool, actor: String, startedAt: Timestamp, endedAt: Timestamp? = nil, release: ReleaseDigest? = nil,
        failedStage: String? = nil, why: String, stages: [PipelineStageStatus], commits: [PipelineCommit]
    ) {
        self.id = id
        self.service = service
        self.repository = repository
        self.branch = branch
        self.commit = commit
        self.state = state
        self.deploys = deploys
        self.actor = actor
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.release = release
        self.failedStage = failedStage
        self.why = why
        self.stages = stages
        self.commits = commits
    }

    public var isFinished: Bool { endedAt != nil }
}

/// One commit of a batch.
public struct PipelineCommit: Sendable, Equatable, Codable {
    public var commit: String
    /// First line of its message.
    public var subject: String
    public var author: String

    public init(commit: String, subject: String, author: String) {
        self.commit = commit
        self.subject = subject
        self.author = author
    }
}

/// One stage of a run.
public struct PipelineStageStatus: Sendable, Equatable, Codable {
    public var name: String
    /// `waiting`, `running`, `passed`, `cached`, `failed`, `skipped` or `stopped`.
    public var state: String
    /// Attempts so far.
    public var attempts: Int
    public var seconds: Double?
    /// Why it failed, in a sentence.
    public var reason: String?
    public var tests: PipelineTestCounts?

    public init(
        name: String, state: String, attempts: Int, seconds: Double? = nil, reason: String? = nil,
        tests: PipelineTestCounts? = nil
    ) {
        self.name = name
        self.state = state
        self.attempts = attempts
        self.seconds = seconds
        self.reason = reason
        self.tests = tests
    }
}

/// What a stage's tests came to.
public struct PipelineTestCounts: Sendable, Equatable, Codable {
    public var passed: Int
    public var failed: Int
    public var skipped: Int
    /// Names of the first that failed.
    public var failures: [String]

    public init(passed: Int, failed: Int, skipped: Int, failures: [String]) {
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        self.failures = failures
    }
}

public struct PipelineRunList: Sendable, Equatable, Codable {
    /// The newest first.
    public var runs: [PipelineRunStatus]
    public init(runs: [PipelineRunStatus]) { self.runs = runs }
}

/// Answer of `POST /api/v1/pipelines/{run}/cancel` and `/again`.
public struct PipelineActionResult: Sendable, Equatable, Codable {
    public var changed: Bool
    public var run: PipelineRunStatus
    public init(changed: Bool, run: PipelineRunStatus) {
        self.changed = changed
        self.run = run
    }
}

/// One line of `GET /api/v1/pipelines/{run}/logs`, sent as JSON lines.
public struct PipelineLogLine: Sendable, Equatable, Codable {
    public var stage: String
    public var attempt: Int
    public var line: String

    public init(stage: String, attempt: Int, line: String) {
        self.stage = stage
        self.attempt = attempt
        self.line = line
    }
}

/// Body of `POST /api/v1/pipelines/{run}/deploy`; all optional. The answer is that of a deploy.
public struct RunDeployRequest: Sendable, Equatable, Codable {
    /// As in a deploy. Default: no.
    public var fix: Bool?
    public init(fix: Bool? = nil) { self.fix = fix }
}
