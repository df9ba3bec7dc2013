public import DeliveryModel

/// Everything that can happen to a service. Commands carry who gave them.
public enum RolloutEvent: Sendable, Equatable {
    case deploy(ReleaseRecord, actor: String)
    /// A deploy that never began: a newer one took its place in the deploy queue, or a person took it out. Only
    /// remembered.
    case passedOver(ReleaseRecord, since: Timestamp, actor: String, why: String)
    /// Result of `RolloutEffect.start`: where each instance listens.
    case started(release: ReleaseDigest, ports: [String: Int])
    case startFailed(release: ReleaseDigest, why: String)
    /// Result of `RolloutEffect.verify`. `firstShare`: where a computed ramp begins, by the traffic there is.
    case verified(rollout: String, firstShare: Share)
    case verifyFailed(rollout: String, why: String)
    case judged(rollout: String, Verdict)
    /// The judge on the last rollout that was completed: it is watched a while longer.
    case judgedAfterwards(rollout: String, Verdict)
    case pause(actor: String)
    case resume(actor: String)
    case promote(actor: String)
    case abort(actor: String)
    /// `to`: `nil` for the last good release.
    case undo(to: ReleaseDigest?, actor: String)
    /// `to`: `nil` for what the last undo left; any undone release may be named.
    case redo(to: ReleaseDigest? = nil, actor: String)
    /// Requests wait or are refused; `nil`: they go on.
    case held(TrafficHold?, actor: String)
    case drillBegan(actor: String)
    case drillEnded(actor: String)
    /// An instance's shim is gone, or the instance itself: it is replaced, never mended.
    case instanceLost(id: String, why: String)
    /// An instance listens on another port after a restart.
    case instanceMoved(id: String, port: Int)
    /// Retention removed these releases from storage.
    case forgotten([ReleaseDigest])
    /// Time passes: warm releases cool down.
    case clock
    /// The control plane started: times that lie in the future (the clock was set back) are moved to now.
    case restarted
}
