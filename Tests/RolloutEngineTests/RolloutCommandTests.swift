import DeliveryModel
import RolloutEngine
import Testing

@Suite struct RolloutCommandTests {
    private func shifting() throws -> Bench {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.ready(2)
        try bench.verified()
        return bench
    }

    @Test func pausedRolloutsStayWhereTheyAreUntilResumed() throws {
        var bench = try shifting()
        try bench.send(.pause(actor: "ann"))
        #expect(bench.kinds == ["rollout.paused"])
        #expect(try bench.send(.pause(actor: "ann")).isUnchanged)
        try bench.judged(.promote, after: .seconds(100))
        #expect(bench.shares() == [1: 9500, 2: 500])
        try bench.send(.resume(actor: "ann"))
        try bench.judged(.promote, after: .seconds(9))
        #expect(bench.shares() == [1: 9500, 2: 500], "the step is watched for its whole time again")
        try bench.judged(.promote, after: .seconds(1))
        #expect(bench.shares() == [1: 5000, 2: 5000])
    }

    @Test func pausedBeforeTrafficMeansNoTraffic() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.send(.pause(actor: "ann"))
        try bench.ready(2)
        try bench.verified()
        #expect(bench.state.rollout?.phase == .verify)
        #expect(bench.shares() == [1: 10_000])
        try bench.send(.resume(actor: "ann"))
        #expect(bench.effects == [.verify(rollout: "shop-2", release: Bench.digest(2))])
        try bench.verified()
        #expect(bench.shares() == [1: 9500, 2: 500])
    }

    @Test func promoteGoesToEverybodyThenCompletes() throws {
        var bench = try shifting()
        try bench.send(.promote(actor: "ann"))
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.state.live == Bench.digest(1))
        try bench.send(.promote(actor: "ann"))
        #expect(bench.state.live == Bench.digest(2))
        #expect(bench.notes.first?.actor == "ann")
    }

    @Test func promoteBeforeReadinessIsBusy() throws {
        var bench = Bench()
        try bench.deploy(1)
        #expect(bench.refusal(.promote(actor: "ann")) == .busy)
        try bench.ready(1)
        #expect(bench.refusal(.promote(actor: "ann")) == .busy)
    }

    @Test func abortStopsTheCandidate() throws {
        var bench = try shifting()
        try bench.send(.abort(actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.stops(2))
        #expect(bench.kinds == ["rollout.aborted"])
        #expect(bench.standing(2) == .undone)
        for event in [RolloutEvent.abort(actor: "a"), .pause(actor: "a"), .resume(actor: "a"), .promote(actor: "a")] {
            #expect(bench.refusal(event) == .noRollout)
        }
    }

    @Test func abortingTheFirstReleaseLeavesNothing() throws {
        var bench = Bench()
        try bench.deploy(1)
        #expect(bench.refusal(.undo(to: nil, actor: "ann")) == .nothingToUndo)
        try bench.send(.abort(actor: "ann"))
        #expect(bench.state.rollout == nil)
        #expect(bench.state.live == nil)
        #expect(bench.state.routes == nil)
        #expect(bench.stops(1))
    }

    @Test func theQueueHoldsOneAndTheNewestWins() throws {
        var bench = try shifting()
        try bench.deploy(3)
        #expect(bench.kinds == ["deploy.queued"])
        #expect(bench.effects.isEmpty)
        try bench.deploy(4)
        #expect(bench.kinds == ["rollout.superseded", "deploy.queued"])
        #expect(bench.standing(3) == .superseded)
        #expect(bench.state.past.first?.outcome == .superseded)
        #expect(bench.state.past.first?.id == "shop-3")
        #expect(try bench.send(.deploy(Bench.record(4), actor: "ann")).isUnchanged)
        #expect(try bench.send(.deploy(Bench.record(2), actor: "ann")).isUnchanged)
        try bench.judged(.undo, rule: "errors-undo")
        #expect(bench.state.rollout?.candidate == Bench.digest(4))
        #expect(bench.state.rollout?.id == "shop-4")
        #expect(bench.state.rollout?.baseline == Bench.digest(1))
        #expect(bench.state.queue == nil)
        try bench.finish(4)
        #expect(bench.shares() == [4: 10_000])
        try bench.complete(3)
        #expect(bench.shares() == [3: 10_000], "a superseded release may be deployed again")
    }

    @Test func theQueuedReleaseThatServesAlreadyIsRecordedAsSuperseded() throws {
        var bench = try shifting()
        try bench.deploy(1)
        let waiting = bench.state.queue?.rollout
        try bench.send(.abort(actor: "ann"))
        #expect(bench.state.rollout == nil)
        #expect(bench.state.past.first?.id == waiting)
        #expect(bench.state.past.first?.outcome == .superseded)
        #expect(bench.standing(1) == .good)
    }

    @Test func theQueuedReleaseThatWasUndoneMeanwhileDoesNotStart() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.complete(2)
        try bench.deploy(3)
        try bench.deploy(2)
        try bench.send(.undo(to: Bench.digest(1), actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.standing(2) == .undone)
        #expect(bench.state.rollout == nil)
        #expect(bench.state.queue == nil)
    }

    @Test func aCommitIsReleasedOnceOnly() throws {
        var bench = try shifting()
        #expect(bench.refusal(.deploy(Bench.record(9, commit: "commit1"), actor: "ann")) == .commitConflict)
        try bench.send(.abort(actor: "ann"))
        #expect(bench.refusal(.deploy(Bench.record(9, commit: "commit2"), actor: "ann")) == .commitConflict)
        #expect(try bench.send(.deploy(Bench.record(1), actor: "ann")).isUnchanged)
        #expect(bench.refusal(.deploy(Bench.record(9, commit: ""), actor: "ann")) == nil)
    }

    @Test func releasesWithoutCommitAreNeverInConflict() throws {
        var bench = Bench()
        try bench.send(.deploy(Bench.record(1, commit: ""), actor: "ann"))
        #expect(bench.refusal(.deploy(Bench.record(2, commit: ""), actor: "ann")) == nil)
    }
}
