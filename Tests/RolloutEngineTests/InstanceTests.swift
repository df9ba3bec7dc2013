import DeliveryModel
import RolloutEngine
import Testing

@Suite struct InstanceTests {
    @Test func aLostInstanceServesUntilItsReplacementIsReady() throws {
        var bench = Bench()
        try bench.complete(1)
        let lost = bench.instances(1)[0].id
        try bench.send(.instanceLost(id: lost, why: "the shim is gone"))
        #expect(bench.kinds == ["instances.lost"])
        let fresh = try #require(bench.instances(1).first { $0.replaces == lost })
        #expect(bench.effects == [.start(release: Bench.digest(1), instances: [fresh.id])])
        #expect(fresh.id != lost)
        #expect(try bench.send(.instanceLost(id: lost, why: "again")).isUnchanged)
        try bench.ready(1)
        #expect(bench.effects == [.route, .stop(release: Bench.digest(1), instances: [lost])])
        #expect(bench.instances(1).count == 2)
        #expect(!bench.instances(1).contains { $0.id == lost })
        #expect(bench.shares() == [1: 10_000])
    }

    @Test func aReplacementThatCannotStartIsTriedAgain() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.send(.instanceLost(id: bench.instances(1)[0].id, why: "killed"))
        try bench.send(.startFailed(release: Bench.digest(1), why: "no memory"))
        #expect(bench.kinds == ["instances.failed"])
        #expect(bench.starts(1))
        #expect(bench.shares() == [1: 10_000])
    }

    @Test func aWarmReleaseThatCannotStartGoesCold() throws {
        var bench = Bench()
        let policy = Bench.Policy(instances: 1)
        try bench.complete(1, policy)
        try bench.complete(2, policy)
        try bench.send(.instanceLost(id: bench.instances(1)[0].id, why: "killed"))
        try bench.send(.startFailed(release: Bench.digest(1), why: "no memory"))
        #expect(bench.instances(1).isEmpty)
        #expect(!bench.starts(1))
    }

    @Test func aMovedInstanceIsRoutedToItsNewPort() throws {
        var bench = Bench()
        try bench.complete(1)
        let id = bench.instances(1)[1].id
        try bench.send(.instanceMoved(id: id, port: 31_000))
        #expect(bench.effects == [.route])
        #expect(bench.state.routes?.releases[0].instances.first { $0.id == id }?.port == 31_000)
        #expect(try bench.send(.instanceMoved(id: id, port: 31_000)).isUnchanged)
        #expect(try bench.send(.instanceMoved(id: "nobody", port: 31_000)).isUnchanged)
    }

    @Test func warmTimeEndsOnceAndNeverForWhatServes() throws {
        var bench = Bench()
        let policy = Bench.Policy(keepWarm: .seconds(5))
        try bench.complete(1, policy)
        try bench.complete(2, policy)
        #expect(try bench.send(.clock, after: .seconds(4)).isUnchanged)
        try bench.send(.clock, after: .seconds(1))
        #expect(bench.stops(1))
        try bench.send(.clock, after: .seconds(1_000_000))
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.instances(2).count == 2)
    }

    @Test func aClockSetBackDoesNotStretchWaits() throws {
        var bench = Bench()
        let policy = Bench.Policy(keepWarm: .seconds(60))
        try bench.complete(1, policy)
        try bench.complete(2, policy)
        try bench.deploy(3, policy)
        try bench.ready(3)
        try bench.verified()
        bench.now = bench.now + .seconds(-86_400)
        try bench.send(.restarted)
        let rollout = try #require(bench.state.rollout)
        #expect(rollout.stepStartedAt == bench.now)
        #expect(rollout.startedAt <= bench.now)
        #expect(rollout.shiftedAt == bench.now)
        #expect(bench.state.releases[Bench.digest(1)]?.warmUntil == bench.now + .seconds(60))
        try bench.judged(.promote, after: .seconds(10))
        #expect(bench.shares() == [2: 5000, 3: 5000])
    }

    @Test func whatUndoMayNeedIsKept() throws {
        var bench = Bench()
        for number in 1...6 { try bench.complete(number) }
        try bench.deploy(7)
        try bench.deploy(8)
        #expect(bench.state.needed == Set([3, 4, 5, 6, 7, 8].map(Bench.digest)))
    }
}
