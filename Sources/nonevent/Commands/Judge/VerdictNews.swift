import DeliveryModel

/// A replay as a person reads it: a line when something changes, and the last verdict in full.
struct VerdictNews {
    let view: VerdictView
    private var told: (verdict: VerdictKind, rule: String, share: Share?)?

    init(view: VerdictView) { self.view = view }

    /// Writes a line when the verdict, the rule or the proposed share is another one than before.
    mutating func tell(_ verdict: Verdict, _ tick: JudgeTick) throws {
        // A tick without a share makes the judge say the received one, which is never twice the same.
        let now = (verdict.verdict, verdict.rule, tick.share == nil ? nil : verdict.share)
        if let told, told == now { return }
        told = now
        let rule = verdict.rule.isEmpty ? "" : " (\(TerminalText.harmless(verdict.rule)))"
        try StandardOutput.line(
            "\(NumberText.seconds(verdict.t)): \(view.kind(verdict.verdict))\(rule): "
                + TerminalText.harmless(verdict.why))
    }

    /// - Parameter share: the candidate's at the last tick, if the ticks tell it.
    func conclude(_ verdict: Verdict, share: Share?) throws {
        try StandardOutput.line("")
        for line in view.lines(verdict, .init(share: share)) { try StandardOutput.line(line) }
    }
}
