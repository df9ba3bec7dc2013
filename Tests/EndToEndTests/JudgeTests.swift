import Foundation
import Testing

extension EndToEnd {
    /// What the judge makes of each kind of release. All go at the same time, with traffic of their own, so that the
    /// minute in which instances warm up is waited for once.
    @Suite(.serialized) struct JudgeTests {
        @Test func eachKindOfReleaseGetsItsVerdict() throws {
            try World.with { world in
                let spoiled = world.root + "/spoiled"
                let courses = try world.perform(Self.scenarios(spoiled))
                defer { courses.values.forEach { $0.load.end() } }
                func course(_ name: String) throws -> Course { try #require(courses[name]) }

                // First of all: later this rollout may have ended.
                try crash(world, while: try course("slow"))
                try expectUndone(course("errors"), by: ["errors-undo", "slo"], within: .seconds(120))
                try expectUndone(course("silent"), by: ["no-data"], within: .seconds(120))
                try expectUndone(course("deaf"), by: ["errors-undo", "slo"], within: .seconds(120))
                let later = try course("later").end(within: .seconds(120))
                #expect(later.phase == "complete", "\(later)")

                try "".write(toFile: spoiled, atomically: true, encoding: .utf8)
                try expectUndoneAfterwards(course("later"), world)
                try expectUndone(course("slow"), by: ["latency-undo"], within: .seconds(150))
                try expectWarmUp(course("slow"), world)
                try expectDryRun(course("dry"), world)
                let good = try course("good").end(within: .seconds(300))
                #expect(good.phase == "complete", "\(good)")
                #expect(try course("good").load.end().failed == 0)
                try expectRamp(course("good"), world)
                try expectHeld(course("burning"), world)
                for name in courses.keys.sorted() where name != "good" {
                    try world.expectSameVerdictOffline(course(name))
                }
            }
        }

        private static func scenarios(_ spoiled: String) -> [Scenario] {
            var good = Scenario("good", steps: "auto", judge: "{ dispersion: 1 }")
            (good.baseline.delay, good.candidate.delay, good.perSecond) = (20, 20, 80)
            var errors = Scenario("errors")
            errors.candidate.failing = 5
            var slow = Scenario("slow")
            (slow.baseline.delay, slow.candidate.delay) = (20, 40)
            // Each visitor who meets the candidate is lost for a while: enough must come that some are due to it.
            var silent = Scenario("silent", steps: "[20%, 100%]")
            (silent.candidate.hangs, silent.people) = (true, 16)
            // Connections that are refused are errors, not silence.
            var deaf = Scenario("deaf", steps: "[20%, 100%]")
            deaf.candidate.deaf = true
            // About errors alone: on a busy machine one program may really be slower than the other.
            var burning = Scenario(
                "burning", steps: "[20%, 100%]", hold: "20s", judge: "{ rules: { latency-undo: off } }")
            (burning.baseline.failing, burning.candidate.failing) = (20, 20)
            var dry = Scenario("dry", judge: "{ rules: { errors-undo: { dryRun: on }, slo: off } }")
            dry.candidate.failing = 5
            var later = Scenario("later", steps: "[20%, 100%]", hold: "8s")
            (later.candidate.failing, later.candidate.spoiledBy) = (60, spoiled)
            return [good, errors, slow, silent, deaf, burning, dry, later]
        }

        private func expectUndone(_ course: Course, by rules: [String], within limit: Duration) throws {
            let end = try course.end(within: limit)
            #expect(end.phase == "undone", "\(course.name): \(end)")
            #expect(rules.contains(end.verdict?.rule ?? "none"), "\(course.name): \(end)")
            #expect(Poll.until { course.world.version(course.name) == "one" }, "\(course.name)")
        }

        /// kill -9 in the middle of a rollout: the evidence is still there afterwards.
        private func crash(_ world: World, while course: Course) throws {
            // So many that the first seconds afterwards alone would not make up for them.
            let seen = try Poll.value(within: .seconds(30)) {
                try course.rollout()?.verdict.flatMap { $0.candidateRequests >= 100 ? $0 : nil }
            }
            let before = try #require(seen, "\(course.name) is hardly judged")
            // A verdict is shown before its tick is stored.
            #expect(try Poll.until { (try world.ticks(course).lines.last?.t ?? 0) >= before.t })
            world.killControl()
            try world.serve()
            let after = try Poll.value(within: .seconds(30)) {
                try course.rollout()?.verdict.flatMap { $0.t > before.t ? $0 : nil }
            }
            let known = try #require(after, "\(course.name) is not judged any more")
            #expect(known.candidateRequests >= before.candidateRequests, "\(known) after \(before)")
        }

        private func expectUndoneAfterwards(_ course: Course, _ world: World) throws {
            #expect(Poll.until(.seconds(60)) { (try? world.status(course.name))?.live?.commit != course.commit })
            #expect(Poll.until { world.version(course.name) == "one" })
            for _ in 1...20 { #expect(world.version(course.name) == "one") }
            let entries = try world.journal().filter { $0.service == course.name }
            let complete = try #require(entries.lastIndex { $0.kind == "rollout.complete" })
            let verdict = try #require(entries.lastIndex { $0.kind == "verdict" && $0.actor == "judge" })
            let undo = try #require(entries.lastIndex { $0.kind == "undo" })
            #expect(complete < verdict && verdict < undo, "\(entries)")
            #expect(entries[undo].actor == "judge")
            // A verdict acts before its tick is stored.
            let last = try Poll.value(within: .seconds(20)) {
                try world.ticks(course).lines.last?.verdict.flatMap { $0.verdict == "undo" ? $0 : nil }
            }
            #expect(last?.rule == "slo", "\(last.debugDescription)")
        }

        /// Latencies of an instance's first minute are no evidence.
        private func expectWarmUp(_ course: Course, _ world: World) throws {
            let lines = try world.ticks(course).lines
            let first = lines.first { !($0.candidate?.latency ?? [:]).isEmpty }?.t ?? 0
            // Instances start a little before they get traffic.
            #expect(first > 30 && first < 90, "\(first)")
            let undone = lines.last?.t ?? 0
            #expect(undone >= first && undone < first + 60, "\(undone)")
        }

        /// Errors as bad as those that undo another release: judged and shown, and nothing happens.
        private func expectDryRun(_ course: Course, _ world: World) throws {
            let outcome = try world.run("status", course.name, "--json")
            let status = try JSONDecoder().decode(SeenService.self, from: Data(outcome.out.utf8))
            #expect(status.rollout?.phase == "shift", "\(outcome)")
            let verdict = try #require(status.rollout?.verdict, "\(outcome)")
            let evidence = try #require(verdict.evidence["errors-undo"], "\(outcome)")
            #expect(evidence.dryRun == true && evidence.lnE > evidence.threshold, "\(verdict)")
            #expect(verdict.evidence["slo"] == nil, "off is not even shown")
            #expect(verdict.verdict == "hold", "\(verdict)")
        }

        /// The computed ramp, from a few per cent to all, only with proof.
        private func expectRamp(_ course: Course, _ world: World) throws {
            let moves = try world.journal().filter { $0.service == course.name && $0.kind == "rollout.shift" }
            #expect(moves.count >= 4, "\(moves)")
            let lines = try world.ticks(course).lines
            let proven = try #require(lines.first { $0.verdict?.verdict == "promote" })
            #expect(proven.t >= 180 && proven.verdict?.rule == "errors-promote", "\(proven)")
            for rule in ["errors-promote", "latency-promote"] {
                let found = try #require(proven.verdict?.evidence[rule])
                #expect(found.lnE >= found.threshold, "\(rule): \(found)")
            }
        }

        /// Both fail alike: nothing moves, for far longer than the step lasts.
        private func expectHeld(_ course: Course, _ world: World) throws {
            let status = try world.status(course.name)
            #expect(status.rollout?.phase == "shift" && status.rollout?.shareBasisPoints == 2000, "\(status)")
            #expect(status.rollout?.verdict?.rule == "both-burning", "\(status)")
            let said = try world.ticks(course).lines.compactMap(\.verdict)
            #expect(said.allSatisfy { $0.verdict == "hold" }, "\(said.filter { $0.verdict != "hold" })")
        }
    }
}
