import DeliveryAPI
import DeliveryModel
import DeliveryStore
import RolloutEngine

extension DeliveryDesk {
    var holds: [DeployHoldStatus] {
        let all = queue.holdOfAll.map { [DeployHoldStatus(service: nil, reason: $0.why, by: $0.by, since: $0.since)] }
        return (all ?? [])
            + queue.holds.sorted { $0.key < $1.key }.map { service, hold in
                DeployHoldStatus(service: service, reason: hold.why, by: hold.by, since: hold.since)
            }
    }

    /// Deploys of a service, or of all (`nil`), wait.
    func hold(_ service: ServiceName?, reason: String, actor: String) async throws -> DeployHoldResult {
        guard reason.utf8.count <= DeployHoldRequest.reasonBytes else {
            throw Problems.badRequest(
                "the reason has \(reason.utf8.count) bytes; expected at most \(DeployHoldRequest.reasonBytes)",
                code: "bad-hold", status: 422)
        }
        return try await alone {
            let now = await reconciler.now()
            var next = queue
            let hold = DeployHold(by: actor, why: reason, since: now)
            if let service { next.hold(service, hold) } else { next.holdAll(hold) }
            guard next != queue else { return DeployHoldResult(changed: false, holds: holds) }
            try await write(next, "deploys.held", service, actor, reason, at: now)
            return DeployHoldResult(changed: true, holds: holds)
        }
    }

    func release(_ service: ServiceName?, actor: String) async throws -> DeployHoldResult {
        try await alone {
            var next = queue
            let wasHeld = if let service { next.release(service) } else { next.releaseAll() }
            guard wasHeld else { return DeployHoldResult(changed: false, holds: holds) }
            try await write(next, "deploys.released", service, actor, "", at: await reconciler.now())
            try await askQueue()
            return DeployHoldResult(changed: true, holds: holds)
        }
    }

    private func write(
        _ next: DeployQueue, _ kind: String, _ service: ServiceName?, _ actor: String, _ why: String,
        at now: Timestamp
    ) async throws {
        let note = try draft(kind, service, actor: actor, at: now, DeliveryNoteData(why: why))
        try await write(
            [note], PipelineRecords(documents: [DeliveryDocument.queue: try StoredForms.json(next)]))
        queue = next
    }

    func move(_ service: ServiceName, to place: Int, actor: String) async throws -> QueueActionResult {
        try await alone {
            var next = queue
            guard next.move(service, to: place) else { throw nothingWaits(service) }
            let changed = next != queue
            if changed {
                try await write(
                    next, "deploy.moved", service, actor, "to place \(place)", at: await reconciler.now())
                try await askQueue()
            }
            return QueueActionResult(changed: changed, queue: await queueStatus())
        }
    }

    func drop(_ service: ServiceName, actor: String) async throws -> QueueActionResult {
        try await alone {
            var next = queue
            guard let dropped = next.drop(service) else { throw nothingWaits(service) }
            try await write(
                next, "deploy.dropped", service, actor,
                "commit \(dropped.commit.prefix(10)) was taken out of the queue",
                at: await reconciler.now())
            if let release = dropped.release, let record = try? await record(of: release) {
                try await reconciler.handle(
                    .passedOver(
                        record, since: dropped.since, actor: actor, why: "taken out of the queue by \(actor)"),
                    for: service)
            }
            return QueueActionResult(changed: true, queue: await queueStatus())
        }
    }

    private func nothingWaits(_ service: ServiceName) -> ProblemDetails {
        ProblemDetails(
            code: "not-queued", title: "Nothing waits", status: 409,
            detail: "no deploy of \(service) waits; 'nonevent queue' shows those that do")
    }

    /// The deploy of a service that waits in the queue.
    func waiting(_ service: ServiceName) -> WaitingDeploy? { queue.waiting[service] }

    /// Every deploy that waits.
    var allWaiting: [ServiceName: WaitingDeploy] { queue.waiting }

    /// Runs that are looked through for what the commits of a batch are about.
    private static let batchRuns = 20

    func queueStatus() async -> QueueStatus {
        let now = await reconciler.now()
        let places = queue.waiting(at: now, conditions(), durations: durations)
        let running = queue.running.values.sorted { ($0.startedAt, $0.service) < ($1.startedAt, $1.service) }
        let messages = places.reduce(into: [String: PipelineCommit]()) { $0.merge(known($1.deploy)) { $1 } }
        return QueueStatus(
            running: running.compactMap { deploy in
                deploy.release.map {
                    RunningDeployStatus(
                        service: deploy.service, release: $0, commit: deploy.commit, since: deploy.startedAt)
                }
            }, waiting: places.compactMap { Self.status($0, messages) }, holds: holds,
            warnings: settings.problem.map { [$0] } ?? [])
    }

    /// What the runs of a service say of the commits that wait.
    private func known(_ deploy: WaitingDeploy) -> [String: PipelineCommit] {
        guard let run = deploy.run else { return [:] }
        func messages(_ held: DeliveryRun) -> [String: PipelineCommit] {
            Dictionary(held.commits.map { ($0.commit, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let own = (try? stored(run)).map(messages) ?? [:]
        guard deploy.commits.contains(where: { own[$0] == nil }) else { return own }
        // Those of runs before, whose place it took.
        let rows = (try? database.runs(service: deploy.service.text, limit: Self.batchRuns)) ?? []
        return rows.compactMap { try? StoredForms.decode(DeliveryRun.self, $0.json) }
            .reduce(into: own) { $0.merge(messages($1)) { first, _ in first } }
    }

    private static func status(_ place: QueuePlace, _ messages: [String: PipelineCommit]) -> WaitingDeployStatus? {
        let deploy = place.deploy
        guard let release = deploy.release else { return nil }
        let commits = deploy.commits.reversed().map {
            messages[$0] ?? PipelineCommit(commit: $0, subject: "", author: "")
        }
        return WaitingDeployStatus(
            position: place.position, service: deploy.service, release: release, commit: deploy.commit,
            commits: commits, priority: deploy.priority.rawValue, run: deploy.run, actor: deploy.actor,
            since: deploy.since, waitsFor: place.reasons.map(WaitWords.sentence),
            forecastSeconds: place.forecastSeconds)
    }
}
