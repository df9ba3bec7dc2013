import DeliveryModel
import DeliveryStore
import Foundation
import Glibc
import Testing

@Suite struct ReleaseArchiveTests {
    let fixture: ReleaseFixture

    init() throws {
        fixture = try ReleaseFixture()
        try fixture.writeFiles()
    }

    @Test func aReleaseIsUnpackedAsItWas() throws {
        let packed = try fixture.pack()
        try fixture.archive.register(packed.digest)
        let root = try fixture.archive.unpack(packed.digest)
        #expect(try Scratch.read(root + "/program/bin/shop") == fixture.tree.read("bin/shop"))
        #expect(try Scratch.read(root + "/program/bin/link") == Array("a".utf8))
        #expect(
            try Scratch.read(root + "/program/assets/" + String(repeating: "long-name-", count: 12) + "/file.txt")
                == Array("long".utf8))
        #expect(try Scratch.read(root + "/config/config/production.yaml") == Array("key: value\n".utf8))
        #expect(access(root + "/program/bin/shop", X_OK) == 0)
        #expect(try fixture.archive.serviceFile(packed.digest) == Array("service: shop\n".utf8))
        for blob in packed.blobs { unlink(fixture.blob(blob.digest)) }
        #expect(try fixture.archive.unpack(packed.digest) == root, "it is there already: no blob is read")
    }

    @Test func blobsComeFromOneArchiveToAnother() throws {
        let packed = try fixture.pack()
        let other = try ReleaseArchive(directory: fixture.data.path + "/other")
        let manifest = BlobDescriptor(mediaType: "m", digest: packed.digest, size: packed.manifestSize)
        #expect(storeError { try other.register(packed.digest) }?.code == .notFound)
        for blob in [manifest] + packed.blobs {
            #expect(try !other.hasBlob(blob.digest))
            let writer = try other.putBlob(blob.digest)
            try writer.append(try Scratch.read(fixture.blob(blob.digest)))
            #expect(try writer.finish().size == blob.size)
            #expect(storeError { try writer.append([1]) }?.code == .refused)
            if blob == manifest { #expect(storeError { try other.register(packed.digest) }?.code == .notFound) }
        }
        let release = try other.register(packed.digest)
        #expect(try other.register(packed.digest) == release)
        #expect(try other.list() == [release])
        try other.verify(packed.digest)
        #expect(try other.resolve(packed.digest.short) == release)
        #expect(try other.resolve("c0ffee", service: "shop") == release)
        #expect(storeError { _ = try other.resolve("c0ffee", service: "api") }?.code == .notFound)
        #expect(storeError { _ = try other.resolve("c0f") }?.code == .refused)
    }

    @Test func theIndexOnDiskIsWhatIsKnown() throws {
        let releases = try ["1", "2", "3", "4"].map { try fixture.pack(commit: "c0ffee0\($0)").digest }
        let path = fixture.archive.directory + "/index.json"
        func listed() throws -> [ReleaseDigest] {
            let archive = try ReleaseArchive(directory: fixture.archive.directory)
            #expect(try archive.list() == fixture.archive.list())
            // As any reader of JSON would write it anew with sorted keys.
            let object = try JSONSerialization.jsonObject(with: Data(Scratch.read(path)))
            let again = try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            #expect(try Array(again) == Scratch.read(path))
            return try archive.list().map(\.digest)
        }
        #expect(try listed() == [])
        for release in releases { try fixture.archive.register(release) }
        #expect(try listed() == releases)
        try fixture.archive.remove(releases[1])
        #expect(try listed() == [releases[0], releases[2], releases[3]])
        #expect(storeError { try fixture.archive.remove(releases[1]) }?.code == .notFound)
        try fixture.archive.register(releases[3])
        #expect(try listed() == [releases[0], releases[2], releases[3]])
        for release in [releases[0], releases[3], releases[2]] { try fixture.archive.remove(release) }
        #expect(try listed() == [])
    }

    @Test func whatCannotBeWrittenIsNotKnown() throws {
        let (first, second) = (try fixture.pack(), try fixture.pack(commit: "c0ffee99"))
        try fixture.archive.register(first.digest)
        // Nothing can be put in the place of a directory.
        let path = fixture.archive.directory + "/index.json"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path + "/in-the-way", withIntermediateDirectories: true)
        #expect(throws: StoreError.self) { try fixture.archive.register(second.digest) }
        #expect(throws: StoreError.self) { try fixture.archive.remove(first.digest) }
        #expect(try fixture.archive.list().map(\.digest) == [first.digest])
        try FileManager.default.removeItem(atPath: path)
        try fixture.archive.register(second.digest)
        let again = try ReleaseArchive(directory: fixture.archive.directory)
        #expect(try again.list().map(\.digest) == [first.digest, second.digest])
    }

    @Test func anIndexThatCannotBeReadIsToldWhenItIsNeeded() throws {
        let packed = try fixture.pack()
        let path = fixture.archive.directory + "/index.json"
        try Data("{".utf8).write(to: URL(fileURLWithPath: path))
        let archive = try ReleaseArchive(directory: fixture.archive.directory)
        #expect(storeError { _ = try archive.list() }?.message.contains(path) == true)
        #expect(storeError { try archive.register(packed.digest) }?.code == .refused)
        #expect(try Scratch.read(path) == Array("{".utf8), "it is left for people to look at")
    }

    @Test func anAmbiguousPrefixIsRefused() throws {
        let (first, second) = (try fixture.pack(), try fixture.pack(commit: "c0ffee99"))
        for packed in [first, second] { try fixture.archive.register(packed.digest) }
        let error = storeError { _ = try fixture.archive.resolve("c0ffee") }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(second.digest.short) == true)
        #expect(try fixture.archive.resolve("c0ffee9").digest == second.digest)
    }

    @Test func bytesWithAnotherDigestAreNotKept() throws {
        let digest = try #require(ReleaseDigest(String(repeating: "a", count: 64)))
        let writer = try fixture.archive.putBlob(digest)
        try writer.append([1, 2, 3])
        #expect(storeError { _ = try writer.finish() }?.code == .digestMismatch)
        #expect(try !fixture.archive.hasBlob(digest))
    }

    @Test(arguments: [0, 700, 2000]) func aDamagedBlobIsNamed(offset: Int) throws {
        let packed = try fixture.pack()
        try fixture.archive.register(packed.digest)
        let layer = try #require(try fixture.archive.manifest(packed.digest).layer(.program))
        var bytes = try Scratch.read(fixture.blob(layer.digest))
        bytes[offset] ^= 0x40
        try fixture.data.write("releases/blobs/sha256/" + layer.digest.hex, bytes)
        for error in [
            storeError { try fixture.archive.unpack(packed.digest) },
            storeError { try fixture.archive.verify(packed.digest) },
        ] {
            #expect(error?.code == .digestMismatch)
            #expect(error?.message.contains(layer.digest.description) == true)
            #expect(error?.message.contains("release \(packed.digest.short)") == true)
            #expect(error?.message.contains("deploy the same commit again") == true)
        }
        #expect(!Scratch.exists(fixture.archive.unpackedDirectory(packed.digest)))
    }

    @Test func removingKeepsWhatOthersNeed() throws {
        let (first, second) = (try fixture.pack(), try fixture.pack(commit: "another"))
        for packed in [first, second] {
            try fixture.archive.register(packed.digest)
            try fixture.archive.unpack(packed.digest)
        }
        try fixture.archive.remove(first.digest)
        #expect(try fixture.archive.list().map(\.digest) == [second.digest])
        #expect(!Scratch.exists(fixture.archive.unpackedDirectory(first.digest)))
        #expect(try !fixture.archive.hasBlob(first.digest))
        try fixture.archive.verify(second.digest)
        try fixture.archive.remove(second.digest)
        for blob in second.blobs { #expect(try !fixture.archive.hasBlob(blob.digest)) }
        #expect(storeError { try fixture.archive.remove(second.digest) }?.code == .notFound)
    }

    @Test func blobsThatAwaitTheirReleaseAreNotCollected() throws {
        let packed = try fixture.pack()
        try fixture.archive.collectGarbage()
        for blob in packed.blobs { #expect(try fixture.archive.hasBlob(blob.digest)) }
        var old = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
        for blob in packed.blobs { try #require(utimes(fixture.blob(blob.digest), &old) == 0) }
        try fixture.archive.collectGarbage()
        for blob in packed.blobs { #expect(try !fixture.archive.hasBlob(blob.digest)) }
    }

    @Test func somethingElseAtTheTargetIsLeftAlone() throws {
        let packed = try fixture.pack()
        try fixture.data.write("target/mine", "precious")
        let error = storeError { try fixture.archive.unpack(packed.digest, to: fixture.data.path + "/target") }
        #expect(error?.code == .refused)
        #expect(try fixture.data.read("target/mine") == Array("precious".utf8))
    }
}

@Suite struct TarAttackTests {
    private func refuses(_ build: (inout HandmadeTar) -> Void) throws -> String {
        let fixture = try ReleaseFixture()
        var tar = HandmadeTar()
        build(&tar)
        let digest = try fixture.release(programTar: tar.finished)
        let error = storeError { try fixture.archive.unpack(digest) }
        #expect(error?.code == .refused)
        #expect(!Scratch.exists(fixture.archive.unpackedDirectory(digest)))
        for place in ["/evil", "/releases/evil", "/releases/unpacked/evil"] {
            #expect(!Scratch.exists(fixture.data.path + place))
        }
        return error?.message ?? ""
    }

    @Test func pathsOutsideAreRefused() throws {
        for name in ["../evil", "../../evil", "a/../../evil", "/tmp/nonevent-evil", "..", "", "."] {
            #expect(try refuses { $0.add(name, content: "x") }.contains("outside"))
        }
        #expect(
            try refuses {
                $0.add("pax", type: "x", content: "16 path=../evil\n"); $0.add("good")
            }.contains("outside"))
    }

    @Test func nothingIsWrittenThroughALink() throws {
        let message = try refuses {
            $0.add("real", type: "5")
            $0.add("link", type: "2", link: "real")
            $0.add("link/evil", content: "x")
        }
        #expect(message.contains("through 'link'"))
        #expect(
            try refuses {
                $0.add("a", content: "1")
                $0.add("a", content: "2")
            }.contains("twice"))
    }

    @Test func linksOutsideAreRefused() throws {
        for target in ["/etc/passwd", "../evil", "x/../../evil"] {
            #expect(try refuses { $0.add("link", type: "2", link: target) }.contains("leaves"))
        }
        // Each alone stays inside as text; together they lead out.
        let chain = try refuses {
            $0.add("d/e", type: "5")
            $0.add("d/e/up", type: "2", link: "../..")
            $0.add("out", type: "2", link: "d/e/up/..")
        }
        #expect(chain.contains("leads out"))
    }

    @Test func otherKindsOfEntriesAreRefused() throws {
        for type in "13467LS" { #expect(try refuses { $0.add("x", type: type, link: "y") }.contains("of type")) }
    }

    @Test func aTarThatEndsTooSoonIsRefused() throws {
        let fixture = try ReleaseFixture()
        var tar = HandmadeTar()
        tar.add("file", content: String(repeating: "x", count: 2000))
        let digest = try fixture.release(programTar: Array(tar.bytes.prefix(1024)))
        #expect(storeError { try fixture.archive.unpack(digest) }?.message.contains("in the middle") == true)
    }
}
