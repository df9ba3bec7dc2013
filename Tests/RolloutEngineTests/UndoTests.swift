import DeliveryModel
import RolloutEngine
import Testing

@Suite struct UndoTests {
    private func two(_ policy: Bench.Policy = .init()) throws -> Bench {
        var bench = Bench()
        try bench.complete(1, policy)
        try bench.complete(2, policy)
        return bench
    }

    @Test func inMidRolloutTheBaselineGetsAllAndTheCandidateStaysWarm() throws {
        var bench = try two()
        try bench.deploy(3)
        try bench.ready(3)
        try bench.verified()
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.effects == [.route, .retain])
        #expect(bench.standing(3) == .undone)
        #expect(bench.state.releases[Bench.digest(3)]?.warmUntil == bench.now + .seconds(3600))
        #expect(try bench.send(.undo(to: nil, actor: "ann")).isUnchanged)
        #expect(bench.shares() == [2: 10_000])
    }

    @Test func beforeReadinessTheCandidateIsStopped() throws {
        var bench = try two()
        try bench.deploy(3)
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.stops(3))
        #expect(bench.instances(3).isEmpty)
        #expect(try bench.send(.startFailed(release: Bench.digest(3), why: "stopped")).isUnchanged)
    }

    @Test func afterCompletionTheWarmReleaseServesAtOnce() throws {
        var bench = try two()
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.effects == [.route])
        #expect(bench.kinds == ["undo"])
        #expect(bench.standing(2) == .undone)
        #expect(bench.state.trail.isEmpty)
        #expect(try bench.send(.undo(to: nil, actor: "ann")).isUnchanged)
        #expect(try bench.send(.undo(to: Bench.digest(1), actor: "ann")).isUnchanged)
        #expect(bench.refusal(.undo(to: Bench.digest(2), actor: "ann")) == .releaseUndone)
        #expect(bench.refusal(.undo(to: Bench.digest(30), actor: "ann")) == .unknownRelease)
        #expect(bench.refusal(.deploy(Bench.record(2), actor: "ann")) == .releaseUndone)
    }

    @Test func nothingToUndoIsSaid() throws {
        var bench = Bench()
        #expect(bench.refusal(.undo(to: nil, actor: "ann")) == .nothingToUndo)
        try bench.complete(1)
        #expect(bench.refusal(.undo(to: nil, actor: "ann")) == .nothingToUndo)
        #expect(bench.refusal(.redo(actor: "ann")) == .nothingToRedo)
        #expect(bench.refusal(.drillBegan(actor: "ann")) == .nothingToUndo)
    }

    @Test func fromColdTrafficFollowsWhenTheReleaseHasStarted() throws {
        var bench = try two(Bench.Policy(keepWarm: .seconds(1)))
        try bench.send(.clock, after: .milliseconds(900))
        #expect(bench.instances(1).count == 2)
        try bench.send(.clock, after: .milliseconds(100))
        #expect(bench.kinds == ["release.cold"])
        #expect(bench.stops(1))
        #expect(try bench.send(.clock, after: .seconds(5)).isUnchanged)
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.starts(1))
        #expect(bench.shares() == [2: 10_000])
        #expect(try bench.send(.undo(to: nil, actor: "ann")).isUnchanged)
        try bench.ready(1)
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.state.recovery == nil)
        #expect(bench.kinds == ["undo"])
    }

    @Test func fromColdThatCannotStartTrafficStays() throws {
        var bench = try two(Bench.Policy(keepWarm: .seconds(1)))
        try bench.send(.clock, after: .seconds(2))
        try bench.send(.undo(to: nil, actor: "ann"))
        try bench.send(.startFailed(release: Bench.digest(1), why: "blob is damaged"))
        #expect(bench.kinds == ["undo.failed"])
        #expect(bench.state.recovery == nil)
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.standing(2) == .good)
    }

    @Test func aFurtherReleaseByName() throws {
        var bench = try two()
        try bench.complete(3)
        #expect(bench.instances(1).isEmpty, "only the previous one stays warm")
        try bench.deploy(4)
        try bench.ready(4)
        try bench.verified()
        try bench.send(.undo(to: Bench.digest(1), actor: "ann"))
        #expect(bench.shares() == [3: 10_000], "the candidate is gone at once, the rest follows")
        try bench.ready(1)
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.standing(3) == .undone)
        #expect(bench.standing(4) == .undone)
    }

    @Test func undoToTheCandidateIsRefused() throws {
        var bench = try two()
        try bench.deploy(3)
        #expect(bench.refusal(.undo(to: Bench.digest(3), actor: "ann")) == .busy)
    }

    @Test func redoGoesForwardAtOnceWhenItServedEverybodyBefore() throws {
        var bench = try two()
        try bench.send(.undo(to: nil, actor: "ann"))
        try bench.send(.redo(actor: "ann"))
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.standing(2) == .good)
        #expect(bench.state.trail == [Bench.digest(1)])
        #expect(try bench.send(.redo(actor: "ann")).isUnchanged)
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
    }

    @Test func redoOfACandidateIsARolloutAgain() throws {
        var bench = try two()
        try bench.deploy(3)
        try bench.ready(3)
        try bench.verified()
        try bench.judged(.undo, rule: "errors-undo")
        try bench.send(.redo(actor: "ann"))
        #expect(bench.state.rollout?.candidate == Bench.digest(3))
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.state.rollout?.id == "shop-4")
        #expect(try bench.send(.redo(actor: "ann")).isUnchanged)
        try bench.finish(3)
        #expect(bench.shares() == [3: 10_000])
    }

    @Test func redoOfAGoodReleaseWhoseLastJourneyFailedIsARolloutToo() throws {
        var bench = try two()
        try bench.deploy(1)
        try bench.verified()
        try bench.judged(.undo, rule: "errors-undo")
        try bench.send(.redo(actor: "ann"))
        #expect(bench.state.rollout?.candidate == Bench.digest(1))
        #expect(bench.shares() == [2: 10_000])
    }

    @Test func aFirstReleaseThatFailedGoesForwardAgainByName() throws {
        var bench = Bench()
        try bench.deploy(1)
        try bench.send(.startFailed(release: Bench.digest(1), why: "no room"))
        #expect(bench.standing(1) == .undone)
        #expect(bench.refusal(.redo(actor: "ann")) == .nothingToRedo)
        try bench.send(.redo(to: Bench.digest(1), actor: "ann"))
        #expect(bench.state.rollout?.candidate == Bench.digest(1))
    }

    @Test func redoByNameTakesOnlyWhatWasUndone() throws {
        var bench = try two()
        #expect(bench.refusal(.redo(to: Bench.digest(1), actor: "ann")) == .nothingToRedo)
        #expect(bench.refusal(.redo(to: Bench.digest(9), actor: "ann")) == .unknownRelease)
        #expect(try bench.send(.redo(to: Bench.digest(2), actor: "ann")).isUnchanged)
    }

    @Test func undoTakesBackARedoThatIsStillStarting() throws {
        var bench = try two(Bench.Policy(keepWarm: .seconds(1)))
        try bench.send(.undo(to: nil, actor: "ann"))
        if bench.state.recovery != nil { try bench.ready(1) }
        try bench.send(.clock, after: .seconds(2))
        try bench.send(.redo(actor: "ann"))
        #expect(bench.state.recovery?.verb == .redo)
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.state.recovery == nil)
        #expect(bench.stops(2))
        #expect(bench.shares() == [1: 10_000])
    }

    @Test func aWarmReleaseWithOneOfTwoInstancesLeftStillTakesTheUndo() throws {
        var bench = try two()
        try bench.send(.instanceLost(id: bench.instances(1)[0].id, why: "killed"))
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
    }

    @Test func aDrillGoesThereAndBack() throws {
        var bench = try two()
        try bench.send(.drillBegan(actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.refusal(.drillBegan(actor: "bob")) == .busy)
        try bench.deploy(3)
        #expect(bench.state.queue?.digest == Bench.digest(3))
        try bench.send(.drillEnded(actor: "ann"))
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.standing(2) == .good)
        #expect(bench.state.rollout?.candidate == Bench.digest(3), "the queue goes on after the drill")
        #expect(try bench.send(.drillEnded(actor: "ann")).isUnchanged)
    }

    @Test func anUndoDuringADrillStands() throws {
        var bench = try two()
        try bench.send(.drillBegan(actor: "ann"))
        try bench.send(.undo(to: nil, actor: "bob"))
        #expect(bench.kinds == ["undo"])
        #expect(try bench.send(.drillEnded(actor: "ann")).isUnchanged)
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.state.releases[Bench.digest(2)]?.reason == "undone by bob")
    }

    @Test func aDrillWhoseReleaseDiedMeanwhileComesBackWhenItIsReady() throws {
        var bench = try two(Bench.Policy(instances: 1))
        try bench.send(.drillBegan(actor: "ann"))
        try bench.send(.instanceLost(id: bench.instances(2)[0].id, why: "killed"))
        try bench.send(.drillEnded(actor: "ann"))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.starts(2))
        try bench.ready(2)
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.standing(2) == .good)
    }

    @Test func aDrillThatIsStillStartingCanBeEnded() throws {
        var bench = try two(Bench.Policy(keepWarm: .seconds(1)))
        try bench.send(.clock, after: .seconds(2))
        try bench.send(.drillBegan(actor: "ann"))
        #expect(bench.state.recovery?.verb == .drill)
        try bench.send(.drillEnded(actor: "ann"))
        #expect(bench.state.recovery == nil)
        #expect(bench.stops(1))
        #expect(bench.shares() == [2: 10_000])
    }
}
