import DeliveryModel
import RolloutEngine

extension DeliveryRun {
    /// Longest time of a rollout, of a pipeline, and of a wait in which nothing but its turn is waited for.
    private static let longestRollout = Duration.seconds(3 * 3600)
    private static let longestPipeline = Duration.seconds(2 * 3600)
    private static let longestWait = Duration.seconds(8 * 3600)

    /// Releases of one service that may be known at once, whatever comes of its rollouts.
    private static let mostReleases = 32

    /// After every event of the engine.
    mutating func checkStep(_ site: Int, _ before: ServiceState, _ event: RolloutEvent) {
        let state = sites[site].state
        if JournalFold(state) != sites[site].fold {
            broken(.journalReplays, site, "the journal says \(sites[site].fold), the state \(JournalFold(state))")
        }
        checkServing(site)
        if state.live == nil, before.live != nil { broken(.goodReleaseServes, site, "no release is live any more") }
        if let old = before.rollout, let new = state.rollout, old.id != new.id,
            !state.past.contains(where: { $0.id == old.id })
        {
            broken(.oneRollout, site, "\(new.id) began, and \(old.id) has not ended")
        }
        guard before.generation != state.generation else { return }
        for (digest, record) in state.releases where record.standing != .undone {
            guard before.releases[digest]?.standing == .undone else { continue }
            // By a person's redo, or the end of a person's drill; both may have to wait for instances to start.
            switch event {
            case .redo, .drillEnded, .started: break
            default: broken(.undoneStaysUndone, site, "\(digest.short) came back by \(event)")
            }
        }
    }

    private mutating func checkServing(_ site: Int) {
        let state = sites[site].state
        guard let live = state.live else { return }
        guard let record = state.releases[live], record.standing == .good else {
            return broken(.goodReleaseServes, site, "\(live.short) is live and not good")
        }
        let runs = record.instances.contains { $0.isReady && sites[site].running.contains($0.id) }
        if !runs { broken(.goodReleaseServes, site, "no instance of \(live.short) runs") }
    }

    /// Whenever the router gets a new table.
    mutating func checkTable(_ site: Int) {
        guard let table = sites[site].routed else { return }
        let state = sites[site].state
        let sum = table.releases.reduce(0) { $0 + $1.shareBasisPoints.basisPoints }
        if sum != (state.live == nil ? 0 : 10_000) { broken(.sharesAddUp, site, "the shares add up to \(sum)") }
        var candidates = 0
        for release in table.releases where release.shareBasisPoints > .none {
            let standing = state.releases[release.digest]?.standing
            if standing == .undone {
                broken(.undoneStaysUndone, site, "\(release.digest.short) is undone and gets traffic")
            }
            if release.digest != state.live { candidates += 1 }
            // One that is known to be lost stays in the table until its replacement is ready; the router goes round it.
            let replaced = Set(state.releases[release.digest]?.instances.compactMap(\.replaces) ?? [])
            let excused = sites[site].dying.union(replaced)
            for instance in release.instances
            where !sites[site].running.contains(instance.id) && !excused.contains(instance.id) {
                broken(.routedInstancesRun, site, "\(instance.id) gets requests and does not run")
            }
        }
        if candidates > 1 { broken(.oneRollout, site, "\(candidates) candidates get traffic") }
    }

    /// Every ten minutes, everything at once: what hangs shows no step.
    mutating func sweep() {
        let isEnd = now >= Self.start + .seconds(plan.days * 86_400)
        if isEnd, isQuiet {
            isOver = true
            return
        }
        if isEnd, now > Self.start + .seconds((plan.days + Self.drainDays) * 86_400) {
            return broken(
                .nothingWaitsForever, nil, "\(queue.waiting.count) wait, \(queue.running.count) are under way")
        }
        events.add(.sweep, at: now + .seconds(600))
        if isDown { return }
        for site in sites.indices { sweep(site) }
        for waiting in queue.waiting.values.sorted(by: { $0.service < $1.service }) {
            if let site = index[waiting.service] { sweep(waiting, site) }
        }
        for (name, under) in queue.running {
            guard let site = index[name] else { continue }
            if !sites[site].isUnderWay(under.release) {
                broken(.oneRollout, site, "the queue takes \(under.commit) for under way, the engine does not")
            }
        }
    }

    /// Whether all that began has ended.
    private var isQuiet: Bool {
        queue.isIdle && !isDown
            && sites.allSatisfy { $0.pipelines.isEmpty && $0.state.rollout == nil && !$0.isFixComing }
    }

    private mutating func sweep(_ site: Int) {
        // What has not been touched since is as it was.
        if sites[site].isTouched {
            sites[site].isTouched = false
            checkServing(site)
            if !isRouterDown, !unrouted.contains(site), sites[site].routed != sites[site].state.routes {
                broken(.sharesAddUp, site, "the router's table is not what was decided")
            }
            checkTable(site)
            if sites[site].state.releases.count > Self.mostReleases {
                broken(.storeWorks, site, "\(sites[site].state.releases.count) releases are kept: the state grows")
            }
        }
        if let began = sites[site].state.rollout?.startedAt, now - began > Self.longestRollout {
            broken(.nothingWaitsForever, site, "a rollout is under way since \(began)")
        }
        for run in sites[site].pipelines.values where now - run.createdAt > Self.longestPipeline {
            broken(.nothingWaitsForever, site, "\(run.id) is under way since \(run.createdAt)")
        }
    }

    private mutating func sweep(_ waiting: WaitingDeploy, _ site: Int) {
        let own = queue.reasons(for: waiting.service, at: now, conditions).contains { reason in
            switch reason {
            case .hold, .holdOfAll, .freeze, .budget: true
            case .rollout, .group, .total, .turn: false
            }
        }
        if own { sites[site].lastBlocked = now }
        if now - max(waiting.since, sites[site].lastBlocked) > Self.longestWait {
            broken(.nothingWaitsForever, site, "\(waiting.commit) waits since \(waiting.since)")
        }
    }

    /// Everything has come to its end.
    mutating func finish() {
        flush(states: true)
        for (number, commit) in commits.enumerated() {
            switch commit.fate {
            case .pushed, .accepted: broken(.everyCommitEnds, commit.site, "c\(number) is \(commit.fate) at the end")
            case .live: report.live += 1
            case .superseded: report.superseded += 1
            case .undone: report.undone += 1
            case .red: break
            }
        }
        do {
            var folds = [JournalFold](repeating: JournalFold(), count: sites.count)
            let index = index
            var decisive = 0
            try record.replay { line in
                if JournalFold.kinds.contains(line.kind) { decisive += 1 }
                if let site = index[line.service] { folds[site].take(line) }
            }
            if decisive != decisiveLines {
                broken(.journalReplays, nil, "\(decisiveLines) lines were written, \(decisive) are there")
            }
            for (site, fold) in folds.enumerated() where fold != JournalFold(sites[site].state) {
                broken(.journalReplays, site, "read from the store, the journal says \(fold)")
            }
        } catch {
            broken(.storeWorks, nil, error.why)
        }
    }

    mutating func summarise() {
        let sorted = delays.sorted()
        func at(_ part: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
        }
        (report.queueDelayMedian, report.queueDelayP99) = (at(0.5), at(0.99))
        report.queueDelayMost = sorted.last ?? 0
    }
}
