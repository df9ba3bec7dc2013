import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite(.serialized) struct StorageFaultTests {
        @Test func aFullDiskDoesNotStopAnUndo() throws {
            try World.with(serving: false) { world in
                try FileManager.default.createDirectory(atPath: world.data, withIntermediateDirectories: true)
                try world.tool("mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", world.data)
                defer {
                    // The control plane holds files there.
                    _ = try? world.run("serve", "--stop", "--data", world.data)
                    _ = try? world.tool("umount", "-l", world.data)
                }
                try world.serve()
                let small = Plan(instances: 1)
                try world.deploy(Behaviour(version: "one"), small)
                let two = try world.deploy(Behaviour(version: "two"), small)
                let filler = world.data + "/filler"
                fill(filler)
                let load = try world.load()
                let outcome = try world.run("undo", "shop", "--json")
                #expect(outcome.code == 0, "\(outcome)")
                let done = try JSONDecoder().decode(SeenUndo.self, from: Data(outcome.out.utf8))
                #expect(done.changed)
                #expect(!done.journaled, "\(outcome)")
                #expect(outcome.err.contains("journal"), "\(outcome)")
                #expect(world.version() == "one")
                #expect(load.end().failed == 0)
                // A crash while the disk is still full: what waits for it is not forgotten.
                world.killControl()
                try world.serve()
                #expect(world.version() == "one")
                #expect(try world.status().live?.commit != two)
                try world.commit(Behaviour(version: "three"), small)
                let refused = try world.run("deploy")
                #expect(refused.code != 0, "a deploy needs the disk: \(refused)")
                try FileManager.default.removeItem(atPath: filler)
                #expect(Poll.until { (try? world.journal("undo").count) == 1 }, "the entry follows")
                #expect(try world.run("journal", "--verify").code == 0)
                try world.restart()
                #expect(world.version() == "one")
                #expect(try world.undo().changed == false)
            }
        }

        private func fill(_ path: String) {
            let file = open(path, O_WRONLY | O_CREAT, 0o600)
            defer { close(file) }
            var size = 1 << 20
            let zeros = [UInt8](repeating: 1, count: size)
            while size > 0 {
                if write(file, zeros, size) < size { size /= 2 }
            }
        }

        @Test func aCorruptedBlobRefusesTheColdUndo() throws {
            try World.with { world in
                let plan = Plan(keepWarm: "1s")
                let first = try world.deploy(Behaviour(version: "one"), plan)
                let manifest = try #require(try world.status().live?.release)
                try world.deploy(Behaviour(version: "two"), plan)
                #expect(Poll.until { world.programs().count == 2 })
                try corruptLayers(world, manifest)
                let load = try world.load()
                let outcome = try world.run("undo", "shop", "--to", first)
                #expect(outcome.code != 0 && outcome.code != 999, "\(outcome)")
                let journal = try world.run("journal", "--service", "shop").out
                #expect((outcome.err + journal).contains("sha256"), "\(outcome) \(journal)")
                #expect(world.version() == "two")
                #expect(load.end().failed == 0)
            }
        }

        /// Flips a byte in every layer that the manifest names, and forgets what was unpacked.
        private func corruptLayers(_ world: World, _ digest: String) throws {
            struct Manifest: Decodable {
                struct Layer: Decodable { var digest: String }
                var layers: [Layer]
            }
            let found = FileManager.default.enumerator(atPath: world.data + "/releases")?.compactMap { $0 as? String }
            let paths = (found ?? []).map { world.data + "/releases/" + $0 }
            func path(_ digest: String) throws -> String {
                let hex = digest.replacingOccurrences(of: "sha256:", with: "")
                guard let path = paths.first(where: { $0.hasSuffix("blobs/sha256/" + hex) }) else {
                    throw World.Trouble(description: "no blob \(digest) in \(paths.prefix(40))")
                }
                return path
            }
            let manifest = try Data(contentsOf: URL(filePath: try path(digest)))
            for layer in try JSONDecoder().decode(Manifest.self, from: manifest).layers {
                var bytes = try Data(contentsOf: URL(filePath: try path(layer.digest)))
                bytes[bytes.count / 2] ^= 1
                let file = try path(layer.digest)
                chmod(file, 0o600)
                try bytes.write(to: URL(filePath: file))
            }
            let hex = digest.replacingOccurrences(of: "sha256:", with: "")
            for tree in paths where tree.hasSuffix("/" + hex) && !tree.contains("blobs/") {
                try world.tool("rm", "-rf", tree)
            }
        }

        @Test func aCorruptedDatabaseIsRefusedWhileTheRouterServes() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load()
                world.killControl()
                let file = world.data + "/nonevent.sqlite"
                let backup = try Data(contentsOf: URL(filePath: file))
                let log = try? Data(contentsOf: URL(filePath: file + "-wal"))
                try Data(repeating: 0x5a, count: backup.count).write(to: URL(filePath: file))
                try? FileManager.default.removeItem(atPath: file + "-wal")
                let outcome = try world.run(
                    "serve", "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:0", within: .seconds(20))
                #expect(outcome.code != 0 && outcome.code != 999, "\(outcome)")
                #expect(outcome.err.contains("nonevent.sqlite"), "\(outcome)")
                #expect(world.version() == "one")
                #expect(load.end().failed == 0)
                try backup.write(to: URL(filePath: file))
                try log?.write(to: URL(filePath: file + "-wal"))
                try world.serve()
                try world.deploy(Behaviour(version: "two"))
                #expect(world.version() == "two")
            }
        }

        @Test func aCorruptedTableFileWithoutControlPlaneIsNoRoutesUntilItIsBack() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let pid = try #require(world.routerPid)
                world.killControl()
                try Data("no table".utf8).write(to: URL(filePath: world.data + "/router/table.json"))
                kill(pid, SIGKILL)
                #expect(Poll.until(.seconds(10)) { world.version().hasPrefix("status ") }, "\(world.version())")
                try world.serve()
                #expect(Poll.until(.seconds(10)) { world.version() == "one" }, "\(world.version())")
            }
        }

        @Test func aCorruptedTableFileIsReplacedByTheControlPlane() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let table = world.data + "/router/table.json"
                #expect(FileManager.default.fileExists(atPath: table))
                try Data("{\"generation\": 12, \"serv".utf8).write(to: URL(filePath: table))
                let pid = try #require(world.routerPid)
                kill(pid, SIGKILL)
                #expect(Poll.until(.seconds(10)) { world.version() == "one" }, "\(world.version())")
            }
        }

        @Test func aTamperedJournalIsFound() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let whole = try world.run("journal", "--verify")
                #expect(whole.code == 0, "\(whole)")
                let script = """
                    import sqlite3, sys
                    base = sqlite3.connect(sys.argv[1])
                    tables = base.execute("select name from sqlite_master where type='table'")
                    names = [r[0] for r in tables if "journal" in r[0]]
                    for trigger in [r[0] for r in base.execute("select name from sqlite_master where type='trigger'")]:
                        base.execute(f'drop trigger "{trigger}"')
                    changed = base.execute(f"update {names[0]} set actor = 'nobody' where sequence = 2").rowcount
                    base.commit()
                    print(changed)
                    """
                #expect(try world.tool("python3", "-c", script, world.data + "/nonevent.sqlite") == "1")
                let found = try world.run("journal", "--verify")
                #expect(found.code == 1, "\(found)")
                #expect(found.out.contains("entry 2"), "\(found)")
            }
        }
    }
}
