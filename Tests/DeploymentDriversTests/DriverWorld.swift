import AsyncHTTPClient
import DeliveryModel
import DeploymentDrivers
import Foundation
import Glibc
import Testing

/// A temporary directory, a driver in it, and an end to everything that was started.
struct DriverWorld {
    let root: String
    let driver: ProcessInstanceDriver
    let client: HTTPClient

    static let limit = Duration.seconds(20)

    static func run(
        options: ShimOptions = ShimOptions(), _ body: (DriverWorld) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/drivers-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/release", withIntermediateDirectories: true)
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let world = DriverWorld(root: root, driver: driver(root, client, options), client: client)
        var failure: (any Error)?
        do { try await body(world) } catch { failure = error }
        for status in (try? await world.driver.list()) ?? [] { try? await world.driver.stop(status.id, grace: .zero) }
        try await client.shutdown()
        try? FileManager.default.removeItem(atPath: root)
        if let failure { throw failure }
    }

    static func driver(_ root: String, _ client: HTTPClient, _ options: ShimOptions = ShimOptions())
        -> ProcessInstanceDriver
    {
        ProcessInstanceDriver(
            directory: root + "/instances", logsDirectory: root + "/logs", executable: binary, client: client,
            options: options)
    }

    /// `NONEVENT_BINARY`, else the binary that was built beside these tests.
    static var binary: String {
        if let path = ProcessInfo.processInfo.environment["NONEVENT_BINARY"] { return path }
        var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            directory = URL(fileURLWithPath: argument).deletingLastPathComponent()
        }
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("nonevent").path
            if candidate.contains("/.build"), FileManager.default.isExecutableFile(atPath: candidate) {
                return candidate
            }
            directory.deleteLastPathComponent()
        }
        return FileManager.default.currentDirectoryPath + "/.build/debug/nonevent"
    }

    func plan(
        _ command: [String], id: String = "shop-1", ready: ReadySpecification = .init(path: "/", within: .seconds(15)),
        environment: [String: String] = [:]
    ) throws -> InstancePlan {
        InstancePlan(
            id: id, service: try #require(ServiceName("shop")),
            release: try #require(ReleaseDigest(String(repeating: "a", count: 64))), commit: "c0ffee",
            command: command, environment: environment, directory: root + "/release",
            configDirectory: root + "/config", ready: ready, stop: StopSpecification(grace: .seconds(5)))
    }

    static let web = ["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "$PORT"]

    func status(_ id: String = "shop-1") async throws -> InstanceStatus {
        try #require(try await driver.list().first { $0.id == id })
    }

    func logFile(_ id: String = "shop-1") -> String {
        "\(root)/logs/shop/\(String(repeating: "a", count: 64))/\(id).log"
    }

    func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    /// Looks again until the condition holds.
    func eventually(
        _ what: String, location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + Self.limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not within \(Self.limit): \(what)", sourceLocation: location)
    }

    /// The result of `bind` or `connect` with a port of this machine.
    static func atPort(_ port: Int, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Whether the process is there and no zombie.
    static func lives(_ pid: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return !text.contains(") Z ")
    }
}
