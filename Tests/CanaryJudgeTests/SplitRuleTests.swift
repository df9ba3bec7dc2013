import DeliveryModel
import FoundationEssentials
import Testing

@testable import CanaryJudge

@Suite struct SplitRuleTests {
    private let tenth = Share(clamping: 1000)

    @Test func aFairSplitIsQuiet() {
        for seed in UInt64(1)...20 {
            var random = SplitMix64(seed: seed)
            var rule = SplitRule(restartTicks: 3600)
            for _ in 0..<600 {
                rule.observe(candidate: random.poisson(20), baseline: random.poisson(180), share: tenth)
                #expect(!rule.fires)
            }
        }
    }

    @Test(arguments: [(60.0, 140.0), (5.0, 195.0), (200.0, 0.0), (0.0, 200.0)])
    func aSkewedSplitFires(candidate: Double, baseline: Double) {
        var rule = SplitRule(restartTicks: 3600)
        for _ in 0..<60 { rule.observe(candidate: candidate, baseline: baseline, share: tenth) }
        #expect(rule.fires)
        #expect(abs(rule.received - candidate / 200) < 1e-9 && abs(rule.assigned - 0.1) < 1e-9)
    }

    @Test(arguments: [(60.0, 140.0), (2.0, 198.0)])
    func aHealedSplitIsQuietSoonHoweverLongItWasSkewed(candidate: Double, baseline: Double) {
        var rule = SplitRule(restartTicks: 3600)
        for _ in 0..<20_000 { rule.observe(candidate: candidate, baseline: baseline, share: tenth) }
        #expect(rule.fires && rule.evidence.lnE < 100)
        for _ in 0..<120 { rule.observe(candidate: 20, baseline: 180, share: tenth) }
        #expect(!rule.fires && rule.evidence.lnE < 3)
        #expect(rule.received < 0.15)
        for _ in 0..<60 { rule.observe(candidate: candidate, baseline: baseline, share: tenth) }
        #expect(rule.fires)
    }

    @Test func noSplitIsNotJudged() {
        var rule = SplitRule(restartTicks: 3600)
        let begin = rule
        rule.observe(candidate: 100, baseline: 0, share: .none)
        rule.observe(candidate: 0, baseline: 100, share: .all)
        rule.observe(candidate: 0, baseline: 0, share: tenth)
        rule.observe(candidate: .nan, baseline: 5, share: tenth)
        #expect(rule == begin && rule.received == 0 && rule.assigned == 0)
    }

    @Test(arguments: [1e-9, 1e12, 1e300, .infinity])
    func extremesStayFinite(count: Double) throws {
        var rule = SplitRule(restartTicks: 1)
        for share in [1, 5000, 9999] {
            for _ in 0..<500 {
                rule.observe(candidate: count, baseline: 0, share: Share(clamping: share))
                rule.observe(candidate: 1, baseline: count, share: Share(clamping: share))
            }
        }
        #expect(rule.evidence.lnE.isFinite && rule.received <= 1)
        #expect(try JSONDecoder().decode(SplitRule.self, from: JSONEncoder().encode(rule)) == rule)
    }
}
