import CanaryJudge
import DeliveryModel
import FoundationEssentials
import Testing

private func tick(_ t: Double, _ candidate: (Double, Double)?, _ baseline: (Double, Double)?) -> JudgeTick {
    JudgeTick(
        t: t, candidate: candidate.map { ArmCounts(requests: $0.0, bad: $0.1) },
        baseline: baseline.map { ArmCounts(requests: $0.0, bad: $0.1) })
}

private let tenth = Share(clamping: 1000)
private let half = Share(clamping: 5000)

@Suite struct SequentialJudgeTests {
    /// One good answer first: what never answers well has a rule of its own.
    @Test func aCandidateThatStopsWorkingCostsNineErrors() {
        var judge = SequentialJudge(configuration: JudgeConfiguration(tickSeconds: 0.25, requestsPerSecond: 500))
        _ = judge.judge(tick(0, (1, 0), (124, 0)), share: Share(clamping: 100))
        var errors = 0.0
        var verdict: Verdict?
        for step in 1...100 where verdict?.verdict != .undo {
            let requests: Double = step % 4 == 0 ? 2 : 1
            errors += requests
            verdict = judge.judge(
                tick(Double(step) * 0.25, (requests, requests), (124, 0)), share: Share(clamping: 100))
        }
        #expect(judge.phi == 4)
        #expect(verdict?.rule == "slo" && verdict?.share == Share.none && errors <= 9)
        #expect(
            verdict?.why.hasPrefix("The candidate failed ") == true && verdict?.why.contains("10 times its") == true)
    }

    @Test func sentenceForThreeInTheMorning() {
        var judge = SequentialJudge(
            configuration: JudgeConfiguration(dispersion: 1, candidateName: "3f2a91c04b7e"))
        let verdict = judge.judge(tick(5, (240, 12), (4600, 3)), share: Share(clamping: 500))
        #expect(verdict.verdict == .undo)
        #expect(
            verdict.why.hasPrefix(
                "12 of 240 requests to 3f2a91c04b7e failed (5.0 %) while the baseline failed 3 of 4,600 (0.07 %): "
                    + "77 times as often; evidence e^"))
        #expect(verdict.why.hasSuffix(" against e^4.6 needed."))
        #expect(judge.judge(tick(6, (500, 0), (4600, 3)), share: .none).verdict == .undo, "an undo stays")
    }

    @Test func healthyReleaseRampsAndIsPromoted() {
        let configuration = JudgeConfiguration(dispersion: 1, requestsPerSecond: 200)
        var judge = SequentialJudge(configuration: configuration)
        var share = SequentialJudge.firstShare(configuration)
        #expect(share == Share(clamping: 250))
        var shares = [share.basisPoints]
        var promotedAt: Double?
        for second in 1...900 where promotedAt == nil {
            let verdict = judge.judge(
                tick(Double(second), (200 * share.fraction, 0), (200 * share.rest.fraction, second % 5 == 0 ? 1 : 0)),
                share: share)
            #expect(verdict.verdict != .undo && !verdict.why.isEmpty)
            if verdict.verdict == .promote {
                promotedAt = verdict.t
                #expect(verdict.share == .all && verdict.rule == "errors-promote")
            } else if verdict.share != share {
                share = verdict.share
                shares.append(share.basisPoints)
            }
        }
        #expect(shares == [250, 750, 2250, 5000])
        #expect(promotedAt.map { $0 >= 180 && $0 <= 300 } == true)
    }

    @Test func fixedStepsAreTheEnginesOwn() {
        var judge = SequentialJudge(
            configuration: JudgeConfiguration(steps: .fixed([tenth, .all]), dispersion: 1))
        let first = judge.judge(tick(1, (20, 0), (180, 0)), share: tenth)
        #expect(first.verdict == .hold && first.share == tenth)
        let later = judge.judge(tick(2, (20_000, 0), (180_000, 180)), share: tenth)
        #expect(later.verdict == .promote && later.share == tenth)
    }

    @Test func zeroTrafficIsNoEvidenceAndNoNumber() {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        let nothing = judge.judge(tick(1, nil, nil), share: tenth)
        #expect(nothing.verdict == .hold && nothing.rule == "no-data")
        let silent = judge.judge(tick(2, (0, 0), (0, 0)), share: tenth)
        #expect(silent.verdict == .hold && silent.rule == "no-data" && silent.why.contains("either side"))
        #expect(silent.candidateRate == 0 && silent.evidence.values.allSatisfy { $0.lnE.isFinite })
        let oneSided = judge.judge(tick(3, (5, 5), (0, 0)), share: tenth)
        #expect(oneSided.evidence["errors-undo"] == silent.evidence["errors-undo"])
    }

    @Test func silentCandidateIsUndoneWhenSevenWereDue() {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        #expect(judge.judge(tick(1, (0, 0), (54, 0)), share: tenth).verdict == .hold)
        let verdict = judge.judge(tick(2, (0, 0), (9, 0)), share: tenth)
        #expect(verdict.verdict == .undo && verdict.rule == "no-data")
        #expect(
            verdict.why == "The candidate got no request although about 7 were due to it: "
                + "it is not reached; traffic goes back to the baseline.")
        var answered = SequentialJudge(configuration: JudgeConfiguration())
        _ = answered.judge(tick(1, (1, 0), (54, 0)), share: tenth)
        #expect(answered.judge(tick(2, (0, 0), (63, 0)), share: tenth).verdict == .hold, "a gap is no silence")
    }

    @Test func bothBurningHolds() {
        var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: 1))
        let verdict = judge.judge(tick(1, (100, 10), (900, 90)), share: tenth)
        #expect(verdict.verdict == .hold && verdict.rule == "both-burning" && verdict.share == tenth)
        #expect(verdict.why.contains("90 of 900 (10 %), 100 times its error budget"))
        let worse = judge.judge(tick(2, (100, 90), (900, 90)), share: tenth)
        #expect(worse.verdict == .undo && worse.rule == "errors-undo")
    }

    @Test func hardStopCountsEveryExcessError() {
        // So dispersed that no statistics could ever decide.
        var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: 1000))
        var verdict = judge.judge(tick(1, (0.01, 0), (0.1, 0)), share: tenth)
        // Nine differ by three standard deviations from none.
        for second in 1...9 {
            #expect(verdict.verdict != .undo)
            verdict = judge.judge(tick(Double(second) * 100, (1, 1), (1, 0)), share: half)
        }
        #expect(verdict.verdict == .undo && verdict.rule == "hard-stop")
        #expect(verdict.why.contains("one rollout may cost 9 at least"))
    }

    @Test func defectAtFullShareIsUndone() {
        var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: 1))
        for second in 1...200 {
            _ = judge.judge(tick(Double(second), (100, 0), (100, second % 10 == 0 ? 1 : 0)), share: half)
        }
        let calm = judge.judge(tick(201, (200, 0), (0, 0)), share: .all)
        #expect(calm.verdict == .promote && calm.evidence["slo"] != nil)
        var verdict = calm
        var seconds = 0
        while verdict.verdict != .undo, seconds < 20 {
            seconds += 1
            verdict = judge.judge(tick(201 + Double(seconds), (200, 20), nil), share: .all)
        }
        #expect(verdict.verdict == .undo && verdict.rule == "slo" && seconds <= 3)
        #expect(verdict.why.hasPrefix("With all traffic on the candidate, in the last minute "))
    }

    @Test func healthyReleaseStaysAtFullShare() {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        _ = judge.judge(tick(1, (100, 1), (100, 1)), share: half)
        for second in 2...4000 {
            #expect(judge.judge(tick(Double(second), (200, 0.4), (0, 0)), share: .all).verdict == .promote)
        }
    }

    @Test func limitIsInconclusive() {
        var judge = SequentialJudge(configuration: JudgeConfiguration(limitSeconds: 10, onInconclusive: .undo))
        #expect(judge.judge(tick(9, (1, 0), (9, 0)), share: tenth).verdict == .hold)
        let verdict = judge.judge(tick(10, (1, 0), (9, 0)), share: tenth)
        #expect(verdict.verdict == .inconclusive && verdict.why.contains("policy for this is 'undo'"))
    }

    @Test func shortTicksAreJoined() {
        var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: 1))
        var verdict: Verdict?
        for step in 0..<40 {
            let even = step % 2 == 0
            verdict = judge.judge(
                tick(Double(step) * 0.25, even ? (1, 1) : (0, 0), even ? (0, 0) : (3, 0)), share: Share(clamping: 2500))
            if verdict?.verdict == .undo { break }
        }
        #expect(verdict?.verdict == .undo)
    }

    @Test func survivesACrash() throws {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        _ = try JSONDecoder().decode(SequentialJudge.self, from: JSONEncoder().encode(judge))
        _ = judge.judge(tick(1, (20, 1), (180, 1)), share: tenth)
        var copy = try JSONDecoder().decode(SequentialJudge.self, from: JSONEncoder().encode(judge))
        #expect(copy == judge)
        let next = tick(2, (20, 3), (180, 0))
        #expect(copy.judge(next, share: tenth) == judge.judge(next, share: tenth))
    }

    @Test func dispersionIsMeasuredOrOverridden() {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        judge.setDispersion(Dispersion.Estimate(phi: 2, historySeconds: 3600, instances: 2))
        #expect(judge.phi == 3)
        judge.setDispersion(nil)
        #expect(judge.phi == 4)
        var set = SequentialJudge(configuration: JudgeConfiguration(dispersion: 1.2))
        set.setDispersion(nil)
        #expect(set.phi == 1.2)
    }

    @Test func absurdCountsAreHarmless() {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        for (step, value) in [Double.nan, .infinity, -1, 1e300, 1e15].enumerated() {
            let verdict = judge.judge(tick(step == 2 ? .nan : Double(step), (value, value), (value, 0)), share: tenth)
            #expect(verdict.evidence.values.allSatisfy { $0.lnE.isFinite } && verdict.candidateRate.isFinite)
            #expect(!verdict.why.contains("nan") && !verdict.why.contains("inf"))
        }
    }

    @Test func oneTickIsQuick() {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        let ticks = 5000
        let started = ContinuousClock.now
        for second in 1...ticks { _ = judge.judge(tick(Double(second) / 4, (20, 0), (180, 0)), share: tenth) }
        let each = (ContinuousClock.now - started) / ticks
        #if DEBUG
            #expect(each < .milliseconds(5))
        #else
            #expect(each < .microseconds(50))
        #endif
    }
}
