import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import FoundationEssentials
import Logging
import RolloutEngine

@testable import ControlPlane

/// A desk on a control plane's store, with releases that are really packed and stages that never run.
struct DeskBench {
    let plane: Plane
    let reconciler: Reconciler
    let archive: ReleaseArchive
    let desk: DeliveryDesk

    init(_ plane: Plane) async throws {
        self.plane = plane
        reconciler = try plane.reconciler()
        try await reconciler.load()
        archive = try ReleaseArchive(directory: plane.directory + "/releases")
        desk = DeliveryDesk(
            reconciler: reconciler, database: plane.database, archive: archive, stages: IdleStages(),
            mirrors: GitMirrors(directory: plane.directory + "/repositories"),
            secrets: StageSecrets(directory: plane.directory + "/secrets", environment: [:]),
            settings: DeliverySettingsFile(path: plane.directory + "/delivery.yaml"),
            workshop: plane.directory + "/trees", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await desk.load()
    }

    /// Packs and registers a release.
    func release(_ commit: String, service: String = "shop", deploy: String = "{}") async throws -> ReleaseRecord {
        let root = plane.directory + "/source-\(service)-\(commit)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try Data(commit.utf8).write(to: URL(filePath: root + "/program"))
        let yaml = """
            service: \(service)
            run: { command: ["./program"] }
            artifact: { include: ["program"] }
            route: { hosts: ["\(service).localhost"] }
            deploy: \(deploy)

            """
        let specification = try ServiceFileParser.parse(Array(yaml.utf8), file: "nonevent.yaml")
        let source = ReleaseSource(
            root: root, serviceFile: Array(yaml.utf8), specification: specification, commit: commit,
            committedAt: Shop.begin)
        let packed = try ReleasePacker().pack(source, into: archive.directory)
        return try await desk.record(of: packed.digest)
    }

    func kinds() throws -> [String] { try plane.database.entries(after: 0).map(\.kind) }
}

/// Nothing runs.
struct IdleStages: StageDriver {
    func run(_ plan: StagePlan) async -> StageResult { StageResult(outcome: .unable, reason: "nothing runs here") }
    func stop(_ attempt: String) async {}
    func recover() async throws(DriverError) -> [String] { [] }
    func assemble(_ plan: TreePlan) async throws(DriverError) -> AssembledTree {
        throw DriverError(.failed, "nothing is built here")
    }
    func output(of attempt: String, from offset: Int, limit: Int) async throws(DriverError) -> StageOutputPiece {
        throw DriverError(.refused, "nothing was written")
    }
}

extension DeliveryDesk {
    func set(budgetSpent services: Set<ServiceName>) { budgetSpent = services }
}

extension String {
    /// Writes the control plane's `delivery.yaml`.
    func write(to plane: Plane) throws {
        try Data(utf8).write(to: URL(filePath: plane.directory + "/delivery.yaml"))
    }
}
