import DeliveryModel
import RolloutEngine
import Testing

/// What the judge sees in the hour after a rollout is complete, and where a computed ramp begins.
@Suite struct AfterwardsTests {
    private func two() throws -> Bench {
        var bench = Bench()
        try bench.complete(1)
        try bench.complete(2)
        return bench
    }

    private func afterwards(_ bench: Bench, _ kind: VerdictKind, rollout: String? = nil) -> RolloutEvent {
        let verdict = Verdict(
            t: 900, verdict: kind, rule: "slo", evidence: [:], phi: 1, share: .none,
            candidate: .init(requests: 10, bad: 9), baseline: .init(requests: 90), why: "because it burns")
        return .judgedAfterwards(rollout: rollout ?? bench.state.past.first?.id ?? "none", verdict)
    }

    @Test func aReleaseThatTurnsBadGoesBackAtOnce() throws {
        var bench = try two()
        try bench.send(afterwards(bench, .undo))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.standing(2) == .undone)
        #expect(bench.state.releases[Bench.digest(2)]?.reason == "because it burns")
        #expect(bench.kinds == ["verdict", "undo"])
        #expect(try bench.send(afterwards(bench, .undo)).isUnchanged, "said twice is done once")
    }

    /// Traffic follows when the release before has started; the reason must not be lost until then.
    @Test func theReasonIsKeptWhileTheReleaseBeforeStarts() throws {
        var bench = Bench()
        try bench.complete(1, .init(keepWarm: .seconds(1)))
        try bench.complete(2, .init(keepWarm: .seconds(1)))
        try bench.send(.clock, after: .seconds(2))
        try bench.send(afterwards(bench, .undo))
        #expect(bench.kinds == ["verdict", "undo.starting"])
        #expect(try bench.send(afterwards(bench, .undo)).isUnchanged, "said twice is done once")
        try bench.ready(1)
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.state.releases[Bench.digest(2)]?.reason == "because it burns")
    }

    @Test func onlyACompleteRolloutThatCanBeTakenBackIsWatched() throws {
        var bench = try two()
        #expect(bench.state.watchable?.candidate == Bench.digest(2))
        try bench.send(.drillBegan(actor: "ann"))
        #expect(bench.state.watchable == nil)
        try bench.send(.drillEnded(actor: "ann"))
        #expect(bench.state.watchable?.candidate == Bench.digest(2))
        try bench.deploy(3)
        #expect(bench.state.watchable == nil)
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.state.watchable == nil, "the last rollout was undone")
    }

    @Test(arguments: [VerdictKind.hold, .promote, .inconclusive])
    func anythingElseChangesNothing(_ kind: VerdictKind) throws {
        var bench = try two()
        #expect(try bench.send(afterwards(bench, kind)).isUnchanged)
    }

    @Test func aVerdictOnAnOlderRolloutChangesNothing() throws {
        var bench = try two()
        #expect(try bench.send(afterwards(bench, .undo, rollout: "shop-1")).isUnchanged)
    }

    @Test func theNextRolloutEndsTheWatch() throws {
        var bench = try two()
        try bench.deploy(3)
        #expect(try bench.send(afterwards(bench, .undo)).isUnchanged)
    }

    @Test func theRampBeginsWhereTheTrafficAllows() throws {
        var bench = try two()
        try bench.deploy(3, .init(steps: .auto))
        try bench.ready(3)
        let rollout = try #require(bench.state.rollout?.id)
        try bench.send(.verified(rollout: rollout, firstShare: Share(clamping: 250)))
        #expect(bench.state.rollout?.share == Share(clamping: 250))
    }

    @Test func noShareAtAllIsNoBeginning() throws {
        var bench = try two()
        try bench.deploy(3, .init(steps: .auto))
        try bench.ready(3)
        let rollout = try #require(bench.state.rollout?.id)
        try bench.send(.verified(rollout: rollout, firstShare: .none))
        #expect(bench.state.rollout?.share == Share(clamping: 1))
    }
}
