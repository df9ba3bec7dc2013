import CanaryJudge
import DeliveryModel
import Testing

@testable import DeliverySimulation

@Suite struct RolloutSimulationTests {
    private static let rollouts = 50

    private static func tally(_ defect: Defect) -> Tally {
        let simulation = RolloutSimulation(world: TrafficWorld(defect: defect), plan: .ramp)
        return Tally((0..<rollouts).map { simulation.run(seed: 1, index: $0) })
    }

    @Test func whatFailsAlwaysIsUndoneAtOnce() {
        let tally = Self.tally(.allFail)
        #expect(tally.undone == Self.rollouts)
        #expect(tally.median(.undone, \.badInAll) <= 160)
        #expect(tally.outcomes.allSatisfy { $0.badInAll > $0.candidateBad })
    }

    @Test func healthyReleasesPass() {
        let tally = Self.tally(.none)
        #expect(tally.undone <= 1)
        #expect(tally.promoted >= Self.rollouts * 9 / 10)
    }

    @Test func aSeedGivesTheSameRollout() {
        let simulation = RolloutSimulation(world: TrafficWorld(noise: .clusters, defect: .onePoint), plan: .ramp)
        #expect(simulation.run(seed: 3, index: 1) == simulation.run(seed: 3, index: 1))
        #expect(simulation.run(seed: 3, index: 1) != simulation.run(seed: 3, index: 2))
    }

    @Test func theJudgeAndItsPeersSeeTheSameTraffic() {
        var world = TrafficWorld(defect: .tenPoints)
        world.measuresLatency = false
        let simulation = RolloutSimulation(world: world, plan: .constant(Share(clamping: 1000)))
        let compared = ComparedRollout.run(simulation, minutes: 2, seed: 1, index: 0)
        #expect(compared.judge.ending == .undone)
        #expect(compared.series.points.count == 2)
        var alone = simulation.run(seed: 1, index: 0)
        alone.badInAll = 0
        #expect(alone == compared.judge)
        var stream = TrafficStream(world, seed: 1, index: 0)
        let bad = (0..<24).reduce(0.0) { sum, _ in sum + stream.next(share: Share(clamping: 1000)).candidate.bad }
        #expect(compared.series.points.reduce(0) { $0 + $1.candidate.bad } == bad)
    }

    @Test func knowledgeOfClustersReachesTheJudge() {
        var simulation = RolloutSimulation(world: TrafficWorld(noise: .clusters), plan: .ramp)
        #expect(simulation.judge(seed: 1, index: 0).phi > 4.5)
        simulation.knowledge = .set(1)
        #expect(simulation.judge(seed: 1, index: 0).phi == 1)
    }

    @Test func mediansCountWhatNeverEndedAsNever() {
        func outcome(_ ending: RolloutEnding, _ seconds: Double) -> RolloutOutcome {
            var outcome = RolloutOutcome(ending: ending)
            outcome.seconds = seconds
            return outcome
        }
        let tally = Tally([outcome(.undone, 5), outcome(.open, 1), outcome(.undone, 9)])
        #expect(tally.median(.undone, \.seconds) == 9)
        #expect(
            Tally([outcome(.undone, 5), outcome(.open, 1), outcome(.open, 1)]).median(.undone, \.seconds) == .infinity)
        #expect(tally.undone == 2)
    }
}
