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
    enum Phase { case new, running, stopped }

    struct State {
        var phase = Phase.new
        var table: RouteTable
        var workers: [WorkerHandle] = []
        var group: MultiThreadedEventLoopGroup?
        var traffic: (any Channel)?
        var admin: (any Channel)?
        var adminSocket: AdminSocket?
        var accessLog = OpenAccessLog()
    }

    let configuration: RouterConfiguration
    private let hasInitialTable: Bool
    let state: Mutex<State>
    let tableFile: TableFile?
    /// Drawn once for each router: counts of different epochs cannot be subtracted.
    let epoch: String

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

    /// Binds the admin socket and the traffic port. When it returns, requests are answered.
    ///
    /// - Throws: `RouterError` for a malformed initial table, an address in use, or a file that cannot be read.
    public func start() async throws {
        let (socket, table) = try prepare()
        do {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.workers)
            state.withLock { state in
                state.phase = .running
                state.group = group
                state.adminSocket = socket
                state.table = table.table
            }
            await tableFile?.start(persistedGeneration: table.isPersisted ? table.table.generation : nil)
            try await startWorkers(group, table: table.table)
            try openAccessLog(table.table.accessLog).map(use)
            try await bind(group, socket: socket)
            if !table.isPersisted, hasInitialTable { await tableFile?.save(table.table) }
        } catch {
            let isRunning = state.withLock { $0.phase == .running }
            if isRunning { await shutdown() } else { socket?.release() }
            throw error
        }
    }

    // Apart, and not inlined: the optimiser of Swift 6.3.1 crashes on typed errors within `start`.
    @inline(never)
    private func prepare() throws -> (AdminSocket?, (table: RouteTable, isPersisted: Bool)) {
        guard let path = configuration.adminSocketPath else { return (nil, try loadTable()) }
        let socket = try AdminSocket(path: path)
        do { return (socket, try loadTable()) } catch {
            socket.release()
            throw error
        }
    }

    private func loadTable() throws(RouterError) -> (table: RouteTable, isPersisted: Bool) {
        let initial = currentTable()
        if hasInitialTable {
            try initial.validate()
            return (initial, false)
        }
        guard let path = configuration.tableFile, let kept = try TableFile.load(path) else { return (initial, false) }
        return (kept, true)
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

    private func bind(_ group: MultiThreadedEventLoopGroup, socket: AdminSocket?) async throws {
        let configuration = configuration
        let workers = state.withLock { $0.workers }
        if let socket {
            let admin = try await ServerBootstrap(group: group)
                .childChannelInitializer { [weak self] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                        try channel.pipeline.syncOperations.addHandler(
                            AdminHandler(maxBodyBytes: configuration.limits.maxAdminBodyBytes) { [weak self] request in
                                await self?.answer(request)
                                    ?? .problem(.serviceUnavailable, "the router is shutting down")
                            })
                    }
                }
                .withBoundSocket(socket.descriptor).get()
            state.withLock { $0.admin = admin }
        }
        do {
            let traffic = try await TrafficListener.bind(
                group: group, host: configuration.listenHost, port: configuration.listenPort,
                limits: configuration.limits, workers: workers)
            state.withLock { $0.traffic = traffic }
        } catch {
            throw RouterError(
                .addressInUse,
                "cannot listen for traffic on \(configuration.listenHost):\(configuration.listenPort): \(error); "
                    + "choose another address or stop what holds it")
        }
    }

    /// The port in use, also when the configuration asked for 0; 0 before the start.
    public var trafficPort: Int { state.withLock { $0.traffic?.localAddress?.port ?? 0 } }

    func currentTable() -> RouteTable { state.withLock { $0.table } }

    /// Puts a table in force; when it returns, every request whose head comes in follows it.
    ///
    /// The file is written afterwards, in the background.
    /// - Throws: `RouterError` when the table is malformed, older than the one in force, or of the same generation but
    ///   different.
    public func apply(_ table: RouteTable) async throws(RouterError) {
        try table.validate()
        // Opened first, so that a table with a wrong path is refused whole.
        let log = try openAccessLog(table.accessLog)
        // Handed to the loops under the lock, so that two tables reach all loops in the same order.
        let result = state.withLock { state -> Result<(installed: [EventLoopFuture<Void>], isNew: Bool), RouterError> in
            guard state.phase == .running else { return .failure(Self.notRunning) }
            let current = state.table.generation
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
            return .success((state.workers.map { $0.submit { if isNew { $0.install(table) } } }, isNew))
        }
        let (installed, isNew) = try result.get()
        do {
            for future in installed { try await future.get() }
        } catch {
            throw Self.notRunning
        }
        if isNew, let log { use(log) }
        if isNew { await tableFile?.save(table) }
    }

    private static let notRunning = RouterError(.notRunning, "the router is not running; start it first")

    /// The counts of all event loops, added up.
    public func measures() async -> TrafficMeasures {
        let (workers, generation) = state.withLock { ($0.workers, $0.table.generation) }
        var sum = TrafficMeasures(epoch: epoch, generation: generation)
        for worker in workers {
            if let part = try? await worker.submit({ $0.measures() }).get() { sum.merge(part) }
        }
        return sum
    }

    /// What all event loops have counted beside the answers of releases.
    func counters() async -> RouterCounters {
        var sum = RouterCounters()
        for worker in state.withLock({ $0.workers }) {
            if let part = try? await worker.submit({ $0.allCounters() }).get() { sum.merge(part) }
        }
        return sum
    }

    /// Stops accepting, lets requests under way end within `RouterLimits.shutdownGrace`, then closes everything.
    public func shutdown() async {
        let old = state.withLock { state -> State? in
            guard state.phase == .running else { return nil }
            state.phase = .stopped
            return state
        }
        guard let old else { return }
        try? await old.traffic?.close().get()
        for worker in old.workers { worker.execute { $0.beginStopping() } }
        let deadline = NIODeadline.now() + configuration.limits.shutdownGrace
        while NIODeadline.now() < deadline {
            var open = 0
            for worker in old.workers { open += (try? await worker.submit { $0.connectionCount }.get()) ?? 0 }
            if open == 0 { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        for worker in old.workers { try? await worker.submit { $0.stop() }.get() }
        try? await old.admin?.close().get()
        old.adminSocket?.release()
        await tableFile?.stop()
        old.accessLog.writer?.stop()
        state.withLock { state in
            state.workers = []
            state.traffic = nil
            state.admin = nil
            state.group = nil
        }
        try? await old.group?.shutdownGracefully()
    }
}
