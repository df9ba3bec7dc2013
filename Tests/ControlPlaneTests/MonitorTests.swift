import DeliveryModel
import DeliveryStore
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct MonitorTests {
    /// The last look is still under way when the control plane is told to end.
    @Test(.timeLimit(.minutes(1))) func theTickOfTheLastVerdictIsKept() async throws {
        let shop = Shop()
        let looks = Looks()
        let plane = try Plane(FakeTraffic(counts: { await looks.next() }))
        try plane.database.commit(journal: [], states: ["shop": try StoredForms.json(shop.shifting())])
        let reconciler = try plane.reconciler()
        try await reconciler.load()
        let running = Task { try await Monitor(reconciler: reconciler, metrics: FakeMetrics(), keepRouter: {}).run() }
        await looks.second()
        running.cancel()
        try? await running.value
        #expect(try plane.database.ticks(rollout: "shop-2").count == 1)
    }

    /// A router that answers the second look only when its asker is told to end, with new bad requests.
    private actor Looks {
        private var count = 0

        func next() async -> TrafficMeasures {
            count += 1
            if count == 2 { while !Task.isCancelled { await Task.yield() } }
            let shop = Shop()
            let bad = UInt64(count)
            let releases = [
                shop.candidate: ReleaseMeasures(requests: 10 * bad, bad: bad), shop.live: ReleaseMeasures(),
            ]
            return TrafficMeasures(epoch: "one", generation: 0, services: [shop.service: releases])
        }

        func second() async { while count < 2 { await Task.yield() } }
    }
}
