/// Flagger's threshold rule: at every interval the candidate's own success rate and p99 latency of that interval must
/// lie within fixed limits; so many failed checks undo, enough good ones promote.
///
/// Written anew from its documentation: docs.flagger.app/usage/metrics (`request-success-rate` min 99,
/// `request-duration` max 500, interval 1m; no values count as a failed check) and
/// docs.flagger.app/usage/deployment-strategies (threshold 5, maxWeight 50, stepWeight 10; the least time to promote is
/// interval * maxWeight / stepWeight). The share stays constant here, which is kinder: its own steps up would cost
/// more.
public struct FlaggerPeer: Peer {
    /// Per cent of requests that must be good.
    public var successMinimum = 99.0
    /// Milliseconds that 99 % of requests must stay below.
    public var durationMaximum = 500.0
    /// Failed checks that undo.
    public var threshold = 5
    /// Good checks that promote: maxWeight / stepWeight.
    public var steps = 5

    public init() {}

    public init(successMinimum: Double, durationMaximum: Double, threshold: Int) {
        self.successMinimum = successMinimum
        self.durationMaximum = durationMaximum
        self.threshold = threshold
    }

    public var settings: String {
        "success >= \(shortest(successMinimum)) %, p99 <= \(shortest(durationMaximum)) ms every minute, "
            + "\(threshold) failed checks"
    }

    public func judge(_ series: MetricSeries) -> RolloutOutcome {
        var (failed, passed) = (0, 0)
        for (index, point) in series.points.enumerated() {
            if passes(point.candidate) { passed += 1 } else { failed += 1 }
            if failed >= threshold { return series.outcome(.undone, afterMinutes: index + 1) }
            if passed >= steps { return series.outcome(.promoted, afterMinutes: index + 1) }
        }
        return series.outcome(.open, afterMinutes: series.points.count)
    }

    private func passes(_ arm: MetricPoint.Arm) -> Bool {
        guard arm.requests > 0 else { return false }
        let isGood = 100 * (1 - arm.errorRate) >= successMinimum
        // Without latencies only errors are looked at.
        return isGood && (arm.slowest1Percent.isNaN || arm.slowest1Percent * 1000 <= durationMaximum)
    }

    /// The documented example and settings around it.
    public static let grid: [FlaggerPeer] = [98, 99, 99.2, 99.4, 99.5, 99.6, 99.7, 99.8].flatMap { success in
        [500.0, 250, 200, 180].flatMap { duration in
            (1...8).map { FlaggerPeer(successMinimum: success, durationMaximum: duration, threshold: $0) }
        }
    }
}

/// Without needless digits: `99`, `99.5`.
func shortest(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
