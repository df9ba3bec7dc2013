/// How one attempt of a stage ended.
public struct StageResult: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// The command ended with 0, or its result was in the cache.
        case passed
        /// The command ended with another code, by a signal, or could not be started: the commit's own fault.
        case failed
        /// It ran longer than its time and was ended.
        case timedOut
        /// It was told to stop.
        case stopped
        /// The attempt could not be made: the repository or the commit is gone, a secret is missing, the disk is full.
        /// Says nothing about the commit.
        case unable
        /// The processes that looked after it are gone, and so is its result; it may be made again.
        case lost
    }

    public var outcome: Outcome
    /// Exit code of the command; `nil` when it did not end by itself.
    public var exitCode: Int?
    /// Why it did not pass, one plain sentence; empty when it passed.
    public var reason: String
    /// From the start of the command to its end; zero when it was not started.
    @InSeconds public var duration: Duration
    /// What the stage's JUnit files say; `nil` when it names none or none was found.
    public var tests: TestReport?
    /// All bytes that it wrote; more than are kept when it wrote much.
    public var outputBytes: Int
    /// SHA-256 in hexadecimal of all that the result depends on: files by content, command, environment, names of
    /// secrets, the keys before. Empty when the attempt ended before it was known, or the stage has no `cache`.
    public var key: String
    /// The result was taken from the cache, and nothing ran.
    public var cached: Bool
    /// What a person should know, plain sentences: processes killed that it left behind, submodules, LFS pointers,
    /// output that was lost, a test report that could not be read.
    public var notes: [String]

    public init(
        outcome: Outcome, exitCode: Int? = nil, reason: String = "", duration: Duration = .zero,
        tests: TestReport? = nil, outputBytes: Int = 0, key: String = "", cached: Bool = false, notes: [String] = []
    ) {
        self.outcome = outcome
        self.exitCode = exitCode
        self.reason = reason
        _duration = InSeconds(wrappedValue: duration)
        self.tests = tests
        self.outputBytes = outputBytes
        self.key = key
        self.cached = cached
        self.notes = notes
    }
}
