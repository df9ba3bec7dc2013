import DeliveryModel
import Foundation
import Synchronization
import Testing

@testable import ControlPlane

/// Settings of the whole router: read when the file changes, put in force when the router takes them.
@Suite struct RouterSettingsTests {
    /// Remembers what it was given, and refuses tables that have an access log, as a router does that cannot open it.
    private final class Log: Sendable {
        let tables = Mutex<[RouteTable]>([])
        let answer = Mutex<DriverError.Code?>(nil)

        func take(_ table: RouteTable) throws(DriverError) {
            if let code = answer.withLock({ $0 }) { throw DriverError(code, "as told") }
            guard table.accessLog == nil else { throw DriverError(.refused, "cannot open the access log") }
            tables.withLock { $0.append(table) }
        }
    }

    private func plane(_ log: Log) throws -> Plane {
        var traffic = FakeTraffic()
        traffic.take = { table throws(DriverError) in try log.take(table) }
        return try Plane(traffic)
    }

    private func settings(_ bytes: Int, log: Bool = false) -> RouterSettings {
        var settings = RouterSettings(accessLog: log ? AccessLog(file: "/nowhere/log") : nil)
        settings.limits.maxTargetBytes = bytes
        return settings
    }

    @Test func whatTheRouterRefusesStaysOutOfLaterTables() async throws {
        let log = Log()
        let plane = try self.plane(log)
        let reconciler = try plane.reconciler()
        try await reconciler.load()
        #expect(await reconciler.adoptRouter(settings(200)) == nil)
        try await reconciler.use(settings(300))
        let before = await reconciler.routeTable()
        #expect(before.limits.maxTargetBytes == 300)
        await #expect(throws: DriverError.self) { try await reconciler.use(settings(400, log: true)) }
        #expect(await reconciler.routeTable() == before)
        // Nobody answers: what is in force is not given up.
        log.answer.withLock { $0 = .unreachable }
        await #expect(throws: DriverError.self) { try await reconciler.use(settings(500)) }
        #expect(await reconciler.routeTable() == before)
        log.answer.withLock { $0 = nil }
        try await reconciler.use(settings(500))
        let generations = log.tables.withLock { $0.map(\.generation) }
        #expect(
            generations == generations.sorted()
                && Set(log.tables.withLock { $0.map(\.limits.maxTargetBytes) }).count == 3)
    }

    @Test func aRouterThatLagsIsFollowedOnceItsTableIsNotOnItsWay() async throws {
        let log = Log()
        let plane = try self.plane(log)
        let reconciler = try plane.reconciler()
        try await reconciler.load()
        _ = await reconciler.adoptRouter(settings(200))
        let count = log.tables.withLock(\.count)
        let behind = TrafficMeasures(epoch: "one", generation: 0)
        let asked = await reconciler.puts
        await reconciler.put(await reconciler.routeTable())
        #expect(log.tables.withLock(\.count) == count + 1)
        // The counts were read before that table was there.
        await reconciler.follow(behind, asked: asked)
        #expect(log.tables.withLock(\.count) == count + 1)
        await reconciler.follow(behind, asked: await reconciler.puts)
        #expect(log.tables.withLock(\.count) == count + 2)
        let level = TrafficMeasures(epoch: "one", generation: await reconciler.routeTable().generation)
        await reconciler.follow(level, asked: await reconciler.puts)
        #expect(log.tables.withLock(\.count) == count + 2)
    }

    @Test func atTheStartTheOthersAreTakenWithoutTheLog() async throws {
        let log = Log()
        let plane = try self.plane(log)
        let reconciler = try plane.reconciler()
        try await reconciler.load()
        let refusal = await reconciler.adoptRouter(settings(200, log: true))
        #expect(refusal?.contains("access log") ?? false)
        #expect(log.tables.withLock { $0.last?.limits.maxTargetBytes } == 200)
    }

    @Test func theFileIsReadOnceForEachChange() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/nonevent-settings-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/router.yaml"
        let file = try RouterSettingsFile(named: nil, directory: directory)
        #expect(file.settings == RouterSettings())
        #expect(try file.change() == nil)
        try "limits: { maxTargetBytes: 200B }".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try file.change() == settings(200))
        #expect(try file.change() == nil)
        try "limits: { maxTargetBytes: 300 }".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: ServiceFileError.self) { try file.change() }
        #expect(try file.change() == nil)
        #expect(file.settings == settings(200))
        try FileManager.default.removeItem(atPath: path)
        #expect(try file.change() == RouterSettings())
        // A file that was named must be there.
        #expect(throws: ServiceFileError.self) { try RouterSettingsFile(named: path, directory: directory) }
        try "{}".write(toFile: path, atomically: true, encoding: .utf8)
        let named = try RouterSettingsFile(named: path, directory: directory)
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: ServiceFileError.self) { try named.change() }
        #expect(try named.change() == nil)
    }
}
