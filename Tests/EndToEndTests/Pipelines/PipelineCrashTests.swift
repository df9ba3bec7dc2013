import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite(.serialized) struct PipelineCrashTests {
        /// Each run of the stage leaves a line outside of its checkout.
        private func counting(_ world: World, _ rest: String) -> String {
            #"{ stages: [ { name: first, run: "echo first >> \#(world.root)/ran" }, "#
                + #"{ name: slow, run: "echo slow >> \#(world.root)/ran; \#(rest)" } ] }"#
        }

        private func lines(_ world: World) -> [String] {
            ((try? String(contentsOfFile: world.root + "/ran", encoding: .utf8)) ?? "")
                .split(separator: "\n").map(String.init)
        }

        /// kill -9 while a stage runs: what it started ends, it is run once more, and the release goes out once.
        @Test func killedInARunningStageItIsRunAgainOnce() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let waiting = "test -f \(world.root)/go || sleep 60"
                let commit = try world.commit(
                    Behaviour(version: "one"), .quick(pipeline: counting(world, waiting)))
                try world.push(to: bare)
                #expect(Poll.until(.seconds(30)) { lines(world) == ["first", "slow"] }, "\(lines(world))")
                world.killControl()
                try "".write(toFile: world.root + "/go", atomically: true, encoding: .utf8)
                try world.serve()
                #expect(world.shows("one"))
                let run = try world.ended(commit)
                #expect(run.state == "passed", "\(run)")
                #expect(run.stages.map(\.attempts) == [1, 2], "\(run)")
                #expect(lines(world) == ["first", "slow", "slow"], "\(lines(world))")
                #expect(try world.runs().count == 1)
                #expect(try world.journal("deploy.accepted").count == 1)
                #expect(!world.processes().contains { $0.command.contains("sleep 60") }, "a leftover")
                #expect(try world.run("journal", "--verify").code == 0)
            }
        }

        @Test func killedWhileADeployWaitsItStillGoesOut() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                #expect(try world.run("hold", "--all", "inventory").code == 0)
                let commit = try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                #expect(Poll.until { (try? world.queue().waiting.first?.commit) == commit })
                try world.restart()
                let queue = try world.queue()
                #expect(queue.waiting.map(\.commit) == [commit] && queue.holds.first?.reason == "inventory")
                #expect(try world.run("hold", "--all", "--release").code == 0)
                #expect(world.shows("one"))
                #expect(try world.journal("deploy.accepted").count == 1)
                #expect(try world.run("hold", "--all", "--release").code == 3, "nothing is held")
            }
        }

        /// SIGTERM ends the control plane and its stages; the next one runs them again.
        @Test func anOrderlyEndLosesNothing() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let waiting = "test -f \(world.root)/go || sleep 60"
                try world.commit(Behaviour(version: "one"), .quick(pipeline: counting(world, waiting)))
                try world.push(to: bare)
                #expect(Poll.until(.seconds(30)) { lines(world) == ["first", "slow"] }, "\(lines(world))")
                world.control?.signal(SIGTERM)
                #expect(world.control?.wait(within: .seconds(20)) == 0)
                try "".write(toFile: world.root + "/go", atomically: true, encoding: .utf8)
                try world.serve()
                #expect(world.shows("one"))
                #expect(lines(world) == ["first", "slow", "slow"], "\(lines(world))")
            }
        }

        @Test func aRunCanBeCancelledAndRunAgain() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                let waiting = "test -f \(world.root)/go || sleep 60"
                let commit = try world.commit(
                    Behaviour(version: "one"), .quick(pipeline: counting(world, waiting)))
                try world.push(to: bare)
                #expect(Poll.until(.seconds(30)) { lines(world) == ["first", "slow"] }, "\(lines(world))")
                #expect(try world.run("pipeline", "cancel", "shop-p1").code == 0)
                let run = try world.ended(commit)
                #expect(run.state == "cancelled" && run.release == nil, "\(run)")
                #expect(try world.run("pipeline", "cancel", "shop-p1").code == 3)
                #expect(Poll.until { !world.processes().contains { $0.command.contains("sleep 60") } })
                try "".write(toFile: world.root + "/go", atomically: true, encoding: .utf8)
                let again = try world.run("pipeline", "again", "shop-p1")
                #expect(again.code == 0 && again.out.contains("shop-p2"), "\(again)")
                #expect(world.shows("one"), "still the newest of the trunk: it deploys")
                #expect(try world.run("pipeline", "show", "nowhere-p1").code == 1)
            }
        }
    }
}
