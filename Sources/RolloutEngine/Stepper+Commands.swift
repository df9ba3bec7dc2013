import DeliveryModel

extension Stepper {
    private func running() throws(RolloutError) -> Rollout {
        if let rollout = state.rollout { return rollout }
        throw RolloutError(.noRollout, "\(state.service) has no rollout under way")
    }

    mutating func setPaused(_ paused: Bool, actor: String) throws(RolloutError) {
        let rollout = try running()
        guard rollout.isPaused != paused else { return }
        if !paused, rollout.verdict?.verdict == .inconclusive {
            throw RolloutError(
                .busy,
                "\(rollout.id) found no evidence within its time limit: more waiting brings none; "
                    + "'rollout promote' or 'rollout abort' decides")
        }
        state.rollout?.isPaused = paused
        // A resumed step is watched for its whole time again.
        if !paused { state.rollout?.stepStartedAt = now }
        note(
            paused ? "rollout.paused" : "rollout.resumed", actor: actor, release: rollout.candidate,
            rollout: rollout.id, share: rollout.share, paused ? "paused by \(actor)" : "resumed by \(actor)")
        // What the checks said while it was paused was not acted on: ask again.
        if !paused, rollout.phase == .verify {
            effects.append(.verify(rollout: rollout.id, release: rollout.candidate))
        }
    }

    /// A person vouches for the candidate: everybody gets it now, or the rollout ends if everybody has it.
    mutating func promote(actor: String) throws(RolloutError) {
        let rollout = try running()
        switch rollout.phase {
        case .prepare, .verify:
            throw RolloutError(
                .busy,
                "\(name(rollout.candidate)) is not ready yet (\(rollout.phase.rawValue)); promote it when it "
                    + "has traffic"
            )
        case .shift:
            state.rollout?.isPaused = false
            shift(to: .all, why: "promoted by \(actor)", actor: actor)
        case .soak:
            complete("promoted by \(actor)", actor: actor)
        }
    }

    mutating func abort(actor: String) throws(RolloutError) {
        _ = try running()
        undoRollout(kind: "rollout.aborted", actor: actor, why: "aborted by \(actor)", keepWarm: false)
    }
}
