import DeliveryModel

/// What one event loop of the router has counted besides `TrafficMeasures`; touched by that loop only, merged when
/// read. Counts only rise; gauges are marked.
struct RouterCounters: Sendable, Equatable, Encodable {
    /// Requests and answers refused for what was wrong with them, by the flaw's name.
    var flaws: [String: UInt64] = [:]
    /// Limits reached, by the limit's name: heads, phases, connections, streams.
    var limits: [String: UInt64] = [:]
    var connections = ConnectionCounters()
    var streams = StreamCounters()
    var accessLog = AccessLogCounters()
    var holds: [ServiceName: HoldCounters] = [:]
    var releases: [ServiceName: [ReleaseDigest: ReleaseCounters]] = [:]

    init() {}

    /// How the instances in the table are, by their ids.
    var conditions: [ServiceName: [ReleaseDigest: [String: InstanceCondition]]] {
        releases.mapValues { $0.mapValues(\.health.conditions).filter { !$0.value.isEmpty } }
            .filter { !$0.value.isEmpty }
    }

    mutating func merge(_ other: RouterCounters) {
        flaws.merge(other.flaws, uniquingKeysWith: +)
        limits.merge(other.limits, uniquingKeysWith: +)
        connections.merge(other.connections)
        streams.merge(other.streams)
        accessLog.merge(other.accessLog)
        for (service, counters) in other.holds { holds[service, default: .init()].merge(counters) }
        for (service, releases) in other.releases {
            for (digest, counters) in releases {
                self.releases[service, default: [:]][digest, default: .init()].merge(counters)
            }
        }
    }
}

/// Connections of clients and to instances.
struct ConnectionCounters: Sendable, Equatable, Encodable {
    var accepted: UInt64 = 0
    /// Gauge: of clients, open now.
    var open: UInt64 = 0
    /// Closed by the router before they were served, by reason.
    var refused: [String: UInt64] = [:]
    /// Finished TLS handshakes by version, and failed ones by reason.
    var handshakes: [String: UInt64] = [:]
    var handshakeFailures: [String: UInt64] = [:]
    /// Made to instances, and requests sent over one that was there already.
    var upstreamOpened: UInt64 = 0
    var upstreamReused: UInt64 = 0
    /// Gauge: to instances, open now, pooled ones included.
    var upstreamOpen: UInt64 = 0
    /// That could not be made to instances, by reason.
    var upstreamFailures: [String: UInt64] = [:]

    mutating func merge(_ other: Self) {
        accepted += other.accepted
        open += other.open
        refused.merge(other.refused, uniquingKeysWith: +)
        handshakes.merge(other.handshakes, uniquingKeysWith: +)
        handshakeFailures.merge(other.handshakeFailures, uniquingKeysWith: +)
        upstreamOpened += other.upstreamOpened
        upstreamReused += other.upstreamReused
        upstreamOpen += other.upstreamOpen
        upstreamFailures.merge(other.upstreamFailures, uniquingKeysWith: +)
    }
}

/// HTTP/2 streams of clients, and upgraded connections such as WebSockets.
struct StreamCounters: Sendable, Equatable, Encodable {
    var opened: UInt64 = 0
    /// Gauge.
    var open: UInt64 = 0
    /// Reset by clients, and by the router by reason.
    var resetByClient: UInt64 = 0
    var reset: [String: UInt64] = [:]
    var upgraded: UInt64 = 0
    /// Gauge: upgraded connections open now.
    var upgradedOpen: UInt64 = 0

    mutating func merge(_ other: Self) {
        opened += other.opened
        open += other.open
        resetByClient += other.resetByClient
        reset.merge(other.reset, uniquingKeysWith: +)
        upgraded += other.upgraded
        upgradedOpen += other.upgradedOpen
    }
}

/// Lines handed to the access log's writer, and lines it had no room for.
struct AccessLogCounters: Sendable, Equatable, Encodable {
    var logged: UInt64 = 0
    var dropped: UInt64 = 0

    mutating func merge(_ other: Self) {
        logged += other.logged
        dropped += other.dropped
    }
}

/// Requests that waited because their service was paused or stopped.
struct HoldCounters: Sendable, Equatable, Encodable {
    var held: UInt64 = 0
    /// Sent on when the service was resumed.
    var resumed: UInt64 = 0
    /// Not sent on, by reason: timeout, too many, stopped, client gone.
    var refused: [String: UInt64] = [:]
    /// Gauge: waiting now.
    var waiting: UInt64 = 0
    /// Gauge: 1 while the service is paused or stopped. Every event loop says so; merged by the largest.
    var isHeld: UInt64 = 0

    mutating func merge(_ other: Self) {
        held += other.held
        resumed += other.resumed
        refused.merge(other.refused, uniquingKeysWith: +)
        waiting += other.waiting
        isHeld = max(isHeld, other.isHeld)
    }
}

/// What concerns one release.
struct ReleaseCounters: Sendable, Equatable, Encodable {
    var rescues = RescueCounters()
    var mirrors = MirrorCounters()
    var health = HealthCounters()

    mutating func merge(_ other: Self) {
        rescues.merge(other.rescues)
        mirrors.merge(other.mirrors)
        health.merge(other.health)
    }
}

/// Requests of a candidate that the baseline answered in its place.
struct RescueCounters: Sendable, Equatable, Encodable {
    /// Rescues begun, by what the candidate did: connect, reset, 5xx, deadline.
    var attempted: [String: UInt64] = [:]
    /// People who saw the baseline's answer.
    var answered: UInt64 = 0
    /// Rescues that failed too.
    var failed: UInt64 = 0
    /// Failures that were not to be rescued, by reason: method, body, budget, answer begun.
    var skipped: [String: UInt64] = [:]

    mutating func merge(_ other: Self) {
        attempted.merge(other.attempted, uniquingKeysWith: +)
        answered += other.answered
        failed += other.failed
        skipped.merge(other.skipped, uniquingKeysWith: +)
    }
}

/// Copies of requests sent to a release that serves nobody.
struct MirrorCounters: Sendable, Equatable, Encodable {
    var mirrored: UInt64 = 0
    var compared: UInt64 = 0
    /// Compared and found equal, or different somewhere.
    var equal: UInt64 = 0
    var differing: UInt64 = 0
    /// Copies answered, and their times together in nanoseconds.
    var answered: UInt64 = 0
    var answerTime: UInt64 = 0
    /// By `MirrorDropReason`.
    var dropped: [String: UInt64] = [:]
    /// By `MirrorFailure`.
    var failed: [String: UInt64] = [:]

    mutating func merge(_ other: Self) {
        mirrored += other.mirrored
        compared += other.compared
        equal += other.equal
        differing += other.differing
        answered += other.answered
        answerTime += other.answerTime
        dropped.merge(other.dropped, uniquingKeysWith: +)
        failed.merge(other.failed, uniquingKeysWith: +)
    }
}

/// The state of a release's instances. Event loops see the same instances, so gauges are merged by the largest.
struct HealthCounters: Sendable, Equatable, Encodable {
    /// Active checks by result: passed, failed.
    var checks: [String: UInt64] = [:]
    /// Instances taken out, by reason: checks, consecutive_failures, error_share, failed_probation; and taken back.
    var ejected: [String: UInt64] = [:]
    var returned: UInt64 = 0
    /// Gauges: instances, those out now, those in slow start.
    var instances: UInt64 = 0
    var instancesOut: UInt64 = 0
    var instancesInSlowStart: UInt64 = 0
    /// Gauge: 1 while so many are out that all are used.
    var isInPanic: UInt64 = 0
    /// Gauge: how each instance in the table is, by its id; draining ones are left out.
    var conditions: [String: InstanceCondition] = [:]

    /// How many instances are in each condition, with 0 for those that none is in.
    var states: [String: UInt64] {
        var states: [String: UInt64] = [:]
        for condition in InstanceCondition.allCases { states[condition.rawValue] = 0 }
        for condition in conditions.values { states[condition.rawValue, default: 0] += 1 }
        return states
    }

    mutating func merge(_ other: Self) {
        checks.merge(other.checks, uniquingKeysWith: +)
        ejected.merge(other.ejected, uniquingKeysWith: +)
        returned += other.returned
        instances = max(instances, other.instances)
        instancesOut = max(instancesOut, other.instancesOut)
        instancesInSlowStart = max(instancesInSlowStart, other.instancesInSlowStart)
        isInPanic = max(isInPanic, other.isInPanic)
        conditions.merge(other.conditions) { $0.worse($1) }
    }
}
