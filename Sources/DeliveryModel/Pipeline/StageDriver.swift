/// Carries out attempts of pipeline stages: processes here, containers elsewhere.
public protocol StageDriver: Sendable {
    /// Carries one attempt out, from its clean checkout to its result, and returns when nothing of it runs any more.
    ///
    /// Called again for an attempt that is under way, it waits for the same result. What goes wrong is a result too:
    /// ``StageResult/Outcome/unable`` when the attempt could not be made (repository gone, secret missing, disk full).
    /// Cancelling the task stops the attempt.
    func run(_ plan: StagePlan) async -> StageResult
    /// SIGTERM to all that the attempt started, SIGKILL after the grace; its ``run(_:)`` returns
    /// ``StageResult/Outcome/stopped``. Returns at once; an unknown attempt is a success.
    func stop(_ attempt: String) async
    /// Ends what attempts of an earlier control plane left running, and removes their checkouts. To be called once,
    /// before the first ``run(_:)``.
    ///
    /// - Returns: the attempts of which something was found, so that they can be made again.
    func recover() async throws(DriverError) -> [String]
    /// A clean checkout and what stages handed on, laid out for packing.
    ///
    /// - Throws: `.refused` when a limit is passed or the commit is gone, `.failed` when something handed on is no
    ///   longer in the cache: then its stage has to run again.
    func assemble(_ plan: TreePlan) async throws(DriverError) -> AssembledTree
    /// A piece of an attempt's output, while it runs and afterwards; see ``StageOutputPiece``.
    ///
    /// - Parameters:
    ///   - offset: bytes from the beginning of the output; what is no longer kept is skipped.
    ///   - limit: most bytes of the piece, 1 or more.
    /// - Throws: `.refused` when nothing is known of the attempt.
    func output(of attempt: String, from offset: Int, limit: Int) async throws(DriverError) -> StageOutputPiece
}

/// Consecutive bytes of an attempt's output, secrets masked.
public struct StageOutputPiece: Sendable, Equatable {
    /// Where the bytes begin; later than asked for when output before was not kept.
    public var offset: Int
    public var bytes: [UInt8]
    /// Whether the attempt is over and this piece reaches the end of its output.
    public var isLast: Bool

    public init(offset: Int, bytes: [UInt8], isLast: Bool) {
        self.offset = offset
        self.bytes = bytes
        self.isLast = isLast
    }

    /// Where the next piece begins.
    public var end: Int { offset + bytes.count }
}

/// What a release is packed from.
public struct TreePlan: Sendable, Equatable {
    /// URL or path of the git repository.
    public var repository: String
    /// Full hash of the commit.
    public var commit: String
    /// Directory of the service file below the top of the repository; empty for the top.
    public var directory: String
    /// Keys (``StageResult/key``) of the stages whose paths are laid over the checkout, in the order of the stages.
    public var restored: [String]
    /// Absolute path of a directory that does not exist yet; its owner removes it.
    public var destination: String

    public init(repository: String, commit: String, directory: String, restored: [String], destination: String) {
        self.repository = repository
        self.commit = commit
        self.directory = directory
        self.restored = restored
        self.destination = destination
    }
}

/// A tree as a release is packed from it.
public struct AssembledTree: Sendable, Equatable {
    /// Absolute path of the service file's directory in it.
    public var directory: String
    /// What a person should know: submodules left empty, LFS pointers, and the like. Plain sentences.
    public var notes: [String]

    public init(directory: String, notes: [String]) {
        self.directory = directory
        self.notes = notes
    }
}
