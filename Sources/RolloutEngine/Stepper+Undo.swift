import DeliveryModel

extension Stepper {
    /// Ends the running rollout: the baseline gets all traffic with the next table.
    mutating func undoRollout(kind: String, actor: String, why: String, keepWarm warm: Bool, startsNext: Bool = true) {
        guard var rollout = state.rollout else { return }
        rollout.outcome = .undone
        rollout.endedAt = now
        rollout.share = .none
        rollout.why = why
        state.rollout = nil
        // Also a release that served everybody before: its last journey failed, so undo does not go there.
        state.releases[rollout.candidate]?.standing = .undone
        state.releases[rollout.candidate]?.reason = why
        state.trail.removeAll { $0 == rollout.candidate }
        if let baseline = rollout.baseline {
            state.lastUndo = Reversal(from: rollout.candidate, to: baseline)
            state.lastRedo = nil
        }
        remember(rollout)
        note(
            kind, actor: actor, release: rollout.candidate, rollout: rollout.id, share: Share.none,
            verdict: rollout.verdict, why)
        let isReady = state.releases[rollout.candidate]?.isReady == true
        if warm, isReady { keepWarm(rollout.candidate) } else { cool(rollout.candidate) }
        // A service whose rollouts all fail must not keep every release that it ever tried.
        effects.append(.retain)
        reroute()
        if startsNext { startNext() }
    }

    /// A complete rollout turns out bad while it is still watched: back to what it replaced.
    mutating func judgedAfterwards(_ id: String, _ verdict: Verdict) throws(RolloutError) {
        guard verdict.verdict == .undo, let last = state.watchable, last.id == id, let baseline = last.baseline else {
            return
        }
        note("verdict", actor: "judge", release: last.candidate, rollout: id, verdict: verdict, verdict.why)
        try moveBack(to: baseline, verb: .undo, actor: "judge", why: verdict.why)
    }

    mutating func undo(to wanted: ReleaseDigest?, actor: String) throws(RolloutError) {
        if let wanted, state.releases[wanted] == nil {
            throw RolloutError(.unknownRelease, "\(state.service) has no release \(wanted.short)")
        }
        if let rollout = state.rollout {
            guard rollout.baseline != nil else {
                throw RolloutError(
                    .nothingToUndo,
                    "\(name(rollout.candidate)) is the first release of \(state.service): there is none to go back to; "
                        + "'nonevent rollout abort \(state.service)' stops it")
            }
            if let wanted, wanted == rollout.candidate {
                throw RolloutError(
                    .busy, "\(name(wanted)) is the candidate under way; 'rollout promote' sends everybody there")
            }
            let further = wanted != nil && wanted != rollout.baseline
            try undoable(wanted ?? rollout.baseline)
            undoRollout(
                kind: "undo", actor: actor, why: "undone by \(actor)", keepWarm: true, startsNext: !further)
            if !further { return }
        }
        if let recovery = state.recovery, recovery.verb == .undo, wanted == nil || recovery.target == wanted { return }
        let target = if let wanted { wanted } else { try lastGood() }
        try undoable(target)
        // A redo or drill that waits for its release, or an undo to another one: this command replaces it.
        cancelRecovery(actor: actor, unlessItStarts: target)
        if target == state.live {
            stayAfterDrill(actor: actor)
            startNext()
            return
        }
        try moveBack(to: target, verb: .undo, actor: actor)
    }

    /// Forgets a recovery and stops what it started, except instances of `wanted`.
    private mutating func cancelRecovery(actor: String, unlessItStarts wanted: ReleaseDigest?) {
        guard let recovery = state.recovery else { return }
        state.recovery = nil
        note(
            "\(recovery.verb.rawValue).cancelled", actor: actor, release: recovery.target,
            "\(name(recovery.target)) was starting; \(actor) decided otherwise")
        if recovery.target != wanted, state.releases[recovery.target]?.canServe != true { cool(recovery.target) }
    }

    /// An undo in the middle of a drill: where the drill went is where traffic stays.
    private mutating func stayAfterDrill(actor: String) {
        guard let drill = state.drill else { return }
        state.drill = nil
        state.releases[drill.from]?.reason = "undone by \(actor)"
        note(
            "undo", actor: actor, release: drill.to, share: .all,
            "traffic stays on \(name(drill.to)): the undo came during a drill")
    }

    /// The last good release; the live one when the last thing that happened was an undo already.
    private func lastGood() throws(RolloutError) -> ReleaseDigest {
        if let done = state.lastUndo, done.to == state.live { return done.to }
        if let last = state.trail.last { return last }
        throw RolloutError(.nothingToUndo, "\(state.service) has no earlier good release to go back to")
    }

    private func undoable(_ digest: ReleaseDigest?) throws(RolloutError) {
        guard let digest, let record = state.releases[digest], digest != state.live else { return }
        guard record.standing == .good else {
            throw RolloutError(
                .releaseUndone,
                "\(name(digest)) never served everybody, or was "
                    + "undone\(record.reason.isEmpty ? "" : ": " + record.reason); "
                    + "undo goes back to good releases only")
        }
    }

    mutating func redo(to wanted: ReleaseDigest?, actor: String) throws(RolloutError) {
        if let recovery = state.recovery {
            if recovery.verb == .redo, wanted == nil || wanted == recovery.target { return }
            throw RolloutError(.busy, "an undo of \(state.service) is under way; try again when it is done")
        }
        if let wanted, wanted == state.live || wanted == state.rollout?.candidate { return }
        guard let target = wanted ?? state.lastUndo?.from else {
            if let redone = state.lastRedo, redone == state.live || redone == state.rollout?.candidate { return }
            throw RolloutError(.nothingToRedo, "nothing was undone in \(state.service) since its last rollout")
        }
        guard let record = state.releases[target] else {
            throw RolloutError(.unknownRelease, "\(state.service) has no release \(target.short)")
        }
        guard record.standing == .undone else {
            throw RolloutError(
                .nothingToRedo,
                "\(name(target)) was not undone: redo brings back what an undo took away; "
                    + "deploy or 'undo --to' move to others"
            )
        }
        if let rollout = state.rollout {
            throw RolloutError(.busy, "rollout \(rollout.id) is under way; redo when it has ended")
        }
        let journey = state.past.first { $0.candidate == target && $0.outcome != .superseded }
        guard journey?.outcome == .complete, state.live != nil else { return redoAsRollout(target, actor: actor) }
        try moveBack(to: target, verb: .redo, actor: actor)
    }

    /// It never had everybody: it goes forward as it did the first time, watched.
    private mutating func redoAsRollout(_ target: ReleaseDigest, actor: String) {
        state.releases[target]?.standing = .accepted
        state.releases[target]?.reason = ""
        state.releases[target]?.warmUntil = nil
        note("redo", actor: actor, release: target, "\(name(target)) goes forward again as a rollout")
        state.rolloutCount += 1
        startRollout(target, id: "\(state.service)-\(state.rolloutCount)")
        state.lastRedo = target
    }

    /// Traffic to a release that served everybody before: at once when it is warm, when it has started otherwise.
    private mutating func moveBack(
        to target: ReleaseDigest, verb: Recovery.Verb, actor: String, why: String? = nil
    ) throws(RolloutError) {
        let record = state.releases[target]
        // An undo is urgent: some instances that serve are better than a bad release.
        if verb == .undo ? record?.canServe == true : record?.isReady == true {
            arrive(Recovery(target: target, verb: verb, actor: actor, why: why))
            return
        }
        state.recovery = Recovery(target: target, verb: verb, actor: actor, why: why)
        note("\(verb.rawValue).starting", actor: actor, release: target, "starting \(name(target)) from storage")
        start(target)
    }

    mutating func arrive(_ recovery: Recovery) {
        guard let from = state.live else { return }
        let (target, verb, actor) = (recovery.target, recovery.verb, recovery.actor)
        state.recovery = nil
        serve(target)
        switch verb {
        case .undo, .drill:
            // What was left is no place to go back to; the trail ends where we are.
            state.trail.removeAll { $0 == from }
            state.releases[from]?.standing = .undone
            state.releases[from]?.reason =
                verb == .drill ? "a drill is under way" : recovery.why ?? "undone by \(actor)"
            state.lastUndo = Reversal(from: from, to: target)
            state.lastRedo = nil
            state.drill = verb == .drill ? Reversal(from: from, to: target) : nil
            note(
                verb.rawValue, actor: actor, release: target, share: .all,
                "traffic went back from \(name(from)) to \(name(target))")
        case .redo:
            state.lastUndo = nil
            state.lastRedo = target
            state.drill = nil
            note("redo", actor: actor, release: target, share: .all, "traffic went forward again to \(name(target))")
        }
        reroute()
        if verb != .drill { startNext() }
    }

    mutating func beginDrill(actor: String) throws(RolloutError) {
        if state.rollout != nil || state.recovery != nil || state.drill != nil {
            throw RolloutError(.busy, "\(state.service) is on the move; a drill needs a quiet moment")
        }
        guard let target = state.trail.last else {
            throw RolloutError(.nothingToUndo, "\(state.service) has no earlier good release to practise with")
        }
        try moveBack(to: target, verb: .drill, actor: actor)
    }

    mutating func endDrill(actor: String) {
        if state.recovery?.verb == .drill {
            cancelRecovery(actor: actor, unlessItStarts: nil)
            startNext()
            return
        }
        // A real undo or redo in between has ended the drill: it stands.
        guard let drill = state.drill else { return }
        state.drill = nil
        guard state.releases[drill.from]?.canServe == true else {
            state.recovery = Recovery(target: drill.from, verb: .redo, actor: actor)
            note(
                "drill.ended", actor: actor, release: drill.from,
                "\(name(drill.from)) is not ready again: traffic follows when it is")
            start(drill.from)
            return
        }
        serve(drill.from)
        state.lastUndo = nil
        note("drill.ended", actor: actor, release: drill.from, share: .all, "traffic is on \(name(drill.from)) again")
        reroute()
        startNext()
    }
}
