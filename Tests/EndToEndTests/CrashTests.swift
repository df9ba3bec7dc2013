import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite(.serialized) struct CrashTests {
        /// kill -9 of the control plane in each state: the rollout goes on where it was and completes exactly once.
        @Test(arguments: ["prepare", "verify", "shift", "soak"])
        func controlPlaneKilledIn(phase: String) throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load(perSecond: 60)
                // Each state lasts long enough to be hit.
                let behaviour = Behaviour(version: "two", late: phase == "prepare" ? 3 : 0, slowSmoke: 3)
                let smoke = phase == "verify" ? "verify: { smoke: [{ path: /smoke, status: 200, within: 10s }] }" : ""
                let commit = try world.commit(behaviour, Plan(hold: "2s", soak: "3s", more: smoke))
                #expect(try world.run("deploy").code == 0)
                try #require(world.reaches(phase), "never in \(phase)")
                world.killControl()
                #expect(!Poll.until(.seconds(1)) { load.now.failed > 0 }, "traffic needs no control plane")
                try world.serve()
                #expect(world.settles())
                let seen = load.end()
                #expect(seen.failed == 0, "\(seen)")
                #expect(world.version() == "two")
                let journeys = try world.history().filter { $0.commit == commit }
                #expect(journeys.map(\.phase) == ["complete"])
                let ends = try world.journal("rollout.complete").filter { $0.data.commit == commit }
                #expect(ends.count == 1)
                for kind in ["rollout.started", "rollout.verify", "rollout.soak"] {
                    #expect(try world.journal(kind).filter { $0.data.commit == commit }.count == 1, "\(kind)")
                }
                #expect(world.programs().count == 4, "both releases once: \(world.programs().map(\.command))")
                #expect(try world.run("journal", "--verify").code == 0)
            }
        }

        @Test(arguments: [true, false]) func routerKilledComesBackWithItsLastTable(controlPlaneLives: Bool) throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let pid = try #require(world.routerPid)
                if !controlPlaneLives { world.killControl() }
                #expect(kill(pid, SIGKILL) == 0)
                let began = ContinuousClock.now
                #expect(Poll.until(.seconds(10)) { world.version() == "one" })
                // A second is the promise; the rest is room for a busy machine.
                #expect(began.duration(to: .now) < .seconds(3))
                if !controlPlaneLives { try world.serve() }
                #expect(Poll.until { world.routerPid.map { $0 != pid } ?? false })
                try world.deploy(Behaviour(version: "two"))
                #expect(world.version() == "two", "tables still arrive")
            }
        }

        @Test func anInstanceKilledIsRestartedWhileTheOtherServes() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load()
                let victim = try #require(world.programs().first)
                #expect(kill(victim.pid, SIGKILL) == 0)
                #expect(Poll.until { world.programs().filter { $0.pid != victim.pid }.count == 2 })
                #expect(Poll.until { world.version() == "one" })
                let seen = load.end()
                #expect(seen.failed <= 4, "only requests under way on the dead instance: \(seen)")
            }
        }

        @Test func aShimKilledHasItsInstanceReplacedAndNothingIsLeft() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load()
                let old = Set(world.programs().map(\.pid))
                let victim = try #require(world.shims().first, "\(world.processes().map(\.command))")
                #expect(kill(victim.pid, SIGKILL) == 0)
                #expect(
                    Poll.until(.seconds(30)) {
                        let now = Set(world.programs().map(\.pid))
                        return now.count == 2 && now.subtracting(old).count == 1 && world.shims().count == 2
                    }, "\(world.processes().map(\.command))")
                let seen = load.end()
                #expect(seen.failed <= 4, "\(seen)")
            }
        }

        @Test func aSecondControlPlaneIsRefused() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let second = try world.run(
                    "serve", "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:0", within: .seconds(20))
                #expect(second.code != 0 && second.code != 999, "\(second)")
                #expect(second.err.contains(world.data), "\(second)")
                #expect(world.isReady)
                #expect(world.version() == "one")
            }
        }

        @Test func sigtermEndsOnlyTheControlPlane() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let before = Set(world.programs().map(\.pid))
                world.control?.signal(SIGTERM)
                #expect(world.control?.wait(within: .seconds(15)) == 0)
                #expect(world.version() == "one")
                try world.serve()
                #expect(Set(world.programs().map(\.pid)) == before, "the same instances, found again")
                try world.deploy(Behaviour(version: "two"))
                #expect(world.version() == "two")
            }
        }

        @Test func takenPortsAreNamed() throws {
            try World.with { world in
                let port = try #require(world.controlPort)
                let other = world.root + "/other"
                let outcome = try world.run(
                    "serve", "--data", other, "--listen", "127.0.0.1:\(port)", "--traffic", "127.0.0.1:0",
                    within: .seconds(30))
                #expect(outcome.code != 0 && outcome.code != 999, "\(outcome)")
                #expect(outcome.err.contains("\(port)"), "\(outcome)")
                #expect(try world.run("serve", "--stop", "--data", other).code == 0)
                let traffic = try #require(world.trafficPort)
                let third = world.root + "/third"
                let taken = try world.run(
                    "serve", "--data", third, "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:\(traffic)",
                    within: .seconds(40))
                #expect(taken.code != 0 && taken.code != 999, "\(taken)")
                #expect(taken.err.contains("\(traffic)"), "\(taken)")
                #expect(try world.run("serve", "--stop", "--data", third).code == 0)
            }
        }
    }
}
