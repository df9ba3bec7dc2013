import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// What people's requests show about an instance, through a router and over real sockets.
@Suite(.timeLimit(.minutes(2)))
struct PassiveHealthRoutingTests {
    @Test func threeFailuresInARowTakeAnInstanceOut() async throws {
        try await HealthBench.run(["one", "two"], HealthBench.policy()) { router, client, instances in
            instances[0].fails(true)
            try await client.get(untilFailed: 3)
            #expect(try await client.answers(50) == ["two": 50])
            let health = try await router.health()
            #expect(health.ejected == ["consecutive_failures": 1] && health.instances == 2 && health.instancesOut == 1)
            #expect(health.conditions == ["one": .ejected, "two": .healthy] && health.isInPanic == 0)
            let text = PrometheusText.render(await router.counters())
            let labels = "service=\"shop\",release=\"aaaaaaaaaaaa\""
            for line in [
                "nonevent_router_instances{\(labels),state=\"ejected\"} 1\n",
                "nonevent_router_instances{\(labels),state=\"healthy\"} 1\n",
                "nonevent_router_instances{\(labels),state=\"unhealthy\"} 0\n",
                "nonevent_router_instances_ejected_total{\(labels),reason=\"consecutive_failures\"} 1\n",
            ] { #expect(text.contains(line), "no line \(line)") }
        }
    }

    @Test func anInstanceComesBackSlowly() async throws {
        let policy = HealthBench.policy {
            $0.passive.ejectFor = .milliseconds(200)
            $0.slowStart = .seconds(3_600)
        }
        try await HealthBench.run(["one", "two"], policy) { router, client, instances in
            instances[0].fails(true)
            try await client.get(untilFailed: 3)
            instances[0].fails(false)
            try await eventually("the instance to be back") {
                _ = try await client.get("/")
                return try await router.health().conditions["one"] == .slowStart
            }
            let health = try await router.health()
            #expect(health.ejected == ["consecutive_failures": 1] && health.returned == 1)
            #expect(health.instancesOut == 0 && health.instancesInSlowStart == 1)
            // A tenth of the other's part at first.
            let answers = try await client.answers(110)
            #expect((5...20).contains(answers["one", default: 0]), "\(answers)")
        }
    }

    @Test func whoFailsAgainIsLeftOutForLonger() async throws {
        let policy = HealthBench.policy { $0.passive.ejectFor = .milliseconds(100) }
        try await HealthBench.run(["one", "two"], policy) { router, client, instances in
            instances[0].fails(true)
            try await eventually("some ejections") {
                _ = try await client.get("/")
                return try await router.health().ejected["failed_probation", default: 0] >= 2
            }
            #expect(try await router.health().ejected["consecutive_failures"] == 1)
            // Three, and then one after each ejection.
            let bad = try await router.counts("a").bad
            let ejections = try await router.health().ejected.values.reduce(0, +)
            #expect(bad == 2 + ejections)
        }
    }

    @Test func aHighShareOfFailuresTakesAnInstanceOut() async throws {
        let policy = HealthBench.policy {
            $0.passive.errorShareBasisPoints = Share(clamping: 3_000)
            $0.passive.minimumRequests = 10
            $0.passive.window = .seconds(300)
        }
        try await HealthBench.run(["one", "two"], policy) { router, client, instances in
            // One of two answers of the first instance is bad, so there is never a row of them.
            var turns = 0
            try await eventually("the ejection") {
                turns += 1
                instances[0].fails(turns / 2 % 2 == 0)
                _ = try await client.get("/")
                return try await router.health().instancesOut == 1
            }
            let health = try await router.health()
            #expect(health.ejected == ["error_share": 1] && health.conditions["one"] == .ejected)
            #expect(try await router.counts("a").instances["one"]?.requests ?? 0 >= 10)
        }
    }

    @Test func brokenAndSilentAnswersCount() async throws {
        var limits = RouterLimits()
        limits.upstreamResponseTimeout = .milliseconds(100)
        for path in ["/die", "/partial", "/hold"] {
            try await HealthBench.run(["one", "two"], HealthBench.policy(), limits: limits) { router, _, _ in
                // Both fail alike, so one goes and one stays.
                for _ in 0..<8 {
                    let client = try await TestClient.connect(port: router.trafficPort)
                    try await client.send("GET \(path) HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
                    try await eventually("the close") { client.isClosed }
                }
                let health = try await router.health()
                #expect(health.ejected == ["consecutive_failures": 1] && health.instancesOut == 1, "\(path)")
            }
        }
    }

    @Test func theLastOneIsNeverTakenOut() async throws {
        try await HealthBench.run(["one", "two"], HealthBench.policy()) { router, client, instances in
            for instance in instances { instance.fails(true) }
            for _ in 0..<100 { #expect(try await client.get("/").status == 500) }
            let health = try await router.health()
            #expect(health.instancesOut <= 1 && health.isInPanic == 0)
            #expect(try await router.counts("a").statusClasses == [0, 0, 0, 0, 100])
            #expect(instances.reduce(0) { $0 + $1.requests.withLockedValue { $0 } } == 100)
        }
        try await HealthBench.run(["one"], HealthBench.policy()) { router, client, instances in
            instances[0].fails(true)
            for _ in 0..<20 { #expect(try await client.get("/").status == 500) }
            instances[0].fails(false)
            #expect(try await client.get("/").text == "one")
            let health = try await router.health()
            #expect(health.conditions == ["one": .healthy])
        }
    }

    @Test func inAPanicTheEjectedServeToo() async throws {
        let policy = HealthBench.policy {
            $0.active.path = "/healthz"
            $0.active.interval = .milliseconds(100)
        }
        try await HealthBench.run(["one", "two"], policy) { router, client, instances in
            instances[0].fails(true)
            try await client.get(untilFailed: 3)
            instances[0].fails(false)
            instances[1].isWell(false)
            try await eventually("the panic") { try await router.health().isInPanic == 1 }
            let answers = try await client.answers(20)
            #expect(answers["one", default: 0] >= 8 && answers["two", default: 0] >= 8, "\(answers)")
            instances[1].isWell(true)
            try await eventually("the end of the panic") { try await router.health().isInPanic == 0 }
        }
    }

    @Test func allLoopsKnowWhatOneHasSeen() async throws {
        try await HealthBench.run(["one", "two"], HealthBench.policy(), workers: 3) { router, client, instances in
            var others: [TestClient] = []
            for _ in 0..<6 { others.append(try await TestClient.connect(port: router.trafficPort)) }
            instances[0].fails(true)
            try await client.get(untilFailed: 3)
            // From here on nobody could find it out.
            instances[0].fails(false)
            let before = instances[0].requests.withLockedValue { $0 }
            // The measures are read after the news, which was on its way to every loop before the third answer.
            #expect(try await router.health().ejected == ["consecutive_failures": 1])
            for other in others { #expect(try await other.answers(10) == ["two": 10]) }
            #expect(instances[0].requests.withLockedValue { $0 } == before)
            for other in others { await other.close() }
        }
    }

    @Test func whatClientsBreakOffIsNotHeldAgainstAnInstance() async throws {
        let policy = HealthBench.policy { $0.passive.consecutiveFailures = 1 }
        try await HealthBench.run(["one", "two"], policy) { router, client, instances in
            for _ in 0..<10 {
                let rude = try await TestClient.connect(port: router.trafficPort)
                try await rude.send("GET /hold HTTP/1.1\r\nHost: t\r\n\r\n")
                try await eventually("the request") {
                    instances.contains { $0.held.withLockedValue { $0 } > 0 }
                }
                await rude.close()
                try await eventually("the end") {
                    instances.allSatisfy { $0.held.withLockedValue { $0 } == 0 }
                }
            }
            try await router.quiet("a")
            #expect(try await router.health().ejected.isEmpty)
            #expect(try await client.answers(20).keys.sorted() == ["one", "two"])
        }
    }

    @Test func rescuedFailuresCount() async throws {
        let (base, bad, good) = (
            try await TestInstance.start("base"), try await TestInstance.start("bad"),
            try await TestInstance.start("good")
        )
        var table = try Sample.table([
            try Sample.release("a", share: 1, [base]), try Sample.release("b", share: 9_999, salt: "s", [bad, good]),
        ])
        table.services[0].health = HealthBench.policy()
        bad.fails(true)
        try await withRouter(table, workers: 1) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<40 { #expect(try await client.get("/").status == 200) }
            #expect(try await router.health("b").ejected == ["consecutive_failures": 1])
            #expect(try await router.health("b").conditions == ["bad": .ejected, "good": .healthy])
            #expect(await router.rescues("b").attempted == ["5xx": 3])
            #expect(try await router.health("a").ejected.isEmpty)
            await client.close()
        }
        for instance in [base, bad, good] { await instance.stop() }
    }

    @Test func passiveChecksCanBeOff() async throws {
        let policy = HealthBench.policy { $0.passive = .off }
        try await HealthBench.run(["one", "two"], policy) { router, client, instances in
            instances[0].fails(true)
            let (answers, health) = (try await client.answers(40), try await router.health())
            #expect(answers == ["one": 20, "two": 20] && health.ejected.isEmpty)
        }
    }
}
