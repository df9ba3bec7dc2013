import DeliveryModel
import DeliverySimulation

/// The runs of the benchmark, one after the other; the rollouts of a run on several threads.
struct Suite {
    static let share = Share(clamping: 1000)
    /// Rollouts of the less important runs, as a part of all.
    static let variantPart = 4

    let options: Options
    let progress: @Sendable (String) -> Void
    private(set) var seen: Measurements

    init(_ options: Options, progress: @escaping @Sendable (String) -> Void) {
        self.options = options
        self.progress = progress
        seen = Measurements(options: options)
    }

    mutating func run() async {
        await healthyHours()
        await ramps()
        await defects()
        seen.contenders = seen.searches.contenders(seen.series)
        await variants()
        progress("cost of a tick")
        seen.cost = TickCost.measure(seed: options.seed, ticks: options.rollouts < 500 ? 60_480 : TickCost.week)
    }

    private mutating func healthyHours() async {
        for (kind, noise) in NoiseKind.allCases.enumerated() {
            progress("healthy, an hour at 10 %: \(noise.label)")
            let simulation = RolloutSimulation(world: TrafficWorld(noise: noise), plan: .constant(Self.share))
            let seed = options.seed
            let results = await inParallel(options.rollouts, tasks: options.threads) { index in
                let rollout = ComparedRollout.run(simulation, seed: seed, index: index)
                return (judge: rollout.judge, undone: PeerSearches.Undone(rollout.series))
            }
            seen.healthyHour[noise] = Tally(results.map(\.judge))
            for result in results { seen.searches.add(result.undone, kind: kind) }
        }
    }

    private mutating func ramps() async {
        for noise in NoiseKind.allCases {
            progress("evidence ramp, healthy and +1 pp: \(noise.label)")
            seen.healthyRamp[noise] = await rollouts(TrafficWorld(noise: noise), .ramp)
            seen.onePointRamp[noise] = await rollouts(TrafficWorld(noise: noise, defect: .onePoint), .ramp)
        }
    }

    private mutating func defects() async {
        for defect in Defect.allCases where defect != .none {
            progress("defect: \(defect.label)")
            let world = TrafficWorld(defect: defect)
            let simulation = RolloutSimulation(world: world, plan: .constant(Self.share))
            let seed = options.seed
            let results = await inParallel(options.rollouts, tasks: options.threads) { index in
                ComparedRollout.run(simulation, seed: seed, index: index)
            }
            seen.defects[defect] = Tally(results.map(\.judge))
            seen.series[defect] = results.map(\.series)
            seen.defectRamps[defect] = await rollouts(world, .ramp)
        }
    }

    private mutating func variants() async {
        let knowledge: [(String, DispersionKnowledge)] = [
            ("dispersion from 24 h", .measured(.day)), ("dispersion from 1 h", .measured(.hour)),
            ("no history", .measured(.none)), ("errors taken for independent (dispersion 1)", .set(1)),
        ]
        for (label, knowledge) in knowledge {
            await variant(label, NoiseKind.allCases.filter { $0 != .startup }) { simulation in
                simulation.knowledge = knowledge
                simulation.world.measuresLatency = false
            }
        }
        let bursty: [NoiseKind] = [.shortBursts, .longBursts]
        for rate in [0.2, 4] {
            await variant("\(rate) bursts an hour on each instance, not 1", bursty) { simulation in
                simulation.world.burstsPerHour = rate
                simulation.world.measuresLatency = false
            }
        }
        await variant("candidate of 4 instances, not 1", bursty + [.instanceBias]) { simulation in
            simulation.world.candidateInstances = 4
            simulation.world.measuresLatency = false
        }
        await variant("ticks of 1 s", [.independent, .clusters]) { simulation in
            simulation.world.tickSeconds = 1
            simulation.world.measuresLatency = false
        }
        await shortTicks()
    }

    /// The main figures with ticks of 1 s, as the control plane makes them.
    private mutating func shortTicks() async {
        progress("ticks of 1 s")
        let plans: [(String, Defect, TrafficPlan)] = [
            ("healthy, evidence ramp", .none, .ramp), ("+1 pp errors, share 10 %", .onePoint, .constant(Self.share)),
            ("all fail, evidence ramp", .allFail, .ramp),
            ("latency x1.2, share 10 %", .slower20, .constant(Self.share)),
        ]
        for (label, defect, plan) in plans {
            let world = TrafficWorld(defect: defect, tickSeconds: 1)
            let simulation = RolloutSimulation(world: world, plan: plan)
            seen.shortTicks.append(
                (label: label, tally: await rollouts(simulation, count: max(4, options.rollouts / Self.variantPart))))
        }
    }

    /// Healthy hours at 10 % with something changed.
    private mutating func variant(
        _ label: String, _ kinds: [NoiseKind], _ change: (inout RolloutSimulation) -> Void
    ) async {
        progress("variant: \(label)")
        var tallies: [NoiseKind: Tally] = [:]
        for noise in kinds {
            var simulation = RolloutSimulation(world: TrafficWorld(noise: noise), plan: .constant(Self.share))
            change(&simulation)
            tallies[noise] = await rollouts(simulation, count: max(4, options.rollouts / Self.variantPart))
        }
        seen.variants.append(Measurements.Variant(label: label, tallies: tallies))
    }

    private func rollouts(_ world: TrafficWorld, _ plan: TrafficPlan) async -> Tally {
        await rollouts(RolloutSimulation(world: world, plan: plan), count: options.rollouts)
    }

    private func rollouts(_ simulation: RolloutSimulation, count: Int) async -> Tally {
        let seed = options.seed
        return Tally(
            await inParallel(count, tasks: options.threads) { index in simulation.run(seed: seed, index: index) })
    }
}
