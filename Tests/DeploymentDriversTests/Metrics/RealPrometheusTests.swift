import DeliveryModel
import DeploymentDrivers
import Testing

/// Questions to Debian's Prometheus.
@Suite(.realPrometheus, .timeLimit(.minutes(5)))
struct RealPrometheusTests {
    private func server() throws -> PrometheusSpecification { try #require(RealPrometheus.current).specification }

    @Test(arguments: [
        (#"sum(orders_total{release="{{release}}"})"#, 48),
        (#"orders_total{release='{{release}}',status="paid"}"#, 41),
        ("scalar(sum(orders_total))", 1048),
        ("1e3", 1000),
    ])
    func aTotalIsOneNumber(_ query: String, _ expected: Double) async throws {
        let server = try server()
        try await MetricFixture.run { fixture in
            try await fixture.expectTotal(expected, query, server)
        }
    }

    @Test func whatIsFilledInEndsNoString() async throws {
        let server = try server()
        let query = #"count(orders_total{status!="{{commit}}"}) + count(orders_total{status!='{{commit}}'})"#
        try await MetricFixture.run { fixture in
            let total = try await fixture.reader.total(
                MetricSpecification(kind: .count, source: .prometheus, query: query),
                of: try MetricFixture.subject(prometheus: server, commit: #"paid"} or 'x' \ "#))
            #expect(total == 6)
        }
    }

    @Test(arguments: [
        ("sum(orders_total", ["answered 400", "bad_data", "parse error"]),
        ("nothing_total", ["nothing_total returned nothing"]),
        ("orders_total", ["returned 3 series", "sum(), avg() or max()"]),
        ("broken", ["expected a finite number", "nan"]),
        ("1 / vector(0)", ["expected a finite number", "inf"]),
        ("0 - sum(orders_total)", ["expected a count of 0 or more", "-1048"]),
        ("orders_total[5m]", ["series"]),
        (#""words""#, ["a string is not a number"]),
        (#"label_replace(up, "x", "$1", "job", "(")"#, ["answered 422", "execution", "invalid regular expression"]),
    ])
    func whatIsNoNumberIsSaid(_ query: String, _ words: [String]) async throws {
        let server = try server()
        try await MetricFixture.run { fixture in
            for word in words { await MetricFixture.expectError(word) { try await fixture.total(query, server) } }
            #expect(fixture.clock.waits.isEmpty, "a bad query was sent again")
        }
    }

    struct Range: Sendable {
        var query: String
        var seconds: Int
        var every: Duration
        var count: Int
    }

    @Test(arguments: [
        Range(query: "vector(3)", seconds: 10, every: .seconds(1), count: 11),
        Range(query: "3", seconds: 10, every: .seconds(5), count: 3),
        Range(query: "vector(3)", seconds: 0, every: .seconds(1), count: 1),
        // Every second one is infinite.
        Range(query: "0 * vector(time()) + 3 / (vector(time()) % 2)", seconds: 9, every: .seconds(1), count: 5),
        // A week in 199 steps, each rounded up to milliseconds.
        Range(query: "vector(3)", seconds: 604_800, every: .seconds(1), count: 199),
        Range(query: "vector(3)", seconds: 398, every: .seconds(1), count: 200),
    ])
    func aRangeHasAPointForEachStep(_ range: Range) async throws {
        let server = try server()
        try await MetricFixture.run { fixture in
            let from = Timestamp(secondsSinceEpoch: 1_700_000_000)
            let samples = try await fixture.reader.samples(
                MetricSpecification(kind: .gauge, source: .prometheus, query: range.query, every: range.every),
                of: try MetricFixture.subject(prometheus: server), from: from, to: from + .seconds(range.seconds))
            #expect(samples == Array(repeating: 3, count: range.count))
        }
    }

    @Test func scrapedSamplesComeBack() async throws {
        let server = try server()
        try await MetricFixture.run { fixture in
            let query = #"max(memory_bytes{release="{{release}}"})"#
            let now = Timestamp(secondsSinceEpoch: try await fixture.total("time()", server))
            let samples = try await fixture.reader.samples(
                MetricSpecification(kind: .gauge, source: .prometheus, query: query, every: .seconds(1)),
                of: try MetricFixture.subject(prometheus: server), from: now + .seconds(-60), to: now)
            #expect((1...61).contains(samples.count))
            #expect(Set(samples) == [2.5e8])
        }
    }

    @Test(arguments: [
        ("nothing_total", "returned nothing"), ("orders_total", "returned 3 series"),
        ("vector(1) / 0", "expected finite numbers"), ("(", "bad_data"),
    ])
    func aRangeWithoutSamplesIsSaid(_ query: String, _ words: String) async throws {
        let server = try server()
        try await MetricFixture.run { fixture in
            let now = Timestamp(secondsSinceEpoch: try await fixture.total("time()", server))
            await MetricFixture.expectError(words) {
                try await fixture.reader.samples(
                    MetricSpecification(kind: .gauge, source: .prometheus, query: query),
                    of: try MetricFixture.subject(prometheus: server), from: now + .seconds(-10), to: now)
            }
        }
    }

    @Test func aWrongPasswordIsSaidWithoutIt() async throws {
        var server = try server()
        try await MetricFixture.run { fixture in
            let path = try fixture.write("guess-4711\n")
            server.passwordFile = path
            let wrong = server
            await MetricFixture.expectError("answered 401", "refused", path, without: ["guess-4711"]) {
                try await fixture.total("1", wrong)
            }
            await MetricFixture.expectError("answered 401", "asks for credentials") {
                try await fixture.total("1", PrometheusSpecification(url: wrong.url))
            }
        }
    }
}
