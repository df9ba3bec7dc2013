import DeliveryModel
import NIOCore

/// One instance as one event loop sees it. It outlives the tables that name it, so that loads and connections survive a
/// swap.
final class LiveInstance {
    struct Key: Hashable {
        let service: ServiceName
        let release: ReleaseDigest
        let id: String
        let host: String
        let port: Int
    }

    let key: Key
    /// `nil` for a name, which is looked up for each connection.
    let address: SocketAddress?
    var draining = false
    var healthy = true
    /// No longer in the table; forgotten when its last request has ended.
    var removed = false
    /// Passed over until then, after it refused a connection.
    var avoidUntil = NIODeadline.uptimeNanoseconds(0)
    var inFlight = 0
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
        address = try? SocketAddress(ipAddress: key.host, port: key.port)
    }

    func connectFailed(until deadline: NIODeadline) { avoidUntil = deadline }

    /// An attempt on it failed.
    func failed() {}
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
    /// Where the search for the least loaded begins, moved on to spread ties.
    private var turn = 0

    init(service: ServiceName, digest: ReleaseDigest) {
        self.service = service
        self.digest = digest
        mark = digest.short
    }

    /// The instance with the fewest requests under way among those that look well; when none does, among all that take
    /// requests.
    func choose(now: NIODeadline, except tried: [LiveInstance]) -> LiveInstance? {
        turn = turn &+ 1
        return leastLoaded(except: tried) { $0.healthy && $0.avoidUntil <= now }
            ?? leastLoaded(except: tried) { _ in true }
    }

    private func leastLoaded(except tried: [LiveInstance], where isUsable: (LiveInstance) -> Bool) -> LiveInstance? {
        var best: LiveInstance?
        let count = instances.count
        guard count > 0 else { return nil }
        let start = Int(UInt(bitPattern: turn) % UInt(count))
        for offset in 0..<count {
            let instance = instances[(start + offset) % count]
            guard !instance.draining, !instance.removed, isUsable(instance) else { continue }
            if let best, best.inFlight <= instance.inFlight { continue }
            guard !tried.contains(where: { $0 === instance }) else { continue }
            best = instance
        }
        return best
    }
}

/// The table in force on one event loop.
struct LiveTable {
    var generation: UInt64 = 0
    var matching = RouteMatching(services: [])
    var services: [LiveService] = []
    /// Whose words about clients before them are believed.
    var trustedProxies = AddressRange.loopback
}
