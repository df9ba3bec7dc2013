import CanaryJudge
import DeliveryModel
import Testing

/// Streams as they are recorded elsewhere: without shares, with one arm, with another clock.
@Suite struct RecordedStreamTests {
    private static func verdicts(_ ticks: [JudgeTick], dispersion: Double = 1) -> [Verdict] {
        var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: dispersion, tickSeconds: 5))
        return ticks.map { judge.judge($0) }
    }

    private static func tick(
        _ t: Double, _ candidate: (Double, Double)?, _ baseline: (Double, Double)?, share: Double? = nil
    ) -> JudgeTick {
        JudgeTick(
            t: t, candidate: candidate.map { ArmCounts(requests: $0.0, bad: $0.1) },
            baseline: baseline.map { ArmCounts(requests: $0.0, bad: $0.1) },
            share: share.flatMap { Share(fraction: $0) })
    }

    @Test func aCandidateThatIsNeverThereIsNoData() {
        let seen = Self.verdicts((1...100).map { Self.tick(Double($0) * 5, nil, (900, 1)) })
        #expect(seen.first.map { $0.rule == "no-data" } == true)
        #expect(seen.last.map { $0.verdict == .undo && $0.rule == "no-data" } == true)
    }

    @Test func withoutABaselineThereIsNothingToCompareWith() {
        let seen = Self.verdicts((1...100).map { Self.tick(Double($0) * 5, (100, 0), nil) })
        #expect(seen.allSatisfy { $0.verdict == .hold && $0.rule == "no-data" })
        #expect(
            seen.last?.why == "The baseline has had no request yet, while the candidate had 10,000: "
                + "there is nothing to compare with.")
    }

    @Test func aClockThatBeginsElsewhereCountsFromItsFirstTick() {
        func stream(_ zero: Double) -> [Verdict] {
            Self.verdicts((1...60).map { Self.tick(zero + Double($0) * 5, (100, 0), (900, 1)) })
        }
        let (plain, epoch) = (stream(0), stream(1_800_000_000))
        #expect(plain.map(\.verdict) == epoch.map(\.verdict))
        #expect(plain.last?.verdict == .promote && epoch.last?.t == 1_800_000_300)
    }

    @Test func theShareReceivedStandsForOneThatNobodyTells() {
        let seen = Self.verdicts((1...60).map { Self.tick(Double($0) * 5, (100, 0), (900, 1)) })
        #expect(seen.first?.share == Share(clamping: 1000))
        #expect(seen.contains { $0.verdict == .hold && $0.share == Share(clamping: 3000) }, "a next step is proposed")
    }

    @Test func proofIsEnoughAtTheLimitThoughTheShareStayedSmall() {
        let seen = Self.verdicts((1...720).map { Self.tick(Double($0) * 5, (100, 0), (900, 1), share: 0.1) })
        #expect(seen.last.map { $0.verdict == .promote && $0.t == 3600 } == true)
    }

    /// The whole burns its budget by a hair more than the baseline alone: that is no fault of the candidate.
    @Test func bothArmsThatBurnAreHeldByAnyRule() {
        let seen = Self.verdicts((1...600).map { Self.tick(Double($0) * 5, (500, 26), (500, 24), share: 0.5) })
        #expect(!seen.contains { $0.verdict == .undo })
        #expect(seen.last?.rule == "both-burning")
    }

    @Test func lowTrafficDriftsApartWithoutAnUndo() {
        var random = SplitMix64(seed: 12)
        var undone = 0
        for _ in 0..<40 {
            let ticks = (1...720).map { step in
                let (candidate, baseline) = (random.poisson(0.25), random.poisson(0.25))
                return Self.tick(
                    Double(step) * 5, (candidate, min(candidate, random.poisson(candidate * 0.05))),
                    (baseline, min(baseline, random.poisson(baseline * 0.05))), share: 0.5)
            }
            if Self.verdicts(ticks, dispersion: 4).contains(where: { $0.verdict == .undo }) { undone += 1 }
        }
        #expect(undone <= 2, "\(undone) of 40")
    }

    @Test func aRuleAloneStaysWithWhatItSaid() throws {
        var rule = try SingleRule(
            .errorsUndo, configuration: JudgeConfiguration(), parameters: RuleParameters(phi: 1))
        let ticks = [
            Self.tick(1, (20, 3), (180, 1)), Self.tick(2, (20, 2), (180, 0)), Self.tick(3, (25, 0), (175, 9)),
        ]
        let seen = ticks.map { rule.judge($0) }
        #expect(seen.map(\.verdict) == [.hold, .undo, .undo])
        #expect(seen.last?.why.contains("reached at 2 s") == true)
    }
}
