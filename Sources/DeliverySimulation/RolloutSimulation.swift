public import CanaryJudge
public import DeliveryModel

/// Whose hand is on the share.
public enum TrafficPlan: Sendable, Equatable {
    /// The candidate keeps this share, whatever the judge proposes.
    case constant(Share)
    /// The judge's own: its first share, then what it proposes at every tick.
    case ramp
}

/// What the judge knows of clusters before it begins.
public enum DispersionKnowledge: Sendable, Equatable {
    case measured(HistoryLength)
    /// The operator set it; 1 takes all errors for independent.
    case set(Double)
}

/// One rollout under ``SequentialJudge``, until it says undo or promote, or the limit comes.
public struct RolloutSimulation: Sendable {
    public var world: TrafficWorld
    public var plan: TrafficPlan
    public var knowledge = DispersionKnowledge.measured(.day)
    public var limitSeconds = 3600.0
    /// Seconds from the verdict until no request reaches the candidate.
    public var lagSeconds = 2.0

    public init(world: TrafficWorld, plan: TrafficPlan) {
        self.world = world
        self.plan = plan
    }

    public var configuration: JudgeConfiguration {
        var dispersion: Double?
        if case .set(let phi) = knowledge { dispersion = phi }
        return JudgeConfiguration(
            limitSeconds: limitSeconds, steps: .auto, dispersion: dispersion, tickSeconds: world.tickSeconds,
            requestsPerSecond: world.requestsPerSecond)
    }

    /// A judge that knows the history of rollout `index`.
    public func judge(seed: UInt64, index: Int) -> SequentialJudge {
        var judge = SequentialJudge(configuration: configuration)
        if case .measured(let length) = knowledge {
            judge.setDispersion(BaselineHistory.dispersion(world, length, seed: seed, index: index))
        }
        return judge
    }

    public func run(seed: UInt64, index: Int) -> RolloutOutcome {
        var stream = TrafficStream(world, seed: seed, index: index, seconds: limitSeconds)
        var judging = Judging(self, seed: seed, index: index)
        while !judging.isOver { judging.take(stream.next(share: judging.share)) }
        var outcome = judging.outcome
        outcome.badInAll = outcome.candidateBad + badInLag(&stream, share: judging.share)
        return outcome
    }

    /// Bad requests of the candidate while the verdict is carried out, from the tick that follows.
    private func badInLag(_ stream: inout TrafficStream, share: Share) -> Double {
        var left = lagSeconds
        var bad = 0.0
        while left > 0 {
            let part = min(1, left / world.tickSeconds)
            bad += part * stream.next(share: share).candidate.bad
            left -= world.tickSeconds
        }
        return bad
    }
}

/// A judge at work on a stream of ticks.
struct Judging {
    private let simulation: RolloutSimulation
    private var judge: SequentialJudge
    private(set) var share: Share
    private(set) var outcome = RolloutOutcome()
    private(set) var isOver = false

    init(_ simulation: RolloutSimulation, seed: UInt64, index: Int) {
        self.simulation = simulation
        judge = simulation.judge(seed: seed, index: index)
        switch simulation.plan {
        case .constant(let share): self.share = share
        case .ramp: share = SequentialJudge.firstShare(simulation.configuration)
        }
    }

    mutating func take(_ sample: TickSample) {
        let verdict = judge.judge(sample.judgeTick(withLatency: simulation.world.measuresLatency))
        outcome.seconds = sample.t
        outcome.candidateBad += sample.candidate.bad
        outcome.candidateRequests += sample.candidate.requests
        outcome.rule = verdict.rule
        switch verdict.verdict {
        case .undo: outcome.ending = .undone
        case .promote: outcome.ending = .promoted
        case .hold, .inconclusive: if simulation.plan == .ramp { share = verdict.share }
        }
        isOver = outcome.ending != .open || sample.t >= simulation.limitSeconds || verdict.verdict == .inconclusive
    }
}
