import ArgumentParser
import AsyncHTTPClient
import DeliveryAPI
import DeliveryModel
import DeploymentDrivers
import FoundationEssentials

/// `nonevent router stats`: what a running router has counted.
struct RouterStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "What a running router has counted since it started: requests, failures, latency, by release.",
        discussion: """
            Asks the router itself, so that it works without a control plane; /metrics on the same socket has more.
            Example: nonevent router stats --socket /run/router.sock
            """)

    @Option(
        help: ArgumentHelp(
            "Unix socket of the router (default: the one of the data directory).", valueName: "path"))
    // Not `--admin-socket`, which is an option of `router` itself.
    var socket: String?
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("Data directory of the control plane.", valueName: "directory"))
    var data: String?

    /// What `--json` writes.
    struct Report: Codable {
        var status: RouterTrafficDriver.Status
        var measures: TrafficMeasures
    }

    func run() async throws {
        let folder = DataDirectory.resolve(explicit: data, environment: ProcessInfo.processInfo.environment)
        let report = try await Self.ask(socket ?? folder.path + "/router/router.sock")
        guard !output.json else { return try StandardOutput.json(report) }
        let (status, measures) = (report.status, report.measures)
        if TerminalText.current.isTerminal {
            let secure = status.tlsPort.map { $0 > 0 ? ", TLS on port \($0)" : "" } ?? ""
            try StandardOutput.line(
                "router \(status.pid): traffic on port \(status.trafficPort)\(secure), table \(status.generation)"
                    + (status.tablePersisted ? "" : ", not on disk yet") + ", \(measures.unmatched) requests for nobody"
            )
        }
        var table = TextTable(["service", "release", "requests", "bad", "5xx", "under way", "p50", "p99"])
        for (service, releases) in measures.services.sorted(by: { $0.key.text < $1.key.text }) {
            for (digest, counts) in releases.sorted(by: { $0.value.requests > $1.value.requests }) {
                table.add([
                    service.text, digest.short, "\(counts.requests)", "\(counts.bad)",
                    "\(counts.statusClasses.last ?? 0)", "\(counts.inFlight.values.reduce(0, +))",
                    Self.quantile(0.5, counts.latency), Self.quantile(0.99, counts.latency),
                ])
            }
        }
        try table.lines(.current).forEach { try StandardOutput.line($0) }
    }

    private static func ask(_ socket: String) async throws -> Report {
        let client = HTTPClient()
        let router = RouterTrafficDriver(socket: socket, client: client)
        do {
            let report = Report(status: try await router.status(), measures: try await router.measures())
            try await client.shutdown()
            return report
        } catch {
            try? await client.shutdown()
            throw CommandFailure(.unreachable, "no router answers on \(socket): \(error)")
        }
    }

    /// The edge of the bucket in which the quantile lies: at most 2.5 % above it.
    static func quantile(_ share: Double, _ buckets: [Int: UInt64]) -> String {
        let all = buckets.values.reduce(0, +)
        guard all > 0 else { return "-" }
        let wanted = share * Double(all)
        var seen: UInt64 = 0
        for (bucket, count) in buckets.sorted(by: { $0.key < $1.key }) {
            seen += count
            if Double(seen) >= wanted { return milliseconds(bucket) }
        }
        return "-"
    }

    private static func milliseconds(_ bucket: Int) -> String {
        var seconds = 1.0
        for _ in 0..<abs(bucket) { seconds *= LatencyBucket.ratio }
        let value = (bucket < 0 ? 1 / seconds : seconds) * 1_000
        return value >= 100 ? "\(Int(value.rounded())) ms" : "\((value * 100).rounded() / 100) ms"
    }
}
