/// One minute of both arms, as a metrics system keeps it.
public struct MetricPoint: Sendable, Equatable {
    /// One arm's numbers; NaN where nothing was measured.
    public struct Arm: Sendable, Equatable {
        public var requests = 0.0
        public var bad = 0.0
        /// Seconds.
        public var median = Double.nan
        public var slowest1Percent = Double.nan
        public var orders = 0.0
        /// Mean of the instances' megabytes.
        public var memory = Double.nan

        public init(requests: Double = 0, bad: Double = 0) {
            self.requests = requests
            self.bad = bad
        }

        /// Part of requests that failed; NaN without requests.
        public var errorRate: Double { bad / requests }
        /// Orders of one request; NaN without requests.
        public var orderRate: Double { orders / requests }
    }

    public var candidate = Arm()
    /// As much traffic as the candidate's on an instance of the old release.
    public var control = Arm()

    public init() {}
}

/// A rollout at a constant share, minute by minute: what the judges of others look at.
public struct MetricSeries: Sendable, Equatable {
    public static let pointSeconds = 60.0
    public private(set) var points: [MetricPoint] = []
    private var open = Minute()

    /// What is gathered for the next point.
    private struct Minute: Sendable, Equatable {
        var point = MetricPoint()
        var candidateLatency = LatencyCounts()
        var controlLatency = LatencyCounts()
        var candidateMemory: [Double] = []
        var controlMemory: [Double] = []
    }

    public init(points: [MetricPoint] = []) { self.points = points }

    mutating func add(_ sample: TickSample) {
        open.point.candidate.requests += sample.candidate.requests
        open.point.candidate.bad += sample.candidate.bad
        open.point.candidate.orders += sample.candidate.orders
        open.point.control.requests += sample.control.requests
        open.point.control.bad += sample.control.bad
        open.point.control.orders += sample.control.orders
        open.candidateLatency.add(sample.candidate.latency)
        open.controlLatency.add(sample.control.latency)
        open.candidateMemory += sample.candidate.memory
        open.controlMemory += sample.control.memory
        if sample.t >= Double(points.count + 1) * Self.pointSeconds { close() }
    }

    private mutating func close() {
        func finish(_ arm: inout MetricPoint.Arm, _ latency: LatencyCounts, _ memory: [Double]) {
            arm.median = latency.quantile(0.5)
            arm.slowest1Percent = latency.quantile(0.99)
            if !memory.isEmpty { arm.memory = memory.reduce(0, +) / Double(memory.count) }
        }
        finish(&open.point.candidate, open.candidateLatency, open.candidateMemory)
        finish(&open.point.control, open.controlLatency, open.controlMemory)
        points.append(open.point)
        open = Minute()
    }

    /// How a rollout stands that ends after so many minutes.
    ///
    /// - Parameter lagSeconds: counted on with the rate of the last minute.
    public func outcome(_ ending: RolloutEnding, afterMinutes minutes: Int, lagSeconds: Double = 2) -> RolloutOutcome {
        var outcome = RolloutOutcome(ending: ending)
        outcome.seconds = Double(minutes) * Self.pointSeconds
        for point in points.prefix(minutes) {
            outcome.candidateBad += point.candidate.bad
            outcome.candidateRequests += point.candidate.requests
        }
        let rate = points.prefix(minutes).last.map { $0.candidate.bad / Self.pointSeconds } ?? 0
        outcome.badInAll = outcome.candidateBad + rate * lagSeconds
        return outcome
    }
}
