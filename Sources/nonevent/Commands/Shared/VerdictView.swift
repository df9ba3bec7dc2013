import DeliveryModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A verdict as a person wants it: both rates, how sure, which rules spoke, how long it may take, and what comes next.
/// The same in `status`, `history` and `judge`.
struct VerdictView {
    /// What the verdict itself does not know of its rollout.
    struct Situation {
        /// Part of traffic that the candidate has now; `nil` when nobody says.
        var share: Share?
        var nextStepInSeconds: Double?
        var isPaused = false
        /// A finished rollout has neither time left nor a next step.
        var isOver = false
    }

    /// Rules shown at most.
    static let mostRules = 6
    /// Rules that have less of what they need are not worth a line.
    static let leastProgress = 0.05
    /// The judge looks for ratios up to e^9; an end out there means that there is none.
    static let largestRatio = 8000.0
    /// An end below this is as good as none.
    static let leastRatio = 0.005

    let text: TerminalText

    /// - Parameter showsWhy: `false` where the sentence has been shown already.
    func lines(_ verdict: Verdict, _ situation: Situation, showsWhy: Bool = true) -> [String] {
        let rule = verdict.rule.isEmpty ? "" : " (\(TerminalText.harmless(verdict.rule)))"
        let why = showsWhy && !verdict.why.isEmpty ? ": " + TerminalText.harmless(verdict.why) : ""
        var lines = [Self.labelled("verdict", kind(verdict.verdict) + rule + why)]
        lines += failed(verdict)
        if let ratio = Self.ratio(verdict) { lines.append(Self.labelled("ratio", ratio)) }
        lines += rules(verdict)
        lines.append(Self.labelled("phi", Self.dispersion(verdict)))
        if let left = Self.left(verdict, situation) { lines.append(Self.labelled("left", left)) }
        if let next = Self.next(verdict, situation) { lines.append(Self.labelled("next", next)) }
        return lines
    }

    /// `promote` green, `undo` red, `inconclusive` yellow.
    func kind(_ kind: VerdictKind) -> String {
        switch kind {
        case .promote: text.paint(kind.rawValue, .green)
        case .undo: text.paint(kind.rawValue, .red)
        case .inconclusive: text.paint(kind.rawValue, .yellow)
        case .hold: kind.rawValue
        }
    }

    /// Indented as the lines of `nonevent status` are.
    private static func labelled(_ label: String, _ line: String) -> String {
        "  " + label + String(repeating: " ", count: max(1, 9 - label.count)) + line
    }

    private func failed(_ verdict: Verdict) -> [String] {
        func arm(_ bad: Double, _ requests: Double) -> String {
            requests > 0 ? NumberText.part(bad, of: requests) : "has had no request"
        }
        let all = NumberText.grouped(verdict.candidateRequests + verdict.baselineRequests)
        return [
            Self.labelled("failed", "candidate " + arm(verdict.candidateBad, verdict.candidateRequests)),
            Self.labelled("", "baseline  " + arm(verdict.baselineBad, verdict.baselineRequests)),
            Self.labelled("seen", "\(all) requests"),
        ]
    }

    /// `nil` where no ratio was looked for.
    static func ratio(_ verdict: Verdict) -> String? {
        guard let ratio = verdict.ratio else {
            let isCalm = verdict.candidateBad == 0 && verdict.baselineBad == 0
            return isCalm ? "none yet: neither has failed a request" : nil
        }
        let (low, high) = (NumberText.ratio(ratio.low), NumberText.ratio(ratio.high))
        let range =
            switch (ratio.low >= leastRatio, ratio.high < largestRatio) {
            case (true, true): "surely between \(low) and \(high) (95 %)"
            case (true, false): "surely more than \(low) (95 %)"
            case (false, true): "surely less than \(high) (95 %)"
            case (false, false): "too few to be sure of anything yet"
            }
        // With no error on one side the likeliest ratio is 0 or without end.
        guard verdict.candidateBad > 0, verdict.baselineBad > 0 else {
            return (verdict.candidateBad > 0 ? "only the candidate has failed, " : "only the baseline has failed, ")
                + range
        }
        return "\(NumberText.ratio(ratio.estimate)) times as often, \(range)"
    }

    private func rules(_ verdict: Verdict) -> [String] {
        let shown = Self.ranked(verdict)
        guard !shown.isEmpty else {
            return [
                Self.labelled(
                    "rules", "none has found even \(NumberText.decimal(Self.leastProgress * 100, 0)) % of what it needs"
                )
            ]
        }
        let width = shown.map(\.name.count).max() ?? 0
        return shown.enumerated().map { index, rule in
            let name = TerminalText.harmless(rule.name) + String(repeating: " ", count: width - rule.name.count)
            let style: TerminalText.Style = rule.name.hasSuffix("-promote") ? .green : .red
            let bar = TerminalText.bar(filled: rule.evidence.progress)
            let painted = rule.evidence.isReached && rule.evidence.dryRun != true ? text.paint(bar, style) : bar
            let mark = rule.evidence.dryRun == true ? " (dry run)" : ""
            return Self.labelled(index == 0 ? "rules" : "", "\(name)  \(painted)  \(rule.evidence.words)\(mark)")
        }
    }

    /// The rules that matter: the one that decided first, then by how near they are to deciding.
    private static func ranked(_ verdict: Verdict) -> [(name: String, evidence: RuleEvidence)] {
        let all = verdict.evidence.filter { $0.key == verdict.rule || $0.value.progress > leastProgress }
        let sorted = all.sorted { left, right in
            if (left.key == verdict.rule) != (right.key == verdict.rule) { return left.key == verdict.rule }
            let (nearer, farther) = (left.value.progress, right.value.progress)
            return nearer == farther ? left.key < right.key : nearer > farther
        }
        return sorted.prefix(mostRules).map { (name: $0.key, evidence: $0.value) }
    }

    private static func dispersion(_ verdict: Verdict) -> String {
        let origin =
            switch verdict.phiSource {
            case .set: "set by the operator"
            case .measured: "measured on the baseline"
            case .measuredBriefly: "measured on the baseline, and made larger since there is little history"
            case .assumed: "assumed, a cautious value, since nothing is measured yet"
            }
        return "\(NumberText.ratio(verdict.phi)), how clustered errors are: \(origin)"
    }

    private static func left(_ verdict: Verdict, _ situation: Situation) -> String? {
        guard !situation.isOver, verdict.verdict == .hold || verdict.verdict == .inconclusive else { return nil }
        guard verdict.secondsLeft > 0 else { return "nothing: the time to find evidence is over" }
        return TerminalText.duration(seconds: verdict.secondsLeft) + " until it counts as inconclusive"
    }

    private static func next(_ verdict: Verdict, _ situation: Situation) -> String? {
        guard !situation.isOver else { return nil }
        if verdict.verdict == .undo { return "all traffic back to the baseline" }
        if situation.isPaused { return "nothing, while it is paused" }
        let wait = situation.nextStepInSeconds.map {
            ", in \(TerminalText.duration(seconds: max(0, $0))) at the earliest"
        }
        if situation.share == .all { return "complete" + (wait ?? "") }
        switch verdict.verdict {
        case .inconclusive: return "what the policy for rollouts without evidence says"
        case .promote where verdict.share == .all: return "all traffic to the candidate" + (wait ?? "")
        default:
            guard let share = situation.share else { return nil }
            if verdict.share > share { return "\(verdict.share) of traffic" + (wait ?? "") }
            return wait.map { "one more step" + $0 } ?? "stays at \(share) until there is more evidence"
        }
    }
}

extension RuleEvidence {
    /// How near the rule is to deciding: 1 is there, below 0 speaks against it; 0 where nothing can be said.
    var progress: Double {
        // Where what is needed is ln 1, the logarithm itself is how near it is.
        let part = threshold > 0 ? lnE / threshold : exp(lnE - threshold)
        return part.isFinite ? part : 0
    }

    /// `1.4 of 4.6 needed`.
    var words: String {
        threshold > 0
            ? "\(NumberText.decimal(lnE, 1)) of \(NumberText.decimal(threshold, 1)) needed"
            : "\(NumberText.decimal(progress, 2)) of 1.00 needed"
    }
}
