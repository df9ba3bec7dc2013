import CanaryJudge
import DeliveryModel
import Glibc
import Testing

/// What must hold for any counts.
@Suite struct EvidencePropertyTests {
    private static func run(
        _ ratio: Double, _ grid: [Double], _ ticks: [(c: Double, b: Double, nc: Double, nb: Double)]
    )
        -> Double
    {
        var process = CountsProcess(ratio: ratio, grid: grid)
        for tick in ticks {
            process.observe(candidateBad: tick.c, baselineBad: tick.b, candidate: tick.nc, baseline: tick.nb)
        }
        return process.logEvidence
    }

    /// With equal arms "the candidate is g times worse" and "the baseline is 1/g times as bad" are the same claim.
    @Test func swappedArmsMirror() {
        let ticks: [(c: Double, b: Double, nc: Double, nb: Double)] = [(3, 1, 20, 180), (0, 4, 30, 90), (7, 2, 50, 50)]
        let swapped = ticks.map { (c: $0.b, b: $0.c, nc: $0.nb, nb: $0.nc) }
        for g in CountsProcess.worse {
            #expect(abs(Self.run(1, [g], ticks) - Self.run(1, [1 / g], swapped)) < 1e-9)
        }
    }

    /// Without slack only the ratio of the requests counts, not their number.
    @Test func scaleOfRequestsDoesNotMatter() {
        let ticks: [(c: Double, b: Double, nc: Double, nb: Double)] = [(3, 1, 20, 180), (1, 4, 30, 90)]
        let scaled = ticks.map { (c: $0.c, b: $0.b, nc: $0.nc * 1000, nb: $0.nb * 1000) }
        #expect(abs(Self.run(1.25, CountsProcess.worse, ticks) - Self.run(1.25, CountsProcess.worse, scaled)) < 1e-9)
    }

    @Test func aTickSplitInTwoGivesTheSameEvidence() {
        let whole = [(c: 6.0, b: 2.0, nc: 40.0, nb: 360.0)]
        let halves = [(c: 5.0, b: 0.0, nc: 20.0, nb: 180.0), (c: 1.0, b: 2.0, nc: 20.0, nb: 180.0)]
        #expect(abs(Self.run(1.25, CountsProcess.worse, whole) - Self.run(1.25, CountsProcess.worse, halves)) < 1e-9)
    }

    /// The mean of E under the null is at most 1: that is what bounds false alarms.
    @Test(arguments: [(1.0, 0.0), (1.25, 0.0), (1.0, 0.002)])
    func evidenceOfANullAveragesAtMostOne(_ ratio: Double, _ slack: Double) {
        var random = SplitMix64(seed: 7)
        let seeds = 4000
        let grid = slack > 0 ? CountsProcess.notWorse : [1.2, 1.5, 2]
        var sum = 0.0
        for _ in 0..<seeds {
            var process = CountsProcess(ratio: ratio, slack: slack, grid: grid)
            for step in 0..<20 {
                // Shares and rates move while it runs.
                let (nc, nb) = (20.0 + Double(step), 180.0 - 3 * Double(step))
                let rate = 0.01 * (1 + 0.5 * sin(Double(step)))
                process.observe(
                    candidateBad: random.poisson(nc * (ratio * rate + slack)), baselineBad: random.poisson(nb * rate),
                    candidate: nc, baseline: nb)
            }
            sum += exp(process.logEvidence)
        }
        #expect(sum / Double(seeds) < 1.1, "mean of E is \(sum / Double(seeds))")
        #expect(sum / Double(seeds) > 0.5, "the test sees nothing")
    }

    @Test func aWeekOfQuietSecondsIsNoEvidence() {
        var process = CountsProcess(ratio: 1.25, grid: CountsProcess.worse, restartTicks: 3600)
        for _ in 0..<604_800 { process.observe(candidateBad: 0, baselineBad: 0, candidate: 20, baseline: 180) }
        #expect(process.logEvidence < 1)
        for _ in 0..<10 { process.observe(candidateBad: 2, baselineBad: 0, candidate: 20, baseline: 180) }
        #expect(process.logEvidence > log(100), "a late defect is still found")
    }
}
