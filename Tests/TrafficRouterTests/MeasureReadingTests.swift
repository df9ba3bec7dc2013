import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// Who reads the counts again and again is told only what changed, and misses nothing.
@Suite(.timeLimit(.minutes(2)))
struct MeasureReadingTests {
    /// Two services whose instances are the same server.
    private func table(_ generation: UInt64, _ instance: TestInstance, _ digits: [String: Character]) throws
        -> RouteTable
    {
        RouteTable(
            generation: generation,
            services: try digits.sorted { $0.key < $1.key }.map { name, digit in
                RoutedService(
                    name: try Sample.name(name), hosts: ["\(name).test"],
                    releases: [try Sample.release(digit, share: 10_000, [instance])])
            })
    }

    private func visit(_ name: String, _ router: Router, path: String = "/") async throws {
        let client = try await TestClient.connect(port: router.trafficPort)
        try await client.send("GET \(path) HTTP/1.1\r\nHost: \(name).test\r\nConnection: close\r\n\r\n")
        _ = try await client.response()
        await client.close()
    }

    private func known(_ measures: TrafficMeasures) throws -> MeasureReading {
        MeasureReading(epoch: measures.epoch, number: try #require(measures.reading))
    }

    @Test func onlyWhatChangedIsRead() async throws {
        let instance = try await TestInstance.start("one")
        let before = try table(1, instance, ["one": "a", "two": "b"])
        try await withRouter(before, workers: 3) { router in
            let all = await router.reading(since: nil)
            #expect(all.since == nil && all.services.count == 2)
            let nothing = await router.reading(since: try known(all))
            #expect(nothing.since == all.reading && nothing.services.isEmpty)
            // Over several connections, so that more than one event loop has counted.
            for _ in 0..<9 { try await visit("two", router) }
            let some = await router.reading(since: try known(nothing))
            #expect(some.services.keys.map(\.text) == ["two"])
            let two = try #require(await router.measures().services[try Sample.name("two")])
            #expect(some.services[try Sample.name("two")] == two, "whole, though each loop counted a part")
            #expect(two[try Sample.digest("b")]?.requests == 9)
            // Whoever knows an earlier reading is told more.
            let late = await router.reading(since: try known(all))
            #expect(late.services[try Sample.name("two")] == two)
            for known in [MeasureReading(epoch: "other", number: 1), MeasureReading(epoch: router.epoch, number: 999)] {
                #expect(await router.reading(since: known).since == nil, "not a reading of this router")
            }
        }
        await instance.stop()
    }

    @Test func aRequestUnderWayAndItsEndAreBothTold() async throws {
        let instance = try await TestInstance.start("one")
        try await withRouter(try table(1, instance, ["one": "a"]), workers: 2) { router in
            var mine = await router.reading(since: nil)
            let (service, digest) = (try Sample.name("one"), try Sample.digest("a"))
            async let visit: Void = visit("one", router, path: "/gated")
            try await eventually("a request under way") {
                mine.follow(await router.reading(since: try self.known(mine)))
                return mine.services[service]?[digest]?.inFlight["one"] == 1
            }
            instance.gate.withLockedValue { $0 = true }
            try await visit
            try await eventually("its end") {
                mine.follow(await router.reading(since: try self.known(mine)))
                return mine.services[service]?[digest]?.inFlight["one"] == 0
            }
            #expect(mine.services[service]?[digest]?.requests == 1)
        }
        await instance.stop()
    }

    @Test func whatIsForgottenIsTold() async throws {
        let instance = try await TestInstance.start("one")
        var limits = RouterLimits()
        limits.maxRetiredReleases = 1
        try await withRouter(try table(1, instance, ["one": "a", "two": "b"]), workers: 2, limits: limits) { router in
            var mine = await router.reading(since: nil)
            try await router.apply(try table(2, instance, ["one": "c", "two": "b"]))
            mine.follow(await router.reading(since: try known(mine)))
            #expect(mine.services == (await router.measures()).services, "the one that left is still counted")
            try await router.apply(try table(3, instance, ["one": "d", "two": "b"]))
            mine.follow(await router.reading(since: try known(mine)))
            #expect(mine.services == (await router.measures()).services)
            #expect(mine.services[try Sample.name("one")]?[try Sample.digest("a")] == nil)
            // And back again, with counts from 0.
            try await router.apply(try table(4, instance, ["one": "a", "two": "b"]))
            mine.follow(await router.reading(since: try known(mine)))
            mine.follow(await router.reading(since: try known(mine)))
            #expect(mine.services == (await router.measures()).services)
        }
        await instance.stop()
    }

    /// Two readers, requests, tables that come and go, in any order.
    @Test func readersMissNothing() async throws {
        let instance = try await TestInstance.start("one")
        var limits = RouterLimits()
        limits.maxRetiredReleases = 2
        let digits: [Character] = ["a", "b", "c", "d", "e"]
        try await withRouter(try table(1, instance, ["one": "a", "two": "b"]), workers: 3, limits: limits) { router in
            var readers = [await router.reading(since: nil), await router.reading(since: nil)]
            for generation in UInt64(2)..<60 {
                switch Int.random(in: 0..<4) {
                case 0:
                    let (one, two) = (digits[Int.random(in: 0..<5)], digits[Int.random(in: 0..<5)])
                    try await router.apply(try table(generation, instance, ["one": one, "two": two]))
                case 1: try await visit("one", router)
                case 2: try await visit("two", router)
                default: break
                }
                let turn = Int.random(in: 0..<2)
                readers[turn].follow(await router.reading(since: try known(readers[turn])))
            }
            try await eventually("no request under way") {
                await router.measures().services.values.flatMap(\.values).flatMap(\.inFlight.values).allSatisfy {
                    $0 == 0
                }
            }
            for var reader in readers {
                reader.follow(await router.reading(since: try known(reader)))
                #expect(reader.services == (await router.measures()).services)
            }
        }
        await instance.stop()
    }

    @Test(arguments: [
        ("epoch=e1&since=17", MeasureReading(epoch: "e1", number: 17)),
        ("since=17&x&epoch=e1", .init(epoch: "e1", number: 17)),
        ("since=17", nil), ("epoch=e1", nil), ("epoch=e1&since=-1", nil), ("", nil),
    ])
    func theQuery(text: String, expected: MeasureReading?) { #expect(MeasureReading(text) == expected) }
}
