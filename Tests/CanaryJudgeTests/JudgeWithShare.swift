import CanaryJudge
import DeliveryModel

extension SequentialJudge {
    /// A tick during which the candidate was assigned `share` of traffic.
    mutating func judge(_ tick: JudgeTick, share: Share) -> Verdict {
        var tick = tick
        tick.share = share
        return judge(tick)
    }
}
