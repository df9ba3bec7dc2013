import DeliveryModel
import Testing

private func problems(_ text: String) -> [ServiceFileProblem] {
    do {
        _ = try JudgeFile(parsing: text, file: "judge.yaml")
        return []
    } catch {
        return error.problems
    }
}

private func server(_ text: String) -> String { "prometheus: { \(text) }" }

/// What a person is told about a mistake in `judge`.
@Suite struct ServiceFileJudgeWordsTests {
    @Test(arguments: [
        ("url: 'ftp://h'", "url"), ("url: ''", "url"), ("url: 'http://'", "url"), ("url: 'http:///x'", "url"),
        ("url: 'http://a b'", "url"), ("url: 'http://h:0'", "url"), ("url: 'http://h:65536'", "url"),
        ("url: 'http://h:x'", "url"), ("url: 'http://[::1'", "url"), ("url: 'http://[x]:1'", "url"),
        ("url: 'http://u:p@h'", "url"), ("url: 'http://h?x=1'", "url"), ("url: 'http://h/#x'", "url"),
        ("url: 'http://h/api/v1/'", "url"), ("url: [http://h]", "url"), ("timeout: 5s", "url"),
        ("url: 'http://h', timeout: 99ms", "timeout"), ("url: 'http://h', timeout: 61s", "timeout"),
        ("url: 'http://h', retries: 11", "retries"), ("url: 'http://h', retries: -1", "retries"),
        ("url: 'http://h', bearerTokenFile: token", "bearerTokenFile"),
        ("url: 'http://h', bearerTokenFile: ~/token", "bearerTokenFile"),
        ("url: 'http://h', bearerTokenFile: /etc/", "bearerTokenFile"),
        ("url: 'http://h', username: x", "passwordFile"), ("url: 'http://h', passwordFile: /p", "username"),
        ("url: 'http://h', username: 'a:b', passwordFile: /p", "username"),
        ("url: 'http://h', username: x, passwordFile: p", "passwordFile"),
        ("url: 'http://h', bearerTokenFile: /t, username: x, passwordFile: /p", "bearerTokenFile"),
        ("url: 'http://h', password: x", "password"),
    ])
    func mistakesInTheServer(text: String, key: String) {
        #expect(problems(server(text)).map(\.key) == ["prometheus.\(key)"])
    }

    @Test(arguments: [
        "http://h", "https://prometheus.example.com:9090", "http://[::1]:9090", "http://10.0.0.1/prom/x", "http://h:1/",
    ])
    func addressesOfServers(url: String) throws {
        let read = try JudgeFile(parsing: server("url: \"\(url)\""), file: "f").judge.prometheus
        #expect(read?.url == (url.hasSuffix("/") ? String(url.dropLast()) : url))
    }

    @Test func secretsInAnAddressAreNotRepeated() throws {
        let found = try #require(problems(server("url: 'http://root:hunter2@h'")).first)
        #expect(!found.description.contains("hunter2") && found.expected.contains("passwordFile"))
    }

    @Test(arguments: [
        ("alpha: 1%", "0.01"), ("rules: { latency_undo: off }", "latency-undo"), ("rules: { slo: no }", "off"),
        ("rules: { slo: 'yes' }", "on"), ("rules: { gauge: off }", "gauges"),
        ("rules: { gauges: { dryrun: on } }", "dryRun"), ("metrics: { m: { kind: gauges, query: x } }", "gauge"),
        (server("url: 'h:9090'"), "http://h:9090"), (server("url: 'http://h/api/v1'"), "http://h"),
        (server("url: 'http://h/?x'"), "http://h/"),
        ("metrics: { m: { kind: gauge, query: \"x{a='b'}\" } }", "x{a=\"b\"}"),
        ("metrics: { m: { kind: gauge, query: 'x{a=\"{{relase}}\"}' } }", "{{release}}"),
        (server("url: 'http://h'") + "\nmetrics: { m: { kind: gauge, query: '{{ commit }}' } }", "{{commit}}"),
        ("slo: { availability: 99% }\nrules: {}", "judge.rules"), ("slos: {}", "slo"), ("limits: 1h", "limit"),
    ])
    func suggestionSaysWhatToWrite(text: String, suggestion: String) {
        #expect(problems(text).map(\.suggestion) == [suggestion])
    }

    @Test(arguments: [
        (
            "judge:\n  alpha: 1",
            "judge.yaml:2:10: judge.alpha is '1'; expected a number above 0 and below 1, such as 0.01"
        ),
        (
            "judge:\n  rules:\n    slo: { margin: 5% }",
            "judge.yaml:3:12: judge.rules.slo.margin is written here; expected no margin: only rules with a tolerance "
                + "of their own have one (errors-undo, latency-undo, latency-promote, counts-undo, gauges)"
        ),
        (
            "metrics:\n  m: { kind: gauge, query: 'x{{release}}', source: prometheus }",
            "judge.yaml:2:52: metrics.m.source is 'prometheus'; expected prometheus to be written beside metrics, "
                + "or another source"
        ),
        (
            "judge:\n  metrics:\n    m: { kind: count, query: x, worse: higher }",
            "judge.yaml:3:33: judge.metrics.m.worse is written for kind count; expected no 'worse': of counted events, "
                + "fewer are always worse"
        ),
        (
            "prometheus: { url: 'http://h' }\nmetrics:\n  m: { kind: count, query: sum(orders) }",
            "judge.yaml:3:28: metrics.m.query is a query that names no release; expected {{release}} or {{commit}} in "
                + "it: else both releases would be asked the same question"
        ),
        (
            "metrics:\n  m: { kind: count, query: sum(orders) }",
            "judge.yaml:2:28: metrics.m.query is 'sum(orders)'; expected a metric's name, with label matchers if need "
                + "be, such as orders_total{status=\"paid\"}; functions, ranges and sums need source: prometheus"
        ),
        (
            "metrics:\n  m: { kind: count, query: 'x{a=~\"(\"}' }",
            "judge.yaml:2:28: metrics.m.query is '(' for a; expected a valid regular expression"
        ),
        (
            "metrics:\n  m: { kind: count, query: 'x{a=\"{{stage}}\"}' }",
            "judge.yaml:2:28: metrics.m.query is a query with the unknown placeholder {{stage}}; expected one of "
                + "{{release}}, {{commit}}, {{service}}"
        ),
        (
            "prometheus:\n  url: http://h\n  username: x",
            "judge.yaml:3:3: missing key 'passwordFile' in prometheus; expected it beside 'username': both are needed, "
                + "or neither"
        ),
    ])
    func mistakesAreToldInFull(text: String, message: String) {
        #expect(problems(text).map(\.description) == [message])
    }

    @Test func allMistakesAreReportedAtOnce() {
        let found = problems(
            """
            judge:
              alpha: 2
              rules: { slow: off, split: { weight: 1 } }
              metrics:
                Bad: { kind: count, query: x, every: 0s }
                m: { kind: count, query: rate(x), worse: up, source: prometheus }
              prometheus: { url: h, username: x }
            """)
        #expect(
            found.map(\.key) == [
                "judge.alpha", "judge.rules.slow", "judge.rules.split.weight", "judge.metrics",
                "judge.metrics.Bad.query",
                "judge.metrics.Bad.every",
                "judge.metrics.m.query", "judge.metrics.m.worse", "judge.metrics.m.worse", "judge.prometheus.url",
                "judge.prometheus.passwordFile",
            ])
    }
}
