import AsyncHTTPClient
import DeliveryModel
import Foundation
import Testing
import TrafficRouter

@testable import DeploymentDrivers

/// The driver against a real router.
@Suite(.timeLimit(.minutes(2)))
struct RouterTrafficDriverTests {
    private func withRouter(_ socket: String, _ body: () async throws -> Void) async throws {
        let router = Router(
            configuration: RouterConfiguration(listenHost: "127.0.0.1", listenPort: 0, adminSocketPath: socket))
        try await router.start()
        let result = await Result { try await body() }
        await router.shutdown()
        try result.get()
    }

    private func withDriver(_ body: (RouterTrafficDriver, String) async throws -> Void) async throws {
        let directory = "/tmp/driver-test-" + UUID().uuidString.prefix(12)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let socket = directory + "/r.sock"
        let result = await Result { try await body(RouterTrafficDriver(socket: socket, client: client), socket) }
        try await client.shutdown()
        try result.get()
    }

    private func table(_ generation: UInt64, _ names: String...) throws -> RouteTable {
        let digest = try #require(ReleaseDigest(String(repeating: "a", count: 64)))
        return RouteTable(
            generation: generation,
            services: try names.map { name in
                RoutedService(
                    name: try #require(ServiceName(name)),
                    releases: [
                        RoutedRelease(
                            digest: digest, shareBasisPoints: .all,
                            instances: [RoutedInstance(id: "\(name)-1", port: 9)])
                    ])
            })
    }

    private func services(_ driver: RouterTrafficDriver) async throws -> Set<String> {
        Set(try await driver.measures().services.keys.map(\.text))
    }

    @Test func tablesAfterTheFirstAreChangesOfIt() async throws {
        try await withDriver { driver, socket in
            try await withRouter(socket) {
                let tables = [try table(1, "a", "b"), try table(2, "a", "b", "c"), try table(5, "b", "c", "d")]
                for table in tables {
                    try await driver.apply(table)
                    #expect(try await driver.table() == table)
                }
                var other = try table(6, "b")
                other.trustedProxies = []
                try await driver.apply(other)
                #expect(try await driver.table() == other)
                try await driver.apply(other)
                // Somebody else puts another table: ours is made whole again, and never mixed with it.
                let stranger = RouterTrafficDriver(socket: socket, client: driver.client)
                try await stranger.apply(try table(7, "x", "y"))
                try await driver.apply(try table(8, "b", "c"))
                #expect(try await driver.table() == table(8, "b", "c"))
                let error = await #expect(throws: DriverError.self) { try await driver.apply(try table(3, "a")) }
                #expect(error?.code == .stale)
                var wrong = try table(9, "b", "c")
                wrong.services[0].hosts = ["UPPER"]
                let refusal = await #expect(throws: DriverError.self) { try await driver.apply(wrong) }
                #expect(refusal?.code == .refused && refusal?.message.contains("UPPER") == true)
                try await driver.apply(try table(10, "b", "c", "e"))
                #expect(try await driver.table() == table(10, "b", "c", "e"))
            }
        }
    }

    @Test func aRouterThatWasRestartedGetsAllAndIsReadWhole() async throws {
        try await withDriver { driver, socket in
            try await withRouter(socket) {
                try await driver.apply(try table(1, "a", "b"))
                #expect(try await services(driver) == ["a", "b"])
                #expect(try await services(driver) == ["a", "b"], "what did not change is still known")
                try await driver.apply(try table(2, "a", "b", "c"))
                #expect(try await services(driver) == ["a", "b", "c"])
            }
            try await withRouter(socket) {
                #expect(try await services(driver).isEmpty)
                try await driver.apply(try table(3, "c"))
                #expect(try await driver.table() == table(3, "c"))
                #expect(try await services(driver) == ["c"])
            }
        }
    }
}

extension RouterTrafficDriver {
    /// The table in force.
    fileprivate func table() async throws -> RouteTable { try await get("/table") }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
