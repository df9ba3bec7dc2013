/// Kayenta's default judge (NetflixACAJudge): every metric's minutes of candidate and control are compared by a
/// rank-sum test; groups of metrics get scores; a score below `marginal` at any look undoes, and the last look must
/// reach `pass`.
///
/// Written anew from its documentation: spinnaker.io/guides/user/canary/judge ("How canary judgment works"),
/// spinnaker.io/guides/user/canary/best-practices, docs/canary-config.md in spinnaker/kayenta (groups with weights,
/// directions, `allowedIncrease`), and the constants of its default judge: confidence 98 %, tolerance 0.25 of the
/// Hodges-Lehmann estimate. A look every 10 minutes at all minutes so far, 6 looks, as design/judge.md has it. It gets
/// the control of the candidate's size that its documentation asks for; errors and orders are compared for each
/// request.
public struct KayentaPeer: Peer {
    public var confidence = 0.98
    /// Part of the estimate that the whole interval must exceed.
    public var tolerance = 0.25
    /// Least ratio of means for a metric to fail.
    public var allowedIncrease = 1.0
    public var marginal = 75.0
    public var pass = 95.0
    /// Minutes between looks.
    public var interval = 10
    public var looks = 6

    public init() {}

    public init(confidence: Double, tolerance: Double, allowedIncrease: Double, pass: Double = 95) {
        self.pass = pass
        self.confidence = confidence
        self.tolerance = tolerance
        self.allowedIncrease = allowedIncrease
    }

    public var settings: String {
        "confidence \(shortest(confidence * 100)) %, tolerance \(shortest(tolerance)), effect >= "
            + "\(shortest(allowedIncrease)), scores \(shortest(marginal))/\(shortest(pass)), "
            + "\(looks) looks every \(interval) minutes"
    }

    /// The documented example and settings around it.
    public static let grid: [KayentaPeer] = [0.9, 0.98, 0.995, 0.999].flatMap { confidence in
        [0.1, 0.25, 0.5].flatMap { tolerance in
            [1, 1.1, 1.25].flatMap { increase in
                [80, 95].map { pass in
                    KayentaPeer(
                        confidence: confidence, tolerance: tolerance, allowedIncrease: increase, pass: pass)
                }
            }
        }
    }

    /// Errors, latency (median and p99), the rest (orders and memory).
    static let groups: [(weight: Double, metrics: [Metric])] = [
        (34, [Metric(isWorseHigh: true) { $0.errorRate }]),
        (33, [Metric(isWorseHigh: true) { $0.median }, Metric(isWorseHigh: true) { $0.slowest1Percent }]),
        (33, [Metric(isWorseHigh: false) { $0.orderRate }, Metric(isWorseHigh: true) { $0.memory }]),
    ]

    struct Metric: Sendable {
        var isWorseHigh: Bool
        var value: @Sendable (MetricPoint.Arm) -> Double
    }

    public func judge(_ series: MetricSeries) -> RolloutOutcome {
        let z = Normal.quantile(1 - (1 - confidence) / 2)
        for look in 1...looks {
            let end = look * interval
            guard end <= series.points.count else { break }
            let score = score(series.points[..<end], z: z)
            if score < marginal || (look == looks && score < pass) {
                return series.outcome(.undone, afterMinutes: end)
            }
        }
        return series.outcome(.promoted, afterMinutes: min(series.points.count, looks * interval))
    }

    /// Weighted mean of the groups' parts of metrics that pass, 0 to 100; groups without data have no weight.
    func score(_ points: ArraySlice<MetricPoint>, z: Double) -> Double {
        var (sum, weights) = (0.0, 0.0)
        for group in Self.groups {
            let results = group.metrics.compactMap { passes($0, points, z: z) }
            guard !results.isEmpty else { continue }
            sum += group.weight * Double(results.count { $0 }) / Double(results.count)
            weights += group.weight
        }
        return weights > 0 ? 100 * sum / weights : 0
    }

    /// `nil` without data.
    func passes(_ metric: Metric, _ points: ArraySlice<MetricPoint>, z: Double) -> Bool? {
        let candidate = points.map { metric.value($0.candidate) }.filter { !$0.isNaN }
        let control = points.map { metric.value($0.control) }.filter { !$0.isNaN }
        guard let test = RankSum(candidate, control) else { return nil }
        // The statistic falls as the shift grows: only if it lies beyond z without a shift is 0 outside the interval.
        let statistic = test.statistic(shift: 0, isCorrected: true)
        guard metric.isWorseHigh ? statistic > z : statistic < -z else { return true }
        let (low, high) = test.interval(z: z)
        let bound = tolerance * abs(test.estimate)
        let ratio = mean(candidate) / mean(control)
        return metric.isWorseHigh
            ? !(low > bound && ratio >= allowedIncrease) : !(high < -bound && ratio <= 1 / allowedIncrease)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
