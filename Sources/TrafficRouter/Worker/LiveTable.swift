import DeliveryModel
import NIOCore

/// One instance as one event loop sees it. It outlives the tables that name it, so that loads and connections survive a
/// swap.
final class LiveInstance: ChoosableInstance {
    struct Key: Hashable {
        let service: ServiceName
        let release: ReleaseDigest
        let id: String
        let host: String
        let port: Int
    }

    let key: Key
    /// Its release, as long as that is counted.
    weak var release: LiveRelease?
    /// Of ``key``, odd: weighs what it counts, so that sums over instances tell them apart.
    let mark: UInt64
    /// `nil` for a name, which is looked up for each connection.
    let address: SocketAddress?
    // What every choice reads goes without the checks of exclusive access: one event loop, and no access that calls
    // out.
    @exclusivity(unchecked) var draining = false
    @exclusivity(unchecked) var health = InstanceHealth()
    @exclusivity(unchecked) var turn: UInt64 = 0
    /// No longer in the table; forgotten when its last request has ended.
    @exclusivity(unchecked) var removed = false
    @exclusivity(unchecked) var inFlight = 0
    var counts: InstanceMeasures
    var pool = UpstreamPool()
    /// Of an instance that speaks HTTP/2.
    let http2 = HTTP2UpstreamPool()
    /// Since when it has been out of the table, for connections that go on without end.
    var removedAt: NIODeadline?

    /// - Parameter counts: of the same instance at the port it had before, so that they go on rising.
    init(key: Key, counts: InstanceMeasures) {
        self.key = key
        self.counts = counts
        mark = UInt64(truncatingIfNeeded: key.hashValue) | 1
        address = try? SocketAddress(ipAddress: key.host, port: key.port)
    }

    var takesRequests: Bool { !draining && !removed }
}

/// One release as one event loop sees it; kept across tables like its instances.
final class LiveRelease {
    let service: ServiceName
    let digest: ReleaseDigest
    /// Value of the response header that marks the release.
    let mark: String
    var instances: [LiveInstance] = []
    /// Its instances, by prior knowledge; else HTTP/1.
    var speaksHTTP2 = false
    var removed = false
    var counts = ReleaseCounts()
    var counters = ReleaseCounters()
    var lastReading = MeasureChanges.Mark()
    /// Differs whenever what is counted of it does; made anew at each reading.
    var counted: UInt64 = 0
    /// As the table says of the service.
    var settings = HealthSettings()
    private var choice = InstanceChoice()

    init(service: ServiceName, digest: ReleaseDigest) {
        self.service = service
        self.digest = digest
        mark = digest.short
    }

    /// The instance for a request; see `InstanceChoice`. The caller counts the request as under way in the same step.
    func choose(now: NIODeadline, except tried: [LiveInstance]) -> LiveInstance? {
        // Most releases have one instance, and nothing to choose.
        if instances.count == 1 {
            let only = instances[0]
            return only.takesRequests && !tried.contains { $0 === only } ? only : nil
        }
        return choice.pick(from: instances, except: tried, now: now.uptimeNanoseconds, settings: settings)
    }
}

/// The table in force on one event loop.
struct LiveTable {
    var generation: UInt64 = 0
    var matching = RouteMatching(services: [])
    var services: [LiveService] = []
    /// Whose words about clients before them are believed.
    var trustedProxies = AddressRange.loopback
    /// As the table sets them.
    var limits = TrafficLimits()

    /// The one of this table, if `new` has the same hosts and paths in the same places.
    func matching(for new: [RoutedService]) -> RouteMatching {
        let isSame =
            services.count == new.count
            && zip(services, new).allSatisfy { $0.routed.hosts == $1.hosts && $0.routed.paths == $1.paths }
        return isSame ? matching : RouteMatching(services: new)
    }
}
