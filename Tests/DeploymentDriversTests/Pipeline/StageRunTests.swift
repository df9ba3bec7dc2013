import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

@Suite struct StageRunTests {
    @Test func aStageRunsInACleanCheckoutWithItsEnvironmentAlone() async throws {
        try await StageFixture.run { fixture in
            try fixture.git.write("shop/nonevent.yaml", "service: shop\n")
            let commit = try await fixture.git.commit("Shop")
            let plan = try fixture.plan(
                .shell("env | sort; pwd; ls -A; ls -A $HOME | wc -l"), commit: commit,
                environment: ["COLOUR": "green blue"], directory: "shop")
            let result = await fixture.driver.run(plan)
            #expect(result.outcome == .passed && result.exitCode == 0 && result.reason.isEmpty)
            #expect(result.duration > .zero && result.key.isEmpty && !result.cached && result.tests == nil)
            let output = try await fixture.output()
            let lines = output.split(separator: "\n").map(String.init)
            let names = lines.filter { $0.contains("=") }.map { $0.split(separator: "=")[0] }
            #expect(
                Set(names) == [
                    "CI", "COLOUR", "HOME", "LANG", "MARKS", "NONEVENT_ATTEMPT", "NONEVENT_ATTEMPT_DIRECTORY",
                    "NONEVENT_BRANCH", "NONEVENT_COMMIT", "NONEVENT_SERVICE", "NONEVENT_STAGE", "PATH", "PWD",
                ])
            #expect(lines.contains("COLOUR=green blue") && lines.contains("NONEVENT_COMMIT=\(commit)"))
            #expect(lines.suffix(3).first?.hasSuffix("/tree/shop") == true)
            #expect(lines.suffix(2) == ["nonevent.yaml", "0"])
            #expect(result.outputBytes == output.utf8.count)
            #expect(fixture.underWay().isEmpty)
        }
    }

    @Test func howACommandEndsIsSaid() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            var result = await fixture.driver.run(
                try fixture.plan(.shell("echo one; false; echo two"), commit: commit, attempt: "a-1"))
            #expect(result.outcome == .failed && result.exitCode == 1)
            #expect(result.reason == "the command of stage test exited with code 1")
            #expect(try await fixture.output("a-1") == "one\nnonevent: \(result.reason)\n")
            result = await fixture.driver.run(
                try fixture.plan(.shell("echo $NOT_SET"), commit: commit, attempt: "a-2"))
            #expect(result.outcome == .failed && result.exitCode == 2)
            result = await fixture.driver.run(
                try fixture.plan(.program(["sh", "-c", "kill -9 $$"]), commit: commit, attempt: "a-3"))
            #expect(result.outcome == .failed && result.exitCode == nil)
            #expect(result.reason == "the command of stage test was killed by signal 9")
            result = await fixture.driver.run(
                try fixture.plan(.program(["no-such-program", "x"]), commit: commit, attempt: "a-4"))
            #expect(result.outcome == .failed && result.reason.contains("cannot start no-such-program"))
            result = await fixture.driver.run(
                try fixture.plan(.program(["printf", "%s|", "a b", "$HOME"]), commit: commit, attempt: "a-5"))
            #expect(result.outcome == .passed)
            #expect(try await fixture.output("a-5") == "a b|$HOME|")
        }
    }

    @Test func outputIsReadWhileTheStageRuns() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let go = fixture.git.root + "/marks/go"
            let plan = try fixture.plan(
                .shell("echo first; while [ ! -e $MARKS/go ]; do sleep 0.02; done; echo second"), commit: commit)
            async let result = fixture.driver.run(plan)
            var piece = StageOutputPiece(offset: 0, bytes: [], isLast: false)
            try await fixture.eventually("the first line can be read") {
                guard let found = try? await fixture.driver.output(of: plan.attempt, from: 0, limit: 100) else {
                    return false
                }
                piece = found
                return !piece.bytes.isEmpty
            }
            #expect(String(decoding: piece.bytes, as: UTF8.self) == "first\n" && !piece.isLast)
            try "".write(toFile: go, atomically: true, encoding: .utf8)
            #expect(await result.outcome == .passed)
            let rest = try await fixture.driver.output(of: plan.attempt, from: piece.end, limit: 100)
            #expect(String(decoding: rest.bytes, as: UTF8.self) == "second\n" && rest.isLast)
            let unknown = await driverError {
                _ = try await fixture.driver.output(of: "../attempts", from: 0, limit: 1)
            }
            #expect(unknown?.code == .refused)
        }
    }

    @Test func secretsAreGivenAndMasked() async throws {
        try await StageFixture.run(environment: ["NONEVENT_SECRET_OTHER": "from-environment"]) { fixture in
            let commit = try await fixture.commit()
            try fixture.secret("TOKEN", "s3cr3t-token\n")
            try fixture.secret("KEY", "-----BEGIN-----\nline of the key\n-----END-----\n")
            let script = """
                test "$TOKEN" = s3cr3t-token
                echo "token $TOKEN and $OTHER"
                printf s3cr; sleep 0.2; printf '3t-tok'; sleep 0.2; echo en
                echo "$KEY"; echo "  | line of the key"
                printf s3cr3t-tok
                echo '<testsuite><testcase name="t"><failure message="s3cr3t-token"/></testcase></testsuite>' > r.xml
                """
            let result = await fixture.driver.run(
                try fixture.plan(
                    .shell(script), commit: commit, secrets: ["TOKEN", "KEY", "OTHER"], junit: "*.xml"))
            #expect(result.outcome == .passed)
            #expect(
                try await fixture.output() == "token *** and ***\n***\n***\n  | ***\ns3cr3t-tok")
            #expect(result.tests?.cases.first?.message == "***")
        }
    }

    @Test func aMissingSecretStopsTheStageBeforeItStarts() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let script = "touch $MARKS/ran"
            var result = await fixture.driver.run(
                try fixture.plan(.shell(script), commit: commit, attempt: "a-1", secrets: ["TOKEN"]))
            #expect(result.outcome == .unable && result.reason.contains("secret TOKEN is missing"))
            #expect(try await fixture.output("a-1").contains("NONEVENT_SECRET_TOKEN"))
            try fixture.secret("TOKEN", "s3cr3t-token", mode: 0o644)
            result = await fixture.driver.run(
                try fixture.plan(.shell(script), commit: commit, attempt: "a-2", secrets: ["TOKEN"]))
            #expect(result.outcome == .unable && result.reason.contains("chmod 600"))
            try fixture.secret("TOKEN", "abc")
            result = await fixture.driver.run(
                try fixture.plan(.shell(script), commit: commit, attempt: "a-3", secrets: ["TOKEN"]))
            #expect(result.outcome == .unable && result.reason.contains("cannot be masked"))
            #expect(!fixture.git.exists(fixture.git.root + "/marks/ran"))
        }
    }

    @Test func whatTheCheckoutFoundIsInTheOutput() async throws {
        try await StageFixture.run { fixture in
            try FileManager.default.createSymbolicLink(
                atPath: fixture.git.work + "/secrets", withDestinationPath: "/etc")
            let commit = try await fixture.commit()
            let result = await fixture.driver.run(try fixture.plan(.shell("echo ran"), commit: commit))
            #expect(result.notes == ["link secrets is a link that leads out of the checkout"])
            #expect(try await fixture.output() == "nonevent: \(result.notes[0])\nran\n")
        }
    }

    @Test func testsAreReported() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let script = """
                mkdir -p out/deep
                echo '<testsuite name="s"><testcase name="a" time="1.5"/></testsuite>' > out/deep/a.xml
                echo '<testsuite name="s"><testcase name="b"><failure>no</failure></testcase></testsuite>' > out/b.xml
                echo '<testsuite><testcase' > out/c.xml
                ln -s /etc/passwd out/d.xml
                exit 3
                """
            let result = await fixture.driver.run(
                try fixture.plan(.shell(script), commit: commit, junit: "out/**/*.xml"))
            #expect(result.outcome == .failed && result.exitCode == 3)
            #expect(result.tests?.passed == 1 && result.tests?.failed == 1 && result.tests?.duration == .seconds(1.5))
            #expect(result.notes.count == 1 && result.notes.first?.contains("out/c.xml") == true)
        }
    }

    @Test func nothingOfTheControlPlaneIsInherited() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            // One that this process forgot to mark, as libraries do.
            let open = Glibc.open("/dev/null", O_RDONLY)
            defer { close(open) }
            let script = "ls /proc/$$/fd; readlink /proc/$$/fd/0; trap; ps -o sid= -p $$ | tr -d ' '; cat"
            let result = await fixture.driver.run(try fixture.plan(.shell(script), commit: commit))
            #expect(result.outcome == .passed)
            let lines = try await fixture.output().split(separator: "\n").map(String.init)
            #expect(lines.prefix(4) == ["0", "1", "2", "/dev/null"])
            #expect(lines.count == 5 && lines.last != "\(getsid(0))")
        }
    }

    @Test func aDirectoryThatIsNotThereMakesTheAttemptUnable() async throws {
        try await StageFixture.run { fixture in
            try FileManager.default.createSymbolicLink(
                atPath: fixture.git.work + "/link", withDestinationPath: "/tmp")
            let commit = try await fixture.commit()
            for (number, directory) in ["missing", "link", "../../..", "nonevent.yaml"].enumerated() {
                let plan = try fixture.plan(
                    .shell("true"), commit: commit, attempt: "a-\(number)", directory: directory)
                let result = await fixture.driver.run(plan)
                #expect(result.outcome == .unable && result.reason.contains("has no directory '\(directory)'"))
            }
        }
    }

    @Test func oldOutputsAreRemoved() async throws {
        var limits = StageFixture.quick
        limits.outputs = 3
        try await StageFixture.run(limits: limits) { fixture in
            let commit = try await fixture.commit()
            let outputs = fixture.git.root + "/stages/outputs"
            for number in 0..<6 {
                let place = "\(outputs)/old-\(number)"
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                let time = Date(timeIntervalSince1970: Double(1_000_000 + number))
                try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: place)
            }
            _ = await fixture.driver.run(try fixture.plan(.shell("true"), commit: commit))
            let names = try FileManager.default.contentsOfDirectory(atPath: outputs).sorted()
            #expect(names == ["old-3", "old-4", "old-5", "shop-p1-test-1"])
        }
    }

    @Test func aCommitThatIsGoneMakesTheAttemptUnable() async throws {
        try await StageFixture.run { fixture in
            _ = try await fixture.commit()
            let gone = String(repeating: "ab", count: 20)
            let result = await fixture.driver.run(try fixture.plan(.shell("true"), commit: gone))
            #expect(result.outcome == .unable && result.reason.contains("is not in the mirror"))
            try FileManager.default.removeItem(atPath: fixture.git.origin)
            let unreachable = await fixture.driver.run(try fixture.plan(.shell("true"), commit: gone))
            #expect(unreachable.outcome == .unable && unreachable.reason.contains("cannot fetch"))
        }
    }

    @Test func oneAttemptIsNotMadeTwice() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let plan = try fixture.plan(.shell("echo x >> $MARKS/runs; sleep 0.3"), commit: commit)
            async let first = fixture.driver.run(plan)
            async let second = fixture.driver.run(plan)
            #expect(await first == second)
            #expect(fixture.git.text(fixture.git.root + "/marks/runs") == "x\n")
        }
    }
}
