import CanaryJudge
import DeliveryModel
import Glibc
import Testing

/// One rule alone must give the numbers of the formula.
@Suite struct SingleRuleTests {
    private static func tick(
        _ t: Double, _ candidate: (requests: Double, bad: Double), _ baseline: (requests: Double, bad: Double)
    ) -> JudgeTick {
        JudgeTick(
            t: t, candidate: ArmCounts(requests: candidate.requests, bad: candidate.bad),
            baseline: ArmCounts(requests: baseline.requests, bad: baseline.bad))
    }

    /// From `design/judge.md`.
    @Test func checkValue() throws {
        var rule = try SingleRule(
            .errorsUndo, configuration: JudgeConfiguration(),
            parameters: RuleParameters(r0: 1.25, phi: 1, restart: false))
        let ticks = [
            Self.tick(5, (20, 3), (180, 1)), Self.tick(10, (20, 2), (180, 0)), Self.tick(15, (25, 0), (175, 1)),
        ]
        let expected = [3.101605649690, 6.602636107313, 5.040815967497]
        for (tick, lnE) in zip(ticks, expected) {
            let found = try #require(rule.judge(tick).evidence["errors-undo"])
            #expect(abs(found.lnE - lnE) < 1e-9 && abs(found.threshold - log(100)) < 1e-12)
        }
    }

    /// The same three ticks with restart, by the formula with plain numbers.
    @Test func restartFollowsTheFormula() throws {
        var rule = try SingleRule(
            .errorsUndo, configuration: JudgeConfiguration(limitSeconds: 720), parameters: RuleParameters(phi: 1))
        let gamma = 1.0 / (2 * 720)
        var sums = CountsProcess.worse.map { _ in 0.5 }
        let ticks: [(c: Double, b: Double, nc: Double, nb: Double)] = [
            (3, 1, 20, 180), (0, 0, 22, 170), (2, 0, 20, 180), (0, 0, 20, 180), (0, 1, 25, 175),
        ]
        for (index, tick) in ticks.enumerated() {
            for (k, g) in CountsProcess.worse.enumerated() {
                let (d0, d1) = (tick.nc * 1.25 + tick.nb, tick.nc * 1.25 * g + tick.nb)
                sums[k] = (sums[k] + gamma) * exp(tick.c * log(g * d0 / d1) + tick.b * log(d0 / d1))
            }
            let mean = sums.reduce(0, +) / Double(sums.count)
            let expected = log(mean + max(0, 0.5 - gamma * Double(index + 1)))
            let verdict = rule.judge(Self.tick(Double(index), (tick.nc, tick.c), (tick.nb, tick.b)))
            #expect(abs((verdict.evidence["errors-undo"]?.lnE ?? .nan) - expected) < 1e-9)
        }
    }

    @Test func aTickWithOneArmIsSkipped() throws {
        var rule = try SingleRule(
            .errorsUndo, configuration: JudgeConfiguration(), parameters: RuleParameters(phi: 1, restart: false))
        let before = rule.judge(Self.tick(1, (20, 3), (180, 1))).evidence
        #expect(rule.judge(Self.tick(2, (20, 20), (0, 0))).evidence == before)
        #expect(
            rule.judge(JudgeTick(t: 3, candidate: nil, baseline: ArmCounts(requests: 9, bad: 9))).evidence == before)
    }

    @Test(arguments: JudgeRuleName.allCases) func everyRuleRunsAlone(_ name: JudgeRuleName) throws {
        var rule = try SingleRule(name, configuration: JudgeConfiguration())
        let verdict = rule.judge(Self.tick(1, (20, 0), (180, 0)))
        #expect(verdict.verdict == .hold && verdict.evidence.keys.allSatisfy { $0 == name.rawValue })
    }

    @Test func rulesFireAlone() throws {
        func last(_ name: JudgeRuleName, _ ticks: [JudgeTick]) throws -> VerdictKind? {
            var rule = try SingleRule(name, configuration: JudgeConfiguration())
            return ticks.map { rule.judge($0).verdict }.last
        }
        let failing = (1...600).map { Self.tick(Double($0), (100, 100), (900, 0)) }
        for name in [JudgeRuleName.errorsUndo, .slo, .hardStop, .deadOnArrival, .burnRate] {
            #expect(try last(name, failing) == .undo, "\(name.rawValue)")
        }
        let good = (1...600).map { Self.tick(Double($0), (100, 0), (900, 1)) }
        #expect(try last(.errorsPromote, good) == .promote)
        let fast = [40: 50.0, 41: 50.0]
        let slow = [60: 50.0, 61: 50.0]
        func latency(_ candidate: [Int: Double]) -> [JudgeTick] {
            (1...300).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100, bad: 0, latency: candidate),
                    baseline: ArmCounts(requests: 100, bad: 0, latency: fast))
            }
        }
        #expect(try last(.latencyUndo, latency(slow)) == .undo)
        #expect(try last(.latencyPromote, latency(fast)) == .promote)
        let lost = (1...300).map { t in
            JudgeTick(
                t: Double(t), candidate: nil, baseline: nil,
                counts: ["orders": BusinessCounts(candidate: 1, baseline: 18, share: 0.1)])
        }
        #expect(try last(.countsUndo, lost) == .undo)
        let leak = (1...20).map { t in
            JudgeTick(
                t: Double(t), candidate: nil, baseline: nil,
                gauges: ["rss": GaugeSamples(candidate: [200, 201 + Double(t)], baseline: [100, 99 - Double(t) / 10])])
        }
        #expect(try last(.gauges, leak) == .undo)
        let silent = (1...3).map {
            JudgeTick(t: Double($0), candidate: nil, baseline: .init(requests: 90), share: .half)
        }
        #expect(try last(.noData, silent) == .undo)
    }

    @Test(arguments: [
        (JudgeRuleName.errorsUndo, RuleParameters(grid: [1.5, 1]), "contains 1"),
        (.errorsUndo, RuleParameters(grid: [0.5]), "must be above 1"),
        (.countsUndo, RuleParameters(grid: [2]), "must be below 1"),
        (.errorsUndo, RuleParameters(grid: []), "found 0"),
        (.errorsUndo, RuleParameters(grid: [.nan]), "above 0"),
        (.errorsUndo, RuleParameters(r0: 0), "r0 above 0"),
        (.errorsUndo, RuleParameters(phi: 0.5), "phi of 1 or more"),
        (.errorsUndo, RuleParameters(slack: 1), "slack from 0"),
        (.latencyUndo, RuleParameters(slack: 0.1), "have a slack"),
        (.hardStop, RuleParameters(r0: 2), "no r0 and no grid"),
    ])
    func wrongParametersAreRefused(_ name: JudgeRuleName, _ parameters: RuleParameters, _ words: String) {
        #expect {
            _ = try SingleRule(name, configuration: JudgeConfiguration(), parameters: parameters)
        } throws: { "\($0)".contains(words) }
    }
}

extension Share {
    fileprivate static let half = Share(clamping: 5000)
}
