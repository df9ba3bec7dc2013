public import DeliveryModel

/// Answer of `GET /api/v1/services/{service}/pipeline/stats`, from the runs that are kept.
public struct PipelineStatistics: Sendable, Equatable, Codable {
    public var service: ServiceName
    /// Finished runs that were looked at.
    public var runs: Int
    public var stages: [StageStatistics]
    /// Seconds until the first red stage is known, as expected of the order now; `nil` without a failure yet.
    public var expectedFeedbackSeconds: Double?
    /// The order with the fastest expected feedback that `needs` allows.
    public var proposedOrder: [String]
    public var proposedFeedbackSeconds: Double?
    /// In a sentence.
    public var advice: String
    public var flakyTests: [FlakyTestStatus]

    public init(
        service: ServiceName, runs: Int, stages: [StageStatistics], expectedFeedbackSeconds: Double?,
        proposedOrder: [String], proposedFeedbackSeconds: Double?, advice: String, flakyTests: [FlakyTestStatus]
    ) {
        self.service = service
        self.runs = runs
        self.stages = stages
        self.expectedFeedbackSeconds = expectedFeedbackSeconds
        self.proposedOrder = proposedOrder
        self.proposedFeedbackSeconds = proposedFeedbackSeconds
        self.advice = advice
        self.flakyTests = flakyTests
    }
}

public struct StageStatistics: Sendable, Equatable, Codable {
    public var name: String
    /// Times it ended by itself, passed or failed.
    public var runs: Int
    public var failures: Int
    /// Times it was taken from the cache.
    public var cached: Int
    public var meanSeconds: Double

    public init(name: String, runs: Int, failures: Int, cached: Int, meanSeconds: Double) {
        self.name = name
        self.runs = runs
        self.failures = failures
        self.cached = cached
        self.meanSeconds = meanSeconds
    }
}

/// A test that passed and failed at one and the same commit, at one or more of them.
public struct FlakyTestStatus: Sendable, Equatable, Codable {
    public var stage: String
    public var name: String
    /// Commits at which it did both.
    public var commits: Int
    public var passed: Int
    public var failed: Int

    public init(stage: String, name: String, commits: Int, passed: Int, failed: Int) {
        self.stage = stage
        self.name = name
        self.commits = commits
        self.passed = passed
        self.failed = failed
    }
}
