import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct RolloutTests {
        @Test func firstAndSecondReleaseTakeOverWithoutAFailedRequest() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                #expect(world.version() == "one")
                let load = try world.load()
                let plan = Plan(steps: "[10%, 50%, 100%]")
                let commit = try world.deploy(Behaviour(version: "two"), plan)
                let seen = load.end()
                #expect(seen.failed == 0, "\(seen)")
                #expect(seen.requests > 200, "\(seen)")
                #expect(world.version() == "two")
                let last = try #require(try world.history().first)
                #expect(last.commit == commit)
                #expect(last.phase == "complete")
                #expect(last.reachedBasisPoints == 10_000)
                #expect(try world.visit().headers["x-nonevent-release"] == shortDigest(last.candidate))
            }
        }

        private func shortDigest(_ digest: String) -> String {
            String(digest.replacingOccurrences(of: "sha256:", with: "").prefix(12))
        }

        @Test func aReleaseThatFailsFivePerCentIsUndoneByItself() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load(perSecond: 200)
                let commit = try world.commit(Behaviour(version: "two", failing: 5), Plan(hold: "60s"))
                let outcome = try world.run("deploy", "--wait")
                let seen = load.end()
                #expect(outcome.code == 1, "\(outcome)")
                #expect(outcome.err.contains("undone"), "\(outcome)")
                try expectUndone(world, commit)
                #expect(seen.failures.keys.allSatisfy { $0 != "broken" }, "\(seen)")
                #expect(seen.failed < 60, "\(seen)")
            }
        }

        @Test func aReleaseThatFailsEverythingIsUndoneWithinTenErrors() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load(perSecond: 200)
                let commit = try world.commit(
                    Behaviour(version: "two", failing: 100), Plan(steps: "[1%, 100%]", hold: "60s"))
                let outcome = try world.run("deploy", "--wait")
                let seen = load.end()
                #expect(outcome.code == 1, "\(outcome)")
                try expectUndone(world, commit)
                #expect(seen.failed <= 10, "\(seen)")
                #expect(seen.failures["broken"] == nil, "\(seen)")
            }
        }

        @Test func aReleaseThatNeverGetsReadyIsUndoneInTheDark() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load()
                let commit = try world.commit(Behaviour(version: "two", ready: false), Plan(within: "3s"))
                let outcome = try world.run("deploy", "--wait")
                let seen = load.end()
                #expect(outcome.code == 1, "\(outcome)")
                #expect(outcome.err.contains("ready"), "\(outcome)")
                try expectUndone(world, commit)
                #expect(seen.failed == 0, "\(seen)")
                #expect(try world.history().first?.reachedBasisPoints == 0)
            }
        }

        @Test func aFailedSmokeCheckUndoesInTheDark() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let smoke = "verify: { smoke: [{ path: /smoke, status: 200 }] }"
                let commit = try world.commit(Behaviour(version: "two", smokes: false), Plan(more: smoke))
                let outcome = try world.run("deploy", "--wait")
                #expect(outcome.code == 1, "\(outcome)")
                #expect(outcome.err.contains("/smoke"), "\(outcome)")
                try expectUndone(world, commit)
                #expect(try world.history().first?.reachedBasisPoints == 0)
            }
        }

        private func expectUndone(_ world: World, _ commit: String) throws {
            #expect(world.version() == "one")
            let last = try #require(try world.history().first)
            #expect(last.commit == commit)
            #expect(last.phase == "undone")
            #expect(last.why.count > 20, "a sentence for a person: \(last.why)")
            let again = try world.run("deploy")
            #expect(again.code == 1, "an undone release does not come back by itself: \(again)")
            #expect(again.err.contains("undone"), "\(again)")
        }

        @Test func pauseHoldsPromoteEndsAbortGoesBack() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                try world.commit(Behaviour(version: "two"), Plan(steps: "[20%, 100%]", hold: "2s", soak: "60s"))
                #expect(try world.run("deploy").code == 0)
                #expect(world.reaches("shift"))
                #expect(try world.run("rollout", "pause", "shop").code == 0)
                let load = try world.load()
                // Longer than the hold: a rollout that ignored the pause would have moved on.
                #expect(!Poll.until(.seconds(4)) { (try? world.status())?.rollout?.shareBasisPoints != 2000 })
                #expect(try world.run("rollout", "promote", "shop").code == 0)
                #expect(try world.status().rollout?.shareBasisPoints == 10_000)
                #expect(world.version() == "two")
                #expect(try world.run("rollout", "abort", "shop").code == 0)
                #expect(world.version() == "one")
                #expect(load.end().failed == 0)
                #expect(try world.run("rollout", "abort", "shop").code == 3)
            }
        }

        @Test func twoDeploysAtTheSameInstantOneRunsOneWaits() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let second = try world.commit(Behaviour(version: "two"))
                let third = try world.commit(Behaviour(version: "three"))
                let load = try world.load(perSecond: 40)
                let both = [
                    try world.start(["deploy", "--wait", "--commit", second]),
                    try world.start(["deploy", "--wait", "--commit", third]),
                ]
                for process in both {
                    #expect(process.wait(within: .seconds(90)) == 0, "\(process.output)\(process.errors)")
                }
                #expect(world.settles())
                #expect(load.end().failed == 0)
                let ends = try world.history().prefix(2)
                #expect(Set(ends.map(\.commit)) == [second, third])
                #expect(ends.allSatisfy { $0.phase == "complete" })
                #expect(try world.journal("deploy.queued").count == 1)
            }
        }

        @Test func theNewestInTheQueueWinsAndTheSkippedOneIsRecorded() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let slow = Plan(hold: "4s")
                let commits = try ["two", "three", "four"].map { try world.commit(Behaviour(version: $0), slow) }
                #expect(try world.run("deploy", "--commit", commits[0]).code == 0)
                let skipped = try world.start(["deploy", "--wait", "--commit", commits[1]])
                #expect(Poll.until { (try? world.status())?.queued?.commit == commits[1] })
                let load = try world.load(perSecond: 40)
                let newest = try world.run("deploy", "--wait", "--commit", commits[2])
                #expect(newest.code == 0, "\(newest)")
                #expect(skipped.wait(within: .seconds(30)) == 1, "\(skipped.output)\(skipped.errors)")
                #expect(skipped.errors.contains("superseded"), "\(skipped.errors)")
                #expect(
                    try world.history().map(\.phase).sorted() == ["complete", "complete", "complete", "superseded"])
                #expect(load.end().failed == 0)
                #expect(world.version() == "four")
            }
        }
    }
}
