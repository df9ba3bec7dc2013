import DeliveryModel
import FoundationEssentials
import Glibc
import Testing

@testable import CanaryJudge

@Suite struct GaugeRuleTests {
    /// Values spread by about a tenth around `level`.
    private func samples(_ count: Int, _ level: Double, _ random: inout SplitMix64) -> [Double] {
        (0..<count).map { _ in level * (0.9 + 0.2 * random.unit()) }
    }

    @Test func largeRiseFiresAtTheFirstLook() throws {
        var random = SplitMix64(seed: 1)
        var rule = GaugeRule(worseIsHigher: true)
        #expect(rule.evidence == nil && rule.last == nil)
        rule.observe(GaugeSamples(candidate: samples(9, 200, &random), baseline: samples(10, 100, &random)))
        #expect(rule.last == nil)
        rule.observe(GaugeSamples(candidate: samples(1, 200, &random), baseline: []))
        let look = try #require(rule.last)
        #expect(rule.fires && !rule.isProvenHarmless)
        #expect(look.number == 1 && abs(look.shift - 100) < 10 && look.low > 80 && look.high < 120)
        #expect(abs(look.candidateMedian - 200) < 15 && abs(look.tolerated - look.baselineMedian / 4) < 1e-9)
        let evidence = try #require(rule.evidence)
        #expect(evidence.isReached && abs(evidence.threshold - log(6000)) < 1e-9)
    }

    @Test func alikeIsHarmless() {
        var random = SplitMix64(seed: 2)
        var rule = GaugeRule(worseIsHigher: true)
        for _ in 0..<2000 {
            rule.observe(GaugeSamples(candidate: samples(5, 100, &random), baseline: samples(5, 100, &random)))
            #expect(!rule.fires)
        }
        #expect(rule.isProvenHarmless && rule.last?.number ?? 0 > 500)
    }

    @Test func withinTheMarginIsTolerated() {
        var random = SplitMix64(seed: 3)
        var rule = GaugeRule(worseIsHigher: true)
        for _ in 0..<200 {
            rule.observe(GaugeSamples(candidate: samples(10, 115, &random), baseline: samples(10, 100, &random)))
            #expect(!rule.fires)
        }
    }

    @Test func lowerCanBeWorse() throws {
        var random = SplitMix64(seed: 4)
        var rule = GaugeRule(worseIsHigher: false)
        rule.observe(GaugeSamples(candidate: samples(10, 200, &random), baseline: samples(10, 100, &random)))
        #expect(!rule.fires && rule.isProvenHarmless)
        rule.observe(GaugeSamples(candidate: samples(10, 50, &random), baseline: samples(10, 100, &random)))
        let look = try #require(rule.last)
        #expect(rule.fires && look.shift < 0 && look.low <= look.shift && look.shift <= look.high)
        #expect(look.number == 2 && look.candidateMedian < 60)
    }

    /// Half a per cent a minute: found once it has passed the margin, although it began small.
    @Test func slowLeakIsFound() throws {
        var random = SplitMix64(seed: 5)
        var rule = GaugeRule(worseIsHigher: true)
        var found: Int?
        for minute in 1...200 where found == nil {
            let level = 100 * (1 + 0.005 * Double(minute))
            rule.observe(GaugeSamples(candidate: samples(4, level, &random), baseline: samples(4, 100, &random)))
            if rule.fires { found = minute }
        }
        #expect(try #require(found) > 50)
        #expect(try #require(found) < 80)
    }

    @Test func constantsAreCompared() {
        var rule = GaugeRule(worseIsHigher: true)
        let hundred = [Double](repeating: 100, count: 10)
        rule.observe(GaugeSamples(candidate: hundred, baseline: hundred))
        #expect(!rule.fires && rule.isProvenHarmless)
        rule.observe(GaugeSamples(candidate: [Double](repeating: 126, count: 10), baseline: hundred))
        #expect(rule.fires)
        rule.observe(GaugeSamples(candidate: [Double](repeating: 125, count: 10), baseline: hundred))
        #expect(!rule.fires)
    }

    @Test func anyRiseFromNothingCounts() {
        var rule = GaugeRule(worseIsHigher: true)
        let none = [Double](repeating: 0, count: 10)
        rule.observe(GaugeSamples(candidate: (1...10).map { 1e-6 * Double($0) }, baseline: none))
        #expect(rule.fires)
        rule.observe(GaugeSamples(candidate: none, baseline: none))
        #expect(!rule.fires && rule.isProvenHarmless)
    }

    @Test func chancesAddUpToAlpha() {
        let rule = GaugeRule(worseIsHigher: true, alpha: 0.02, plannedLooks: 60)
        #expect(abs(rule.alphaOfLook(1) - 0.02 / 120) < 1e-15 && rule.alphaOfLook(60) == rule.alphaOfLook(1))
        #expect(abs(rule.alphaOfLook(61) - 0.02 / 480) < 1e-15 && rule.alphaOfLook(180) == rule.alphaOfLook(61))
        #expect(abs(rule.alphaOfLook(181) - 0.02 / 1920) < 1e-15)
        let spent = (1...100_000).reduce(0) { $0 + rule.alphaOfLook($1) }
        #expect(spent < 0.02 && spent > 0.0199)
        #expect(rule.alphaOfLook(Int.max) > 0)
    }

    @Test func stricterLooksWaitForMoreSamples() {
        #expect(GaugeRule.samplesNeeded(0.02 / 120) == 10)
        #expect(GaugeRule.samplesNeeded(0.02 / 480) == 12)
        #expect(GaugeRule.samplesNeeded(1e-300) == 200)
    }

    @Test func samplesAreBounded() throws {
        var rule = GaugeRule(worseIsHigher: true)
        for value in 0..<5000 { rule.observe(GaugeSamples(candidate: [Double(value), .nan, .infinity], baseline: [])) }
        #expect(try JSONEncoder().encode(rule).count < 5000)
        rule.observe(GaugeSamples(candidate: [], baseline: [Double](repeating: 0, count: 10)))
        #expect(rule.last?.candidateMedian ?? 0 > 4800)
    }

    @Test(arguments: [0, 1e-300, 1e12, 1e308, -1e308])
    func extremesStayFinite(value: Double) throws {
        var rule = GaugeRule(worseIsHigher: true, margin: .infinity, alpha: .nan, plannedLooks: -5)
        for count in 1...100 {
            rule.observe(
                GaugeSamples(
                    candidate: [Double](repeating: value, count: count), baseline: [value, -value, 0, 1, 2, 3, 4]))
        }
        #expect(rule.evidence?.lnE.isFinite ?? false)
        #expect(try JSONDecoder().decode(GaugeRule.self, from: JSONEncoder().encode(rule)) == rule)
    }
}
