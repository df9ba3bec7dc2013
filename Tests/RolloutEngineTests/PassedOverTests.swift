import DeliveryModel
import RolloutEngine
import Testing

/// Deploys that the deploy queue never let begin.
@Suite struct PassedOverTests {
    @Test func itIsRememberedAndChangesNothingElse() throws {
        var bench = Bench()
        let since = bench.now
        try bench.send(.passedOver(Bench.record(1), since: since, actor: "ann", why: "superseded by 2"))
        #expect(bench.effects.isEmpty)
        #expect(bench.state.rollout == nil && bench.state.live == nil && bench.state.queue == nil)
        let past = try #require(bench.state.past.first)
        #expect(past.outcome == .superseded && past.candidate == Bench.digest(1) && past.startedAt == since)
        #expect(past.endedAt == bench.now && past.why == "superseded by 2")
        #expect(bench.state.releases[Bench.digest(1)]?.standing == .superseded)
        #expect(bench.notes.map(\.kind) == ["rollout.superseded"] && bench.notes.first?.actor == "ann")
    }

    @Test func whatIsOnItsWayIsNotPassedOver() throws {
        var bench = Bench()
        try bench.send(.deploy(Bench.record(1), actor: "ann"))
        let before = bench.state
        try bench.send(.passedOver(Bench.record(1), since: bench.now, actor: "ann", why: "no"))
        #expect(bench.state == before && bench.notes.isEmpty)
    }

    @Test func itMayBeDeployedLater() throws {
        var bench = Bench()
        try bench.send(.passedOver(Bench.record(1), since: bench.now, actor: "ann", why: "dropped"))
        try bench.send(.deploy(Bench.record(1), actor: "ann"))
        #expect(bench.state.rollout?.candidate == Bench.digest(1))
        #expect(bench.state.releases[Bench.digest(1)]?.standing == .accepted)
    }
}
