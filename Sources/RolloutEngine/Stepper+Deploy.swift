import DeliveryModel

extension Stepper {
    mutating func deploy(_ release: ReleaseRecord, actor: String) throws(RolloutError) {
        let digest = release.digest
        // Without a commit there is nothing that could be in conflict.
        if !release.commit.isEmpty,
            let other = state.releases.values.first(where: { $0.commit == release.commit && $0.digest != digest })
        {
            throw RolloutError(
                .commitConflict,
                "commit \(release.commit) is released as \(other.digest.short) already, with other content; "
                    + "a release never changes: commit the difference and deploy that commit")
        }
        if state.rollout?.candidate == digest || state.queue?.digest == digest { return }
        if state.live == digest, state.rollout == nil, state.recovery == nil { return }
        if let known = state.releases[digest], known.standing == .undone {
            throw RolloutError(
                .releaseUndone,
                "\(name(digest)) was undone: \(known.reason); it does not come back by itself: "
                    + "deploy a new commit, or bring it back on purpose with "
                    + "'nonevent redo \(state.service) --to \(digest.short)'"
            )
        }
        var record = state.releases[digest] ?? release
        record.standing = state.trail.contains(digest) || state.live == digest ? record.standing : .accepted
        state.releases[digest] = record
        if state.rollout == nil, state.recovery == nil, state.drill == nil {
            note("deploy.accepted", actor: actor, release: digest, "commit \(release.commit) accepted")
            startRollout(digest, id: nextRolloutID())
        } else {
            enqueue(digest, actor: actor)
        }
    }

    private mutating func nextRolloutID() -> String {
        state.rolloutCount += 1
        return "\(state.service)-\(state.rolloutCount)"
    }

    private mutating func enqueue(_ digest: ReleaseDigest, actor: String) {
        if let waiting = state.queue {
            supersede(waiting, actor: actor, why: "superseded by \(name(digest)) before its turn came")
        }
        state.queue = QueuedRelease(digest: digest, since: now, rollout: nextRolloutID())
        let wait = state.rollout.map { "rollout \($0.id)" } ?? "the undo under way"
        note(
            "deploy.queued", actor: actor, release: digest, rollout: state.queue?.rollout,
            "waits for \(wait) to end")
    }

    /// Ends a rollout that never began.
    private mutating func supersede(_ waiting: QueuedRelease, actor: String = "nonevent", why: String) {
        var skipped = Rollout(
            id: waiting.rollout, candidate: waiting.digest, baseline: state.live, at: waiting.since, why: why)
        skipped.outcome = .superseded
        skipped.endedAt = now
        if state.releases[waiting.digest]?.standing == .accepted {
            state.releases[waiting.digest]?.standing = .superseded
        }
        remember(skipped)
        note("rollout.superseded", actor: actor, release: waiting.digest, rollout: waiting.rollout, why)
    }

    /// A release that serves, is on its way or was decided about before keeps its standing.
    mutating func passOver(_ release: ReleaseRecord, _ since: Timestamp, actor: String, why: String) {
        let digest = release.digest
        guard state.live != digest, state.rollout?.candidate != digest, state.queue?.digest != digest else { return }
        if state.releases[digest] == nil {
            var record = release
            record.standing = .superseded
            state.releases[digest] = record
        } else if state.releases[digest]?.standing == .accepted {
            state.releases[digest]?.standing = .superseded
        }
        var skipped = Rollout(id: nextRolloutID(), candidate: digest, baseline: state.live, at: since, why: why)
        skipped.outcome = .superseded
        skipped.endedAt = now
        remember(skipped)
        note("rollout.superseded", actor: actor, release: digest, rollout: skipped.id, why)
    }

    mutating func startRollout(_ digest: ReleaseDigest, id: String) {
        let rollout = Rollout(
            id: id, candidate: digest, baseline: state.live, at: now, why: "starting instances of \(name(digest))")
        state.rollout = rollout
        state.lastUndo = nil
        state.lastRedo = nil
        note("rollout.started", release: digest, rollout: id, rollout.why)
        if state.releases[digest]?.isReady == true {
            prepared()
        } else {
            start(digest)
            // Some of its instances may be routed already: they are the candidate's now.
            if state.releases[digest]?.canServe == true { reroute() }
        }
    }

    /// Starts the queued release when nothing else is under way.
    mutating func startNext() {
        guard state.rollout == nil, state.recovery == nil, state.drill == nil, let next = state.queue else { return }
        state.queue = nil
        if next.digest == state.live {
            supersede(next, why: "it serves already")
            return
        }
        // It was live when it was queued and has been taken back since: it does not come back by itself.
        if let record = state.releases[next.digest], record.standing == .undone {
            supersede(next, why: "\(name(next.digest)) was undone while it waited: \(record.reason)")
            return
        }
        startRollout(next.digest, id: next.rollout)
    }

    mutating func remember(_ rollout: Rollout) {
        state.past.insert(rollout, at: 0)
        if state.past.count > ServiceState.pastLimit { state.past.removeLast() }
    }
}
