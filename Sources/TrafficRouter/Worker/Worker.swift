import DeliveryModel
import NIOCore

/// Everything one event loop owns: its view of the table, its connections, its counts. Never touched from another
/// thread.
final class Worker {
    let eventLoop: any EventLoop
    /// Those of the router, but for what the table sets.
    private(set) var limits: RouterLimits
    /// Position among the workers, which decides whose instances it checks.
    let index: Int
    let workerCount: Int
    private(set) var table = LiveTable()
    var unmatched: UInt64 = 0
    /// Of connections to instances that speak HTTP/2.
    var upstreamHTTP2 = HTTP2Limits()
    /// Connections end with the request under way; set once, by shutdown.
    private(set) var isStopping = false

    private(set) var releases: [ReleaseKey: LiveRelease] = [:]
    /// What has changed since which reading of the counts.
    var changes = MeasureChanges()
    private(set) var instances: [LiveInstance.Key: LiveInstance] = [:]
    /// Releases gone from the table, the one gone longest first.
    private var retired: [ReleaseKey] = []
    private var standing: [ServiceName: StandingService] = [:]
    private var connections = ConnectionList()
    /// Kept only while there is a limit for each address.
    private var sources: [ObjectIdentifier: String] = [:]
    private var connectionsBySource: [String: Int] = [:]
    private var random: SystemRandomNumberGenerator
    var requestIDs: RequestIDSource
    private(set) var headLimits: HeadLimits
    private let ownLimits: RouterLimits
    var counters = RouterCounters()
    private var spare = ByteBuffer()
    var spareHeads = SpareHeads()
    /// Stands for the request of a connection that has none; never parsed into.
    let noHead = RequestHead()
    private var stoppingSince = NIODeadline.distantFuture
    let deadlines: DeadlineWatch
    private var sweeper: RepeatedTask?
    private var leaver: RepeatedTask?
    var healthChecks: HealthChecks?
    /// Takes what this loop found out about an instance to the others; `nil`: there are none.
    var tellOthers: ((HealthNews) -> Void)?
    let mirrors = MirrorDesk()
    /// `nil`: nothing is logged.
    var accessLog: AccessLogSink?

    struct ReleaseKey: Hashable {
        let service: ServiceName
        let digest: ReleaseDigest
    }

    init(eventLoop: any EventLoop, limits: RouterLimits, index: Int, workerCount: Int) {
        self.eventLoop = eventLoop
        deadlines = DeadlineWatch(eventLoop: eventLoop)
        self.limits = limits
        self.index = index
        self.workerCount = workerCount
        var random = SystemRandomNumberGenerator()
        requestIDs = RequestIDSource(using: &random)
        self.random = random
        headLimits = HeadLimits(limits)
        ownLimits = limits
    }

    /// Starts looking at deadlines.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        sweeper = eventLoop.scheduleRepeatedTask(initialDelay: limits.sweepInterval, delay: limits.sweepInterval) { _ in
            bound.value.sweep()
        }
    }

    /// 128 random bits: a person's key.
    func drawKey() -> (UInt64, UInt64) { (random.next(), random.next()) }

    // MARK: Table

    /// Puts `new` in force for every request whose head is read after this. Services that are as they were stay as they
    /// are: of hundreds one or two change at a time, and requests wait meanwhile.
    func install(_ new: RouteTable) {
        guard new.generation >= table.generation else { return }
        let old = table
        let keeps = new.limits == old.limits
        var leaving = Dictionary(uniqueKeysWithValues: old.services.map { ($0.routed.name, $0) })
        let kept = new.services.map { routed -> LiveService? in
            guard keeps, let known = leaving[routed.name], known.routed == routed else { return nil }
            leaving[routed.name] = nil
            return known
        }
        let oldReleases = leaving.values.flatMap(\.releases)
        let oldInstances = oldReleases.flatMap(\.instances)
        for release in oldReleases { release.removed = true }
        for instance in oldInstances { instance.removed = true }
        limits = ownLimits.setting(new.limits)
        headLimits = HeadLimits(limits)
        var changed = Set(leaving.keys)
        let services = zip(kept, new.services).map { kept, service in
            if let kept { return kept }
            changed.insert(service.name)
            return LiveService(
                service, releases: service.releases.map { install($0, of: service) },
                standing: standing(service.name), limits: limits)
        }
        table = LiveTable(
            generation: new.generation, matching: old.matching(for: new.services), services: services,
            trustedProxies: new.trustedProxies, limits: new.limits)
        let now = NIODeadline.now()
        for instance in oldInstances where instance.removed {
            instance.removedAt = instance.removedAt ?? now
            for connection in instance.pool.removeAll() { connection.close() }
            instance.http2.drain()
            forgetIfGone(instance)
        }
        retire(oldReleases)
        mirrors.install(services, worker: self)
        healthChecks?.update(table: new, changed: changed)
        for service in standing.values { service.takeWaiting().forEach { $0.resume() } }
    }

    private func standing(_ name: ServiceName) -> StandingService {
        if let known = standing[name] { return known }
        let new = StandingService()
        standing[name] = new
        return new
    }

    private func install(_ routed: RoutedRelease, of service: RoutedService) -> LiveRelease {
        let key = ReleaseKey(service: service.name, digest: routed.digest)
        let release = releases[key] ?? LiveRelease(service: service.name, digest: routed.digest)
        if releases.updateValue(release, forKey: key) == nil { changes.remember(key) }
        release.removed = false
        release.settings = HealthSettings(service.health, limits: limits)
        let before = release.instances
        let now = NIODeadline.now().uptimeNanoseconds
        let isChecked = service.healthPath(of: routed) != nil
        var fresh: [LiveInstance] = []
        release.instances = routed.instances.map { routedInstance in
            let key = LiveInstance.Key(
                service: service.name, release: routed.digest, id: routedInstance.id, host: routedInstance.host,
                port: routedInstance.port)
            let known = instances[key]
            let instance =
                known ?? LiveInstance(key: key, counts: before.last { $0.key.id == key.id }?.counts ?? .init())
            instances[key] = instance
            instance.release = release
            if known == nil || instance.removedAt != nil {
                instance.health = InstanceHealth()
                let seed = CheckSchedule.seed(host: key.host, port: key.port, id: key.id)
                instance.turn = InstanceChoice.firstTurn(seed: seed &+ UInt64(index))
                fresh.append(instance)
            }
            instance.removed = false
            instance.removedAt = nil
            instance.draining = routedInstance.draining
            // Without a check nothing would ever make an instance healthy again.
            if !isChecked { instance.setHealthy(true, among: before, now: now, settings: release.settings) }
            return instance
        }
        // Beside those that stay, which is known only now; nobody stays when all are new together.
        for instance in fresh { instance.startSlowly(among: before, now: now, settings: release.settings) }
        return release
    }

    func release(_ service: ServiceName, _ digest: ReleaseDigest) -> LiveRelease? {
        releases[ReleaseKey(service: service, digest: digest)]
    }

    private func retire(_ old: [LiveRelease]) {
        retired.removeAll { releases[$0]?.removed == false }
        for release in old where release.removed {
            release.instances = []
            let key = ReleaseKey(service: release.service, digest: release.digest)
            if !retired.contains(key) { retired.append(key) }
        }
        while retired.count > limits.maxRetiredReleases {
            let gone = retired.removeFirst()
            releases[gone] = nil
            changes.forget(gone)
        }
    }

    /// Drops an instance that left the table, once nothing is under way on it.
    func forgetIfGone(_ instance: LiveInstance) {
        guard instance.removed, instance.inFlight == 0 else { return }
        if instances[instance.key] === instance { instances[instance.key] = nil }
    }

    // MARK: Connections

    /// - Parameter source: address of the client, if it is known already.
    /// - Returns: false when there are too many, at all or from that address; the caller closes the connection.
    func register(_ connection: any RoutedConnection, from source: String? = nil) -> Bool {
        counters.connections.accepted += 1
        if let source, limits.maxConnectionsPerAddress < .max {
            guard connectionsBySource[source, default: 0] < limits.maxConnectionsPerAddress else {
                counters.connections.refused["too_many_per_address", default: 0] += 1
                return false
            }
        }
        guard connections.count < limits.maxClientConnections else {
            counters.connections.refused["too_many", default: 0] += 1
            return false
        }
        connections.insert(connection)
        if let source, limits.maxConnectionsPerAddress < .max {
            connectionsBySource[source, default: 0] += 1
            sources[ObjectIdentifier(connection)] = source
        }
        return true
    }

    func unregister(_ connection: any RoutedConnection) {
        connections.remove(connection)
        guard !sources.isEmpty, let source = sources.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        let left = (connectionsBySource[source] ?? 1) - 1
        connectionsBySource[source] = left > 0 ? left : nil
    }

    var connectionCount: Int { connections.count }

    private func sweep() {
        let now = NIODeadline.now()
        for connection in connections.all { connection.sweep(now: now) }
        for instance in instances.values where !instance.http2.isEmpty { instance.http2.sweep(now: now) }
        for instance in instances.values where !instance.pool.idle.isEmpty {
            for connection in instance.pool.removeIdle(since: now - limits.upstreamIdleTimeout) { connection.close() }
        }
    }

    /// Ends what is idle; requests under way end first.
    func beginStopping() {
        isStopping = true
        stoppingSince = .now()
        mirrors.stop()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        leaver = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(50)) { _ in
            for connection in bound.value.connections.all { connection.closeWhenIdle() }
        }
    }

    /// While stopping: whether nothing can be on its way any more on a connection that has been idle since then.
    func mayLeave(idleSince: NIODeadline) -> Bool { NIODeadline.now() - idleSince >= limits.stoppingIdleTime }

    /// Ends everything now.
    func stop() {
        sweeper?.cancel()
        leaver?.cancel()
        deadlines.stop()
        mirrors.stop()
        healthChecks?.stop()
        healthChecks = nil
        tellOthers = nil
        for connection in connections.all { connection.close() }
        for instance in instances.values {
            instance.http2.close()
            for connection in instance.pool.removeAll() { connection.close() }
        }
    }

    /// Whether a connection without end has had the time that it gets after its instance left, or since the shutdown.
    func isDrainOver(_ instance: LiveInstance?, now: NIODeadline) -> Bool {
        let since = min(instance?.removedAt ?? .distantFuture, stoppingSince)
        return now > since && now - since > limits.tunnelDrainTimeout
    }

    // MARK: Buffers

    /// An empty buffer to write a head into, with the memory of the last one if that has been sent.
    func scratch() -> ByteBuffer {
        var buffer = spare
        spare = ByteBuffer()
        buffer.clear()
        return buffer
    }

    func giveBack(_ buffer: ByteBuffer) { if buffer.capacity <= 64 * 1024 { spare = buffer } }

    // MARK: Measures

    /// What this loop has counted beside the answers of releases.
    func allCounters() -> RouterCounters {
        var all = counters
        all.connections.open = UInt64(connections.count)
        if let accessLog {
            all.accessLog.logged += accessLog.logged
            all.accessLog.dropped += accessLog.dropped
        }
        let now = NIODeadline.now()
        for (key, release) in releases {
            var counters = release.counters
            counters.health = release.healthCounters(now: now)
            all.releases[key.service, default: [:]][key.digest] = counters
        }
        for service in table.services {
            var holds = service.standing.holds
            holds.waiting = UInt64(service.standing.waiting.count)
            holds.isHeld = service.routed.hold == nil ? 0 : 1
            all.holds[service.routed.name] = holds
        }
        return all
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
}
