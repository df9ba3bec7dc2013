import DeliveryModel
import RolloutEngine
import Testing

/// Requests are kept back and let go, whatever the rollout does.
@Suite struct TrafficHoldTests {
    private func served() throws -> Bench {
        var bench = Bench()
        try bench.deploy(1)
        try bench.finish(1)
        return bench
    }

    @Test func aHoldIsRoutedUntilItIsTakenBack() throws {
        var bench = try served()
        let generation = bench.state.generation
        try bench.send(.held(TrafficHold(mode: .pause, reason: "database"), actor: "ann"))
        #expect(bench.effects == [.route] && bench.state.generation == generation + 1)
        #expect(bench.notes.map(\.kind) == ["traffic.paused"] && bench.notes[0].why.contains("database"))
        let since = bench.now
        #expect(bench.state.routes?.hold?.by == "ann" && bench.state.routes?.hold?.since == since)
        try bench.send(.held(TrafficHold(mode: .pause, reason: "database"), actor: "ann"))
        #expect(bench.effects.isEmpty && bench.notes.isEmpty, "it is so already")
        try bench.send(.held(TrafficHold(mode: .pause, maxRequests: 5, reason: "database"), actor: "ann"))
        #expect(bench.state.hold?.maxRequests == 5 && bench.state.hold?.since == since)
        try bench.send(.held(TrafficHold(mode: .stop, page: "closed"), actor: "bob"))
        #expect(bench.notes.map(\.kind) == ["traffic.stopped"] && bench.state.hold?.since == bench.now)
        try bench.send(.held(nil, actor: "bob"))
        #expect(bench.notes.map(\.kind) == ["traffic.resumed"] && bench.state.routes?.hold == nil)
        try bench.send(.held(nil, actor: "bob"))
        #expect(bench.effects.isEmpty && bench.notes.isEmpty)
    }

    @Test func rolloutsAndUndoGoOnBeneathIt() throws {
        var bench = try served()
        try bench.send(.held(TrafficHold(mode: .stop), actor: "ann"))
        try bench.deploy(2)
        try bench.finish(2)
        #expect(bench.state.live == Bench.digest(2) && bench.state.routes?.hold?.mode == .stop)
        try bench.send(.undo(to: nil, actor: "ann"))
        #expect(bench.state.live == Bench.digest(1) && bench.state.routes?.hold?.mode == .stop)
    }
}
