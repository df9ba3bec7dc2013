extension JudgeSpecification {
    /// - Parameter tree: what stands under `judge`, read by the table of keys without a problem.
    init(_ tree: ServiceFileTree) {
        self.init()
        limit = tree.duration("limit") ?? limit
        onInconclusive = tree.text("onInconclusive").flatMap(InconclusivePolicy.init(rawValue:)) ?? onInconclusive
        dispersion = tree.number("dispersion")
        alpha = tree.number("alpha") ?? alpha
        beta = tree.number("beta") ?? beta
        for (name, rule) in tree.mapping("rules") ?? [:] {
            JudgeRuleName(rawValue: name).map { rules[$0] = RuleSpecification(rule) }
        }
        prometheus = tree["prometheus"].flatMap(PrometheusSpecification.init(_:))
        let source = MetricSpecification.Source.implied(hasPrometheus: prometheus != nil)
        metrics = (tree.mapping("metrics") ?? [:]).compactMapValues { MetricSpecification($0, source: source) }
    }
}

extension RuleSpecification {
    init(_ tree: ServiceFileTree) {
        self.init()
        if case .flag(let written) = tree { isOn = written }
        weight = tree.number("weight")
        margin = tree.number("margin")
        dryRun = tree.flag("dryRun") ?? dryRun
    }
}

extension MetricSpecification {
    /// - Parameter source: for a metric that names none.
    init?(_ tree: ServiceFileTree, source: Source) {
        guard let kind = tree.text("kind").flatMap(Kind.init(rawValue:)), let query = tree.text("query") else {
            return nil
        }
        self.init(kind: kind, source: tree.text("source").flatMap(Source.init(rawValue:)) ?? source, query: query)
        path = tree.text("path") ?? path
        every = tree.duration("every") ?? every
        worse = tree.text("worse").flatMap(Worse.init(rawValue:)) ?? worse
        margin = tree.number("margin")
    }
}

extension PrometheusSpecification {
    init?(_ tree: ServiceFileTree) {
        guard let url = tree.text("url") else { return nil }
        self.init(url: url)
        timeout = tree.duration("timeout") ?? timeout
        retries = tree.integer("retries") ?? retries
        bearerTokenFile = tree.text("bearerTokenFile")
        username = tree.text("username")
        passwordFile = tree.text("passwordFile")
    }
}
