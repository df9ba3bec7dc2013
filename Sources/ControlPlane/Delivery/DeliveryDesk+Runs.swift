import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import Logging
import RolloutEngine

extension DeliveryDesk {
    /// Names of failed tests kept with a run.
    static let failureNames = 20

    /// Runs at once, and stages of one run at once.
    var parallelRuns: Int { settings.settings?.parallel ?? DeliverySettings().parallel }

    /// One event of a run, all the way: decided, written, handed out. Only inside ``alone(_:)``.
    /// - Parameter change: what the event brings beside it.
    func step(
        _ id: String, _ event: PipelineEvent, tests: [PipelineTestOutcome] = [],
        change: (inout DeliveryRun) -> Void = { _ in }
    ) async throws {
        guard var held = runs[id] else { return }
        let now = await reconciler.now()
        change(&held)
        let transition = try PipelineStateMachine.step(held.run, event, at: now)
        held.run = transition.run
        let drafts = try transition.notes.map { try journal($0, held, at: now) }
        let records = PipelineRecords(runs: [try held.row()], tests: tests)
        if let release = held.run.release, held.run.outcome == .passed, held.deploys {
            try await offer(held, release, drafts, records)
        } else {
            try await write(drafts, records)
        }
        runs[id] = held.run.outcome == nil ? held : nil
        report(held)
        for effect in transition.effects { workQueue.yield(Work(run: id, effect: effect)) }
        wake.yield()
    }

    private func journal(_ note: PipelineNote, _ held: DeliveryRun, at now: Timestamp) throws -> JournalDraft {
        let origin = held.run.origin
        let subject = note.stage.map { "\($0) of \(held.run.id)" } ?? held.run.id
        let commits = note.kind == "pipeline.started" && origin.commits.count > 1 ? origin.commits : nil
        return try draft(
            note.kind, held.run.service, actor: note.actor, at: now,
            DeliveryNoteData(
                run: held.run.id, repository: origin.repository, branch: origin.branch, commit: origin.commit,
                commits: commits, stage: note.stage, attempt: note.attempt, release: note.release,
                why: note.why.isEmpty ? subject : "\(subject): \(note.why)"))
    }

    /// Begins runs while there is room: those of trunks first, then in the order of their making.
    func beginRuns() async throws {
        let limit = parallelRuns
        while true {
            let begun = runs.values.count { $0.isBegun }
            guard begun < limit else { return }
            let next = runs.values.filter { !$0.isBegun }.min { left, right in
                if left.deploys != right.deploys { return left.deploys }
                return (left.run.createdAt, left.run.id) < (right.run.createdAt, right.run.id)
            }
            guard let next else { return }
            try await step(next.run.id, .begin) { $0.isBegun = true }
        }
    }

    /// What a stage's driver needs; `nil` when the attempt is no longer wanted.
    func plan(_ id: String, attempt: String, stage name: String) -> StagePlan? {
        guard let held = runs[id], held.run[name]?.current?.id == attempt, let stage = held.pipeline[name] else {
            return nil
        }
        return StagePlan(held, stage, attempt: attempt)
    }

    /// The result of an attempt.
    func ended(_ id: String, attempt: String, _ result: StageResult) async throws {
        try await alone {
            guard let held = runs[id] else { return }
            let facts = DeliveryRun.StageFacts(
                key: result.key, duration: result.duration, tests: result.tests.map(Self.counts),
                notes: Array(result.notes.prefix(20)))
            try await step(
                id, .ended(attempt: attempt, StageEnding(result)),
                tests: Self.outcomes(result, held, attempt, at: await reconciler.now())
            ) { $0.facts[attempt] = facts }
        }
    }

    static func counts(_ report: TestReport) -> PipelineTestCounts {
        let failures = report.cases.lazy.filter { $0.outcome == .failed || $0.outcome == .error }
        return PipelineTestCounts(
            passed: report.passed, failed: report.failed + report.errors, skipped: report.skipped,
            failures: failures.prefix(failureNames).map(name))
    }

    private static func name(_ test: TestReport.Case) -> String {
        String((test.suite.isEmpty ? test.name : test.suite + "." + test.name).prefix(500))
    }

    /// A result from the cache says nothing new of its tests.
    private static func outcomes(
        _ result: StageResult, _ held: DeliveryRun, _ attempt: String, at now: Timestamp
    ) -> [PipelineTestOutcome] {
        guard let report = result.tests, !result.cached,
            let stage = held.run.stages.first(where: { $0.attempts.contains { $0.id == attempt } })
        else { return [] }
        return report.cases.filter { $0.outcome != .skipped }.map { test in
            let passed = test.outcome == .passed
            return PipelineTestOutcome(
                service: held.run.service.text, commit: held.run.origin.commit, stage: stage.name, name: name(test),
                passed: passed ? 1 : 0, failed: passed ? 0 : 1, at: now)
        }
    }

    /// - Returns: the run; whether it was stopped by this.
    func cancel(_ id: String, actor: String) async throws -> (DeliveryRun, Bool) {
        try await alone {
            guard let held = runs[id] else { return (try stored(id), false) }
            guard held.run.verdict == nil else { return (held, false) }
            try await step(id, .cancel(actor: actor, why: ""))
            return (try runs[id] ?? stored(id), true)
        }
    }

    /// The same commit once more, as a new run. It deploys only while it is the newest of the trunk.
    func again(_ id: String, actor: String) async throws -> DeliveryRun {
        try await alone {
            let old = try runs[id] ?? stored(id)
            let service = old.run.service
            let number = try database.lastRunNumber(service: service.text) + 1
            var origin = old.run.origin
            origin.actor = actor
            let isNewest = repositories[origin.repository]?.heads[origin.branch] == origin.commit
            let deploys = isNewest && old.deploy.auto && old.deploy.trunk == origin.branch
            let run = PipelineRun(
                id: "\(service)-p\(number)", service: service, origin: origin, pipeline: old.pipeline,
                parallel: parallelRuns, packs: deploys, at: await reconciler.now())
            let new = DeliveryRun(
                run: run, number: number, url: old.url, file: old.file, pipeline: old.pipeline, deploy: old.deploy,
                deploys: deploys, commits: old.commits)
            try await write([], PipelineRecords(runs: [try new.row()]))
            runs[run.id] = new
            wake.yield()
            return new
        }
    }

    /// A run that has ended, or is under way.
    func stored(_ id: String) throws -> DeliveryRun {
        if let open = runs[id] { return open }
        guard let row = try database.run(id) else {
            throw ProblemDetails(
                code: "unknown-run", title: "Unknown pipeline run", status: 404,
                detail: "there is no pipeline run '\(id.prefix(100))'; 'nonevent pipeline list' lists them")
        }
        return try StoredForms.decode(DeliveryRun.self, row.json)
    }
}

extension StageEnding {
    /// How the driver's result counts.
    init(_ result: StageResult) {
        let kind: Kind =
            switch result.outcome {
            case .passed: result.cached ? .cached : .passed
            case .failed: .failed
            case .timedOut: .timedOut
            case .stopped: .stopped
            case .unable: .unable
            case .lost: .lost
            }
        self.init(kind, why: result.reason)
    }
}

extension StagePlan {
    /// - Parameter environment: where variables without a value are taken from.
    init(
        _ held: DeliveryRun, _ stage: StageSpecification, attempt: String,
        environment: (String) -> String? = ProcessEnvironment.value
    ) {
        var variables: [String: String] = [:]
        for variable in stage.environment {
            if let value = variable.value ?? environment(variable.name) { variables[variable.name] = value }
        }
        let command: Command =
            switch stage.run {
            case .shell(let text): .shell(text)
            case .program(let words): .program(words)
            }
        self.init(
            attempt: attempt, service: held.run.service, repository: held.url, commit: held.run.origin.commit,
            branch: held.run.origin.branch, directory: held.directory, stage: stage.name, command: command,
            environment: variables, secrets: stage.secrets, timeout: stage.timeout,
            cache: stage.cache.map { Cache(key: $0.key, paths: $0.paths) }, restored: held.handedOn(to: stage.name),
            junit: stage.reports.junit)
    }
}
