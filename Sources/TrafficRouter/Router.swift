public import DeliveryModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The data plane: takes requests, sends each to an instance of the release that the table in force gives it, and
/// counts.
///
/// Every event loop has its own copy of the table, its own connections to instances and its own counts, so that
/// requests share no lock.
public final class Router: Sendable {
    enum Phase {
        case new, running
        /// Another router is asked to take over: everything goes on, but the table.
        case offering
        /// Another router has the sockets; what is under way here ends.
        case leaving
        case stopped
    }

    struct State {
        var phase = Phase.new
        var table: RouteTable
        var workers: [WorkerHandle] = []
        var group: MultiThreadedEventLoopGroup?
        /// Kept for the next router, which takes them over.
        var sockets: [HandedSockets.Kind: ListeningSocket] = [:]
        var listeners: [HandedSockets.Kind: any Channel] = [:]
        var adminSocket: AdminSocket?
        var handover: HandoverListener?
        var isHandedOver = false
        /// The router whose place this one has taken.
        var predecessor: Predecessor?
        var accessLog = OpenAccessLog()
        var certificateWatch: Task<Void, Never>?
    }

    let configuration: RouterConfiguration
    private let hasInitialTable: Bool
    let state: Mutex<State>
    let tableFile: TableFile?
    /// Drawn once for each router: counts of different epochs cannot be subtracted.
    let epoch: String
    let certificates = TLSCertificateStore()
    let departure = Departure()
    /// How often the counts have been read.
    let readings = Atomic<UInt64>(0)

    /// - Parameter initialTable: put in force at the start; `nil`: the one kept in the configuration's table file, if
    ///   any.
    public init(configuration: RouterConfiguration, initialTable: RouteTable? = nil) {
        self.configuration = configuration
        hasInitialTable = initialTable != nil
        state = Mutex(State(table: initialTable ?? RouteTable()))
        let retry = configuration.limits.tableFileRetry
        tableFile = configuration.tableFile.map { TableFile(path: $0, retry: retry) }
        var random = SystemRandomNumberGenerator()
        epoch = RandomKey.hex(using: &random)
    }

    /// Binds the admin socket and the traffic ports, or takes them over. When it returns, requests are answered.
    ///
    /// - Throws: `RouterError` for a malformed initial table, an address in use, or a file that cannot be read.
    public func start() async throws {
        let start = try prepare()
        do {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.workers)
            state.withLock { state in
                state.phase = .running
                state.group = group
                state.adminSocket = start.admin
                state.table = start.table
            }
            await tableFile?.start(persistedGeneration: start.isPersisted ? start.table.generation : nil)
            try await startWorkers(group, table: start.table)
            try beginAccessLog(start)
            useCertificates(of: start.table)
            try await listen(group, start)
            if let handed = start.handed { try await replace(handed, group.next()) }
            listenForSuccessor()
            leaveSocketsForSafekeeping()
            if !start.isPersisted, hasInitialTable || start.handed != nil { await tableFile?.save(start.table) }
        } catch {
            await abandon(start)
            throw error
        }
    }

    /// What a start begins with.
    struct Start {
        var admin: AdminSocket?
        var table: RouteTable
        /// Whether the table is the one on disk.
        var isPersisted: Bool
        /// Whether it is the initial table of the one who starts the router.
        var isGiven = false
        /// `nil`: there was no router before.
        var handed: HandedSockets?
    }

    // Apart, and not inlined: the optimiser of Swift 6.3.1 crashes on typed errors within `start`.
    @inline(never)
    private func prepare() throws -> Start {
        guard let path = configuration.adminSocketPath else { return try loadTable(nil) }
        if let handed = try takeSockets(path) {
            do { return try start(with: handed, admin: path) } catch {
                handed.refuse()
                throw error
            }
        }
        let socket = try AdminSocket(path: path)
        do { return try loadTable(socket) } catch {
            socket.release()
            throw error
        }
    }

    private func loadTable(_ admin: AdminSocket?) throws(RouterError) -> Start {
        let initial = currentTable()
        if hasInitialTable {
            try initial.validate()
            return Start(admin: admin, table: initial, isPersisted: false, isGiven: true)
        }
        guard let path = configuration.tableFile, let kept = try TableFile.load(path) else {
            return Start(admin: admin, table: initial, isPersisted: false)
        }
        return Start(admin: admin, table: kept, isPersisted: true)
    }

    private func startWorkers(_ group: MultiThreadedEventLoopGroup, table: RouteTable) async throws {
        let loops = Array(group.makeIterator())
        let limits = configuration.limits
        var handles: [WorkerHandle] = []
        for (index, loop) in loops.enumerated() {
            handles.append(
                try await WorkerHandle.make(on: loop, limits: limits, index: index, workerCount: loops.count))
        }
        state.withLock { [handles] in $0.workers = handles }
        for handle in handles {
            try await handle.submit { [handles] worker in
                worker.healthChecks = HealthChecks(worker: worker) { key, healthy in
                    for other in handles { other.execute { $0.take(.checked(key, isWell: healthy)) } }
                }
                let others = handles.filter { $0.eventLoop !== worker.eventLoop }
                worker.tellOthers = { news in for other in others { other.execute { $0.take(news) } } }
                worker.start()
                worker.install(table)
            }.get()
        }
    }

    /// The port in use, also when the configuration asked for 0; 0 before the start.
    public var trafficPort: Int { port(.traffic) }

    /// The port in use for TLS; 0 when there is none.
    public var tlsPort: Int { port(.tls) }

    private func port(_ kind: HandedSockets.Kind) -> Int {
        state.withLock { $0.listeners[kind]?.localAddress?.port ?? 0 }
    }

    func currentTable() -> RouteTable { state.withLock { $0.table } }

    /// Puts a table in force; when it returns, every request whose head comes in follows it.
    ///
    /// The file is written afterwards, in the background.
    /// - Parameter base: generation of the table in force that this one was made from; `nil`: from none.
    /// - Throws: `RouterError` when the table is malformed, older than the one in force, or of the same generation but
    ///   different, or when another table than `base` is in force.
    public func apply(_ table: RouteTable, onto base: UInt64? = nil) async throws(RouterError) {
        try table.validate()
        // Opened first, so that a table with a wrong path is refused whole.
        let log = try openAccessLog(table.accessLog)
        // Handed to the loops under the lock, so that two tables reach all loops in the same order.
        typealias Begun = (installed: [EventLoopFuture<Void>], told: EventLoopFuture<Bool>?, isNew: Bool)
        let result = state.withLock { state -> Result<Begun, RouterError> in
            guard state.phase == .running else {
                return .failure(state.phase == .new || state.phase == .stopped ? Self.notRunning : Self.handingOver)
            }
            let current = state.table.generation
            if let base, base != current {
                return .failure(
                    RouterError(
                        .otherBase, "generation \(current) is in force, not \(base); read it and build on it"))
            }
            if table.generation < current {
                return .failure(
                    RouterError(
                        .olderGeneration,
                        "the table has generation \(table.generation), older than generation \(current) in force; "
                            + "read the table in force and build on it"))
            }
            let isNew = table.generation > current
            if !isNew, table != state.table {
                return .failure(
                    RouterError(
                        .conflictingTable,
                        "generation \(current) is in force with other content; give a changed table a higher generation"
                    ))
            }
            state.table = table
            let installed = state.workers.map { $0.submit { if isNew { $0.install(table) } } }
            return .success((installed, isNew ? state.predecessor?.tell(table) : nil, isNew))
        }
        let (installed, told, isNew) = try result.get()
        do {
            for future in installed { try await future.get() }
        } catch {
            throw Self.notRunning
        }
        if let told, (try? await told.get()) != true {
            configuration.complain(
                "the router before this one did not follow table \(table.generation) within "
                    + "\(Predecessor.answerLimit.nanoseconds / 1_000_000) ms; its last requests may follow an older one"
            )
        }
        if isNew, let log { use(log) }
        if isNew { useCertificates(of: table) }
        if isNew { await tableFile?.save(table) }
    }

    private static let handingOver = RouterError(
        .notRunning, "another router is taking this one's place; send the table again to it")
    private static let notRunning = RouterError(.notRunning, "the router is not running; start it first")

    /// What all event loops have counted beside the answers of releases.
    func counters() async -> RouterCounters {
        var sum = RouterCounters()
        for worker in state.withLock({ $0.workers }) {
            if let part = try? await worker.submit({ $0.allCounters() }).get() { sum.merge(part) }
        }
        return sum
    }

    /// Stops accepting, lets requests under way end within `RouterLimits.shutdownGrace`, then closes everything.
    ///
    /// After a handover the grace is the longer one of `RouterLimits.tunnelDrainTimeout`, which the table may set:
    /// nobody waits for the ports.
    public func shutdown() async {
        let old = state.withLock { state -> State? in
            guard state.phase != .new, state.phase != .stopped else { return nil }
            let old = state
            state.phase = .stopped
            return old
        }
        guard let old else { return }
        let isHandedOver = old.phase == .leaving
        old.certificateWatch?.cancel()
        old.handover?.stop(removing: !isHandedOver)
        if !isHandedOver { await stopAccepting(old) }
        for worker in old.workers { worker.execute { $0.beginStopping() } }
        let limits = configuration.limits.setting(old.table.limits)
        await drain(old.workers, for: isHandedOver ? limits.tunnelDrainTimeout : limits.shutdownGrace)
        for worker in old.workers { try? await worker.submit { $0.stop() }.get() }
        old.handover?.stopFollowing()
        old.predecessor?.close()
        try? await old.listeners[.admin]?.close().get()
        if !isHandedOver { old.adminSocket?.release() }
        await tableFile?.stop()
        old.accessLog.writer?.stop()
        state.withLock { state in
            state.workers = []
            state.listeners = [:]
            state.group = nil
        }
        try? await old.group?.shutdownGracefully()
    }

    private func drain(_ workers: [WorkerHandle], for time: TimeAmount) async {
        let deadline = NIODeadline.now() + time
        while NIODeadline.now() < deadline {
            var open = 0
            for worker in workers { open += (try? await worker.submit { $0.connectionCount }.get()) ?? 0 }
            if open == 0 { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
