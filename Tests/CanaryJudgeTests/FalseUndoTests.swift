import CanaryJudge
import DeliveryModel
import Testing

/// Healthy rollouts, simulated with a fixed seed: how many are undone although nothing is wrong?
@Suite struct FalseUndoTests {
    static let rollouts = 200

    @Test func clusteredErrorsAreTolerated() {
        #expect(falseUndos(phi: 4, largestCluster: 4, seed: 1) <= Self.rollouts * 2 / 100)
    }

    @Test func independentErrorsAreTolerated() {
        #expect(falseUndos(phi: 1, largestCluster: 1, seed: 2) <= Self.rollouts / 100)
    }

    @Test func littleTrafficIsTolerated() {
        #expect(falseUndos(phi: 4, largestCluster: 1, seed: 3, requestsPerSecond: 5) <= Self.rollouts / 100)
    }

    /// 300 ticks of a second at 10 %, errors 0.1 % in both arms, arriving in clusters of 1 to `largestCluster` in one
    /// arm.
    private func falseUndos(
        phi: Double, largestCluster: Int, seed: UInt64, requestsPerSecond: Double = 200
    ) -> Int {
        var random = SplitMix64(seed: seed)
        let share = Share(clamping: 1000)
        let meanCluster = Double(1 + largestCluster) / 2
        var undone = 0
        for _ in 0..<Self.rollouts {
            var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: phi))
            for second in 1...300 {
                func arm(_ fraction: Double, _ random: inout SplitMix64) -> ArmCounts {
                    let requests = random.poisson(requestsPerSecond * fraction)
                    var bad = 0.0
                    let clusters = Int(random.poisson(requestsPerSecond * fraction * 0.001 / meanCluster))
                    for _ in 0..<clusters { bad += Double(Int.random(in: 1...largestCluster, using: &random)) }
                    return ArmCounts(requests: max(requests, bad), bad: bad)
                }
                let candidate = arm(0.1, &random)
                let baseline = arm(0.9, &random)
                let tick = JudgeTick(t: Double(second), candidate: candidate, baseline: baseline)
                if judge.judge(tick, share: share).verdict == .undo {
                    undone += 1
                    break
                }
            }
        }
        return undone
    }
}
