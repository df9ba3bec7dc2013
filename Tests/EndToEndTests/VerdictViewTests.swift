import Foundation
import Testing

extension EndToEnd {
    /// Verdicts in `status` and `history`, as a person reads them.
    @Suite(.serialized) struct VerdictViewTests {
        @Test func anUndoIsToldInFull() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let plan = Plan(steps: "[50%, 100%]", hold: "30s")
                let load = try world.load(perSecond: 100)
                try world.commit(Behaviour(version: "two", failing: 2), plan)
                #expect(try world.run("deploy").code == 0)
                try #require(world.reaches("shift"))
                let isShown = try Poll.until { try world.run("status", "shop").out.contains("  verdict  ") }
                let status = try world.run("status", "shop")
                #expect(isShown, "\(status)")
                for part in ["  failed   candidate ", "  seen     ", "  phi      4.0", "  left     ", "  next     "] {
                    #expect(status.out.contains(part), "\(part)\n\(status)")
                }
                try world.commit(Behaviour(version: "three", failing: 100), plan)
                try world.run("rollout", "abort", "shop")
                #expect(world.settles())
                #expect(try world.run("deploy", "--wait").code == 1)
                load.end()
                let rollout = try #require(try world.history().first)
                let after = try world.run("status", "shop")
                #expect(after.out.contains("nonevent history shop --rollout \(rollout.id)"), "\(after)")
                let whole = try world.run("history", "shop", "--rollout", rollout.id)
                for part in ["rollout \(rollout.id)", "undone at 50%", "verdict  undo", "  rules    ", " needed"] {
                    #expect(whole.out.contains(part), "\(part)\n\(whole)")
                }
                #expect(!whole.out.contains("  next "), "it is over")
                let json = try world.run("history", "shop", "--rollout", rollout.id, "--json")
                #expect(try JSONDecoder().decode(SeenRollout.self, from: Data(json.out.utf8)).id == rollout.id)
                let none = try world.run("history", "shop", "--rollout", "shop-99")
                #expect(none.code == 1 && none.err.contains("shop-99"), "\(none)")
                #expect(try world.run("history", "shop", "--rollout", "a", "--ticks", "b").code == 64)
                try theRecordIsJudgedAlike(world, rollout)
            }
        }

        /// The recorded ticks, judged again, end where the rollout did.
        private func theRecordIsJudgedAlike(_ world: World, _ rollout: SeenRollout) throws {
            let ticks = try world.run("history", "shop", "--ticks", rollout.id)
            let lines = ticks.out.split(separator: "\n").map(String.init)
            try #require(!lines.isEmpty)
            let again = try world.judge(lines, "--json", "--config", "nonevent.yaml")
            #expect(again.code == 1, "\(again)")
            let last = try #require(again.out.split(separator: "\n").last)
            let verdict = try JSONDecoder().decode(JudgeOfflineTests.Line.self, from: Data(last.utf8))
            #expect(verdict.verdict == "undo", "\(again)")
        }
    }
}
