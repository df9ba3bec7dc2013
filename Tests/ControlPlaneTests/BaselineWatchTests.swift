import DeliveryModel
import DeliveryStore
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct BaselineWatchTests {
    private static let service = ServiceName("shop")
    private static let live = ReleaseDigest("sha256:" + String(repeating: "a", count: 64))

    private static func measures(_ requests: UInt64, epoch: String = "one") throws -> TrafficMeasures {
        let service = try #require(service)
        let live = try #require(live)
        var release = ReleaseMeasures(requests: requests)
        release.instances = ["a": InstanceMeasures(requests: requests, bad: requests / 100)]
        return TrafficMeasures(epoch: epoch, generation: 1, services: [service: [live: release]])
    }

    private static func state() throws -> ServiceState {
        var state = ServiceState(service: try #require(service))
        state.live = live
        return state
    }

    @Test func theRateOfRequestsIsFollowed() throws {
        var watch = BaselineWatch()
        let service = try #require(Self.service)
        let begin = Timestamp(microseconds: 1_800_000_000_000_000)
        for second in 0...20 {
            _ = watch.look(
                try Self.measures(UInt64(second * 200)), [try Self.state()], at: begin + .seconds(second))
        }
        #expect(watch.rates[service].map { abs($0 - 200) < 1e-6 } == true)
    }

    /// Counts of another epoch begin at nothing: no rate may come of the difference.
    @Test func aRouterThatRestartsIsNoNegativeTraffic() throws {
        var watch = BaselineWatch()
        let service = try #require(Self.service)
        let begin = Timestamp(microseconds: 1_800_000_000_000_000)
        for second in 0...5 {
            _ = watch.look(try Self.measures(UInt64(second * 100)), [try Self.state()], at: begin + .seconds(second))
        }
        for second in 6...8 {
            _ = watch.look(
                try Self.measures(UInt64((second - 6) * 100), epoch: "two"), [try Self.state()],
                at: begin + .seconds(second))
        }
        #expect(watch.rates[service].map { abs($0 - 100) < 1e-6 } == true)
    }

    @Test func blocksAreClosedOnceInFiveMinutes() throws {
        var watch = BaselineWatch()
        let begin = Timestamp(microseconds: 1_800_000_000_000_000)
        var blocks: [DispersionHistory.Block] = []
        for second in stride(from: 0, through: 900, by: 5) {
            blocks += watch.look(
                try Self.measures(UInt64(second * 10)), [try Self.state()], at: begin + .seconds(second))
        }
        #expect((2...3).contains(blocks.count))
        #expect(blocks.last?.instances["a"]?.requests == 3000)
        let stored = try blocks.map(BaselineBlock.init)
        #expect(try stored.map { try StoredForms.decode(DispersionHistory.Block.self, $0.line) } == blocks)
    }
}
