import DeliveryModel

/// What a stage's supervisor is told, on one line of its standard input. What follows are single words: `stop`. When
/// the input ends, whoever wanted the stage is gone.
struct StageOrder: Sendable, Equatable, Codable {
    /// Most bytes of the line.
    static let limit = 8 << 20
    /// Names an attempt's processes beyond doubt: the path of its directory.
    static let mark = "NONEVENT_ATTEMPT_DIRECTORY"

    /// Absolute path of the attempt's directory.
    var attemptDirectory: String
    var workingDirectory: String
    var outputDirectory: String
    var command: [String]
    var environment: [String: String]
    /// What is masked in the output.
    var secrets: [String]
    @InSeconds var timeout: Duration
    /// From SIGTERM to SIGKILL.
    @InSeconds var grace: Duration

    var markedVariable: String { "\(Self.mark)=\(attemptDirectory)" }
}

/// What a stage's supervisor says at the end.
struct StageEnding: Sendable, Equatable, Codable {
    enum Cause: String, Sendable, Codable {
        /// The command ended by itself.
        case ended
        case timedOut
        case stopped
        /// The command could not be started; `words` say why.
        case notStarted
    }

    var cause: Cause
    var exitCode: Int?
    /// `exited with code 1`, `killed by signal 9`.
    var words: String
    @InSeconds var duration: Duration
    /// All that the command wrote.
    var outputBytes = 0
    /// What of it could not be written to the disk.
    var lostBytes = 0
    /// Processes that it left behind and that were killed: `name (pid)`, at most ``leftLimit`` of them.
    var left: [String] = []
    var leftCount = 0

    static let leftLimit = 5
}
