import DeliveryAPI
import DeliveryModel

/// A rollout as a person wants to see it.
struct RolloutView {
    let text: TerminalText

    /// The running one, as a part of `nonevent status`.
    func running(_ rollout: RolloutStatus) -> [String] {
        var state = rollout.phase + (rollout.paused ? ", paused" : "")
        if let seconds = rollout.nextStepInSeconds, !rollout.paused {
            state += ", next step in " + TerminalText.duration(seconds: max(0, seconds))
        }
        let share = rollout.shareBasisPoints
        let lines = [
            "  rollout  \(rollout.candidate.short)  commit \(commit(rollout)), \(text.paint(state, .blue))",
            "           \(text.paint(TerminalText.bar(share), .blue)) \(share)",
            "           \(TerminalText.harmless(rollout.why))",
        ]
        return lines + verdict(rollout)
    }

    /// Running or finished, by itself.
    func whole(_ rollout: RolloutStatus) -> [String] {
        let end = RolloutText.end(rollout) + (rollout.paused ? ", paused" : "")
        let style: TerminalText.Style = rollout.phase == "undone" ? .red : rollout.phase == "complete" ? .green : .blue
        var lines = [
            text.paint("\(rollout.service)", .bold) + "  rollout \(rollout.id)  " + text.paint(end, style),
            "  release  \(rollout.candidate.short)  commit \(commit(rollout))",
            "  before   \(rollout.baseline.map(\.short) ?? "nothing served")",
            "  began    \(rollout.startedAt)",
        ]
        if let endedAt = rollout.endedAt {
            let took = (endedAt - rollout.startedAt).inSeconds
            lines.append("  ended    \(endedAt), after \(TerminalText.duration(seconds: max(0, took)))")
        }
        lines.append("  reached  \(rollout.reachedBasisPoints)")
        lines.append("  why      \(TerminalText.harmless(rollout.why))")
        return lines + verdict(rollout)
    }

    private func verdict(_ rollout: RolloutStatus) -> [String] {
        guard let verdict = rollout.verdict else { return [] }
        return VerdictView(text: text).lines(
            verdict,
            .init(
                share: rollout.shareBasisPoints, nextStepInSeconds: rollout.nextStepInSeconds,
                isPaused: rollout.paused, isOver: rollout.isFinished),
            showsWhy: verdict.why != rollout.why)
    }

    private func commit(_ rollout: RolloutStatus) -> String {
        TerminalText.shownCommit(rollout.commit)
    }
}

/// Words for rollouts.
enum RolloutText {
    /// `complete`, `undone at 5%`, `superseded`; a running one is told by its phase and share.
    static func end(_ rollout: RolloutStatus) -> String {
        switch rollout.phase {
        case "complete", "superseded": rollout.phase
        case "undone": "undone at \(rollout.reachedBasisPoints)"
        default: "\(rollout.phase) at \(rollout.shareBasisPoints)"
        }
    }
}
