import DeliveryModel
import FoundationEssentials
import Testing

@testable import CanaryJudge

@Suite struct BurnRateRuleTests {
    private typealias Part = (seconds: Int, bad: Double)

    /// 100 requests a second, of which so many are bad; a tenth goes to the candidate, which has them all unless the
    /// baseline has its part.
    private func rule(_ parts: [Part], step: Int = 1, both: Bool = true) -> BurnRateRule {
        var rule = BurnRateRule(budget: 0.001)
        var second = 0
        for part in parts {
            for _ in stride(from: 0, to: part.seconds, by: step) {
                let scale = Double(step)
                rule.observe(
                    t: Double(second), bad: part.bad * scale, requests: 100 * scale,
                    baselineBad: both ? part.bad * 0.9 * scale : 0, baselineRequests: 90 * scale)
                second += step
            }
        }
        return rule
    }

    @Test func anOutagePagesWithinAMinute() {
        #expect(rule([(50, 100)]).firing == nil)
        let burning = rule([(60, 100)])
        #expect(burning.firing == BurnRateRule.pairs[0] && burning.evidence.isReached)
        #expect(burning.baselineBurns(isFull: false) && burning.baselineBurns(isFull: true))
        #expect(rule([(60, 100)], both: false).baselineBurns(isFull: false) == false)
    }

    @Test func windowsMustBurnTogether() {
        let over = rule([(600, 10), (1800, 0)])
        #expect(over.burn(BurnRateRule.pairs[0]).long > 14.4 && over.burn(BurnRateRule.pairs[0]).short == 0)
        #expect(over.firing == nil && !over.evidence.isReached && over.evidence.lnE.isFinite)
    }

    @Test func burnIsTheRateOverTheBudget() {
        let burn = rule([(8000, 0.7)]).burn(BurnRateRule.pairs[0])
        #expect(abs(burn.long - 7) < 1e-6 && abs(burn.short - 7) < 1e-6 && abs(burn.baselineLong - 7) < 1e-6)
    }

    @Test func slowerBurnsFireTheLongerPairs() {
        #expect(rule([(22_000, 0.7)], step: 10).firing == BurnRateRule.pairs[1])
        #expect(rule([(90_000, 0.4)], step: 10).firing == BurnRateRule.pairs[2])
        let ticket = rule([(262_000, 0.15)], step: 60)
        #expect(ticket.firing == BurnRateRule.pairs[3] && !ticket.evidence.isReached)
        #expect(ticket.baselineBurns(isFull: false))
        #expect(rule([(262_000, 0.09)], step: 60).firing == nil)
    }

    @Test func aHandfulOfErrorsIsNoPage() {
        var rule = BurnRateRule(budget: 0.001)
        for minute in 0...60 {
            rule.observe(
                t: Double(minute) * 60, bad: minute > 58 ? 9 : 0, requests: 10, baselineBad: 0, baselineRequests: 9)
        }
        let burn = rule.burn(BurnRateRule.pairs[0])
        #expect(burn.long > 14.4 && burn.short > 14.4 && !rule.evidence.isReached)
        #expect(rule.firing?.isPage != true)
        rule.observe(t: 3660, bad: 9, requests: 10, baselineBad: 0, baselineRequests: 9)
        #expect(rule.firing == BurnRateRule.pairs[0] && rule.evidence.isReached)
    }

    @Test func stopsOnceItIsOver() {
        #expect(rule([(600, 50)]).firing != nil)
        #expect(rule([(600, 50), (2000, 0)]).firing?.isPage != true)
    }

    @Test func memoryIsBounded() throws {
        var rule = BurnRateRule(budget: 0.001)
        for tick in 0..<60_000 {
            rule.observe(t: Double(tick) * 10, bad: 1, requests: 1000, baselineBad: 1, baselineRequests: 900)
        }
        #expect(try JSONEncoder().encode(rule).count < 20_000)
        let burn = rule.burn(BurnRateRule.pairs[3])
        #expect(abs(burn.long - 1) < 1e-9 && abs(burn.short - 1) < 1e-9)
    }

    @Test func gapsEmptyTheWindows() {
        var rule = rule([(600, 50)])
        rule.observe(t: 1e7, bad: 0, requests: 100, baselineBad: 0, baselineRequests: 90)
        for pair in BurnRateRule.pairs { #expect(rule.burn(pair).long == 0 && rule.burn(pair).short == 0) }
    }

    @Test(arguments: [0, 1e-9, 1e12, 1e300, .nan, .infinity, -1])
    func extremesStayFinite(number: Double) throws {
        for budget in [0, 1e-12, 1, .nan] {
            var rule = BurnRateRule(budget: budget)
            for tick in [0, 1, 0.5, 1e6, 1e12, 1e300, .nan, .infinity, 3] {
                rule.observe(t: tick, bad: number, requests: number, baselineBad: number, baselineRequests: 1)
            }
            #expect(rule.evidence.lnE.isFinite)
            for pair in BurnRateRule.pairs { #expect(rule.burn(pair).long.isFinite && rule.burn(pair).short.isFinite) }
            #expect(try JSONDecoder().decode(BurnRateRule.self, from: JSONEncoder().encode(rule)) == rule)
        }
    }
}
