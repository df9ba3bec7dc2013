import DeliveryAPI
import DeliveryModel
import DeliveryStore
import RolloutEngine

/// The wire forms of pipeline runs.
enum DeliveryViews {
    static func status(_ held: DeliveryRun) -> PipelineRunStatus {
        let run = held.run
        return PipelineRunStatus(
            id: run.id, service: run.service, repository: run.origin.repository, branch: run.origin.branch,
            commit: run.origin.commit, state: state(held), deploys: held.deploys, actor: run.origin.actor,
            startedAt: run.createdAt, endedAt: run.endedAt, release: run.release,
            failedStage: run.stages.first { $0.status == .failed }?.name, why: why(held),
            stages: run.stages.map { stage($0, held) }, commits: held.commits)
    }

    static func state(_ held: DeliveryRun) -> String {
        if let outcome = held.run.outcome { return outcome.rawValue }
        if !held.isBegun { return "waiting" }
        return held.run.isPacking ? "packing" : "running"
    }

    private static func why(_ held: DeliveryRun) -> String {
        ([held.run.why] + held.notes).joined(separator: "; ")
    }

    static func stage(_ stage: StageRun, _ held: DeliveryRun) -> PipelineStageStatus {
        let last = stage.attempts.last
        let facts = last.flatMap { held.facts[$0.id] }
        let reason = ([last?.ending?.why ?? ""] + (facts?.notes ?? [])).filter { !$0.isEmpty }
        return PipelineStageStatus(
            name: stage.name, state: stage.status.rawValue, attempts: stage.attempts.count,
            seconds: facts?.duration.inSeconds, reason: reason.isEmpty ? nil : reason.joined(separator: "; "),
            tests: facts?.tests)
    }
}

extension DeliveryDesk {
    /// Finished runs that statistics are made of.
    private static let statisticsRuns = 200

    func runStatus(_ id: String) throws -> PipelineRunStatus { DeliveryViews.status(try stored(id)) }

    func runList(service: String?, repository: String?, branch: String?, limit: Int) throws -> PipelineRunList {
        let rows = try database.runs(service: service, repository: repository, branch: branch, limit: limit)
        return PipelineRunList(
            runs: try rows.map { DeliveryViews.status(try StoredForms.decode(DeliveryRun.self, $0.json)) })
    }

    func statistics(_ service: ServiceName) throws -> PipelineStatistics {
        let rows = try database.runs(service: service.text, limit: Self.statisticsRuns)
        let runs = try rows.map { try StoredForms.decode(DeliveryRun.self, $0.json) }
        guard let newest = runs.first else {
            throw ProblemDetails(
                code: "no-runs", title: "No pipeline runs", status: 404,
                detail: "service '\(service)' has no pipeline runs; 'nonevent pipeline list' lists those that there are"
            )
        }
        let finished = runs.filter { $0.run.outcome != nil }
        let stages = newest.pipeline.stages.map { Self.statistics($0.name, finished) }
        let records = stages.map {
            StageRecord(stage: $0.name, runs: $0.runs, failures: $0.failures, seconds: $0.meanSeconds)
        }
        let advice = StageAdvice(newest.pipeline, records)
        return PipelineStatistics(
            service: service, runs: finished.count, stages: stages, expectedFeedbackSeconds: advice?.secondsNow,
            proposedOrder: advice?.proposed ?? newest.pipeline.stages.map(\.name),
            proposedFeedbackSeconds: advice?.secondsProposed, advice: Self.words(advice, newest.pipeline),
            flakyTests: try flakyTests(service))
    }

    private static func statistics(_ name: String, _ runs: [DeliveryRun]) -> StageStatistics {
        var statistics = StageStatistics(name: name, runs: 0, failures: 0, cached: 0, meanSeconds: 0)
        var seconds = 0.0
        for run in runs {
            for attempt in run.run[name]?.attempts ?? [] {
                switch attempt.ending?.kind {
                case .cached: statistics.cached += 1
                case .passed, .failed, .timedOut:
                    statistics.runs += 1
                    if attempt.ending?.kind != .passed { statistics.failures += 1 }
                    seconds += run.facts[attempt.id]?.duration.inSeconds ?? 0
                case .unable, .stopped, .lost, nil: break
                }
            }
        }
        if statistics.runs > 0 { statistics.meanSeconds = seconds / Double(statistics.runs) }
        return statistics
    }

    private static func words(_ advice: StageAdvice?, _ pipeline: PipelineSpecification) -> String {
        guard let advice else {
            return pipeline.stages.count < 2
                ? "there is nothing to order"
                : "an order is proposed when every stage has run \(StageAdvice.leastRuns) times"
        }
        func seconds(_ value: Double) -> String { NumberText.duration(value) }
        guard advice.proposed != advice.now else {
            return "the order is good: a first failure is expected after \(seconds(advice.secondsNow))"
        }
        return "a first failure would be known after \(seconds(advice.secondsProposed)) instead of "
            + "\(seconds(advice.secondsNow)), as expected, in the order \(advice.proposed.joined(separator: ", "))"
    }

    private func flakyTests(_ service: ServiceName) throws -> [FlakyTestStatus] {
        let observed = try database.flakyTests(service: service.text).flatMap { row in
            [(true, row.passed), (false, row.failed)].flatMap { passed, count in
                Array(
                    repeating: ObservedTest(commit: row.commit, stage: row.stage, test: row.name, passed: passed),
                    count: min(count, 1_000))
            }
        }
        return FlakyTest.find(in: observed).map {
            FlakyTestStatus(
                stage: $0.stage, name: $0.test, commits: $0.commits, passed: $0.passed, failed: $0.failed)
        }
    }
}
