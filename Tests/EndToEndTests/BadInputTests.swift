import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Bad input: a clear error, and nothing changed.
    @Suite(.serialized) struct BadInputTests {
        struct Mistake: Sendable, CustomTestStringConvertible {
            var name: String
            var old: String
            var new: String
            /// What the message must name, beside file, line and column.
            var says: [String]
            var testDescription: String { name }
        }

        @Test func mistakesInTheServiceFile() throws {
            let mistakes = [
                Mistake(name: "unknown key", old: "instances:", new: "instanses:", says: ["instanses", "instances"]),
                Mistake(name: "wrong type", old: "instances: 2", new: "instances: many", says: ["many"]),
                Mistake(name: "shares go down", old: "[20%, 100%]", new: "[20%, 10%, 100%]", says: ["10%"]),
                Mistake(name: "past 100 %", old: "[20%, 100%]", new: "[20%, 120%]", says: ["120%"]),
                Mistake(name: "empty command", old: #"["python3", "./server.py"]"#, new: "[]", says: ["command"]),
                Mistake(
                    name: "config outside", old: #"["behaviour.json"]"#, new: #"["../secret"]"#, says: ["../secret"]),
                Mistake(name: "bad duration", old: "hold: 1s", new: "hold: soon", says: ["soon"]),
                Mistake(name: "bad name", old: "service: shop", new: "service: Shop_1", says: ["Shop_1"]),
            ]
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let journal = try world.journal().count
                let good = try String(contentsOfFile: world.tree + "/nonevent.yaml", encoding: .utf8)
                for mistake in mistakes {
                    let bad = good.replacingOccurrences(of: mistake.old, with: mistake.new)
                    try #require(bad != good, "\(mistake.name)")
                    try bad.write(toFile: world.tree + "/nonevent.yaml", atomically: true, encoding: .utf8)
                    let line = try #require(bad.split(separator: "\n").firstIndex { good.contains($0) == false }) + 1
                    try world.commitAll(mistake.name)
                    for verb in [["validate"], ["deploy"]] {
                        let process = try world.start(verb)
                        let code = process.wait(within: .seconds(20))
                        #expect(code == 65, "\(mistake.name) \(verb): \(code) \(process.errors)")
                        #expect(process.errors.contains("nonevent.yaml:\(line):"), "\(mistake.name): \(process.errors)")
                        for word in mistake.says {
                            #expect(process.errors.contains(word), "\(mistake.name): \(process.errors)")
                        }
                    }
                }
                #expect(try world.journal().count == journal, "nothing changed")
                #expect(world.version() == "one")
            }
        }

        @Test func filesThatCannotBeServiceFiles() throws {
            try World.with(serving: false) { world in
                try world.commit()
                let path = world.tree + "/nonevent.yaml"
                try Data(repeating: UInt8(ascii: "#"), count: 10 << 20).write(to: URL(filePath: path))
                let large = try world.run("validate", within: .seconds(20))
                #expect(large.code == 65, "\(large.code) \(large.err.prefix(300))")
                try Data([0x73, 0xff, 0xfe, 0x0a]).write(to: URL(filePath: path))
                let binary = try world.run("validate")
                #expect(binary.code == 65 && binary.err.contains("UTF-8"), "\(binary)")
                try FileManager.default.removeItem(atPath: path)
                #expect(try world.run("validate").code == 65)
                try Data().write(to: URL(filePath: path))
                #expect(try world.run("validate").code == 65)
            }
        }

        @Test func aSymlinkOutOfTheTreeIsRefused() throws {
            try World.with { world in
                try world.commit()
                try FileManager.default.removeItem(atPath: world.tree + "/behaviour.json")
                try FileManager.default.createSymbolicLink(
                    atPath: world.tree + "/behaviour.json", withDestinationPath: "/etc/passwd")
                try world.commitAll("a link out")
                let outcome = try world.run("deploy")
                #expect([1, 65].contains(outcome.code), "\(outcome)")
                #expect(outcome.err.contains("behaviour.json"), "\(outcome)")
                #expect(try world.journal().isEmpty)
            }
        }

        @Test func unknownNames() throws {
            try World.with { world in
                for verb in [["status", "nobody"], ["undo", "nobody"], ["history", "nobody"], ["logs", "nobody"]] {
                    let process = try world.start(verb)
                    #expect(process.wait(within: .seconds(20)) == 1, "\(verb): \(process.errors)")
                    #expect(process.errors.contains("nobody"), "\(verb): \(process.errors)")
                }
                let usage = try world.run("undo")
                #expect(usage.code == 64, "\(usage)")
                #expect(try world.run("undo", "UPPER").code == 64)
            }
        }

        @Test func anAmbiguousPrefixIsRefused() throws {
            try World.with { world in
                try world.commit(Behaviour(version: "one"))
                try world.tool("rm", "-rf", ".git")
                #expect(try world.run("deploy", "--wait", "--commit", "build-1").code == 0)
                let load = try world.load(perSecond: 40)
                try world.tool("sed", "-i", "s/one/two/", "behaviour.json")
                #expect(try world.run("deploy", "--wait", "--commit", "build-2").code == 0)
                load.end()
                let outcome = try world.run("undo", "shop", "--to", "build-")
                #expect(outcome.code == 1, "\(outcome)")
                #expect(outcome.err.contains("build-"), "\(outcome)")
                let reply = try world.api("POST", "/api/v1/services/shop/undo", body: Data(#"{"to":"build-"}"#.utf8))
                #expect(
                    reply.status == 409 && reply.text.contains("ambiguous-release"), "\(reply.status) \(reply.text)")
                #expect(world.version() == "two")
                #expect(try world.undo("shop", "--to", "build-1").changed)
                #expect(world.version() == "one")
            }
        }

        @Test func dirtyTreesAndTakenCommits() throws {
            try World.with { world in
                let commit = try world.deploy(Behaviour(version: "one"))
                try Data("{}".utf8).write(to: URL(filePath: world.tree + "/stray.txt"))
                let dirty = try world.run("deploy")
                #expect(dirty.code == 1 && dirty.err.contains("stray.txt"), "\(dirty)")
                #expect(dirty.err.contains("--allow-dirty"), "\(dirty)")
                // The same commit name with other content, from a directory without git.
                let copy = world.root + "/copy"
                try world.tool("cp", "-r", world.tree, copy)
                try world.tool("rm", "-rf", copy + "/.git")
                try world.tool("sh", "-c", "echo '# more' >> server.py", in: copy)
                let taken = try world.run("deploy", "--commit", commit, in: copy)
                #expect(taken.code == 1 && taken.err.contains(String(commit.prefix(10))), "\(taken)")
                #expect(try world.history().count == 1)
            }
        }
    }
}
