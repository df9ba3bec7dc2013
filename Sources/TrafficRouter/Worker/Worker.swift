import DeliveryModel
import NIOCore

/// Everything one event loop owns: its view of the table, its connections, its counts. Never touched from another
/// thread.
final class Worker {
    let eventLoop: any EventLoop
    let limits: RouterLimits
    /// Position among the workers, which decides whose instances it checks.
    let index: Int
    let workerCount: Int
    private(set) var table = LiveTable()
    var unmatched: UInt64 = 0
    /// No more requests on connections that are idle; set once, by shutdown.
    private(set) var isStopping = false

    private var releases: [ReleaseKey: LiveRelease] = [:]
    private(set) var instances: [LiveInstance.Key: LiveInstance] = [:]
    /// Releases gone from the table, the one gone longest first.
    private var retired: [ReleaseKey] = []
    private var connections: [ObjectIdentifier: TrafficServerHandler] = [:]
    private var random = SystemRandomNumberGenerator()
    private var sweeper: RepeatedTask?
    var healthChecks: HealthChecks?

    struct ReleaseKey: Hashable {
        let service: ServiceName
        let digest: ReleaseDigest
    }

    init(eventLoop: any EventLoop, limits: RouterLimits, index: Int, workerCount: Int) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.index = index
        self.workerCount = workerCount
    }

    /// Starts looking at deadlines.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweeper = eventLoop.scheduleRepeatedTask(initialDelay: limits.sweepInterval, delay: limits.sweepInterval) { _ in
            bound.value.sweep()
        }
    }

    /// 128 random bits in hexadecimal: a person's key.
    func drawKey() -> String { RandomKey.hex(using: &random) }

    // MARK: Table

    /// Puts `new` in force for every request whose head is read after this.
    func install(_ new: RouteTable) {
        guard new.generation >= table.generation else { return }
        let (oldInstances, oldReleases) = (instances, releases)
        for instance in oldInstances.values { instance.removed = true }
        for release in oldReleases.values { release.removed = true }
        let services = new.services.map { service in
            LiveService(
                routed: service, split: TrafficSplit(releases: service.releases),
                releases: service.releases.map { install($0, service: service.name) })
        }
        table = LiveTable(
            generation: new.generation, matching: RouteMatching(services: new.services), services: services)
        for instance in oldInstances.values where instance.removed {
            for connection in instance.pool.removeAll() { connection.close() }
            forgetIfGone(instance)
        }
        retire(oldReleases)
        healthChecks?.update(table: new)
    }

    private func install(_ routed: RoutedRelease, service: ServiceName) -> LiveRelease {
        let key = ReleaseKey(service: service, digest: routed.digest)
        let release = releases[key] ?? LiveRelease(service: service, digest: routed.digest)
        releases[key] = release
        release.removed = false
        let before = release.instances
        release.instances = routed.instances.map { routedInstance in
            let key = LiveInstance.Key(
                service: service, release: routed.digest, id: routedInstance.id, host: routedInstance.host,
                port: routedInstance.port)
            let instance =
                instances[key]
                ?? LiveInstance(key: key, counts: before.last { $0.key.id == key.id }?.counts ?? .init())
            instances[key] = instance
            instance.removed = false
            instance.draining = routedInstance.draining
            // Without a check nothing would ever make an instance healthy again.
            if routed.healthPath.isEmpty { instance.healthy = true }
            return instance
        }
        return release
    }

    private func retire(_ old: [ReleaseKey: LiveRelease]) {
        retired.removeAll { old[$0]?.removed == false }
        for (key, release) in old where release.removed {
            release.instances = []
            if !retired.contains(key) { retired.append(key) }
        }
        while retired.count > limits.maxRetiredReleases { releases[retired.removeFirst()] = nil }
    }

    /// Drops an instance that left the table, once nothing is under way on it.
    func forgetIfGone(_ instance: LiveInstance) {
        guard instance.removed, instance.inFlight == 0 else { return }
        if instances[instance.key] === instance { instances[instance.key] = nil }
    }

    // MARK: Connections

    /// - Returns: false when there are too many; the caller closes the connection.
    func register(_ connection: TrafficServerHandler) -> Bool {
        guard !isStopping, connections.count < limits.maxClientConnections else { return false }
        connections[ObjectIdentifier(connection)] = connection
        return true
    }

    func unregister(_ connection: TrafficServerHandler) { connections[ObjectIdentifier(connection)] = nil }

    var connectionCount: Int { connections.count }

    private func sweep() {
        let now = NIODeadline.now()
        for connection in Array(connections.values) { connection.sweep(now: now) }
        for instance in instances.values where !instance.pool.idle.isEmpty {
            for connection in instance.pool.removeIdle(since: now - limits.upstreamIdleTimeout) { connection.close() }
        }
    }

    /// Ends what is idle; requests under way end first.
    func beginStopping() {
        isStopping = true
        for connection in Array(connections.values) { connection.closeWhenIdle() }
    }

    /// Ends everything now.
    func stop() {
        sweeper?.cancel()
        healthChecks?.stop()
        healthChecks = nil
        for connection in Array(connections.values) { connection.close() }
        for instance in instances.values {
            for connection in instance.pool.removeAll() { connection.close() }
        }
    }

    // MARK: Measures

    /// This loop's counts.
    func measures() -> TrafficMeasures {
        var measures = TrafficMeasures(epoch: "", generation: table.generation, unmatched: unmatched)
        for (key, release) in releases {
            release.counts.add(to: &measures.services[key.service, default: [:]][key.digest, default: .init()])
        }
        for (key, instance) in instances {
            let count = releases[.init(service: key.service, digest: key.release)] == nil ? nil : instance.inFlight
            if let count, count > 0 || !instance.removed {
                measures.services[key.service]?[key.release]?.inFlight[key.id, default: 0] += count
                measures.services[key.service]?[key.release]?.add(instance)
            }
        }
        return measures
    }
}

extension ReleaseMeasures {
    /// Of two with one id, the one in the table has taken over the counts of the other.
    fileprivate mutating func add(_ instance: LiveInstance) {
        if instance.removed, instances[instance.key.id] != nil { return }
        instances[instance.key.id] = instance.counts
    }
}

/// Random names in hexadecimal.
enum RandomKey {
    static let digits = 32

    static func hex(using random: inout some RandomNumberGenerator) -> String {
        let alphabet = StaticString("0123456789abcdef")
        return String(unsafeUninitializedCapacity: digits) { buffer in
            var bits: UInt64 = 0
            for index in 0..<digits {
                if index % 16 == 0 { bits = random.next() }
                buffer[index] = alphabet.withUTF8Buffer { $0[Int(bits & 15)] }
                bits >>= 4
            }
            return digits
        }
    }

    /// Whether `text` has the form of a key drawn here.
    static func isValid(_ text: some StringProtocol) -> Bool {
        text.utf8.count == digits
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
