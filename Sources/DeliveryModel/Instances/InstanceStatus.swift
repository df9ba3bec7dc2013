/// What is known of one instance now.
public struct InstanceStatus: Sendable, Equatable, Codable {
    public enum Phase: String, Sendable, Codable {
        /// Its program runs or is about to.
        case running
        /// Its program ended and waits for its next start.
        case backoff
        /// Being stopped.
        case stopping
        /// Its program is gone and will not come back.
        case stopped
        /// Its shim is gone; the program may still run.
        case orphaned
    }

    public var id: String
    public var service: ServiceName
    public var release: ReleaseDigest
    public var phase: Phase
    /// 127.0.0.1 port the program was told to listen on; 0 before the first start.
    public var port: Int
    /// The program's process, 0 when none runs.
    public var pid: Int32
    public var shimPid: Int32
    /// Starts after the first.
    public var restarts: Int
    public var startedAt: Timestamp?
    /// How the last run ended, in words: `exited with code 1`, `killed by signal 9`, `cannot start ./shop: no such
    /// file`.
    public var lastExit: String?

    public init(
        id: String, service: ServiceName, release: ReleaseDigest, phase: Phase, port: Int = 0, pid: Int32 = 0,
        shimPid: Int32 = 0,
        restarts: Int = 0, startedAt: Timestamp? = nil, lastExit: String? = nil
    ) {
        self.id = id
        self.service = service
        self.release = release
        self.phase = phase
        self.port = port
        self.pid = pid
        self.shimPid = shimPid
        self.restarts = restarts
        self.startedAt = startedAt
        self.lastExit = lastExit
    }
}
