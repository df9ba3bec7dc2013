import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

@Suite struct GitMirrorTests {
    @Test func aFetchFindsBranchesAndServices() async throws {
        try await GitFixture.run { fixture in
            let first = try await fixture.threeServices()
            try await fixture.git("-C", fixture.work, "push", "--quiet", "origin", "HEAD:refs/heads/topic/a")
            for url in [fixture.origin, "file://" + fixture.origin] {
                let mirrors = fixture.mirrors()
                let fetch = try await mirrors.fetch(url)
                #expect(fetch.branches == ["main": first, "topic/a": first])
                #expect(fetch.changes.map(\.branch) == ["main", "topic/a"])
                #expect(fetch.changes.allSatisfy { $0.before == nil && $0.after == first && !$0.isForced })
                #expect(fetch.notes.isEmpty)
                let mirror = try mirrors.mirror(of: url)
                let services = try await mirror.serviceFiles(at: first)
                #expect(services.map(\.path) == ["billing/nonevent.yaml", "nonevent.yaml", "shop/nonevent.yaml"])
                let shop = try #require(services.last)
                #expect(try await mirror.contents(of: shop) == Array("service: shop\n".utf8))
                #expect(try await mirror.commit("topic/a") == first)
                #expect(try await mirror.commit(String(first.prefix(10))) == first)
                #expect(try await mirror.commit("nowhere") == nil)
                #expect(try await mirrors.fetch(url).changes.isEmpty)
            }
        }
    }

    @Test func onlyWhatChangedIsNamed() async throws {
        try await GitFixture.run { fixture in
            let first = try await fixture.threeServices()
            try fixture.write("shop/main.sh", "echo another shop\n")
            try await fixture.commit("Change the shop")
            try fixture.write("shop/a\nb\".txt", "hostile name")
            let last = try await fixture.commit("Add \u{1b}[31ma file\twith a name")
            let mirrors = fixture.mirrors()
            _ = try await mirrors.fetch(fixture.origin)
            let mirror = try mirrors.mirror(of: fixture.origin)
            let changes = try await mirror.changedPaths(from: first, to: last)
            #expect(changes.paths?.sorted() == ["shop/a\nb\".txt", "shop/main.sh"])
            #expect(changes.note.isEmpty)
            let batch = try await mirror.batch(from: first, to: last)
            #expect(batch.total == 2)
            #expect(batch.commits.map(\.subject) == ["Add  [31ma file with a name", "Change the shop"])
            #expect(batch.commits.first?.author == "Ada")
            #expect(batch.commits.first?.commit == last)
            let alone = try await mirror.batch(from: nil, to: last)
            #expect(alone.total == 1 && alone.commits.map(\.commit) == [last])
            #expect(try await mirror.changedPaths(from: nil, to: last).paths == nil)
        }
    }

    @Test func aRewrittenBranchIsTold() async throws {
        try await GitFixture.run { fixture in
            let first = try await fixture.threeServices()
            try fixture.write("shop/main.sh", "echo lost\n")
            let lost = try await fixture.commit("Will be rewritten")
            let mirrors = fixture.mirrors()
            _ = try await mirrors.fetch(fixture.origin)
            try await fixture.git("-C", fixture.work, "reset", "--quiet", "--hard", first)
            try fixture.write("billing/main.sh", "echo new\n")
            let new = try await fixture.commit("Instead")
            let fetch = try await mirrors.fetch(fixture.origin)
            let change = GitBranchChange(branch: "main", before: lost, after: new, isForced: true)
            #expect(fetch.changes == [change])
            #expect(fetch.notes.first?.contains("rewritten") == true)
            let mirror = try mirrors.mirror(of: fixture.origin)
            let changes = try await mirror.changedPaths(from: lost, to: new)
            #expect(changes.paths?.sorted() == ["billing/main.sh", "shop/main.sh"])
            #expect(changes.note.contains("rewritten"))
            let batch = try await mirror.batch(from: lost, to: new)
            #expect(batch.commits.map(\.subject) == ["Instead"])
            #expect(batch.note.contains("rewritten"))
        }
    }

    @Test func aVanishedCommitIsTold() async throws {
        try await GitFixture.run { fixture in
            let first = try await fixture.threeServices()
            let mirrors = fixture.mirrors()
            _ = try await mirrors.fetch(fixture.origin)
            let mirror = try mirrors.mirror(of: fixture.origin)
            let gone = String(repeating: "ab", count: 20)
            let changes = try await mirror.changedPaths(from: gone, to: first)
            #expect(changes.paths == nil && changes.note.contains("gone"))
            #expect(try await mirror.batch(from: gone, to: first).note.contains("gone"))
            let error = await driverError { _ = try await mirror.checkOut(gone, into: fixture.root + "/tree") }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("is not in the mirror") == true)
            // A branch that was deleted.
            try await fixture.git("-C", fixture.work, "push", "--quiet", "origin", "HEAD:refs/heads/topic")
            _ = try await mirrors.fetch(fixture.origin)
            try await fixture.git("-C", fixture.work, "push", "--quiet", "origin", ":refs/heads/topic")
            let fetch = try await mirrors.fetch(fixture.origin)
            #expect(fetch.changes.map(\.after) == [nil] && fetch.branches == ["main": first])
        }
    }

    @Test func aShallowRepositoryIsTold() async throws {
        try await GitFixture.run { fixture in
            for number in 1...4 {
                try fixture.write("count", "\(number)")
                try await fixture.commit("Number \(number)")
            }
            let shallow = fixture.root + "/shallow.git"
            try await fixture.git("clone", "--quiet", "--bare", "--depth=2", "file://" + fixture.origin, shallow)
            let mirrors = fixture.mirrors()
            let fetch = try await mirrors.fetch(shallow)
            let head = try #require(fetch.branches["main"])
            #expect(fetch.notes.contains { $0.contains("shallow") })
            let mirror = try mirrors.mirror(of: shallow)
            let old = try await fixture.git("-C", fixture.work, "rev-parse", "HEAD~3")
            #expect(try await mirror.changedPaths(from: old, to: head).paths == nil)
            let report = try await mirror.checkOut(head, into: fixture.root + "/tree")
            #expect(report.files == 1 && fixture.text(fixture.root + "/tree/count") == "4")
        }
    }

    @Test func aRepositoryThatIsGoneIsUnreachable() async throws {
        try await GitFixture.run { fixture in
            _ = try await fixture.threeServices()
            let mirrors = fixture.mirrors()
            let first = try await mirrors.fetch(fixture.origin)
            try FileManager.default.removeItem(atPath: fixture.origin)
            let error = await driverError { _ = try await mirrors.fetch(fixture.origin) }
            #expect(error?.code == .unreachable)
            #expect(error?.message.contains(fixture.origin) == true)
            // What was fetched before is still there.
            #expect(try await mirrors.mirror(of: fixture.origin).branches() == first.branches)
        }
    }

    @Test func moreThanIsAllowedIsRefused() async throws {
        try await GitFixture.run { fixture in
            let bytes = (0..<300_000).map { _ in UInt64.random(in: .min ... .max) }
            try fixture.write("small", "x")
            try await fixture.commit("Small")
            var limits = GitLimits()
            limits.fetchBytes = 100_000
            let mirrors = fixture.mirrors(limits)
            let before = try await mirrors.fetch(fixture.origin)
            let data = bytes.withUnsafeBytes { Data($0) }
            try data.write(to: URL(fileURLWithPath: fixture.work + "/large"))
            try await fixture.commit("Large")
            let error = await driverError { _ = try await mirrors.fetch(fixture.origin) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("100000 bytes a fetch") == true)
            #expect(try await mirrors.mirror(of: fixture.origin).branches() == before.branches)
        }
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func aFullDiskIsTold() async throws {
        try await GitFixture.run { fixture in
            let disk = fixture.root + "/mirrors"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            guard mount("tmpfs", disk, "tmpfs", 0, "size=2m") == 0 else {
                // A container without CAP_SYS_ADMIN: nothing can be proved here.
                #expect(errno == EPERM)
                return
            }
            defer { umount2(disk, Int32(MNT_DETACH)) }
            try fixture.write("small", "x")
            let small = try await fixture.commit("Small")
            let mirrors = fixture.mirrors()
            _ = try await mirrors.fetch(fixture.origin)
            let bytes = (0..<400_000).map { _ in UInt64.random(in: .min ... .max) }
            try bytes.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: fixture.work + "/large")) }
            try await fixture.commit("Large")
            let error = await driverError { _ = try await mirrors.fetch(fixture.origin) }
            #expect(error?.message.hasPrefix("the disk is full: ") == true, "\(error?.message ?? "")")
            // What was there before still is, and with room again the fetch goes on.
            #expect(try await mirrors.mirror(of: fixture.origin).branches() == ["main": small])
            try await fixture.git("-C", fixture.work, "reset", "--quiet", "--hard", small)
            let next = try await fixture.commit("Without it")
            #expect(try await mirrors.fetch(fixture.origin).branches == ["main": next])
        }
    }

    @Test(arguments: [
        "ext::sh -c touch% /tmp/owned", "--upload-pack=touch", "relative/path", "fd::17", "https://", "ftp://host/x",
        "",
        "ssh://-oProxyCommand=x/y", "a\nb",
    ])
    func whatIsNoRepositoryIsRefused(_ url: String) async throws {
        try await GitFixture.run { fixture in
            let error = await driverError { _ = try await fixture.mirrors().fetch(url) }
            #expect(error?.code == .refused)
        }
    }

    @Test func noMessageHoldsAPassword() async throws {
        try await GitFixture.run { fixture in
            let url = "http://ada:hunter22@127.0.0.1:1/shop.git"
            let error = await driverError { _ = try await fixture.mirrors().fetch(url) }
            #expect(error?.code == .unreachable)
            #expect(error?.message.contains("hunter22") == false)
            #expect(error?.message.contains("127.0.0.1:1/shop.git") == true)
        }
    }

    /// A hook, a filter and a monitor in the repository that is fetched from, and none of them runs.
    @Test func nothingOfTheRepositoryIsExecuted() async throws {
        try await GitFixture.run { fixture in
            let mark = fixture.root + "/owned"
            try fixture.write(".gitattributes", "* filter=evil\n")
            try fixture.write("a", "a")
            let commit = try await fixture.commit("Attributes")
            let mirrors = fixture.mirrors()
            _ = try await mirrors.fetch(fixture.origin)
            let mirror = try mirrors.mirror(of: fixture.origin)
            let hooks = mirror.path + "/hooks"
            try FileManager.default.createDirectory(atPath: hooks, withIntermediateDirectories: true)
            for hook in ["reference-transaction", "post-checkout", "post-index-change"] {
                try "#!/bin/sh\ntouch \(mark)\n".write(toFile: hooks + "/" + hook, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: hooks + "/" + hook)
            }
            try await fixture.commit("Another")
            _ = try await mirrors.fetch(fixture.origin)
            _ = try await mirror.checkOut(commit, into: fixture.root + "/tree")
            #expect(fixture.text(fixture.root + "/tree/a") == "a")
            #expect(!fixture.exists(mark))
        }
    }

    @Test func twoFetchesAtOnceTakeTurns() async throws {
        try await GitFixture.run { fixture in
            let first = try await fixture.threeServices()
            let mirrors = fixture.mirrors()
            try await withThrowingTaskGroup(of: GitFetch.self) { group in
                for _ in 0..<6 { group.addTask { try await mirrors.fetch(fixture.origin) } }
                for try await fetch in group { #expect(fetch.branches == ["main": first]) }
            }
        }
    }
}
