import Foundation
import Testing

extension EndToEnd {
    /// Business counts and gauges, asked of the instances themselves and of Debian's Prometheus.
    @Suite(.serialized) struct MetricTests {
        @Test func countsAndGaugesAreJudged() throws {
            try World.with { world in
                let prometheus = try DebianPrometheus(world)
                defer { prometheus.stop() }
                // Long after its start, when a server looks for new targets no faster than it ever does.
                let courses = try world.perform(Self.scenarios(prometheus)) {
                    let isBusy = Poll.until(.seconds(60)) { prometheus.samples("orders_total") >= 15 }
                    guard isBusy else { throw World.Trouble(description: "Prometheus does not see the first releases") }
                }
                defer { courses.values.forEach { $0.load.end() } }
                func course(_ name: String) throws -> Course { try #require(courses[name]) }

                for name in ["orders", "asked"] {
                    let end = try course(name).end(within: .seconds(60))
                    #expect(end.phase == "undone" && end.verdict?.rule == "counts-undo", "\(name): \(end)")
                    #expect(end.why.contains("orders"), "\(name): \(end.why)")
                    #expect(Poll.until { world.version(name) == "one" }, "\(name)")
                    #expect(try course(name).load.end().failed == 0, "\(name)")
                }
                let memory = try course("memory").end(within: .seconds(90))
                #expect(memory.phase == "undone" && memory.verdict?.rule == "gauges", "\(memory)")
                #expect(memory.why.contains("'memory' is higher"), "\(memory.why)")

                let blind = try course("blind")
                try expectToGoOn(blind, afterACrashOf: world)
                prometheus.stop()
                let end = try blind.end(within: .seconds(60))
                #expect(end.phase == "undone" && end.verdict?.rule == "no-data", "\(end)")
                #expect(end.why.contains("'orders' could not be had 5 times in a row"), "\(end.why)")
                #expect(Poll.until { world.version("blind") == "one" })
                for name in courses.keys.sorted() {
                    let lines = try world.expectSameVerdictOffline(course(name))
                    let kind =
                        name == "memory" ? lines.contains { $0.gauges != nil } : lines.contains { $0.counts != nil }
                    #expect(kind, "\(name)")
                }
                // A verdict acts before its tick is stored.
                let isRecorded = try Poll.until {
                    try world.ticks(blind).lines.filter { $0.failures?["orders"] != nil }.count >= 5
                }
                #expect(isRecorded)
            }
        }

        private static func scenarios(_ prometheus: DebianPrometheus) -> [Scenario] {
            let scraped = """
                { metrics: { orders: { kind: count, every: 2s, query: 'sum(orders_total{release="{{release}}"})' } }, \
                prometheus: { url: "http://127.0.0.1:\(prometheus.port)", timeout: 1s, retries: 0 } }
                """
            let own = "{ metrics: { orders: { kind: count, every: 1s, source: instances, query: orders_total } } }"
            let gauge = "{ metrics: { memory: { kind: gauge, every: 1s, source: instances, query: memory_bytes } } }"
            var orders = Scenario("orders", judge: own)
            orders.candidate.orders = 50
            var asked = Scenario("asked", judge: scraped)
            asked.candidate.orders = 50
            var memory = Scenario("memory", judge: gauge)
            memory.candidate.memory = 2000
            let blind = Scenario("blind", judge: scraped)
            return [orders, asked, memory, blind]
        }

        /// kill -9 while metrics are asked for: what was seen before still counts.
        private func expectToGoOn(_ course: Course, afterACrashOf world: World) throws {
            // Undone, it would never get there: what Prometheus does not show yet is no loss.
            let begun = try Poll.value(within: .seconds(60)) {
                try world.ticks(course).lines.first { ($0.counts?["orders"]?.candidate ?? 0) > 0 }
            }
            let rollout = try #require(try course.rollout())
            try #require(begun != nil, "no order of \(course.name) is ever seen: \(rollout)")
            let before = try #require(rollout.verdict)
            try #require(before.verdict == "hold", "\(before)")
            #expect(before.evidence["counts-undo"] != nil, "\(before)")
            let said = try world.ticks(course).lines.compactMap(\.verdict)
            #expect(said.allSatisfy { $0.verdict == "hold" }, "\(said.filter { $0.verdict != "hold" })")
            world.killControl()
            let recorded = before.candidateRequests / 2
            try world.serve()
            let after = try Poll.value(within: .seconds(30)) {
                try course.rollout()?.verdict.flatMap { $0.t > before.t + 3 ? $0 : nil }
            }
            let known = try #require(after, "not judged any more")
            #expect(known.verdict == "hold" && known.candidateRequests > recorded, "\(known) after \(before)")
        }

        struct Mistake: Sendable, CustomTestStringConvertible {
            /// What stands below `judge:`.
            var text: String
            /// What the message must name.
            var says: [String]
            var testDescription: String { text }
        }

        @Test func mistakesInTheJudgesPartOfTheServiceFile() throws {
            let mistakes = [
                Mistake(text: "rules: { error-undo: off }", says: ["error-undo", "errors-undo"]),
                Mistake(text: "rules: { slo: { weight: 0.2 } }", says: ["weight"]),
                Mistake(text: "rules: { errors-undo: { margin: 0.25 } }", says: ["0.25", "5%"]),
                Mistake(text: "alpha: 1.5", says: ["1.5"]),
                Mistake(text: "beta: 0", says: ["0"]),
                Mistake(text: "dispersion: 0.5", says: ["0.5"]),
                Mistake(text: "onInconclusive: guess", says: ["guess", "hold"]),
                Mistake(
                    text: #"metrics: { orders: { kind: count, source: prometheus, query: "sum(orders_total)" } }"#,
                    says: ["release"]),
                Mistake(
                    text: "metrics: { orders: { kind: count, source: instances, query: 'rate(orders_total[1m])' } }",
                    says: ["rate(orders_total[1m])"]),
                Mistake(text: "metrics: { orders: { kind: total, query: orders_total } }", says: ["total", "count"]),
            ]
            try World.with { world in
                for mistake in mistakes {
                    try world.commit(.init(), Plan(more: "judge:\n  \(mistake.text)"))
                    let file = try String(contentsOfFile: world.tree + "/nonevent.yaml", encoding: .utf8)
                    let line = try #require(file.split(separator: "\n").firstIndex { $0.contains(mistake.text) }) + 1
                    for verb in ["validate", "deploy"] {
                        let outcome = try world.run(verb)
                        #expect(outcome.code == 65, "\(mistake.text) \(verb): \(outcome)")
                        #expect(outcome.err.contains("nonevent.yaml:\(line):"), "\(mistake.text): \(outcome)")
                        for word in mistake.says { #expect(outcome.err.contains(word), "\(mistake.text): \(outcome)") }
                    }
                }
                #expect(try world.journal().isEmpty)
            }
        }
    }
}
