import DeliveryModel
import Testing

private let head = "service: shop\nrun:\n  command: [\"./shop\"]\n"

private func judge(_ text: String) throws(ServiceFileError) -> JudgeSpecification {
    try ServiceFileParser.parse(Array((head + text).utf8), file: "nonevent.yaml").judge
}

/// Of a file whose line 4 is `judge:` with `text` after it.
private func problems(_ text: String) -> [ServiceFileProblem] {
    do {
        _ = try judge("judge: " + text)
        return []
    } catch {
        return error.problems
    }
}

/// A metric called `m` in a file with and without a Prometheus server.
private func metric(_ text: String) -> String { "{ metrics: { m: { \(text) } } }" }
private func asked(_ text: String) -> String {
    "{ prometheus: { url: 'http://h' }, metrics: { m: { \(text) } } }"
}

@Suite struct ServiceFileJudgeTests {
    @Test func wholeSectionIsRead() throws {
        let read = try judge(
            """
            judge:
              limit: 2h
              onInconclusive: promote
              dispersion: 2
              alpha: 0.001
              beta: 0.1
              rules:
                latency-undo: { margin: 5%, weight: 0.4, dryRun: true }
                counts-undo: off
                slo: on
                hard-stop: false
                gauges: { margin: 12.5%, dryRun: off }
                split: {}
              metrics:
                orders: { kind: count, query: 'sum(orders_total{release="{{release}}"})', margin: 3% }
                memory:
                  kind: gauge
                  source: instances
                  query: process_resident_memory_bytes
                  path: /internal/metrics?all=1
                  every: 1m
                  worse: lower
              prometheus:
                url: "http://127.0.0.1:9090/prometheus/"
                timeout: 500ms
                retries: 0
                username: nonevent
                passwordFile: /etc/nonevent/prometheus.password
            """)
        let orders = MetricSpecification(
            kind: .count, source: .prometheus, query: "sum(orders_total{release=\"{{release}}\"})", margin: 0.03)
        let memory = MetricSpecification(
            kind: .gauge, source: .instances, query: "process_resident_memory_bytes", path: "/internal/metrics?all=1",
            every: .seconds(60), worse: .lower)
        let expected = JudgeSpecification(
            limit: .seconds(7200), onInconclusive: .promote, dispersion: 2, alpha: 0.001, beta: 0.1,
            rules: [
                .latencyUndo: RuleSpecification(weight: 0.4, margin: 0.05, dryRun: true),
                .countsUndo: RuleSpecification(isOn: false), .slo: RuleSpecification(),
                .hardStop: RuleSpecification(isOn: false), .gauges: RuleSpecification(margin: 0.125),
                .split: RuleSpecification(),
            ],
            metrics: ["orders": orders, "memory": memory],
            prometheus: PrometheusSpecification(
                url: "http://127.0.0.1:9090/prometheus", timeout: .milliseconds(500), retries: 0, username: "nonevent",
                passwordFile: "/etc/nonevent/prometheus.password"))
        #expect(read == expected)
    }

    @Test(arguments: ["", "judge: {}", "judge: { rules: {}, metrics: {} }"])
    func nothingNeedsToBeWritten(text: String) throws {
        #expect(try judge(text) == JudgeSpecification())
    }

    @Test func serverAndMetricHaveDefaults() throws {
        let read = try judge("judge: " + asked("kind: gauge, query: '{{commit}}'"))
        #expect(read.prometheus == PrometheusSpecification(url: "http://h"))
        #expect(read.metrics["m"]?.source == .prometheus && read.metrics["m"]?.every == .seconds(10))
        let scraped = try judge("judge: " + metric("kind: count, query: orders_total"))
        #expect(scraped.metrics == ["m": MetricSpecification(kind: .count, source: .instances, query: "orders_total")])
    }

    @Test(arguments: ["on", "true", "True", "'on'"], ["off", "false", "FALSE", "\"off\""])
    func rulesTurnOnAndOff(on: String, off: String) throws {
        let read = try judge("judge: { rules: { slo: \(on), gauges: \(off), split: { dryRun: \(on) } } }")
        #expect(read.rules[.slo]?.isOn == true && read.rules[.gauges]?.isOn == false)
        #expect(read.rules[.split] == RuleSpecification(dryRun: true))
    }

    @Test(arguments: [
        ("{ alpha: 0 }", "judge.alpha"), ("{ alpha: 1 }", "judge.alpha"), ("{ alpha: 1.0 }", "judge.alpha"),
        ("{ alpha: -0.1 }", "judge.alpha"), ("{ alpha: .nan }", "judge.alpha"), ("{ alpha: nan }", "judge.alpha"),
        ("{ alpha: 0x1p-3 }", "judge.alpha"), ("{ alpha: '0.1' }", "judge.alpha"), ("{ beta: 0 }", "judge.beta"),
        ("{ beta: 1 }", "judge.beta"), ("{ beta: }", "judge.beta"), ("{ rules: [slo] }", "judge.rules"),
        ("{ rules: { slow: off } }", "judge.rules.slow"), ("{ rules: { slo: maybe } }", "judge.rules.slo"),
        ("{ rules: { slo: [off] } }", "judge.rules.slo"), ("{ rules: { slo: } }", "judge.rules.slo"),
        ("{ rules: { slo: 'true' } }", "judge.rules.slo"), ("{ rules: { slo: { on: false } } }", "judge.rules.slo.on"),
        ("{ rules: { gauges: { dryRun: maybe } } }", "judge.rules.gauges.dryRun"),
        ("{ rules: { errors-undo: { weight: 0 } } }", "judge.rules.errors-undo.weight"),
        ("{ rules: { errors-undo: { weight: 1.1 } } }", "judge.rules.errors-undo.weight"),
        ("{ rules: { latency-undo: { margin: 0% } } }", "judge.rules.latency-undo.margin"),
        ("{ rules: { latency-undo: { margin: 100% } } }", "judge.rules.latency-undo.margin"),
        ("{ rules: { latency-undo: { margin: 0.05 } } }", "judge.rules.latency-undo.margin"),
    ])
    func mistakesInRules(text: String, key: String) {
        #expect(problems(text).map(\.key) == [key])
    }

    @Test(arguments: JudgeRuleName.allCases)
    func whatARuleDoesNotKnowIsRefused(rule: JudgeRuleName) {
        let margins: [JudgeRuleName] = [.errorsUndo, .latencyUndo, .latencyPromote, .countsUndo, .gauges]
        let weights: [JudgeRuleName] = [.errorsUndo, .latencyUndo, .countsUndo]
        let dryRuns = JudgeRuleName.allCases.filter { ![.errorsPromote, .latencyPromote].contains($0) }
        for (key, value, rules) in [("margin", "5%", margins), ("weight", "0.5", weights), ("dryRun", "on", dryRuns)] {
            let found = problems("{ rules: { \(rule.rawValue): { \(key): \(value) } } }")
            #expect(found.isEmpty == rules.contains(rule), "\(rule.rawValue).\(key)")
            #expect(found.allSatisfy { $0.key == "judge.rules.\(rule.rawValue).\(key)" && $0.line == 4 })
            #expect(found.allSatisfy { $0.expected.hasPrefix("no \(key): only rules ") })
        }
    }

    @Test(arguments: [
        (metric("query: x"), "judge.metrics.m.kind"), (metric("kind: count"), "judge.metrics.m.query"),
        (metric("kind: counter, query: x"), "judge.metrics.m.kind"),
        (metric("kind: count, query: ''"), "judge.metrics.m.query"),
        (metric("kind: count, query: x, worse: lower"), "judge.metrics.m.worse"),
        (metric("kind: gauge, query: x, worse: up"), "judge.metrics.m.worse"),
        (metric("kind: gauge, query: x, every: 500ms"), "judge.metrics.m.every"),
        (metric("kind: gauge, query: x, every: 2h"), "judge.metrics.m.every"),
        (metric("kind: gauge, query: x, path: metrics"), "judge.metrics.m.path"),
        (metric("kind: gauge, query: x, margin: 0"), "judge.metrics.m.margin"),
        (metric("kind: gauge, query: 'x{{release}}', source: prometheus"), "judge.metrics.m.source"),
        (asked("kind: gauge, query: '{{release}}', path: /m"), "judge.metrics.m.path"),
        (asked("kind: gauge, query: x"), "judge.metrics.m.query"),
        (asked("kind: gauge, query: '{{service}}'"), "judge.metrics.m.query"),
        (asked("kind: gauge, query: '{{release}} {{x}}'"), "judge.metrics.m.query"),
        (asked("kind: gauge, query: '{{release}} {{'"), "judge.metrics.m.query"),
        (asked("kind: gauge, source: instances, query: 'rate(x[5m])'"), "judge.metrics.m.query"),
        ("{ metrics: { Orders: { kind: count, query: x } } }", "judge.metrics"),
        ("{ metrics: { 'a b': { kind: count, query: x } } }", "judge.metrics"),
        ("{ metrics: { '': { kind: count, query: x } } }", "judge.metrics"), ("{ metrics: [m] }", "judge.metrics"),
        ("{ metrics: { m: orders_total } }", "judge.metrics.m"),
    ])
    func mistakesInMetrics(text: String, key: String) {
        #expect(problems(text).map(\.key) == [key])
    }

    @Test func metricsAreCountedAndTheirQueriesMeasured() throws {
        func many(_ count: Int) -> String {
            "{ metrics: { " + (1...count).map { "m\($0): { kind: count, query: x }" }.joined(separator: ", ") + " } }"
        }
        #expect(problems(many(20)).isEmpty)
        #expect(problems(many(21)).map(\.found) == ["21 metrics"])
        let long = String(repeating: "x", count: ServiceFileLimits.queryBytes)
        #expect(problems(metric("kind: count, query: \(long)")).isEmpty)
        #expect(problems(metric("kind: count, query: \(long)x")).map(\.found) == ["a query of 4097 bytes"])
        let name = String(repeating: "n", count: 63)
        #expect(problems("{ metrics: { \(name): { kind: count, query: x } } }").isEmpty)
        #expect(problems("{ metrics: { \(name)n: { kind: count, query: x } } }").count == 1)
    }
}
