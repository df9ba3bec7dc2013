import Foundation
import Testing

extension EndToEnd {
    /// `router.yaml` in the data directory: put in force, read again, and no mistake in it harms anybody.
    @Suite(.serialized) struct RouterSettingsTests {
        private func write(_ text: String, _ world: World) throws {
            try FileManager.default.createDirectory(atPath: world.data, withIntermediateDirectories: true)
            try text.write(toFile: world.data + "/router.yaml", atomically: true, encoding: .utf8)
        }

        private func status(_ world: World, pathOf length: Int) throws -> Int {
            try world.visit("shop", "/" + String(repeating: "a", count: length)).status
        }

        private func warning(_ world: World) -> String? {
            (try? world.status())?.warnings.first { $0.contains("router.yaml") }
        }

        @Test func aMistakeAtTheStartIsBadInput() throws {
            try World.with(serving: false) { world in
                try write("limits:\n  headTimout: 1s\n", world)
                let process = try world.begin()
                #expect(process.wait(within: .seconds(30)) == 65)
                #expect(process.errors.contains("router.yaml:2:3: unknown key 'headTimout'"), "\(process.errors)")
                #expect(process.errors.contains("did you mean 'headTimeout'"))
                let missing = try world.begin(["--router-settings", "nowhere.yaml"])
                #expect(missing.wait(within: .seconds(30)) == 65)
                #expect(missing.errors.contains("nowhere.yaml"), "\(missing.errors)")
                let told = try world.run("validate", "--router-settings", world.data + "/router.yaml")
                #expect(told.code == 65 && told.err.contains("router.yaml:2:3:"), "\(told)")
                try write("{}", world)
                #expect(try world.run("validate", "--router-settings", world.data + "/router.yaml").code == 0)
            }
        }

        @Test func settingsAreReadAgainAndAMistakeKeepsTheOldOnes() throws {
            try World.with(serving: false) { world in
                try write("limits: { maxTargetBytes: 256B }\n", world)
                try world.serve()
                try world.deploy(Behaviour(version: "one"))
                #expect(try status(world, pathOf: 400) == 414 && status(world, pathOf: 100) == 200)
                try write("limits: { maxTargetBytes: 1KiB }\naccessLog: { file: \(world.root)/access.log }\n", world)
                #expect(try Poll.until(.seconds(20)) { try status(world, pathOf: 400) == 200 })
                let log = world.root + "/access.log"
                #expect(
                    try Poll.until(.seconds(20)) {
                        _ = try world.visit()
                        return (try? String(contentsOfFile: log, encoding: .utf8))?.contains("/page") ?? false
                    })
                try write("limits: { maxTargetBytes: 1KiB }\naccessLog: { format: jso }\n", world)
                #expect(Poll.until(.seconds(20)) { warning(world)?.contains("router.yaml:2:22:") ?? false })
                #expect(try status(world, pathOf: 400) == 200 && status(world, pathOf: 2000) == 414)
                // Well-formed, but the router cannot open it: later tables, an undo say, must not be refused for it.
                try write("accessLog: { file: \(world.root)/nowhere/access.log }\n", world)
                #expect(Poll.until(.seconds(20)) { warning(world)?.contains("not in force") ?? false })
                #expect(try status(world, pathOf: 2000) == 414)
                try world.deploy(Behaviour(version: "two"))
                #expect(world.version() == "two")
                // Over restarts too: what can be had of the settings is in force.
                try write(
                    "limits: { maxTargetBytes: 256B }\naccessLog: { file: \(world.root)/nowhere/access.log }\n", world)
                try world.restart()
                #expect(Poll.until(.seconds(20)) { warning(world)?.contains("not in force") ?? false })
                #expect(try status(world, pathOf: 400) == 414)
                #expect(try world.undo().changed)
                #expect(world.version() == "one")
                // Without the file all is as by default.
                try FileManager.default.removeItem(atPath: world.data + "/router.yaml")
                #expect(try Poll.until(.seconds(20)) { try status(world, pathOf: 2000) == 200 })
                // Told a moment after the router follows.
                #expect(Poll.until(.seconds(20)) { warning(world) == nil })
            }
        }

        @Test func schemasArePrinted() throws {
            try World.with(serving: false) { world in
                let folder = FileManager.default.currentDirectoryPath + "/Docs/schemas/"
                for (arguments, name) in [
                    (["router", "--schema"], "route-table.json"),
                    (["validate", "--schema", "--router-settings"], "router-settings.json"),
                    (["validate", "--schema"], "service-file.json"),
                ] {
                    let process = try world.start(arguments)
                    #expect(process.wait(within: .seconds(30)) == 0)
                    let published = try String(contentsOfFile: folder + name, encoding: .utf8)
                    #expect(process.output == published, "\(name)")
                }
            }
        }
    }
}
