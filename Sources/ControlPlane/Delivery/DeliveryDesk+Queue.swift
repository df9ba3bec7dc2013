import DeliveryAPI
import DeliveryModel
import DeliveryStore
import Logging
import RolloutEngine

extension DeliveryDesk {
    /// What became of a deploy that somebody asked for.
    struct Offered: Sendable {
        /// The service as it is now.
        var state: ServiceState
        var isWaiting: Bool
        /// The waiting release that it took the place of.
        var superseded: ReleaseDigest?
        var reasons: [WaitReason]
    }

    /// A deploy by hand or from another system: begins at once when nothing is in its way, else it waits.
    /// - Throws: `RolloutError` when the engine would refuse it; `StoreError`. Nothing has changed then.
    func deploy(_ record: ReleaseRecord, actor: String, fix: Bool, branch: String?) async throws -> Offered {
        try await alone {
            try await noticeEnds()
            let service = record.specification.service
            let now = await reconciler.now()
            var deploy = WaitingDeploy(
                service: service, commit: record.commit, release: record.digest, priority: fix ? .fix : .normal,
                deploy: record.specification.deploy, actor: actor, since: now)
            if record.commit.isEmpty { deploy.commit = record.digest.hex }
            var drafts: [JournalDraft] = []
            if fix || branch != nil {
                let what = [fix ? "deployed as a fix" : nil, branch.map { "from branch \($0)" }].compactMap { $0 }
                drafts.append(
                    try draft(
                        fix ? "deploy.fix" : "deploy.branch", service, actor: actor, at: now,
                        DeliveryNoteData(
                            branch: branch, commit: record.commit, release: record.digest, fix: fix ? true : nil,
                            why: what.joined(separator: ", "))))
            }
            return try await offer(deploy, record, drafts, PipelineRecords())
        }
    }

    /// What a pipeline made. A run that was overtaken by a newer one goes nowhere; neither does what was undone.
    func offer(
        _ held: DeliveryRun, _ release: ReleaseDigest, _ drafts: [JournalDraft], _ records: PipelineRecords
    ) async throws {
        let (service, origin) = (held.run.service, held.run.origin)
        let now = await reconciler.now()
        func refused(_ why: String) throws -> JournalDraft {
            try draft(
                "deploy.refused", service, at: now,
                DeliveryNoteData(run: held.run.id, commit: origin.commit, release: release, why: why))
        }
        if let newer = offers[service], newer.number > held.number {
            let why = "run \(service)-p\(newer.number) of a newer commit was quicker"
            return try await write(drafts + [try refused(why)], records)
        }
        let before = offers
        offers[service] = OfferedCommit(number: held.number, commit: origin.commit)
        var records = records
        records.documents[DeliveryDocument.offers] = try StoredForms.json(offers)
        do {
            let record = try await self.record(of: release)
            let deploy = WaitingDeploy(
                service: service, commit: origin.commit, release: release, run: held.run.id, commits: origin.commits,
                deploy: held.deploy, actor: origin.actor, since: now)
            _ = try await offer(deploy, record, drafts, records)
        } catch let error as StoreError where error.code == .full || error.code == .io {
            offers = before
            throw error
        } catch {
            try await write(drafts + [try refused("\(error)")], records)
        }
    }

    /// A release as the engine takes it.
    func record(of release: ReleaseDigest) async throws -> ReleaseRecord {
        let stored = try archive.register(release)
        let specification = try ServiceFileParser.parse(try archive.serviceFile(release), file: "nonevent.yaml")
        try await refuseSharedRoutes(specification)
        let now = await reconciler.now()
        return ReleaseRecord(
            digest: release, commit: stored.commit, createdAt: stored.createdAt ?? now, acceptedAt: now,
            specification: specification)
    }

    private func offer(
        _ deploy: WaitingDeploy, _ record: ReleaseRecord, _ drafts: [JournalDraft], _ records: PipelineRecords
    ) async throws -> Offered {
        let service = deploy.service
        let state = await reconciler.state(of: service) ?? ServiceState(service: service)
        let now = await reconciler.now()
        // What the engine would say: it is asked before a place in the queue is given.
        let dry = try RolloutStateMachine.step(state, .deploy(record, actor: deploy.actor), at: now)
        let isRunning = state.rollout?.candidate == record.digest
        if dry.isUnchanged, queue.waiting[service] == nil || isRunning {
            if !drafts.isEmpty || !records.isEmpty { try await write(drafts, records) }
            return Offered(state: state, isWaiting: false, reasons: [])
        }
        var next = queue
        let outcome = next.offer(deploy)
        var superseded: RolloutEngine.WaitingDeploy?
        if case .superseded(let before) = outcome, before.release != deploy.release { superseded = before }
        let conditions = conditions()
        let decisions = next.next(at: now, conditions)
        let begins = decisions.contains { if case .begin(let begun) = $0 { begun.service == service } else { false } }
        var drafts = drafts
        var records = records
        let reasons = next.waiting(at: now, conditions).first { $0.deploy.service == service }?.reasons ?? []
        if !begins, outcome != .known {
            drafts.append(
                try draft(
                    "deploy.queued", service, actor: deploy.actor, at: now,
                    DeliveryNoteData(
                        run: deploy.run, commit: deploy.commit, commits: next.waiting[service]?.commits,
                        release: deploy.release,
                        why: "waits for " + reasons.map(WaitWords.sentence).joined(separator: ", and for "))))
        }
        records.documents[DeliveryDocument.queue] = try StoredForms.json(next)
        try await carryOut(decisions, next, drafts, records)
        if let superseded { try await pass(over: superseded, for: deploy) }
        return Offered(
            state: await reconciler.state(of: service) ?? state, isWaiting: queue.waiting[service] != nil,
            superseded: superseded?.release, reasons: queue.waiting[service] == nil ? [] : reasons)
    }

    /// Remembers a deploy that never began, so that its history says what became of it.
    private func pass(over before: WaitingDeploy, for newer: WaitingDeploy) async throws {
        guard let release = before.release, let record = try? await record(of: release) else { return }
        let name = newer.release.map(\.short) ?? ""
        try await reconciler.handle(
            .passedOver(
                record, since: before.since, actor: newer.actor,
                why: "superseded by \(name) (commit \(newer.commit.prefix(10))) before its turn came"),
            for: before.service)
    }

    /// Asks the queue what begins now. Only inside ``alone(_:)``.
    func askQueue() async throws {
        try await noticeEnds()
        guard !queue.waiting.isEmpty else { return }
        var next = queue
        let decisions = next.next(at: await reconciler.now(), conditions())
        guard !decisions.isEmpty else { return }
        try await carryOut(
            decisions, next, [],
            PipelineRecords(documents: [DeliveryDocument.queue: try StoredForms.json(next)]))
    }

    /// Does what the queue decided; `next` is the queue with the decisions in it. What is to be written goes with the
    /// first of them.
    private func carryOut(
        _ decisions: [QueueDecision], _ next: DeployQueue, _ drafts: [JournalDraft], _ records: PipelineRecords
    ) async throws {
        var next = next
        var drafts = drafts
        var records = records
        for decision in decisions {
            switch decision {
            case .begin(let deploy):
                do {
                    try await begin(deploy, drafts, records)
                    (drafts, records) = ([], PipelineRecords())
                } catch let error as StoreError where error.code == .full || error.code == .io {
                    // Nothing of it has happened: it waits on, and so do those after it.
                    throw error
                } catch {
                    next.ended(deploy.service)
                    drafts.append(
                        try draft(
                            "deploy.refused", deploy.service, at: await reconciler.now(),
                            DeliveryNoteData(
                                run: deploy.run, commit: deploy.commit, release: deploy.release, why: "\(error)")))
                    records.documents[DeliveryDocument.queue] = try StoredForms.json(next)
                }
            case .abort(let rollout, let newer):
                drafts.append(
                    try draft(
                        "deploy.superseded", rollout.service, at: await reconciler.now(),
                        DeliveryNoteData(
                            commit: rollout.commit, release: rollout.release,
                            why: "its rollout is aborted for commit \(newer.prefix(10))")))
                do { try await reconciler.handle(.abort(actor: "nonevent"), for: rollout.service) } catch {
                    // It ended by itself just now.
                    logger.debug("nothing to abort of \(rollout.service)", metadata: ["why": "\(error)"])
                }
            }
        }
        if !drafts.isEmpty || !records.isEmpty { try await write(drafts, records) }
        queue = next
    }

    private func begin(
        _ deploy: WaitingDeploy, _ drafts: [JournalDraft], _ records: PipelineRecords
    ) async throws {
        guard let release = deploy.release else {
            throw StoreError(.notFound, "the deploy of commit \(deploy.commit) has no release")
        }
        let outcome = try await reconciler.handle(
            .deploy(try await record(of: release), actor: deploy.actor), for: deploy.service, also: drafts,
            records: records)
        if !outcome.changed { try await write(drafts, records) }
        if deploy.commits.count > 1 {
            let note = try draft(
                "deploy.batch", deploy.service, actor: deploy.actor, at: await reconciler.now(),
                DeliveryNoteData(
                    run: deploy.run, commit: deploy.commit, commits: deploy.commits, release: release,
                    why: "\(deploy.commits.count + deploy.moreCommits) commits go out together"))
            try await write([note], PipelineRecords())
        }
    }
}
