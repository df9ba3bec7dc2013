public import DeliveryModel

/// Which green commit goes out next. A value, stored whole: what it decides follows from it and what it is asked.
///
/// At most one rollout a service. A newer green commit of a service takes the waiting one's place and its commits
/// along. Fixes go before others; among those of one priority the team goes first that was served least, and in a team
/// who waits longest. What has waited long is aged and cannot be passed by fixes for ever. Why so:
/// ADR 0014.
public struct DeployQueue: Sendable, Equatable, Codable {
    /// Commits listed for one batch; older ones are counted.
    public static let batchCommits = 1000

    /// Turns that a team can be behind the others at most, however many fixes it has had.
    static let debt = 8.0

    public var policy: QueuePolicy
    /// By service: there is at most one each.
    public internal(set) var waiting: [ServiceName: WaitingDeploy] = [:]
    public internal(set) var running: [ServiceName: RunningDeploy] = [:]
    /// Services that people keep back.
    public internal(set) var holds: [ServiceName: DeployHold] = [:]
    /// Set while everything is kept back.
    public internal(set) var holdOfAll: DeployHold?
    /// Turns that each team has had, in virtual time.
    var teams: [String: Double] = [:]
    /// Virtual time: where the turn that was given last began.
    var turn = 0.0
    /// Fixes that started since the last aged deploy did, while one could.
    var fixesPassedBy = 0
    /// Rollouts aborted in a row, by service.
    var supersessions: [ServiceName: Int] = [:]

    public init(policy: QueuePolicy = .init()) { self.policy = policy }

    public var isIdle: Bool { waiting.isEmpty && running.isEmpty }

    /// What an offer led to.
    public enum Offer: Sendable, Equatable {
        case queued
        /// It took the place of this one, whose commits go out with it.
        case superseded(WaitingDeploy)
        /// The same commit waits or is under way already.
        case known
    }

    /// Takes in a green commit.
    public mutating func offer(_ deploy: WaitingDeploy) -> Offer {
        if let before = waiting[deploy.service] {
            guard before.commit != deploy.commit else {
                // Said again, and this time that it is a fix.
                waiting[deploy.service]?.priority = max(before.priority, deploy.priority)
                return .known
            }
            var batch = deploy
            batch.take(along: before.commits, more: before.moreCommits)
            batch.priority = max(before.priority, deploy.priority)
            batch.since = min(before.since, deploy.since)
            batch.place = before.place
            waiting[deploy.service] = batch
            return .superseded(before)
        }
        if let under = running[deploy.service], under.commit == deploy.commit { return .known }
        waiting[deploy.service] = deploy
        return .queued
    }

    /// The service's rollout has ended, however. Ask ``next(at:_:)`` again.
    /// - Returns: what ended; `nil` when nothing was under way.
    @discardableResult
    public mutating func ended(_ service: ServiceName) -> RunningDeploy? {
        guard let ended = running.removeValue(forKey: service) else { return nil }
        if !ended.isAborting { supersessions[service] = nil }
        return ended
    }

    /// Takes a waiting deploy out.
    /// - Returns: what was dropped; `nil` when nothing waited.
    @discardableResult
    public mutating func drop(_ service: ServiceName) -> WaitingDeploy? { waiting.removeValue(forKey: service) }

    /// Keeps one service back; said again, reason and person change, since when does not.
    public mutating func hold(_ service: ServiceName, _ hold: DeployHold) {
        holds[service] = Self.again(holds[service], hold)
    }

    /// Keeps everything back.
    public mutating func holdAll(_ hold: DeployHold) { holdOfAll = Self.again(holdOfAll, hold) }

    /// - Returns: whether it was on hold.
    @discardableResult
    public mutating func release(_ service: ServiceName) -> Bool { holds.removeValue(forKey: service) != nil }

    /// Ends the hold of everything; holds of single services stay.
    /// - Returns: whether there was one.
    @discardableResult
    public mutating func releaseAll() -> Bool {
        defer { holdOfAll = nil }
        return holdOfAll != nil
    }

    private static func again(_ before: DeployHold?, _ hold: DeployHold) -> DeployHold {
        var hold = hold
        hold.since = before?.since ?? hold.since
        return hold
    }

    /// Brings the queue in line with the rollouts that there are: after a restart, and when one began without it.
    /// - Parameter rollouts: what is under way, by service; what the queue knows of each is kept.
    public mutating func align(with rollouts: [ServiceName: RunningDeploy]) {
        running = rollouts.reduce(into: [:]) { kept, rollout in
            let known = running[rollout.key]
            kept[rollout.key] = known?.commit == rollout.value.commit ? known : rollout.value
            // Asked again: nobody knows whether the abort was carried out.
            kept[rollout.key]?.isAborting = false
        }
    }
}

extension WaitingDeploy {
    /// Puts commits of an earlier batch before its own; those in both are listed once.
    mutating func take(along earlier: [String], more: Int) {
        let own = Set(commits)
        commits = earlier.filter { !own.contains($0) } + commits
        moreCommits += more
        let surplus = commits.count - DeployQueue.batchCommits
        guard surplus > 0 else { return }
        commits.removeFirst(surplus)
        moreCommits += surplus
    }
}
