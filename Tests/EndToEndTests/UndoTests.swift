import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct UndoTests {
        @Test func inTheMiddleOfARollout() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load()
                try world.commit(Behaviour(version: "two"), Plan(steps: "[50%, 100%]", hold: "60s"))
                #expect(try world.run("deploy").code == 0)
                #expect(world.reaches("shift"))
                let done = try world.undo()
                #expect(done.changed && done.journaled)
                for _ in 1...50 { #expect(world.version() == "one") }
                #expect(try world.undo().changed == false, "undo is idempotent")
                #expect(world.version() == "one")
                #expect(load.end().failed == 0)
                #expect(try world.journal("undo").count == 1)
            }
        }

        @Test func afterCompletionThenRedoThenAgain() throws {
            try World.with { world in
                let first = try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two"))
                let load = try world.load()
                let done = try world.undo()
                #expect(done.changed)
                #expect(done.toCommit == first)
                #expect(done.seconds < 2)
                for _ in 1...50 { #expect(world.version() == "one") }
                #expect(try world.undo().changed == false)
                #expect(try world.run("redo", "shop").code == 0)
                for _ in 1...50 { #expect(world.version() == "two") }
                #expect(try world.undo().changed)
                #expect(world.version() == "one")
                let seen = load.end()
                #expect(seen.failed == 0, "\(seen)")
                let refused = try world.run("deploy")
                #expect(refused.code == 1, "an undone release is no candidate by itself: \(refused)")
            }
        }

        @Test func fromColdStorage() throws {
            try World.with { world in
                let plan = Plan(keepWarm: "1s")
                try world.deploy(Behaviour(version: "one"), plan)
                try world.deploy(Behaviour(version: "two"), plan)
                #expect(Poll.until { world.programs().count == 2 }, "the first release cools down")
                let load = try world.load()
                let done = try world.undo()
                #expect(done.changed)
                #expect(world.version() == "one")
                #expect(load.end().failed == 0)
            }
        }

        @Test func toANamedReleaseOnlyIfItIsKnown() throws {
            try World.with { world in
                let first = try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two"))
                try world.deploy(Behaviour(version: "three"))
                let unknown = try world.run("undo", "shop", "--to", "ffffffffffff")
                #expect(unknown.code == 1, "\(unknown)")
                #expect(unknown.err.contains("ffffffffffff"), "\(unknown)")
                #expect(world.version() == "three")
                #expect(try world.undo("shop", "--to", String(first.prefix(10))).changed)
                #expect(world.version() == "one")
            }
        }

        @Test func nothingToUndoIsExitCodeThree() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let outcome = try world.run("undo", "shop")
                #expect(outcome.code == 3, "\(outcome)")
                #expect(try world.run("redo", "shop").code == 3)
                #expect(world.version() == "one")
            }
        }

        @Test func aDrillGoesThereAndBackWithoutAFailedRequest() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two"))
                let load = try world.load()
                let outcome = try world.run("drill", "shop", "--json")
                let seen = load.end()
                #expect(outcome.code == 0, "\(outcome)")
                struct Drill: Decodable {
                    var undoSeconds: Double
                    var redoSeconds: Double
                    var bad: Int
                }
                let drill = try JSONDecoder().decode(Drill.self, from: Data(outcome.out.utf8))
                #expect(drill.undoSeconds > 0 && drill.undoSeconds < 2)
                #expect(drill.bad == 0)
                #expect(seen.failed == 0, "\(seen)")
                #expect(seen.byRelease.count == 2, "both served: \(seen)")
                #expect(world.version() == "two")
                #expect(try world.journal("drill").count == 1)
                #expect(try world.journal("drill.ended").count == 1)
            }
        }

        @Test func afterAnUndoANewCommitGoesForward() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two"))
                #expect(try world.undo().changed)
                try world.deploy(Behaviour(version: "three"))
                #expect(world.version() == "three")
                #expect(try world.undo().changed)
                #expect(world.version() == "one", "the undone release is skipped")
            }
        }
    }
}
