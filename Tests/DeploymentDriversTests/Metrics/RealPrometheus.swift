import DeliveryModel
import Foundation
import Glibc
import Testing

@testable import DeploymentDrivers

/// Debian's Prometheus with basic authentication, scraping a server of ours each second, for one suite.
struct RealPrometheus: Sendable {
    @TaskLocal static var current: RealPrometheus?

    static let user = "judge"
    static let password = "open sesame: now"
    /// bcrypt of the password with the lowest cost: `python3 -c 'import crypt; crypt.crypt(password, "$2b$04$...")'`.
    private static let hash = "$2b$04$nSfbIxCNsqb2uct5w9I.mOf6s4w6sbf3b849XidbOVWGgXL3YCh.a"
    private static let limit = Duration.seconds(120)

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let url: String
    let passwordFile: String

    var specification: PrometheusSpecification {
        PrometheusSpecification(url: url, username: Self.user, passwordFile: passwordFile)
    }

    static let exposition = """
        # HELP orders_total Orders.
        # TYPE orders_total counter
        orders_total{release="sha256:\(MetricFixture.release)",status="paid"} 41
        orders_total{release="sha256:\(MetricFixture.release)",status="open"} 7
        orders_total{release="sha256:other",status="paid"} 1000
        # TYPE memory_bytes gauge
        memory_bytes{release="sha256:\(MetricFixture.release)"} 2.5e+08
        # TYPE broken gauge
        broken NaN

        """

    static func run(_ body: @Sendable (RealPrometheus) async throws -> Void) async throws {
        guard let binary = binary else {
            throw Failure(description: "no prometheus in PATH: these tests need Debian's; run .ci/setup")
        }
        let root = FileManager.default.temporaryDirectory.path + "/prometheus-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await MetricsServer.with({ _, _ in .text(exposition) }) { target in
            let passwordFile = try configure(root, target: target.port)
            let process = try await start(binary, root, passwordFile)
            do { try await body(process.server) } catch {
                end(process.pid)
                throw error
            }
            end(process.pid)
        }
    }

    private static var binary: String? {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/bin"]
        return directories.map { "\($0)/prometheus" }.first { access($0, X_OK) == 0 }
    }

    /// - Returns: the file with the password.
    private static func configure(_ root: String, target: Int) throws -> String {
        let files = [
            "prometheus.yml": """
            global: {scrape_interval: 1s}
            scrape_configs:
              - job_name: shop
                static_configs: [{targets: ["127.0.0.1:\(target)"]}]

            """,
            "web.yml": "basic_auth_users: {\(user): '\(hash)'}\n",
            "password": password + "\n",
        ]
        for (name, text) in files { try text.write(toFile: "\(root)/\(name)", atomically: true, encoding: .utf8) }
        return root + "/password"
    }

    /// Returns when the first scrape is there.
    private static func start(
        _ binary: String, _ root: String, _ passwordFile: String
    ) async throws -> (pid: Int32, server: RealPrometheus) {
        let deadline = ContinuousClock.now + limit
        // Another program may take the port before Prometheus does: then it ends, and another port is tried.
        while ContinuousClock.now < deadline {
            let port = PortChoice.choose(preferred: 0)
            let pid = try Spawn(
                path: binary,
                arguments: [
                    "prometheus", "--config.file=\(root)/prometheus.yml", "--storage.tsdb.path=\(root)/data-\(port)",
                    "--web.listen-address=127.0.0.1:\(port)", "--web.config.file=\(root)/web.yml",
                ],
                environment: ["GOMAXPROCS=1"], family: .group,
                opened: [
                    (0, "/dev/null", O_RDONLY), (1, "/dev/null", O_WRONLY),
                    (2, "\(root)/log", O_WRONLY | O_CREAT | O_APPEND),
                ]
            ).run()
            let server = RealPrometheus(url: "http://127.0.0.1:\(port)", passwordFile: passwordFile)
            while ContinuousClock.now < deadline {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { break }
                if await server.hasScraped() { return (pid, server) }
                try await Task.sleep(for: .milliseconds(50))
            }
            if ContinuousClock.now >= deadline { end(pid) }
        }
        let log = (try? String(contentsOfFile: "\(root)/log", encoding: .utf8)) ?? "no log"
        throw Failure(description: "prometheus had no data within \(limit): \(log.suffix(2000))")
    }

    private func hasScraped() async -> Bool {
        var found = false
        try? await MetricFixture.run { fixture in
            found = try await fixture.total("sum(orders_total)", specification) > 0
        }
        return found
    }

    private static func end(_ pid: Int32) {
        // Its data is thrown away: nothing to end gently for.
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
    }
}

/// Starts one Prometheus for all tests of a suite.
struct RealPrometheusTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await RealPrometheus.run { server in
            try await RealPrometheus.$current.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == RealPrometheusTrait {
    static var realPrometheus: Self { Self() }
}
