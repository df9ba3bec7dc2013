import DeliveryModel
import Foundation
import Testing

@testable import DeploymentDrivers

/// Stages that behave badly, and supervisors and control planes that die.
@Suite struct StageFaultTests {
    @Test func whatIgnoresSIGTERMIsKilled() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let script = """
                trap '' TERM
                sh -c 'trap "" TERM; echo $$ > $MARKS/child; while :; do sleep 0.1; done' &
                echo $$ > $MARKS/main
                while :; do sleep 0.1; done
                """
            let result = await fixture.driver.run(
                try fixture.plan(.shell(script), commit: commit, timeout: .seconds(2)))
            #expect(result.outcome == .timedOut && result.exitCode == nil)
            #expect(result.reason == "stage test ran longer than 2.0 seconds and was ended")
            #expect(fixture.pid("main") != nil && !fixture.lives("main"))
            #expect(fixture.pid("child") != nil && !fixture.lives("child"))
            #expect(result.duration >= .seconds(2))
        }
    }

    @Test func aGracefulStopIsWaitedFor() async throws {
        var limits = StageLimits()
        limits.grace = .seconds(30)
        try await StageFixture.run(limits: limits) { fixture in
            let commit = try await fixture.commit()
            let script = """
                trap 'echo cleaned up; exit 0' TERM
                echo $$ > $MARKS/main
                while :; do sleep 0.05; done
                """
            let plan = try fixture.plan(.shell(script), commit: commit)
            async let result = fixture.driver.run(plan)
            try await fixture.eventually("the stage runs") { fixture.pid("main") != nil }
            await fixture.driver.stop(plan.attempt)
            let ended = await result
            #expect(ended.outcome == .stopped && ended.reason == "stage test was told to stop")
            #expect(try await fixture.output().contains("cleaned up\n"))
            #expect(!fixture.lives("main") && fixture.underWay().isEmpty)
            await fixture.driver.stop("unknown")
        }
    }

    @Test func aCancelledTaskStopsItsStage() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let plan = try fixture.plan(.shell("echo $$ > $MARKS/main; exec sleep 300"), commit: commit)
            let task = Task { await fixture.driver.run(plan) }
            try await fixture.eventually("the stage runs") { fixture.pid("main") != nil }
            task.cancel()
            #expect(await task.value.outcome == .stopped)
            #expect(!fixture.lives("main"))
        }
    }

    /// Out of the group, out of the session, an orphan, and without the environment that marks it.
    @Test func whatForksAwayIsFoundAndKilled() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let script = """
                setsid sh -c 'echo $$ > $MARKS/session; exec sleep 300' &
                python3 - "$MARKS" <<'END'
                import os, sys
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        open(sys.argv[1] + "/double", "w").write(str(os.getpid()))
                        os.execve("/bin/sleep", ["sleep", "300"], {})
                    os._exit(0)
                os.wait()
                END
                while [ ! -s $MARKS/session ] || [ ! -s $MARKS/double ]; do sleep 0.02; done
                """
            let begun = ContinuousClock.now
            let result = await fixture.driver.run(try fixture.plan(.shell(script), commit: commit))
            #expect(result.outcome == .passed, "\(result)")
            #expect(ContinuousClock.now - begun < .seconds(60), "the open pipe was waited for")
            #expect(fixture.pid("session") != nil && !fixture.lives("session"))
            #expect(fixture.pid("double") != nil && !fixture.lives("double"))
            let note = try #require(result.notes.first)
            #expect(note.hasPrefix("killed what the command left behind: ") && note.contains("sleep ("))
            #expect(try await fixture.output().contains(note))
        }
    }

    @Test func aFloodIsBounded() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            try fixture.secret("TOKEN", "s3cr3t-token")
            let script = "echo begin; seq -w 1 6000000; echo end"
            let plan = try fixture.plan(.shell(script), commit: commit, secrets: ["TOKEN"], timeout: .seconds(300))
            let result = await fixture.driver.run(plan)
            #expect(result.outcome == .passed)
            #expect(result.outputBytes == 48_000_010)
            let kept = try await fixture.output()
            #expect(kept.hasPrefix("begin\n0000001\n") && kept.hasSuffix("\n6000000\nend\n"))
            #expect(kept.utf8.count > 15 << 20 && kept.utf8.count <= 16 << 20)
            let piece = try await fixture.driver.output(of: plan.attempt, from: 2 << 20, limit: 10)
            #expect(piece.offset == 31 << 20, "bytes that are not kept are skipped")
        }
    }

    @Test func aTreeThatIsNestedWithoutEndIsRemoved() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let script = """
                import os
                os.mkdir("closed")
                os.mkdir("closed/x")
                os.chmod("closed", 0)
                for _ in range(3000):
                    os.mkdir("deep")
                    os.chdir("deep")
                """
            let result = await fixture.driver.run(
                try fixture.plan(.program(["python3", "-c", script]), commit: commit, junit: "**/*.xml"))
            #expect(result.outcome == .passed)
            #expect(result.notes == ["no file matches '**/*.xml': no tests were reported"])
            #expect(fixture.underWay().isEmpty)
        }
    }

    @Test func aSupervisorThatIsKilledTakesItsStageAlong() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let plan = try fixture.plan(
                .shell("echo $PPID > $MARKS/parent; echo $$ > $MARKS/main; exec sleep 300"), commit: commit)
            async let result = fixture.driver.run(plan)
            try await fixture.eventually("the stage runs") { fixture.pid("main") != nil }
            kill(try #require(fixture.pid("parent")), SIGKILL)
            let lost = await result
            #expect(lost.outcome == .lost && lost.reason.contains("supervisor"))
            #expect(!fixture.lives("main") && fixture.underWay().isEmpty)
        }
    }

    /// A Python program stands for the control plane: it starts a supervisor as the driver does, and is killed.
    @Test(arguments: [false, true]) func afterKillNineOfTheControlPlaneNothingIsLeft(
        _ supervisorToo: Bool
    ) async throws {
        try await StageFixture.run { fixture in
            let root = fixture.git.root
            let place = root + "/stages/attempts/shop-p1-test-1"
            try FileManager.default.createDirectory(atPath: place + "/tree", withIntermediateDirectories: true)
            let script = "echo $PPID > $MARKS/parent; echo $$ > $MARKS/main; trap '' TERM; while :; do sleep 0.1; done"
            let environment = [
                "MARKS": root + "/marks", StageOrder.mark: place, "PATH": "/usr/bin:/bin",
            ]
            let order = StageOrder(
                attemptDirectory: place, workingDirectory: place + "/tree",
                outputDirectory: root + "/stages/outputs/shop-p1-test-1", command: ["/bin/sh", "-c", script],
                environment: environment, secrets: [], timeout: .seconds(600), grace: .seconds(10))
            let orphan = """
                import socket, subprocess, sys, time
                ours, theirs = socket.socketpair()
                subprocess.Popen([sys.argv[1], "shim", "--stage"], stdin=theirs)
                theirs.close()
                ours.sendall(sys.argv[2].encode() + b"\\n")
                time.sleep(300)
                """
            let json = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
            let plane = try Spawn(
                path: "/usr/bin/python3", arguments: ["python3", "-c", orphan, DriverWorld.binary, json],
                environment: ["PATH=/usr/bin:/bin", "\(StageOrder.mark)=\(place)"], family: .group
            ).run()
            try await fixture.eventually("the stage runs") { fixture.lives("main") }
            kill(plane, SIGKILL)
            if supervisorToo { kill(try #require(fixture.pid("parent")), SIGKILL) }
            var status: Int32 = 0
            waitpid(plane, &status, 0)
            if !supervisorToo {
                try await fixture.eventually("the supervisor ends the stage by itself") { !fixture.lives("main") }
            }
            #expect(try await fixture.driver.recover() == ["shop-p1-test-1"])
            #expect(!fixture.lives("main") && fixture.underWay().isEmpty)
            #expect(try await fixture.driver.recover() == [])
            // The attempt is made again, from the beginning.
            let commit = try await fixture.commit()
            let again = await fixture.driver.run(try fixture.plan(.shell("echo again"), commit: commit))
            #expect(again.outcome == .passed)
            #expect(try await fixture.output() == "again\n")
        }
    }
}
