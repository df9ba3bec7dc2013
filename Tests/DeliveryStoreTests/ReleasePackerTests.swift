import DeliveryModel
import DeliveryStore
import Glibc
import Testing

@Suite struct ReleasePackerTests {
    @Test func theSameFilesHaveTheSameDigestAnywhere() throws {
        let (first, second) = (try ReleaseFixture(), try ReleaseFixture())
        try first.writeFiles()
        try second.writeFiles(reversed: true)
        let packed = try first.pack()
        #expect(try second.pack(include: ["assets/", "./bin/", "bin/shop"]) == packed)
        #expect(packed.digest.description == "sha256:18db35fdf4be0b7ecce9c8052dea012a3c85725070cde0f536a90a774617e3a8")
        #expect(try first.pack(commit: "other").digest != packed.digest)
        #expect(try first.pack(epoch: "1700000000").digest != packed.digest)
        try first.tree.write("config/production.yaml", "key: other\n")
        #expect(try first.pack().digest != packed.digest)
    }

    @Test func onlyWhatIsNamedIsPacked() throws {
        let fixture = try ReleaseFixture()
        try fixture.writeFiles()
        let packed = try fixture.pack()
        try fixture.archive.register(packed.digest)
        let manifest = try fixture.archive.manifest(packed.digest)
        #expect(manifest.commit == "c0ffee0123456789" && manifest.service == "shop")
        #expect(manifest.createdAt == Timestamp(microseconds: 1_700_000_000_000_000))
        let root = try fixture.archive.unpack(packed.digest)
        #expect(Scratch.exists(root + "/program/bin/link"))
        #expect(!Scratch.exists(root + "/program/ignored"))
        #expect(!Scratch.exists(root + "/program/config"))
    }

    @Test(arguments: [
        (["../x"], StoreError.Code.refused, "leaves"), (["/etc/passwd"], .refused, "leaves"),
        (["bin/../../x"], .refused, "leaves"), (["missing"], .notFound, "build it first"),
        (["missing/"], .notFound, "build it first"), (["bin"], .refused, "write 'bin/'"),
        (["bin/shop/"], .refused, "take the '/' away"), (["bin/"], .refused, "include that too"),
    ])
    func badPathsAreRefused(paths: [String], code: StoreError.Code, says: String) throws {
        let fixture = try ReleaseFixture()
        try fixture.writeFiles()
        for (include, config) in [(paths, []), ([], paths)] {
            let error = storeError { _ = try fixture.pack(include: include, config: config) }
            #expect(error?.code == code)
            #expect(error?.message.contains(says) == true, "\(error?.message ?? "nothing was thrown")")
        }
    }

    @Test func linksThatLeaveTheTreeAreRefused() throws {
        for (target, says) in [
            ("/etc/passwd", "leaves"), ("../../etc/passwd", "leaves"), ("nowhere", "leads nowhere"),
            ("via/passwd", "outside"),
        ] {
            let fixture = try ReleaseFixture()
            try fixture.tree.write("bin/shop", "x")
            try #require(symlink("/etc", fixture.tree.path + "/bin/via") == 0)
            try #require(symlink(target, fixture.tree.path + "/bin/link") == 0)
            let error = storeError { _ = try fixture.pack(include: ["bin/link"], config: []) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(says) == true, "\(target): \(error?.message ?? "nothing was thrown")")
            #expect(storeError { _ = try fixture.pack(include: ["bin/via/passwd"], config: []) }?.code == .refused)
        }
    }

    @Test func devicesAndFifosAreRefused() throws {
        let fixture = try ReleaseFixture()
        try fixture.tree.write("bin/shop", "x")
        try #require(mkfifo(fixture.tree.path + "/bin/pipe", 0o644) == 0)
        let error = storeError { _ = try fixture.pack(include: ["bin/"], config: []) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("'bin/pipe' is a device, FIFO or socket") == true)
    }

    @Test(arguments: ["-1", "x", "8589934592", ""])
    func aBadSourceDateIsRefused(epoch: String) {
        #expect(storeError { _ = try ReleasePacker(sourceDateEpoch: epoch) }?.code == .refused)
    }
}
