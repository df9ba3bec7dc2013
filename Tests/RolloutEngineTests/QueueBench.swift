import DeliveryModel
import RolloutEngine

/// A deploy queue under test, with a clock.
struct QueueBench {
    var queue = DeployQueue()
    var now = Timestamp(microseconds: 1_800_000_000_000_000)
    var conditions = DeployConditions(limits: DeployLimits(total: 1))

    init(total: Int = 1, policy: QueuePolicy = .init()) {
        queue = DeployQueue(policy: policy)
        conditions.limits.total = total
    }

    @discardableResult
    mutating func offer(
        _ service: String, _ commit: String, _ priority: DeployPriority = .normal,
        _ deploy: DeploySpecification = .init()
    ) -> DeployQueue.Offer {
        queue.offer(
            WaitingDeploy(
                service: Bench.name(service), commit: commit, priority: priority, deploy: deploy, actor: "ann",
                since: now))
    }

    /// Commits of the rollouts that begin now; an abort is written `-commit`.
    mutating func next(after seconds: Int = 1) -> [String] {
        now = now + .seconds(seconds)
        return queue.next(at: now, conditions).map { decision in
            switch decision {
            case .begin(let deploy): deploy.commit
            case .abort(let under, _): "-" + under.commit
            }
        }
    }

    @discardableResult
    mutating func ended(_ service: String) -> RunningDeploy? { queue.ended(Bench.name(service)) }

    /// Lets everything begin and end, one after another; the commits in that order.
    mutating func order(_ most: Int = 1000) -> [String] {
        var order: [String] = []
        while order.count < most {
            order += next()
            guard let service = queue.running.keys.first else { break }
            queue.ended(service)
        }
        return order
    }
}
