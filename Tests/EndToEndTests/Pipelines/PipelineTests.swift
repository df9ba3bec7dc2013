import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct PipelineTests {
        static let pipeline = #"{ stages: [ { name: unit, run: "echo hello from $NONEVENT_COMMIT" } ] }"#

        @Test func aPushGoesLive() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let first = try world.commit(Behaviour(version: "one"), .quick(pipeline: Self.pipeline))
                try world.push(to: bare)
                #expect(world.shows("one"))
                let run = try world.ended(first)
                #expect(run.state == "passed" && run.deploys && run.release != nil, "\(run)")
                #expect(run.stages.map(\.state) == ["passed"])
                let logs = try world.run("pipeline", "logs", run.id)
                #expect(logs.out.contains("hello from \(first)"), "\(logs)")
                let load = try world.load()
                let second = try world.commit(Behaviour(version: "two"), .quick(pipeline: Self.pipeline))
                try world.push(to: bare)
                #expect(world.shows("two"))
                let last = try world.ended(second)
                #expect(last.commits.map(\.commit) == [second], "only what is new: \(last.commits)")
                #expect(last.commits.first?.subject == "version two")
                #expect(load.end().failed == 0)
                #expect(try world.run("queue").code == 0)
                let list = try world.run("pipeline", "list", "--json")
                #expect(list.out.split(separator: "\n").count == 2, "\(list)")
                #expect(try world.run("journal", "--verify").code == 0)
            }
        }

        /// The release that a pipeline packs is the one that `nonevent deploy` packs of the same commit.
        @Test func aReleaseOfAPipelineIsTheSameAsOneByHand() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                try world.commit(Behaviour(version: "one"), .quick(pipeline: Self.pipeline))
                try world.push(to: bare)
                #expect(world.shows("one"))
                #expect(world.settles())
                let again = try world.run("deploy", "--json")
                #expect(again.code == 0 && again.out.contains("\"outcome\":\"live\""), "\(again)")
            }
        }

        @Test func aStageThatFailsDeploysNothingAndIsNamed() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let failing = #"""
                    { stages: [ { name: build, run: "true" }, { name: unit, run: "echo broken; exit 3" },
                        { name: after, run: "touch never" } ] }
                    """#
                let commit = try world.commit(Behaviour(version: "one"), .quick(pipeline: failing))
                try world.push(to: bare)
                let run = try world.ended(commit)
                #expect(run.state == "failed" && run.failedStage == "unit", "\(run)")
                #expect(run.stages.map(\.state) == ["passed", "failed", "skipped"])
                #expect(run.release == nil)
                let shown = try world.run("pipeline", "show", run.id)
                #expect(shown.out.contains("unit: failed"), "\(shown)")
                #expect(try world.journal("deploy.accepted").isEmpty)
                #expect(try world.api("GET", "/api/v1/services/shop").status == 404)
                // Mended by the next commit, which takes both along.
                let mended = try world.commit(Behaviour(version: "two"), .quick(pipeline: Self.pipeline))
                try world.push(to: bare)
                #expect(world.shows("two"))
                #expect(try world.ended(mended).state == "passed")
            }
        }

        @Test func onlyTheServiceThatChangedIsBuiltAndDeployed() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let names = ["cart", "mail", "shop"]
                let tree = world.tree
                for name in names {
                    let plan = Plan.quick(name, pipeline: Self.pipeline)
                    try world.writeService(Behaviour(version: "one"), plan, below: name)
                }
                try world.commitAll("three services", in: tree)
                try world.push(to: bare)
                for name in names { #expect(world.shows("one", name)) }
                let load = try world.load("mail")
                try world.writeService(
                    Behaviour(version: "two"), .quick("mail", pipeline: Self.pipeline), below: "mail")
                try world.commitAll("mail only", in: tree)
                try world.push(to: bare)
                #expect(world.shows("two", "mail"))
                load.end()
                #expect(try names.map { try world.runs($0).count } == [1, 2, 1])
                #expect(try world.repositories().first?.services == names)
                for name in ["cart", "shop"] { #expect(world.version(name) == "one") }
                // Only what is its own ships with a service.
                try world.writeService(
                    Behaviour(version: "three"), .quick("shop", pipeline: Self.pipeline), below: "shop")
                let last = try world.commitAll("shop only", in: tree)
                try world.push(to: bare)
                #expect(try world.ended(last).commits.map(\.subject) == ["shop only"])
            }
        }

        @Test func otherBranchesAreBuiltButNotDeployed() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                try world.commit(Behaviour(version: "one"), .quick(pipeline: Self.pipeline))
                try world.push(to: bare)
                #expect(world.shows("one"))
                try world.tool("git", "checkout", "-q", "-b", "feature/fast")
                let commit = try world.commit(Behaviour(version: "two"), .quick(pipeline: Self.pipeline))
                try world.push("feature/fast", to: bare)
                let run = try world.ended(commit)
                #expect(run.state == "passed" && !run.deploys && run.release == nil, "\(run)")
                #expect(run.branch == "feature/fast")
                #expect(world.version() == "one")
                // On purpose it can go out.
                let load = try world.load()
                try world.tool("git", "checkout", "-q", "main")
                let outcome = try world.run("deploy", "--branch", "feature/fast", "--wait")
                #expect(outcome.code == 0, "\(outcome)")
                load.end()
                #expect(world.version() == "two")
                #expect(try world.journal("deploy.branch").count == 1)
            }
        }

        @Test func whatStagesHandOnIsInTheRelease() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let building = #"""
                    { stages: [ { name: build, run: "mkdir -p dist && cp server.py dist/server.py",
                        cache: { key: ["server.py"], paths: ["dist/"] } },
                        { name: unit, run: "test -f dist/server.py" } ] }
                    """#
                var plan = Plan.quick(pipeline: building)
                plan.command = #"["python3", "./dist/server.py"]"#
                plan.include = #"["dist/"]"#
                let first = try world.commit(Behaviour(version: "one"), plan)
                try world.push(to: bare)
                #expect(world.shows("one"))
                #expect(try world.ended(first).stages.map(\.state) == ["passed", "passed"])
                let load = try world.load()
                let second = try world.commit(Behaviour(version: "two"), plan)
                try world.push(to: bare)
                #expect(world.shows("two"))
                load.end()
                #expect(try world.ended(second).stages.first?.state == "cached", "the key did not change")
            }
        }

        @Test func aPushWithoutAControlPlaneIsFoundLater() throws {
            try World.with(serving: false) { world in
                let bare = try world.bare()
                let made = try world.run("init", "--git", bare)
                #expect(made.code == 0 && made.err.contains("repositories add shop"), "\(made)")
                try world.serve()
                #expect(try world.run("pipeline", "repositories", "add", "shop", bare, "--poll", "1").code == 0)
                world.killControl()
                let commit = try world.commit(Behaviour(version: "one"), .quick(pipeline: Self.pipeline))
                let pushed = try world.program(["git", "push", bare, "main"])
                #expect(pushed.wait(within: .seconds(30)) == 0, "a push never fails for it: \(pushed.errors)")
                #expect(pushed.errors.contains("found when it next looks"), "\(pushed.errors)")
                try world.serve()
                #expect(world.shows("one"))
                #expect(try world.ended(commit).actor == "poll")
            }
        }

        @Test func aBadServiceFileIsToldAndBuildsNothing() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                try "service: Shop\nrun: {}\n".write(
                    toFile: world.tree + "/nonevent.yaml", atomically: true, encoding: .utf8)
                try world.commitAll("a mistake")
                try world.push(to: bare)
                #expect(
                    Poll.until { (try? world.repositories().first?.problem)?.contains("nonevent.yaml:1:10") == true })
                #expect(try world.repositories().first?.problem?.contains("missing key 'command'") == true)
                #expect(try world.runs().isEmpty)
                #expect(try world.journal("pipeline.refused").count == 1)
                // Mended, it is built.
                try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                #expect(world.shows("one"))
                #expect(Poll.until { (try? world.repositories().first)?.problem == nil })
            }
        }

        @Test func theHookLeavesAnotherHookAlone() throws {
            try World.with(serving: false) { world in
                let bare = try world.bare()
                try "#!/bin/sh\nexit 0\n".write(toFile: bare + "/hooks/post-receive", atomically: true, encoding: .utf8)
                let made = try world.run("init", "--git", bare)
                #expect(made.code == 1 && made.err.contains("add this line"), "\(made)")
                #expect(try world.run("init", "--git", world.root).code == 1)
            }
        }
    }
}
