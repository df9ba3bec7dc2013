extension ServiceFileKey {
    /// What stands under `judge`, or in a file of `nonevent judge --config` by itself.
    static let judge = ServiceFileValue.mapping(
        judgeKeys,
        [
            .entries(
                of: "metrics", with: "source", is: MetricSpecification.Source.prometheus.rawValue, need: "prometheus")
        ])

    static let judgeKeys: [ServiceFileKey] = [
        ServiceFileKey(
            "limit", .duration(.seconds(1)...(.seconds(604_800))), "Longest time to find evidence; default 1h."),
        ServiceFileKey(
            "onInconclusive", .choice(InconclusivePolicy.allCases.map(\.rawValue)),
            "What happens at the limit without evidence; default hold."),
        ServiceFileKey(
            "dispersion", .number(1...1000),
            "How clustered errors are (1: independent); measured when left out."),
        ServiceFileKey("alpha", .fraction, "Chance of undoing a release that is not worse; default 0.01."),
        ServiceFileKey("beta", .fraction, "Chance of promoting a release that is worse than tolerated; default 0.05."),
        ServiceFileKey("rules", .mapping(JudgeRuleName.allCases.map(rule)), "What to change about the judge's rules."),
        ServiceFileKey(
            "metrics", .names(.metric, to: metric, atMost: ServiceFileLimits.metrics),
            "Business counts and gauges to watch beside requests, by names you choose."),
        ServiceFileKey("prometheus", prometheus, "The Prometheus server that metrics are asked of."),
    ]

    /// Every rule can be turned on and off; what else depends on the rule.
    private static func rule(_ name: JudgeRuleName) -> ServiceFileKey {
        let rules = JudgeRuleName.allCases
        func key(
            _ key: String, _ takes: (JudgeRuleName) -> Bool, _ value: ServiceFileValue, _ reason: String,
            _ summary: String
        ) -> ServiceFileKey {
            let others = rules.filter(takes).map(\.rawValue).joined(separator: ", ")
            return ServiceFileKey(
                key, takes(name) ? value : .refused("no \(key): \(reason) (\(others))"), summary)
        }
        return ServiceFileKey(
            name.rawValue,
            .toggleOr([
                key(
                    "weight", \.takesWeight, .number(0.001...1),
                    "only rules that share the chance of a false undo have one",
                    "Its part of the allowed chance of a false undo, against the other weights."),
                key(
                    "margin", \.takesMargin, .ratio(example: "5%"), "only rules with a tolerance of their own have one",
                    "How much worse than the baseline is tolerated."),
                key(
                    "dryRun", \.takesDryRun, .toggle, "only rules that undo or hold have one",
                    "Judged and shown, not acted on; default off."),
            ]), name.summary)
    }

    private static let metric = ServiceFileValue.mapping(
        [
            ServiceFileKey(
                "kind", .choice(MetricSpecification.Kind.allCases.map(\.rawValue)), required: true,
                "A count only rises (orders), a gauge is a level (memory)."),
            ServiceFileKey(
                "source", .choice(MetricSpecification.Source.allCases.map(\.rawValue)),
                "Default prometheus when judge.prometheus is written, else instances."),
            ServiceFileKey(
                "query", .text(.query), required: true,
                "PromQL with {{release}} or {{commit}} for prometheus; a metric's name and labels for instances."),
            ServiceFileKey("path", .text(.requestPath), "Where instances show their metrics; default /metrics."),
            ServiceFileKey(
                "every", .duration(.seconds(1)...(.seconds(3600))), "Time between two questions; default 10s."),
            ServiceFileKey(
                "worse", .choice(MetricSpecification.Worse.allCases.map(\.rawValue)),
                "Which way a gauge gets worse; default higher."),
            ServiceFileKey(
                "margin", .ratio(example: "5%"),
                "How much worse than the baseline is tolerated; default 2% for counts, 25% for gauges."),
        ],
        [
            .only(
                "worse", when: "kind", is: MetricSpecification.Kind.gauge.rawValue,
                why: "no 'worse': of counted events, fewer are always worse"),
            .only(
                "path", when: "source", is: MetricSpecification.Source.instances.rawValue,
                why: "no 'path': only instances are asked at a path"),
            .form(of: "query", .promQL, when: "source", is: MetricSpecification.Source.prometheus.rawValue),
            .form(of: "query", .metricSelector, when: "source", is: MetricSpecification.Source.instances.rawValue),
        ])

    private static let prometheus = ServiceFileValue.mapping(
        [
            ServiceFileKey("url", .text(.serverURL), required: true, "Its address, without /api/v1."),
            ServiceFileKey(
                "timeout", .duration(.milliseconds(100)...(.seconds(60))), "Longest wait for one answer; default 5s."),
            ServiceFileKey("retries", .integer(0...10), "Tries after the first; default 2."),
            ServiceFileKey(
                "bearerTokenFile", .text(.absolutePath), "File with a bearer token, on the control plane's machine."),
            ServiceFileKey("username", .text(.userName), "For basic authentication."),
            ServiceFileKey(
                "passwordFile", .text(.absolutePath), "File with the user's password, on the control plane's machine."),
        ],
        [
            .together("username", "passwordFile"),
            .apart(
                "bearerTokenFile", from: ["username", "passwordFile"],
                why: "either a bearer token, or a user name with its password"),
        ])
}

extension JudgeRuleName {
    fileprivate var summary: String {
        switch self {
        case .errorsUndo: "Undo when errors are more than the baseline's."
        case .errorsPromote: "Promote only when errors are shown to be no more than tolerated."
        case .latencyUndo: "Undo when answers are slower than the baseline's."
        case .latencyPromote: "Promote only when answers are shown to be no slower than tolerated."
        case .countsUndo: "Undo when counts of judge.metrics, such as orders, drop."
        case .slo: "Undo when the service level objective is surely missed."
        case .hardStop: "Undo when the rollout's error budget is used up; no statistics."
        case .deadOnArrival: "Undo when every request fails from the first on (at least 5)."
        case .burnRate: "Undo when the error budget burns too fast."
        case .gauges: "Undo when gauges of judge.metrics, such as memory, are worse."
        case .noData: "Undo when the candidate is silent or its metrics cannot be read."
        case .split: "Hold when the candidate does not get the share it was assigned."
        }
    }
}
