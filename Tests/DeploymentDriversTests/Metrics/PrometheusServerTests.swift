import DeliveryModel
import Foundation
import NIOCore
import Testing

@testable import DeploymentDrivers

/// How a Prometheus server that misbehaves is dealt with.
@Suite(.timeLimit(.minutes(5)))
struct PrometheusServerTests {
    static let seven =
        #"{"status":"success","warnings":["w"],"new":1,"data":{"resultType":"vector","result":"#
        + #"[{"metric":{},"value":[1.7e9,"7"]}]}}"#

    private func ask(
        retries: Int = 0, timeout: Duration = .seconds(5),
        _ answer: @escaping @Sendable (MetricsServer.Request, Int) -> MetricsServer.Answer,
        body: (MetricFixture, MetricsServer, PrometheusSpecification) async throws -> Void
    ) async throws {
        try await MetricsServer.with(answer) { server in
            try await MetricFixture.run { fixture in
                let specification = PrometheusSpecification(
                    url: "http://127.0.0.1:\(server.port)/prometheus/", timeout: timeout, retries: retries)
                try await body(fixture, server, specification)
            }
        }
    }

    @Test func theQuestionIsAForm() async throws {
        try await ask({ _, _ in .text(Self.seven) }) { fixture, server, specification in
            try await fixture.expectTotal(7, #"sum(a{b="{{release}}"} + 1)"#, specification)
            let request = try #require(server.asked.first)
            #expect(request.path == "/prometheus/api/v1/query")
            #expect(request["authorization"] == nil)
            let release = "sha256%3A\(MetricFixture.release)"
            #expect(request.body == "query=sum%28a%7Bb%3D%22\(release)%22%7D%20%2B%201%29&timeout=5000ms")
        }
    }

    @Test func twoFailuresAreRetried() async throws {
        try await ask(
            retries: 2, { _, number in number < 3 ? .text("busy", status: 503) : .text(Self.seven) }
        ) { fixture, server, specification in
            try await fixture.expectTotal(7, "x", specification)
            #expect(server.asked.count == 3)
            #expect(fixture.clock.waits == [.milliseconds(100), .milliseconds(200)])
        }
    }

    @Test(arguments: [
        (503, "answered 503", 3), (500, "answered 500", 3), (429, "answered 429", 3), (404, "answered 404", 1),
        (400, "answered 400", 1), (422, "answered 422", 1), (401, "asks for credentials", 1),
    ])
    func onlyWhatMayPassIsRetried(_ status: Int, _ words: String, _ tries: Int) async throws {
        try await ask(retries: 2, { _, _ in .text("<h1>no</h1>", status: status) }) { fixture, server, specification in
            await MetricFixture.expectError(words) { try await fixture.total("x", specification) }
            #expect(server.asked.count == tries)
        }
    }

    @Test func theServersReasonIsPassedOn() async throws {
        let body = #"{"status":"error","errorType":"timeout","error":"query timed out in\n expression"}"#
        try await ask(retries: 1, { _, _ in .text(body, status: 503) }) { fixture, server, specification in
            await MetricFixture.expectError(
                "answered 503: timeout: query timed out in expression (tried 2 times)", "127.0.0.1:\(server.port)"
            ) { try await fixture.total("x", specification) }
        }
    }

    @Test(arguments: [
        ("", "an empty body"), ("<html>\n login</html>", "no JSON of Prometheus: <html> login</html>"),
        (#"{"status":"success"}"#, "without data"),
        (#"{"status":"success","data":{"resultType":"vector","result":[]}}"#, "returned nothing"),
        (
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}}"#,
            "expected one number from x, found 0"
        ),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1,"seven"]}}"#, "'seven' is not a number"),
        (#"{"status":"error","errorType":"bad_data","error":"no"}"#, "bad_data: no"),
    ])
    func anAnswerWithoutANumberIsSaid(_ body: String, _ words: String) async throws {
        try await ask({ _, _ in .text(body) }) { fixture, _, specification in
            await MetricFixture.expectError(words) { try await fixture.total("x", specification) }
        }
    }

    @Test(arguments: [true, false])
    func aServerThatNeverAnswersIsGivenUp(_ begins: Bool) async throws {
        // Long enough that each try gets to the server even when the machine is busy.
        try await ask(retries: 1, timeout: .seconds(2), { _, _ in begins ? .stall : .silence }) {
            fixture, server, specification in
            await MetricFixture.expectError("no whole answer within 2.0 seconds (tried 2 times)") {
                try await fixture.total("x", specification)
            }
            #expect(server.asked.count == 2)
        }
    }

    @Test func oneLimitIsForHeadAndBodyTogether() async throws {
        let answer = MetricsServer.Answer.late(.stall, by: .seconds(4))
        try await ask(timeout: .seconds(5), { _, _ in answer }) { fixture, _, specification in
            let taken = await ContinuousClock().measure {
                await MetricFixture.expectError("no whole answer within 5.0 seconds") {
                    try await fixture.total("x", specification)
                }
            }
            // With a limit for each it would be 9 s.
            #expect(taken < .seconds(8))
        }
    }

    @Test func aClosedPortIsSaid() async throws {
        try await ask({ _, _ in .silence }) { fixture, server, specification in
            await server.stop()
            var again = specification
            again.retries = 1
            let closed = again
            await MetricFixture.expectError("no connection", "refused", "(tried 2 times)") {
                try await fixture.total("x", closed)
            }
        }
    }

    @Test func aHugeAnswerIsNotRead() async throws {
        let huge = String(repeating: "x", count: PrometheusServer.bodyLimit + 1)
        try await ask(retries: 3, { _, _ in .text(huge) }) { fixture, server, specification in
            await MetricFixture.expectError("larger than 4194304 bytes") { try await fixture.total("x", specification) }
            #expect(server.asked.count == 1)
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        try await ask(
            { request, _ in
                request.path == "/elsewhere"
                    ? .text(Self.seven) : .text("", status: 307, headers: [("location", "/elsewhere")])
            }
        ) { fixture, server, specification in
            await MetricFixture.expectError("answered 307", "/elsewhere") {
                try await fixture.total("x", specification)
            }
            #expect(server.asked.count == 1)
        }
    }

    @Test(arguments: [
        ("ftp://a", "must begin with http"), ("a:9090", "must begin with http"),
        ("http://me:word@host", "must not contain a user name"), ("http://host/?a=b", "before any '?'"),
    ])
    func aBadAddressIsSaid(_ url: String, _ words: String) async throws {
        try await MetricFixture.run { fixture in
            await MetricFixture.expectError(words, without: ["word@"]) {
                try await fixture.total("x", PrometheusSpecification(url: url))
            }
        }
    }

    @Test func withoutAServerNothingIsAsked() async throws {
        try await MetricFixture.run { fixture in
            await MetricFixture.expectError("judge.prometheus.url") {
                try await fixture.reader.total(
                    MetricSpecification(kind: .count, source: .prometheus, query: "x"), of: try MetricFixture.subject())
            }
        }
    }

    @Test func cancellationIsNoMetricError() async throws {
        try await ask(timeout: .seconds(60), { _, _ in .silence }) { fixture, server, specification in
            let reader = fixture.reader
            let task = Task {
                try await reader.total(
                    MetricSpecification(kind: .count, source: .prometheus, query: "x"),
                    of: try MetricFixture.subject(prometheus: specification))
            }
            let deadline = ContinuousClock.now + .seconds(60)
            while server.asked.isEmpty, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test(arguments: [
        (0.0, Duration.seconds(1), Duration.seconds(1)), (199, .seconds(1), .seconds(1)),
        (200, .seconds(1), .milliseconds(1006)), (10, .zero, .milliseconds(51)), (0, .zero, .milliseconds(1)),
    ])
    func stepsGrowWithTheRange(_ seconds: Double, _ every: Duration, _ step: Duration) {
        let from = Timestamp(secondsSinceEpoch: 1000)
        #expect(PrometheusServer.step(from: from, to: from + .seconds(seconds), every: every) == step)
    }
}
