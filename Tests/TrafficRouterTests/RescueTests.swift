import DeliveryModel
import NIOConcurrencyHelpers
import Testing

@testable import TrafficRouter

/// The baseline answers what the candidate fails to; the failure counts all the same.
@Suite(.timeLimit(.minutes(2)))
struct RescueTests {
    /// `a` is the baseline; `b`, the candidate, gets nearly everything.
    private func table(
        _ baseline: [TestInstance], _ candidate: [TestInstance], policy: RescuePolicy = .init()
    ) throws -> RouteTable {
        var table = try Sample.table([
            try Sample.release("a", share: 1, baseline), try Sample.release("b", share: 9_999, salt: "s", candidate),
        ])
        table.services[0].rescue = policy
        return table
    }

    private func withPair(
        policy: RescuePolicy = .init(), limits: RouterLimits = .init(),
        _ body: (Router, TestClient, TestInstance, TestInstance) async throws -> Void
    ) async throws {
        let (baseline, candidate) = (try await TestInstance.start("base"), try await TestInstance.start("new"))
        try await withRouter(try table([baseline], [candidate], policy: policy), workers: 1, limits: limits) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await body(router, client, baseline, candidate)
            await client.close()
        }
        await baseline.stop()
        await candidate.stop()
    }

    @Test func aFailedAnswerIsReplaced() async throws {
        try await withPair { router, client, _, candidate in
            candidate.failing.withLockedValue { $0 = true }
            for _ in 0..<50 {
                let response = try await client.get("/")
                #expect(response.status == 200 && response.text == "base")
                #expect(response["x-nonevent-release"] == String(repeating: "a", count: 12))
            }
            let (bad, good) = (try await router.counts("b"), try await router.counts("a"))
            #expect(bad.requests == bad.bad && bad.bad >= 49 && bad.statusClasses[4] == bad.bad)
            // Not the baseline's own share: it would be compared with itself.
            #expect(good.requests + bad.requests == 50)
            let rescues = await router.rescues("b")
            #expect(rescues.attempted == ["5xx": bad.bad] && rescues.answered == bad.bad && rescues.failed == 0)
        }
    }

    @Test(arguments: ["/die", "/hold"])
    func aBrokenOrSilentCandidateIsReplaced(path: String) async throws {
        let policy = RescuePolicy(deadline: .milliseconds(200))
        let (baseline, candidate) = (try await TestInstance.start("base"), try await TestInstance.start("new"))
        // The baseline's instance does what the path says, too, so only the candidate's connection can be what failed.
        try await withRouter(try table([baseline], [candidate], policy: policy), workers: 1) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            let response = try await client.get(path)
            #expect(response.status == (path == "/die" ? 502 : 504))
            let rescues = await router.rescues("b")
            #expect(rescues.attempted == [path == "/die" ? "reset" : "deadline": 1])
            #expect(rescues.failed == 1 && rescues.answered == 0)
            #expect(try await router.counts("b").bad == 1)
            #expect(baseline.requests.withLockedValue { $0 } == 1)
            await client.close()
        }
        await baseline.stop()
        await candidate.stop()
    }

    @Test func aCandidateThatDoesNotListenIsReplaced() async throws {
        try await withPair { router, client, _, candidate in
            await candidate.stop()
            for _ in 0..<10 {
                let response = try await client.get("/")
                #expect(response.text == "base")
            }
            #expect(await router.rescues("b").attempted["connect", default: 0] >= 9)
        }
    }

    @Test func whatMayNotBeRepeatedIsNot() async throws {
        try await withPair { router, client, baseline, candidate in
            candidate.failing.withLockedValue { $0 = true }
            try await client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.response().status == 500)
            #expect(baseline.requests.withLockedValue { $0 } == 0)
            // With a key that makes a repetition harmless, its body goes along.
            try await client.send(
                "POST /fail HTTP/1.1\r\nHost: t\r\nIdempotency-Key: 1\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.response().status == 500)
            #expect(baseline.requests.withLockedValue { $0 } == 1)
            try await client.send(
                "POST / HTTP/1.1\r\nHost: t\r\nIdempotency-Key: 1\r\nContent-Length: 2\r\n\r\nok")
            #expect(try await client.response().text == "base")
        }
    }

    @Test func aBodyThatIsTooLongIsNotKept() async throws {
        let policy = RescuePolicy(maxBodyBytes: 10)
        try await withPair(policy: policy) { router, client, baseline, candidate in
            candidate.failing.withLockedValue { $0 = true }
            let head = "GET / HTTP/1.1\r\nHost: t\r\n"
            try await client.send(head + "Content-Length: 11\r\n\r\n12345678901")
            #expect(try await client.response().status == 500)
            try await client.send(head + "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n")
            #expect(try await client.response().status == 500)
            #expect(baseline.requests.withLockedValue { $0 } == 0)
            try await client.send(head + "Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n0\r\n\r\n")
            #expect(try await client.response().text == "base")
        }
    }

    @Test func theBudgetHolds() async throws {
        let policy = RescuePolicy(budgetBasisPoints: Share(clamping: 2_000), minimumPerSecond: 0)
        try await withPair(policy: policy) { router, client, _, candidate in
            candidate.failing.withLockedValue { $0 = true }
            var good = 0
            for _ in 0..<100 where try await client.get("/").status == 200 { good += 1 }
            #expect((19...22).contains(good))
            #expect(await router.rescues("b").skipped["budget", default: 0] >= 78)
        }
    }

    @Test func whoNamesAReleaseGetsItsFailures() async throws {
        try await withPair { router, client, _, candidate in
            candidate.failing.withLockedValue { $0 = true }
            let response = try await client.get("/", headers: ["x-nonevent-release: bbbb"])
            #expect(response.status == 500)
        }
    }

    @Test func switchedOffItDoesNothing() async throws {
        try await withPair(policy: RescuePolicy(enabled: false)) { _, client, _, candidate in
            candidate.failing.withLockedValue { $0 = true }
            let response = try await client.get("/")
            #expect(response.status == 500)
        }
    }

    @Test func anAnswerThatHasBegunStays() async throws {
        try await withPair { router, client, baseline, _ in
            try await client.send("GET /partial HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the close") { client.isClosed }
            #expect(baseline.requests.withLockedValue { $0 } == 0)
        }
    }
}

extension Router {
    func rescues(_ digit: Character) async -> RescueCounters {
        guard let name = try? Sample.name(), let digest = try? Sample.digest(digit) else { return .init() }
        return await counters().releases[name]?[digest]?.rescues ?? .init()
    }
}
