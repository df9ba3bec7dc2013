import AsyncHTTPClient
import DeliveryModel
import Foundation
import Glibc
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

    /// A router that hangs is found out once, not by each table in turn.
    @Test func aRouterThatHangsIsWaitedForOnce() async throws {
        try await withDriver { driver, socket in
            try await withRouter(socket) { try await driver.apply(try table(1, "a")) }
            let listener = try DriverWorld.listen(socket)
            let began = ContinuousClock.now
            let codes = await withTaskGroup(of: DriverError.Code?.self) { group in
                for generation in UInt64(2)..<22 {
                    group.addTask {
                        do throws(DriverError) { try await driver.apply(RouteTable(generation: generation)) } catch {
                            return error.code
                        }
                        return nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count == 20 && codes.allSatisfy { $0 == .unreachable })
            #expect(
                ContinuousClock.now - began < RouterTrafficDriver.limit * 10, "20 of them would take 20 times the limit"
            )
            close(listener)
            unlink(socket)
            try await withRouter(socket) {
                try await driver.apply(try table(30, "b"))
                #expect(try await driver.table() == table(30, "b"))
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

extension DriverWorld {
    /// A Unix socket that takes connections and never says anything.
    fileprivate static func listen(_ path: String) throws -> CInt {
        let listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && Glibc.listen(listener, 64) == 0)
        return listener
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
