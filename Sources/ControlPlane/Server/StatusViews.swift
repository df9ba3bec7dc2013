import DeliveryAPI
import DeliveryModel
import RolloutEngine

/// The wire forms of a service's state. Equal ones look the same.
struct StatusViews: Sendable, Equatable {
    let state: ServiceState
    /// Its deploy in the queue.
    let waiting: WaitingDeploy?
    /// Of its releases.
    let measures: [ReleaseDigest: ReleaseMeasures]
    let instances: [InstanceStatus]
    /// What people should know whatever service they look at.
    let warnings: [String]
    /// Only what a rollout under way shows depends on the time: `nil` without one.
    let now: Timestamp?
    let mirrors: [MirrorReport]

    init(
        state: ServiceState, waiting: WaitingDeploy?, snapshot: Monitor.Snapshot, warnings: [String], now: Timestamp,
        mirrors: [MirrorReport] = []
    ) {
        self.state = state
        self.waiting = waiting
        measures = snapshot.measures?.services[state.service] ?? [:]
        instances = snapshot.instancesByService[state.service] ?? []
        self.warnings = warnings
        self.now = state.rollout == nil ? nil : now
        self.mirrors = mirrors
    }

    /// What ``warnings`` are now.
    static func warnings(_ snapshot: Monitor.Snapshot, hasBacklog: Bool) -> [String] {
        let backlog = "the journal cannot be written (is the disk full?); entries are kept in memory and follow"
        return snapshot.problems + snapshot.notices.sorted { $0.key < $1.key }.map(\.value)
            + (hasBacklog ? [backlog] : [])
    }

    var service: ServiceStatus {
        var warnings = warnings
        if let recovery = state.recovery {
            warnings.append("\(recovery.verb.rawValue): starting \(recovery.target.short) from storage")
        }
        if let hold = state.hold {
            let what = hold.mode == .pause ? "paused: requests wait" : "stopped: requests get 503"
            let reason = hold.reason.isEmpty ? "" : " (\(hold.reason))"
            warnings.append(
                "traffic is \(what), by \(hold.by)\(reason); 'nonevent traffic resume \(state.service)' ends it")
        }
        for status in instances where status.phase == .backoff {
            warnings.append("instance \(status.id) died: \(status.lastExit ?? "unknown"); it is being restarted")
        }
        return ServiceStatus(
            service: state.service, live: state.live.flatMap(release), rollout: state.rollout.map(rollout),
            queued: queued,
            last: state.past.first.map(rollout), releases: running.compactMap(release), warnings: warnings,
            hold: state.hold, mirrors: mirrors)
    }

    private var queued: QueuedDeploy? {
        if let waiting, let release = waiting.release {
            return QueuedDeploy(release: release, commit: waiting.commit, since: waiting.since)
        }
        return state.queue.map {
            QueuedDeploy(release: $0.digest, commit: state.releases[$0.digest]?.commit ?? "", since: $0.since)
        }
    }

    private var running: [ReleaseDigest] {
        state.releases.values.filter { !$0.instances.isEmpty }.sorted { $0.acceptedAt > $1.acceptedAt }.map(\.digest)
    }

    var releases: ReleaseList {
        ReleaseList(
            releases: state.releases.values.sorted { $0.acceptedAt > $1.acceptedAt }.map(\.digest).compactMap(release))
    }

    var history: [RolloutStatus] { (state.rollout.map { [rollout($0)] } ?? []) + state.past.map(rollout) }

    func release(_ digest: ReleaseDigest) -> ReleaseStatus? {
        guard let record = state.releases[digest] else { return nil }
        let measures = measures[digest]
        return ReleaseStatus(
            release: digest, commit: record.commit, shareBasisPoints: state.routedShare(of: digest),
            state: label(record), createdAt: record.createdAt,
            instances: instances.filter { status in record.instances.contains { $0.id == status.id } },
            requests: measures?.requests ?? 0, bad: measures?.bad ?? 0)
    }

    private func label(_ record: ReleaseRecord) -> String {
        if record.digest == state.live { return "live" }
        if record.digest == state.rollout?.candidate { return "candidate" }
        if record.standing == .undone { return "undone" }
        if record.standing == .superseded { return "superseded" }
        if record.digest == state.queue?.digest || record.digest == waiting?.release { return "queued" }
        return record.instances.isEmpty ? "cold" : "warm"
    }

    func rollout(_ rollout: Rollout) -> RolloutStatus {
        RolloutStatus(
            id: rollout.id, service: state.service, candidate: rollout.candidate,
            commit: state.releases[rollout.candidate]?.commit ?? "", baseline: rollout.baseline,
            phase: rollout.outcome?.rawValue ?? rollout.phase.rawValue, paused: rollout.isPaused,
            shareBasisPoints: rollout.share, reachedBasisPoints: rollout.reached, startedAt: rollout.startedAt,
            endedAt: rollout.endedAt, nextStepInSeconds: nextStep(rollout), verdict: rollout.verdict, why: rollout.why)
    }

    private func nextStep(_ rollout: Rollout) -> Double? {
        guard let now, rollout.outcome == nil, !rollout.isPaused,
            let policy = state.releases[rollout.candidate]?.specification.rollout
        else { return nil }
        let elapsed = (now - rollout.stepStartedAt).inSeconds
        switch (rollout.phase, policy.steps) {
        case (.soak, _): return max(0, policy.soak.inSeconds - elapsed)
        case (.shift, .fixed): return max(0, policy.hold.inSeconds - elapsed)
        default: return nil
        }
    }
}
