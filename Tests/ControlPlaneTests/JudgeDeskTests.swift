import DeliveryModel
import DeliveryStore
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct JudgeDeskTests {
    private let shop = Shop()

    private func sight(_ seconds: Double, requests: UInt64, bad: UInt64 = 0, epoch: String = "one") -> JudgeDesk.Sight {
        let counted = [
            shop.candidate: ReleaseMeasures(requests: requests, bad: bad),
            shop.live: ReleaseMeasures(requests: requests),
        ]
        return JudgeDesk.Sight(
            measures: TrafficMeasures(epoch: epoch, generation: 1, services: [shop.service: counted]), instances: [],
            now: Shop.begin + .microseconds(Int64(seconds * 1e6)))
    }

    private func look(
        _ desk: inout JudgeDesk, _ sight: JudgeDesk.Sight, _ readings: MetricWatch.Readings = .init()
    ) async throws -> (Verdict, VerdictTick?)? {
        let state = shop.shifting()
        return await desk.look(
            try #require(state.rollout), state, sight, readings: { readings }, earlier: { _ in [] })
    }

    /// The first look at the new counts comes too early for a tick.
    @Test func whatARestartedRouterCountsFirstIsJudged() async throws {
        var desk = JudgeDesk()
        #expect(try await look(&desk, sight(0, requests: 500)) == nil)
        #expect(try await look(&desk, sight(1, requests: 600))?.0.candidateRequests == 100)
        #expect(try await look(&desk, sight(1.2, requests: 10, epoch: "two")) == nil)
        #expect(try await look(&desk, sight(2.2, requests: 70, epoch: "two"))?.0.candidateRequests == 170)
    }

    @Test func aVerdictCountsThoughItsRecordCannotBeWritten() async throws {
        var desk = JudgeDesk()
        #expect(try await look(&desk, sight(0, requests: 0)) == nil)
        // JSON has no word for it.
        let readings = MetricWatch.Readings(gauges: ["memory": GaugeSamples(candidate: [.infinity])])
        let seen = try #require(try await look(&desk, sight(1, requests: 1000, bad: 1000), readings))
        #expect(seen.0.verdict == .undo)
        #expect(seen.1 == nil)
    }
}
