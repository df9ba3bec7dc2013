import DeliveryModel
import Testing

@testable import CanaryJudge

struct DeadOnArrivalTests {
    private func verdict(
        candidate: (requests: Double, bad: Double), baseline: (requests: Double, bad: Double),
        before: (requests: Double, bad: Double)? = nil
    ) -> Verdict {
        var judge = SequentialJudge(configuration: JudgeConfiguration())
        let share = Share(clamping: 100)
        if let before {
            let tick = JudgeTick(
                t: 0.2, candidate: ArmCounts(requests: before.requests, bad: before.bad),
                baseline: ArmCounts(requests: 99))
            _ = judge.judge(tick, share: share)
        }
        let tick = JudgeTick(
            t: 1, candidate: ArmCounts(requests: candidate.requests, bad: candidate.bad),
            baseline: ArmCounts(requests: baseline.requests, bad: baseline.bad))
        return judge.judge(tick, share: share)
    }

    @Test func fiveOfFiveAreEnough() {
        let verdict = verdict(candidate: (5, 5), baseline: (495, 0))
        #expect(verdict.verdict == .undo)
        #expect(verdict.rule == "dead-on-arrival")
        #expect(verdict.why.contains("never answered well"))
    }

    @Test func fourAreTooFew() { #expect(verdict(candidate: (4, 4), baseline: (495, 0)).verdict == .hold) }

    @Test func oneGoodAnswerIsLife() {
        #expect(verdict(candidate: (6, 5), baseline: (495, 0)).rule != "dead-on-arrival")
        #expect(verdict(candidate: (5, 5), baseline: (495, 0), before: (1, 0)).rule != "dead-on-arrival")
    }

    @Test func aBaselineThatFailsOrIsHardlySeenProvesNothing() {
        #expect(verdict(candidate: (5, 5), baseline: (495, 3)).rule != "dead-on-arrival")
        #expect(verdict(candidate: (5, 5), baseline: (100, 0)).rule != "dead-on-arrival")
    }
}
