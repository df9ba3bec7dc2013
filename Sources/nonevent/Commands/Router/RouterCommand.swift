import ArgumentParser
import DeliveryModel
import DeploymentDrivers
import FoundationEssentials
import Glibc
import Logging
import ServiceLifecycle
import TrafficRouter
import UnixSignals

/// `nonevent router`: the data plane, a process of its own; `serve` starts one, and it runs alone just as well.
struct RouterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "router",
        abstract: "Route traffic by a table, alone or under a control plane.",
        discussion: """
            Without --table it serves the last table it had (--state), or none. With --table a change of the file \
            needs a restart, \
            or PUT /table on the admin socket.
            Example: nonevent router --table routes.json --listen 127.0.0.1:8080
            The schema of tables: nonevent router --schema
            A new binary without a lost request: nonevent router --takeover --admin-socket PATH, and the other options \
            as before.
            """,
        subcommands: [RouterStats.self])

    @Option(help: ArgumentHelp("Route table to begin with.", valueName: "file.json"))
    var table: String?

    @Option(help: ArgumentHelp("Address for traffic; port 0: a free one.", valueName: "address:port"))
    var listen = "127.0.0.1:8080"

    @Option(help: ArgumentHelp("Address for clients that come with TLS.", valueName: "address:port"))
    var tls: String?

    @Option(help: ArgumentHelp("Certificate chain in PEM, for --tls; may be repeated.", valueName: "file"))
    var certificate: [String] = []

    @Option(help: ArgumentHelp("Private key in PEM, one for each --certificate.", valueName: "file"))
    var key: [String] = []

    @Flag(help: "Demand a PROXY header (v1 or v2) from the table's trusted proxies.")
    var proxyProtocol = false

    @Flag(help: "Take sockets and table over from the router that holds --admin-socket; it ends when it is done.")
    var takeover = false

    @Option(help: ArgumentHelp("Unix socket for tables and measures.", valueName: "path"))
    var adminSocket: String?

    @Option(help: ArgumentHelp("File that keeps the last table.", valueName: "file"))
    var state: String?

    @Option(help: "Event loops, 1 to 64.")
    var workers = 2

    @Flag(help: "Write the JSON Schema of route tables instead, for editors.")
    var schema = false

    // A shim that sees it does not start this router again.
    @Option(
        help: ArgumentHelp("Exit code once another router has taken over.", valueName: "code", visibility: .hidden))
    var leaveWith: Int32 = 0

    func run() async throws {
        // The text ends with a line end of its own.
        guard !schema else { return try StandardOutput.line(String(RouteTableSchema.text.dropLast())) }
        let (host, port) = try ListenAddress.parse(listen, option: "--listen")
        guard (1...64).contains(workers) else {
            throw CommandFailure(.usage, "--workers \(workers): 1 to 64 are possible")
        }
        if takeover, adminSocket == nil {
            throw CommandFailure(.usage, "--takeover needs --admin-socket, the one of the router to take over from")
        }
        var configuration = RouterConfiguration(
            listenHost: host, listenPort: port, adminSocketPath: adminSocket, tableFile: state, workers: workers,
            complain: { StandardError.line("nonevent router: \($0)") })
        try offerTLS(&configuration)
        configuration.takesProxyHeader = proxyProtocol
        configuration.takesOver = takeover
        configuration.launch = FileIdentity.running.map {
            RouterLaunch(executable: $0, options: Array(CommandLine.arguments.dropFirst(2)))
        }
        configuration.serviceManager = ServiceManager(
            environment: ProcessInfo.processInfo.environment, process: getpid())
        OpenFileLimit.raise()
        let router = Router(configuration: configuration, initialTable: try table.map(Self.read))
        try await router.start()
        let secure = configuration.tls.map { ", https://\($0.host):\(router.tlsPort)" } ?? ""
        try StandardOutput.line("nonevent: router on http://\(host):\(router.trafficPort)\(secure)")
        var group = ServiceGroupConfiguration(
            services: [
                .init(
                    service: RouterService(router: router), successTerminationBehavior: .gracefullyShutdownGroup)
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: .init(label: "router"))
        group.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: group).run()
        if router.isHandedOver, leaveWith != 0 { throw ExitCode(leaveWith) }
    }

    private func offerTLS(_ configuration: inout RouterConfiguration) throws {
        guard certificate.count == key.count else {
            throw CommandFailure(
                .usage, "\(certificate.count) --certificate and \(key.count) --key: each certificate needs its key")
        }
        guard let tls else {
            if !certificate.isEmpty { throw CommandFailure(.usage, "--certificate needs --tls ADDRESS:PORT") }
            return
        }
        configuration.tls = try ListenAddress.parse(tls, option: "--tls")
        let folder = FileManager.default.currentDirectoryPath
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        configuration.certificates = zip(certificate, key).map {
            RoutedCertificate(chain: absolute($0), key: absolute($1))
        }
    }

    private static func read(_ path: String) throws -> RouteTable {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw CommandFailure(.badInput, "cannot read the route table \(path): \(error)")
        }
        let table: RouteTable
        do { table = try JSONDecoder().decode(RouteTable.self, from: data) } catch {
            throw CommandFailure(.badInput, "\(path) is not a route table: \(error)")
        }
        do { try table.validate() } catch { throw CommandFailure(.badInput, "\(path): \(error)") }
        return table
    }
}

/// Ends the router in peace when the process is told to end.
private struct RouterService: Service {
    /// Resident bytes above which pages of the program file are given back: starting up and rare ways touch much that
    /// serving does not.
    private static let memoryGoal = 16 << 20

    let router: Router
    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await ResidentMemory.keep(under: Self.memoryGoal) }
            // Told to end, or another router has taken over.
            await withTaskGroup { ends in
                ends.addTask { try? await gracefulShutdown() }
                ends.addTask { await router.handedOver() }
                await ends.next()
                ends.cancelAll()
            }
            group.cancelAll()
        }
        await router.shutdown()
    }
}
