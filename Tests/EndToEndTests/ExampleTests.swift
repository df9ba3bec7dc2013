import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct ExampleTests {
        private static let examples = (#filePath as NSString).deletingLastPathComponent + "/../../Examples"

        /// A program nobody here wrote; two releases that differ only in configuration.
        @Test func nginxConfigurationGoesForwardAndComesBack() throws {
            try World.with { world in
                try world.tool("sh", "-c", "cp -r '\(Self.examples)/nginx/.' .")
                try world.commitAll("Blue pages")
                func colour() -> String? { try? world.visit("pages", "/").headers["x-colour"] }
                let load = try { () -> SteadyLoad in
                    let outcome = try world.run("deploy", "--wait")
                    guard outcome.code == 0 else { throw World.Trouble(description: "\(outcome)") }
                    #expect(colour() == "blue")
                    return try world.load("pages")
                }()
                let blue = try #require(try world.status("pages").live?.release)
                try world.tool("sed", "-i", "s/blue/green/", "config/site.conf")
                try world.commitAll("Green pages")
                let outcome = try world.run("deploy", "--wait")
                #expect(outcome.code == 0, "\(outcome)")
                #expect(colour() == "green")
                #expect(try world.status("pages").live?.release != blue)
                #expect(try world.undo("pages").changed)
                #expect(colour() == "blue")
                let seen = load.end()
                #expect(seen.failed == 0, "\(seen)")
            }
        }

        @Test func aFirstServiceFileIsWrittenAndValid() throws {
            try World.with(serving: false) { world in
                let folder = world.tree + "/web"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data("web: python3 app.py\n".utf8).write(to: URL(filePath: folder + "/Procfile"))
                try Data("print(1)\n".utf8).write(to: URL(filePath: folder + "/app.py"))
                let made = try world.run("init", in: folder)
                #expect(made.code == 0, "\(made)")
                let checked = try world.run("validate", in: folder)
                #expect(checked.code == 0, "\(checked)")
                let text = try String(contentsOfFile: folder + "/nonevent.yaml", encoding: .utf8)
                #expect(text.contains("service: web") && text.contains("app.py"), "\(text)")
                let again = try world.run("init", in: folder)
                #expect(again.code == 1, "never over a file: \(again)")
                #expect(try String(contentsOfFile: folder + "/nonevent.yaml", encoding: .utf8) == text)
            }
        }
    }
}
