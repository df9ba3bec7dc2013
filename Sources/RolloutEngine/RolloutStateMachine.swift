public import DeliveryModel

/// The rollout engine: pure, synchronous, deterministic. It decides; drivers act; their results come back as events.
public enum RolloutStateMachine {
    /// - Parameters:
    ///   - now: wall-clock time that never runs backwards.
    /// - Throws: `RolloutError` when the event does not fit the state; the state stays as it was.
    public static func step(
        _ state: ServiceState, _ event: RolloutEvent, at now: Timestamp
    ) throws(RolloutError) -> Transition {
        var stepper = Stepper(state: state, now: now)
        try stepper.take(event)
        return Transition(state: stepper.state, effects: stepper.effects, notes: stepper.notes)
    }
}

/// The working copy of one transition.
struct Stepper {
    var state: ServiceState
    let now: Timestamp
    var effects: [RolloutEffect] = []
    var notes: [JournalNote] = []

    init(state: ServiceState, now: Timestamp) {
        self.state = state
        self.now = now
    }

    mutating func take(_ event: RolloutEvent) throws(RolloutError) {
        switch event {
        case .deploy(let release, let actor): try deploy(release, actor: actor)
        case .passedOver(let release, let since, let actor, let why): passOver(release, since, actor: actor, why: why)
        case .started(let release, let ports): started(release, ports: ports)
        case .startFailed(let release, let why): startFailed(release, why: why)
        case .verified(let rollout, let firstShare): verified(rollout, firstShare: firstShare)
        case .verifyFailed(let rollout, let why): verifyFailed(rollout, why: why)
        case .judged(let rollout, let verdict): judged(rollout, verdict)
        case .judgedAfterwards(let rollout, let verdict): try judgedAfterwards(rollout, verdict)
        case .pause(let actor): try setPaused(true, actor: actor)
        case .resume(let actor): try setPaused(false, actor: actor)
        case .promote(let actor): try promote(actor: actor)
        case .abort(let actor): try abort(actor: actor)
        case .undo(let target, let actor): try undo(to: target, actor: actor)
        case .redo(let target, let actor): try redo(to: target, actor: actor)
        case .held(let hold, let actor): setHold(hold, actor: actor)
        case .drillBegan(let actor): try beginDrill(actor: actor)
        case .drillEnded(let actor): endDrill(actor: actor)
        case .instanceLost(let id, let why): instanceLost(id, why: why)
        case .instanceMoved(let id, let port): instanceMoved(id, port: port)
        case .forgotten(let releases): forget(releases)
        case .clock: coolDown()
        case .restarted: rebaseTimes()
        }
    }

    mutating func note(
        _ kind: String, actor: String = "nonevent", release: ReleaseDigest? = nil, rollout: String? = nil,
        share: Share? = nil, verdict: Verdict? = nil, _ why: String
    ) {
        notes.append(
            JournalNote(
                kind: kind, actor: actor, release: release, rollout: rollout, share: share, verdict: verdict, why: why))
    }

    /// Asks for the routes once, however many changes one event makes.
    mutating func reroute() {
        state.generation += 1
        effects.removeAll { $0 == .route }
        // First of all: everything else may wait, traffic may not.
        effects.insert(.route, at: 0)
    }

    func name(_ digest: ReleaseDigest) -> String {
        guard let record = state.releases[digest], !record.commit.isEmpty else { return digest.short }
        return "\(digest.short) (commit \(record.commit.prefix(10)))"
    }
}
