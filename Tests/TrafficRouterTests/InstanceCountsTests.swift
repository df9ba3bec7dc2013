import DeliveryModel
import FoundationEssentials
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// Each instance's part in its release's counts: the outcome counts for the instance that it came from.
@Suite(.timeLimit(.minutes(2)))
struct InstanceCountsTests {
    @Test func oneFailingInstanceOfTwoHasAllTheBadRequests() async throws {
        let (good, broken) = (try await TestInstance.start("good"), try await TestInstance.start("broken"))
        broken.failing.withLockedValue { $0 = true }
        let table = try Sample.table([try Sample.release("a", share: 10_000, [good, broken])])
        try await withRouter(table, workers: 3) { router in
            #expect(try await router.counts("a").instances == ["good": .init(), "broken": .init()])
            var failures: UInt64 = 0
            for _ in 0..<6 {
                let client = try await TestClient.connect(port: router.trafficPort)
                for _ in 0..<10 where try await client.get("/").status == 500 { failures += 1 }
                await client.close()
            }
            try await router.quiet("a")
            let counts = try await router.counts("a")
            #expect(failures > 0 && failures < 60)
            #expect(
                counts.instances == [
                    "good": InstanceMeasures(requests: 60 - failures, bad: 0),
                    "broken": InstanceMeasures(requests: failures, bad: failures),
                ])
            #expect(counts.requests == 60 && counts.bad == failures)
        }
        await good.stop()
        await broken.stop()
    }

    @Test func aRetriedRequestCountsOnceForTheInstanceThatAnswered() async throws {
        let (first, second) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        let release = try Sample.release("a", share: 10_000, [first, second])
        var limits = RouterLimits()
        // Every request may try the dead instance first.
        limits.connectFailurePenalty = .zero
        try await withRouter(try Sample.table([release]), workers: 1, limits: limits) { router in
            await first.stop()
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<20 { #expect(try await client.get("/").text == "two") }
            let counts = try await router.counts("a")
            #expect(counts.requests == 20 && counts.bad == 0)
            #expect(counts.instances == ["one": .init(), "two": InstanceMeasures(requests: 20, bad: 0)])

            await second.stop()
            // An idle connection to the second may still be found closing: either way it is one bad request.
            #expect(try await client.get("/").status == 502)
            let both = try await router.counts("a")
            #expect(both.requests == 21 && both.bad == 1)
            #expect(both.instances.values.reduce(0) { $0 + $1.requests } == 21)
            #expect(both.instances.values.reduce(0) { $0 + $1.bad } == 1, "the last that was tried")
            await client.close()
        }
    }

    @Test func failuresOfAnInstanceAreItsOwnAndRequestsThatReachNoneAreNobodys() async throws {
        let instance = try await TestInstance.start("one")
        var release = try Sample.release("a", share: 10_000, [instance])
        var limits = RouterLimits()
        limits.upstreamResponseTimeout = .seconds(2)
        try await withRouter(try Sample.table([release]), limits: limits) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            #expect(try await client.get("/die").status == 502)
            #expect(try await client.get("/hold").status == 504)
            #expect(try await client.get("/", headers: ["x-nonevent-release: aaaaaaaa"]).status == 200)
            #expect(try await client.get("/fail", headers: ["x-nonevent-release: aaaaaaaa"]).status == 500)
            #expect(try await router.counts("a").instances == ["one": InstanceMeasures(requests: 2, bad: 2)])
            release.instances[0].draining = true
            try await router.apply(try Sample.table(2, [release]))
            #expect(try await client.get("/").status == 503)
            let counts = try await router.counts("a")
            #expect(counts.requests == 3 && counts.bad == 3)
            #expect(counts.instances == ["one": InstanceMeasures(requests: 2, bad: 2)])
            await client.close()
        }
        await instance.stop()
    }

    @Test func countsFollowAnInstanceToAnotherPortAndGoWithIt() async throws {
        let (first, second) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        var release = try Sample.release("a", share: 10_000, [first])
        try await withRouter(try Sample.table([release])) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<3 { _ = try await client.get("/fail") }
            try await client.send("GET /gated HTTP/1.1\r\nHost: t\r\n\r\n")
            try await eventually("the request under way") { try await router.counts("a").inFlight["one"] == 1 }
            release.instances = [RoutedInstance(id: "one", port: second.port)]
            try await router.apply(try Sample.table(2, [release]))
            let other = try await TestClient.connect(port: router.trafficPort)
            #expect(try await other.get("/").text == "two")
            #expect(try await router.counts("a").instances == ["one": InstanceMeasures(requests: 4, bad: 3)])

            release.instances = [RoutedInstance(id: "three", port: second.port)]
            try await router.apply(try Sample.table(3, [release]))
            #expect(try await router.counts("a").instances.keys.sorted() == ["one", "three"])
            first.gate.withLockedValue { $0 = true }
            _ = try await client.response()
            try await eventually("the instance to be forgotten") {
                try await router.counts("a").instances == ["three": .init()]
            }
            #expect(try await router.counts("a").requests == 5)
            await client.close()
            await other.close()
        }
        await first.stop()
        await second.stop()
    }

    @Test func loopsAreAddedUp() {
        var sum = ReleaseMeasures(instances: ["a": .init(requests: 5, bad: 1), "b": .init(requests: 2, bad: 0)])
        sum.merge(ReleaseMeasures(instances: ["a": .init(requests: 7, bad: 2), "c": .init(requests: 1, bad: 1)]))
        #expect(
            sum.instances == [
                "a": .init(requests: 12, bad: 3), "b": .init(requests: 2, bad: 0), "c": .init(requests: 1, bad: 1),
            ])
    }

    @Test func measuresOfAnOlderRouterCanBeRead() throws {
        let old = """
            {"requests":3,"bad":1,"statusClasses":[0,2,0,0,1],"latency":{"-100":3},"inFlight":{"one":0}}
            """
        let read = try JSONDecoder().decode(ReleaseMeasures.self, from: Data(old.utf8))
        #expect(
            read
                == ReleaseMeasures(
                    requests: 3, bad: 1, statusClasses: [0, 2, 0, 0, 1], latency: [-100: 3], inFlight: ["one": 0]))
        var new = read
        new.instances = ["one": InstanceMeasures(requests: 3, bad: 1)]
        #expect(try JSONDecoder().decode(ReleaseMeasures.self, from: try JSONEncoder().encode(new)) == new)
    }

    @Test func aFallingCountIsNoDifference() {
        let before = ReleaseMeasures(instances: [
            "rises": .init(requests: 10, bad: 1), "falls": .init(requests: 500, bad: 9), "rests": .init(requests: 4),
            "leaves": .init(requests: 1),
        ])
        let now = ReleaseMeasures(instances: [
            "rises": .init(requests: 15, bad: 3), "falls": .init(requests: 480, bad: 9), "rests": .init(requests: 4),
            "new": .init(requests: 2, bad: 2),
        ])
        #expect(
            now.instances(since: before) == ["rises": .init(requests: 5, bad: 2), "new": .init(requests: 2, bad: 2)])
        #expect(now.instances(since: now).isEmpty)
    }
}
