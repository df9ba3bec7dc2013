public import DeliveryModel

/// All that is decided about one service. A value: the same state and event give the same next state.
public struct ServiceState: Sendable, Equatable, Codable {
    /// Finished rollouts kept here; the journal keeps all.
    public static let pastLimit = 100

    public var service: ServiceName
    /// Rises whenever routing or instances change.
    public var generation: UInt64
    /// Numbers the rollouts.
    public var rolloutCount: Int
    public var releases: [ReleaseDigest: ReleaseRecord]
    /// Gets all traffic that a candidate does not get.
    public var live: ReleaseDigest?
    public var rollout: Rollout?
    public var queue: QueuedRelease?
    /// Finished rollouts, newest first.
    public var past: [Rollout]
    /// Releases that served everybody before `live`, oldest first: where undo goes.
    public var trail: [ReleaseDigest]
    /// What the last undo left, and where it went.
    public var lastUndo: Reversal?
    /// What the last redo brought back.
    public var lastRedo: ReleaseDigest?
    /// An undo or redo that waits for a cold release to start.
    public var recovery: Recovery?
    /// A drill under way: what serves again when it ends.
    public var drill: Reversal?
    /// Why requests do not go on, if they do not.
    public var hold: TrafficHold?

    public init(service: ServiceName) {
        self.service = service
        generation = 0
        rolloutCount = 0
        releases = [:]
        past = []
        trail = []
    }
}

extension ServiceState {
    /// Nothing is under way that a new rollout would have to wait for.
    public var isFree: Bool { rollout == nil && recovery == nil && drill == nil && queue == nil }

    /// The complete rollout that may still be taken back by what its candidate does now: everybody is served by it, and
    /// the release before is good.
    public var watchable: Rollout? {
        guard rollout == nil, recovery == nil, drill == nil, let last = past.first, last.outcome == .complete,
            live == last.candidate, let baseline = last.baseline, releases[baseline]?.standing == .good
        else { return nil }
        return last
    }
}

public struct QueuedRelease: Sendable, Equatable, Codable {
    public var digest: ReleaseDigest
    public var since: Timestamp
    public var rollout: String
}

/// Traffic went from one release back to another.
public struct Reversal: Sendable, Equatable, Codable {
    public var from: ReleaseDigest
    public var to: ReleaseDigest
}

/// A cold release on its way to serve again.
public struct Recovery: Sendable, Equatable, Codable {
    public enum Verb: String, Sendable, Codable {
        case undo, redo, drill
    }

    public var target: ReleaseDigest
    public var verb: Verb
    public var actor: String
    /// What the release that is left will be said to have been undone for; `nil`: who did it says enough.
    public var why: String?
}
