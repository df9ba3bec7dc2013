import DeliveryModel

/// The one sentence that a person wants at 3 a.m.: about errors, silence, and what comes next.
extension SequentialJudge {
    var name: String { configuration.candidateName }

    /// Candidate against baseline; of the last minute once the rollout is older, so that a late defect is not hidden in
    /// good hours.
    private func comparison(_ t: Double) -> (when: String, candidate: Counts, baseline: Counts) {
        let minute = rules.baselineBurn.lastMinute
        if t > 2 * LastMinute.seconds, minute.candidate.bad > 0, minute.baseline.requests > 0 {
            return ("in the last minute ", minute.candidate, minute.baseline)
        }
        return ("", candidate, baseline)
    }

    private var combinedEvidence: String { Wording.evidence(rules.combined, configuration.undoThreshold) }

    /// Why the rule that adds the most to the evidence says undo.
    func evidenceWords(_ rule: JudgeRuleName, _ observation: Observation) -> String {
        switch rule {
        case .latencyUndo: latencyWords
        case .countsUndo: countsWords
        default: errorsWords(observation)
        }
    }

    private func errorsWords(_ observation: Observation) -> String {
        let (when, candidate, baseline) = comparison(observation.t)
        let ratio =
            candidate.bad > 0 && baseline.bad > 0
            ? ": \(Wording.times(candidate.rate / baseline.rate)) as often" : ""
        return Self.sentence(
            "\(when)\(NumberText.grouped(candidate.bad)) of \(NumberText.grouped(candidate.requests)) requests to "
                + "\(name) failed (\(NumberText.percent(candidate.rate))) while the baseline failed "
                + "\(Wording.part(baseline))\(ratio); " + combinedEvidence)
    }

    private var latencyWords: String {
        let evidence = rules.latency.undoLogEvidence
        let worst = evidence.indices.max { evidence[$0] < evidence[$1] } ?? 0
        let part = ["half", "one in ten", "one in a hundred"][min(2, worst)]
        guard let (candidate, baseline) = rules.latency.quantiles(), worst < candidate.count else {
            return Self.sentence("requests to \(name) are slower; " + combinedEvidence)
        }
        let ratio = baseline[worst] > 0 ? candidate[worst] / baseline[worst] : 1
        let seen = rules.latency.seen[worst]
        if ratio < 1 + rules.latency.undoMargin, seen.candidate > 0, seen.baseline > 0 {
            // The quantile itself hardly moved, but many more requests lie beyond it.
            return Self.sentence(
                "\(NumberText.percent(seen.candidateOver / seen.candidate)) of the requests to \(name) take longer "
                    + "than \(Wording.latency(seen.tau * (1 + rules.latency.undoMargin))), while "
                    + "\(NumberText.percent(seen.baselineOver / seen.baseline)) of the baseline's take longer than "
                    + "\(Wording.latency(seen.tau)); \(combinedEvidence)")
        }
        return Self.sentence(
            "\(part) of the requests to \(name) take longer than \(Wording.latency(candidate[worst])), at the baseline "
                + "longer than \(Wording.latency(baseline[worst])): \(Wording.times(ratio, 2)) as long; "
                + combinedEvidence)
    }

    private var countsWords: String {
        guard let (metric, rule) = rules.worstCount else { return combinedEvidence }
        return Self.sentence(
            "people who get \(name) give \(NumberText.grouped(rule.candidateEvents)) \(metric) where about "
                + "\(NumberText.grouped(rule.expectedEvents)) were to be expected after the baseline; "
                + combinedEvidence)
    }

    var deadOnArrivalWords: String {
        Self.sentence(
            "\(name) never answered well: all of its first \(NumberText.grouped(candidate.requests)) requests failed, "
                + "while the baseline failed \(Wording.part(baseline))")
    }

    var hardStopWords: String {
        Self.sentence(
            "\(name) cost about \(NumberText.grouped(rules.hardStop.excess)) errors more than the baseline would have "
                + "(\(Wording.part(candidate)) requests failed); one rollout may cost "
                + NumberText.grouped(rules.hardStop.allowed)
                + (rules.hardStop.isAtFloor
                    ? " at least" : ", \(NumberText.percent(configuration.budgetPart)) of the error budget"))
    }

    var silenceWords: String {
        Self.sentence(
            "\(name) got no request although about \(NumberText.grouped(rules.silence.expected)) were due to it: "
                + "it is not reached; traffic goes back to the baseline")
    }

    var burningWords: String {
        let minute = rules.baselineBurn.lastMinute
        return Self.sentence(
            "both are burning: in the last minute the baseline failed \(Wording.part(minute.baseline)), "
                + "\(Wording.times(rules.baselineBurn.burn)) its error budget, and \(name) "
                + "\(Wording.part(minute.candidate)); the cause is probably elsewhere, so nothing moves")
    }

    var promoteWords: String {
        let found = rules.errorsPromote.logEvidence
        let latency = rules.hasLatency && configuration.isOn(.latencyPromote) ? ", nor slower" : ""
        return Self.sentence(
            "\(name) failed \(Wording.part(candidate)) requests, the baseline \(Wording.part(baseline)): it is "
                + "not worse\(latency); " + Wording.evidence(found, configuration.promoteThreshold))
    }

    func limitWords(_ observation: Observation) -> String {
        let found = rules.errorsPromote.logEvidence
        let missing = rules.unproven.map(\.rawValue).joined(separator: ", ")
        let rule = missing.isEmpty ? "" : " (missing: \(missing))"
        return Self.sentence(
            "after \(NumberText.duration(observation.t)) there is no proof that \(name) is as good as the "
                + "baseline\(rule), nor that it is worse (it failed \(Wording.part(candidate)), the baseline "
                + "\(Wording.part(baseline))); "
                + "\(Wording.evidence(found, configuration.promoteThreshold)); the policy for this is "
                + "'\(configuration.onInconclusive.rawValue)'")
    }

    var oneArmWords: String {
        let (none, other) =
            candidate.requests == 0
            ? (name, "the baseline had \(NumberText.grouped(baseline.requests))")
            : ("the baseline", "\(name) had \(NumberText.grouped(candidate.requests))")
        return Self.sentence("\(none) has had no request yet, while \(other): there is nothing to compare with")
    }

    var silentWords: String {
        "No requests on either side at this tick: nothing to judge, so nothing moves until there are some, "
            + "or a person says 'rollout promote'."
    }

    var fullShareCalmWords: String {
        Self.sentence("all traffic goes to \(name); since the beginning it failed \(Wording.part(candidate)) requests")
    }

    func rampWords(_ next: Share) -> String {
        Self.sentence(
            "\(name) failed \(Wording.part(candidate)) requests, the baseline \(Wording.part(baseline)): "
                + "safe to go on with \(next) of traffic")
    }

    func waitingWords(unproven: [JudgeRuleName]) -> String {
        Self.sentence(
            "\(name) failed \(Wording.part(candidate)) requests, the baseline \(Wording.part(baseline)): "
                + waitingState(unproven))
    }

    private func waitingState(_ unproven: [JudgeRuleName]) -> String {
        let threshold = configuration.promoteThreshold
        if isSuspicious { return "it looks worse by \(rules.strongest.rawValue), but not yet surely; \(toUndo)" }
        guard let first = unproven.first else {
            return "it is shown not to be worse; waiting for the time it must run"
        }
        if first == .errorsPromote, candidate.bad > 0,
            candidate.bad * baseline.requests > baseline.bad * candidate.requests
        {
            return "too few to tell yet; \(toUndo)"
        }
        switch first {
        case .errorsPromote:
            return "nothing speaks against it; "
                + Wording.evidence(rules.errorsPromote.logEvidence, threshold) + " to promote"
        case .latencyPromote:
            return "errors are no worse; whether it is slower is open: "
                + Wording.evidence(rules.latency.promoteEvidence, threshold) + " to promote"
        default: return "errors are no worse; \(first.rawValue) cannot tell yet"
        }
    }

    private var toUndo: String { combinedEvidence + " to undo" }

    /// First letter large, full stop at the end; a name that is a digest stays as it is.
    static func sentence(_ text: String) -> String {
        let openings = ["the ", "in ", "with ", "both ", "all ", "after ", "half ", "one in ", "people ", "requests "]
        guard let first = text.first, openings.contains(where: text.hasPrefix) else { return text + "." }
        return first.uppercased() + text.dropFirst() + "."
    }
}
