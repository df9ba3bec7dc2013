/// Everything needed to carry out one attempt of one stage; never changed once begun.
public struct StagePlan: Sendable, Equatable, Codable {
    /// What a stage runs.
    public enum Command: Sendable, Equatable, Codable {
        /// Run as `/bin/sh -e -u -c TEXT`.
        case shell(String)
        /// Program and arguments, run as they are. Not empty.
        case program([String])
    }

    /// The `cache` of the service file. Patterns and paths count from the service file's directory. Commit and branch
    /// are not part of the key: a stage that writes them into what it hands on should not be cached.
    public struct Cache: Sendable, Equatable, Codable {
        /// Patterns of the files that the result depends on; empty: all files of the directory.
        public var key: [String]
        /// Files and directories that the stage hands on; empty: only its result is kept.
        public var paths: [String]

        public init(key: [String] = [], paths: [String] = []) {
            self.key = key
            self.paths = paths
        }
    }

    /// Unique for ever, 1 to 200 characters, letters, digits, `-`, `_` and `.`, not beginning with `.`:
    /// `<run>-<stage>-<attempt number>`. Its output is found by it.
    public var attempt: String
    public var service: ServiceName
    /// URL or path of the git repository.
    public var repository: String
    /// Full hash of the commit.
    public var commit: String
    public var branch: String
    /// Directory of the service file below the top of the repository, and the stage's working directory; empty for
    /// the top.
    public var directory: String
    public var stage: String
    public var command: Command
    /// What the service file declares, filled in; what every stage gets is added by the driver.
    public var environment: [String: String]
    /// Names of secrets, which become environment variables.
    public var secrets: [String]
    /// From the start of the command to its end, more than zero.
    @InSeconds public var timeout: Duration
    /// `nil`: the stage runs every time and hands nothing on.
    public var cache: Cache?
    /// Keys (``StageResult/key``) of the stages before that hand something on, in their order: laid over the checkout.
    public var restored: [String]
    /// Pattern of the JUnit XML files that the stage writes, from the service file's directory; `nil`: none.
    public var junit: String?

    public init(
        attempt: String, service: ServiceName, repository: String, commit: String, branch: String,
        directory: String = "", stage: String, command: Command, environment: [String: String] = [:],
        secrets: [String] = [], timeout: Duration = .seconds(600), cache: Cache? = nil, restored: [String] = [],
        junit: String? = nil
    ) {
        self.attempt = attempt
        self.service = service
        self.repository = repository
        self.commit = commit
        self.branch = branch
        self.directory = directory
        self.stage = stage
        self.command = command
        self.environment = environment
        self.secrets = secrets
        _timeout = InSeconds(wrappedValue: timeout)
        self.cache = cache
        self.restored = restored
        self.junit = junit
    }
}
