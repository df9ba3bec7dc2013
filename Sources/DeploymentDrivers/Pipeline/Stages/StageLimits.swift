/// How much stages may take.
public struct StageLimits: Sendable, Equatable {
    /// From SIGTERM to SIGKILL.
    public var grace = Duration.seconds(10)
    /// Most bytes of all results in the cache.
    public var cacheBytes = 10 << 30
    /// Most bytes that one stage hands on.
    public var handedOnBytes = 2 << 30
    /// Most files and directories that one stage hands on.
    public var handedOnFiles = 100_000
    /// Attempts whose output is kept; older ones are removed.
    public var outputs = 2_000

    public init() {}
}
