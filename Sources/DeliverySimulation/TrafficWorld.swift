/// A service, what its candidate suffers from, and what else happens: everything that makes counts, but the seed.
public struct TrafficWorld: Sendable {
    public let noise: NoiseKind
    public let defect: Defect
    /// Requests a second of the whole service; 200, or 1 for ``NoiseKind/sparse``.
    public var requestsPerSecond: Double
    /// Part of requests that fail though nothing is wrong.
    public var errorRate = 0.001
    public var baselineInstances = 4
    /// One: the hardest case, as what befalls it befalls all of the candidate.
    public var candidateInstances = 1
    /// Length of a tick.
    public var tickSeconds: Double
    /// Bursts of each instance, on average.
    public var burstsPerHour = 1.0
    /// Part of requests that end in an order.
    public var orderRate = 0.02
    /// Megabytes of an instance.
    public var memory = 500.0
    /// Whether latencies are drawn: the largest part of the work.
    public var measuresLatency = true
    /// Whether one more instance of the old release gets as much traffic as the candidate, for judges that ask for it.
    public var hasControl = false

    let baselineLatency: LatencyShape
    let candidateLatency: LatencyShape

    public init(noise: NoiseKind = .independent, defect: Defect = .none, tickSeconds: Double = 5) {
        self.noise = noise
        self.defect = defect
        self.tickSeconds = tickSeconds
        requestsPerSecond = noise == .sparse ? 1 : 200
        baselineLatency = LatencyShape()
        candidateLatency = LatencyShape(scale: defect.latencyScale, tail: defect.latencyTail)
    }
}

/// What happens to one instance: a bias for ever, and bursts.
struct InstanceFate: Sendable, Equatable {
    var bias = 1.0
    /// Starts of bursts, rising.
    var bursts: [Double] = []

    /// How many times as often as it should the instance fails between two moments.
    func errorFactor(from: Double, to: Double, noise: NoiseKind) -> Double {
        guard let length = noise.burstSeconds, to > from else { return bias }
        let inBurst = bursts.reduce(0.0) { $0 + max(0, min(to, $1 + length) - max(from, $1)) }
        return bias * (1 + (NoiseKind.burstFactor - 1) * min(1, inBurst / (to - from)))
    }

    /// Its bursts between two moments, those included that began before.
    static func bursts(from: Double, to: Double, in world: TrafficWorld, _ random: inout SplitMix64) -> [Double] {
        guard let length = world.noise.burstSeconds else { return [] }
        var starts: [Double] = []
        var t = from - length
        while true {
            t += random.exponential(rate: world.burstsPerHour / 3600)
            if t >= to { return starts }
            starts.append(t)
        }
    }

    static func bias(_ noise: NoiseKind, _ random: inout SplitMix64) -> Double {
        noise == .instanceBias ? max(0.1, 1 + NoiseKind.biasDeviation * random.normal()) : 1
    }
}

/// What happens to all instances alike: the swing of the day and an incident.
struct SharedFate: Sendable, Equatable {
    var phase = 0.0
    var incident: Double?

    /// Multiplies requests and errors, each.
    func swing(at t: Double) -> Double {
        incident == nil ? 1 : 1 + NoiseKind.swing * Sine.ofDay(t / NoiseKind.daySeconds + phase)
    }

    func errorFactor(from: Double, to: Double) -> Double {
        guard let incident, to > from else { return 1 }
        let within = max(0, min(to, incident + NoiseKind.incidentSeconds) - max(from, incident)) / (to - from)
        return swing(at: from) * (1 + (NoiseKind.incidentFactor - 1) * within)
    }
}
