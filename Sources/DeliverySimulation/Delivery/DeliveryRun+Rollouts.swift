import CanaryJudge
import DeliveryModel
import RolloutEngine

extension DeliveryRun {
    /// What the queue wants begun or aborted now.
    mutating func askQueue() {
        for decision in queue.next(at: now, conditions) {
            guard violation == nil else { return }
            switch decision {
            case .begin(let deploy): begin(deploy)
            case .abort(let under, _):
                if let site = index[under.service] { apply(.abort(actor: "queue"), to: site) }
            }
        }
    }

    private mutating func begin(_ deploy: WaitingDeploy) {
        guard let site = index[deploy.service], let release = deploy.release else { return }
        report.rollouts += 1
        if let offered = commits[SimulatedCommit.number(deploy.commit)].offered {
            delays.append((now - max(offered, max(sites[site].lastBlocked, sites[site].lastEnd))).inSeconds)
        }
        let created = deploy.since
        let record = ReleaseRecord(
            digest: release, commit: deploy.commit, createdAt: created, acceptedAt: now,
            specification: sites[site].specification)
        if !apply(.deploy(record, actor: deploy.actor), to: site) {
            broken(.everyCommitEnds, site, "the engine refused \(deploy.commit)")
        }
    }

    /// One event of the rollout engine, all the way: decided, recorded, handed out, checked.
    /// - Returns: `false` when the engine refused it.
    @discardableResult
    mutating func apply(_ event: RolloutEvent, to site: Int) -> Bool {
        guard violation == nil else { return true }
        let before = sites[site].state
        let transition: Transition
        do {
            transition = try RolloutStateMachine.step(before, event, at: now)
        } catch {
            return false
        }
        sites[site].state = transition.state
        (sites[site].isDirty, sites[site].isTouched) = (true, true)
        for note in transition.notes {
            let line = RecordedLine(note, of: sites[site].name, at: now)
            lines.append(line)
            if JournalFold.kinds.contains(line.kind) { decisiveLines += 1 }
            sites[site].fold.take(line)
            trace?("  \(line.service) \(line.kind) \(line.release?.short ?? "") \(line.why)")
        }
        report.journalLines += transition.notes.count
        for effect in transition.effects { handOut(effect, site) }
        checkStep(site, before, event)
        if before.rollout?.id != transition.state.rollout?.id || transition.state.queue != before.queue { settle(site) }
        if before.generation != transition.state.generation { watchClock(site) }
        if lines.count >= 2000 { flush(states: false) }
        return true
    }

    private mutating func handOut(_ effect: RolloutEffect, _ site: Int) {
        let name = sites[site].name
        let id: String
        switch effect {
        case .route: return reroute(site)
        case .start(_, let instances): id = "\(name):start:\(instances.joined(separator: "+"))"
        case .verify(let rollout, _): id = "\(name):verify:\(rollout)"
        case .stop(_, let instances): id = "\(name):stop:\(instances.joined(separator: "+"))"
        case .retain: id = "\(name):retain"
        }
        outbox[id] = PendingEffect(site: site, effect: effect)
        carryOut(id)
    }

    /// A driver begins; what it says comes later.
    mutating func carryOut(_ id: String) {
        guard let pending = outbox[id] else { return }
        let time: Timestamp =
            switch pending.effect {
            case .start: soon(2, 8, randomWork.unit())
            case .verify: soon(0.5, 2, randomWork.unit())
            case .stop, .retain, .route: soon(0.1, 1, randomWork.unit())
            }
        events.add(.done(id: id, born: epoch), at: time)
    }

    mutating func done(_ id: String) {
        guard let pending = outbox.removeValue(forKey: id) else { return }
        let site = pending.site
        switch pending.effect {
        case .start(let release, let instances): started(site, release, instances)
        case .verify(let rollout, let release):
            let isBad = sites[site].flaws[release] == .smokeFails
            let first = SequentialJudge.firstShare(configuration(site))
            apply(
                isBad ? .verifyFailed(rollout: rollout, why: "500") : .verified(rollout: rollout, firstShare: first),
                to: site)
            beginJudging(site)
        case .stop(_, let instances): sites[site].running.subtract(instances)
        case .retain: retain(site)
        case .route: break
        }
    }

    private mutating func started(_ site: Int, _ release: ReleaseDigest, _ instances: [String]) {
        if sites[site].flaws[release] == .startFails {
            apply(.startFailed(release: release, why: "it ended three times"), to: site)
            return
        }
        // Those that are not wanted any more were stopped before they were ready.
        let wanted = Set(sites[site].state.releases[release]?.instances.map(\.id) ?? [])
        let ready = instances.filter(wanted.contains)
        guard !ready.isEmpty else { return }
        sites[site].running.formUnion(ready)
        let ports = Dictionary(uniqueKeysWithValues: ready.map { ($0, 20_000 + Int(randomWork.unit() * 20_000)) })
        apply(.started(release: release, ports: ports), to: site)
    }

    /// Storage keeps the newest releases, and what may be needed.
    private mutating func retain(_ site: Int) {
        let state = sites[site].state
        let needed = state.needed
        let old = state.releases.values.sorted { $0.acceptedAt > $1.acceptedAt }
            .dropFirst(sites[site].specification.retention.releases).map(\.digest).filter { !needed.contains($0) }
        guard !old.isEmpty else { return }
        apply(.forgotten(old), to: site)
        for release in old where sites[site].state.releases[release] == nil { sites[site].flaws[release] = nil }
    }

    private mutating func watchClock(_ site: Int) {
        let next = sites[site].state.releases.values.compactMap(\.warmUntil).min()
        guard let next, next != sites[site].nextClock else { return }
        sites[site].nextClock = next
        events.add(.clock(site: site), at: max(next, now))
    }

    mutating func clock(_ site: Int) {
        guard let next = sites[site].nextClock, next <= now else { return }
        sites[site].nextClock = nil
        apply(.clock, to: site)
        watchClock(site)
    }

    /// The service's rollout of the queue has ended: its commits are settled, and the queue is asked again.
    mutating func settle(_ site: Int) {
        let name = sites[site].name
        guard let under = queue.running[name], !sites[site].isUnderWay(under.release) else { return }
        guard let release = under.release, let ended = queue.ended(name) else { return }
        sites[site].lastEnd = now
        let standing = sites[site].state.releases[release]?.standing
        let isGood = standing == .good
        let isBad = sites[site].flaws[release] ?? .none != .none
        let aside = Set(queue.waiting[name]?.commits ?? [])
        for commit in ended.commits where isGood || !aside.contains(commit) {
            let number = SimulatedCommit.number(commit)
            commits[number].fate =
                standing == .superseded || isGood && commit != ended.commit ? .superseded : isGood ? .live : .undone
        }
        if isGood, isBad { report.badCompleted += 1 }
        if standing == .undone, !ended.isAborting {
            let byJudge = sites[site].state.past.first?.verdict?.verdict == .undo
            if !isBad, byJudge { report.goodUndone += 1 }
            if byJudge, randomWork.unit() < 0.2, conditions.budgetSpent.insert(name).inserted {
                events.add(.budgetBack(site: site), at: soon(1800, 7200, randomWork.unit()))
            }
            comeWithFix(site)
        }
        askQueue()
    }
}
