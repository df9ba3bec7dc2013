import DeliveryModel
import RolloutEngine

/// What a deploy waits for, in words that follow "waits for".
enum WaitWords {
    static func sentence(_ reason: WaitReason) -> String {
        switch reason {
        case .rollout(let commit, let since):
            "the running rollout of commit \(commit.prefix(10)) to end, since \(since)"
        case .holdOfAll(let hold): "the hold of all deploys to be released" + by(hold)
        case .hold(let hold): "the hold of its deploys to be released" + by(hold)
        case .freeze(let until, let reason):
            "the end of a freeze at \(until)" + (reason.isEmpty ? "" : " (\(reason))")
        case .budget: "its error budget, which is spent: only fixes go out (nonevent deploy --fix)"
        case .group(let group, let limit): "a place in group \(group), which has \(limit)"
        case .total(let limit): "a place among the \(limit) rollouts that may run at once"
        case .turn: "its turn"
        }
    }

    private static func by(_ hold: DeployHold) -> String {
        ", by \(hold.by)" + (hold.why.isEmpty ? "" : " (\(hold.why))")
    }
}
