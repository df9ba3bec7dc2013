/// A way of judging that people use today, on a rollout at a constant share.
public protocol Peer: Sendable, Equatable {
    /// Settings in a few words.
    var settings: String { get }
    /// When and how it ends the rollout.
    func judge(_ series: MetricSeries) -> RolloutOutcome
}
