import CanaryJudge
import Testing

@Suite struct CountsProcessTests {
    @Test func checkValues() {
        var process = CountsProcess(ratio: 1.25, grid: CountsProcess.worse)
        let ticks: [(Double, Double, Double, Double, Double)] = [
            (3, 1, 20, 180, 3.101605649690), (2, 0, 20, 180, 6.602636107313), (0, 1, 25, 175, 5.040815967497),
        ]
        for (candidateBad, baselineBad, candidate, baseline, expected) in ticks {
            process.observe(
                candidateBad: candidateBad, baselineBad: baselineBad, candidate: candidate, baseline: baseline)
            #expect(abs(process.logEvidence - expected) < 1e-9)
        }
    }

    @Test func ticksWithOneSideSayNothing() {
        var process = CountsProcess(ratio: 1.25, grid: CountsProcess.worse, restartTicks: 100)
        let before = process
        process.observe(candidateBad: 3, baselineBad: 0, candidate: 3, baseline: 0)
        process.observe(candidateBad: 0, baselineBad: 3, candidate: 0, baseline: 3)
        process.observe(candidateBad: 0, baselineBad: 0, candidate: .nan, baseline: 3)
        #expect(process == before)
    }

    @Test func evidenceBeginsAtOne() {
        #expect(abs(CountsProcess(ratio: 2, grid: CountsProcess.notWorse).logEvidence) < 1e-12)
        #expect(
            abs(CountsProcess(ratio: 1.25, grid: CountsProcess.worse, restartTicks: 3600).logEvidence) < 1e-12)
    }

    @Test(arguments: [
        (0.0, 0.0, 1.0, 1.0), (1e15, 0, 1e15, 1e15), (0, 1e15, 1e15, 1e15), (1, 0, 1, 1e15), (0, 1, 1e15, 1),
        (1e-9, 1e-9, 1e-9, 1e-9),
    ])
    func extremeCountsStayFinite(candidateBad: Double, baselineBad: Double, candidate: Double, baseline: Double) {
        for restart in [nil, 3600.0] {
            for grid in [CountsProcess.worse, CountsProcess.notWorse] {
                var process = CountsProcess(ratio: 1.25, slack: 0.002, grid: grid, restartTicks: restart)
                for _ in 0..<1000 {
                    process.observe(
                        candidateBad: candidateBad, baselineBad: baselineBad, candidate: candidate, baseline: baseline)
                    #expect(process.logEvidence.isFinite)
                }
            }
        }
    }

    @Test func lateDefectIsFoundAfterManyHealthyTicks() {
        var process = CountsProcess(ratio: 1.25, grid: CountsProcess.worse, restartTicks: 200_000)
        for _ in 0..<200_000 {
            process.observe(candidateBad: 0, baselineBad: 1, candidate: 10, baseline: 900)
        }
        #expect(process.logEvidence < 0 && process.logEvidence > -40)
        var ticks = 0
        while process.logEvidence < 4.61, ticks < 100 {
            process.observe(candidateBad: 1, baselineBad: 1, candidate: 10, baseline: 900)
            ticks += 1
        }
        #expect(ticks <= 10)
    }

    @Test func dispersionTempersEvidence() {
        var sharp = CountsProcess(ratio: 1.25, grid: CountsProcess.worse)
        var tempered = CountsProcess(ratio: 1.25, grid: CountsProcess.worse, phi: 4)
        for _ in 0..<5 {
            sharp.observe(candidateBad: 2, baselineBad: 0, candidate: 20, baseline: 180)
            tempered.observe(candidateBad: 2, baselineBad: 0, candidate: 20, baseline: 180)
        }
        #expect(tempered.logEvidence > 0 && tempered.logEvidence < sharp.logEvidence / 3)
    }
}

@Suite struct DispersionTests {
    typealias Cell = Dispersion.Cell

    @Test func independentErrorsHaveNone() throws {
        let blocks = [[String: Cell]](
            repeating: ["a": Cell(bad: 5, expected: 5), "b": Cell(bad: 5, expected: 5)], count: 12)
        let estimate = try #require(Dispersion.estimate(blocks: blocks))
        #expect(estimate.phi == 1 && estimate.historySeconds == 3600 && estimate.instances == 2)
        #expect(estimate.cautious == 1.5)
    }

    @Test func burstsOnOneInstanceAreMeasured() throws {
        let blocks = [["a": Cell(bad: 20, expected: 10), "b": Cell(bad: 0, expected: 10)]]
        #expect(try #require(Dispersion.estimate(blocks: blocks)).phi == 20)
    }

    @Test func longHistoryOfManyInstancesIsTrusted() {
        #expect(Dispersion.Estimate(phi: 3, historySeconds: 86_400, instances: 4).cautious == 3)
        #expect(Dispersion.Estimate(phi: 3, historySeconds: 86_399, instances: 4).cautious == 4.5)
        #expect(Dispersion.Estimate(phi: 3, historySeconds: 86_400, instances: 3).cautious == 4.5)
        #expect(Dispersion.Estimate(phi: .nan, historySeconds: 86_400, instances: 4).cautious == 4)
    }

    @Test func nothingToCompareIsNoEstimate() {
        #expect(Dispersion.estimate(blocks: []) == nil)
        #expect(Dispersion.estimate(blocks: [["a": Cell(bad: 1, expected: 1)]]) == nil)
        #expect(Dispersion.estimate(blocks: [["a": Cell(bad: 0, expected: 0), "b": Cell(bad: 0, expected: 0)]]) == nil)
    }
}
