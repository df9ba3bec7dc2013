import DeliveryModel
import Foundation
import Glibc
import Testing

@testable import DeploymentDrivers

/// A shim is asked again as soon as it would say something else.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RememberedStatusTests {
    private func running(
        _ body: (DriverWorld, InstanceDirectory, InstanceStatus) async throws -> Void
    ) async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(DriverWorld.web)
            _ = try await world.driver.start(plan)
            let status = try await world.driver.waitUntilReady(plan)
            try await body(world, InstanceDirectory(path: "\(world.driver.directory)/\(plan.id)"), status)
        }
    }

    @Test func itHoldsUntilTheProgramEndsOrTimeIsUp() async throws {
        try await running { world, place, status in
            let mark = RememberedStatus.mark(of: place)
            let known = try #require(RememberedStatus(place, mark: mark, status: status))
            #expect(known.status == status && known.holds(place))
            #expect(!known.holds(place, at: .now + RememberedStatus.validity), "it may hang")
            for _ in 0..<2 { #expect(try await world.driver.list() == [status]) }
            kill(status.pid, SIGKILL)
            try await world.eventually("another state") { !known.holds(place) }
            try await world.eventually("the driver to see it") { try await world.status().restarts == 1 }
            #expect(RememberedStatus(place, mark: mark, status: status) == nil, "the file has changed meanwhile")
        }
    }

    @Test func itDoesNotOutliveItsShim() async throws {
        try await running { world, place, status in
            let mark = RememberedStatus.mark(of: place)
            let known = try #require(RememberedStatus(place, mark: mark, status: status))
            #expect(try await world.driver.list() == [status])
            let state = try ShimFiles.decode(ShimState.self, "\(place.path)/\(ShimFiles.state)")
            kill(state.shim.pid, SIGKILL)
            try await world.eventually("no process") { !known.holds(place) }
            try await world.eventually("an orphan") { try await world.status().phase == .orphaned }
        }
    }

    @Test func onlyARunningProgramIsRemembered() async throws {
        try await running { _, place, status in
            let mark = RememberedStatus.mark(of: place)
            for phase in [InstanceStatus.Phase.backoff, .stopping, .orphaned, .stopped] {
                var other = status
                other.phase = phase
                #expect(RememberedStatus(place, mark: mark, status: other) == nil)
            }
            #expect(RememberedStatus(place, mark: nil, status: status) == nil)
            #expect(RememberedStatus(place, mark: "another", status: status) == nil)
        }
    }
}
