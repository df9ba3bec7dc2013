import DeliveryModel

/// What a shim leaves on disk at each change, so that its program can be found and told from another after the shim was
/// killed.
struct ShimState: Codable, Equatable {
    var shim: ProcessIdentity
    /// The program's leader, also the id of its process group; `nil` when none runs.
    var program: ProcessIdentity?
    var port: Int
    var restarts: Int
    var startedAt: Timestamp?
    var lastExit: String?
}

/// A process that is told apart from a later one with the same pid by its start time and the boot it belongs to.
struct ProcessIdentity: Codable, Equatable, Hashable {
    var pid: Int32
    /// Clock ticks since boot, field 22 of `/proc/PID/stat` (proc(5)).
    var startTime: UInt64
    var boot: String
}
