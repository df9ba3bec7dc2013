public import DeliveryModel

/// Why a deploy has not begun.
public enum WaitReason: Sendable, Equatable {
    /// The service has a rollout under way.
    case rollout(commit: String, since: Timestamp)
    case holdOfAll(DeployHold)
    case hold(DeployHold)
    case freeze(until: Timestamp, reason: String)
    /// The error budget is spent: only fixes go out.
    case budget
    /// All places of the group are taken.
    case group(String, limit: Int)
    /// All places are taken.
    case total(limit: Int)
    /// Others come first.
    case turn
}

/// One line of the queue as people see it.
public struct QueuePlace: Sendable, Equatable {
    /// From 1, in the order in which rollouts will probably begin.
    public var position: Int
    public var deploy: WaitingDeploy
    /// Never empty.
    public var reasons: [WaitReason]
    /// Until its rollout begins; `nil` when nobody can say: a person holds it, or the budget is spent.
    public var forecastSeconds: Double?
}

/// How long rollouts have taken: what forecasts are made of. A mean in which the newest counts a fifth.
public struct RolloutDurations: Sendable, Equatable, Codable {
    private static let weight = 0.2
    /// Before anything is known.
    private static let assumed = 300.0

    private var byService: [ServiceName: Double] = [:]
    private var all: Double?

    public init() {}

    /// - Parameter seconds: from the rollout's begin to its end.
    public mutating func record(_ service: ServiceName, seconds: Double) {
        guard seconds.isFinite, seconds >= 0 else { return }
        func mean(_ before: Double?) -> Double { before.map { $0 + Self.weight * (seconds - $0) } ?? seconds }
        byService[service] = mean(byService[service])
        all = mean(all)
    }

    /// Of the service itself, else of all services, else five minutes.
    public func expected(_ service: ServiceName) -> Double { byService[service] ?? all ?? Self.assumed }
}

extension DeployQueue {
    /// Deploys of which a forecast is made; those after them are listed without.
    public static let forecasts = 500

    /// The queue in its probable order: who waits, for what, and for how long by all experience.
    public func waiting(
        at now: Timestamp, _ conditions: DeployConditions, durations: RolloutDurations = .init()
    ) -> [QueuePlace] {
        let begins = forecast(at: now, conditions, durations)
        let rank = Dictionary(uniqueKeysWithValues: begins.enumerated().map { ($1.service, $0) })
        let sorted = waiting.values.sorted { left, right in
            let (leftRank, rightRank) = (rank[left.service] ?? .max, rank[right.service] ?? .max)
            return leftRank == rightRank ? Self.isOlder(left, right) : leftRank < rightRank
        }
        return sorted.enumerated().map { index, deploy in
            QueuePlace(
                position: index + 1, deploy: deploy, reasons: reasons(deploy, at: now, conditions),
                forecastSeconds: rank[deploy.service].map { (begins[$0].at - now).inSeconds })
        }
    }

    /// Moves a waiting deploy to a position of ``waiting(at:_:durations:)``, from 1: as many others may still go ahead
    /// as stand before it then. What nothing can begin yet is not waited for.
    /// - Returns: `false` when nothing of the service waits.
    public mutating func move(_ service: ServiceName, to position: Int) -> Bool {
        guard waiting[service] != nil else { return false }
        waiting[service]?.place = max(1, position)
        return true
    }

    /// What the service's waiting deploy waits for; empty when nothing of it waits.
    public func reasons(for service: ServiceName, at now: Timestamp, _ conditions: DeployConditions) -> [WaitReason] {
        waiting[service].map { reasons($0, at: now, conditions) } ?? []
    }

    private func reasons(
        _ deploy: WaitingDeploy, at now: Timestamp, _ conditions: DeployConditions
    ) -> [WaitReason] {
        var reasons: [WaitReason] = []
        if let under = running[deploy.service] {
            reasons.append(.rollout(commit: under.commit, since: under.startedAt))
        }
        if let holdOfAll { reasons.append(.holdOfAll(holdOfAll)) }
        if let hold = holds[deploy.service] { reasons.append(.hold(hold)) }
        let calendar = FreezeCalendar(conditions.zones)
        if let window = calendar.window(of: deploy.freeze, at: now),
            let end = calendar.end(of: deploy.freeze, at: now)
        {
            reasons.append(.freeze(until: end, reason: window.reason))
        }
        if deploy.priority != .fix, conditions.budgetSpent.contains(deploy.service) { reasons.append(.budget) }
        if let group = deploy.group, let limit = conditions.limits.groups[group],
            !hasPlace(deploy.group, usedPlaces(), conditions.limits)
        {
            reasons.append(.group(group, limit: limit))
        }
        if running.count >= conditions.limits.total { reasons.append(.total(limit: conditions.limits.total)) }
        return reasons.isEmpty ? [.turn] : reasons
    }

    /// The queue's own rules on a copy, with rollouts that take as long as they usually do.
    private func forecast(
        at now: Timestamp, _ conditions: DeployConditions, _ durations: RolloutDurations
    ) -> [(service: ServiceName, at: Timestamp)] {
        var queue = self
        var time = now
        var begins: [(ServiceName, Timestamp)] = []
        func end(_ rollout: RunningDeploy) -> Timestamp {
            max(rollout.startedAt + .seconds(durations.expected(rollout.service)), time + .seconds(1))
        }
        var ends = queue.running.mapValues(end)
        let calendar = FreezeCalendar(conditions.zones)
        for _ in 0..<2 * Self.forecasts where begins.count < Self.forecasts {
            for case .begin(let deploy) in queue.next(at: time, conditions) {
                begins.append((deploy.service, time))
                ends[deploy.service] = queue.running[deploy.service].map(end)
            }
            if queue.waiting.isEmpty { break }
            let thaws = queue.waiting.values.compactMap { calendar.end(of: $0.freeze, at: time) }
            guard let next = (Array(ends.values) + thaws).filter({ $0 > time }).min() else { break }
            time = next
            for (service, end) in ends where end <= time {
                queue.ended(service)
                ends[service] = nil
            }
        }
        return begins
    }
}
