/// Argo Rollouts' analysis: at every interval the candidate's success rate must meet a condition; more failed
/// measurements than the limit abort the rollout.
///
/// Written anew from its documentation: argo-rollouts docs/features/analysis.md (`successCondition: result[0] >= 0.95`,
/// `interval: 5m`, `failureLimit: 3`; a result that is no number meets no condition). The example's query looks at the
/// last two samples of the last 5 minutes; here all 5 minutes count, which is kinder. Steps as in the example: 10
/// minutes each, so that the rollout is through after an hour at most.
public struct ArgoPeer: Peer {
    /// Per cent of requests that must be good.
    public var successMinimum = 95.0
    /// Failed measurements that are still allowed.
    public var failureLimit = 3
    /// Minutes.
    public var interval = 5

    public init() {}

    public init(successMinimum: Double, failureLimit: Int) {
        self.successMinimum = successMinimum
        self.failureLimit = failureLimit
    }

    public var settings: String {
        "success >= \(shortest(successMinimum)) % every \(interval) minutes, failureLimit \(failureLimit)"
    }

    public func judge(_ series: MetricSeries) -> RolloutOutcome {
        var failed = 0
        for end in stride(from: interval, through: series.points.count, by: interval) {
            let window = series.points[(end - interval)..<end]
            let requests = window.reduce(0) { $0 + $1.candidate.requests }
            let bad = window.reduce(0) { $0 + $1.candidate.bad }
            if !(100 * (1 - bad / requests) >= successMinimum) { failed += 1 }
            if failed > failureLimit { return series.outcome(.undone, afterMinutes: end) }
        }
        return series.outcome(.promoted, afterMinutes: series.points.count)
    }

    /// The documented example and settings around it.
    public static let grid: [ArgoPeer] = [90, 95, 98, 98.5, 99, 99.2, 99.4, 99.5, 99.6, 99.7].flatMap { success in
        (0...4).map { ArgoPeer(successMinimum: success, failureLimit: $0) }
    }
}
