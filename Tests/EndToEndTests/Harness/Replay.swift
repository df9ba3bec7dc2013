import Foundation
import Testing

/// One line of a rollout's record.
struct RecordedLine: Decodable {
    struct Arm: Decodable {
        var requests: Double
        var latency: [String: Double]?
    }
    struct Counts: Decodable {
        var candidate: Double
        var baseline: Double
    }
    struct Anything: Decodable {}
    var t: Double
    var candidate: Arm?
    var counts: [String: Counts]?
    var gauges: [String: Anything]?
    var failures: [String: String]?
    var verdict: SeenVerdict?
}

extension World {
    /// What the judge saw, with what it said, as `nonevent history --ticks` writes it.
    func ticks(_ course: Course) throws -> (text: String, lines: [RecordedLine]) {
        guard let id = try course.rollout()?.id else { throw Trouble(description: "\(course.name) has no rollout") }
        let outcome = try run("history", course.name, "--ticks", id)
        guard outcome.code == 0 else { throw Trouble(description: "history --ticks: \(outcome)") }
        let lines = try outcome.out.split(separator: "\n").map {
            try JSONDecoder().decode(RecordedLine.self, from: Data($0.utf8))
        }
        return (outcome.out, lines)
    }

    /// Replays a rollout offline; expects the verdict, rule and evidence that the running judge had at its last tick.
    ///
    /// - Returns: the recorded ticks.
    @discardableResult
    func expectSameVerdictOffline(_ course: Course) throws -> [RecordedLine] {
        let (text, lines) = try ticks(course)
        let live = try #require(lines.last?.verdict, "\(course.name)")
        let input = "\(root)/\(course.name).jsonl"
        try text.write(toFile: input, atomically: true, encoding: .utf8)
        let process = try start(
            ["judge", "--json", "--config", "nonevent.yaml"], in: tree(course.name), input: input)
        let code = process.wait(within: .seconds(60))
        let said = process.output.split(separator: "\n")
        #expect(said.count == lines.count, "\(course.name): \(process.errors)")
        let last = try JSONDecoder().decode(SeenVerdict.self, from: Data((said.last ?? "{}").utf8))
        let codes: [String: Int32] = ["promote": 0, "undo": 1]
        #expect(code == codes[live.verdict] ?? 2, "\(course.name): \(live.verdict)")
        #expect(last.verdict == live.verdict && last.rule == live.rule, "\(course.name): \(last) live \(live)")
        #expect(last.candidateRequests == live.candidateRequests, "\(course.name)")
        for (rule, found) in live.evidence {
            let offline = last.evidence[rule]?.lnE ?? .nan
            #expect(abs(offline - found.lnE) < 1e-6, "\(course.name) \(rule): \(offline) live \(found.lnE)")
        }
        return lines
    }
}
