import ArgumentParser
import ControlPlane
import DeliveryAPI
import DeliveryModel
import DeploymentDrivers
import FoundationEssentials
import Glibc
import Logging

/// `nonevent serve`: the control plane, in the foreground.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the control plane, and the router and instances under it.",
        discussion: """
            Stays in the foreground until SIGTERM or Ctrl-C. Router and instances go on without it and are found \
            again by the next \
            `nonevent serve` on the same data directory; `nonevent serve --stop` ends those too. A router of another \
            binary, or with other options, is replaced, and no request is lost.
            Example: nonevent serve --traffic 0.0.0.0:80
            """)

    @Option(help: ArgumentHelp("Directory for all state.", valueName: "directory"))
    var data: String?

    @Option(help: ArgumentHelp("Address of the control API; port 0: a free one.", valueName: "address:port"))
    var listen = "127.0.0.1:7400"

    @Option(help: ArgumentHelp("Address of the router; port 0: a free one.", valueName: "address:port"))
    var traffic = "127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "Address where the router offers TLS, with the certificates of service files (route.tls).",
            valueName: "address:port"))
    var tls: String?

    @Option(
        help: ArgumentHelp(
            "Settings of the whole router: trusted proxies, limits, access log (default: router.yaml in the data "
                + "directory, if it is there). Read again when it changes.", valueName: "file"))
    var routerSettings: String?

    @Flag(help: "Let the router demand a PROXY header (v1 or v2) from trusted proxies.")
    var proxyProtocol = false

    @Option(help: "Event loops of the router, 1 to 64.")
    var workers = 2

    @Flag(help: "Stop the control plane, the router and all instances of the data directory.")
    var stop = false

    /// Longest wait for a control plane to end.
    private static let stopLimit = Duration.seconds(20)

    func run() async throws {
        ResidentMemory.keepHeapSmall()
        let environment = ProcessInfo.processInfo.environment
        let directory = Self.absolute(DataDirectory.resolve(explicit: data, environment: environment).path)
        let (host, port) = try ListenAddress.parse(listen, option: "--listen")
        let (trafficHost, trafficPort) = try ListenAddress.parse(traffic, option: "--traffic")
        guard (1...64).contains(workers) else {
            throw CommandFailure(.usage, "--workers \(workers): 1 to 64 are possible")
        }
        let settings = ServeConfiguration(
            directory: directory, host: host, port: port, trafficHost: trafficHost, trafficPort: trafficPort,
            tls: try tls.map { text in
                _ = try ListenAddress.parse(text, option: "--tls")
                return text
            },
            routerOptions: ["--workers", "\(workers)"] + (proxyProtocol ? ["--proxy-protocol"] : []),
            executable: try Self.executable(), routerSettings: routerSettings.map(Self.absolute))
        var logger = Logger(label: "nonevent") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = environment["NONEVENT_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        let plane = ControlPlaneHost(configuration: settings, logger: logger)
        if stop {
            try await Self.endControlPlane(directory)
            try await plane.stopEverything()
            return
        }
        do { try DataFolder.make(directory) } catch { throw CommandFailure(.failed, "\(error)") }
        try await plane.run(
            wall: Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970),
            draw: {
                var generator = SystemRandomNumberGenerator()
                return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            }
        ) { url, trafficURL in
            try? StandardOutput.line(
                "nonevent: control plane on \(url), traffic on \(trafficURL), data in \(directory)")
        }
    }

    /// SIGTERM to the control plane of a data directory, if it holds its lock, and a wait until it is gone.
    private static func endControlPlane(_ directory: String) async throws {
        let deadline = ContinuousClock.now + stopLimit
        while let pid = DataFolder.lockHolder(directory + "/lock") {
            kill(pid, SIGTERM)
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(.failed, "the control plane (pid \(pid)) does not end; it was sent SIGTERM")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return FileManager.default.currentDirectoryPath + "/" + path
    }

    /// This binary, also when it was found by PATH.
    static func executable() throws -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { throw CommandFailure(.failed, "cannot find this program in /proc/self/exe") }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
