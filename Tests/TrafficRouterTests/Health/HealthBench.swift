import DeliveryModel
import NIOConcurrencyHelpers
import Testing

@testable import TrafficRouter

/// A router with one release of some instances, and a health policy of the test's choice.
enum HealthBench {
    /// Ejects after three failures in a row and for no other reason, for longer than a test takes.
    static func policy(_ change: (inout HealthPolicy) -> Void = { _ in }) -> HealthPolicy {
        var policy = HealthPolicy()
        policy.passive.consecutiveFailures = 3
        policy.passive.errorShareBasisPoints = .none
        policy.passive.ejectFor = .seconds(300)
        change(&policy)
        return policy
    }

    static func table(
        _ generation: UInt64, _ policy: HealthPolicy, _ instances: [TestInstance]
    ) throws -> RouteTable {
        var table = try Sample.table(generation, [try Sample.release("a", share: 10_000, instances)])
        table.services[0].health = policy
        return table
    }

    static func run(
        _ names: [String], _ policy: HealthPolicy, workers: Int = 1, limits: RouterLimits = .init(),
        _ body: (Router, TestClient, [TestInstance]) async throws -> Void
    ) async throws {
        var instances: [TestInstance] = []
        for name in names { instances.append(try await TestInstance.start(name)) }
        try await withRouter(try table(1, policy, instances), workers: workers, limits: limits) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await body(router, client, instances)
            await client.close()
        }
        for instance in instances { await instance.stop() }
    }
}

extension TestInstance {
    func fails(_ failing: Bool) { self.failing.withLockedValue { $0 = failing } }
    func isWell(_ well: Bool) { isHealthy.withLockedValue { $0 = well } }
}

extension TestClient {
    /// Sends requests until `count` have failed.
    func get(untilFailed count: Int) async throws {
        var failed = 0
        try await eventually("\(count) failures") {
            if try await self.get("/").status == 500 { failed += 1 }
            return failed == count
        }
    }

    /// How many of some requests each instance has answered.
    func answers(_ count: Int) async throws -> [String: Int] {
        var answers: [String: Int] = [:]
        for _ in 0..<count { answers[try await get("/").text, default: 0] += 1 }
        return answers
    }
}

extension Router {
    func health(_ digit: Character = "a") async throws -> HealthCounters {
        await counters().releases[try Sample.name()]?[try Sample.digest(digit)]?.health ?? .init()
    }
}
