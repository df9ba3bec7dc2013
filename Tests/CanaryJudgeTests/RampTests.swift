import CanaryJudge
import DeliveryModel
import Testing

@Suite struct RampTests {
    @Test(arguments: [(500.0, 100), (200, 250), (1, 500), (0, 500)])
    func firstShareGivesSomethingToJudge(rate: Double, basisPoints: Int) {
        #expect(
            SequentialJudge.firstShare(JudgeConfiguration(requestsPerSecond: rate)).basisPoints == basisPoints)
    }

    @Test func firstShareNeverCostsMoreThanTheBudget() {
        let strict = JudgeConfiguration(availability: 0.999999)
        // 0.01 * 1e-6 * 2,592,000 s / 2 s = 0.01296.
        var larger = strict
        larger.requestsPerSecond = 10
        #expect(SequentialJudge.firstShare(larger).basisPoints == 129)
        #expect(SequentialJudge.firstShare(strict).basisPoints == 100)
    }

    @Test func nextShareTriplesUpToHalf() {
        let configuration = JudgeConfiguration()
        func next(_ points: Int) -> Int {
            Ramp.nextShare(after: Share(clamping: points), excessRuledOut: 1, configuration).basisPoints
        }
        #expect([100, 300, 900, 2700, 5000].map(next) == [300, 900, 2700, 5000, 5000])
    }

    @Test func budgetLimitsUntilHarmIsRuledOut() {
        let configuration = JudgeConfiguration(availability: 0.999999)
        let share = Share(clamping: 100)
        #expect(Ramp.nextShare(after: share, excessRuledOut: 1, configuration).basisPoints == 129)
        #expect(Ramp.nextShare(after: share, excessRuledOut: 0.1, configuration).basisPoints == 300)
    }
}
