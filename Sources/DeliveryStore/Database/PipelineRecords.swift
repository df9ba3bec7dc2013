public import DeliveryModel

/// What pipelines, repositories and the deploy queue add to one transaction.
public struct PipelineRecords: Sendable, Equatable {
    /// Key to JSON, at most ``DatabaseLimits/documentBytes`` each; keys not named keep what they have.
    public var documents: [String: String]
    /// New or changed runs.
    public var runs: [PipelineRunRow]
    /// Outcomes of tests, added to those known of the same test at the same commit.
    public var tests: [PipelineTestOutcome]
    /// Names of webhook deliveries that have been taken, and when.
    public var deliveries: [String: Timestamp]
    /// Counts of hours, in place of those known of the same hour.
    public var budget: [BudgetHour]

    public init(
        documents: [String: String] = [:], runs: [PipelineRunRow] = [], tests: [PipelineTestOutcome] = [],
        deliveries: [String: Timestamp] = [:], budget: [BudgetHour] = []
    ) {
        self.documents = documents
        self.runs = runs
        self.tests = tests
        self.deliveries = deliveries
        self.budget = budget
    }

    public var isEmpty: Bool {
        documents.isEmpty && runs.isEmpty && tests.isEmpty && deliveries.isEmpty && budget.isEmpty
    }
}

/// What a service answered in one hour.
public struct BudgetHour: Sendable, Equatable {
    public var service: String
    /// Hours since 1970-01-01T00:00Z.
    public var hour: Int64
    public var requests: Int64
    public var bad: Int64

    public init(service: String, hour: Int64, requests: Int64, bad: Int64) {
        self.service = service
        self.hour = hour
        self.requests = requests
        self.bad = bad
    }
}

/// One pipeline run as the database keeps it.
public struct PipelineRunRow: Sendable, Equatable {
    public var id: String
    public var service: String
    /// Of the service, from 1.
    public var number: Int
    public var repository: String
    public var branch: String
    public var commit: String
    public var startedAt: Timestamp
    /// It has not ended: a control plane that starts goes on with it.
    public var isOpen: Bool
    /// At most ``DatabaseLimits/textBytes``.
    public var json: String

    public init(
        id: String, service: String, number: Int, repository: String, branch: String, commit: String,
        startedAt: Timestamp, isOpen: Bool, json: String
    ) {
        self.id = id
        self.service = service
        self.number = number
        self.repository = repository
        self.branch = branch
        self.commit = commit
        self.startedAt = startedAt
        self.isOpen = isOpen
        self.json = json
    }
}

/// How often a test passed and failed at one commit.
public struct PipelineTestOutcome: Sendable, Equatable {
    public var service: String
    public var commit: String
    public var stage: String
    public var name: String
    public var passed: Int
    public var failed: Int
    public var at: Timestamp

    public init(
        service: String, commit: String, stage: String, name: String, passed: Int, failed: Int, at: Timestamp
    ) {
        self.service = service
        self.commit = commit
        self.stage = stage
        self.name = name
        self.passed = passed
        self.failed = failed
        self.at = at
    }
}
