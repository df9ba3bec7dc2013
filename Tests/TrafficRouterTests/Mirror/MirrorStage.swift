import DeliveryModel
import Testing

@testable import TrafficRouter

/// A router between a person, a baseline (`a`) that serves everybody, and a dark release (`b`).
struct MirrorStage {
    let router: Router
    let client: TestClient
    let baseline: MirrorInstance
    let dark: MirrorInstance

    /// What the mirror has shown.
    func report() async throws -> MirrorReport {
        try #require(await router.mirrorReports().mirrors.first)
    }

    func counters() async throws -> MirrorCounters {
        await router.counters().releases[try Sample.name()]?[try Sample.digest("b")]?.mirrors ?? .init()
    }

    /// Waits for a report that meets a condition.
    @discardableResult
    func report(_ what: String, where condition: (MirrorReport) -> Bool) async throws -> MirrorReport {
        var report = try await report()
        try await eventually(what) {
            report = try await self.report()
            return condition(report)
        }
        return report
    }

    func post(_ path: String, _ body: String, _ fields: [String] = []) async throws -> TestClient.Response {
        try await client.send(
            (["POST \(path) HTTP/1.1", "Host: test", "Content-Length: \(body.utf8.count)"] + fields)
                .joined(separator: "\r\n") + "\r\n\r\n" + body)
        return try await client.response()
    }

    static func table(
        _ generation: UInt64 = 1, baseline: MirrorInstance, dark: MirrorInstance, mirror: TrafficMirror?
    ) throws -> RouteTable {
        func release(_ digit: Character, _ share: Share, _ port: Int) throws -> RoutedRelease {
            RoutedRelease(
                digest: try Sample.digest(digit), shareBasisPoints: share,
                instances: [RoutedInstance(id: "\(digit)", port: port)])
        }
        var table = try Sample.table(
            generation, [try release("a", .all, baseline.port), try release("b", .none, dark.port)])
        table.services[0].mirror = mirror
        return table
    }

    static func mirror(_ change: (inout TrafficMirror) -> Void = { _ in }) throws -> TrafficMirror {
        var mirror = TrafficMirror(to: try Sample.digest("b"))
        change(&mirror)
        return mirror
    }
}

/// - Parameter mirror: by default of everything, with answers thrown away.
func withMirror(
    _ mirror: TrafficMirror? = nil, limits: RouterLimits = .init(), workers: Int = 1,
    baseline: @escaping MirrorInstance.Behaviour = { _ in .answer("{}") },
    dark: @escaping MirrorInstance.Behaviour = { _ in .answer("{}") },
    _ body: (MirrorStage) async throws -> Void
) async throws {
    let (old, new) = (try await MirrorInstance.start(baseline), try await MirrorInstance.start(dark))
    let table = try MirrorStage.table(baseline: old, dark: new, mirror: try mirror ?? MirrorStage.mirror())
    try await withRouter(table, workers: workers, limits: limits) { router in
        let client = try await TestClient.connect(port: router.trafficPort)
        try await body(MirrorStage(router: router, client: client, baseline: old, dark: new))
        await client.close()
    }
    await old.stop()
    await new.stop()
}
