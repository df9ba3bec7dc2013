/// What the router has counted since it started. Counts only rise within one epoch.
public struct TrafficMeasures: Sendable, Equatable, Codable {
    /// Drawn when the router starts: counts of different epochs cannot be subtracted.
    public var epoch: String
    /// Generation of the table in force.
    public var generation: UInt64
    /// Releases by service.
    public var services: [ServiceName: [ReleaseDigest: ReleaseMeasures]]
    /// Requests that matched no service.
    public var unmatched: UInt64

    public init(
        epoch: String, generation: UInt64, services: [ServiceName: [ReleaseDigest: ReleaseMeasures]] = [:],
        unmatched: UInt64 = 0
    ) {
        self.epoch = epoch
        self.generation = generation
        self.services = services
        self.unmatched = unmatched
    }
}

public struct ReleaseMeasures: Sendable, Equatable, Codable {
    /// Answered requests, refused ones included: the sum of the status classes.
    public var requests: UInt64
    /// Requests that count as bad: 5xx from the instance, and every failure to get an answer from it.
    public var bad: UInt64
    /// By class of the answer's status, index 0 for 1xx to index 4 for 5xx.
    public var statusClasses: [UInt64]
    /// Requests by bucket `ceil(ln(seconds) / ln 1.025)` of the time from head received to last byte sent.
    public var latency: [Int: UInt64]
    /// Requests under way now, by instance id.
    public var inFlight: [String: Int]

    public init(
        requests: UInt64 = 0, bad: UInt64 = 0, statusClasses: [UInt64] = [0, 0, 0, 0, 0], latency: [Int: UInt64] = [:],
        inFlight: [String: Int] = [:]
    ) {
        self.requests = requests
        self.bad = bad
        self.statusClasses = statusClasses
        self.latency = latency
        self.inFlight = inFlight
    }
}

/// The log-spaced buckets in which latencies are counted: bucket `i` holds `1.025^(i-1) < seconds <= 1.025^i`.
public enum LatencyBucket {
    public static let ratio = 1.025
}
