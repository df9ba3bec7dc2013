import DeliveryModel
import FoundationEssentials
import Testing

@testable import ControlPlane

/// What is recorded is what `nonevent judge` reads.
@Suite struct RecordedTickTests {
    private static let tick = JudgeTick(
        t: 12.5, candidate: ArmCounts(requests: 20, bad: 1, latency: [-121: 20]),
        baseline: ArmCounts(requests: 180, latency: [-120: 100, -119: 80]), share: Share(clamping: 1000),
        counts: ["orders": BusinessCounts(candidate: 3, baseline: 30, share: 0.1)],
        gauges: ["rss": GaugeSamples(candidate: [1.5], baseline: [1.25, 1])], failures: ["carts": "no connection"],
        phi: 1.5, phiSource: .measuredBriefly)

    @Test func theTickIsReadAgainAsItWas() throws {
        let verdict = Verdict(
            t: 12.5, verdict: .hold, rule: "", evidence: ["slo": RuleEvidence(lnE: 1, threshold: 4.6)], phi: 1.5,
            phiSource: .measuredBriefly, share: Share(clamping: 3000), candidate: ArmCounts(requests: 20, bad: 1),
            baseline: ArmCounts(requests: 180), ratio: RatioInterval(estimate: 2, low: 0.5, high: 8),
            secondsLeft: 3587.5, why: "so")
        let line = try StoredForms.json(RecordedTick(tick: Self.tick, verdict: verdict))
        #expect(try StoredForms.decode(JudgeTick.self, line) == Self.tick)
        #expect(try StoredForms.decode(RecordedTick.self, line).verdict == verdict)
        #expect(line.contains("\"share\":0.1") && line.contains("\"share\":0.3"), "shares are fractions")
    }

    @Test func everyPartMayBeLeftOut() throws {
        let tick = try StoredForms.decode(JudgeTick.self, "{\"t\": 1, \"candidate\": {}, \"more\": [1]}")
        #expect(tick == JudgeTick(t: 1, candidate: ArmCounts(), baseline: nil))
        #expect(throws: (any Error).self) { try StoredForms.decode(JudgeTick.self, "{\"candidate\": {}}") }
        #expect(throws: (any Error).self) { try StoredForms.decode(JudgeTick.self, "{\"t\": 1, \"share\": 2}") }
    }

    @Test func verdictsOfTheFirstVersionsAreStillRead() throws {
        let old = """
            {"t": 3, "verdict": "hold", "rule": "", "evidence": {}, "phi": 4, "share": 250, "candidateRate": 0,
            "baselineRate": 0, "candidateRequests": 1, "baselineRequests": 9, "candidateBad": 0, "baselineBad": 0,
            "why": "so"}
            """
        #expect(try StoredForms.decode(Verdict.self, old).share == Share(clamping: 250))
    }

    @Test(arguments: [
        (JudgeTick(t: -1, candidate: nil, baseline: nil), "expected \"t\""),
        (JudgeTick(t: .nan, candidate: nil, baseline: nil), "expected \"t\""),
        (JudgeTick(t: 5, candidate: nil, baseline: nil), "time goes backwards"),
        (JudgeTick(t: 9, candidate: ArmCounts(requests: 1, bad: 2), baseline: nil), "candidate: 2.0 bad of only 1.0"),
        (JudgeTick(t: 9, candidate: nil, baseline: ArmCounts(requests: -1)), "baseline: expected \"requests\""),
        (JudgeTick(t: 9, candidate: ArmCounts(requests: 1, bad: .nan), baseline: nil), "expected \"bad\""),
        (
            JudgeTick(t: 9, candidate: ArmCounts(requests: 1, latency: [0: -1]), baseline: nil),
            "latency bucket 0"
        ),
        (
            JudgeTick(
                t: 9, candidate: nil, baseline: nil,
                counts: ["o": BusinessCounts(candidate: 1, baseline: 1, share: 1)]),
            "counts.o: expected a share"
        ),
        (
            JudgeTick(t: 9, candidate: nil, baseline: nil, gauges: ["g": GaugeSamples(candidate: [.infinity])]),
            "gauges.g: expected finite"
        ),
        (JudgeTick(t: 9, candidate: nil, baseline: nil, phi: 0.5), "expected \"phi\""),
    ])
    func whatCannotBeIsNamed(_ tick: JudgeTick, _ words: String) {
        #expect(tick.problem(after: 6)?.contains(words) == true, "\(tick.problem(after: 6) ?? "nothing")")
    }
}
