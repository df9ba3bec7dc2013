import DeliveryModel
import DeploymentDrivers
import Foundation
import Glibc
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct ShimLifeTests {
    @Test func aNewDriverFindsTheInstanceAndDoesNotStartItAgain() async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(DriverWorld.web)
            _ = try await world.driver.start(plan)
            let ready = try await world.driver.waitUntilReady(plan)
            #expect(ready.phase == .running)
            let second = DriverWorld.driver(world.root, world.client)
            #expect(try await second.list().map(\.pid) == [ready.pid])
            #expect(try await second.start(plan).pid == ready.pid)
            try await second.check(SmokeCheck(path: "/", contains: "Directory listing"), instance: ready)
            await #expect(throws: DriverError.self) {
                try await second.check(SmokeCheck(path: "/missing"), instance: ready)
            }
            try await second.stop(plan.id, grace: .seconds(5))
            #expect(!DriverWorld.lives(ready.pid))
            #expect(try await second.list() == [])
            #expect(world.text(world.logFile()).contains("Serving HTTP"))
        }
    }

    @Test func theProgramGetsItsEnvironmentAndVariables() async throws {
        try await DriverWorld.run { world in
            let script = "echo $NONEVENT_SERVICE $NONEVENT_COMMIT $NONEVENT_CONFIG $MALLOC_ARENA_MAX $OWN; "
            let plan = try world.plan(
                ["sh", "-c", "\(script.replacingOccurrences(of: "$", with: "$$")) echo ${PORT} $$PORT; pwd; sleep 60"],
                environment: ["OWN": "mine"])
            _ = try await world.driver.start(plan)
            try await world.eventually("three lines") {
                world.text(world.logFile()).contains("/release\n")
            }
            let text = world.text(world.logFile())
            #expect(text.contains("Z shop c0ffee \(world.root)/config 2 mine\n"))
            let port = try await world.status().port
            #expect(port > 0)
            #expect(text.contains("Z \(port) \(port)\n"))
        }
    }

    @Test func aKilledProgramComesBackOnTheSamePort() async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(DriverWorld.web)
            _ = try await world.driver.start(plan)
            let first = try await world.driver.waitUntilReady(plan)
            kill(first.pid, SIGKILL)
            try await world.eventually("a new process") {
                let now = try await world.status()
                return now.phase == .running && now.pid != first.pid && now.pid != 0
            }
            let second = try await world.driver.waitUntilReady(plan)
            #expect(second.port == first.port)
            #expect(second.restarts == 1)
            #expect(second.lastExit == "killed by signal 9")
        }
    }

    @Test func aTakenPortIsExchangedAtTheRestart() async throws {
        try await DriverWorld.run { world in
            // The test holds the port when the program, which never bound it, ends.
            let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(holder) }
            let plan = try world.plan(["sh", "-c", "while [ ! -e end$PORT ]; do sleep 0.01; done"])
            let first = try await world.driver.start(plan)
            try await world.eventually("a port") { try await world.status().port != 0 }
            let port = try await world.status().port
            let bound = DriverWorld.atPort(port) { bind(holder, $0, $1) }
            #expect(bound == 0 && listen(holder, 1) == 0)
            _ = FileManager.default.createFile(atPath: "\(world.root)/release/end\(port)", contents: nil)
            try await world.eventually("another port") { try await world.status().port != port }
            #expect(try await world.status().shimPid == first.shimPid)
        }
    }

    @Test func stopReachesTheWholeGroupAndWhatLeftIt() async throws {
        try await DriverWorld.run { world in
            let script =
                "sleep 61 & echo pid $$!; setsid sleep 62 & (setsid sh -c 'echo pid $$$$; exec sleep 63' &) ; wait"
            let plan = try world.plan(["sh", "-c", script])
            _ = try await world.driver.start(plan)
            try await world.eventually("both pids") {
                world.text(world.logFile()).components(separatedBy: "Z pid ").count >= 3
            }
            let pids = world.text(world.logFile()).components(separatedBy: "Z pid ").dropFirst()
                .compactMap { Int32($0.prefix { $0.isNumber }) }
            #expect(pids.count == 2)
            #expect(pids.allSatisfy(DriverWorld.lives))
            try await world.driver.stop(plan.id, grace: .milliseconds(300))
            #expect(!pids.contains(where: DriverWorld.lives))
        }
    }

    @Test func aProgramThatIgnoresTermIsKilledAfterItsGrace() async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(["sh", "-c", "trap '' TERM; echo armed; while :; do sleep 0.05; done"])
            _ = try await world.driver.start(plan)
            try await world.eventually("the trap") { world.text(world.logFile()).contains("armed") }
            let pid = try await world.status().pid
            let start = ContinuousClock.now
            try await world.driver.stop(plan.id, grace: .milliseconds(400))
            #expect(ContinuousClock.now - start >= .milliseconds(390))
            #expect(!DriverWorld.lives(pid))
        }
    }

    @Test func aProgramThatEndsWellGetsItsTime() async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan([
                "sh", "-c", "trap 'echo farewell; exit 0' TERM; echo armed; while :; do sleep 0.05; done",
            ])
            _ = try await world.driver.start(plan)
            try await world.eventually("the trap") { world.text(world.logFile()).contains("armed") }
            try await world.driver.stop(plan.id, grace: .seconds(10))
            #expect(world.text(world.logFile()).contains("farewell"))
        }
    }

    @Test func aStopDuringBackoffDoesNotWait() async throws {
        try await DriverWorld.run(options: ShimOptions(backoffFirst: .seconds(60), backoffLimit: .seconds(60))) {
            world in
            let plan = try world.plan(["false"])
            _ = try await world.driver.start(plan)
            try await world.eventually("backoff") { try await world.status().phase == .backoff }
            let start = ContinuousClock.now
            try await world.driver.stop(plan.id, grace: .seconds(30))
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }
}
