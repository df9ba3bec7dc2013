import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct PipelineSecretTests {
        private static let value = "s3cr3t-value-of-the-registry"

        @Test func secretsAreMaskedInLogsAndAbsentFromReleases() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                try world.secret("REGISTRY_TOKEN", Self.value)
                let telling = #"""
                    { stages: [ { name: publish, secrets: [REGISTRY_TOKEN],
                        run: "echo token is $REGISTRY_TOKEN; test ${#REGISTRY_TOKEN} -eq 28" },
                        { name: other, run: "test -z \"${REGISTRY_TOKEN:-}\"" } ] }
                    """#
                let commit = try world.commit(Behaviour(version: "one"), .quick(pipeline: telling))
                try world.push(to: bare)
                #expect(world.shows("one"))
                let run = try world.ended(commit)
                #expect(run.state == "passed", "\(run)")
                let logs = try world.run("pipeline", "logs", run.id)
                #expect(logs.out.contains("token is ***"), "\(logs)")
                // Nowhere in what is kept but in its own file.
                let found = try world.program(["grep", "-rlF", Self.value, world.data])
                _ = found.wait(within: .seconds(30))
                let files = found.output.split(separator: "\n").map(String.init)
                #expect(files == [world.data + "/secrets/REGISTRY_TOKEN"], "\(files)")
            }
        }

        @Test func aMissingSecretFailsTheStageBeforeItStarts() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let needing = #"{ stages: [ { name: publish, secrets: [NOWHERE], run: "touch \#(world.root)/ran" } ] }"#
                let commit = try world.commit(Behaviour(version: "one"), .quick(pipeline: needing))
                try world.push(to: bare)
                let run = try world.ended(commit)
                #expect(run.state == "failed" && run.why.contains("NOWHERE"), "\(run)")
                #expect(!FileManager.default.fileExists(atPath: world.root + "/ran"))
            }
        }

        /// The same stages from a plain checkout, without a control plane.
        @Test func aPipelineRunsOnALaptop() throws {
            try World.with(serving: false) { world in
                let stages = #"""
                    { stages: [ { name: build, run: "mkdir out && echo built > out/x", cache: { paths: ["out/"] } },
                        { parallel: [ { name: left, run: "cat out/x" }, { name: right, secrets: [KEY],
                            run: "echo $KEY" } ], name: tests } ] }
                    """#
                try world.commit(Behaviour(version: "one"), .quick(pipeline: stages))
                let good = try world.run("pipeline", "run", "--local", with: ["NONEVENT_SECRET_KEY": Self.value])
                #expect(good.code == 0, "\(good)")
                #expect(good.out.contains("built") && good.out.contains("***"), "\(good)")
                #expect(!good.out.contains(Self.value))
                // Ends are told before what they let begin.
                let told = good.out.split(separator: "\n").map(String.init)
                let ended = try #require(told.firstIndex { $0.hasPrefix("build: passed") }, "\(good)")
                let begun = try #require(told.firstIndex { $0.hasPrefix("left: running") }, "\(good)")
                #expect(ended < begun, "\(good)")
                let missing = try world.run("pipeline", "run", "--local")
                #expect(missing.code == 1 && missing.out.contains("KEY"), "\(missing)")
                // Changes that are in no commit are not left out silently.
                try "changed".write(toFile: world.tree + "/server.py", atomically: true, encoding: .utf8)
                #expect(try world.run("pipeline", "run", "--local").code == 1)
                let failing = #"{ stages: [ { name: unit, run: "cat server.py; exit 4" } ] }"#
                try Plan.quick(pipeline: failing).yaml.write(
                    toFile: world.tree + "/nonevent.yaml", atomically: true, encoding: .utf8)
                let dirty = try world.run("pipeline", "run", "--local", "--allow-dirty", "--json")
                #expect(dirty.code == 1 && dirty.out.contains("changed"), "\(dirty)")
                #expect(dirty.out.contains(#""failedStage":"unit""#), "\(dirty)")
                #expect(!FileManager.default.fileExists(atPath: world.data), "nothing is kept")
                #expect(!FileManager.default.fileExists(atPath: world.tree + "/out"))
            }
        }
    }
}
