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
            """)

    @Option(help: ArgumentHelp("Route table to begin with.", valueName: "file.json"))
    var table: String?

    @Option(help: ArgumentHelp("Address for traffic; port 0: a free one.", valueName: "address:port"))
    var listen = "127.0.0.1:8080"

    @Option(help: ArgumentHelp("Unix socket for tables and measures.", valueName: "path"))
    var adminSocket: String?

    @Option(help: ArgumentHelp("File that keeps the last table.", valueName: "file"))
    var state: String?

    @Option(help: "Event loops, 1 to 64.")
    var workers = 2

    func run() async throws {
        let (host, port) = try ListenAddress.parse(listen, option: "--listen")
        guard (1...64).contains(workers) else {
            throw CommandFailure(.usage, "--workers \(workers): 1 to 64 are possible")
        }
        let router = Router(
            configuration: RouterConfiguration(
                listenHost: host, listenPort: port, adminSocketPath: adminSocket, tableFile: state, workers: workers,
                complain: { StandardError.line("nonevent router: \($0)") }),
            initialTable: try table.map(Self.read))
        try await router.start()
        try StandardOutput.line("nonevent: router on http://\(host):\(router.trafficPort)")
        var group = ServiceGroupConfiguration(
            services: [RouterService(router: router)], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: .init(label: "router"))
        group.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: group).run()
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
            try? await gracefulShutdown()
            group.cancelAll()
        }
        await router.shutdown()
    }
}
