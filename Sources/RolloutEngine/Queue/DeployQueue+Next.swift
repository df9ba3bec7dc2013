public import DeliveryModel

/// What the queue wants done.
public enum QueueDecision: Sendable, Equatable {
    /// Begin the rollout; the queue counts it as under way from now on.
    case begin(WaitingDeploy)
    /// Abort the rollout under way: `newer` takes its place, with its commits, as soon as it has ended.
    case abort(RunningDeploy, newer: String)
}

extension DeployQueue {
    /// Everything that can begin now, in order. Ask after every offer, end, release and change of conditions, and when
    /// time has passed: freeze windows end by themselves.
    public mutating func next(at now: Timestamp, _ conditions: DeployConditions) -> [QueueDecision] {
        guard !waiting.isEmpty else { return [] }
        var decisions = abortions(at: now, conditions)
        guard running.count < conditions.limits.total else { return decisions }
        var used = usedPlaces()
        var candidates = candidates(used, at: now, conditions)
        while running.count < conditions.limits.total {
            guard let (chosen, choice) = choose(candidates), let deploy = waiting[chosen.service] else { break }
            begin(deploy, choice, among: candidates, at: now)
            if let group = chosen.group { used[group, default: 0] += 1 }
            candidates.removeAll {
                $0.service == chosen.service || !hasPlace($0.group, used, conditions.limits)
            }
            decisions.append(.begin(deploy))
        }
        return decisions
    }

    /// Of a deploy that could begin now, what choosing looks at: every comparison of whole ones would copy what they
    /// bring along.
    private struct Candidate {
        let service: ServiceName
        let place: Int?
        let isFix: Bool
        let isAged: Bool
        let team: String
        let group: String?
        let since: Timestamp

        init(_ deploy: WaitingDeploy, isAged: Bool) {
            service = deploy.service
            place = deploy.place
            isFix = deploy.priority == .fix
            self.isAged = isAged
            team = deploy.team
            group = deploy.group
            since = deploy.since
        }
    }

    private func candidates(
        _ used: [String: Int], at now: Timestamp, _ conditions: DeployConditions
    ) -> [Candidate] {
        var found: [Candidate] = []
        // Each is taken out of the dictionary once: every further look there would copy it again.
        for deploy in waiting.values
        where hasPlace(deploy.group, used, conditions.limits) && isFree(deploy, at: now, conditions) {
            found.append(Candidate(deploy, isAged: isAged(deploy, at: now)))
        }
        return found
    }

    /// Nothing of the service itself keeps it back; limits are another matter.
    func isFree(_ deploy: WaitingDeploy, at now: Timestamp, _ conditions: DeployConditions) -> Bool {
        running[deploy.service] == nil && mayGo(deploy, at: now, conditions)
    }

    /// No hold, no freeze, no spent budget.
    func mayGo(_ deploy: WaitingDeploy, at now: Timestamp, _ conditions: DeployConditions) -> Bool {
        holdOfAll == nil && holds[deploy.service] == nil
            && (deploy.priority == .fix || !conditions.budgetSpent.contains(deploy.service))
            && (deploy.freeze.isEmpty
                || FreezeCalendar(conditions.zones).window(of: deploy.freeze, at: now) == nil)
    }

    func usedPlaces() -> [String: Int] {
        running.values.reduce(into: [:]) { used, rollout in
            if let group = rollout.group { used[group, default: 0] += 1 }
        }
    }

    /// - Parameter group: that of the deploy; `nil`: it has none.
    func hasPlace(_ group: String?, _ used: [String: Int], _ limits: DeployLimits) -> Bool {
        guard let group, let limit = limits.groups[group] else { return true }
        return used[group, default: 0] < limit
    }

    /// Why one is chosen: decides what it costs whom.
    private enum Choice { case moved, aged, fix, turn }

    /// Whose turn it is among those that could start.
    private func choose(_ candidates: [Candidate]) -> (Candidate, Choice)? {
        // A person's word first; then everybody else but those who were moved back.
        if let moved = first(of: candidates, where: { $0.place == 1 }) { return (moved, .moved) }
        // Oldest first here, whatever the team: nothing may wait for ever.
        if fixesPassedBy >= policy.fixesInARow,
            let oldest = candidates.lazy.filter({ $0.place == nil && $0.isAged }).min(by: Self.isOlder)
        {
            return (oldest, .aged)
        }
        if let fix = first(of: candidates, where: { $0.place == nil && $0.isFix }) { return (fix, .fix) }
        if let turn = first(of: candidates, where: { $0.place == nil }) { return (turn, .turn) }
        return candidates.min { ($0.place ?? 0, $0.service) < ($1.place ?? 0, $1.service) }.map { ($0, .moved) }
    }

    /// Normal, and waiting for long.
    func isAged(_ deploy: WaitingDeploy, at now: Timestamp) -> Bool {
        deploy.priority == .normal && now - deploy.since >= policy.ageing
    }

    /// The team that was served least, in it who waits longest.
    private func first(
        of candidates: [Candidate], where isMeant: (Candidate) -> Bool
    ) -> Candidate? {
        var first: Candidate?
        for candidate in candidates where isMeant(candidate) {
            if let found = first, !isBefore(candidate, found) { continue }
            first = candidate
        }
        return first
    }

    private func isBefore(_ left: Candidate, _ right: Candidate) -> Bool {
        let (leftTurn, rightTurn) = (turn(of: left.team), turn(of: right.team))
        return leftTurn == rightTurn ? Self.isOlder(left, right) : leftTurn < rightTurn
    }

    static func isOlder(_ left: WaitingDeploy, _ right: WaitingDeploy) -> Bool {
        (left.since, left.service) < (right.since, right.service)
    }

    private static func isOlder(_ left: Candidate, _ right: Candidate) -> Bool {
        (left.since, left.service) < (right.since, right.service)
    }

    /// Where the team's next turn begins (start-time fair queueing: Goyal, Vin and Cheng, 1996). Who had nothing to
    /// deploy has saved nothing up, and nobody has more than a few turns to give back.
    private func turn(of team: String) -> Double { min(turn + Self.debt, max(teams[team] ?? 0, turn)) }

    private mutating func begin(
        _ deploy: WaitingDeploy, _ choice: Choice, among candidates: [Candidate], at now: Timestamp
    ) {
        let begins = turn(of: deploy.team)
        teams[deploy.team] = begins + 1
        switch choice {
        case .turn: turn = begins
        case .aged: fixesPassedBy = 0
        case .fix: if candidates.contains(where: \.isAged) { fixesPassedBy += 1 }
        case .moved: break
        }
        waiting[deploy.service] = nil
        for other in waiting.values {
            if let place = other.place { waiting[other.service]?.place = max(1, place - 1) }
        }
        running[deploy.service] = RunningDeploy(deploy, startedAt: now)
        teams = teams.filter { $0.value > turn }
    }
}

extension DeployQueue {
    /// Rollouts under way that a newer commit may end: only if it could itself begin at once, and not again and again.
    private mutating func abortions(at now: Timestamp, _ conditions: DeployConditions) -> [QueueDecision] {
        var decisions: [QueueDecision] = []
        // Those under way are limited in number, those that wait are not.
        let newer = running.values.compactMap { under -> WaitingDeploy? in
            guard !under.isAborting, let deploy = waiting[under.service] else { return nil }
            return deploy.supersede == .running ? deploy : nil
        }
        for deploy in newer.sorted(by: Self.isOlder) {
            guard let under = running[deploy.service],
                supersessions[deploy.service, default: 0] < policy.supersessionsInARow,
                mayGo(deploy, at: now, conditions)
            else { continue }
            running[deploy.service]?.isAborting = true
            supersessions[deploy.service, default: 0] += 1
            // What the aborted one would have brought goes out with the newer one.
            waiting[deploy.service]?.take(along: under.commits, more: under.moreCommits)
            waiting[deploy.service]?.since = min(deploy.since, under.startedAt)
            decisions.append(.abort(under, newer: deploy.commit))
        }
        return decisions
    }
}
