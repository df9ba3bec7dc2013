public enum RolloutEnding: String, Sendable {
    case undone, promoted
    /// The time limit came first.
    case open
}

/// How one simulated rollout ended.
public struct RolloutOutcome: Sendable, Equatable {
    public var ending = RolloutEnding.open
    /// Seconds from the first traffic to the verdict.
    public var seconds = 0.0
    public var candidateBad = 0.0
    public var candidateRequests = 0.0
    /// The candidate's bad requests, with those that come while traffic is taken away from it.
    public var badInAll = 0.0
    /// The judge's rule that decided; empty for others.
    public var rule = ""

    public init(ending: RolloutEnding = .open) { self.ending = ending }
}
