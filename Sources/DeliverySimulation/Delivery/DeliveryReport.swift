/// What came of a simulation.
public struct DeliveryReport: Sendable, Equatable, Codable {
    public var seed: UInt64
    public var services: Int
    public var days: Int
    public var steps = 0
    public var pushes = 0
    /// Commits that a pipeline found bad.
    public var red = 0
    /// Green commits: offered to the queue.
    public var accepted = 0
    public var live = 0
    public var superseded = 0
    public var undone = 0
    public var rollouts = 0
    /// Looks of a judge.
    public var ticks = 0
    /// Rollouts of flawed releases that were completed, and of flawless ones that the judge took back.
    public var badCompleted = 0
    public var goodUndone = 0
    public var undoneAfterwards = 0
    public var controlPlaneCrashes = 0
    public var routerCrashes = 0
    public var instanceDeaths = 0
    public var acts = 0
    public var journalLines = 0
    /// Seconds from the offer to the begin of the rollout, when nothing of the service itself kept it back.
    public var queueDelayMedian = 0.0
    public var queueDelayP99 = 0.0
    public var queueDelayMost = 0.0

    init(_ plan: SimulationPlan) {
        seed = plan.seed
        services = plan.services
        days = plan.days
    }
}
