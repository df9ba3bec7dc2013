public import DeliveryModel
import Glibc

/// One rollout's traffic, tick by tick, for whatever share the candidate has. The same world, seed and index give the
/// same traffic; each part of it (errors, latencies, orders, memory) is drawn from a generator of its own.
public struct TrafficStream: Sendable {
    public static let gaugeSeconds = 10.0
    private static let latestIncident = 900.0
    private static let memoryNoise = 0.02

    public let world: TrafficWorld
    /// End of the last tick.
    public private(set) var t = 0.0
    private var errors: SplitMix64
    private var latencies: SplitMix64
    private var orders: SplitMix64
    private var memories: SplitMix64
    private var controls: SplitMix64
    private var candidateFates: [InstanceFate]
    private var baselineFates: [InstanceFate]
    private var controlFate: InstanceFate
    private var shared = SharedFate()

    /// - Parameter seconds: how long the stream is asked for at most; bursts are laid out that far.
    public init(_ world: TrafficWorld, seed: UInt64, index: Int, seconds: Double = 3600) {
        self.world = world
        func random(_ stream: RandomStream) -> SplitMix64 {
            SplitMix64(seed: seed, index: index, stream: stream.rawValue)
        }
        (errors, latencies, orders, memories) = (random(.errors), random(.latencies), random(.orders), random(.memory))
        controls = random(.control)
        controlFate = InstanceFate(bias: InstanceFate.bias(world.noise, &controls))
        controlFate.bursts = InstanceFate.bursts(from: 0, to: seconds, in: world, &controls)
        baselineFates = Self.baselineFates(world, seed: seed, index: index)
        var fates = random(.fates)
        candidateFates = (0..<world.candidateInstances).map { _ in
            InstanceFate(bias: InstanceFate.bias(world.noise, &fates))
        }
        for index in candidateFates.indices {
            candidateFates[index].bursts = InstanceFate.bursts(from: 0, to: seconds, in: world, &fates)
        }
        for index in baselineFates.indices {
            baselineFates[index].bursts = InstanceFate.bursts(from: 0, to: seconds, in: world, &fates)
        }
        if world.noise == .diurnal {
            shared = SharedFate(phase: fates.unit(), incident: fates.unit() * Self.latestIncident)
        }
    }

    /// The baseline's instances with their biases: the same in the history and in the rollout.
    static func baselineFates(_ world: TrafficWorld, seed: UInt64, index: Int) -> [InstanceFate] {
        var random = SplitMix64(seed: seed, index: index, stream: RandomStream.biases.rawValue)
        return (0..<world.baselineInstances).map { _ in InstanceFate(bias: InstanceFate.bias(world.noise, &random)) }
    }

    /// The next tick with the candidate at `share`.
    public mutating func next(share: Share) -> TickSample {
        let (from, to) = (t, t + world.tickSeconds)
        let requests = world.requestsPerSecond * shared.swing(at: from) * world.tickSeconds
        let rate = world.errorRate * shared.errorFactor(from: from, to: to)
        func mean(_ fates: [InstanceFate]) -> Double {
            fates.reduce(0) { $0 + $1.errorFactor(from: from, to: to, noise: world.noise) }
                / Double(max(1, fates.count))
        }
        var sample = TickSample(t: to, share: share)
        sample.isWarmingUp = world.noise == .startup && from < NoiseKind.warmUpSeconds
        let candidateRate = rate * mean(candidateFates) * startupErrors(from, to) + world.defect.addedErrors(at: from)
        draw(&sample.candidate, requests: requests * share.fraction, errorRate: candidateRate, &errors)
        draw(&sample.baseline, requests: requests * share.rest.fraction, errorRate: rate * mean(baselineFates), &errors)
        if world.measuresLatency {
            world.candidateLatency.add(
                sample.candidate.requests, shiftedBy: startupShift(from), to: &sample.candidate.latency, &latencies)
            world.baselineLatency.add(sample.baseline.requests, to: &sample.baseline.latency, &latencies)
        }
        let people = requests * world.orderRate
        sample.candidate.orders = orders.poisson(people * share.fraction * world.defect.orderFactor)
        sample.baseline.orders = orders.poisson(people * share.rest.fraction)
        if (to / Self.gaugeSeconds).rounded(.down) > (from / Self.gaugeSeconds).rounded(.down) {
            sample.candidate.memory = memory(candidateFates.count, factor: world.defect.memoryFactor(at: to), &memories)
            sample.baseline.memory = memory(baselineFates.count, factor: 1, &memories)
        }
        if world.hasControl {
            let rate = rate * controlFate.errorFactor(from: from, to: to, noise: world.noise)
            drawControl(&sample, requests: requests * share.fraction, errorRate: rate)
        }
        t = to
        return sample
    }

    private mutating func drawControl(_ sample: inout TickSample, requests: Double, errorRate: Double) {
        draw(&sample.control, requests: requests, errorRate: errorRate, &controls)
        if world.measuresLatency {
            world.baselineLatency.add(sample.control.requests, to: &sample.control.latency, &controls)
        }
        sample.control.orders = controls.poisson(requests * world.orderRate)
        if !sample.baseline.memory.isEmpty { sample.control.memory = memory(1, factor: 1, &controls) }
    }

    /// Good and bad requests are drawn apart, as a number of each that is expected.
    private func draw(
        _ arm: inout ArmSample, requests: Double, errorRate: Double, _ random: inout SplitMix64
    ) {
        let rate = min(1, errorRate)
        // What always fails does not fail in clusters: the expected number is the same at every moment.
        let cluster = rate < 1 ? world.noise.cluster : 1
        arm.bad = cluster * random.poisson(requests * rate / cluster)
        arm.requests = arm.bad + random.poisson(requests * (1 - rate))
    }

    private func startupErrors(_ from: Double, _ to: Double) -> Double {
        guard world.noise == .startup else { return 1 }
        let within = max(0, min(to, NoiseKind.startupErrorSeconds) - from) / (to - from)
        return 1 + (NoiseKind.startupErrorFactor - 1) * within
    }

    /// Buckets by which a cold candidate is slower.
    private func startupShift(_ from: Double) -> Int {
        guard world.noise == .startup, from < NoiseKind.warmUpSeconds else { return 0 }
        let slowness = 1 + (NoiseKind.startupSlowness - 1) * (1 - from / NoiseKind.warmUpSeconds)
        return Int((log(slowness) / LatencyShape.bucketWidth).rounded())
    }

    private func memory(_ instances: Int, factor: Double, _ random: inout SplitMix64) -> [Double] {
        (0..<instances).map { _ in world.memory * factor * (1 + Self.memoryNoise * random.normal()) }
    }
}

/// Purposes with generators of their own.
enum RandomStream: UInt64 {
    case errors = 1
    case latencies, orders, memory, fates, biases, history, control
}
