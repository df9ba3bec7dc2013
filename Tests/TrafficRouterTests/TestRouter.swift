import DeliveryModel
import FoundationEssentials
import NIOCore
import Testing

@testable import TrafficRouter

/// Values that the tests share.
enum Sample {
    static func digest(_ digit: Character) throws -> ReleaseDigest {
        try #require(ReleaseDigest(String(repeating: digit, count: 64)))
    }

    static func name(_ text: String = "shop") throws -> ServiceName { try #require(ServiceName(text)) }

    static func release(
        _ digit: Character, share: Int, salt: String = "", commit: String = "", healthPath: String = "",
        _ instances: [TestInstance]
    ) throws -> RoutedRelease {
        RoutedRelease(
            digest: try digest(digit), commit: commit, shareBasisPoints: Share(clamping: share), salt: salt,
            healthPath: healthPath,
            instances: instances.map { RoutedInstance(id: $0.name, port: $0.port) })
    }

    static func table(
        _ generation: UInt64, preview: PreviewPolicy = .loopback, _ releases: [RoutedRelease]
    ) throws -> RouteTable {
        RouteTable(
            generation: generation, services: [RoutedService(name: try name(), preview: preview, releases: releases)])
    }
}

extension Sample {
    static func table(_ releases: [RoutedRelease]) throws -> RouteTable { try table(1, releases) }
}

/// Starts a router on a port of its own and stops it after the test.
func withRouter(
    _ table: RouteTable?, admin: String? = nil, file: String? = nil, workers: Int = 2,
    limits: RouterLimits = .init(), _ body: (Router) async throws -> Void
) async throws {
    let router = Router(
        configuration: RouterConfiguration(
            listenHost: "127.0.0.1", listenPort: 0, adminSocketPath: admin, tableFile: file, workers: workers,
            limits: limits),
        initialTable: table)
    try await router.start()
    do {
        try await body(router)
    } catch {
        await router.shutdown()
        throw error
    }
    await router.shutdown()
}

/// A directory of the test's own, removed afterwards.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    var random = SystemRandomNumberGenerator()
    let path = "/tmp/router-test-" + RandomKey.hex(using: &random).prefix(12)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}

extension Router {
    /// The counts of one release, all loops added up.
    func counts(_ digit: Character) async throws -> ReleaseMeasures {
        await measures().services[try Sample.name()]?[try Sample.digest(digit)] ?? .init()
    }

    /// Waits until nothing is under way on the release.
    func quiet(_ digit: Character) async throws {
        try await eventually("no request under way") {
            try await self.counts(digit).inFlight.values.allSatisfy { $0 == 0 }
        }
    }
}
