import DeliveryModel
import NIOCore
import Synchronization
import Testing

@testable import DeploymentDrivers

/// Instances that are asked themselves.
@Suite(.timeLimit(.minutes(5)))
struct InstanceScrapeTests {
    private static func page(_ paid: Int, _ open: Int = 1) -> String {
        """
        # TYPE orders_total counter
        orders_total{status="paid",currency="eur"} \(paid)
        orders_total{status="paid",currency="usd"} 100
        orders_total{status="open",currency="eur"} \(open)
        memory_bytes 5e6

        """
    }

    private func two(
        _ first: @escaping @Sendable (MetricsServer.Request, Int) -> MetricsServer.Answer,
        _ second: @escaping @Sendable (MetricsServer.Request, Int) -> MetricsServer.Answer,
        body: (MetricFixture, MetricsServer, MetricsServer) async throws -> Void
    ) async throws {
        try await MetricsServer.with(first) { one in
            try await MetricsServer.with(second) { other in
                try await MetricFixture.run { try await body($0, one, other) }
            }
        }
    }

    @Test func aTotalIsTheSumOverAllInstances() async throws {
        try await two({ _, _ in .text(Self.page(3)) }, { _, _ in .text(Self.page(4)) }) { fixture, one, other in
            let ports = [one.port, other.port]
            try await fixture.expectTotal(207, #"orders_total{status="paid"}"#, ports: ports)
            try await fixture.expectTotal(209, "orders_total", ports: ports)
            #expect(try await fixture.samples(#"orders_total{currency=~"eur|gbp"}"#, ports: ports) == [4, 5])
            #expect(try await fixture.samples("memory_bytes", ports: ports) == [5e6, 5e6])
            let request = try #require(one.asked.first)
            #expect(request.path == "/metrics")
            #expect(request["accept"] == "text/plain;version=0.0.4")
        }
    }

    @Test func fewInstancesAreAskedAtTheSameTime() async throws {
        let wait = TimeAmount.milliseconds(200)
        try await MetricsServer.with({ _, number in .late(.text("memory_bytes \(number)\n"), by: wait) }) { server in
            try await MetricFixture.run { fixture in
                let ports = [Int](repeating: server.port, count: 2 * InstanceScrape.concurrency)
                let begin = ContinuousClock.now
                let samples = try await fixture.samples("memory_bytes", ports: ports)
                #expect(samples.sorted() == (1...16).map(Double.init))
                #expect(ContinuousClock.now - begin >= .milliseconds(400))
            }
        }
    }

    @Test func aRestartedCounterGoesOn() async throws {
        let paid = [5, 8, 2, 6]
        try await two(
            { _, number in .text("orders_total \(paid[number - 1])\n") }, { _, _ in .text("orders_total 10\n") }
        ) { fixture, one, other in
            for expected in [15.0, 18, 20, 24] {
                try await fixture.expectTotal(expected, "orders_total", ports: [one.port, other.port])
            }
        }
    }

    @Test func anInstanceThatIsDownIsNamed() async throws {
        try await two({ _, _ in .text(Self.page(3)) }, { _, _ in .silence }) { fixture, one, other in
            await other.stop()
            await MetricFixture.expectError("port \(other.port)", "no connection") {
                try await fixture.total("orders_total", ports: [one.port, other.port])
            }
            try await fixture.expectTotal(104, "orders_total", ports: [one.port])
        }
    }

    @Test func aFailedQuestionLeavesNoTrace() async throws {
        // Were 8 taken in the second question, the third would look like a restart.
        let values = [5, 8, 6]
        try await two(
            { _, number in .text("orders_total \(values[number - 1])\n") },
            { _, number in number == 2 ? .text("", status: 500) : .text("orders_total 1\n") }
        ) { fixture, one, other in
            let ports = [one.port, other.port]
            try await fixture.expectTotal(6, "orders_total", ports: ports)
            await MetricFixture.expectError("port \(other.port)", "expected 200 from GET /metrics, found 500") {
                try await fixture.total("orders_total", ports: ports)
            }
            try await fixture.expectTotal(7, "orders_total", ports: ports)
        }
    }

    struct Bad: Sendable {
        var answer: MetricsServer.Answer
        var words: String
    }

    static let bad = [
        Bad(answer: .text("orders_total{status=\"paid\"} NaN\n"), words: "expected finite numbers, found nan"),
        Bad(answer: .text("orders_total{status=\"paid\"} +Inf\n"), words: "expected finite numbers, found inf"),
        Bad(answer: .text("orders_total{status=\"paid\"} -1\n"), words: "expected a count of 0 or more"),
        Bad(answer: .text("x 1\n<html>\n"), words: "expected Prometheus text: line 2"),
        Bad(
            answer: .text("orders_total{status=\"paid\"} 1\norders_total{status=\"paid\"} 1\n"),
            words: "the same series of orders_total is there twice"),
        Bad(
            answer: .text("orders_total{status=\"paid\"} 1e308\norders_total{status=\"paid\",a=\"\"} 1e308\n"),
            words: "expected a finite sum"),
        Bad(answer: .text("", status: 302, headers: [("location", "/other")]), words: "found 302"),
        Bad(answer: .text("x", status: 404), words: "found 404"),
        Bad(answer: .unframed("orders_total{status=\"paid\"} 1"), words: "was cut off"),
        Bad(answer: .silence, words: "no whole answer within 2.0 seconds"),
        Bad(
            answer: .text(String(repeating: "#", count: ExpositionText.sizeLimit + 1)),
            words: "larger than 8388608 bytes"),
    ]

    @Test(arguments: bad) func anInstanceWithoutANumberIsNamed(_ bad: Bad) async throws {
        try await two({ _, _ in .text(Self.page(3)) }, { _, _ in bad.answer }) { fixture, one, other in
            await MetricFixture.expectError(bad.words, "port \(other.port)") {
                try await fixture.total(#"orders_total{status="paid"}"#, ports: [one.port, other.port])
            }
        }
    }

    /// A counter often appears with its first event.
    @Test(arguments: ["visits 1\n", "orders_total{status=\"open\"} 1\n"])
    func anInstanceThatHasCountedNothingCountsAsNone(_ text: String) async throws {
        try await two({ _, _ in .text(Self.page(3)) }, { _, _ in .text(text) }) { fixture, one, other in
            try await fixture.expectTotal(103, #"orders_total{status="paid"}"#, ports: [one.port, other.port])
        }
    }

    @Test(arguments: [
        ("visits 1\n", "it has no metric orders_total"),
        ("orders_total{status=\"open\"} 1\n", "none of its 1 series of orders_total matches"),
    ])
    func noInstanceWithTheCountIsAnError(_ text: String, _ words: String) async throws {
        try await two({ _, _ in .text(text) }, { _, _ in .text(text) }) { fixture, one, other in
            await MetricFixture.expectError(words, "port \(one.port)") {
                try await fixture.total(#"orders_total{status="paid"}"#, ports: [one.port, other.port])
            }
        }
    }

    @Test func aWholeTextWithoutALengthIsRead() async throws {
        try await MetricsServer.with({ _, _ in .unframed("orders_total 1\n") }) { server in
            try await MetricFixture.run { fixture in
                try await fixture.expectTotal(1, "orders_total", ports: [server.port])
            }
        }
    }

    @Test func noInstanceIsNoZero() async throws {
        try await MetricFixture.run { fixture in
            await MetricFixture.expectError("no instance to ask for orders_total") {
                try await fixture.total("orders_total", ports: [])
            }
            await MetricFixture.expectError("found sum(orders_total): instances know no PromQL") {
                try await fixture.total("sum(orders_total)", ports: [1])
            }
        }
    }
}
