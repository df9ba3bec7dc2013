import DeliveryModel
import Foundation
import RolloutEngine
import Testing

/// A run under test: takes events one after another.
private struct PipelineBench {
    var run: PipelineRun
    var now = Timestamp(microseconds: 1_800_000_000_000_000)
    var effects: [PipelineEffect] = []
    var notes: [PipelineNote] = []

    init(_ stages: [StageSpecification], parallel: Int = 2, packs: Bool = true) {
        run = PipelineRun(
            id: "shop-p1", service: Bench.name("shop"),
            origin: PipelineOrigin(repository: "shop", branch: "main", commit: "c1", actor: "ann"),
            pipeline: PipelineSpecification(stages: stages), parallel: parallel, packs: packs, at: now)
    }

    mutating func send(_ event: PipelineEvent) throws {
        now = now + .seconds(1)
        let transition = try PipelineStateMachine.step(run, event, at: now)
        (run, effects, notes) = (transition.run, transition.effects, transition.notes)
    }

    mutating func end(_ stage: String, _ kind: StageEnding.Kind, _ why: String = "") throws {
        let attempt = run[stage]?.current?.id ?? "none"
        try send(.ended(attempt: attempt, StageEnding(kind, why: why)))
    }

    /// Stages that the last event started.
    var started: [String] {
        effects.compactMap { if case .start(_, let stage) = $0 { stage } else { nil } }
    }

    var statuses: [String: StageRun.Status] {
        Dictionary(uniqueKeysWithValues: run.stages.map { ($0.name, $0.status) })
    }
}

private func stage(_ name: String, _ needs: String..., retries: Int = 0) -> StageSpecification {
    StageSpecification(name: name, run: .shell("true"), needs: needs, retries: retries)
}

@Suite struct PipelineTests {
    @Test func withoutStagesACommitIsGreenAtOnce() throws {
        var bench = PipelineBench([])
        try bench.send(.begin)
        #expect(bench.effects == [.pack])
        let digest = Bench.digest(7)
        try bench.send(.packed(digest))
        #expect(bench.run.outcome == .passed && bench.run.release == digest)
        #expect(bench.notes.map(\.kind) == ["pipeline.passed"])
    }

    @Test func nothingIsPackedWhenNobodyWantsTheRelease() throws {
        var bench = PipelineBench([stage("a")], packs: false)
        try bench.send(.begin)
        try bench.end("a", .passed)
        #expect(bench.effects.isEmpty && bench.run.outcome == .passed && bench.run.release == nil)
    }

    @Test func stagesStartWhenWhatTheyNeedHasPassed() throws {
        var bench = PipelineBench([stage("a"), stage("b", "a"), stage("c", "a"), stage("d", "b", "c")])
        try bench.send(.begin)
        #expect(bench.started == ["a"])
        try bench.end("a", .cached)
        #expect(bench.started == ["b", "c"] && bench.statuses["a"] == .cached)
        try bench.end("c", .passed)
        #expect(bench.started.isEmpty)
        try bench.end("b", .passed)
        #expect(bench.started == ["d"])
        try bench.end("d", .passed)
        #expect(bench.effects == [.pack] && bench.run.isPacking)
    }

    @Test(arguments: 1...5) func noMoreRunAtOnceThanAllowed(parallel: Int) throws {
        var bench = PipelineBench((1...5).map { stage("s\($0)") }, parallel: parallel)
        try bench.send(.begin)
        for left in stride(from: 5, through: 1, by: -1) {
            #expect(bench.run.underWay.count == min(left, parallel))
            try bench.end(bench.run.underWay.last?.stage ?? "", .passed)
        }
        #expect(bench.run.isPacking)
    }

    @Test func aFailureIsRetriedUnderANewNumberAsOftenAsAllowed() throws {
        var bench = PipelineBench([stage("a", retries: 2)])
        try bench.send(.begin)
        for number in 1...3 {
            #expect(bench.run["a"]?.current?.id == "shop-p1.a.\(number)")
            try bench.end("a", number == 2 ? .timedOut : .failed, "exit 1")
        }
        #expect(bench.run.outcome == .failed && bench.run.why == "stage a failed: exit 1")
        #expect(bench.statuses["a"] == .failed)
    }

    @Test func whatAnotherTryWouldNotChangeIsNotRetried() throws {
        var bench = PipelineBench([stage("a", retries: 5)])
        try bench.send(.begin)
        try bench.end("a", .unable, "secret TOKEN is missing")
        #expect(bench.run.outcome == .failed && bench.run["a"]?.attempts.count == 1)
    }

    @Test func afterAFailureWhatRunsIsStoppedAndWhatWaitsIsSkipped() throws {
        var bench = PipelineBench([stage("a"), stage("b"), stage("c", "a")])
        try bench.send(.begin)
        try bench.end("a", .failed)
        #expect(bench.effects == [.stop(attempt: "shop-p1.b.1")] && bench.run.outcome == nil)
        #expect(bench.statuses["c"] == .skipped)
        try bench.end("b", .stopped)
        #expect(bench.run.outcome == .failed && bench.statuses["b"] == .stopped)
        #expect(bench.notes.map(\.kind) == ["pipeline.failed"])
    }

    @Test func cancelStopsAndEnds() throws {
        var bench = PipelineBench([stage("a"), stage("b", "a")])
        try bench.send(.begin)
        try bench.send(.cancel(actor: "bob", why: "wrong branch"))
        #expect(bench.effects == [.stop(attempt: "shop-p1.a.1")])
        try bench.send(.cancel(actor: "bob", why: ""))
        #expect(bench.effects.isEmpty)
        try bench.end("a", .failed)
        #expect(bench.run.outcome == .cancelled && bench.run.why == "cancelled by bob: wrong branch")
        #expect(throws: PipelineError.self) { try bench.send(.cancel(actor: "bob", why: "")) }
    }

    @Test func cancelBeforeTheBeginningEndsAtOnce() throws {
        var bench = PipelineBench([stage("a")])
        try bench.send(.cancel(actor: "bob", why: ""))
        #expect(bench.run.outcome == .cancelled && bench.statuses["a"] == .skipped)
        try bench.send(.begin)
        #expect(bench.effects.isEmpty && bench.run.outcome == .cancelled)
    }

    @Test func resultsThatComeTwiceOrLateChangeNothing() throws {
        var bench = PipelineBench([stage("a"), stage("b", "a")])
        try bench.send(.begin)
        try bench.end("a", .passed)
        let before = bench.run
        try bench.send(.ended(attempt: "shop-p1.a.1", StageEnding(.failed)))
        #expect(bench.run == before && bench.effects.isEmpty && bench.notes.isEmpty)
        #expect(throws: PipelineError.self) { try bench.send(.ended(attempt: "other", StageEnding(.passed))) }
    }

    @Test func afterACrashAnAttemptUnderWayIsRunAgainUnderANewNumber() throws {
        var bench = PipelineBench([stage("a"), stage("b", "a")])
        try bench.send(.begin)
        try bench.send(.restarted)
        #expect(bench.effects == [.start(attempt: "shop-p1.a.2", stage: "a")])
        // What the killed attempt would have said counts no more.
        try bench.send(.ended(attempt: "shop-p1.a.1", StageEnding(.passed)))
        #expect(bench.statuses["a"] == .running)
        try bench.end("a", .passed)
        #expect(bench.started == ["b"])
    }

    @Test func afterACrashThePackingIsAskedForAgainAndAWaitingRunStaysAsItIs() throws {
        var bench = PipelineBench([])
        try bench.send(.restarted)
        #expect(bench.effects.isEmpty && bench.run.startedAt == nil)
        try bench.send(.begin)
        try bench.send(.restarted)
        #expect(bench.effects == [.pack])
        try bench.send(.packFailed(why: "disk full"))
        #expect(bench.run.outcome == .failed)
    }

    @Test func aStageThatAlwaysTakesTheControlPlaneWithItFailsInTheEnd() throws {
        var bench = PipelineBench([stage("a")])
        try bench.send(.begin)
        for _ in 1...PipelineStateMachine.lostAttempts { try bench.send(.restarted) }
        #expect(bench.run.outcome == .failed && bench.run["a"]?.attempts.count == PipelineStateMachine.lostAttempts)
    }
}
