import DeliveryAPI
import DeliveryModel
import NIOCore
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct StatusTextsTests {
    private struct World {
        var states: [ServiceState]
        var snapshot = Monitor.Snapshot()
        var waiting: WaitingDeploy?
        var hasBacklog = false
        var now = Shop.begin

        var views: [StatusViews] {
            let warnings = StatusViews.warnings(snapshot, hasBacklog: hasBacklog)
            return states.map {
                StatusViews(state: $0, waiting: waiting, snapshot: snapshot, warnings: warnings, now: now)
            }
        }
    }

    /// Whatever changes, from whichever side, is in the next list.
    @Test func theListIsWhatTheEncoderWrites() throws {
        let texts = StatusTexts()
        var seen: Set<String> = []
        func expect(_ world: World, isNew: Bool = true) throws {
            let text = try String(buffer: texts.list(world.views))
            #expect(try text == StoredForms.json(ServiceList(services: world.views.map(\.service))))
            #expect(seen.insert(text).inserted == isNew)
        }
        try expect(World(states: []))
        let shop = Shop()
        var quiet = ServiceState(service: try #require(ServiceName("quiet")))
        quiet.live = shop.live
        quiet.releases = [shop.live: shop.record(shop.live)]
        var world = World(states: [quiet, shop.shifting()])
        try expect(world)
        try expect(world, isNew: false)
        world.snapshot.measures = TrafficMeasures(
            epoch: "e", generation: 1, services: [quiet.service: [shop.live: ReleaseMeasures(requests: 7)]])
        try expect(world)
        world.snapshot.measures?.services[quiet.service]?[shop.live]?.requests = 8
        try expect(world)
        world.snapshot.instances = [
            InstanceStatus(
                id: shop.live.short, service: shop.service, release: shop.live, phase: .running, port: 1, pid: 2,
                restarts: 0, startedAt: Shop.begin, lastExit: nil)
        ]
        try expect(world)
        world.snapshot.instances[0].phase = .backoff
        try expect(world)
        world.snapshot.problems = ["router: away, \"quoted\" and a / slash"]
        try expect(world)
        world.snapshot.notices = ["x": "something to know"]
        try expect(world)
        world.hasBacklog = true
        try expect(world)
        world.now = world.now + .seconds(1)
        try expect(World(states: [quiet], now: world.now))
        try expect(World(states: [quiet], now: world.now + .seconds(1)), isNew: false)
        world.states[1].rollout?.share = Share(clamping: 2000)
        try expect(world)
        world.waiting = WaitingDeploy(
            service: shop.service, commit: "c0ffee", release: shop.candidate, actor: "ann", since: Shop.begin)
        try expect(world)
        world.states.reverse()
        try expect(world)
        world.states.removeFirst()
        try expect(world)
    }
}
