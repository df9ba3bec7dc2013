import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

@Suite struct StageCacheTests {
    @Test func whatDidNotChangeIsTakenFromTheCache() async throws {
        try await StageFixture.run { fixture in
            try fixture.git.write("src/a.c", "a")
            try fixture.git.write("readme", "r")
            let first = try await fixture.commit()
            try fixture.git.write("readme", "changed")
            let second = try await fixture.git.commit("Change what is not in the key")
            try fixture.git.write("src/a.c", "b")
            let third = try await fixture.git.commit("Change what is")
            func plan(_ commit: String, _ number: Int, _ environment: [String: String] = [:]) throws -> StagePlan {
                let script = """
                    echo x >> $MARKS/runs
                    echo '<testsuite><testcase name="t"/></testsuite>' > r.xml
                    """
                return try fixture.plan(
                    .shell(script), commit: commit, attempt: "a-\(number)", environment: environment,
                    cache: .init(key: ["src/**"]), junit: "r.xml")
            }
            let a = await fixture.driver.run(try plan(first, 1))
            #expect(a.outcome == .passed && !a.cached && a.key.count == 64)
            let b = await fixture.driver.run(try plan(second, 2))
            #expect(b.outcome == .passed && b.cached && b.key == a.key && b.tests == a.tests && b.tests?.passed == 1)
            #expect(try await fixture.output("a-2").hasPrefix("nonevent: taken from the cache"))
            let c = await fixture.driver.run(try plan(third, 3))
            #expect(!c.cached && c.key != a.key)
            let d = await fixture.driver.run(try plan(second, 4, ["COLOUR": "green"]))
            #expect(!d.cached && d.key != a.key)
            #expect(fixture.git.text(fixture.git.root + "/marks/runs") == "x\nx\nx\n")
            // Another driver, as after a restart, finds it too.
            let later = StageFixture.driver(fixture.git, fixture.git.root + "/stages")
            _ = try await later.recover()
            #expect(await later.run(try plan(first, 5)).cached)
        }
    }

    @Test func aFailureIsNotKept() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let script = "echo x >> $MARKS/runs; false"
            for number in 1...2 {
                let result = await fixture.driver.run(
                    try fixture.plan(.shell(script), commit: commit, attempt: "a-\(number)", cache: .init()))
                #expect(result.outcome == .failed && !result.cached)
            }
            #expect(fixture.git.text(fixture.git.root + "/marks/runs") == "x\nx\n")
        }
    }

    @Test func stagesHandOnFiles() async throws {
        try await StageFixture.run { fixture in
            try fixture.git.write("shop/nonevent.yaml", "service: shop\n")
            let commit = try await fixture.git.commit("Shop")
            let build = """
                mkdir -p out/bin out/empty; echo program > out/bin/shop; chmod 755 out/bin/shop
                ln -s bin/shop out/current; touch -d 2001-02-03 out/bin/shop
                mkfifo out/pipe; echo n > note; echo no > other
                """
            let built = await fixture.driver.run(
                try fixture.plan(
                    .shell(build), commit: commit, attempt: "a-1", stage: "build",
                    cache: .init(paths: ["out/", "note"]), directory: "shop"))
            #expect(built.outcome == .passed, "\(built)")
            let look = """
                test -x out/bin/shop; test "$(cat out/current)" = program; test -d out/empty; test ! -e out/pipe
                test ! -e other; test "$(cat note)" = n; stat -c %y out/bin/shop | grep ^2001
                """
            let used = await fixture.driver.run(
                try fixture.plan(
                    .shell(look), commit: commit, attempt: "a-2", restored: [built.key], directory: "shop"))
            let said = try await fixture.output("a-2")
            #expect(used.outcome == .passed, "\(said)")
            let tree = fixture.git.root + "/packed"
            let assembled = try await fixture.driver.assemble(
                TreePlan(
                    repository: fixture.git.origin, commit: commit, directory: "shop", restored: [built.key],
                    destination: tree))
            #expect(assembled.directory == tree + "/shop" && assembled.notes.isEmpty)
            #expect(fixture.git.text(tree + "/shop/out/bin/shop") == "program\n")
            #expect(fixture.git.text(tree + "/shop/nonevent.yaml") == "service: shop\n")
            let gone = await driverError {
                _ = try await fixture.driver.assemble(
                    TreePlan(
                        repository: fixture.git.origin, commit: commit, directory: "shop",
                        restored: [String(repeating: "0", count: 64)], destination: tree + "2"))
            }
            #expect(gone?.code == .failed && gone?.message.contains("has to run again") == true)
        }
    }

    @Test func whatIsNotThereCannotBeHandedOn() async throws {
        try await StageFixture.run { fixture in
            let commit = try await fixture.commit()
            let result = await fixture.driver.run(
                try fixture.plan(
                    .shell("mkdir out"), commit: commit, cache: .init(paths: ["out/missing"])))
            #expect(result.outcome == .failed && result.reason.contains("there is no 'out/missing'"), "\(result)")
            #expect(kept(fixture).isEmpty)
        }
    }

    /// The tree has a link where the stage hands on a directory: neither taking nor giving may go through it.
    @Test func noLinkIsFollowed() async throws {
        try await StageFixture.run { fixture in
            let outside = fixture.git.root + "/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try "private".write(toFile: outside + "/file", atomically: true, encoding: .utf8)
            let plain = try await fixture.commit()
            let built = await fixture.driver.run(
                try fixture.plan(
                    .shell("mkdir out; echo new > out/file"), commit: plain, attempt: "a-1",
                    cache: .init(paths: ["out/file"])))
            #expect(built.outcome == .passed)
            try FileManager.default.createSymbolicLink(
                atPath: fixture.git.work + "/out", withDestinationPath: outside)
            let linked = try await fixture.git.commit("A link")
            let result = await fixture.driver.run(
                try fixture.plan(.shell("true"), commit: linked, attempt: "a-2", restored: [built.key]))
            #expect(result.outcome == .unable && result.reason.contains("a link is in the way"), "\(result)")
            #expect(fixture.git.text(outside + "/file") == "private")
            let taken = await fixture.driver.run(
                try fixture.plan(
                    .shell("true"), commit: linked, attempt: "a-3", cache: .init(paths: ["out/file"])))
            #expect(taken.outcome == .failed && taken.reason.contains("a link is in the way"))
        }
    }

    @Test func whatWasUsedLeastRecentlyGoesFirst() async throws {
        var limits = StageFixture.quick
        limits.cacheBytes = 2500
        try await StageFixture.run(limits: limits) { fixture in
            let commit = try await fixture.commit()
            func run(_ name: String, _ attempt: String) async throws -> StageResult {
                await fixture.driver.run(
                    try fixture.plan(
                        .shell("head -c 1000 /dev/zero > file"), commit: commit, attempt: attempt, stage: name,
                        cache: .init(paths: ["file"])))
            }
            _ = try await run("one", "a-1")
            _ = try await run("two", "a-2")
            #expect(try await run("one", "a-3").cached)
            _ = try await run("three", "a-4")
            #expect(kept(fixture).count == 2)
            #expect(try await run("one", "a-5").cached)
            #expect(try await run("two", "a-6").cached == false)
            let large = await fixture.driver.run(
                try fixture.plan(
                    .shell("head -c 3000 /dev/zero > file"), commit: commit, attempt: "a-7", stage: "large",
                    cache: .init(paths: ["file"])))
            #expect(large.outcome == .failed && large.reason.contains("more than 2500 bytes"), "\(large)")
        }
    }

    @Test func whatACrashLeftHalfDoneIsRemoved() async throws {
        try await StageFixture.run { fixture in
            let draft = fixture.git.root + "/stages/cache/incoming/x.1/files"
            try FileManager.default.createDirectory(atPath: draft, withIntermediateDirectories: true)
            _ = try await fixture.driver.recover()
            #expect(!fixture.git.exists(fixture.git.root + "/stages/cache/incoming"))
        }
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func aFullDiskIsToldAndLeavesNothingHalf() async throws {
        try await StageFixture.run { fixture in
            let disk = fixture.git.root + "/stages"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            guard mount("tmpfs", disk, "tmpfs", 0, "size=4m") == 0 else {
                // A container without CAP_SYS_ADMIN: nothing can be proved here.
                #expect(errno == EPERM)
                return
            }
            defer { umount2(disk, Int32(MNT_DETACH)) }
            let commit = try await fixture.commit()
            // Room for the file once, and not for its copy in the cache.
            let handing = await fixture.driver.run(
                try fixture.plan(
                    .shell("head -c 2500000 /dev/zero > file"), commit: commit, attempt: "a-1",
                    cache: .init(paths: ["file"])))
            #expect(handing.outcome == .unable && handing.reason.contains("the disk is full"), "\(handing)")
            #expect(kept(fixture).isEmpty && fixture.underWay().isEmpty)
            // The stage itself fills the disk, and goes on to write.
            let filling = await fixture.driver.run(
                try fixture.plan(
                    .shell("cat /dev/zero > file || true; seq 1 100000; exit 4"), commit: commit, attempt: "a-2"))
            #expect(filling.outcome == .failed && filling.exitCode == 4)
            #expect(filling.notes.contains { $0.hasPrefix("the disk is full: ") && $0.contains("of output are lost") })
            #expect(fixture.underWay().isEmpty)
            // No room for the checkout.
            try fixture.git.write("large", String(repeating: "x", count: 5_000_000))
            let large = try await fixture.git.commit("Large")
            let unable = await fixture.driver.run(try fixture.plan(.shell("true"), commit: large, attempt: "a-3"))
            #expect(unable.outcome == .unable && unable.reason.contains("the disk is full"), "\(unable)")
            #expect(fixture.underWay().isEmpty)
            // With room again all is as before.
            let well = await fixture.driver.run(
                try fixture.plan(
                    .shell("echo x > file"), commit: commit, attempt: "a-4", cache: .init(paths: ["file"])))
            #expect(well.outcome == .passed)
        }
    }

    /// Keys of the entries in the cache.
    private func kept(_ fixture: StageFixture) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: fixture.git.root + "/stages/cache")
        return (names ?? []).filter { $0.count == 64 }
    }
}
