/// One rollout at a constant share, seen by the judge and, as a series of minutes, by its peers: the same traffic.
public struct ComparedRollout: Sendable, Equatable {
    public var judge: RolloutOutcome
    public var series: MetricSeries

    /// - Parameter minutes: how long the peers look; the judge stops at its verdict.
    public static func run(_ simulation: RolloutSimulation, minutes: Int = 60, seed: UInt64, index: Int) -> Self {
        var world = simulation.world
        world.hasControl = true
        var stream = TrafficStream(world, seed: seed, index: index, seconds: simulation.limitSeconds)
        var judging = Judging(simulation, seed: seed, index: index)
        var series = MetricSeries()
        let share = judging.share
        while series.points.count < minutes {
            let sample = stream.next(share: share)
            if !judging.isOver { judging.take(sample) }
            series.add(sample)
        }
        return Self(judge: judging.outcome, series: series)
    }
}
