import DeliveryModel
import DeploymentDrivers
import Foundation
import Glibc
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct ShimCrashTests {
    @Test func anOrphanIsFoundAndStopped() async throws {
        try await DriverWorld.run { world in
            let (plan, orphan) = try await self.orphan(world)
            #expect(orphan.phase == .orphaned)
            try await world.driver.stop(plan.id, grace: .seconds(5))
            #expect(!DriverWorld.lives(orphan.pid))
            #expect(try await world.driver.list() == [])
        }
    }

    @Test func anOrphanIsTakenOverWithoutARestart() async throws {
        try await DriverWorld.run { world in
            let (plan, orphan) = try await self.orphan(world)
            let adopted = try await world.driver.start(plan)
            #expect(adopted.pid == orphan.pid)
            #expect(adopted.phase == .running)
            // Its output goes on: it is written to the named pipe that the new shim reads.
            try await world.driver.check(SmokeCheck(path: "/after", status: 404), instance: adopted)
            try await world.eventually("the request in the log") { world.text(world.logFile()).contains("/after") }
            kill(orphan.pid, SIGKILL)
            try await world.eventually("a restart by the new shim") {
                let now = try await world.status()
                return now.pid != orphan.pid && now.pid != 0 && now.phase == .running
            }
            try await world.driver.stop(plan.id, grace: .seconds(5))
        }
    }

    @Test func anotherProcessWithTheOrphansPidIsNotKilled() async throws {
        try await DriverWorld.run { world in
            let (plan, orphan) = try await self.orphan(world)
            // The same pid with another start time is another process.
            let path = "\(world.root)/instances/\(plan.id)/state.json"
            let stolen = try world.plan(["sleep", "60"], id: "other")
            let other = try await world.driver.start(stolen)
            try await world.eventually("the other's pid") { try await world.status("other").pid != 0 }
            let victim = try await world.status("other").pid
            let forged = world.text(path).replacingOccurrences(of: "\"pid\":\(orphan.pid),", with: "\"pid\":\(victim),")
            #expect(forged != world.text(path))
            try forged.write(toFile: path, atomically: true, encoding: .utf8)
            try await world.driver.stop(plan.id, grace: .seconds(5))
            #expect(DriverWorld.lives(victim))
            #expect(DriverWorld.lives(other.shimPid))
            // The true orphan is found by its mark all the same.
            #expect(!DriverWorld.lives(orphan.pid))
        }
    }

    @Test func whenBothAreGoneTheInstanceIsStopped() async throws {
        try await DriverWorld.run { world in
            let (plan, orphan) = try await self.orphan(world)
            kill(orphan.pid, SIGKILL)
            try await world.eventually("the phase") { try await world.status().phase == .stopped }
            #expect(try await world.driver.start(plan).phase == .running)
            let again = try await world.driver.waitUntilReady(plan)
            #expect(again.pid != orphan.pid)
        }
    }

    @Test func anUnknownInstanceIsStoppedAlready() async throws {
        try await DriverWorld.run { world in
            try await world.driver.stop("nobody", grace: .seconds(1))
            await #expect(throws: DriverError.self) { try await world.driver.stop("../etc", grace: .seconds(1)) }
        }
    }

    private func orphan(_ world: DriverWorld) async throws -> (InstancePlan, InstanceStatus) {
        let plan = try world.plan(DriverWorld.web)
        _ = try await world.driver.start(plan)
        let ready = try await world.driver.waitUntilReady(plan)
        kill(ready.shimPid, SIGKILL)
        try await world.eventually("the shim's end") { !DriverWorld.lives(ready.shimPid) }
        let orphan = try await world.status()
        #expect(orphan.pid == ready.pid)
        return (plan, orphan)
    }
}
