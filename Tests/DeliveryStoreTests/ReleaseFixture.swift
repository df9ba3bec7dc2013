import Crypto
import DeliveryModel
import DeliveryStore
import FoundationEssentials
import Glibc
import Testing

/// A source tree, an archive, and the ways to bring one into the other.
struct ReleaseFixture {
    let tree: Scratch
    let data: Scratch
    let archive: ReleaseArchive

    init() throws {
        tree = try Scratch()
        data = try Scratch()
        archive = try ReleaseArchive(directory: data.path + "/releases")
    }

    /// The files of every test; `reversed` writes them in the other order, with other times.
    func writeFiles(reversed: Bool = false) throws {
        let long = "assets/" + String(repeating: "long-name-", count: 12) + "/file.txt"
        let files: [(String, String, mode_t)] = [
            ("bin/shop", "#!/bin/sh\nexit 0\n", reversed ? 0o700 : 0o775), ("assets/b.txt", "b", 0o600),
            ("assets/a.txt", "a", reversed ? 0o640 : 0o664), (long, "long", 0o644),
            ("config/production.yaml", "key: value\n", 0o644), ("ignored/secret", "no", 0o644),
        ]
        for (name, text, mode) in reversed ? files.reversed() : files { try tree.write(name, text, mode: mode) }
        try #require(symlink("../assets/a.txt", tree.path + "/bin/link") == 0)
        if reversed {
            var times = [timeval(tv_sec: 86_400, tv_usec: 0), timeval(tv_sec: 86_400, tv_usec: 0)]
            try #require(utimes(tree.path + "/assets/a.txt", &times) == 0)
        }
    }

    func pack(
        include: [String] = ["bin/", "assets/"], config: [String] = ["config/production.yaml"],
        commit: String = "c0ffee0123456789", epoch: String? = nil
    ) throws -> PackedRelease {
        let name = try #require(ServiceName("shop"))
        let specification = ServiceSpecification(
            service: name, run: RunSpecification(command: ["./bin/shop"]),
            artifact: ArtifactSpecification(include: include, config: config), route: RouteSpecification())
        return try ReleasePacker(sourceDateEpoch: epoch).pack(
            ReleaseSource(
                root: tree.path, serviceFile: Array("service: shop\n".utf8), specification: specification,
                commit: commit, committedAt: Timestamp(microseconds: 1_700_000_000_000_000)),
            into: archive.directory)
    }

    /// A registered release whose program tar is `tar`, whatever that holds.
    func release(programTar tar: [UInt8]) throws -> ReleaseDigest {
        let plain = try pack(include: [], config: [])
        var manifest = try archive.manifest(plain.digest)
        manifest.layers[1].digest = try put(tar)
        manifest.layers[1].size = Int64(tar.count)
        let digest = try put(Array(try JSONEncoder().encode(manifest)))
        try archive.register(digest)
        return digest
    }

    func blob(_ digest: ReleaseDigest) -> String { archive.directory + "/blobs/sha256/" + digest.hex }

    private func put(_ bytes: [UInt8]) throws -> ReleaseDigest {
        let hex = SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let digest = try #require(ReleaseDigest(hex))
        let writer = try archive.putBlob(digest)
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            try writer.append(Array(bytes[start..<min(start + 1000, bytes.count)]))
        }
        return try writer.finish().digest
    }
}

/// A tar made by hand, with anything in it.
struct HandmadeTar {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, type: Character = "0", link: String = "", content: String = "") {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ start: Int) {
            for (offset, byte) in text.utf8.enumerated() { block[start + offset] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, 0)
        put("0000644", 100)
        put(octal(content.utf8.count, 11), 124)
        put("00000000000", 136)
        put("        ", 148)
        put(String(type), 156)
        put(link, 157)
        put("ustar", 257)
        put("00", 263)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
        bytes += block + Array(content.utf8) + [UInt8](repeating: 0, count: (512 - content.utf8.count % 512) % 512)
    }

    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
