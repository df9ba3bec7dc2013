import DeliveryModel

/// The one sentence that a person wants at 3 a.m.
extension SequentialJudge {
    /// Candidate against baseline; of the last minute once the rollout is older, so that a late defect is not hidden in
    /// good hours.
    private func comparison(_ t: Double) -> (when: String, candidate: Counts, baseline: Counts) {
        let minute = baselineBurn.lastMinute
        if t > 2 * LastMinute.seconds, minute.candidate.bad > 0, minute.baseline.requests > 0 {
            return ("in the last minute ", minute.candidate, minute.baseline)
        }
        return ("", candidate, baseline)
    }

    private var name: String { configuration.candidateName }

    func errorsWords(_ observation: Observation) -> String {
        let (when, candidate, baseline) = comparison(observation.t)
        let ratio =
            candidate.bad > 0 && baseline.bad > 0
            ? ": \(Wording.times(candidate.rate / baseline.rate)) as often" : ""
        let found = errorsUndo.found
        return Self.sentence(
            "\(when)\(Wording.grouped(candidate.bad)) of \(Wording.grouped(candidate.requests)) requests to "
                + "\(name) failed "
                + "(\(Wording.percent(candidate.rate))) while the baseline failed \(Wording.part(baseline))\(ratio); "
                + Wording.evidence(found.lnE, found.threshold))
    }

    var deadOnArrivalWords: String {
        Self.sentence(
            "\(name) never answered well: all of its first \(Wording.grouped(candidate.requests)) requests failed, "
                + "while the baseline failed \(Wording.part(baseline))")
    }

    var hardStopWords: String {
        Self.sentence(
            "\(name) cost about \(Wording.grouped(hardStop.excess)) errors more than the baseline would have "
                + "(\(Wording.part(candidate)) requests failed); one rollout may cost "
                + "\(Wording.grouped(hardStop.allowed)), \(Wording.percent(configuration.budgetPart)) of the "
                + "error budget"
        )
    }

    func fullShareWords(_ observation: Observation) -> String {
        let minute = baselineBurn.lastMinute.candidate
        let (when, counts) =
            observation.t > LastMinute.seconds && minute.bad > 0 ? ("in the last minute ", minute) : ("", candidate)
        let found = fullShare.found
        return Self.sentence(
            "with all traffic on \(name), \(when)\(Wording.part(counts)) requests failed; at most "
                + "\(Wording.percent(fullShare.limit ?? 1)) is acceptable after a baseline of "
                + "\(Wording.percent(baseline.rate)); "
                + Wording.evidence(found?.lnE ?? 0, found?.threshold ?? 0))
    }

    var silenceWords: String {
        Self.sentence(
            "\(name) got no request although about \(Wording.grouped(silence.expected)) were due to it: "
                + "it is not reached; traffic goes back to the baseline")
    }

    var burningWords: String {
        let minute = baselineBurn.lastMinute
        return Self.sentence(
            "both are burning: in the last minute the baseline failed \(Wording.part(minute.baseline)), "
                + "\(Wording.times(baselineBurn.burn)) its error budget, and \(name) "
                + "\(Wording.part(minute.candidate)); "
                + "the cause is probably elsewhere, so nothing moves")
    }

    var promoteWords: String {
        let found = errorsPromote.found
        return Self.sentence(
            "\(name) failed \(Wording.part(candidate)) requests, the baseline \(Wording.part(baseline)): it is "
                + "not worse; "
                + Wording.evidence(found.lnE, found.threshold))
    }

    func limitWords(_ observation: Observation) -> String {
        let found = errorsPromote.found
        return Self.sentence(
            "after \(Wording.seconds(observation.t)) there is no proof that \(name) is as good as the baseline, "
                + "nor that it is "
                + "worse (it failed \(Wording.part(candidate)), the baseline \(Wording.part(baseline))); "
                + "\(Wording.evidence(found.lnE, found.threshold)); the policy for this is "
                + "'\(configuration.onInconclusive.rawValue)'")
    }

    var silentWords: String {
        "No requests on either side at this tick: nothing to judge, so nothing moves until there are some, "
            + "or a person says 'rollout promote'."
    }

    func fullShareCalmWords(_ observation: Observation) -> String {
        Self.sentence("all traffic goes to \(name); since the beginning it failed \(Wording.part(candidate)) requests")
    }

    func rampWords(_ next: Share) -> String {
        Self.sentence(
            "\(name) failed \(Wording.part(candidate)) requests, the baseline \(Wording.part(baseline)): "
                + "safe to go on with \(next) of traffic")
    }

    func waitingWords(proven: Bool) -> String {
        let found = errorsPromote.found
        let state =
            errorsUndo.isSuspicious
            ? "it looks worse, but not yet surely; "
                + "\(Wording.evidence(errorsUndo.found.lnE, errorsUndo.found.threshold)) to undo"
            : proven
                ? "it is shown not to be worse; waiting for the time it must run"
                : candidate.bad > 0 && candidate.bad * baseline.requests > baseline.bad * candidate.requests
                    ? "too few to tell yet; "
                        + "\(Wording.evidence(errorsUndo.found.lnE, errorsUndo.found.threshold)) to undo"
                    : "nothing speaks against it; \(Wording.evidence(found.lnE, found.threshold)) to promote"
        return Self.sentence(
            "\(name) failed \(Wording.part(candidate)) requests, the baseline \(Wording.part(baseline)): \(state)")
    }

    /// First letter large, full stop at the end; a name that is a digest stays as it is.
    private static func sentence(_ text: String) -> String {
        guard let first = text.first,
            text.hasPrefix("the ") || text.hasPrefix("in ") || text.hasPrefix("with ")
                || text.hasPrefix("both ") || text.hasPrefix("all ") || text.hasPrefix("after ")
        else { return text + "." }
        return first.uppercased() + text.dropFirst() + "."
    }
}
