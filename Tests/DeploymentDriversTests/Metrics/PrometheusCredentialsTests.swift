import DeliveryModel
import Foundation
import Testing

@testable import DeploymentDrivers

@Suite(.timeLimit(.minutes(5)))
struct PrometheusCredentialsTests {
    /// A server that wants one token, and tells everybody what it was shown.
    private func guarded(
        _ expected: String, body: (MetricFixture, MetricsServer, PrometheusSpecification) async throws -> Void
    ) async throws {
        try await MetricsServer.with({ request, _ in
            request["authorization"] == expected
                ? .text(PrometheusServerTests.seven)
                : .text("you sent \(request["authorization"] ?? "nothing")", status: 400)
        }) { server in
            try await MetricFixture.run { fixture in
                try await body(fixture, server, PrometheusSpecification(url: "http://127.0.0.1:\(server.port)"))
            }
        }
    }

    @Test func aTokenIsReadAnewForEachQuestion() async throws {
        try await guarded("Bearer second") { fixture, _, specification in
            var specification = specification
            specification.bearerTokenFile = try fixture.write("first\n")
            let shown = specification
            await MetricFixture.expectError("you sent Bearer ***", without: ["first"]) {
                try await fixture.total("x", shown)
            }
            _ = try fixture.write("second\r\n")
            try await fixture.expectTotal(7, "x", shown)
        }
    }

    @Test func aPasswordIsShownWithItsUser() async throws {
        // base64 of "me:a: b "
        try await guarded("Basic bWU6YTogYiA=") { fixture, _, specification in
            var specification = specification
            specification.username = "me"
            specification.passwordFile = try fixture.write("a: b \n")
            try await fixture.expectTotal(7, "x", specification)
        }
    }

    @Test(arguments: [401, 403]) func aRefusedTokenIsSaidWithoutIt(_ status: Int) async throws {
        try await MetricsServer.with({ request, _ in
            .text("bad \(request["authorization"] ?? "")", status: status)
        }) { server in
            try await MetricFixture.run { fixture in
                let path = try fixture.write("t0ken")
                let specification = PrometheusSpecification(
                    url: "http://127.0.0.1:\(server.port)", bearerTokenFile: path)
                await MetricFixture.expectError(
                    "answered \(status): it refused the credentials; check bearerTokenFile \(path)", without: ["t0ken"]
                ) { try await fixture.total("x", specification) }
                #expect(server.asked.count == 1)
            }
        }
    }

    @Test(arguments: [
        ("", "is empty"), ("\n", "is empty"), ("two\nlines", "one line"), ("two words", "without blanks"),
        (String(repeating: "x", count: PrometheusCredentials.sizeLimit + 1), "larger than 65536 bytes"),
    ])
    func aFileWithoutATokenIsNamed(_ text: String, _ words: String) async throws {
        try await guarded("") { fixture, server, specification in
            var specification = specification
            let path = try fixture.write(text)
            specification.bearerTokenFile = path
            let shown = specification
            await MetricFixture.expectError(words, path, without: ["two"]) { try await fixture.total("x", shown) }
            #expect(server.asked.isEmpty)
        }
    }

    @Test func aMissingFileIsNamed() async throws {
        try await guarded("") { fixture, server, specification in
            var specification = specification
            let path = fixture.root + "/nowhere"
            (specification.username, specification.passwordFile) = ("me", path)
            let shown = specification
            await MetricFixture.expectError("cannot read passwordFile", path, "no such file") {
                try await fixture.total("x", shown)
            }
            #expect(server.asked.isEmpty)
        }
    }

    @Test func halfAUserIsSaid() {
        #expect(throws: MetricError("judge.prometheus has username but no passwordFile; write both")) {
            try PrometheusCredentials(PrometheusSpecification(url: "http://a", username: "me"))
        }
        #expect(throws: MetricError("judge.prometheus.username must not contain ':'")) {
            try PrometheusCredentials(
                PrometheusSpecification(url: "http://a", username: "m:e", passwordFile: "/dev/null"))
        }
    }
}
