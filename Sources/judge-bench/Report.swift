import DeliverySimulation

/// The measurements as Markdown.
struct Report {
    let seen: Measurements

    init(_ seen: Measurements) { self.seen = seen }

    func markdown(machine: [String]) -> String {
        let sections = [
            heading(machine), figures, world, falseUndo, peerFalseUndo, defects, ramps, rules, variants, shortTicks,
            cost,
            settings,
        ]
        return sections.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func heading(_ machine: [String]) -> [String] {
        ["# The judge against its peers, on simulated traffic", "", "Written by `make bench-judge`.", ""] + machine + [
            "- \(seen.options.rollouts) rollouts of each kind, seed \(seen.options.seed), "
                + "\(Int(seen.seconds)) s on \(seen.options.threads) threads",
            "- 200 requests/s unless said otherwise, 0.1 % of them bad, ticks of 5 s, 4 baseline instances and 1 of",
            "  the candidate; 24 h of history before each rollout; errors, latencies, orders and memory are all judged",
            "- The judge and its peers see the same traffic, drawn from the same seeds.",
        ]
    }

    private var figures: [String] {
        ["## Figures", ""]
            + Markdown.table(
                ["what", "must reach", "seen", "reached"],
                Figures(seen).rows.map { [$0.what, $0.required, $0.seen, $0.isReached ? "yes" : "**NO**"] })
    }

    /// What a reader must know to argue about the numbers.
    private var world: [String] {
        [
            "## The simulated world", "",
            "- Each instance has one burst an hour where there are bursts, in the history and in the rollout; the "
                + "candidate's one instance is hit like any other.",
            "- Errors of a defect come in clusters too where the noise is clusters.",
            "- Diurnal: requests and errors swing by 50 %; the incident begins within the first 15 minutes.",
            "- Startup spike: the judge gets no latencies of the candidate in its first 60 s, as the control plane "
                + "gives it none; all other candidates are warm when traffic comes.",
            "- Latencies are lognormal: median 50 ms, 99th percentile 160 ms. 2 % of requests end in an order. Memory "
                + "is read every 10 s, with a deviation of 2 %.",
            "- The peers stay at 10 % all the time. Kayenta gets a control of the candidate's size. Flagger promotes "
                + "after five good checks, Kayenta and Argo after an hour.",
        ]
    }

    private var falseUndo: [String] {
        let rows = NoiseKind.allCases.map { noise in
            let (hour, ramp) = (seen.healthyHour[noise], seen.healthyRamp[noise])
            return [
                noise.label, Markdown.part(hour?.undone, hour?.count), Markdown.part(ramp?.undone, ramp?.count),
                Markdown.percent(ramp?.promotedRate), Markdown.seconds(ramp?.median(.promoted, \.seconds)),
                Markdown.part(seen.onePointRamp[noise]?.promoted, seen.onePointRamp[noise]?.count),
            ]
        }
        return [
            "## Healthy releases, and +1 pp shipped by mistake", "",
            "In brackets: the one-sided upper bound by Clopper and Pearson at 95 %. An hour at 10 %: the share stays "
                + "there for 720 looks, whatever the judge proposes.",
            "",
        ]
            + Markdown.table(
                [
                    "noise", "undone, an hour at 10 %", "undone, evidence ramp", "promoted", "median time to promote",
                    "+1 pp shipped, evidence ramp",
                ], rows)
    }

    private var peerFalseUndo: [String] {
        let rows = NoiseKind.allCases.enumerated().map { kind, noise in
            [noise.label, Markdown.part(seen.healthyHour[noise]?.undone, seen.options.rollouts)]
                + seen.contenders.map { contender in
                    Markdown.part(seen.searches.undone(contender)?[kind], seen.options.rollouts)
                }
        }
        return ["## Healthy releases undone, against the peers", ""]
            + Markdown.table(["noise", "this judge"] + seen.contenders.map(\.name), rows)
    }

    private var defects: [String] {
        let rows = Defect.allCases.filter { $0 != .none }.map { defect in
            [defect.label, Markdown.found(seen.defects[defect])]
                + seen.contenders.map { Markdown.found($0.tally(seen.series[defect] ?? [])) }
        }
        return [
            "## Defects at a share of 10 %", "",
            "Found within an hour; median time; median errors of the candidate. Medians are over all rollouts, those "
                + "not undone counted as never.",
            "",
        ] + Markdown.table(["defect", "this judge"] + seen.contenders.map(\.name), rows)
    }

    private var ramps: [String] {
        let rows = Defect.allCases.compactMap { defect in
            (defect == .none ? seen.healthyRamp[.independent] : seen.defectRamps[defect]).map { tally in
                [
                    defect.label, Markdown.percent(tally.undoneRate),
                    Markdown.seconds(tally.median(.undone, \.seconds)),
                    Markdown.number(tally.median(.undone, \.badInAll)), Markdown.percent(tally.promotedRate),
                    Markdown.seconds(tally.median(.promoted, \.seconds)),
                ]
            }
        }
        return [
            "## Defects under the evidence ramp", "",
            "Bad requests in all: with the 2 s that an undo takes. What begins at 600 s begins after the promotion.",
            "",
        ]
            + Markdown.table(
                ["defect", "undone", "median time", "median bad requests in all", "promoted", "median time"], rows)
    }

    private var rules: [String] {
        func words(_ tally: Tally?) -> String {
            let rules = tally?.undoneByRule ?? []
            return rules.isEmpty ? "none" : rules.map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
        }
        let healthy = NoiseKind.allCases.map {
            ["healthy, \($0.label)", words(seen.healthyHour[$0]), words(seen.healthyRamp[$0])]
        }
        let broken = Defect.allCases.filter { $0 != .none }.map {
            [$0.label, words(seen.defects[$0]), words(seen.defectRamps[$0])]
        }
        return ["## Which rule undid", ""]
            + Markdown.table(["rollouts", "share of 10 %", "evidence ramp"], healthy + broken)
    }

    private var variants: [String] {
        let kinds = NoiseKind.allCases.filter { noise in seen.variants.contains { $0.tallies[noise] != nil } }
        let rows = seen.variants.map { variant in
            [variant.label] + kinds.map { Markdown.part(variant.tallies[$0]?.undone, variant.tallies[$0]?.count) }
        }
        return [
            "## What the dispersion is worth, and harder and kinder worlds", "",
            "Healthy releases undone within an hour at 10 %, without latencies.", "",
        ] + Markdown.table(["what is different"] + kinds.map(\.label), rows)
    }

    private var shortTicks: [String] {
        let rows = seen.shortTicks.map { label, tally in
            [
                label, Markdown.percent(tally.undoneRate), Markdown.seconds(tally.median(.undone, \.seconds)),
                Markdown.number(tally.median(.undone, \.candidateBad)), Markdown.percent(tally.promotedRate),
                Markdown.seconds(tally.median(.promoted, \.seconds)),
            ]
        }
        return ["## With ticks of 1 s", ""]
            + Markdown.table(
                ["rollouts", "undone", "median time", "median errors of the candidate", "promoted", "median time"], rows
            )
    }

    private var cost: [String] {
        let cost = seen.cost
        return ["## Cost of a tick", ""]
            + Markdown.table(
                ["when", "microseconds of processor time a tick, all rules", "the whole judge as JSON"],
                [
                    ["first ticks", Markdown.decimal(cost.microsecondsAtStart), "\(cost.bytesAtStart) bytes"],
                    [
                        "after \(cost.ticks) ticks of 1 s", Markdown.decimal(cost.microsecondsAtEnd),
                        "\(cost.bytesAtEnd) bytes",
                    ],
                ])
    }

    private var settings: [String] {
        ["## Settings of the peers", ""]
            + seen.contenders.map { "- \($0.name): \($0.settings)" }
            + [
                "",
                "Tight: of \(KayentaPeer.grid.count), \(FlaggerPeer.grid.count) and \(ArgoPeer.grid.count) settings "
                    + "the one with the fewest errors at +1 pp among those that undo at most 1.5 % of the healthy",
                "rollouts of every kind of noise above; within that are \(seen.searches.kayenta.admissible.count), "
                    + "\(seen.searches.flagger.admissible.count) and \(seen.searches.argo.admissible.count).",
            ]
    }
}
