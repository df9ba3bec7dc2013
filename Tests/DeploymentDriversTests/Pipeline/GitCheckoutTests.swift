import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

@Suite struct GitCheckoutTests {
    @Test func exactlyTheCommitIsLaidOut() async throws {
        try await GitFixture.run { fixture in
            let first = try await fixture.threeServices()
            try fixture.write("shop/main.sh", "echo later\n")
            try await fixture.commit("Later")
            let mirror = try await mirror(fixture)
            let tree = fixture.root + "/checkout/tree"
            let report = try await mirror.checkOut(first, into: tree)
            #expect(report.files == 5 && report.notes.isEmpty)
            #expect(fixture.text(tree + "/shop/main.sh") == "echo shop\n")
            #expect(FileManager.default.isExecutableFile(atPath: tree + "/shop/main.sh"))
            #expect(!FileManager.default.isExecutableFile(atPath: tree + "/billing/main.sh"))
            #expect(!fixture.exists(tree + "/.git"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.root + "/checkout") == ["tree"])
            let again = await driverError { _ = try await mirror.checkOut(first, into: tree) }
            #expect(again?.code == .failed)
        }
    }

    @Test func hostileNamesAndLinksStayInside() async throws {
        try await GitFixture.run { fixture in
            try fixture.write("a\nb", "line end")
            try fixture.write("-rf", "option")
            try fixture.write("back\\slash", "backslash")
            try fixture.write("ü/é", "letters")
            try fixture.write(":(glob)**", "pathspec")
            try FileManager.default.createSymbolicLink(
                atPath: fixture.work + "/out", withDestinationPath: "../../../../etc/passwd")
            try FileManager.default.createSymbolicLink(
                atPath: fixture.work + "/absolute", withDestinationPath: "/etc")
            try FileManager.default.createSymbolicLink(atPath: fixture.work + "/inside", withDestinationPath: "ü/é")
            let commit = try await fixture.commit("Names")
            let mirror = try await mirror(fixture)
            let tree = fixture.root + "/tree"
            let report = try await mirror.checkOut(commit, into: tree)
            let expected = ["-rf", ":(glob)**", "a\nb", "absolute", "back\\slash", "inside", "out", "ü"]
            #expect(try FileManager.default.contentsOfDirectory(atPath: tree).sorted() == expected)
            #expect(fixture.text(tree + "/inside") == "letters")
            let note = try #require(report.notes.first)
            #expect(report.notes.count == 1 && note.contains("2 links") && note.contains("absolute, out"))
        }
    }

    /// A tree that git itself would not make: a link and a directory of the same name, through which files would be
    /// written elsewhere.
    @Test func aTreeThatWritesThroughALinkIsRefused() async throws {
        try await GitFixture.run { fixture in
            let outside = fixture.root + "/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
            let script = """
                set -e; cd "$1"
                blob=$(echo owned | git hash-object -w --stdin)
                link=$(printf '%s' "$2" | git hash-object -w --stdin)
                below=$(printf '100644 blob %s\\tfile\\n' $blob | git mktree)
                bytes() { printf '%s' "$1" | sed 's/../\\\\x&/g'; }
                { printf '120000 evil\\0'; printf "$(bytes $link)"; printf '40000 evil\\0'; printf "$(bytes $below)"
                } | git hash-object -t tree -w --stdin --literally > tree
                commit=$(git commit-tree -m evil $(cat tree)); git update-ref refs/heads/main $commit
                """
            try await fixture.tool("bash", ["-c", script, "bash", fixture.origin, outside])
            let error = await driverError { _ = try await fixture.mirrors().fetch(fixture.origin) }
            #expect(
                error?.message.contains("duplicateEntries") == true || error?.message.contains("treeNotSorted") == true)
            #expect(!fixture.exists(outside + "/file"))
        }
    }

    @Test func submodulesAndPointersAreTold() async throws {
        try await GitFixture.run { fixture in
            try fixture.write("readme", "x")
            let other = try await fixture.commit("To be a submodule")
            try fixture.write(".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = \(fixture.origin)\n")
            try await fixture.git(
                "-C", fixture.work, "update-index", "--add", "--cacheinfo", "160000,\(other),vendor/lib")
            try fixture.write(
                "logo.png",
                "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 9\n")
            try await fixture.git("-C", fixture.work, "add", "logo.png", ".gitmodules")
            try await fixture.git("-C", fixture.work, "commit", "--quiet", "--message", "Both")
            try await fixture.git("-C", fixture.work, "push", "--quiet", "origin", "HEAD")
            let commit = try await fixture.git("-C", fixture.work, "rev-parse", "HEAD")
            let tree = fixture.root + "/tree"
            let report = try await mirror(fixture).checkOut(commit, into: tree)
            #expect(report.notes.count == 2)
            #expect(report.notes.first?.hasPrefix("submodule vendor/lib is left empty") == true)
            #expect(report.notes.last?.hasPrefix("LFS file logo.png is a pointer") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: tree + "/vendor/lib").isEmpty)
        }
    }

    /// A gigabyte of zeros packs well, so that it comes through a fetch and has to be refused at the checkout.
    @Test func aHugeFileIsRefusedBeforeAnythingIsWritten() async throws {
        try await GitFixture.run { fixture in
            try await fixture.tool("truncate", ["--size=1G", fixture.work + "/huge.bin"])
            try await fixture.git("-C", fixture.work, "config", "core.bigFileThreshold", "1m")
            try await fixture.git("-C", fixture.work, "config", "core.compression", "1")
            let commit = try await fixture.commit("Huge", push: false)
            let tree = fixture.root + "/tree"
            let mirrors = fixture.mirrors()
            _ = try await mirrors.fetch(fixture.work)
            let mirror = try mirrors.mirror(of: fixture.work)
            let error = await driverError { _ = try await mirror.checkOut(commit, into: tree) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("'huge.bin' has 1073741824 bytes") == true)
            #expect(!fixture.exists(tree))
        }
    }

    @Test func tooManyFilesAndTooManyBytesAreRefused() async throws {
        try await GitFixture.run { fixture in
            let commit = try await fixture.threeServices()
            var limits = GitLimits()
            limits.files = 4
            var error = await driverError {
                _ = try await mirror(fixture, limits).checkOut(commit, into: fixture.root + "/tree")
            }
            #expect(error?.code == .refused && error?.message.contains("more than 4 files") == true)
            limits = GitLimits()
            limits.treeBytes = 50
            error = await driverError {
                _ = try await mirror(fixture, limits).checkOut(commit, into: fixture.root + "/tree")
            }
            #expect(error?.code == .refused && error?.message.contains("50 are allowed") == true)
        }
    }

    private func mirror(_ fixture: GitFixture, _ limits: GitLimits = GitLimits()) async throws -> GitMirror {
        let mirrors = fixture.mirrors(limits)
        _ = try await mirrors.fetch(fixture.origin)
        return try mirrors.mirror(of: fixture.origin)
    }
}
