/// One result of one test in one attempt of a stage.
public struct ObservedTest: Sendable, Equatable, Codable {
    public var commit: String
    public var stage: String
    /// Name as the report gives it, class and test together.
    public var test: String
    public var passed: Bool

    public init(commit: String, stage: String, test: String, passed: Bool) {
        self.commit = commit
        self.stage = stage
        self.test = test
        self.passed = passed
    }
}

/// A test whose result differs at one commit: what it says does not depend on the code alone.
public struct FlakyTest: Sendable, Equatable, Codable {
    public var stage: String
    public var test: String
    /// Commits at which it both passed and failed.
    public var commits: Int
    /// Results at these commits.
    public var passed: Int
    public var failed: Int

    public init(stage: String, test: String, commits: Int, passed: Int, failed: Int) {
        self.stage = stage
        self.test = test
        self.commits = commits
        self.passed = passed
        self.failed = failed
    }

    private struct Name: Hashable {
        var stage: String
        var test: String
    }

    private struct Count {
        var passed = 0
        var failed = 0
    }

    /// - Parameter results: in any order; each result once.
    /// - Returns: the flaky tests, those first that differed at the most commits.
    public static func find(in results: some Sequence<ObservedTest>) -> [FlakyTest] {
        var counts: [Name: [String: Count]] = [:]
        for result in results {
            let name = Name(stage: result.stage, test: result.test)
            if result.passed {
                counts[name, default: [:]][result.commit, default: Count()].passed += 1
            } else {
                counts[name, default: [:]][result.commit, default: Count()].failed += 1
            }
        }
        return counts.compactMap { name, byCommit -> FlakyTest? in
            let differing = byCommit.values.filter { $0.passed > 0 && $0.failed > 0 }
            guard !differing.isEmpty else { return nil }
            return FlakyTest(
                stage: name.stage, test: name.test, commits: differing.count,
                passed: differing.map(\.passed).reduce(0, +), failed: differing.map(\.failed).reduce(0, +))
        }.sorted { ($1.commits, $0.stage, $0.test) < ($0.commits, $1.stage, $1.test) }
    }
}
