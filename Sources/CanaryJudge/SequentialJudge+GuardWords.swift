import DeliveryModel

/// Sentences of the rules that watch an objective or a metric on its own.
extension SequentialJudge {
    func objectiveWords(_ observation: Observation) -> String {
        guard let objective = rules.objective.worst else { return "" }
        let found = Wording.evidence(objective.candidate.logEvidence, configuration.undoThreshold)
        if let seconds = objective.seconds, let quantile = objective.quantile {
            return Self.sentence(
                "\(name) misses its latency objective: more than "
                    + "\(NumberText.percent(objective.candidate.limit)) of its requests take longer than "
                    + "\(Wording.latency(seconds)) (\(quantile)), and the baseline's do not; \(found)")
        }
        let minute = rules.baselineBurn.lastMinute.candidate
        let (when, counts) =
            observation.t > LastMinute.seconds && minute.bad > 0 ? ("in the last minute ", minute) : ("", candidate)
        let limit = NumberText.percent(objective.candidate.limit)
        if observation.assigned == .all {
            return Self.sentence(
                "with all traffic on \(name), \(when)\(Wording.part(counts)) requests failed; at most \(limit) is "
                    + "acceptable after a baseline of \(NumberText.percent(baseline.rate)); \(found)")
        }
        return Self.sentence(
            "\(when)\(name) failed \(Wording.part(counts)) requests; at most \(limit), "
                + "\(Wording.times(ObjectiveRule.burn)) its error budget, is acceptable; \(found)")
    }

    func burnRateWords(undoes: Bool) -> String {
        guard let pair = rules.burnRate.firing else { return "" }
        let burn = rules.burnRate.burn(pair)
        let rate = Wording.times(burn.long)
        return Self.sentence(
            "the service burns its error budget \(rate) as fast as it may, over "
                + "\(NumberText.duration(pair.longSeconds)) as over the last "
                + "\(NumberText.duration(pair.shortSeconds)); the limit is \(Wording.times(pair.factor)); "
                + "the baseline's requests alone burn it \(Wording.times(burn.baselineLong)) as fast"
                + (undoes ? "" : ", so nothing moves until it is better"))
    }

    var splitWords: String {
        Self.sentence(
            "\(name) receives \(NumberText.percent(rules.split.received)) of the requests although "
                + "\(NumberText.percent(rules.split.assigned)) are assigned to it: the comparison cannot be trusted, "
                + "so nothing moves")
    }

    var failureWords: String {
        guard let failing = rules.failure.worst else { return "" }
        return Self.sentence(
            "the metric '\(failing.metric)' could not be had \(failing.count) times in a row (\(failing.why)): without "
                + "it nobody would see what \(name) does to it; traffic goes back to the baseline")
    }

    var gaugeWords: String {
        guard let (metric, rule) = rules.worstGauge, let last = rule.last else { return "" }
        let direction = last.candidateMedian >= last.baselineMedian ? "higher" : "lower"
        return Self.sentence(
            "'\(metric)' is \(direction) with \(name): \(Wording.number(last.candidateMedian)) against "
                + "\(Wording.number(last.baselineMedian)) at the baseline (medians); at least "
                + "\(NumberText.percent(rule.margin)) apart with the confidence asked for")
    }
}
