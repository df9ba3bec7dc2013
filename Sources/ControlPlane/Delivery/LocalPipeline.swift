public import DeliveryAPI
public import DeliveryModel
import DeploymentDrivers
import FoundationEssentials
import RolloutEngine
import Synchronization

/// A pipeline run without a control plane: the same machine decides, the same driver acts, nothing is kept.
public struct LocalPipeline: Sendable {
    /// Between two looks at the output of stages.
    static let lookPause = Duration.milliseconds(100)
    static let pieceBytes = 64 << 10

    /// What a person sees while it goes on.
    public enum News: Sendable {
        case line(PipelineLogLine)
        /// A stage has begun or ended.
        case stage(PipelineStageStatus)
    }

    let held: DeliveryRun
    let driver: ProcessStageDriver
    let environment: [String: String]

    /// - Parameters:
    ///   - repository: absolute path of a repository in which a branch has the commit.
    ///   - directory: of the service file below it.
    ///   - data: absolute path of a directory for all that the run needs; its owner removes it.
    ///   - executable: absolute path of this binary.
    ///   - environment: where variables without a value, and secrets (`NONEVENT_SECRET_<NAME>`), are taken from.
    ///   - parallel: stages at once.
    public init(
        specification: ServiceSpecification, repository: String, commit: String, branch: String, directory: String,
        data: String, executable: String, environment: [String: String], parallel: Int
    ) {
        let service = specification.service
        let origin = PipelineOrigin(repository: repository, branch: branch, commit: commit, actor: "local")
        // Only the order of times matters here.
        let run = PipelineRun(
            id: "\(service)-local", service: service, origin: origin, pipeline: specification.pipeline,
            parallel: parallel, packs: false, at: Timestamp(microseconds: 0))
        held = DeliveryRun(
            run: run, number: 1, url: repository,
            file: directory.isEmpty ? "nonevent.yaml" : directory + "/nonevent.yaml",
            pipeline: specification.pipeline, deploy: specification.deploy, deploys: false, isBegun: true,
            commits: [PipelineCommit(commit: commit, subject: "", author: "")])
        driver = ProcessStageDriver(
            directory: data, executable: executable, mirrors: GitMirrors(directory: data + "/repositories"),
            secrets: StageSecrets(directory: data + "/secrets", environment: environment))
        self.environment = environment
    }

    /// Runs it to its end; cancelled, it stops what runs.
    /// - Parameter tell: called in the order of what happens.
    public func run(_ tell: @escaping @Sendable (News) -> Void) async throws -> PipelineRunStatus {
        var held = held
        let clock = ContinuousClock.now
        func now() -> Timestamp { Timestamp(microseconds: 0) + clock.duration(to: .now) }
        let (results, feed) = AsyncStream.makeStream(of: Ended.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            /// - Parameter ended: a stage whose end is told before what it lets begin.
            func take(_ event: PipelineEvent, ended: String? = nil) throws {
                let transition = try PipelineStateMachine.step(held.run, event, at: now())
                held.run = transition.run
                if let stage = ended.flatMap({ held.run[$0] }) { tell(.stage(DeliveryViews.stage(stage, held))) }
                for effect in transition.effects {
                    switch effect {
                    case .start(let attempt, let name):
                        guard let stage = held.pipeline[name] else { continue }
                        let plan = StagePlan(held, stage, attempt: attempt) { environment[$0] }
                        let number = held.run[name]?.attempts.count ?? 1
                        if let begun = held.run[name] { tell(.stage(DeliveryViews.stage(begun, held))) }
                        group.addTask { await carryOut(plan, number, feed, tell) }
                    case .stop(let attempt):
                        group.addTask { await driver.stop(attempt) }
                    case .pack: break
                    }
                }
            }
            try take(.begin)
            if held.run.outcome == nil {
                for await ended in results {
                    held.facts[ended.attempt] = DeliveryRun.StageFacts(
                        key: ended.result.key, duration: ended.result.duration,
                        tests: ended.result.tests.map(DeliveryDesk.counts), notes: ended.result.notes)
                    try take(.ended(attempt: ended.attempt, StageEnding(ended.result)), ended: ended.stage)
                    if held.run.outcome != nil { break }
                }
            }
            feed.finish()
            try await group.waitForAll()
        }
        return DeliveryViews.status(held)
    }

    /// The result of an attempt, once it is there.
    private final class Found: Sendable {
        let result = Mutex<StageResult?>(nil)
    }

    private struct Ended: Sendable {
        var stage: String
        var attempt: String
        var result: StageResult
    }

    /// Runs one attempt and tells its output while it comes; its result comes after its last line.
    private func carryOut(
        _ plan: StagePlan, _ number: Int, _ feed: AsyncStream<Ended>.Continuation,
        _ tell: @escaping @Sendable (News) -> Void
    ) async {
        let found = Found()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let result = await driver.run(plan)
                found.result.withLock { $0 = result }
            }
            group.addTask {
                var reader = StageLogReader(stage: plan.stage, number: number, attempt: plan.attempt)
                var isLast = false
                while !isLast {
                    isLast = found.result.withLock { $0 != nil }
                    while case let lines = await reader.next(driver, limit: Self.pieceBytes), !lines.isEmpty {
                        for line in lines { tell(.line(line)) }
                    }
                    if !isLast { try? await Task.sleep(for: Self.lookPause) }
                }
                if let rest = reader.rest() { tell(.line(rest)) }
            }
        }
        if let result = found.result.withLock({ $0 }) {
            feed.yield(Ended(stage: plan.stage, attempt: plan.attempt, result: result))
        }
    }
}
