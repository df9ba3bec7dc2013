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

        /// A repository with a pipeline: locally, then by a push.
        @Test func theExampleWithAPipelineDeploysItself() throws {
            try World.with { world in
                try world.tool("sh", "-c", "cp -r '\(Self.examples)/pipeline/.' .")
                try world.commitAll("Say hello")
                let local = try world.run("pipeline", "run", "--local")
                #expect(local.code == 0 && local.out.contains("unit: passed"), "\(local)")
                let bare = try world.watchedBare("greeter")
                try world.push(to: bare)
                #expect(
                    Poll.until(.seconds(60)) { (try? world.visit("greeter", "/Ann").text) == "Hello, Ann!\n" })
                let run = try #require(try world.runs("greeter").first)
                #expect(run.stages.first { $0.name == "unit" }?.tests?.passed == 2, "\(run)")
                // A broken test deploys nothing, and is named.
                try world.tool("sed", "-i", "s/Hello, Ann/Hullo, Ann/", "test_greeting.py")
                let broken = try world.commitAll("Break a test")
                try world.push(to: bare)
                let failed = try world.ended(broken, "greeter")
                #expect(failed.failedStage == "unit", "\(failed)")
                let tests = failed.stages.first { $0.name == "unit" }?.tests
                #expect(tests?.failures == ["GreetingTests.test_name"], "\(failed)")
            }
        }

        /// One line each, and it is a command that there is.
        @Test(arguments: ["Jenkinsfile", "github-actions.yaml", "drone.yaml"])
        func examplesOfOtherCIsNameRealCommands(file: String) throws {
            let text = try String(contentsOfFile: Self.examples + "/ci/" + file, encoding: .utf8)
            let lines = text.split(separator: "\n").filter { $0.contains("nonevent ") }
            try #require(lines.count == 1, "\(lines)")
            let command = try #require(lines[0].firstMatch(of: /nonevent [a-z][a-z -]*/)).output
            try World.with(serving: false) { world in
                let words = command.split(separator: " ").dropFirst().map(String.init)
                let help = try world.start(words + ["--help"])
                #expect(help.wait(within: .seconds(20)) == 0, "\(command): \(help.errors)")
                #expect(help.output.contains("USAGE"), "\(help.output)")
                guard file.hasSuffix(".yaml") else { return }
                try world.tool(
                    "python3", "-c", "import sys, yaml; yaml.safe_load(open(sys.argv[1]))",
                    Self.examples + "/ci/" + file)
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
