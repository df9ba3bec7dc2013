/// What the router has counted since it started. Counts only rise within one epoch, but those of an instance
/// that leaves the table.
public struct TrafficMeasures: Sendable, Equatable, Codable {
    /// Drawn when the router starts: counts of different epochs cannot be subtracted.
    public var epoch: String
    /// Generation of the table in force.
    public var generation: UInt64
    /// Releases by service.
    public var services: [ServiceName: [ReleaseDigest: ReleaseMeasures]]
    /// Requests that matched no service.
    public var unmatched: UInt64
    /// The number of this reading in its epoch; `nil`: from a router that is older than this field, or of no reading.
    public var reading: UInt64?
    /// Releases that have not changed since that reading are left out; `nil`: none is.
    public var since: UInt64?
    /// Releases that are not counted any more and may have been since that reading.
    public var gone: [ServiceName: [ReleaseDigest]]?

    public init(
        epoch: String, generation: UInt64, services: [ServiceName: [ReleaseDigest: ReleaseMeasures]] = [:],
        unmatched: UInt64 = 0
    ) {
        self.epoch = epoch
        self.generation = generation
        self.services = services
        self.unmatched = unmatched
    }

    /// Brings these counts up to a later reading. An earlier one changes nothing: two may overtake each other.
    /// - Parameter news: whole, or what has changed since this reading or one before it.
    public mutating func follow(_ news: TrafficMeasures) {
        guard news.epoch == epoch, let reading, let later = news.reading else {
            if news.since == nil { self = news }
            return
        }
        guard later > reading else { return }
        guard news.since != nil else {
            self = news
            return
        }
        (generation, unmatched, self.reading) = (news.generation, news.unmatched, later)
        for (service, digests) in news.gone ?? [:] {
            for digest in digests { services[service]?[digest] = nil }
            if services[service]?.isEmpty == true { services[service] = nil }
        }
        for (service, releases) in news.services {
            services[service, default: [:]].merge(releases) { _, newer in newer }
        }
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
    /// By instance id: those in the table, and those that left it with requests under way. Empty from a router that
    /// is older than this field.
    public var instances: [String: InstanceMeasures]

    public init(
        requests: UInt64 = 0, bad: UInt64 = 0, statusClasses: [UInt64] = [0, 0, 0, 0, 0], latency: [Int: UInt64] = [:],
        inFlight: [String: Int] = [:], instances: [String: InstanceMeasures] = [:]
    ) {
        self.requests = requests
        self.bad = bad
        self.statusClasses = statusClasses
        self.latency = latency
        self.inFlight = inFlight
        self.instances = instances
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        requests = try container.decode(UInt64.self, forKey: .requests)
        bad = try container.decode(UInt64.self, forKey: .bad)
        statusClasses = try container.decode([UInt64].self, forKey: .statusClasses)
        latency = try container.decode([Int: UInt64].self, forKey: .latency)
        inFlight = try container.decode([String: Int].self, forKey: .inFlight)
        // A router keeps running across an upgrade of the control plane.
        instances = try container.decodeIfPresent([String: InstanceMeasures].self, forKey: .instances) ?? [:]
    }

    /// What each instance has counted since `earlier`, a reading of the same release in the same epoch; instances
    /// that counted nothing are left out.
    ///
    /// Counts of an instance fall while it leaves the table, one event loop after the other. What they fell to is old
    /// news, so a fall is no difference at all: a few requests are lost, and none is taken for new.
    public func instances(since earlier: ReleaseMeasures) -> [String: InstanceMeasures] {
        var differences: [String: InstanceMeasures] = [:]
        for (id, now) in instances {
            let before = earlier.instances[id] ?? InstanceMeasures()
            guard now.requests > before.requests, now.bad >= before.bad else { continue }
            differences[id] = InstanceMeasures(
                requests: now.requests - before.requests, bad: now.bad - before.bad)
        }
        return differences
    }
}

/// What one instance has counted: a part of its release's counts.
///
/// An instance counts a request when it gave the answer or its failure made the request bad: of several that were
/// tried, the last. A request for which no instance could be tried counts for the release only.
public struct InstanceMeasures: Sendable, Equatable, Codable {
    public var requests: UInt64
    public var bad: UInt64

    public init(requests: UInt64 = 0, bad: UInt64 = 0) {
        self.requests = requests
        self.bad = bad
    }
}

/// The log-spaced buckets in which latencies are counted: bucket `i` holds `1.025^(i-1) < seconds <= 1.025^i`.
public enum LatencyBucket {
    public static let ratio = 1.025
}
