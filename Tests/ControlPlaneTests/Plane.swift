import DeliveryModel
import DeliveryStore
import FoundationEssentials
import Logging
import RolloutEngine
import Synchronization

@testable import ControlPlane

/// A control plane's store in a temporary directory that goes with the object, and drivers that do nothing.
final class Plane: Sendable {
    let directory: String
    let database: DeliveryDatabase
    let traffic: FakeTraffic

    init(_ traffic: FakeTraffic = FakeTraffic()) throws {
        directory = FileManager.default.temporaryDirectory.path + "/nonevent-plane-" + UUID().uuidString
        database = try DeliveryDatabase(directory: directory)
        self.traffic = traffic
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var reserve: ReserveFile { ReserveFile(path: directory + "/reserve") }

    func reconciler() throws -> Reconciler {
        Reconciler(
            database: database, archive: try ReleaseArchive(directory: directory + "/releases"),
            instances: FakeInstances(), traffic: traffic, clock: SteadyClock(wall: Shop.begin + .seconds(60)),
            reserve: reserve.path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// A router whose counts the test says.
struct FakeTraffic: TrafficDriver {
    var counts: @Sendable () async -> TrafficMeasures = {
        TrafficMeasures(epoch: "one", generation: 0, services: [:])
    }

    /// What becomes of a table.
    var take: @Sendable (RouteTable) throws(DriverError) -> Void = { _ in }

    func apply(_ table: RouteTable) async throws(DriverError) { try take(table) }
    func measures() async throws(DriverError) -> TrafficMeasures { await counts() }
    func mirrors() async throws(DriverError) -> MirrorReports { MirrorReports(epoch: "one") }
}

struct FakeInstances: InstanceDriver {
    func start(_ plan: InstancePlan) async throws(DriverError) -> InstanceStatus { throw Self.refusal }
    func waitUntilReady(_ plan: InstancePlan) async throws(DriverError) -> InstanceStatus { throw Self.refusal }
    func stop(_ id: String, grace: Duration) async throws(DriverError) {}
    func list() async throws(DriverError) -> [InstanceStatus] { [] }
    func check(_ smoke: SmokeCheck, instance: InstanceStatus) async throws(DriverError) {}

    private static let refusal = DriverError(.failed, "nothing starts here")
}

/// Has no metric.
struct FakeMetrics: MetricDriver {
    func total(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> Double {
        throw MetricError("no metrics here")
    }

    func samples(_ metric: MetricSpecification, of subject: MetricSubject, from: Timestamp, to: Timestamp)
        async throws -> [Double]
    {
        throw MetricError("no metrics here")
    }
}
