import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import Logging
import RolloutEngine

/// Where commits become rollouts: repositories, pipeline runs, the deploy queue and its holds.
///
/// The engine's machines decide; what they decided is written in one transaction before anything is done. Changes pass
/// one at a time (``alone(_:)``), so that what was decided still holds when it is written.
actor DeliveryDesk {
    /// Changes that may wait for their turn at once.
    static let lineLimit = 10_000
    /// States of runs that wait to be told; older ones are dropped.
    static let statusLimit = 10_000

    let reconciler: Reconciler
    let database: DeliveryDatabase
    let archive: ReleaseArchive
    let stages: any StageDriver
    let mirrors: GitMirrors
    let secrets: StageSecrets
    let settings: DeliverySettingsFile
    let logger: Logger
    /// Directory for trees that releases are packed from.
    let workshop: String

    var repositories: [String: KnownRepository] = [:]
    /// Runs that have not ended.
    var runs: [String: DeliveryRun] = [:]
    var queue = DeployQueue()
    var durations = RolloutDurations()
    var offers: [ServiceName: OfferedCommit] = [:]
    var budget = ErrorBudget()
    /// Services whose error budget is spent.
    var budgetSpent: Set<ServiceName> = []
    /// Specifications by the hash of the service file, so that a look reads only files that changed.
    var specifications = SpecificationCache()
    /// What was asked for since the last look, by repository.
    var wishes: [String: LookWish] = [:]
    /// Repositories that are being looked at.
    var looking: Set<String> = []
    /// States of open runs that are on their way to forges.
    var askedStates: [String: String] = [:]
    /// Numbers names of temporary directories.
    var trees = 0

    /// Effects to carry out.
    let work: AsyncStream<Work>
    let workQueue: AsyncStream<Work>.Continuation
    /// What forges are to be told, at most ``statusLimit`` at once.
    let statuses: AsyncStream<StatusNews>
    let statusQueue: AsyncStream<StatusNews>.Continuation
    /// Something may have changed that runs, the queue or a repository waits for.
    let wakes: AsyncStream<Void>
    let wake: AsyncStream<Void>.Continuation

    private var isTaken = false
    private var line: [CheckedContinuation<Void, Never>] = []

    /// An effect of a pipeline run.
    struct Work: Sendable {
        var run: String
        var effect: PipelineEffect
    }

    init(
        reconciler: Reconciler, database: DeliveryDatabase, archive: ReleaseArchive, stages: any StageDriver,
        mirrors: GitMirrors, secrets: StageSecrets, settings: DeliverySettingsFile, workshop: String, logger: Logger
    ) {
        self.reconciler = reconciler
        self.database = database
        self.archive = archive
        self.stages = stages
        self.mirrors = mirrors
        self.secrets = secrets
        self.settings = settings
        self.workshop = workshop
        self.logger = logger
        (work, workQueue) = AsyncStream.makeStream()
        (statuses, statusQueue) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.statusLimit))
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs `body` when nobody else changes anything, in the order of coming.
    /// - Throws: `busy` when too many wait.
    func alone<Value>(_ body: () async throws -> Value) async throws -> Value {
        if isTaken {
            guard line.count < Self.lineLimit else {
                throw ProblemDetails(
                    code: "busy", title: "Too much at once", status: 503,
                    detail: "\(line.count) changes wait already; try again in a moment")
            }
            await withCheckedContinuation { line.append($0) }
        }
        isTaken = true
        defer {
            if line.isEmpty { isTaken = false } else { line.removeFirst().resume() }
        }
        return try await body()
    }

    /// One transaction: journal entries, and what they are about.
    func write(_ drafts: [JournalDraft], _ records: PipelineRecords) async throws {
        try await reconciler.record(drafts, records)
    }

    func draft(
        _ kind: String, _ service: ServiceName?, actor: String = "nonevent", at now: Timestamp, _ data: DeliveryNoteData
    ) throws -> JournalDraft {
        try data.draft(kind, service: service, actor: actor, at: now)
    }
}

extension DeliveryDesk {
    /// Reads what was stored, and brings it in line with what the control plane before this one left: attempts that
    /// were under way are run again, deploys whose rollout never began wait again.
    func load() async throws {
        func document<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value? {
            try database.document(key).map { try StoredForms.decode(type, $0) }
        }
        for repository in try document([KnownRepository].self, DeliveryDocument.repositories) ?? [] {
            repositories[repository.name] = repository
        }
        queue = try document(DeployQueue.self, DeliveryDocument.queue) ?? DeployQueue()
        durations = try document(RolloutDurations.self, DeliveryDocument.durations) ?? RolloutDurations()
        offers = try document([ServiceName: OfferedCommit].self, DeliveryDocument.offers) ?? [:]
        budget.restore(try database.budgetHours())
        for state in await reconciler.allStates() where budget.isSpent(state, at: await reconciler.now()) {
            budgetSpent.insert(state.service)
        }
        for row in try database.openRuns() {
            runs[row.id] = try StoredForms.decode(DeliveryRun.self, row.json)
        }
        try await alone {
            try await alignQueue()
            for id in runs.keys.sorted() where runs[id]?.isBegun == true { try await step(id, .restarted) }
        }
        try reportRecent()
        wake.yield()
    }

    var repositoriesDocument: [String: String] {
        get throws {
            let all = repositories.values.sorted { $0.name < $1.name }
            return [DeliveryDocument.repositories: try StoredForms.json(all)]
        }
    }
}
