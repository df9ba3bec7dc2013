public import DeliveryModel

/// One arm's part of a tick.
public struct ArmSample: Sendable, Equatable {
    public var requests = 0.0
    public var bad = 0.0
    /// Empty when latencies are not drawn.
    public var latency = LatencyCounts()
    public var orders = 0.0
    /// Megabytes, one number for each instance; empty but every 10 s.
    public var memory: [Double] = []

    public init() {}
}

/// What happened during one tick, as the router and the metrics system would have seen it.
public struct TickSample: Sendable, Equatable {
    /// End of the tick, seconds since the shift began.
    public var t: Double
    public var share: Share
    public var candidate = ArmSample()
    public var baseline = ArmSample()
    /// An old release's instance with as much traffic as the candidate; nothing unless the world has one.
    public var control = ArmSample()
    /// Whether the candidate's instances are younger than ``NoiseKind/warmUpSeconds``.
    public var isWarmingUp = false

    /// What the judge gets. Latencies of instances that warm up are left out, as the control plane leaves them out.
    public func judgeTick(withLatency: Bool = true) -> JudgeTick {
        func counts(_ arm: ArmSample, latency: Bool) -> ArmCounts {
            ArmCounts(requests: arm.requests, bad: arm.bad, latency: latency ? arm.latency.byBucket : [:])
        }
        var tick = JudgeTick(
            t: t, candidate: counts(candidate, latency: withLatency && !isWarmingUp),
            baseline: counts(baseline, latency: withLatency), share: share,
            counts: ["orders": BusinessCounts(candidate: candidate.orders, baseline: baseline.orders)])
        if !candidate.memory.isEmpty || !baseline.memory.isEmpty {
            tick.gauges["memory"] = GaugeSamples(candidate: candidate.memory, baseline: baseline.memory)
        }
        return tick
    }
}
