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
    public var medianSeconds: Double

    public init(name: String, runs: Int, failures: Int, cached: Int, medianSeconds: Double) {
        self.name = name
        self.runs = runs
        self.failures = failures
        self.cached = cached
        self.medianSeconds = medianSeconds
    }
}

/// A test that passed and failed at one and the same commit.
public struct FlakyTestStatus: Sendable, Equatable, Codable {
    public var stage: String
    public var name: String
    public var commit: String
    public var passed: Int
    public var failed: Int

    public init(stage: String, name: String, commit: String, passed: Int, failed: Int) {
        self.stage = stage
        self.name = name
        self.commit = commit
        self.passed = passed
        self.failed = failed
    }
}
