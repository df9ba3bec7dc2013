import DeliveryModel
import FoundationEssentials
import Testing

@testable import CanaryJudge

@Suite struct CountsRuleTests {
    private func ticks(orders: Double, seed: UInt64, most: Int) -> Int? {
        var random = SplitMix64(seed: seed)
        var rule = CountsRule(restartTicks: 3600)
        for tick in 1...most {
            let counts = BusinessCounts(candidate: random.poisson(orders * 0.5), baseline: random.poisson(4.5))
            rule.observe(counts, share: 0.1, phi: 1)
            if rule.logEvidence > 4.6 { return tick }
        }
        return nil
    }

    @Test func halvedOrdersAreFound() throws {
        for seed in UInt64(1)...10 { #expect(try #require(ticks(orders: 0.5, seed: seed, most: 400)) < 300) }
    }

    @Test func healthyOrdersAreNot() {
        for seed in UInt64(1)...50 { #expect(ticks(orders: 1, seed: seed, most: 600) == nil) }
    }

    @Test func noOrdersAtAllAreFoundSoon() throws {
        #expect(try #require(ticks(orders: 0, seed: 1, most: 100)) < 40)
    }

    @Test func aTickSplitInTwoGivesTheSameEvidence() {
        var whole = CountsRule(restartTicks: nil)
        var halves = CountsRule(restartTicks: nil)
        for _ in 0..<20 {
            whole.observe(BusinessCounts(candidate: 6, baseline: 80), share: 0.1, phi: 2)
            halves.observe(BusinessCounts(candidate: 1, baseline: 30), share: 0.1, phi: 2)
            halves.observe(BusinessCounts(candidate: 5, baseline: 50), share: 0.1, phi: 2)
        }
        #expect(abs(whole.logEvidence - halves.logEvidence) < 1e-9)
    }

    @Test func dispersionDividesTheEvidenceOfManyEvents() {
        var few = CountsRule(grid: [0.5], restartTicks: nil)
        var many = CountsRule(grid: [0.5], restartTicks: nil)
        few.observe(BusinessCounts(candidate: 3, baseline: 80), share: 0.1, phi: 1)
        many.observe(BusinessCounts(candidate: 12, baseline: 320), share: 0.1, phi: 4)
        #expect(abs(few.logEvidence - many.logEvidence) < 1e-9)
    }

    @Test func totalsSayWhatWasDue() {
        var rule = CountsRule(restartTicks: 3600)
        rule.observe(BusinessCounts(candidate: 3, baseline: 90), share: 0.1, phi: 1)
        rule.observe(BusinessCounts(candidate: 4, baseline: 50, share: 0.5), share: 0.1, phi: 1)
        #expect(rule.candidateEvents == 7 && rule.baselineEvents == 140 && abs(rule.expectedEvents - 60) < 1e-9)
    }

    @Test func ticksThatCannotBeComparedAreLeftOut() {
        var rule = CountsRule(restartTicks: 3600)
        let begin = rule
        for share in [0, 1, -0.1, .nan, .infinity] {
            rule.observe(BusinessCounts(candidate: 0, baseline: 100), share: share, phi: 1)
        }
        rule.observe(BusinessCounts(candidate: 0, baseline: 0), share: 0.1, phi: 1)
        rule.observe(BusinessCounts(candidate: .nan, baseline: 100), share: 0.1, phi: 1)
        rule.observe(BusinessCounts(candidate: 1, baseline: -100), share: 0.1, phi: 1)
        #expect(rule == begin)
    }

    @Test(arguments: [0, 1e-9, 1e12, 1e300, .infinity])
    func extremesStayFinite(count: Double) throws {
        for share in [1e-12, 0.5, 1 - 1e-12] {
            var rule = CountsRule(margin: .nan, restartTicks: 3600)
            for _ in 0..<1000 {
                rule.observe(BusinessCounts(candidate: 0, baseline: count), share: share, phi: 1)
                rule.observe(BusinessCounts(candidate: count, baseline: 1), share: share, phi: .nan)
            }
            #expect(rule.logEvidence.isFinite)
            #expect(try JSONDecoder().decode(CountsRule.self, from: JSONEncoder().encode(rule)) == rule)
        }
    }
}
