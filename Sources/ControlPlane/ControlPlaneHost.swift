import AsyncHTTPClient
import DeliveryAPI
public import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import FoundationEssentials
import Glibc
import Hummingbird
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Where a control plane keeps things and listens.
public struct ServeConfiguration: Sendable {
    /// Absolute path of the data directory.
    public var directory: String
    public var host: String
    public var port: Int
    public var trafficHost: String
    /// 0: the port used before, or a free one.
    public var trafficPort: Int
    /// Where the router offers TLS, `address:port`; `nil`: nowhere.
    public var tls: String?
    /// Further options of the router, as `nonevent router` takes them.
    public var routerOptions: [String]
    /// Absolute path of this binary, for shims and the router.
    public var executable: String
    /// Absolute path of the router's settings; `nil`: `router.yaml` in the directory, if it is there.
    public var routerSettings: String?

    public init(
        directory: String, host: String, port: Int, trafficHost: String, trafficPort: Int, tls: String? = nil,
        routerOptions: [String] = [], executable: String, routerSettings: String? = nil
    ) {
        self.directory = directory
        self.host = host
        self.port = port
        self.trafficHost = trafficHost
        self.trafficPort = trafficPort
        self.tls = tls
        self.routerOptions = routerOptions
        self.executable = executable
        self.routerSettings = routerSettings
    }

    var router: String { directory + "/router" }
    var socket: String { router + "/router.sock" }

    var secrets: StageSecrets {
        StageSecrets(directory: directory + "/secrets", environment: ProcessEnvironment.all)
    }

    /// What carries out stages on this machine; one object at a time.
    func stages(_ mirrors: GitMirrors) -> ProcessStageDriver {
        ProcessStageDriver(
            directory: directory + "/pipelines/stages", executable: executable, mirrors: mirrors, secrets: secrets)
    }

    func makeMirrors() -> GitMirrors { GitMirrors(directory: directory + "/repositories") }
}

/// The control plane as a process: opens the store, finds router and instances again, serves the API until it is told
/// to end. Router and instances outlive it.
public struct ControlPlaneHost: Sendable {
    /// What a router that is replaced gives its connections where the settings do not say so.
    static let drainTimeout = Duration.seconds(30)
    /// Connections kept to the router and to instances.
    static let connectionLimit = 8

    let configuration: ServeConfiguration
    let logger: Logger

    public init(configuration: ServeConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// - Parameters:
    ///   - wall: the wall clock now.
    ///   - draw: fresh random bytes for tokens.
    ///   - ready: told the control URL and the traffic URL when both serve.
    public func run(
        wall: Timestamp, draw: () -> [UInt8], ready: @escaping @Sendable (String, String) -> Void
    ) async throws {
        // First of all: what starting up takes must not make the clock late.
        let clock = SteadyClock(wall: wall)
        let directory = configuration.directory
        let settings = try RouterSettingsFile(named: configuration.routerSettings, directory: directory)
        let database = try DeliveryDatabase(directory: directory)
        let archive = try ReleaseArchive(directory: directory + "/releases")
        let tokens = try AccessTokens(directory: directory, draw: draw)
        note("\(getpid())\n", in: "serve.pid")
        var ofClient = HTTPClient.Configuration()
        ofClient.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionLimit
        ofClient.timeout.connect = .seconds(2)
        let client = HTTPClient(configuration: ofClient)
        // Of its own: a metrics system that hangs must not take connections that an undo needs.
        let metrics = HTTPClient(configuration: MetricReader.clientConfiguration)
        do {
            try await serve(database, archive, tokens, settings, client, metrics, clock, ready)
        } catch {
            try? await client.shutdown()
            try? await metrics.shutdown()
            throw error
        }
        try await client.shutdown()
        try await metrics.shutdown()
    }

    private func serve(
        _ database: DeliveryDatabase, _ archive: ReleaseArchive, _ tokens: AccessTokens,
        _ settings: RouterSettingsFile, _ client: HTTPClient, _ metrics: HTTPClient, _ clock: SteadyClock,
        _ ready: @escaping @Sendable (String, String) -> Void
    ) async throws {
        let directory = configuration.directory
        let traffic = RouterTrafficDriver(socket: configuration.socket, client: client)
        let keeper = try keeper(client, traffic, settings)
        let trafficPort = try await start(keeper)
        let trafficURL = "http://\(configuration.trafficHost):\(trafficPort)"
        note(trafficURL + "\n", in: "traffic")
        let instances = ProcessInstanceDriver(
            directory: directory + "/instances", logsDirectory: directory + "/logs",
            executable: configuration.executable, client: client)
        let reconciler = Reconciler(
            database: database, archive: archive, instances: instances, traffic: traffic, clock: clock,
            reserve: directory + "/reserve", logger: logger)
        try await reconciler.load()
        let refusal = await reconciler.adoptRouter(settings.settings)
        await reconciler.finishDrills()
        let monitor = Monitor(reconciler: reconciler, metrics: MetricReader(client: metrics)) {
            try await keeper.keep()
        }
        if let notice = await keeper.notice {
            logger.error("the router was not replaced", metadata: ["why": "\(notice)"])
            monitor.note(notice, about: "router")
        }
        if let refusal {
            logger.error("the router did not take its settings", metadata: ["why": "\(refusal)"])
            monitor.note("\(settings.path) is not in force: \(refusal)", about: RouterSettingsWatch.subject)
        }
        let desk = try await makeDesk(reconciler, database, archive)
        let api = APIContext(
            reconciler: reconciler, monitor: monitor, desk: desk, database: database, archive: archive,
            logsDirectory: directory + "/logs")
        let router = Hummingbird.Router(context: BasicRequestContext.self)
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: TokenMiddleware(tokens: tokens))
        router.add(middleware: IdempotencyMiddleware(database: database, clock: clock))
        HealthRoutes(api: api, routerPid: { try? await traffic.status().pid }).add(to: router)
        ReadingRoutes(api: api).add(to: router)
        CommandRoutes(api: api).add(to: router)
        RepositoryRoutes(api: api).add(to: router)
        PipelineRoutes(api: api).add(to: router)
        QueueRoutes(api: api).add(to: router)
        let host = configuration.host
        let port = configuration.port == 0 ? try DataFolder.port(host, before: directory + "/url") : configuration.port
        let server = Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                let url = "http://\(host):\(channel.localAddress?.port ?? 0)"
                note(url + "\n", in: "url")
                ready(url, trafficURL)
            }, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [
                EffectRunner(reconciler: reconciler), monitor,
                RouterSettingsWatch(file: settings, reconciler: reconciler, monitor: monitor, logger: logger),
                DeliveryRunner(
                    desk: desk, monitor: monitor,
                    reporter: CommitStatusReporter(desk: desk, client: CommitStatusClient(client: metrics))), server,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Streams and long waits end by themselves or are cut: a restart must be quick.
        group.maximumGracefulShutdownDuration = .seconds(3)
        do { try await ServiceGroup(configuration: group).run() } catch let error as IOError {
            throw ServeError(
                "cannot listen on \(host):\(port): \(String(cString: strerror(error.errnoCode))); "
                    + "end what listens there, or give another --listen ADDRESS:PORT")
        }
    }

    private func makeDesk(
        _ reconciler: Reconciler, _ database: DeliveryDatabase, _ archive: ReleaseArchive
    ) async throws -> DeliveryDesk {
        let directory = configuration.directory
        let workshop = directory + "/pipelines/trees"
        try DataFolder.make(workshop)
        let mirrors = configuration.makeMirrors()
        let desk = DeliveryDesk(
            reconciler: reconciler, database: database, archive: archive, stages: configuration.stages(mirrors),
            mirrors: mirrors, secrets: configuration.secrets,
            settings: DeliverySettingsFile(path: directory + "/delivery.yaml"), workshop: workshop, logger: logger)
        try await desk.load()
        return desk
    }

    /// Says where we are to those who look; a full disk must not keep a control plane, and with it an undo, from
    /// starting.
    private func note(_ text: String, in file: String) {
        let before = try? String(contentsOfFile: configuration.directory + "/" + file, encoding: .utf8)
        if before == text { return }
        do { try PrivateFile.write(text, to: configuration.directory + "/" + file) } catch {
            logger.warning("the file '\(file)' is as it was before", metadata: ["why": "\(error)"])
        }
    }

    private func keeper(
        _ client: HTTPClient, _ traffic: RouterTrafficDriver, _ settings: RouterSettingsFile
    ) throws -> RouterKeeper {
        try DataFolder.make(configuration.router)
        return RouterKeeper(
            wanted: WantedRouter(
                host: configuration.trafficHost, port: configuration.trafficPort, tls: configuration.tls,
                more: configuration.routerOptions, executable: configuration.executable, directory: configuration.router
            ),
            client: client, traffic: traffic,
            drainLimit: { settings.settings.limits.drainTimeout ?? Self.drainTimeout },
            freePort: { [configuration] in
                try DataFolder.port(configuration.trafficHost, before: configuration.directory + "/traffic")
            })
    }

    private func start(_ keeper: RouterKeeper) async throws -> Int {
        do { return try await keeper.start() } catch let error as DriverError {
            throw ServeError(error.description)
        }
    }

    /// Stops what outlives the control plane: every instance, then the router.
    public func stopEverything() async throws {
        let client = HTTPClient()
        do {
            let instances = ProcessInstanceDriver(
                directory: configuration.directory + "/instances", logsDirectory: configuration.directory + "/logs",
                executable: configuration.executable, client: client)
            for status in try await instances.list() { try await instances.stop(status.id, grace: .seconds(5)) }
            if FileManager.default.fileExists(atPath: configuration.directory + "/pipelines/stages") {
                _ = try await configuration.stages(configuration.makeMirrors()).recover()
            }
            try await RouterKeeper.stopAll(
                directory: configuration.router, executable: configuration.executable, client: client,
                grace: .seconds(5))
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}
