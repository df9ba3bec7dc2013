import DeliveryAPI
import DeliveryModel
import DeliveryStore
import RolloutEngine

extension DeliveryDesk {
    /// Takes rollouts that have ended out of the queue, and takes in those that began without it (a redo).
    func noticeEnds() async throws {
        let now = await reconciler.now()
        var next = queue
        var times = durations
        var isChanged = false
        for (service, running) in queue.running {
            let state = await reconciler.state(of: service)
            if let state, Self.isUnderWay(running, state) { continue }
            next.ended(service)
            // A rollout that a newer commit ended says nothing of how long one takes.
            if !running.isAborting { times.record(service, seconds: (now - running.startedAt).inSeconds) }
            isChanged = true
        }
        var outside: [ServiceName: RunningDeploy] = [:]
        for state in await reconciler.allStates() where next.running[state.service] == nil {
            if let busy = Self.deploy(under: state, at: now) { outside[state.service] = busy }
        }
        if !outside.isEmpty {
            next.align(with: next.running.merging(outside) { mine, _ in mine })
            isChanged = true
        }
        guard isChanged else { return }
        try await write(
            [],
            PipelineRecords(documents: [
                DeliveryDocument.queue: try StoredForms.json(next),
                DeliveryDocument.durations: try StoredForms.json(times),
            ]))
        queue = next
        durations = times
    }

    /// After a restart: what the queue says to be under way, and is not, either ended or never began.
    func alignQueue() async throws {
        var next = queue
        for (service, running) in queue.running {
            let state = await reconciler.state(of: service) ?? ServiceState(service: service)
            if Self.isUnderWay(running, state) { continue }
            next.ended(service)
            let hasBegun =
                state.live == running.release
                || state.past.contains { $0.candidate == running.release && $0.startedAt >= running.startedAt }
            guard !hasBegun else { continue }
            var deploy = WaitingDeploy(
                service: service, commit: running.commit, release: running.release, run: running.run,
                commits: running.commits, priority: running.priority, actor: running.actor, since: running.startedAt)
            deploy.team = running.team
            deploy.group = running.group
            deploy.moreCommits = running.moreCommits
            if let release = running.release, let record = try? await record(of: release) {
                deploy.freeze = record.specification.deploy.freeze
                deploy.supersede = record.specification.deploy.supersede
            }
            // What waits already is newer: it takes the other's commits along.
            let waiting = next.drop(service)
            _ = next.offer(deploy)
            if let waiting { _ = next.offer(waiting) }
        }
        guard next != queue else { return }
        try await write([], PipelineRecords(documents: [DeliveryDocument.queue: try StoredForms.json(next)]))
        queue = next
    }

    private static func isUnderWay(_ running: RunningDeploy, _ state: ServiceState) -> Bool {
        if running.run == nil, running.release == nil { return isBusy(state) }
        return state.rollout?.candidate == running.release || state.queue?.digest == running.release
    }

    private static func isBusy(_ state: ServiceState) -> Bool {
        state.rollout != nil || state.recovery != nil || state.drill != nil
    }

    /// What keeps a service from a new rollout though the queue began nothing; it has no release, so that it is never
    /// taken for a deploy of the queue's.
    private static func deploy(under state: ServiceState, at now: Timestamp) -> RunningDeploy? {
        guard isBusy(state) else { return nil }
        let candidate = state.rollout?.candidate ?? state.recovery?.target
        let commit = candidate.flatMap { state.releases[$0]?.commit } ?? ""
        let specification = candidate.flatMap { state.releases[$0]?.specification }
        let deploy = WaitingDeploy(
            service: state.service, commit: commit, deploy: specification?.deploy ?? .init(), actor: "nonevent",
            since: now)
        return RunningDeploy(deploy, startedAt: state.rollout?.startedAt ?? now)
    }

    /// What the queue is told from outside.
    func conditions() -> DeployConditions {
        let limits = settings.settings
        let zones = Set(queue.waiting.values.flatMap { $0.freeze.map(\.zone) })
        return DeployConditions(
            // While nobody knows the limits, nothing begins.
            limits: DeployLimits(
                total: limits.map { $0.total ?? .max } ?? 0, groups: limits?.groups ?? [:]),
            zones: settings.zones(zones), budgetSpent: budgetSpent)
    }

    /// Two services must not claim the same requests.
    func refuseSharedRoutes(_ specification: ServiceSpecification) async throws {
        func claims(_ route: RouteSpecification) -> Set<String> {
            let hosts = route.hosts.isEmpty ? ["*"] : route.hosts
            let paths = route.paths.isEmpty ? ["/"] : route.paths
            return Set(hosts.flatMap { host in paths.map { "\(host) \($0)" } })
        }
        let mine = claims(specification.route)
        for state in await reconciler.allStates() where state.service != specification.service {
            guard let leading = state.live ?? state.rollout?.candidate,
                let other = state.releases[leading]?.specification
            else { continue }
            if let shared = mine.intersection(claims(other.route)).min() {
                throw Problems.badRequest(
                    "service '\(state.service)' has the route '\(shared)' already; give '\(specification.service)' "
                        + "its own route.hosts or route.paths", code: "route-conflict", status: 409)
            }
        }
    }
}
