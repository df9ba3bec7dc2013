import DeliveryModel

extension Stepper {
    /// All instances of the candidate are ready: look at it in the dark.
    mutating func prepared() {
        guard var rollout = state.rollout, rollout.phase == .prepare else { return }
        rollout.phase = .verify
        rollout.why = "checking \(name(rollout.candidate)) in the dark"
        rollout.stepStartedAt = now
        state.rollout = rollout
        note("rollout.verify", release: rollout.candidate, rollout: rollout.id, rollout.why)
        effects.append(.verify(rollout: rollout.id, release: rollout.candidate))
        reroute()
    }

    mutating func verified(_ id: String, firstShare: Share) {
        guard let rollout = state.rollout, rollout.id == id, rollout.phase == .verify else { return }
        // A paused rollout takes no traffic; resuming asks for the checks again.
        if rollout.isPaused { return }
        guard rollout.baseline != nil, let policy = state.releases[rollout.candidate]?.specification.rollout else {
            complete("the first release: there is nothing to compare it with")
            return
        }
        let first: Share =
            switch policy.steps {
            case .fixed(let steps): steps.first ?? .all
            case .auto: max(firstShare, Self.smallestShare)
            }
        shift(to: first, why: "first step: \(first) of traffic to \(name(rollout.candidate))")
    }

    /// A candidate without any traffic could never be judged.
    private static let smallestShare = Share(clamping: 1)

    mutating func verifyFailed(_ id: String, why: String) {
        guard let rollout = state.rollout, rollout.id == id, rollout.phase == .verify else { return }
        undoRollout(kind: "rollout.undone", actor: "nonevent", why: why, keepWarm: false)
    }

    mutating func shift(to share: Share, why: String, actor: String = "nonevent") {
        guard var rollout = state.rollout else { return }
        rollout.share = share
        rollout.reached = max(rollout.reached, share)
        rollout.phase = share == .all ? .soak : .shift
        rollout.shiftedAt = rollout.shiftedAt ?? now
        rollout.stepStartedAt = now
        rollout.why = why
        state.rollout = rollout
        note(
            share == .all ? "rollout.soak" : "rollout.shift", actor: actor, release: rollout.candidate,
            rollout: rollout.id, share: share, verdict: rollout.verdict, why)
        reroute()
    }

    mutating func judged(_ id: String, _ verdict: Verdict) {
        guard var rollout = state.rollout, rollout.id == id, rollout.phase == .shift || rollout.phase == .soak,
            let record = state.releases[rollout.candidate]
        else { return }
        let isNews = rollout.verdict?.verdict != verdict.verdict || rollout.verdict?.rule != verdict.rule
        rollout.verdict = verdict
        rollout.why = verdict.why
        state.rollout = rollout
        if isNews {
            note(
                "verdict", release: rollout.candidate, rollout: id, share: rollout.share, verdict: verdict, verdict.why)
        }
        if verdict.verdict == .undo {
            undoRollout(kind: "rollout.undone", actor: "judge", why: verdict.why, keepWarm: false)
            return
        }
        if rollout.isPaused { return }
        switch (verdict.verdict, record.specification.judge.onInconclusive) {
        case (.inconclusive, .undo):
            let why = "inconclusive at the time limit, and the service file says undo: " + verdict.why
            undoRollout(kind: "rollout.undone", actor: "judge", why: why, keepWarm: false)
        case (.inconclusive, .hold):
            rollout.isPaused = true
            rollout.why = "inconclusive, paused for a person to decide: " + verdict.why
            state.rollout = rollout
            note("rollout.paused", actor: "judge", release: rollout.candidate, rollout: id, rollout.why)
        case (.inconclusive, .promote) where rollout.phase == .shift:
            shift(to: .all, why: "inconclusive at the time limit, and the service file says promote: " + verdict.why)
        default:
            advance(rollout, verdict, record.specification.rollout)
        }
    }

    private mutating func advance(_ rollout: Rollout, _ verdict: Verdict, _ policy: RolloutSpecification) {
        let elapsed = now - rollout.stepStartedAt
        if rollout.phase == .soak {
            if elapsed >= policy.soak {
                complete("served everybody for \(policy.soak.inSeconds.rounded()) s: " + verdict.why)
            }
            return
        }
        // A hold that names its rule is a reason to wait; one without is only not enough evidence yet.
        if verdict.verdict == .hold, !verdict.rule.isEmpty { return }
        switch policy.steps {
        case .fixed(let steps):
            guard elapsed >= policy.hold else { return }
            let next = rollout.step + 1
            guard next < steps.count else { return }
            state.rollout?.step = next
            shift(to: steps[next], why: "step \(next + 1) of \(steps.count): \(steps[next]) of traffic; " + verdict.why)
        case .auto:
            guard verdict.share > rollout.share else { return }
            shift(to: verdict.share, why: verdict.why)
        }
    }

    mutating func complete(_ why: String, actor: String = "nonevent") {
        guard var rollout = state.rollout else { return }
        rollout.outcome = .complete
        rollout.endedAt = now
        rollout.share = .all
        rollout.reached = .all
        rollout.why = why
        state.rollout = nil
        serve(rollout.candidate)
        remember(rollout)
        note("rollout.complete", actor: actor, release: rollout.candidate, rollout: rollout.id, share: .all, why)
        effects.append(.retain)
        reroute()
        startNext()
    }

    /// Makes a release the live one; what served before stays warm, what was warm before that cools down.
    mutating func serve(_ digest: ReleaseDigest) {
        let before = state.live
        state.live = digest
        state.releases[digest]?.standing = .good
        state.releases[digest]?.reason = ""
        state.releases[digest]?.warmUntil = nil
        guard let before, before != digest else { return }
        for warm in state.releases.keys.sorted() where warm != digest && warm != before {
            if warm != state.rollout?.candidate, warm != state.recovery?.target { cool(warm) }
        }
        state.trail.removeAll { $0 == digest || $0 == before }
        state.trail.append(before)
        keepWarm(before)
    }

    mutating func keepWarm(_ digest: ReleaseDigest) {
        guard let record = state.releases[digest] else { return }
        state.releases[digest]?.warmUntil = now + record.specification.rollout.undo.keepWarm
    }
}
