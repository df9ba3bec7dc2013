import DeliverySimulation

/// The figures that the judge must reach, and what was seen.
struct Figures {
    struct Row {
        var what: String
        var required: String
        var seen: String
        var isReached: Bool
    }

    /// Allowed part of healthy rollouts undone.
    static let falseUndo: [(noise: NoiseKind, limit: Double)] = [
        (.independent, 0.01), (.diurnal, 0.01), (.clusters, 0.015), (.shortBursts, 0.015), (.longBursts, 0.015),
        (.instanceBias, 0.015),
    ]
    static let timesFewer = 10.0

    let rows: [Row]

    init(_ seen: Measurements) {
        rows = Self.falseUndoRows(seen) + Self.errorRows(seen) + Self.timeRows(seen) + Self.costRows(seen.cost)
    }

    private static func falseUndoRows(_ seen: Measurements) -> [Row] {
        falseUndo.compactMap { noise, limit in
            guard let hour = seen.healthyHour[noise], let ramp = seen.healthyRamp[noise] else { return nil }
            return Row(
                what: "false undo, \(noise.label)", required: "<= \(Markdown.percent(limit))",
                seen: "\(Markdown.part(hour.undone, hour.count)) in an hour at 10 %, "
                    + "\(Markdown.part(ramp.undone, ramp.count)) on the ramp",
                isReached: max(hour.undoneRate, ramp.undoneRate) <= limit)
        }
    }

    private static func errorRows(_ seen: Measurements) -> [Row] {
        guard let onePoint = seen.defects[.onePoint], let allFail = seen.defectRamps[.allFail] else { return [] }
        let errors = onePoint.median(.undone, \.candidateBad)
        let bad = allFail.median(.undone, \.badInAll)
        let few = seen.contenders.map { contender in
            fewer("+1 pp", errors, contender, seen.series[.onePoint] ?? []) { $0.candidateBad }
        }
        let fewBad = seen.contenders.map { contender in
            fewer("all fail", bad, contender, seen.series[.allFail] ?? []) { $0.badInAll }
        }
        return [
            Row(
                what: "+1 pp errors, share 10 %: undone", required: ">= 99 %",
                seen: Markdown.percent(onePoint.undoneRate), isReached: onePoint.undoneRate >= 0.99),
            Row(
                what: "+1 pp errors, share 10 %: median errors of the candidate", required: "<= 12",
                seen: Markdown.number(errors), isReached: errors <= 12),
        ] + few + [
            Row(
                what: "all fail, evidence ramp: median bad requests in all", required: "<= 160",
                seen: Markdown.number(bad), isReached: bad <= 160)
        ] + fewBad
    }

    private static func fewer(
        _ defect: String, _ ours: Double, _ contender: Contender, _ series: [MetricSeries],
        _ value: (RolloutOutcome) -> Double
    ) -> Row {
        let theirs = contender.tally(series).median(.undone, value)
        let times = theirs.isFinite ? "\(Markdown.decimal(theirs / ours)) times" : "it never finds it"
        return Row(
            what: "\(defect): fewer than \(contender.name)", required: ">= 10 times",
            seen: "\(Markdown.number(ours)) against \(Markdown.number(theirs)): \(times)",
            isReached: theirs >= timesFewer * ours)
    }

    private static func timeRows(_ seen: Measurements) -> [Row] {
        guard let slower = seen.defects[.slower20], let healthy = seen.healthyRamp[.independent] else { return [] }
        let found = slower.median(.undone, \.seconds)
        let promoted = healthy.median(.promoted, \.seconds)
        let shipped = NoiseKind.allCases.compactMap { noise in
            seen.onePointRamp[noise].map { (noise: noise, tally: $0) }
        }.max { $0.tally.promotedRate < $1.tally.promotedRate }
        var rows = [
            Row(
                what: "latency x1.2 found, share 10 %, median", required: "<= 60 s", seen: Markdown.seconds(found),
                isReached: found <= 60),
            Row(
                what: "healthy release promoted, median", required: "<= 200 s", seen: Markdown.seconds(promoted),
                isReached: promoted <= 200),
        ]
        if let shipped {
            rows.append(
                Row(
                    what: "+1 pp shipped by mistake, any noise", required: "<= 3 %",
                    seen: "\(Markdown.part(shipped.tally.promoted, shipped.tally.count)) at worst "
                        + "(\(shipped.noise.label))",
                    isReached: shipped.tally.promotedRate <= 0.03))
        }
        return rows
    }

    private static func costRows(_ cost: TickCost) -> [Row] {
        let most = max(cost.microsecondsAtStart, cost.microsecondsAtEnd)
        let growth = cost.microsecondsAtEnd / cost.microsecondsAtStart
        return [
            Row(
                what: "cost of a tick, all rules", required: "<= 20 microseconds",
                seen: "\(Markdown.decimal(most)) microseconds", isReached: most <= 20),
            // A tenth is what two timings of the same work differ by.
            Row(
                what: "growth of the cost with time", required: "none",
                seen: "\(Markdown.decimal(growth)) times after \(cost.ticks) ticks", isReached: growth <= 1.1),
        ]
    }
}
