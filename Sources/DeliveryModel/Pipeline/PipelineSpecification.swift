/// What is done with a commit before it may be deployed: stages that need one another, read from `pipeline` of the
/// service file. Without stages a commit is green at once.
public struct PipelineSpecification: Sendable, Equatable, Codable {
    /// In the order of the file, members of a parallel group in the place of the group. What each needs is filled in:
    /// the stage before it, or all members of the group before it, where the file says nothing.
    public var stages: [StageSpecification]

    public init(stages: [StageSpecification] = []) { self.stages = stages }

    public subscript(name: String) -> StageSpecification? { stages.first { $0.name == name } }

    /// Stages that must have passed before `name` can start, and those before them; in the order of the file.
    public func ancestors(of name: String) -> [StageSpecification] {
        var found: Set<String> = []
        var open = self[name]?.needs ?? []
        while let next = open.popLast() {
            if found.insert(next).inserted { open += self[next]?.needs ?? [] }
        }
        return stages.filter { found.contains($0.name) }
    }
}

/// One stage: a command in a clean checkout of the commit.
public struct StageSpecification: Sendable, Equatable, Codable {
    /// Unique in the pipeline; fits into file names and URLs: letters, digits, `.`, `_`, `-`, at most 63.
    public var name: String
    /// The parallel group that the file puts it in.
    public var group: String?
    public var run: StageCommand
    /// Names of stages that must pass first, groups taken apart; empty: it starts at once.
    public var needs: [String]
    /// Whether the file names them; `false`: they follow from the order of the file, which is only a choice.
    public var needsAreWritten: Bool
    /// Declared environment, in the order of the file.
    public var environment: [StageVariable]
    /// Names of secrets that it gets as environment variables.
    public var secrets: [String]
    /// From start to end of one attempt.
    @InSeconds public var timeout: Duration
    /// Attempts after the first, 0 to 10.
    public var retries: Int
    public var cache: StageCache?
    public var reports: StageReports

    public init(
        name: String, group: String? = nil, run: StageCommand, needs: [String] = [], needsAreWritten: Bool = false,
        environment: [StageVariable] = [], secrets: [String] = [], timeout: Duration = .seconds(600), retries: Int = 0,
        cache: StageCache? = nil, reports: StageReports = .init()
    ) {
        self.name = name
        self.group = group
        self.run = run
        self.needs = needs
        self.needsAreWritten = needsAreWritten
        self.environment = environment
        self.secrets = secrets
        self.timeout = timeout
        self.retries = retries
        self.cache = cache
        self.reports = reports
    }
}

/// What a stage runs.
public enum StageCommand: Sendable, Equatable, Codable {
    /// A text for `/bin/sh -e -u -c`.
    case shell(String)
    /// Program and arguments, executed as they are. Never empty.
    case program([String])

    /// Program and arguments.
    public var arguments: [String] {
        switch self {
        case .shell(let text): ["/bin/sh", "-e", "-u", "-c", text]
        case .program(let words): words
        }
    }
}

/// One declared environment variable of a stage.
public struct StageVariable: Sendable, Equatable, Codable {
    public var name: String
    /// `nil`: taken from the control plane's environment, left out when it is not set there.
    public var value: String?

    public init(name: String, value: String? = nil) {
        self.name = name
        self.value = value
    }
}

/// What a stage hands on, and what it depends on.
public struct StageCache: Sendable, Equatable, Codable {
    /// Patterns of files whose content decides whether the stage runs again; empty: all of the service's directory.
    public var key: [String]
    /// Paths handed on to later stages and to the release; may be empty.
    public var paths: [String]

    public init(key: [String] = [], paths: [String] = []) {
        self.key = key
        self.paths = paths
    }
}

public struct StageReports: Sendable, Equatable, Codable {
    /// Pattern of JUnit XML files that the stage writes.
    public var junit: String?
    public init(junit: String? = nil) { self.junit = junit }
}
