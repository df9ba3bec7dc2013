import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// Whatever the dark release does, people's answers stay what they are, and so do their times.
@Suite(.timeLimit(.minutes(3)))
struct MirrorHarmTests {
    private static func limits(_ timeout: TimeAmount) -> RouterLimits {
        var limits = RouterLimits()
        limits.mirrorAnswerTimeout = timeout
        return limits
    }

    /// Asks 50 times and expects that no answer waited for a copy's: together these would take far more than a minute.
    private func askWithoutWaiting(_ stage: MirrorStage) async throws {
        let began = ContinuousClock.now
        for number in 0..<50 {
            let response = try await stage.client.get("/\(number)")
            #expect(response.status == 200 && response.text == "{}")
            #expect(response["x-nonevent-release"] == String(repeating: "a", count: 12))
        }
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    @Test func aSilentReleaseHarmsNobody() async throws {
        let mirror = try MirrorStage.mirror { $0.maxQueued = 20 }
        try await withMirror(mirror, limits: Self.limits(.minutes(5)), dark: { _ in .never }) { stage in
            try await askWithoutWaiting(stage)
            // 16 are under way and 4 wait; more there may not be.
            let report = try await stage.report("drops") { $0.dropped["queueFull"] == 30 }
            #expect(report.mirrored == 16 && report.compared == 0)
            #expect(try await stage.counters().dropped == ["queueFull": 30])
        }
    }

    @Test func silenceEndsAtTheDeadline() async throws {
        try await withMirror(limits: Self.limits(.milliseconds(200)), dark: { _ in .never }) { stage in
            for _ in 0..<3 { _ = try await stage.client.get("/") }
            let report = try await stage.report("three deadlines") { $0.failed["deadline"] == 3 }
            #expect(report.mirrored == 3 && report.dropped == [:])
            try await stage.router.quiet("b")
            stage.dark.behaviour.withLockedValue { $0 = { _ in .answer("{}") } }
            _ = try await stage.client.get("/")
            try await stage.report("an answer") { $0.latency.values.reduce(0, +) == 1 }
            let metrics = PrometheusText.render(await stage.router.counters())
            let labels = "{service=\"shop\",release=\"bbbbbbbbbbbb\""
            #expect(metrics.contains("nonevent_router_mirrored_requests_total\(labels)} 4\n"))
            #expect(metrics.contains("nonevent_router_mirror_failed_total\(labels),reason=\"deadline\"} 3\n"))
            #expect(metrics.contains("nonevent_router_mirror_answered_total\(labels)} 1\n"))
        }
    }

    @Test func aReleaseThatBreaksOffHarmsNobody() async throws {
        try await withMirror(dark: { _ in .reset }) { stage in
            try await askWithoutWaiting(stage)
            let report = try await stage.report("50 failures") { $0.failed["reset"] == 50 }
            #expect(report.mirrored == 50)
        }
    }

    @Test func aReleaseThatDoesNotListenHarmsNobody() async throws {
        try await withMirror { stage in
            let reservation = PortReservation(port: stage.dark.port)
            await stage.dark.stop()
            try await askWithoutWaiting(stage)
            try await stage.report("50 failures") { $0.failed["connect"] == 50 }
            withExtendedLifetime(reservation) {}
        }
    }

    @Test func aSlowReleaseHarmsNobody() async throws {
        let mirror = try MirrorStage.mirror {
            $0.compare = MirrorComparison(noiseShareBasisPoints: .none)
            $0.maxQueued = 1_000
        }
        try await withMirror(mirror, dark: { _ in .late("{}", .seconds(3)) }) { stage in
            try await askWithoutWaiting(stage)
            // 16 at once; the others wait too long for their turn.
            let report = try await stage.report("an end") { $0.compared + $0.dropped["stale", default: 0] == 50 }
            #expect(report.compared >= 16 && report.equal == report.compared && report.failed == [:])
        }
    }

    @Test func whenThereIsMuchToDoNothingIsMirrored() async throws {
        let mirror = try MirrorStage.mirror { $0.maxQueued = 1_000 }
        let busy = MirrorLimits().maxWorkerInFlight
        try await withMirror(mirror, baseline: { $0.target == "/never" ? .never : .answer("{}") }) { stage in
            let port = stage.router.trafficPort
            // All at once: one after the other they may take longer on a busy machine than requests are waited for.
            let waiting = try await withThrowingTaskGroup(of: TestClient.self) { group in
                for _ in 0..<busy {
                    group.addTask {
                        let client = try await TestClient.connect(port: port)
                        try await client.send("GET /never HTTP/1.1\r\nHost: t\r\n\r\n")
                        return client
                    }
                }
                return try await group.reduce(into: [TestClient]()) { $0.append($1) }
            }
            try await eventually("many requests") { stage.baseline.requests.count == busy }
            #expect(try await stage.client.get("/").status == 200)
            #expect(try await stage.report().dropped == ["overload": 1])
            for client in waiting { await client.close() }
            try await eventually("a copy") {
                _ = try await stage.client.get("/")
                return stage.dark.requests.count > 0
            }
        }
    }

    @Test func aPersonWhoLeavesLeavesNoCopy() async throws {
        try await withMirror(baseline: { $0.target == "/never" ? .never : .answer("{}") }) { stage in
            let other = try await TestClient.connect(port: stage.router.trafficPort)
            try await other.send("GET /never HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the request") { stage.baseline.requests.count == 1 }
            await other.close()
            try await stage.report("a loss") { $0.failed["noPrimary"] == 1 }
            _ = try await stage.client.get("/last")
            try await eventually("the copy") { stage.dark.requests.count == 1 }
            #expect(stage.dark.requests.map(\.target) == ["/last"])
        }
    }

    @Test func aMirrorThatLeavesTheTableEnds() async throws {
        try await withMirror(dark: { _ in .never }) { stage in
            for _ in 0..<20 { _ = try await stage.client.get("/") }
            try await eventually("16 copies") { stage.dark.requests.count == 16 }
            #expect(try await stage.report().isRunning)
            let table = try MirrorStage.table(2, baseline: stage.baseline, dark: stage.dark, mirror: nil)
            try await stage.router.apply(table)
            let report = try await stage.report()
            #expect(!report.isRunning && report.dropped == ["superseded": 4] && report.failed == ["superseded": 16])
            try await stage.router.quiet("b")
            for _ in 0..<5 { #expect(try await stage.client.get("/").text == "{}") }
            #expect(try await stage.report() == report && stage.dark.requests.count == 16)
            // It begins again where it left off.
            stage.dark.behaviour.withLockedValue { $0 = { _ in .answer("{}") } }
            let again = try MirrorStage.table(
                3, baseline: stage.baseline, dark: stage.dark, mirror: try MirrorStage.mirror())
            try await stage.router.apply(again)
            _ = try await stage.client.get("/")
            try await stage.report("an answer") { $0.isRunning && $0.mirrored == 17 && $0.latency.count == 1 }
        }
    }

    @Test func aStoppingRouterDoesNotWaitForCopies() async throws {
        try await withMirror(limits: Self.limits(.minutes(2)), dark: { _ in .never }) { stage in
            for _ in 0..<20 { _ = try await stage.client.get("/") }
            try await eventually("16 copies") { stage.dark.requests.count == 16 }
            await stage.client.close()
            let began = ContinuousClock.now
            await stage.router.shutdown()
            #expect(ContinuousClock.now - began < .seconds(9))
        }
    }

    @Test func endlessAnswersDoNotKeepTheirPlaces() async throws {
        let mirror = try MirrorStage.mirror { $0.maxQueued = 2 }
        try await withMirror(
            mirror, limits: Self.limits(.milliseconds(300)),
            baseline: { $0.target == "/never" ? .never : .answer("{}") }
        ) { stage in
            var waiting: [TestClient] = []
            for _ in 0..<2 {
                let client = try await TestClient.connect(port: stage.router.trafficPort)
                try await client.send("GET /never HTTP/1.1\r\nHost: t\r\n\r\n")
                waiting.append(client)
            }
            try await eventually("two requests") { stage.baseline.requests.count == 2 }
            // Each gives its place up when it is 300 ms old and another request finds none: so two that wait are asked
            // for at a time.
            let other = try await TestClient.connect(port: stage.router.trafficPort)
            try await eventually("copies in place of both") {
                try await other.send("GET /short HTTP/1.1\r\nHost: t\r\n\r\n")
                _ = try await stage.client.get("/short")
                _ = try await other.response()
                return try await stage.report().dropped["stale"] == 2 && stage.dark.requests.count > 0
            }
            for client in waiting + [other] { await client.close() }
        }
    }

    @Test func onlySoMuchIsKept() async throws {
        // Six bodies of 1 MB are more than the 4 MiB that an event loop keeps.
        let text = String(repeating: "x", count: 1_000_000)
        let mirror = try MirrorStage.mirror {
            $0.compare = MirrorComparison(maxBodyBytes: 1_048_576)
            $0.maxQueued = 1_000
        }
        try await withMirror(mirror, baseline: { _ in .answer(text) }, dark: { _ in .never }) { stage in
            for _ in 0..<30 { #expect(try await stage.client.get("/").text.utf8.count == text.utf8.count) }
            let report = try await stage.report("drops") { $0.dropped["queueBytesFull", default: 0] >= 10 }
            #expect(report.mirrored == 16 && report.dropped == ["queueBytesFull": 10])
        }
    }

    @Test func anAnswerBeforeTheEndOfItsRequestIsNotMirrored() async throws {
        let (raw, dark) = (try await RawInstance.start(), try await MirrorInstance.start { _ in .answer("{}") })
        var table = try MirrorStage.table(
            baseline: dark, dark: dark, mirror: try MirrorStage.mirror { $0.methods.append("POST") })
        table.services[0].releases[0].instances = [RoutedInstance(id: "raw", port: raw.port)]
        try await withRouter(table, workers: 1) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n12345")
            try await raw.peer(after: "12345").send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            #expect(try await client.response().status == 200)
            try await eventually("a drop") {
                await router.mirrorReports().mirrors.first?.dropped == ["unfinished": 1]
            }
            #expect(dark.requests.isEmpty)
            await client.close()
        }
        await raw.stop()
        await dark.stop()
    }
}
